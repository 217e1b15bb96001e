"""A what-if of the live topics: sharings in the order in which they arrived, and nothing is written, joined or changed."""

from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.topics import topic_map
from policies.book import BUILT_IN
from services.runtime.topics import admin_of
from tests.chain.cli import Cli
from tests.chain.live_requests import psn_no_in, request
from tests.chain.road import PARTITIONS, STAGES, LiveRoad
from tests.policies import requests as r

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

FAMILY = "regions/360000-jiangxi/family.toml"
TOPICS = [topic.name for topic in topic_map().all]
FAMILIES = [(psn_no_in(p, 3), psn_no_in((p + 1) % PARTITIONS, 4)) for p in range(PARTITIONS)]
"""Sharer and user, on two partitions."""


def sharings() -> list[Record]:
    """An employee and a resident of 南昌; 40.00 of 100.00 are shared."""
    found = []
    for sharer, user in FAMILIES:
        for who, insutype, psn_type in ((sharer, "310", "11"), (user, "390", "15")):
            found.append(request("enrolment.recorded.v1", f"{who}-e", **r.enrolment(r.spell("360100", insutype, psn_type), psn_no=who)))
        found.append(request("account.credited.v1", f"{sharer}-c", **r.credit(100_00, psn_no=sharer)))
        found.append(request(
            "wallet.requested.v1", f"{sharer}-w", psn_no=sharer, insutype="310", user_psn_no=user, kin="parent", user_insuplc_admdvs="360100",
            amt=40_00, date="2026-03-01"))
    return found


def visits() -> list[Record]:
    """200.00 x 65 % = 130.00 from the pool; of the other 70.00 the wallet pays its 40.00, and 30.00 are cash."""
    return [
        request("claim.submitted.v2", f"{user}-v", **r.claim(
            r.line(200_00), psn_no=user, insutype="390", fixmedins_code="H36010000101", acct_used_flag="2"))
        for _, user in FAMILIES]


async def untouched(road: LiveRoad) -> object:
    """All that a program could leave behind: ends of topics, consumer groups with their offsets, states."""
    async with admin_of(road.settings) as admin:
        groups = sorted(group for group, *_ in await admin.list_consumer_groups() if group.startswith(road.settings.prefix))
        offsets = [await admin.list_consumer_group_offsets(group) for group in groups]
    return await road.ends(*TOPICS), groups, offsets, [await road.states(stage) for stage in STAGES]


async def test_a_what_if_of_the_live_topics_only_reads(road: LiveRoad, tmp_path: Path) -> None:
    await road.run(*(f"{name}-0" for name in (*STAGES, "courier")))
    await road.publish(sharings())

    async def arrived() -> bool:
        return sum(one.header("ce_type") == b"cn.yibao.wallet.credited.v1" for part in await road.kept("yibao.settled") for one in part) == len(FAMILIES)

    await road.until("what was shared", arrived)
    await road.publish(visits())
    await road.complete()
    road.workers.stop()
    before = await untouched(road)
    (tmp_path / FAMILY).parent.mkdir(parents=True)
    (tmp_path / FAMILY).write_text((BUILT_IN / FAMILY).read_text("utf-8").replace('"parent", ', ""), "utf-8")
    found = await Cli(road).json("whatif", "--rulebook", tmp_path)
    amounts = {row["name"]: (row["before"] // PARTITIONS, row["after"] // PARTITIONS) for row in found["amounts"]}
    assert (amounts["hifp_pay"], amounts["acct_pay"], amounts["psn_cash_pay"]) == ((130_00, 130_00), (40_00, 0), (30_00, 70_00))
    assert found["recorded"]["differing"] == 0 and found["recorded"]["of_other_rulebooks"] == 0
    assert found["requests"] == 6 * PARTITIONS and found["speed"]["cores"] >= 1
    assert await untouched(road) == before
