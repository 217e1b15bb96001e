"""Two replicas of settlement share the partitions; one is stopped, one is killed; nothing is lost or doubled."""

import pytest

from services.runtime.exits import Exit
from tests.chain.live_requests import busy_road, psn_no_in
from tests.chain.road import PARTITIONS, LiveRoad
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

ALL = set(range(PARTITIONS))
PERSONS = [psn_no_in(partition, number) for partition in range(PARTITIONS) for number in range(4)]


async def test_replicas_come_and_go(road: LiveRoad) -> None:
    requests = iter(busy_road(800, PERSONS, seed=5))

    async def publish(count: int) -> None:
        await road.publish([next(requests) for _ in range(count)])

    workers = road.workers
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0", "settlement-1")
    await road.until("both replicas have partitions", lambda: shared(road, "settlement-0", "settlement-1"))
    ends = [end for end in workers.ended if end[1] != Exit.LOST]
    assert ends == [], "partitions that come and go end nobody, but for a fence that was overtaken"
    await publish(200)
    await road.complete()
    batches = {name: {b["partition"] for b in workers.told(name, "batch")} for name in ("settlement-0", "settlement-1")}
    assert all(batches.values()), "each replica decided something"
    assert set().union(*batches.values()) == ALL

    await publish(200)
    code, seconds = workers.stop("settlement-0")["settlement-0"]
    assert code == Exit.STOPPED and seconds < 10
    await road.complete()
    assert workers.taken("settlement-1") == ALL

    workers.start("settlement-2")
    await road.until("the new replica has partitions", lambda: workers.taken("settlement-2"))
    await publish(200)
    workers.kill("settlement-1")
    await publish(200)
    await road.complete()
    assert workers.taken("settlement-2") == ALL
    await check_states(road, await check_records(road))


def shared(road: LiveRoad, one: str, other: str) -> bool:
    """Whether each has taken over something and both together everything."""
    first, second = road.workers.taken(one), road.workers.taken(other)
    return bool(first and second) and first | second == ALL
