"""Where the road stands: the ends of its logs, the positions of its stages, and the last numbers that count."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.log import Kept, number
from contracts.topics import topic_map
from contracts.wire import SECTIONS
from services.ledger.base import Damaged, Position
from services.ledger.redis import RedisLedger, connect
from services.runtime.kafka import KafkaLog, known, make_reader, named, started
from services.runtime.log import whole
from services.runtime.settings import Settings
from services.runtime.topics import committed_offsets

COURIER = "courier"


class Watch:
    """A reader of ends, kept open between looks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: AIOKafkaConsumer = make_reader(settings, "watch")
        names = [settings.topic(topic.name) for topic in topic_map().road]
        self._places = [TopicPartition(name, p) for name in names for p in range(topic_map().partitions)]

    async def __aenter__(self) -> "Watch":
        try:
            await started(self._reader, self._settings)
            await known(self._reader, *(place.topic for place in self._places))
        except KafkaError as error:
            await self._reader.stop()
            raise named(error, f"Kafka {self._settings.kafka}") from error
        except BaseException:
            await self._reader.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()

    async def ends(self) -> dict[tuple[str, int], int]:
        """The next offset of every partition of the road."""
        try:
            found = await self._reader.end_offsets(self._places)
        except KafkaError as error:
            raise named(error, "ends") from error
        return {(place.topic, place.partition): end for place, end in found.items()}


@dataclass(frozen=True, slots=True)
class StagePlace:
    """One stage on one partition. ``waiting``: requests that the stage before has and this one not yet."""

    stage: str
    partition: int
    position: Position
    end: int
    waiting: int


async def positions(settings: Settings, stages: Sequence[str] = tuple(SECTIONS)) -> list[list[Position]]:
    """The position of each of ``stages`` on each partition, from Redis."""
    width = topic_map().partitions
    async with aclosing(connect(settings.redis, socket_timeout_seconds=settings.redis_timeout_s)) as redis:
        ledgers = [RedisLedger(redis, stage, p, settings.prefix) for stage in stages for p in range(width)]
        found = [await _position(ledger) for ledger in ledgers]
    return [found[i : i + width] for i in range(0, len(found), width)]


async def _position(ledger: RedisLedger) -> Position:
    """A damaged one counts as the start: a worker that notices it builds it anew from there."""
    try:
        return await ledger.position()
    except Damaged:
        return Position()


async def stage_places(settings: Settings, watch: Watch) -> list[StagePlace]:
    """Every stage and partition, with what waits before it; the courier last."""
    known, ends = await positions(settings), await watch.ends()
    asked = settings.topic(topic_map().road[0].name)
    waiting = await asyncio.gather(*(_asked(settings, asked, p, at.src + 1, ends[asked, p]) for p, at in enumerate(known[0])))
    upstream = [position.req + count for position, count in zip(known[0], waiting, strict=True)]
    places = []
    for stage, row in zip(SECTIONS, known, strict=True):
        out = settings.topic(topic_map().of_stage(stage)[1].name)
        for p, position in enumerate(row):
            places.append(StagePlace(stage, p, position, ends[out, p], max(0, upstream[p] - position.req)))
        upstream = [position.req for position in row]
    return places + await _courier(settings, upstream, ends)


async def _courier(settings: Settings, settled: Sequence[int], ends: Mapping[tuple[str, int], int]) -> list[StagePlace]:
    """The courier, which keeps its place in the offsets of its group: behind the last record that it was done with."""
    name, places = settings.topic(topic_map().road[-1].name), await committed_offsets(settings, COURIER)
    done = await asyncio.gather(*(_req(settings, name, p, places.get(p, 0)) for p in range(len(settled))))
    return [
        StagePlace(COURIER, p, Position(pos=places.get(p, 0), req=req), ends[name, p], max(0, settled[p] - req))
        for p, req in enumerate(done)
    ]


async def _req(settings: Settings, topic: str, partition: int, behind: int) -> int:
    """The number of the record below ``behind``; -1 where there is none."""
    log = KafkaLog(settings, None, topic, partition)
    try:
        found = await log.read(behind - 1, 1) if behind else []
    finally:
        await log.close()
    return number(found[0].header("req")) if found else -1


async def _asked(settings: Settings, topic: str, partition: int, start: int, end: int) -> int:
    """Requests from ``start`` on, also those that wait for a transaction to end: none where only markers and aborted ones stand there."""
    if start >= end:
        return 0
    log = KafkaLog(settings, None, topic, partition)
    try:
        return end - (start if await log.read(start, 1) else await log.end())
    finally:
        await log.close()


async def last_numbers(settings: Settings) -> dict[str, list[int]]:
    """The last kept ``req`` a topic and partition, by reading the logs whole; requests are counted."""
    found: dict[str, list[int]] = {}
    for place, topic in enumerate(topic_map().road):
        name = settings.topic(topic.name)
        logs = [KafkaLog(settings, None, name, p) for p in range(topic.partitions)]
        found[name] = await asyncio.gather(*(_count(log) if place == 0 else _last(log) for log in logs))
    return found


async def _count(log: KafkaLog) -> int:
    try:
        return (await log.bounds())[1] - 1
    finally:
        await log.close()


async def _last(log: KafkaLog) -> int:
    kept = Kept()
    try:
        async for record in whole(log):
            kept.feed(record.offset, record.headers)
    finally:
        await log.close()
    return kept.req
