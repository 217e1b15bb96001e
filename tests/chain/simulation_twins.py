"""Twins of logs and ledgers on which somebody else decides when each operation goes on."""

import types
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from random import Random
from typing import Any

from contracts.envelope import Record
from services.ledger.base import Ledger, Position
from services.runtime.exits import DataLost
from services.runtime.log import folded_hash
from services.runtime.meanwhile import Meanwhile
from tests.memory import MemoryLog, MemoryTopic


@types.coroutine
def pause(what: str) -> Generator[str, None, None]:
    """Hands control to the scheduler; ``what`` comes next. Only ``send`` resumes it: under asyncio it is an error."""
    yield what


@dataclass(slots=True)
class KeptTopic(MemoryTopic):
    """A topic of which readers see only what lies from ``retained`` on; ``records`` holds all of it, for the check."""

    retained: int = 0


@dataclass(slots=True)
class GappyTopic(KeptTopic):
    """A topic whose offsets have gaps, as the markers of transactions leave them."""

    end: int = 0

    def add(self, records: Sequence[Record]) -> list[int]:
        found = [
            replace(r, offset=self.end + i, partition=self.partition, topic=self.name) for i, r in enumerate(records)
        ]
        self.records += found
        self.end += len(found)
        return [record.offset for record in found]

    def skip(self, count: int) -> None:
        """The next ``count`` offsets hold nothing that a reader sees."""
        self.end += count


class KeptLog(MemoryLog):
    """Reads a topic whose beginning may be gone, as KafkaLog does: from there on, or DataLost."""

    async def bounds(self) -> tuple[int, int]:
        first, end = await super().bounds()
        return max(first, getattr(self._topic, "retained", 0)), end

    async def read(self, offset: int, limit: int) -> list[Record]:
        if offset < getattr(self._topic, "retained", 0):
            raise DataLost(f"{self.topic}/{self.partition}: no longer holds {offset}")
        return await super().read(offset, limit)


class GappyLog(KeptLog):
    """Reads any topic in memory by offset, with gaps or without."""

    async def bounds(self) -> tuple[int, int]:
        first, end = await super().bounds()
        return first, self._topic.end if isinstance(self._topic, GappyTopic) else end

    async def read(self, offset: int, limit: int) -> list[Record]:
        if not isinstance(self._topic, GappyTopic):
            return await super().read(offset, limit)
        await super().read(offset, 1)
        found = self._topic.records
        at = bisect_left(found, offset, key=attrgetter("offset"))
        return found[at : at + limit]


class SentLog(KeptLog):
    """What is appended lies in ``queue``, in pieces, until the scheduler stores it and tells the offsets."""

    def __init__(self, topic: MemoryTopic, queue: deque[list[Record]], offsets: list[int], rng: Random) -> None:
        super().__init__(topic)
        self._queue, self._offsets, self._rng = queue, offsets, rng

    async def append(self, records: Sequence[Record]) -> list[int]:
        await pause("append")
        at = 0
        self._offsets.clear()
        while at < len(records):
            size = self._rng.randint(1, 3)
            self._queue.append(list(records[at : at + size]))
            at += size
        while len(self._offsets) < len(records):
            await pause("waits")
        return list(self._offsets)


class Later(Meanwhile):
    """Does its work only when it has to have ended: as late as an event loop may."""

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.ended()

    async def begin(self, work: Callable[..., Any], *given: Any) -> None:
        await self.ended()
        self._later = lambda: work(*given)

    async def ended(self) -> None:
        work, self._later = self._later, None
        if work is not None:
            await work()

    _later: Callable[[], Any] | None = None


class Untrue(AssertionError):
    """A worker has written into the ledger what the log does not say."""


class PausedLedger:
    """A ledger with a pause before each call; the call itself is atomic, as a script is.

    What has been applied is compared with the log at once: ``hash`` is that of the record below ``pos``, and ``owner``
    is the latest fence below ``pos``.
    """

    def __init__(self, ledger: Ledger, topic: MemoryTopic) -> None:
        self._ledger, self._topic = ledger, topic

    async def position(self) -> Position:
        await pause("position")
        return await self._ledger.position()

    async def load(self, expected: Position, fields: Sequence[str]) -> dict[str, bytes | None]:
        await pause("load")
        return await self._ledger.load(expected, fields)

    async def apply(self, expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
        await pause("apply")
        await self._ledger.apply(expected, new, writes)
        records = self._topic.records
        below = range(min(new.pos, len(records)) - 1, -1, -1)
        fence = next((at for at in below if records[at].header("fence") is not None), -1)
        if len(records) < new.pos or folded_hash(records[new.pos - 1]) != new.hash or fence != new.owner:
            raise Untrue(f"{self._topic.name}: {new} was applied; the log has {len(records)} records, fence {fence}")

    async def discard(self, expected: Position) -> None:
        await pause("discard")
        await self._ledger.discard(expected)

    async def read(self, fields: Sequence[str]) -> dict[str, bytes | None]:
        await pause("inquire")
        return await self._ledger.read(fields)
