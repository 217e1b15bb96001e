"""A filing and the claim that needs it, published back to back on real Kafka and Redis: each claim sees its filing."""

import pytest

from contracts.envelope import Record
from contracts.keys import derived_id
from contracts.wire import event_of
from tests.chain.cli import Cli
from tests.chain.live_requests import request
from tests.chain.road import STAGES, LiveRoad
from tests.chain.test_live_road import in_another_province
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

PERSONS = [f"P410100F{number:04}" for number in range(1_000)]


def filed_and_cancelled(psn_no: str) -> list[Record]:
    """Refused, filed, quoted, settled (``in_another_province``); then cancelled from a day, and refused again behind it."""
    enrolled, refused, filed, _, settled = in_another_province(psn_no)
    number = derived_id("filing-1", psn_no)
    cancelled = request("filing.requested.v3", "cancel-1", psn_no=psn_no, insutype="310", oper="cancel", trt_dcla_detl_sn=number, begndate="2025-04-01")
    line = {"feedetl_sn": "1", "fee_ocur_date": "2025-04-01", "med_list_codg": "XA02BCA101A010010100001", "det_item_fee_sumamt": 100, "cnt": "1", "pric": "1"}
    later = request(
        "claim.submitted.v1", "stay-3", psn_no=psn_no, insutype="310", fixmedins_code="H11010500001", mdtrt_id="Z2", med_type="21",
        begndate="2025-04-01", enddate="2025-04-02", setl_date="2025-04-02", acct_used_flag="0", medfee_sumamt=100, feedetail=[line],
    )
    return [enrolled, refused, filed, settled, cancelled, later]


async def test_each_claim_sees_its_filing_and_its_cancellation(road: LiveRoad) -> None:
    await road.run(*(f"{stage}-0" for stage in STAGES))
    await road.publish([record for psn_no in PERSONS for record in filed_and_cancelled(psn_no)])
    await road.complete()
    kept = await check_records(road)
    await check_states(road, kept)
    ends = {(r.key.decode(), r.header("ce_requestid").decode()): event_of(r) for part in kept["yibao.settled"] for r in part if r.key}
    for psn_no in PERSONS:
        told = {id: ends[psn_no, id] for id in ("stay-1", "stay-2", "stay-3")}
        assert [event.type for event in told.values()] == ["claim.refused", "claim.settled", "claim.refused"], psn_no
        assert told["stay-2"].body.checked.filing == derived_id("filing-1", psn_no)
        assert [why.code for why in told["stay-3"].body.checked.reasons] == ["filing_not_in_force"]
    shown = await Cli(road).json("filings", PERSONS[-1], "--date", "2025-04-01")
    assert [(one["trt_dcla_detl_sn"], one["state"]) for one in shown["filings"]] == [
        (derived_id("filing-1", PERSONS[-1]), "cancelled")]
