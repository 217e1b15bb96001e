"""The chains that are compared: which processes each one is, and how one run of a load is timed."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from aiokafka import TopicPartition

from contracts.envelope import Record
from contracts.topics import topic_map
from services.cli.publish import pieces
from services.cli.supervise import STAGES, die_with_parent, worker_env
from services.embedded.stack import Stack
from services.runtime.kafka import KafkaLog, make_producer, make_reader, make_topics
from services.runtime.settings import Settings

FIVE = ("filing", "eligibility", "pricing", "settlement", "audit")
CHAINS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "pass": (FIVE, "tests.bench.road.passing"),
    "idiomatic": (FIVE, "tests.bench.road.idiomatic"),
    "yibao": (STAGES, "services.{stage}.worker"),
}
"""Name -> its processes, and the module that is one."""
STILL_S = 120.0


class Stuck(Exception):
    """A chain that makes no progress; the text names where its logs are."""


@dataclass(slots=True)
class Run:
    """What one run of a chain gave. CPU in seconds by process, the servers' too; memory in MiB at its most."""

    chain: str
    requests: int
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    steps: dict[str, dict[str, float]] = field(default_factory=dict)
    batch: dict[str, float] = field(default_factory=dict)


def run(chain: str, stack: Stack, road: str, folder: Path, warm_up: Sequence[Record], timed: Sequence[Record], growth: Path) -> Run:
    """One run on topics of its own: processes up, warm-up through, then the load as fast as it goes."""
    settings = Settings(kafka=stack.kafka, redis=stack.redis, road=road)
    asyncio.run(make_topics(settings))
    with processes(chain, settings, folder, growth) as running:
        return asyncio.run(_timed(chain, stack, settings, running, folder, warm_up, timed))


@contextmanager
def processes(chain: str, settings: Settings, folder: Path, growth: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The processes of a chain, for the length of a block; each logs into ``folder``."""
    stages, module = CHAINS[chain]
    folder.mkdir(parents=True, exist_ok=True)
    env = worker_env(settings.kafka, settings.redis, YIBAO_ROAD=settings.road, BENCH_GROWTH=str(growth))
    running = {}
    try:
        for stage in stages:
            command = [sys.executable, "-m", module.format(stage=stage), *(() if "{" in module else (stage,))]
            with (folder / f"{stage}.log").open("wb") as log:
                running[stage] = subprocess.Popen(
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
    warm_up: Sequence[Record], timed: Sequence[Record],
) -> Run:
    pids = {name: process.pid for name, process in running.items()} | {"kafka": stack.kafka_pid, "redis": stack.redis_pid}
    watched = {name: psutil.Process(pid) for name, pid in pids.items()}
    async with Settled(settings, running, folder) as settled:
        await publish(settings, warm_up)
        base = await settled.reached(len(warm_up), fences=chain == "yibao")
        before, marks = {name: _cpu(process) for name, process in watched.items()}, _sizes(folder)
        started = time.monotonic()
        sending = asyncio.create_task(publish(settings, timed))
        await settled.reached(len(timed), base)
        seconds = time.monotonic() - started
        await sending
    found = Run(chain, len(timed), seconds)
    found.cpu = {name: _cpu(process) - before[name] for name, process in watched.items()}
    found.memory = {name: process.memory_info().rss / 2**20 for name, process in watched.items()}
    if chain == "yibao":
        found.steps, found.batch = _steps(folder, marks)
    return found


class Settled:
    """Counts what stands on the last topic."""

    def __init__(self, settings: Settings, running: Mapping[str, subprocess.Popen[bytes]], folder: Path) -> None:
        self._reader, self._running, self._folder = make_reader(settings, "bench"), running, folder
        self._places = [TopicPartition(settings.topic(topic_map().road[-1].name), p) for p in range(topic_map().partitions)]
        self._firsts = [TopicPartition(settings.topic(topic.name), p) for topic in topic_map().road[1:] for p in range(topic_map().partitions)]

    async def __aenter__(self) -> "Settled":
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()

    async def reached(self, wanted: int, base: int | None = None, fences: bool = False) -> int:
        """Waits until ``wanted`` records more than ``base`` are there; returns their number. Raises Stuck.

        Without ``base`` the topics are new: with ``fences`` each partition holds one record beside those that count.
        """
        if base is None:
            base = len(self._places) if fences else 0
        last, since = -1, time.monotonic()
        while (count := await self._count()) < base + wanted:
            if count != last:
                last, since = count, time.monotonic()
            ended = [name for name, process in self._running.items() if process.poll() is not None]
            if ended or time.monotonic() - since > STILL_S:
                raise Stuck(f"{count - base} of {wanted} settled; ended: {', '.join(ended) or 'none'}; logs in {self._folder}")
            await asyncio.sleep(0.02)
        return count

    async def _count(self) -> int:
        return sum((await self._reader.end_offsets(self._places)).values())


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
