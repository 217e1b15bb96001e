"""A worker as the person on duty sees it: its pages, on real servers."""

import asyncio
import json
from dataclasses import replace
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from services.cli.progress import positions
from services.ledger.redis import RedisLedger, connect
from services.runtime.exits import Exit
from services.runtime.topics import admin_of
from tests.chain.cli import Cli
from tests.chain.live_requests import PARTITIONS, credit, enrolment, psn_no_in
from tests.chain.road import REQUESTED, LiveRoad
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PERSONS = [psn_no_in(partition) for partition in range(PARTITIONS)]


async def test_a_worker_is_ready_and_counts(road: LiveRoad) -> None:
    road.workers.given(YIBAO_METRICS_PORT="0")
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0")
    await road.publish([enrolment(psn_no) for psn_no in PERSONS] + [credit(psn_no, 100) for psn_no in PERSONS])
    await road.complete()
    for stage in ("filing", "settlement"):
        url = road.workers.told(f"{stage}-0", "metrics")[0]["url"]
        await road.until(f"{stage} is ready", lambda url=url: asked(url.replace("metrics", "ready")) == (200, []))
        assert asked(url.replace("metrics", "health")) == (200, [])
        kept = {partition: f'yibao_records_total{{partition="{partition}",stage="{stage}"}} 2.0' for partition in range(PARTITIONS)}
        await road.until("all are counted", lambda url=url, kept=kept: set(kept.values()) <= set(page(url)))
        assert f'yibao_partitions{{stage="{stage}"}} {PARTITIONS}.0' in page(url)
        await road.until("nothing waits", lambda url=url: waiting(url) == [0.0] * PARTITIONS)  # measured once a second


def waiting(url: str) -> list[float]:
    """The lag of each partition, as the page has it."""
    return [float(line.rpartition(" ")[2]) for line in page(url) if line.startswith("yibao_lag_records{")]


async def test_the_brake_holds_over_restarts_and_a_drain_goes_on(road: LiveRoad) -> None:
    """The road of the test above: 2 requests a partition. Then 3 good ones and 9 that cannot be read on partition 0.

    With at least 3 unreadable ones the brake waits for more than half: 2 + 3 good ones, so the sixth, of 11.
    """
    road.workers.stop("filing-0")
    person = PERSONS[0]
    bad = [replace(credit(person, 7, number), value=b'{"cut off') for number in range(9)]
    await road.publish([*(credit(person, 100, number) for number in range(1, 4)), *bad])
    road.workers.given(YIBAO_BRAKE_LEAST="3")
    for name in ("filing-1", "filing-2"):
        road.workers.start(name)
        assert await ended(road, name) == Exit.BRAKE
        (line,) = road.workers.told(name, "worker ended")
        assert line["exit"] == "BRAKE" and "5/10 of the last" in line["why"] and "--no-brake" in line["why"]
        assert len((await road.kept("yibao.filed"))[0]) == 10
    road.workers.given(YIBAO_BRAKE="false")
    await road.run("filing-3")
    await road.complete()
    await check_states(road, await check_records(road))


async def test_rebuild_checks_and_brings_back_what_redis_held(road: LiveRoad) -> None:
    yibao = Cli(road)
    await road.run("audit-0")
    await road.until("audited", lambda: audited(road))
    found = await yibao.json("rebuild", "--check")
    assert found["differing"] == 0 and len(found["checked"]) == 5 * PARTITIONS
    assert sum(one["fields"] for one in found["checked"]) >= 4 * PARTITIONS  # each person, on four stages

    before = await road.states("settlement")
    redis = connect(road.settings.redis)
    try:
        await redis.hset(RedisLedger(redis, "settlement", 0, road.settings.prefix).state_key, f"p:{PERSONS[0]}", b"{}")
        await redis.delete(RedisLedger(redis, "audit", 1, road.settings.prefix).state_key)  # noticed and folded anew
    finally:
        await redis.aclose()
    told = await yibao("rebuild", "settlement", "--check", code=1)
    assert f"settlement/0: p:{PERSONS[0]}" in told
    await yibao("rebuild", "settlement", "--dry-run")
    await yibao("rebuild", "settlement", code=1, input="n\n")
    assert await road.states("settlement") != before, "nothing was touched"
    await yibao("rebuild", "--partition", "0", "--yes")
    assert (await yibao("rebuild", "courier", code=2)).count("settlement") == 1
    await road.complete()
    await road.until("audited again", lambda: audited(road))
    assert await road.states("settlement") == before
    assert (await yibao.json("rebuild", "--check"))["differing"] == 0


async def test_what_waits_is_told_before_a_worker_has_taken_over(road: LiveRoad) -> None:
    """Its Redis takes connections and answers nothing, as long as this goes on: the takeover never ends, and one request a partition waits."""
    road.workers.stop("filing-3")
    await road.publish([credit(psn_no, 100, 40) for psn_no in PERSONS])
    deaf = await asyncio.start_server(lambda reader, writer: asyncio.sleep(60), "127.0.0.1", 0)
    road.workers.start("filing-5", YIBAO_REDIS=f"redis://127.0.0.1:{deaf.sockets[0].getsockname()[1]}/0", YIBAO_REDIS_TIMEOUT_S="60")
    await road.until("its pages are there", lambda: road.workers.told("filing-5", "metrics"))
    url = road.workers.told("filing-5", "metrics")[0]["url"]
    await road.until("all that waits is told", lambda: waiting(url) == [1.0] * PARTITIONS)
    code, problems = asked(url.replace("metrics", "ready"))
    assert code == 503 and any("is taking over partition 0" in problem for problem in problems)
    road.workers.kill("filing-5")
    deaf.close()
    await road.run("filing-3")
    await road.complete()


async def audited(road: LiveRoad) -> bool:
    """Whether the audit has judged all that is settled."""
    (places,) = await positions(road.settings, ["audit"])
    return [place.req for place in places] == [end - 1 for end in (await road.ends("yibao.requested"))["yibao.requested"]]


async def ended(road: LiveRoad, name: str) -> int:
    """The exit code of a worker that ends by itself."""
    return await asyncio.to_thread(road.workers.running.pop(name).wait, 60)


def page(url: str) -> list[str]:
    with urlopen(url, timeout=10) as answer:
        return answer.read().decode().splitlines()


def asked(url: str) -> tuple[int, list[str]]:
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status, json.loads(answer.read())["problems"]
    except HTTPError as refused:
        return refused.code, json.loads(refused.read())["problems"]


async def test_a_stage_behind_retention_is_told_and_skips_nothing(road: LiveRoad) -> None:
    """Last in this file: requests are gone afterwards. Nobody reads while they are published and deleted."""
    name, place = "filing-4", TopicPartition(road.settings.topic(REQUESTED), 0)
    road.workers.stop("filing-3")
    end = (await road.ends(REQUESTED))[REQUESTED][0]
    filed = (await road.ends("yibao.filed"))["yibao.filed"][0]
    await road.publish([credit(PERSONS[0], 100, number) for number in range(50, 55)])
    async with admin_of(road.settings) as admin:
        await admin.delete_records({place: RecordsToDelete(end + 3)})
    road.workers.start(name)
    assert await ended(road, name) == Exit.DATA
    (line,) = road.workers.told(name, "worker ended")
    assert line["exit"] == "DATA" and f"{REQUESTED}/0: holds {end + 3} to {end + 4}, not {end - 1}" in line["why"]
    written = (await road.read("yibao.filed"))[0][filed:]
    assert [record for record in written if record.header("fence") is None] == [], "nothing behind the gap is decided"
