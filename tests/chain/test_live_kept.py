"""A rulebook is changed while the road runs; what was settled under the old one is settled again by it, and verified with both."""

import json
from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.wire import event_of
from policies.book import built_in, load
from services.runtime.rulebooks import kept_in
from tests.chain.cli import Cli
from tests.chain.live_requests import psn_no_in, request, visit
from tests.chain.road import LiveRoad
from tests.chain.simulation_world import other_rulebook

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PERSON = psn_no_in(3)
HENGYANG = {"fixmedins_code": "H43040000103", "begndate": "2026-03-05", "enddate": "2026-03-05", "setl_date": "2026-03-05"}


def enrolled() -> Record:
    spell = {"insuplc_admdvs": "430400", "insutype": "310", "psn_type": "11", "psn_insu_date": "2005-01-01"}
    return request("enrolment.recorded.v1", "e1", psn_no=PERSON, brdy="1980-05-01", gend="1", insuinfo=[spell])


def seen(number: int, fen: int) -> Record:
    found = visit(PERSON, f"v{number}", fen, **HENGYANG)
    return request("claim.submitted.v1", f"v{number}", **{**json.loads(found.value), "feedetail": [
        {**line, "fee_ocur_date": "2026-03-05"} for line in json.loads(found.value)["feedetail"]]})


async def test_a_cascade_reaches_back_behind_a_change_of_rulebook(road: LiveRoad, tmp_path: Path) -> None:
    """At 60 %: 500.00: (500.00 - 300.00) x 60 % = 120.00; 400.00 x 60 % = 240.00. Then at 50 %: 500.00 x 50 % = 250.00.

    Without the first the second pays the deductible, at its 60 %: (400.00 - 300.00) x 60 % = 60.00; the third stays as it was.
    """
    other, kept = other_rulebook(tmp_path), tmp_path / "kept"
    road.workers.given(YIBAO_RULEBOOKS=str(kept))
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0")
    await road.publish([enrolled(), seen(1, 50_000), seen(2, 40_000)])
    await road.complete()
    road.workers.stop("settlement-0")
    road.workers.given(YIBAO_RULEBOOK=str(other))
    await road.run("settlement-1")
    back = request(
        "reversal.requested.v1", "back", psn_no=PERSON, date="2026-03-06", setl_optins="430400", omsgid="v1", reason="wrong_settlement", cascade="1")
    await road.publish([seen(3, 50_000), back])
    await road.complete()
    assert kept_in(kept) == sorted((built_in().digest, load(other).digest))
    *_, first, second, third, reversed_ = map(event_of, (await road.kept("yibao.settled"))[3])
    assert [one.body.settled.hifp_pay for one in (first, second, third)] == [12_000, 24_000, 25_000]
    found = reversed_.body.settled
    assert [(again.settlement.rulebook, again.settlement.hifp_pay) for again in found.again] == [
        (built_in().digest, 6_000), (load(other).digest, 25_000)]
    yibao = Cli(road)
    told = await yibao.json("audit", "verify", "live", "--rulebooks", str(kept))
    assert told["undecidable"] == {} and told["codes"] == {} and told["decided_again"] == 4 * 5
    alone = json.loads(await yibao("audit", "verify", "live", "--json", code=3))
    assert alone["undecidable"].keys() == {load(other).digest}, "without what is kept"
