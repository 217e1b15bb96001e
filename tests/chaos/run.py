"""One run: the stack, the requests, the faults, the calm, the check, and what there is to say of it."""

import asyncio
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from redis.asyncio import Redis

from policies.book import built_in
from services.cli.progress import Watch, stage_places
from services.ledger.redis import RedisLedger
from services.runtime.rulebooks import Rulebooks
from services.runtime.topics import make_topics
from tests.chain.simulation_world import other_rulebook
from tests.chaos.check import Found
from tests.chaos.faults import World, strike
from tests.chaos.fleet import Fleet
from tests.chaos.publisher import Publisher
from tests.chaos.reading import PARTITIONS, checked
from tests.chaos.recovery import Recovery
from tests.chaos.requests import requests
from tests.chaos.schedule import LONGEST_S, REPLICAS, SPACING_S, WEIGHTS, Fault, missing, names, schedule
from tests.chaos.servers import Servers
from tests.chaos.snapshots import Snapshots
from tests.chaos.standing import end, where

SESSION_MS = 3000
START_S, SNAPSHOT_S, LOOK_S = 120, 5.0, 0.5
ZERO = ("lost", "doubled", "wrong", "conflicting", "accumulators", "chain_breaks", "audit")
"""What is counted, and must be 0."""


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    faults: int
    requests: int
    seed: int
    spacing: float = SPACING_S

    @property
    def seconds(self) -> float:
        """How long faults and requests take."""
        return max(10.0, self.faults * self.spacing)

    @property
    def drain(self) -> float:
        """How long what is left may take behind the last fault; 25 requests a second are little for two cores."""
        return 180 + self.requests / 25

    @property
    def most(self) -> int:
        """The run takes no longer, in seconds. The check decides some 100 requests a second again."""
        return int(START_S + self.seconds + LONGEST_S + self.drain + 60 + self.requests / 50)

    def schedule(self) -> list[Fault]:
        return schedule(self.seed, self.faults, self.seconds, [kind for kind in WEIGHTS if kind not in missing()])


@dataclass
class Told:
    """What a run has to say."""

    asked: Asked
    struck: Counter[str] = field(default_factory=Counter)
    longest: dict[str, float] = field(default_factory=dict)
    found: Found = field(default_factory=Found)
    said: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    again: int = 0

    @property
    def well(self) -> bool:
        return not self.wrong and not any(self.found.wrong.values())

    def line(self) -> dict[str, Any]:
        """The one line of the run."""
        found, asked = self.found, self.asked
        return {
            "seed": asked.seed, "ok": self.well, "faults": dict(sorted(self.struck.items())), "faults_in_all": self.struck.total(),
            "skipped": missing(), "requests": found.requests, **{name: found.wrong[name] for name in ZERO},
            "longest_recovery_s": dict(sorted(self.longest.items())), "seconds": self.seconds,
            "void": found.void, "fences": found.fences, "carried": found.letters, "published_again": self.again,
            "verdicts": dict(sorted(found.types.items())), "rulebooks": dict(found.rulebooks), "ends": dict(sorted(self.ends.items())),
            "in_passing": dict(sorted(self.said.items())), "wrong_in_words": self.wrong + found.shown,
        }


async def run(asked: Asked, folder: Path) -> Told:
    """From an empty folder to the check. Nothing of it is left running."""
    told, servers = Told(asked), Servers(folder, SESSION_MS)
    fleet = Fleet(servers.worker_env(), _made(folder / "log"))
    work = asyncio.create_task(_through(told, servers, fleet, folder))
    try:
        _, left = await asyncio.wait([work], timeout=asked.most)
        if left:
            told.wrong.append(f"not over within {asked.most} s, but stands in {where(work)}")
            say("\n".join(map(where, asyncio.all_tasks())))
            await end([work])
        else:
            work.result()
    finally:
        await fleet.stop_all()
        await servers.stop()
    told.ends = fleet.ends
    told.wrong += fleet.unexpected
    return told


