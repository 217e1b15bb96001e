"""The copies on ``yibao.dead``: read in order, each once, and the request that each was made of."""

import base64
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from contracts.envelope import Record
from contracts.events.audit import RequestDead
from contracts.keys import content_hash
from contracts.topics import topic_map
from services.cli.console import fail
from services.runtime.kafka import KafkaLog
from services.runtime.settings import Settings

DEAD, REQUESTED = "yibao.dead", topic_map().road[0].name
PIECE = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """One copy, and where it stands on ``yibao.dead``. ``written_ms``: the broker's time."""

    dead: RequestDead
    partition: int
    offset: int
    written_ms: int

    @property
    def id(self) -> str:
        return self.dead.id

    @property
    def codes(self) -> list[str]:
        return [why.code for why in self.dead.reasons]

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.written_ms / 1000, UTC).isoformat(timespec="seconds")

    @property
    def place(self) -> str:
        origin = self.dead.origin
        return f"{origin.topic}/{origin.partition}/{origin.offset}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which copies are wanted. Times in milliseconds; None: any."""

    reason: str | None = None
    partition: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    def takes(self, letter: Letter) -> bool:
        in_time = self.until_ms is None or letter.written_ms < self.until_ms
        return in_time and (self.reason is None or self.reason in letter.codes)

    @property
    def partitions(self) -> list[int]:
        return [self.partition] if self.partition is not None else list(range(topic_map().partitions))


async def letters(settings: Settings, chosen: Chosen = Chosen()) -> AsyncIterator[Letter]:
    """The copies that are wanted, partition by partition, in order. The audit may write one twice: each comes once."""
    for partition in chosen.partitions:
        log, seen = KafkaLog(settings, None, settings.topic(DEAD), partition), set[str]()
        try:
            first, end = await log.bounds()
            at = max(first, await log.offset_at(chosen.since_ms)) if chosen.since_ms is not None else first
            while at < end and (records := await log.read(at, PIECE)):
                at = records[-1].offset + 1
                for letter in _letters(records):
                    if letter.id not in seen and chosen.takes(letter):
                        seen.add(letter.id)
                        yield letter
        finally:
            await log.close()


def _letters(records: list[Record]) -> Iterator[Letter]:
    """What is no copy of ours is passed over."""
    for record in records:
        with contextlib.suppress(ValidationError):
            yield Letter(RequestDead.model_validate_json(record.value), record.partition, record.offset, record.timestamp_ms)


async def letter_of(settings: Settings, id: str) -> Letter:
    """The copy with this id, or of the request with this id. Ends the command where there is none."""
    async for letter in letters(settings):
        if id in (letter.id, letter.dead.request_id):
            return letter
    fail(f"{id}: yibao.dead 上没有；编号见 yibao dead list / is not on yibao.dead; yibao dead list shows the ids")


async def original(settings: Settings, letter: Letter) -> Record:
    """The request itself, from where it stands; the copy holds only its beginning. Ends the command if it is not there."""
    origin, dead = letter.dead.origin, letter.dead
    log = KafkaLog(settings, None, settings.topic(origin.topic), origin.partition)
    try:
        first, end = await log.bounds()
        found = await log.read(origin.offset, 1) if first <= origin.offset < end else []
    finally:
        await log.close()
    if found and found[0].offset == origin.offset and content_hash(found[0].value) == dead.sha256:
        return found[0]
    raw = base64.b64decode(dead.raw_base64)
    if content_hash(raw) != dead.sha256:
        fail(
            f"{letter.place}: 原请求已不在，副本只有前 {len(raw)} 字节（共 {dead.size}）；请发送方重发 / the request is gone, and the copy "
            f"holds only the first {len(raw)} of {dead.size} bytes; ask the sender to send it again")
    headers = tuple(header.pair for header in dead.headers)
    key = base64.b64decode(dead.key_base64) if dead.key_base64 is not None else None
    return Record(key, raw, headers, origin.offset, origin.partition, origin.topic)
