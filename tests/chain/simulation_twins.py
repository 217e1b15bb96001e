"""Twins of logs and ledgers on which somebody else decides when each operation goes on."""

import asyncio
import types
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from contracts.envelope import Record
from services.ledger.base import Ledger, Position
from services.runtime.log import MemoryLog, MemoryTopic, folded_hash


@types.coroutine
def pause(what: str) -> Generator[str, None, None]:
    """Hands control to the scheduler; ``what`` comes next. Only ``send`` resumes it: under asyncio it is an error."""
    yield what


@dataclass(slots=True)
class GappyTopic(MemoryTopic):
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


class GappyLog(MemoryLog):
    """Reads any topic in memory by offset, with gaps or without."""

    async def bounds(self) -> tuple[int, int]:
        first, end = await super().bounds()
        return first, self._topic.end if isinstance(self._topic, GappyTopic) else end

    async def read(self, offset: int, limit: int) -> list[Record]:
        if not isinstance(self._topic, GappyTopic):
            return await super().read(offset, limit)
        await asyncio.sleep(0)
        return [record for record in self._topic.records if record.offset >= offset][:limit]


class SentLog(MemoryLog):
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
        records = self._topic.records[: new.pos]
        fence = next((r.offset for r in reversed(records) if r.header("fence") is not None), -1)
        if len(records) < new.pos or folded_hash(records[-1]) != new.hash or fence != new.owner:
            raise Untrue(f"{self._topic.name}: {new} was applied; the log has {len(records)} records, fence {fence}")

    async def discard(self, expected: Position) -> None:
        await pause("discard")
        await self._ledger.discard(expected)

    async def read(self, fields: Sequence[str]) -> dict[str, bytes | None]:
        await pause("inquire")
        return await self._ledger.read(fields)
