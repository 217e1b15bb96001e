"""One topic of the road in one partition, as the audit reads it: what counts, and what waits for its row."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from contracts.base import Model
from contracts.envelope import Headers, Record
from contracts.log import Gap, Kept, number
from services.runtime.exits import DataLost
from services.runtime.log import Log, gaps_of, record_hash

READ_RECORDS = 500
WAITING_BYTES = 4_000_000
"""Bytes that a lane holds at most, and one fetch of the client's more."""


class Place(Model):
    """The place behind the last record that was judged. ``hash``: of that record; ``-``: none yet."""

    next: int = 0
    fence: int = -1
    req: int = -1
    src: int = -1
    hash: str = "-"


class Waiting(NamedTuple):
    """A record that counts, and when it was first seen here (seconds of a clock that never jumps)."""

    record: Record
    seen: float


class Lane:
    """Reads one log through ``Kept``; the first topic has neither numbers nor fences, so there every record counts."""

    def __init__(self, log: Log, numbered: bool) -> None:
        self.log, self._numbered = log, numbered
        self.kept = Kept()
        self._place = Place()
        self._taken: tuple[Record, int] | None = None
        self._waiting: deque[tuple[Record, float]] = deque()  # what a Waiting says; made one when somebody asks
        self._bytes = self._looked = 0

    async def go_on(self, place: Place) -> str | None:
        """Takes up ``place``; says what stands there instead if the log is another one. Raises DataLost."""
        first, end = await self.log.bounds()
        if first > max(0, place.next - 1):
            raise DataLost(f"{self._where()}: starts at {first}, and {max(0, place.next - 1)} is needed")
        if place.next:
            found = await self.log.read(place.next - 1, 1) if place.next <= end else []
            if not found or found[0].offset != place.next - 1:
                return f"ends at {end}"
            if record_hash(found[0]) != place.hash:
                return record_hash(found[0])
        self._place = place
        self.kept = Kept(next=place.next, fence=place.fence, req=place.req, src=place.src)
        return None

    # --- reading ----------------------------------------------------------------------------------------------------

    async def feed(self, records: Sequence[Record], now: float, judged: int) -> None:
        """Takes records in order; those that count and lie behind request ``judged`` wait. Raises Gap."""
        kept, counts, waiting = self.kept, self.kept.feed if self._numbered else self._next, self._waiting
        with gaps_of(self.log):
            for record in records:
                if not self._numbered and record.offset > kept.next:
                    await self._believe_gap(record)
                if counts(record.offset, record.headers) and kept.req > judged:
                    waiting.append((record, now))
                    self._bytes += len(record.value)

    async def fill(self, req: int, now: float, judged: int) -> None:
        """Reads on until request ``req`` waits here, the lane is full, or the log ends."""
        while self.kept.req < req and self._bytes < WAITING_BYTES:
            records = await self.log.read(self.kept.next, min(READ_RECORDS, req - self.kept.req))
            if not records:
                return
            await self.feed(records, now, judged)

    async def look(self, ahead: int, now: float, judged: int) -> None:
        """Reads what stands there and does not wait for more, so that at most ``ahead`` records wait."""
        end = await self.log.end()
        while self._looked < end > self.kept.next and len(self) < ahead and self._bytes < WAITING_BYTES:
            records = await self.log.read(self.kept.next, min(READ_RECORDS, ahead - len(self)))
            if not records:  # nothing but markers of transactions up to here
                self._looked = end
            await self.feed(records, now, judged)

    async def at_end(self) -> bool:
        """Whether everything that stands in the log was read."""
        return await self.log.end() <= self.kept.next

    # --- what waits -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self, req: int) -> Waiting | None:
        """The record of request ``req``, if it waits."""
        at = req - (self.kept.req - len(self._waiting) + 1)
        return Waiting(*self._waiting[at]) if 0 <= at < len(self._waiting) else None

    def take(self, numbers: range) -> list[Record | None]:
        """The records of these requests, which wait no longer; None for each that is not here. What waits has the numbers up to the
        last one that was read, and none below the first that is taken."""
        absent = min(max(0, self.kept.req - len(self._waiting) + 1 - numbers.start), len(numbers))
        taken = [self._waiting.popleft()[0] for _ in range(min(len(numbers) - absent, len(self._waiting)))]
        if taken:
            self._bytes -= sum(len(record.value) for record in taken)
            self._taken = taken[-1], numbers.start + absent + len(taken) - 1
        return [None] * absent + taken + [None] * (len(numbers) - absent - len(taken))

    @property
    def place(self) -> Place:
        """The place behind the last record taken."""
        if self._taken is not None:
            record, req = self._taken
            own, src = (number(record.header(name)) for name in ("own", "src")) if self._numbered else (-1, -1)
            self._place = Place(next=record.offset + 1, fence=own, req=req, src=src, hash=record_hash(record))
            self._taken = None
        return self._place

    def _next(self, offset: int, _: Headers) -> bool:
        """Whether a request at ``offset`` counts: they have no numbers, and each does once."""
        if offset < self.kept.next:
            return False
        self.kept.next, self.kept.req = offset + 1, self.kept.req + 1
        return True

    async def _believe_gap(self, record: Record) -> None:
        """Requests have no numbers: a gap of offsets (transaction markers) counts only if a fresh read shows it too."""
        again = await self.log.read(self.kept.next, 1)
        if not again or again[0].offset != record.offset:
            raise Gap(self.kept.next, record.offset)

    def _where(self) -> str:
        return f"{self.log.topic}/{self.log.partition}"
