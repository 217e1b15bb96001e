"""The family wallet on a real broker: the courier as a process, killed and started again, and the same as offline."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.envelope import Record
from contracts.wire import event_of
from policies.accumulators import Purse
from policies.book import built_in
from policies.courier import is_letter
from policies.road import Road
from services.cli.progress import Watch, stage_places
from services.runtime.exits import Exit
from tests.chain.live_requests import psn_no_in, request
from tests.chain.road import PARTITIONS, REQUESTED, STAGES, LiveRoad
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

ALL = tuple(f"{name}-0" for name in (*STAGES, "audit", "courier"))
SHARERS = [psn_no_in(p, 3) for p in range(PARTITIONS)]
USERS = [psn_no_in(p, 4) for p in range(PARTITIONS)]
STRANGER = psn_no_in(2, 5)
"""Nobody enrolled this one: what is shared with it comes back."""


def family() -> list[Record]:
    """An employee of 南昌 and a resident of 九江 on each partition; 100.00 on each employee's account."""
    found = []
    for sharer, user in zip(SHARERS, USERS, strict=True):
        for who, place, insutype, psn_type in ((sharer, "360100", "310", "11"), (user, "360400", "390", "15")):
            spell = {"insuplc_admdvs": place, "insutype": insutype, "psn_type": psn_type, "psn_insu_date": "2001-01-01"}
            found.append(request("enrolment.recorded.v1", f"{who}-e", psn_no=who, brdy="1960-05-06", gend="1", insuinfo=[spell]))
        found.append(request(
            "account.credited.v1", f"{sharer}-c", psn_no=sharer, insutype="310", crdt_amt=10_000, crdt_date="2026-01-05"))
    return found


def shares(name: str, users: list[str], amount: int) -> list[Record]:
    """Each employee shares ``amount`` with each of ``users``."""
    return [
        request(
            "wallet.requested.v1", f"{sharer}-{name}-{user}", psn_no=sharer, insutype="310", user_psn_no=user, kin="parent",
            user_insuplc_admdvs="360400", amt=amount, date="2026-03-01")
        for sharer in SHARERS for user in users
    ]


async def purses(road: LiveRoad) -> dict[str, Purse]:
    return {
        name[2:]: Purse.model_validate_json(raw)
        for part in await road.states("settlement") for name, raw in part.items() if name.startswith("p:")
    }


async def arrived(road: LiveRoad, type: str, count: int) -> None:
    """Waits until that many records of ``type`` count on yibao.settled."""
    name = f"cn.yibao.{type}.v1".encode()

    async def there() -> bool:
        return sum(r.header("ce_type") == name for part in await road.kept("yibao.settled") for r in part) == count

    await road.until(f"{count} {type}", there)
    await road.complete()


async def test_status_is_told_before_any_worker_ran(road: LiveRoad) -> None:
    async with Watch(road.settings) as watch:
        places = await stage_places(road.settings, watch)
    assert [(place.stage, place.position.pos, place.waiting) for place in places[-PARTITIONS:]] == [("courier", 0, 0)] * PARTITIONS


async def test_what_is_shared_arrives_once_whatever_happens_to_the_courier(road: LiveRoad) -> None:
    await road.run(*ALL)
    await road.publish([*family(), *shares("first", USERS, 100)])
    await arrived(road, "wallet.credited", 36)  # six sharers, six users

    # Killed while there is work, and the offsets of its group are a second old at best: some are carried again.
    await road.publish(shares("second", USERS, 50))
    road.workers.kill("courier-0")
    await road.publish(shares("third", [STRANGER], 7))
    await road.run("courier-0")
    await arrived(road, "wallet.credited", 72)
    await arrived(road, "wallet.returned", 6)
    await arrived(road, "account.credited", 12)  # six of the agency, six that came back

    found = await purses(road)
    for user in USERS:
        assert found[user].shared() == dict.fromkeys(SHARERS, 150)
    for sharer in SHARERS:  # 10,000 - 6 x 100 - 6 x 50, and 7 went and came back
        assert found[sharer].balance("310") == 9_100
    await check_states(road, await check_records(road))


async def test_nothing_waits_for_the_courier_and_the_audit_finds_nothing(road: LiveRoad) -> None:
    async def idle() -> bool:
        async with Watch(road.settings) as watch:
            places = await stage_places(road.settings, watch)
        return sum(place.waiting for place in places) == 0 and len(places) == 5 * PARTITIONS

    await road.until("nothing waits, the courier's six places included", idle)
    assert [record for part in await road.read("yibao.found") for record in part] == []


async def test_a_restart_carries_nothing_again(road: LiveRoad) -> None:
    before = await road.ends(REQUESTED)
    assert road.workers.stop("courier-0")["courier-0"][0] == Exit.STOPPED
    await road.run("courier-0")
    await road.publish(shares("fourth", USERS[:1], 1))
    await arrived(road, "wallet.credited", 78)
    # Six sharings and the six credits that follow from them.
    assert sum((await road.ends(REQUESTED))[REQUESTED]) == sum(before[REQUESTED]) + 12


async def test_offline_the_requests_of_the_gateways_alone_end_alike(road: LiveRoad) -> None:
    """The courier's requests in another order; in each purse the same, but for the order of the sharers."""
    offline, live = Road(built_in()), await purses(road)
    asked = [r for part in await road.read(REQUESTED) for r in part if not is_letter(r)]
    events = [event_of(r) for one in asked for r in offline.run(one)] + [event_of(r) for r in offline.deliver()]
    wallets: dict[str, dict[str, int]] = {}
    for event in events:
        if event.type == "wallet.credited" and event.body.settled is not None:
            wallets[event.psn_no] = event.body.settled.wallet.after
    assert wallets == {user: live[user].shared() for user in USERS}


async def test_a_place_beyond_the_log_ends_it_with_the_code_for_data(road: LiveRoad) -> None:
    road.workers.stop("courier-0")
    place, group = TopicPartition(road.settings.topic("yibao.settled"), 0), road.settings.group("courier")
    consumer = AIOKafkaConsumer(bootstrap_servers=road.settings.kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.commit({place: 1_000_000})
    finally:
        await consumer.stop()
    road.workers.start("courier-0")
    process = road.workers.running.pop("courier-0")
    assert await asyncio.to_thread(process.wait, 60) == Exit.DATA
    assert "the group's offset is 1000000" in road.workers.tail("courier-0")
