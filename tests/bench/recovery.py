"""How long a worker takes to take over, with Redis up to date and with Redis empty; and to restore many persons. Real servers.

    python -m tests.bench.recovery [--records 100000] [--persons 100000] [--stages filing,eligibility,settlement] [--json FILE]

``records``: on one partition of the settlement stage, a tenth enrolments, a tenth credits, the rest visits of three lines.
``persons``: an enrolment and a credit each, on all partitions, for each of the stages. What a stage has decided is computed once and
written to its topic under as many names as it takes; the topic upstream, of which a takeover reads one record, gets empty ones
with the same numbers. One JSON line a measurement; nothing is asserted.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from redis import Redis

from contracts.envelope import Record, with_numbers
from contracts.topics import topic_map
from policies.book import built_in
from policies.road import Road
from services.embedded.stack import Stack
from services.runtime.exits import Exit
from services.runtime.kafka import KafkaLog, make_producer
from services.runtime.settings import Settings
from services.runtime.topics import make_topics
from tests.bench.scale.claims import bill, enrolled
from tests.chain.live_requests import credit
from tests.chain.workers import Workers

PARTITIONS = topic_map().partitions
NAME = "T00000000"
ITEMS = ("XA02BCA101A010010100001", "XC08CAA503A001010200004", "XA11GAA111A001010100011")
VISITS, LINES = 8, 3
PIECE, LOOK_S, PATIENCE_S = 2000, 0.1, 3600
FENCE = Record(None, b"", (("fence", b"bench"),))
MB = 1_000_000
Point = dict[str, Any]


def life(visits: int) -> list[Record]:
    """The requests of one person."""
    return [enrolled(NAME), credit(NAME, 100_000), *(bill(NAME, number, ITEMS, LINES) for number in range(visits))]


def decided(stage: str, requests: Iterable[Record]) -> list[Record]:
    """What the stage writes for them."""
    road, topic = Road(built_in()), topic_map().of_stage(stage)[1].name
    return [record for request in requests for record in road.run(request) if record.topic == topic]


def named(template: Sequence[Record], first: bool, count: int) -> Iterator[Record]:
    """``count`` records: those of one person, again and again under other names, numbered as their worker would have."""
    name = NAME.encode()
    for req in range(count):
        found, psn_no = template[req % len(template)], b"T%08d" % (req // len(template))
        headers = with_numbers(found.headers, req, req if first else req + 1, 0)
        yield Record(psn_no, found.value.replace(name, psn_no), headers)


def upstream(count: int) -> Iterator[Record]:
    """As many records with the numbers of the input."""
    return (Record(None, b"", (("req", b"%d" % req), ("own", b"0"))) for req in range(count))


async def written(settings: Settings, stage: str, template: Sequence[Record], partitions: Sequence[int], count: int) -> None:
    """``count`` records on each of the partitions of the stage's topics; each topic begins with a fence, but for that of requests."""
    inp, out = topic_map().of_stage(stage)
    first = inp is topic_map().road[0]
    producer = make_producer(settings, "bench")
    await producer.start()
    try:
        for partition in partitions:
            await _append(KafkaLog(settings, producer, inp.name, partition), [] if first else [FENCE], upstream(count))
            await _append(KafkaLog(settings, producer, out.name, partition), [FENCE], named(template, first, count))
    finally:
        await producer.stop()


async def _append(log: KafkaLog, before: list[Record], records: Iterator[Record]) -> None:
    if before:
        await log.append(before)
    while piece := list(islice(records, PIECE)):
        await log.append(piece)