async def _through(told: Told, servers: Servers, fleet: Fleet, folder: Path) -> None:
    started = monotonic()
    await servers.start()
    await make_topics(servers.direct)
    for name in names():
        fleet.want(name)
    redis = Redis.from_url(servers.direct.redis, socket_timeout=10, decode_responses=False)
    publisher = Publisher(servers.direct)
    recovery = Recovery(servers.direct, publisher)
    world = World(servers, fleet, publisher, redis, Snapshots(redis), other_rulebook(_made(folder / "other")), folder)
    always = [asyncio.create_task(work) for work in (fleet.watch(), recovery.watch(), _snapshots(world.snapshots))]
    try:
        await _owned(fleet)
        told.seconds["start"] = _since(started)
        await _faults(told, world, recovery)
        told.seconds["faults"] = round(_since(started) - told.seconds["start"], 1)
        calm = monotonic()
        await _drained(told, servers, recovery)
        told.seconds["calm"] = _since(calm)
    finally:
        await end(always)
        await publisher.stop()
    told.longest, told.said, told.again = recovery.longest, world.told, publisher.again
    told.wrong += [f"not recovered from {kind}" for kind in recovery.left]
    await fleet.stop_all()
    checking = monotonic()
    told.found = await checked(servers.direct, Rulebooks(servers.rulebooks, say).around(built_in()), publisher.acknowledged)
    told.seconds["check"] = _since(checking)
    await redis.aclose()


async def _owned(fleet: Fleet) -> None:
    """Until every partition of every stage has its worker: faults before that would strike nobody."""
    everything = set(range(PARTITIONS))
    while any(set().union(*(fleet.taken(name) for name in names() if name.startswith(stage))) != everything for stage in REPLICAS):
        await asyncio.sleep(LOOK_S)


async def _faults(told: Told, world: World, recovery: Recovery) -> None:
    """Publishes, and strikes as the schedule says; returns when all is published and the last fault is over."""
    asked, started = told.asked, monotonic()
    publishing = asyncio.create_task(
        world.publisher.run(requests(asked.seed, asked.requests), asked.requests, asked.seconds)
    )
    striking = []
    for fault in asked.schedule():
        await asyncio.sleep(max(0.0, started + fault.at - monotonic()))
        recovery.struck(fault.kind)
        told.struck[fault.kind] += 1
        say(f"{fault.at:7.1f} s  {fault.kind} {fault.worker if fault.kind not in SERVERS else ''} {fault.seconds or ''}"
            f"{' ' + fault.point if fault.kind == 'crash' else ''}")
        striking.append(asyncio.create_task(strike(world, fault)))
    await asyncio.gather(*striking)
    await publishing


async def _drained(told: Told, servers: Servers, recovery: Recovery) -> None:
    """Until every stage, the courier and the audit are done with all there is, twice in a row."""
    deadline, calm = monotonic() + told.asked.drain, 0
    waits = ""
    while calm < 2:
        if monotonic() > deadline:
            told.wrong.append(f"still waiting after {told.asked.drain:.0f} s: {waits}")
            return
        try:
            waits = await _waiting(servers)
        except Exception as error:  # a server that was killed last still starts
            waits = f"{type(error).__name__}: {error}"
        calm = 0 if waits else calm + 1
        await asyncio.sleep(LOOK_S)
    await recovery.look()


async def _waiting(servers: Servers) -> str:
    """What is not done yet; empty where nothing is."""
    settings = servers.direct
    async with Watch(settings) as watch:
        places = await stage_places(settings, watch)
    redis = Redis.from_url(settings.redis, socket_timeout=10)
    try:
        audit = [(await RedisLedger(redis, "audit", p, settings.prefix).position()).req for p in range(PARTITIONS)]
    finally:
        await redis.aclose()
    waits = [f"{one.stage}/{one.partition} {one.waiting}" for one in places if one.waiting]
    settled = {one.partition: one.position.req for one in places if one.stage == "settlement"}
    return " ".join(waits + [f"audit/{p} {settled[p] - req}" for p, req in enumerate(audit) if req != settled[p]])


async def _snapshots(snapshots: Snapshots) -> None:
    while True:
        with suppress(Exception):  # the server may be away
            await snapshots.take()
        await asyncio.sleep(SNAPSHOT_S)


SERVERS = {kind for kind in WEIGHTS if kind.startswith(("kafka", "redis"))} | {"flush", "rollback", "tamper", "duplicate", "poison"}


def say(text: str) -> None:
    """Standard output belongs to the one line."""
    print(text, file=sys.stderr, flush=True)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _since(start: float) -> float:
    return round(monotonic() - start, 1)
