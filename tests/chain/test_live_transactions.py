"""Transactions: a gateway may publish requests so, committed or not; on a stage's topic they leave a hole, and there is a way out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiokafka import AIOKafkaProducer

from contracts.envelope import Record
from services.audit.manifest import READ
from services.cli.progress import positions
from services.runtime.topics import admin_of
from tests.chain.cli import Cli
from tests.chain.live_requests import credit, enrolment, psn_no_in
from tests.chain.road import PARTITIONS, LiveRoad
from tests.chain.truth import check_records
from tests.servers import Servers

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

ALL = ("filing-0", "eligibility-0", "pricing-0", "settlement-0", "audit-0", "courier-0")
PSN, OTHER = psn_no_in(0), psn_no_in(1)


@asynccontextmanager
async def transaction(road: LiveRoad, topic: str, records: list[Record], commit: bool) -> AsyncIterator[None]:
    """Another program's transaction, open for the length of the block: it leaves its records and a marker behind them, whichever way it ends."""
    producer = AIOKafkaProducer(bootstrap_servers=road.settings.kafka, transactional_id=f"{road.settings.road}{topic}")
    await producer.start()
    try:
        await producer.begin_transaction()
        for one in records:
            await producer.send_and_wait(
                road.settings.topic(topic), one.value, key=one.key, partition=one.partition, headers=[*one.headers])
        yield
        await (producer.commit_transaction() if commit else producer.abort_transaction())
    finally:
        await producer.stop()


async def in_transaction(road: LiveRoad, topic: str, records: list[Record], commit: bool) -> None:
    """The same, ended at once."""
    async with transaction(road, topic, records, commit):
        pass


async def settled(road: LiveRoad, *numbers: int) -> bool:
    """The last numbers of the first partitions, on every stage."""
    return all([at.req for at in row[: len(numbers)]] == [*numbers] for row in await positions(road.settings))


async def test_what_a_gateway_aborted_is_no_request_for_nobody(road: LiveRoad, tmp_path: Path) -> None:
    yibao, dump = Cli(road), tmp_path / "dump"
    road.workers.given(YIBAO_METRICS_PORT="0")
    await road.run(*ALL)
    await road.publish([enrolment(PSN), enrolment(OTHER)])
    await in_transaction(road, "yibao.requested", [gone := credit(PSN, 300, 1)], commit=False)
    await in_transaction(road, "yibao.requested", [credit(PSN, 500, 2)], commit=True)
    await in_transaction(road, "yibao.requested", [credit(OTHER, 700, 3)], commit=False)
    await road.until("two and one requests on all stages", lambda: settled(road, 1, 0))

    await yibao("audit", "dump", dump)
    for where in ("live", dump):
        found = await yibao.json("audit", "verify", where)
        assert (found["found"], found["requests"]) == ([], 3), where
        found = await yibao.json("replay", where)
        assert (found["requests"], found["same"], found["differing"], found["unanswered"]) == (3, 3, 0, 0), where
    assert [len(part) for part in await road.kept("yibao.settled")][:2] == [2, 1]
    await yibao("trace", gone.header("ce_id").decode(), code=1)


async def test_what_waits_for_a_transaction_waits_and_its_marker_does_not(road: LiveRoad) -> None:
    url = road.workers.told("filing-0", "metrics")[0]["url"]
    await road.until("the markers are passed", lambda: waiting(url) == [0.0] * PARTITIONS)
    async with transaction(road, "yibao.requested", [credit(OTHER, 900, 4)], commit=False):
        await road.publish([credit(OTHER, 100, 5)])
        await road.until("two records wait", lambda: waiting(url)[1] == 2.0)
        assert [one["waiting"] for one in (await Cli(road).json("status"))["stages"] if (one["stage"], one["partition"]) == ("filing", 1)] == [2]
    await road.until("the one that counts is settled", lambda: settled(road, 1, 1))
    await road.until("nothing waits", lambda: waiting(url) == [0.0] * PARTITIONS)


def waiting(url: str) -> list[float]:
    """The lag of each partition, as the page has it."""
    with urlopen(url, timeout=10) as page:
        lines = page.read().decode().splitlines()
    return [float(line.rpartition(" ")[2]) for line in sorted(lines) if line.startswith("yibao_lag_records{")]


async def test_the_way_out_of_a_hole_in_a_stages_topic(servers: Servers, tmp_path: Path) -> None:
    """As docs/operations.md says it, command by command."""
    road = LiveRoad(servers, tmp_path)
    yibao = Cli(road)
    road.workers.given(YIBAO_SEAL_EVERY="1")
    await road.create()
    try:
        await road.run(*ALL)
        await road.publish([enrolment(PSN), credit(PSN, 300, 1)])
        await road.until("two requests on all stages", lambda: settled(road, 1))
        await in_transaction(road, "yibao.checked", [credit(PSN, 1, 9)], commit=False)
        await road.publish([credit(PSN, 500, 2)])
        await road.until("pricing stands before the hole", lambda: "an offset was skipped" in road.workers.tails())

        await yibao("audit", "dump", tmp_path / "dump")
        assert (await yibao.json("replay", tmp_path / "dump"))["differing"] == 0
        road.workers.stop()
        async with admin_of(road.settings) as admin:
            await admin.delete_topics([road.settings.topic(name) for name in READ[1:]])
        await yibao("topics")
        await yibao("rebuild", "--yes")
        await road.run(*ALL)
        await road.complete()
        await check_records(road)
        assert (await yibao.json("audit", "verify"))["found"] == []
    finally:
        await road.close()
