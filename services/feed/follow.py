"""Follows yibao.settled without a consumer group: the folder knows the places. And the same from a dump or a file of records."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from datetime import date

from contracts.envelope import Record
from contracts.log import number
from contracts.topics import topic_map
from services.audit.sources import Source
from services.feed.folder import Folder
from services.feed.lane import Lane
from services.runtime.exits import DataLost
from services.runtime.kafka import KafkaLog
from services.runtime.settings import Settings

SETTLED = topic_map().road[-1].name
PIECE = 500
Said = Callable[[Lane], None]


async def follow(settings: Settings, folder: Folder, once: bool, every_s: float, said: Said = lambda lane: None) -> list[Lane]:
    """Feeds the folder from all partitions; with ``once`` to the ends that they have now, else until it is cancelled.

    While it follows, what waits is written after ``every_s`` seconds at the latest. Raises DataLost, Gap, Unreachable, Unfit.
    """
    partitions = range(topic_map().partitions)
    return [*await asyncio.gather(*(_partition(settings, folder, p, once, every_s, said) for p in partitions))]


async def _partition(settings: Settings, folder: Folder, partition: int, once: bool, every_s: float, said: Said) -> Lane:
    log, lane = KafkaLog(settings, None, settings.topic(SETTLED), partition), Lane(folder, partition)
    try:
        await _fits(log, lane)
        end = (await log.bounds())[1] if once else None
        loop, since = asyncio.get_running_loop(), None
        while end is None or lane.next < end:
            records = await log.read(lane.next, PIECE)
            lane.take(records if end is None else [record for record in records if record.offset < end])
            if not records and once:
                break  # nothing but markers of transactions up to the end
            since = (since or loop.time()) if lane.waiting else None
            if since is not None and end is None and loop.time() - since >= every_s:
                lane.flush()
                since = None
            said(lane)
        lane.flush()
        said(lane)
    finally:
        await log.close()
    return lane


async def _fits(log: KafkaLog, lane: Lane) -> None:
    """The log still holds what comes next, and what is below it is what was read. Raises DataLost."""
    first, end = await log.bounds()
    at = lane.place.next
    if first > max(0, at - 1) or at > end:
        raise DataLost(
            f"{log.topic}/{log.partition}: 现有 {first} 至 {end}，目录已到 {at}：是否截断或重建过？请换一个目录重来 / "
            f"it holds {first} to {end}, and the folder stands at {at}; was it truncated or made anew? Begin again in another folder")
    if at:
        (below,) = await log.read(at - 1, 1)
        lane.check(below)


async def from_source(source: Source, folder: Folder, day: date) -> list[Lane]:
    """Feeds the folder from a dump, whose records have the broker's offsets and times (``day``: of those that have none).

    Goes on behind what the folder holds already. Raises Gap, DataLost, Unfit.
    """
    lanes = []
    for partition in range(topic_map().partitions):
        lane = Lane(folder, partition, day)
        async with aclosing(source.pieces(SETTLED, partition)) as pieces:
            async for piece in pieces:
                for record in piece:
                    _feed(lane, record)
        lane.ended()
        lane.flush()
        lanes.append(lane)
    return lanes


def from_records(records: Iterable[Record], folder: Folder, day: date) -> list[Lane]:
    """Feeds the folder from the records of a file, those of yibao.settled. Goes on behind what it holds already.

    Raises Gap, DataLost, Unfit, ValueError.
    """
    lanes: dict[int, Lane] = {}
    for record in records:
        if not record.topic.endswith(SETTLED):
            continue
        if not 0 <= record.partition < topic_map().partitions:
            raise ValueError(f"没有分区 / there is no partition {record.partition}")
        lane = lanes.get(record.partition) or lanes.setdefault(record.partition, Lane(folder, record.partition, day))
        _feed(lane, record)
    for lane in lanes.values():
        lane.ended()
        lane.flush()
    return [lanes[partition] for partition in sorted(lanes)]


def _feed(lane: Lane, record: Record) -> None:
    """One record of a file: skipped where the folder holds it, and held against the last one that it was fed with."""
    at = record.offset if record.offset >= 0 else number(record.header("req"))
    lane.seen = at + 1
    if at == lane.place.next - 1 and lane.next == lane.place.next:
        lane.check(record)
    if at >= lane.next:
        lane.take([record])