class Watched:
    """Workers of one stage, one after the other, and what each took."""

    def __init__(self, stage: str, stack: Stack, folder: Path) -> None:
        self._stage, self._number = stage, 0
        self.workers = Workers({"YIBAO_KAFKA": stack.kafka, "YIBAO_REDIS": stack.redis, "YIBAO_LOG_FORMAT": "json"}, folder)

    async def taken_over(self, kill: bool = False) -> tuple[float, list[dict[str, Any]], Point]:
        """Seconds from the start, the lines of the takeovers, and processor time and memory; then the worker is stopped, or killed.

        One that a server did not answer in time is started again, as a supervisor would, and goes on where the ledger stands.
        """
        started, name = time.monotonic(), self._start()
        spent, most, restarts = {name: 0.0}, 0, 0
        while len(lines := self.workers.told(name, "takeover")) < PARTITIONS:
            assert time.monotonic() < started + PATIENCE_S, self.workers.tail(name)
            if (code := self.workers.running[name].poll()) is not None:
                assert code in (Exit.LOST, Exit.UNREACHABLE), self.workers.tail(name)
                del self.workers.running[name]
                name, restarts = self._start(), restarts + 1
            most, spent[name] = max(most, self._process.memory_info().rss), sum(self._process.cpu_times()[:2])
            await asyncio.sleep(LOOK_S)
        seconds = time.monotonic() - started
        if kill:
            self.workers.kill(name)
        else:
            self.workers.stop(name)
        took = {"cpu_s": round(sum(spent.values()), 1), "mb_most": round(most / MB)}
        return seconds, lines, took | ({"restarts": restarts} if restarts else {})

    def _start(self) -> str:
        name, self._number = f"{self._stage}-{self._number}", self._number + 1
        self.workers.start(name)
        self._process = psutil.Process(self.workers.running[name].pid)
        return name


async def takeover(settings: Settings, stack: Stack, folder: Path, records: int, told: Callable[[Point], None]) -> None:
    """One partition of settlement with so many records behind it."""
    stage = "settlement"
    await written(settings, stage, decided(stage, life(VISITS)), [0], records)
    watched, base = Watched(stage, stack, folder), {"part": "takeover", "stage": stage, "records": records}

    def line(lines: list[dict[str, Any]]) -> dict[str, Any]:
        return next(one for one in lines if one["partition"] == 0)

    seconds, lines, took = await watched.taken_over()
    ms = round(seconds * 1000) if "restarts" in took else line(lines)["ms"]
    told({**base, "redis": "empty", "ms": ms, "records_a_second": round(records / ms * 1000), "us_cpu": round(took["cpu_s"] / records * 1e6, 1),
          **took, "redis_mb": _redis_mb(stack)})
    _, lines, took = await watched.taken_over(kill=True)
    told({**base, "redis": "up to date", "ms": line(lines)["ms"], "replayed": line(lines)["replayed"], **took})
    seconds, lines, _ = await watched.taken_over()
    told({**base, "redis": "up to date", "after": "kill -9", "s": round(seconds, 1), "ms": line(lines)["ms"],
          "session_timeout_s": settings.session_timeout_ms / 1000})


async def restore(settings: Settings, stack: Stack, folder: Path, persons: int, stages: list[str], told: Callable[[Point], None]) -> None:
    """So many persons on all partitions, stage by stage, from the topic into an empty Redis."""
    for stage in stages:
        template = decided(stage, life(0))
        await written(settings, stage, template, range(PARTITIONS), persons * len(template) // PARTITIONS)
        before = _redis_mb(stack)
        seconds, lines, took = await Watched(stage, stack, folder).taken_over()
        replayed = sum(line["replayed"] for line in lines)
        told({"part": "restore", "stage": stage, "persons": persons, "records": replayed, "s": round(seconds, 1),
              "records_a_second": round(replayed / seconds), "us_cpu": round(took["cpu_s"] / replayed * 1e6, 1), **took,
              "redis_mb": round(_redis_mb(stack) - before, 1)})


def _redis_mb(stack: Stack) -> float:
    with Redis.from_url(stack.redis) as redis:
        return round(redis.info("memory")["used_memory"] / MB, 1)


async def main(given: argparse.Namespace) -> None:
    found: list[Point] = []

    def told(point: Point) -> None:
        found.append(point)
        print(json.dumps(point), flush=True)

    for part, size in (("takeover", given.records), ("restore", given.persons)):
        if not size:
            continue
        with tempfile.TemporaryDirectory() as name, Stack.start(Path(name) / "data") as stack:
            settings, folder = Settings(kafka=stack.kafka, redis=stack.redis), Path(name)
            await make_topics(settings)
            if part == "takeover":
                await takeover(settings, stack, folder, size, told)
            else:
                await restore(settings, stack, folder, size, given.stages, told)
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recovery", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="0: leave this part out")
    parser.add_argument("--persons", type=int, default=100_000, help="0: leave this part out")
    parser.add_argument("--stages", type=lambda text: text.split(","), default=["filing", "eligibility", "settlement"])
    parser.add_argument("--json", type=Path)
    asyncio.run(main(parser.parse_args()))
