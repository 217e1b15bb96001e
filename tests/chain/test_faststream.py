"""Facts about FastStream and aiokafka that the worker's shell relies on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from services.runtime.exits import Exit
from services.runtime.topics import make_topics
from tests.chain.live_requests import enrolment, psn_no_in, visit
from tests.chain.road import REQUESTED, LiveRoad
from tests.servers import Servers

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PSN_NO = psn_no_in(0)


@pytest_asyncio.fixture
async def road(servers: Servers, tmp_path: Path) -> AsyncIterator[LiveRoad]:
    """A road a test: what is truncated here stays so."""
    found = LiveRoad(servers, tmp_path)
    await found.create()
    yield found
    await found.close()


async def test_headers_that_faststream_cannot_decode_do_not_end_the_worker(road: LiveRoad) -> None:
    """Its own parser decodes every header, and fails on a null one and on one that is not UTF-8."""
    await road.run("filing-0")
    pids = road.workers.pids()
    one, other = enrolment(PSN_NO), visit(PSN_NO, "odd-headers", 10_000)
    odd = replace(other, headers=(*other.headers, ("x-null", None), ("x-bytes", b"\xff\xfe"), ("content-type", None)))
    await road.publish([one, odd])
    await decided(road, 1)
    types = [r.header("ce_type") for r in (await road.kept("yibao.filed"))[0]]
    assert types[-2:] == [b"cn.yibao.enrolment.recorded.v1", b"cn.yibao.claim.submitted.v1"]
    assert road.workers.pids() == pids
    road.workers.stop()


async def test_a_truncated_input_ends_the_worker(road: LiveRoad) -> None:
    """FastStream alone logs OffsetOutOfRange, sleeps and asks again, for ever, in a process that looks alive."""
    await road.run("filing-0")
    road.workers.freeze("filing-0")
    for lot in "ab":  # the fetch that is under way may still bring the first lot, but not the second
        await road.publish([visit(PSN_NO, f"cut-{lot}-{number}", 10_000) for number in range(5)])
    await truncate(road, REQUESTED, 0, 8)
    road.workers.wake("filing-0")
    told = await end_of(road, "filing-0")
    assert (told["code"], told["exit"]) == (Exit.DATA, "DATA")
    assert "OffsetOutOfRange" in told["why"] and REQUESTED in told["why"]


async def test_an_input_made_anew_is_not_taken_for_the_old_one(road: LiveRoad) -> None:
    """An empty topic under the old name ends before the place where the worker stands."""
    await road.publish([visit(PSN_NO, f"old-{number}", 10_000) for number in range(5)])
    await road.run("filing-0")
    await decided(road, 4)
    road.workers.stop()
    await make_anew(road, REQUESTED)
    road.workers.start("filing-0")
    told = await end_of(road, "filing-0")
    assert told["code"] == Exit.DATA
    assert REQUESTED in told["why"]


async def test_an_input_made_anew_under_a_running_worker_ends_it(road: LiveRoad) -> None:
    """A consumer loses the partitions of a deleted topic without an error; with those of the new one it takes over again."""
    await road.publish([visit(PSN_NO, f"old-{number}", 10_000) for number in range(5)])
    await road.run("filing-0")
    await decided(road, 4)
    await make_anew(road, REQUESTED)
    told = await end_of(road, "filing-0")
    assert told["code"] == Exit.DATA


async def decided(road: LiveRoad, req: int, partition: int = 0) -> None:
    """Waits until filing has applied request ``req`` of a partition."""

    async def there() -> bool:
        return (await road.reqs("filing"))[partition] >= req

    await road.until(f"request {req}", there)


async def end_of(road: LiveRoad, name: str) -> dict[str, Any]:
    """The line with which a worker ends by itself, which agrees with its exit code."""
    process = road.workers.running.pop(name)
    await road.until(f"{name} ends", lambda: process.poll() is not None)
    told = road.workers.told(name, "worker ended")[-1]
    assert told["code"] == process.returncode
    return told


async def truncate(road: LiveRoad, topic: str, partition: int, before: int) -> None:
    """Deletes the records below ``before``."""
    admin = AIOKafkaAdminClient(bootstrap_servers=road.settings.kafka)
    await admin.start()
    try:
        place = TopicPartition(road.settings.topic(topic), partition)
        await admin.delete_records({place: RecordsToDelete(before_offset=before)})
    finally:
        await admin.close()


async def make_anew(road: LiveRoad, topic: str) -> None:
    """Deletes a topic and makes it again, empty."""
    admin = AIOKafkaAdminClient(bootstrap_servers=road.settings.kafka)
    await admin.start()
    try:
        await admin.delete_topics([road.settings.topic(topic)])
    finally:
        await admin.close()
    made: list[str] = []

    async def again() -> bool:
        made.extend(await make_topics(road.settings))
        return road.settings.topic(topic) in made

    await road.until(f"{topic} is there again", again)
