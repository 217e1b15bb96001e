"""Every named point between two steps: a worker dies there, the others go on, and each request has its one verdict."""

import asyncio
import subprocess
from collections.abc import Sequence
from signal import SIGKILL

import pytest

from services.ledger.base import BOUND
from services.ledger.redis import RedisLedger, connect
from services.runtime.points import BATCH, TAKEOVER, VARIABLE
from tests.chain.live_requests import busy_road, psn_no_in
from tests.chain.road import PARTITIONS, STAGES, LiveRoad
from tests.chain.test_courier import USERS, family, shares
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

PERSONS = [psn_no_in(partition, number) for partition in range(PARTITIONS) for number in range(4)]
REQUESTS, A_PIECE = busy_road(3_000, PERSONS, seed=11), 24
SPOILT = {"takeover.discarded": b"another log", "takeover.repaired": None}
"""What the ledger must look like for a takeover to get there: of another log, or with its copy of the position lost."""
DIES_S = 90
Dying = tuple[str, str, "subprocess.Popen[bytes]"]
"""Name of a worker, its point, its process."""


class Traffic:
    """Some requests whenever they are needed."""

    def __init__(self, road: LiveRoad) -> None:
        self._road, self._at = road, 0

    async def more(self, pieces: int = 1) -> None:
        end = self._at + pieces * A_PIECE
        await self._road.publish(REQUESTS[self._at : end])
        self._at = end


async def test_a_worker_may_die_at_every_point(road: LiveRoad) -> None:
    await road.run(*(f"{stage}-0" for stage in STAGES))
    traffic = Traffic(road)
    await traffic.more(pieces=8)
    await road.complete()
    for points in _rounds(TAKEOVER):
        await asyncio.gather(*(dies_in_takeover(road, *one) for one in points))
        await traffic.more()
    for points in _rounds(BATCH):
        await all_die(road, [starts_armed(road, *one) for one in points], traffic)
    await road.publish([*family(), *shares("points", USERS, 100)])
    await all_die(road, [starts_armed(road, *one) for one in (("audit", "audit.told"), ("courier", "courier.carried"))])
    await road.run("audit-0", "courier-0")
    await carried(road)
    await road.complete()
    await check_states(road, await check_records(road))
    assert [record for part in await road.read("yibao.found") for record in part] == []


def _rounds(points: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Each point at one stage, four at a time, one a stage."""
    pairs = [(STAGES[number % len(STAGES)], point) for number, point in enumerate(points)]
    return [pairs[at : at + len(STAGES)] for at in range(0, len(pairs), len(STAGES))]


def starts_armed(road: LiveRoad, stage: str, point: str) -> Dying:
    """A second replica, to die at ``point``. It is watched here: nobody else may start it again."""
    name = f"{stage}-1"
    road.workers.start(name, **{VARIABLE: f"{point}:1"})
    return name, point, road.workers.running.pop(name)


async def dies_in_takeover(road: LiveRoad, stage: str, point: str) -> None:
    """The first replica is away, so that the second one takes over everything; then the first one goes on."""
    road.workers.kill(f"{stage}-0")
    if point in SPOILT:
        await spoil(road, stage, SPOILT[point])
    await all_die(road, [starts_armed(road, stage, point)])
    road.workers.start(f"{stage}-0")


async def spoil(road: LiveRoad, stage: str, hash: bytes | None) -> None:
    """The ledger of ``stage`` names another record; or, None, its states do not say whose they are."""
    redis = connect(road.settings.redis)
    try:
        for partition in range(PARTITIONS):
            ledger = RedisLedger(redis, stage, partition, road.settings.prefix)
            if hash is None:
                await redis.hdel(ledger.state_key, BOUND)
            else:
                position = await ledger.position()
                await redis.hset(ledger.position_key, "hash", hash)
                await redis.hset(ledger.state_key, BOUND, position.text.replace(position.hash, hash.decode()))
    finally:
        await redis.aclose()


async def all_die(road: LiveRoad, dying: Sequence[Dying], traffic: Traffic | None = None) -> None:
    """Each by its own hand, at its point, with ``traffic`` until then. What it had goes to the replica that is left."""
    async def dead() -> bool:
        if all(process.poll() is not None for _, _, process in dying):
            return True
        if traffic is not None:
            await traffic.more()
            await asyncio.sleep(1)
        return False

    await road.until(f"ends at {[point for _, point, _ in dying]}", dead, DIES_S)
    for name, point, process in dying:
        assert process.returncode == -SIGKILL, f"{point}: {name} ended with {process.returncode}\n{road.workers.tail(name)}"


async def carried(road: LiveRoad) -> None:
    """Waits for the courier's requests: one a sharing."""
    async def there() -> bool:
        kept = [record for part in await road.kept("yibao.settled") for record in part]
        return sum(record.header("ce_type") == b"cn.yibao.wallet.credited.v1" for record in kept) == len(USERS) ** 2

    await road.until("what was shared is there", there)
