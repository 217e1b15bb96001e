"""Finds requests on the road: reads logs in order, believes only what is kept, and goes back by ``src``."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType

from contracts.envelope import BadHeaders, Record, join_type, request_attributes
from contracts.keys import partition_of
from contracts.log import Gap, Kept, number
from contracts.topics import topic_map
from contracts.wire import event_of
from services.ledger import Damaged, Ledger
from services.runtime.exits import DataLost
from services.runtime.kafka import KafkaLog
from services.runtime.log import Log, folded_hash
from services.runtime.settings import Settings

PIECE = 2000
LAST = len(topic_map().road) - 1
"""The place of ``yibao.settled``."""
UNREADABLE = join_type("request.unreadable", 1).encode()
Wanted = Callable[[Record], bool]
Told = Callable[[Record], object]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found; ``kept``: it counts. ``place``: its topic's number on the road, 0 is ``yibao.requested``."""

    record: Record
    place: int
    kept: bool = True


class Logs:
    """The logs of the road, opened when they are first read and closed together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[tuple[int, int], KafkaLog] = {}

    def at(self, place: int, partition: int) -> KafkaLog:
        if (place, partition) not in self._open:
            name = self._settings.topic(topic_map().road[place].name)
            self._open[place, partition] = KafkaLog(self._settings, None, name, partition)
        return self._open[place, partition]

    async def __aenter__(self) -> "Logs":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        await asyncio.gather(*(log.close() for log in self._open.values()))


def by_id(id: str) -> Wanted:
    """The records of the request ``id``, or the event that has this id. One that could not be read has an id of its own on the
    road, and is found by the one that its sender gave it too."""
    wanted = id.encode()

    def matches(record: Record) -> bool:
        asked = record.header("ce_requestid")
        if asked is not None:
            return wanted in (asked, record.header("ce_id")) or (_unreadable(record) and _sent_as(record) == wanted)
        return wanted == record.header("ce_id") or _request_id(record) == id

    return matches


def by_visit(mdtrt_id: str) -> Wanted:
    """The records of the claims and quotes of one visit or stay."""
    inside = mdtrt_id.encode()

    def matches(record: Record) -> bool:
        if inside not in record.value:
            return False
        try:
            value = json.loads(record.value)
        except (ValueError, RecursionError):
            return False
        request = value.get("request", value) if isinstance(value, dict) else None
        return isinstance(request, dict) and request.get("mdtrt_id") == mdtrt_id

    return matches


def partitions_for(psn_no: str | None) -> list[int]:
    """The partition of a person, or all."""
    count = topic_map().partitions
    return [partition_of(psn_no.encode(), count)] if psn_no else list(range(count))


async def scan(
    logs: Logs, place: int, partitions: Iterable[int], wanted: Wanted, *, whole: bool, void: bool = False, behind: Told | None = None
) -> list[Hit]:
    """What ``wanted`` picks on one topic: the first one, or with ``whole`` all; ``void``: those that do not count too.

    An unreadable verdict does not end the search: its sender may have sent a better request under the same id. ``behind`` is told
    what counts behind a hit and has its key: then the partition is read to its end.
    """
    hits: list[Hit] = []
    done = False
    for partition in partitions:
        log, kept = logs.at(place, partition), Kept()
        _, end = await log.bounds()  # what comes later is not waited for
        while kept.next < end and (records := await log.read(kept.next, PIECE)):
            for record in records:
                counts = _counts(record, place, kept)
                if not done and (counts or void) and wanted(record):
                    hits.append(Hit(record, place, counts))
                    done = not whole and not _unreadable(record)
                    if done and behind is None:
                        return hits
                elif behind is not None and counts and any(hit.record.key == record.key for hit in hits):
                    behind(record)
        if done:
            break
    return hits


async def found(logs: Logs, partitions: list[int], wanted: Wanted, *, whole: bool) -> list[list[Hit]]:
    """The roads of the requests that ``wanted`` picks, each from its request to the farthest topic that it has reached."""
    for place in reversed(range(len(topic_map().road))):
        if hits := await scan(logs, place, partitions, wanted, whole=whole):
            return [await back(logs, hit) for hit in hits]
    return []


async def back(logs: Logs, hit: Hit) -> list[Hit]:
    """The road of a kept record: what it was decided from, and that from, by ``src``. Raises DataLost."""
    road = [hit]
    while road[0].place > 0:
        record, place = road[0].record, road[0].place - 1
        src = number(record.header("src"))
        caused = await logs.at(place, record.partition).read(src, 1)
        if not caused or caused[0].offset != src:
            raise DataLost(f"{logs.at(place, record.partition).topic}/{record.partition}: record {src} is not there")
        road.insert(0, Hit(caused[0], place))
    return road


async def trusted(log: Log, ledger: Ledger) -> Kept:
    """Where to begin on the ledger's log without reading it whole: its position, if it was made from this very log."""
    try:
        position = await ledger.position()
    except Damaged:
        return Kept()
    first, end = await log.bounds()
    if first < position.pos <= end:
        last = await log.read(position.pos - 1, 1)
        if last and folded_hash(last[0]) == position.hash:
            return Kept(next=position.pos, fence=position.owner, req=position.req, src=position.src)
    return Kept()


def _counts(record: Record, place: int, kept: Kept) -> bool:
    """Requests have no fences: all of them count. Raises DataLost where a record is missing."""
    if place == 0:
        kept.next = record.offset + 1
        return True
    try:
        return kept.feed(record.offset, record.headers)
    except Gap as error:
        raise DataLost(f"{record.topic}/{record.partition}: {error}; 先用 yibao audit verify 核对 / verify it first") from None


def _unreadable(record: Record) -> bool:
    return record.header("ce_type") == UNREADABLE


def _sent_as(record: Record) -> bytes | None:
    """The ``ce_id`` among the headers that an unreadable verdict keeps."""
    try:
        return event_of(record).body.filed.sent("ce_id")
    except (BadHeaders, ValueError, KeyError):
        return None


def _request_id(record: Record) -> str | None:
    try:
        return request_attributes(record.headers).request_id(record.value)
    except BadHeaders:
        return None
