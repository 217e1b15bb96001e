"""The faults: each a coroutine that strikes, lasts, and takes itself back."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from signal import SIGCONT, SIGSTOP

from redis.asyncio import Redis

from services.runtime.points import VARIABLE
from tests.chaos.fleet import Fleet
from tests.chaos.publisher import Publisher
from tests.chaos.requests import other_body, poison
from tests.chaos.schedule import LONGEST_S, Fault, faketime_library
from tests.chaos.servers import Servers
from tests.chaos.snapshots import Snapshots

HELD_S, CRASH_S, TAKES_S = 5.0, 40.0, 60.0
EXTRA = "extra"
MORE_BYTES = (0, 200, 4_000)


@dataclass
class World:
    """What faults strike. ``told``: what happened in passing, for the line of the run."""

    servers: Servers
    fleet: Fleet
    publisher: Publisher
    redis: Redis
    snapshots: Snapshots
    other_rulebook: Path
    folder: Path
    told: Counter[str] = field(default_factory=Counter)
    down: Counter[str] = field(default_factory=Counter)
    """How many faults keep a server down right now."""


Strike = Callable[[World, Fault, Random], Awaitable[None]]


async def strike(world: World, fault: Fault) -> None:
    """From its beginning to its end, within LONGEST_S. What a fault cannot do, since another is in its way, it leaves."""
    work = KINDS[fault.kind](world, fault, Random(fault.draw))
    try:
        async with asyncio.timeout(LONGEST_S):
            await work
    except Exception as error:  # a server that another fault has killed
        world.told[f"in the way: {fault.kind}: {type(error).__name__}"] += 1


# --- workers ----------------------------------------------------------------------------------------------------------


async def kill(world: World, fault: Fault, rng: Random) -> None:
    world.fleet.kill(fault.worker)


async def crash(world: World, fault: Fault, rng: Random) -> None:
    """The worker starts anew, and ends at a named point, if it gets there."""
    world.fleet.once(fault.worker, **{VARIABLE: f"{fault.point}:{fault.count}"})
    world.fleet.kill(fault.worker)
    await asyncio.sleep(1)
    pid = world.fleet.pid(fault.worker)
    await _until(lambda: world.fleet.pid(fault.worker) != pid, CRASH_S)
    world.told["points reached"] += world.fleet.pid(fault.worker) != pid


async def freeze(world: World, fault: Fault, rng: Random) -> None:
    pid = world.fleet.pid(fault.worker)
    if world.fleet.signal(fault.worker, SIGSTOP):
        await asyncio.sleep(fault.seconds)
        if world.fleet.pid(fault.worker) == pid:
            world.fleet.signal(fault.worker, SIGCONT)


async def late(world: World, fault: Fault, rng: Random) -> None:
    """What a worker sends to Kafka is held; it dies; others take over; then it arrives."""
    proxy = world.servers.kafka
    await _works(world, fault.worker)
    held = proxy.hold(world.fleet.ports(fault.worker))
    try:
        await _until(lambda: any(link.produces() for link in held), HELD_S)
        world.fleet.kill(fault.worker)
        world.told["late batches"] += sum(link.produces() for link in held)
        await asyncio.sleep(fault.seconds)
    finally:
        proxy.release(held)


async def scale(world: World, fault: Fault, rng: Random) -> None:
    """One more replica for a while."""
    name = f"{fault.stage}-{EXTRA}{fault.number}"
    world.fleet.want(name)
    await _works(world, name)
    await asyncio.sleep(fault.seconds)
    await world.fleet.stop(name)


async def rulebook(world: World, fault: Fault, rng: Random) -> None:
    """A replica with another rulebook, side by side with one that has the first."""
    await world.fleet.restart(fault.worker, YIBAO_RULEBOOK=str(world.other_rulebook))
    await _works(world, fault.worker)
    await asyncio.sleep(fault.seconds)
    await world.fleet.restart(fault.worker)


async def clock(world: World, fault: Fault, rng: Random) -> None:
    """A worker's clock stands wrong, and jumps; the monotonic one goes on."""
    path = world.folder / f"clock-{fault.number}"
    path.write_text("+0\n")
    await world.fleet.restart(
        fault.worker, LD_PRELOAD=faketime_library() or "", FAKETIME_TIMESTAMP_FILE=str(path), FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    await _works(world, fault.worker)
    for _ in range(3):
        path.write_text(f"{rng.choice((-86_400, -3_600, -5, 7, 3_600, 31_536_000)):+d}\n")
        await asyncio.sleep(fault.seconds / 3)
    await world.fleet.restart(fault.worker)


# --- servers ----------------------------------------------------------------------------------------------------------


async def kafka_kill(world: World, fault: Fault, rng: Random) -> None:
    await _down(world, "kafka", fault.seconds, world.servers.start_kafka, world.servers.kafka_ready)


async def redis_kill(world: World, fault: Fault, rng: Random) -> None:
    await _down(world, "valkey", fault.seconds, world.servers.start_valkey, world.servers.valkey_ready)


async def _down(
    world: World, name: str, seconds: float, start: Callable[[], None], ready: Callable[[], Awaitable[None]]
) -> None:
    """Killed, away for a while, started: by the last of the faults that keep it down."""
    world.down[name] += 1
    try:
        world.servers.kill(name)
        await asyncio.sleep(seconds)
    finally:
        world.down[name] -= 1
        if not world.down[name]:
            start()
    if not world.down[name]:
        await ready()


async def kafka_slow(world: World, fault: Fault, rng: Random) -> None:
    await world.servers.kafka.slow(rng.choice((0.02, 0.1, 0.4)), fault.seconds)


async def kafka_cut(world: World, fault: Fault, rng: Random) -> None:
    await world.servers.kafka.cut(fault.seconds)


async def kafka_stall(world: World, fault: Fault, rng: Random) -> None:
    await world.servers.kafka.stall(fault.seconds)


async def redis_slow(world: World, fault: Fault, rng: Random) -> None:
    await world.servers.redis.slow(rng.choice((0.02, 0.1, 0.4)), fault.seconds)


async def redis_cut(world: World, fault: Fault, rng: Random) -> None:
    await world.servers.redis.cut(fault.seconds)


async def redis_stall(world: World, fault: Fault, rng: Random) -> None:
    await world.servers.redis.stall(fault.seconds)


async def redis_full(world: World, fault: Fault, rng: Random) -> None:
    """The disk of Redis is full: its append-only file cannot grow."""
    world.servers.limit_files(rng.choice(MORE_BYTES))
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        world.servers.limit_files(None)


async def flush(world: World, fault: Fault, rng: Random) -> None:
    await world.redis.flushall()


async def rollback(world: World, fault: Fault, rng: Random) -> None:
    world.told["keys rolled back"] += await world.snapshots.write_back(rng)


async def tamper(world: World, fault: Fault, rng: Random) -> None:
    """One of a pair of keys."""
    world.told["keys tampered with"] += await world.snapshots.tamper(rng)


# --- input ------------------------------------------------------------------------------------------------------------


async def duplicate(world: World, fault: Fault, rng: Random) -> None:
    """A run of requests once more, and some ids with another body."""
    recent = list(world.publisher.recent)
    if recent:
        at = rng.randrange(len(recent))
        again = recent[at : at + rng.randrange(5, 50)]
        other = [other_body(one, rng.randrange(1, 10**6)) for one in rng.sample(again, min(5, len(again)))]
        await world.publisher.publish([*again, *other])
        world.told["duplicates"] += len(again)


async def poisoned(world: World, fault: Fault, rng: Random) -> None:
    recent = list(world.publisher.recent)
    if recent:
        await world.publisher.publish(found := poison(rng, rng.choice(recent), rng.randrange(3, 15)))
        world.told["poison"] += len(found)


async def _works(world: World, name: str) -> None:
    """Waits, for a while, until a worker has partitions: a process needs seconds to start on a busy machine."""
    await _until(lambda: world.fleet.taken(name), TAKES_S)


async def _until(true: Callable[[], object], seconds: float) -> None:
    """Polls until ``true()`` holds or the time is over."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not true() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.05)


KINDS: dict[str, Strike] = {
    "kill": kill, "crash": crash, "freeze": freeze, "late": late, "scale": scale, "rulebook": rulebook, "clock": clock,
    "kafka_kill": kafka_kill, "kafka_slow": kafka_slow, "kafka_cut": kafka_cut, "kafka_stall": kafka_stall,
    "redis_kill": redis_kill, "redis_slow": redis_slow, "redis_cut": redis_cut, "redis_stall": redis_stall,
    "redis_full": redis_full, "flush": flush, "rollback": rollback, "tamper": tamper,
    "duplicate": duplicate, "poison": poisoned,
}
