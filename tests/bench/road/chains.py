"""The chains that are compared: which processes each one is, and how one run of a load is timed."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from aiokafka import TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError

from contracts.envelope import Record
from contracts.topics import topic_map
from services.cli.publish import pieces
from services.cli.supervise import STAGES, die_with_parent, worker_env
from services.embedded.stack import Stack
from services.ledger.redis import RedisLedger, connect
from services.runtime.kafka import KafkaLog, make_producer, make_reader
from services.runtime.settings import Settings
from services.runtime.topics import admin_of, make_topics
from tests.bench.road.profile import looked_at

FIVE = ("filing", "eligibility", "pricing", "settlement", "audit")
CHAINS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "pass": (FIVE, "tests.bench.road.passing"),
    "idiomatic": (FIVE, "tests.bench.road.idiomatic"),
    "yibao": (STAGES, "services.{stage}.worker"),
}
"""Name -> its processes, and the module that is one."""
SLOWEST = "settlement"
STILL_S, SHARED_OUT_S = 120.0, 5.0


class Stuck(Exception):
    """A chain that makes no progress; the text names where its logs are."""


@dataclass(slots=True)
class Run:
    """What one run of a chain gave. CPU in seconds by process, the servers' too; memory in MiB at its most.

    ``seconds``: until all is settled, ``audited``: until it is audited too, which goes on behind it on the same processors, and is in
    ``cpu``. ``steps``: microseconds that pass in each; ``shares``: of the processor's time, where it was looked at.
    """

    chain: str
    requests: int
    seconds: float
    audited: float | None = None
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    steps: dict[str, dict[str, float]] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    batch: dict[str, float] = field(default_factory=dict)


def run(
    chain: str, stack: Stack, road: str, folder: Path, warm_up: Sequence[Record], timed: Sequence[Record], growth: Path,
    copies: int = 1, look: bool = False,
) -> Run:
    """One run on topics of its own: processes up, warm-up through, then the load as fast as it goes.

    ``copies`` of the slowest stage share its partitions; ``look``: the workers are looked at meanwhile (raises NotMeasured).
    """
    settings = Settings(kafka=stack.kafka, redis=stack.redis, road=road)
    asyncio.run(make_topics(settings))
    with processes(chain, settings, folder, growth, copies) as running:
        return asyncio.run(_timed(chain, stack, settings, running, folder, warm_up, timed, look))


@contextmanager
def processes(chain: str, settings: Settings, folder: Path, growth: Path, copies: int = 1) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The processes of a chain, for the length of a block; each logs into ``folder``."""
    stages, module = CHAINS[chain]
    folder.mkdir(parents=True, exist_ok=True)
    env = worker_env(settings.kafka, settings.redis, YIBAO_ROAD=settings.road, BENCH_GROWTH=str(growth))
    running = {}
    try:
        for name, stage in [*((stage, stage) for stage in stages), *((f"{SLOWEST}-{n}", SLOWEST) for n in range(1, copies))]:
            command = [sys.executable, "-m", module.format(stage=stage), *(() if "{" in module else (stage,))]
            with (folder / f"{name}.log").open("wb") as log:
                running[name] = subprocess.Popen(
                    command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        yield running
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _timed(
    chain: str, stack: Stack, settings: Settings, running: Mapping[str, subprocess.Popen[bytes]], folder: Path,
    warm_up: Sequence[Record], timed: Sequence[Record], look: bool,
) -> Run:
    pids = {name: process.pid for name, process in running.items()} | {"kafka": stack.kafka_pid, "redis": stack.redis_pid}
    watched = {name: psutil.Process(pid) for name, pid in pids.items()}
    await shared_out(settings, sum(name.startswith(SLOWEST) for name in running))
    async with Settled(settings, running, folder) as settled:
        before_it = await settled.still() if chain == "yibao" else 0
        await publish(settings, warm_up)
        base = await settled.reached(before_it + len(warm_up))
        with looked_at({name: process.pid for name, process in running.items()}, folder) if look else nullcontext({}) as shares:
            before, marks = {name: _cpu(process) for name, process in watched.items()}, _sizes(folder)
            started = time.monotonic()
            sending = asyncio.create_task(publish(settings, timed))
            await settled.reached(base + len(timed))
            seconds = time.monotonic() - started
            await sending
            audited = await until_audited(settings, settled) - started if chain == "yibao" else None
    found = Run(chain, len(timed), seconds, audited, shares=shares)
    found.cpu = {name: _cpu(process) - before[name] for name, process in watched.items()}
    found.memory = {name: process.memory_info().rss / 2**20 for name, process in watched.items()}
    if chain == "yibao":
        found.steps, found.batch = _steps(folder, marks)
    return found


async def shared_out(settings: Settings, copies: int) -> None:
    """Waits until as many processes share the partitions of the slowest stage: one that joins later makes the others begin anew.

    Raises Stuck.
    """
    group, since = settings.group(SLOWEST), time.monotonic()
    async with admin_of(settings) as admin:
        while True:
            with suppress(GroupCoordinatorNotAvailableError):  # the first question makes the topic of the offsets
                [answer] = await admin.describe_consumer_groups([group])
                [(_, _, state, _, _, members, *_)] = answer.groups
                if state == "Stable" and len(members) == copies:
                    return
            if time.monotonic() - since > STILL_S:
                raise Stuck(f"{group}: not shared out to {copies} processes")
            await asyncio.sleep(0.1)


async def until_audited(settings: Settings, settled: "Settled") -> float:
    """When the audit has judged all that is settled. Raises Stuck."""
    redis = connect(settings.redis)
    ledgers = [RedisLedger(redis, "audit", p, settings.prefix) for p in range(topic_map().partitions)]
    try:
        due, since = await settled.ends(), time.monotonic()
        while [(await ledger.position()).pos for ledger in ledgers] != due:
            if time.monotonic() - since > STILL_S:
                raise Stuck("the audit is not done")
            await asyncio.sleep(0.05)
        return time.monotonic()
    finally:
        await redis.aclose()


class Settled:
    """Counts what stands on the last topic."""

    def __init__(self, settings: Settings, running: Mapping[str, subprocess.Popen[bytes]], folder: Path) -> None:
        self._reader, self._running, self._folder = make_reader(settings, "bench"), running, folder
        self._places = [TopicPartition(settings.topic(topic_map().road[-1].name), p) for p in range(topic_map().partitions)]

    async def __aenter__(self) -> "Settled":
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()

    async def still(self) -> int:
        """Waits until each partition was taken over and nobody takes any more (a process that joins begins anew); returns the records."""
        return await self._until(lambda count, seconds: count >= len(self._places) and seconds >= SHARED_OUT_S, "taken over")

    async def reached(self, wanted: int) -> int:
        """Waits until ``wanted`` records are there; returns their number. Raises Stuck."""
        return await self._until(lambda count, _: count >= wanted, f"of {wanted} settled")

    async def _until(self, enough: Callable[[int, float], bool], what: str) -> int:
        """Waits for ``enough``, which is told the records and since when there are no more. Raises Stuck."""
        last, since = -1, time.monotonic()
        while True:
            if (count := await self._count()) != last:
                last, since = count, time.monotonic()
            if enough(count, time.monotonic() - since):
                return count
            ended = [name for name, process in self._running.items() if process.poll() is not None]
            if ended or time.monotonic() - since > STILL_S:
                said = "".join(f"\n{name}: {self._last_line(name)}" for name in ended)
                raise Stuck(f"{count} {what}; ended: {', '.join(ended) or 'none'}; logs in {self._folder}{said}")
            await asyncio.sleep(0.02)

    def _last_line(self, name: str) -> str:
        return ((self._folder / f"{name}.log").read_text("utf-8", "replace").splitlines() or ["(nothing)"])[-1]

    async def ends(self) -> list[int]:
        """The end of each partition."""
        found = await self._reader.end_offsets(self._places)
        return [found[place] for place in self._places]

    async def _count(self) -> int:
        return sum(await self.ends())


async def publish(settings: Settings, requests: Sequence[Record]) -> None:
    """All requests as fast as the broker takes them."""
    producer = make_producer(settings, "bench-publish")
    await producer.start()
    try:
        name = settings.topic(topic_map().road[0].name)
        logs = [KafkaLog(settings, producer, name, p) for p in range(topic_map().partitions)]
        for piece in pieces(requests):
            await asyncio.gather(*(logs[p].append(records) for p, records in piece.items()))
    finally:
        await producer.stop()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _sizes(folder: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_size for path in folder.glob("*.log")}


def _steps(folder: Path, marks: Mapping[str, int]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """From the workers' logs behind ``marks``: microseconds a request by step, and records a batch, by stage."""
    steps, batch = {}, {}
    for path in folder.glob("*.log"):
        lines = [json.loads(line) for line in path.read_bytes()[marks.get(path.stem, 0):].splitlines() if line.startswith(b"{")]
        rows = [line for line in lines if line.get("event") == "batch" and "decide_ms" in line]
        if kept := sum(row["kept"] for row in rows):
            names = ("load", "decide", "produce", "apply")
            steps[path.stem] = {name: round(1000 * sum(row[f"{name}_ms"] for row in rows) / kept, 1) for name in names}
            batch[path.stem] = round(kept / len(rows), 1)
    return steps, batch
