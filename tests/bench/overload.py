"""Memory and time of the workers under more than they can do at once. Starts real servers and one worker a stage.

    python -m tests.bench.overload even 100000      requests of 600 persons, all published before the workers start
    python -m tests.bench.overload skew 100000      the same, one partition 100 times as busy as each of the others
    python -m tests.bench.overload people 100000    an enrolment and a credit of each of half as many persons
    python -m tests.bench.overload person 10000     one person's visits, in this process: what the first cost, and the last

Prints a line a worker: resident memory (MB) when it began, at each quarter of the work, and at most; and its time on a processor. Then Redis is
wiped and the workers fold everything anew: seconds, and memory. Nothing is asserted: speed is measured by scripts.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import psutil
from redis import Redis

from contracts.envelope import Record
from contracts.topics import topic_map
from services.cli.progress import positions
from services.cli.supervise import STAGES, worker_env
from services.embedded.stack import Stack
from services.runtime.kafka import KafkaLog, make_producer
from services.runtime.settings import Settings
from services.runtime.topics import make_topics
from tests.bench.person import person
from tests.chain.live_requests import busy_road, credit, enrolment, psn_no_in

PARTITIONS = topic_map().partitions
DECIDING = ("filing", "eligibility", "pricing", "settlement", "audit")
SAMPLE_S = 0.5
MB = 1_000_000


def even(count: int) -> list[Record]:
    return busy_road(count, [psn_no_in(p, n) for p in range(PARTITIONS) for n in range(100)], seed=1)


def skew(count: int) -> list[Record]:
    """95 % of the requests are of persons of partition 0, 1 % of each of the other five."""
    others = [psn_no_in(p, 0) for p in range(1, PARTITIONS)]
    busy = [psn_no_in(0, n) for n in range(100 * len(others) // 5)]
    return busy_road(count, busy + others, seed=1)


def people(count: int) -> list[Record]:
    names = [f"Q{number:07}" for number in range(count // 2)]
    return [record for psn_no in names for record in (enrolment(psn_no), credit(psn_no, Random(psn_no).randrange(100, 99_999)))]


SHAPES: dict[str, Callable[[int], list[Record]]] = {"even": even, "skew": skew, "people": people}


class Watched:
    """The workers as processes, and what memory they held over time."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self._env, self._logs = worker_env(settings.kafka, settings.redis, YIBAO_LOG_LEVEL="warning"), logs
        self._running: dict[str, psutil.Popen] = {}
        self.samples: dict[str, list[tuple[float, int]]] = {}
        self._cpu: dict[str, float] = {}

    def start(self) -> None:
        self.samples = {stage: [] for stage in STAGES}
        for stage in STAGES:
            self._start(stage)

    def _start(self, stage: str) -> None:
        with (self._logs / f"{stage}.log").open("ab") as log:
            command = [sys.executable, "-P", "-m", f"services.{stage}.worker"]
            self._running[stage] = psutil.Popen(command, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        for process in self._running.values():
            process.wait(30)

    def sample(self, share: float) -> None:
        for stage, process in list(self._running.items()):
            if process.poll() is not None:  # a server that did not answer in time: start it again, as a supervisor does
                print(f"{stage} ended with {process.returncode} and is started again")
                self._start(stage)
                continue
            self.samples[stage].append((share, process.memory_info().rss))
            self._cpu[stage] = sum(process.cpu_times()[:2])

    def table(self) -> None:
        print(f"{'MB of memory':14}{'begin':>8}{'25 %':>8}{'50 %':>8}{'75 %':>8}{'end':>8}{'most':>8}{'CPU s':>8}")
        for stage, found in self.samples.items():
            marks = [next(rss for share, rss in found if share >= at) for at in (0, 0.25, 0.5, 0.75, 1)]
            print(f"{stage:14}" + "".join(f"{rss / MB:8.0f}" for rss in (*marks, max(rss for _, rss in found))) + f"{self._cpu[stage]:8.1f}")


async def run(records: Sequence[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder, Stack.start(Path(folder) / "data") as stack:
        settings = Settings(kafka=stack.kafka, redis=stack.redis)
        await make_topics(settings)
        started = time.monotonic()
        await publish(settings, records)
        print(f"{len(records)} requests published in {time.monotonic() - started:.1f} s, then the workers start")
        watched = Watched(settings, Path(folder))
        await _measured(settings, watched, records, "settled and audited")
        with Redis.from_url(stack.redis) as redis:
            print(f"Redis: {redis.info('memory')['used_memory'] / MB:.0f} MB")
            redis.flushall()
        print("Redis wiped, the workers start again")
        await _measured(settings, watched, records, "folded anew and audited again")


async def _measured(settings: Settings, watched: Watched, records: Sequence[Record], what: str) -> None:
    started, done = time.monotonic(), 0.0
    watched.start()
    took: dict[str, float] = {}
    try:
        while done < 1:
            await asyncio.sleep(SAMPLE_S)
            rows = await positions(settings, DECIDING)
            shares = [sum(place.req + 1 for place in row) / len(records) for row in rows]
            took |= {s: time.monotonic() - started for s, share in zip(DECIDING, shares, strict=True) if share >= 1 and s not in took}
            done = min(shares)
            watched.sample(done)
    finally:
        watched.stop()
    seconds = time.monotonic() - started
    print(f"{what} in {seconds:.1f} s: {len(records) / seconds:,.0f} a second; " + ", ".join(f"{s} {t:.1f} s" for s, t in took.items()))
    watched.table()


async def publish(settings: Settings, records: Sequence[Record]) -> None:
    """All at once: each partition's in order, 500 with one wait."""
    parts: dict[int, list[Record]] = {}
    for record in records:
        parts.setdefault(record.partition, []).append(record)
    producer = make_producer(settings, "bench")
    await producer.start()
    try:
        await asyncio.gather(*(_append(KafkaLog(settings, producer, topic_map().road[0].name, p), part) for p, part in parts.items()))
    finally:
        await producer.stop()


async def _append(log: KafkaLog, records: Sequence[Record]) -> None:
    for at in range(0, len(records), 500):
        await log.append(records[at : at + 500])


if __name__ == "__main__":
    shape, count = (*sys.argv[1:3], "even", "100000")[:2] if len(sys.argv) != 2 else (sys.argv[1], "100000")
    if shape == "person":
        asyncio.run(person(int(count)))
    else:
        asyncio.run(run(SHAPES[shape](int(count))))
