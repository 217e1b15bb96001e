"""One topic of one partition, read once from its start: the records that count, and what is wrong with their order.

Where a worker stops at a gap (what was there may have been a fence), an auditor tells it and goes on by the word of the
next record, so that one missing record is one finding.
"""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from itertools import islice

from contracts.envelope import Record
from contracts.log import Kept, number
from contracts.wire import wrap

AHEAD = 64
"""Requests that are looked through for the one that a record was decided from."""
MAX_FENCES = 10_000
Tell = Callable[[str, Record, int, object, object], None]
"""Is told code, record, number of the request, value found and value expected."""
_FENCE = frozenset({"fence", "brake"})


class Strand:
    """``numbered``: the topic has fences and numbers; the first one has not, there every record counts."""

    def __init__(self, topic: str, partition: int, pieces: AsyncGenerator[Sequence[Record], None], numbered: bool, tell: Tell) -> None:
        self.topic, self._partition, self.records, self.kept = topic, partition, 0, Kept()
        self._pieces, self._numbered, self._tell = pieces, numbered, tell
        self._ahead: deque[tuple[int, Record]] = deque()
        self._fences: set[int] = set()
        self._missing = -1

    async def head(self) -> tuple[int, Record] | None:
        """Number and record of the next one that counts; None at the end."""
        return self._ahead[0] if await self._holds(1) else None

    def take(self) -> Record:
        return self._ahead.popleft()[1]

    async def close(self) -> None:
        """Ends the reading, wherever it is."""
        await self._pieces.aclose()

    async def cause_of(self, filed: Record) -> tuple[list[tuple[int, Record]], Record | None]:
        """The request that ``filed`` was decided from, and those before it that were passed over."""
        src = number(filed.header("src"))
        await self._holds(1)
        if not (self._ahead and _is_cause(self._ahead[0][1], filed, src)):
            await self._holds(AHEAD)
        for at, (_, record) in enumerate(islice(self._ahead, AHEAD)):
            if _is_cause(record, filed, src):
                return [self._ahead.popleft() for _ in range(at)], self.take()
        return [], None

    async def _holds(self, count: int) -> bool:
        while len(self._ahead) < count and (piece := await anext(self._pieces, None)) is not None:
            for record in piece:
                self.records += 1
                if self._counts(record):
                    self._ahead.append((self.kept.req, record))
        return len(self._ahead) >= count

    # --- order ------------------------------------------------------------------------------------------------------

    def _counts(self, record: Record) -> bool:
        kept = self.kept
        if (record.topic, record.partition) != (self.topic, self._partition):
            self._tell("misplaced", record, kept.req + 1, f"{record.topic}/{record.partition}", f"{self.topic}/{self._partition}")
        if record.offset < kept.next:
            self._tell("out_of_order", record, kept.req + 1, record.offset, kept.next)
            return False
        if not self._numbered:
            kept.next, kept.req = record.offset + 1, kept.req + 1
            return True
        if record.offset > kept.next:
            self._tell("gap", record, kept.req + 1, record.offset, kept.next)
            self._missing, kept.next = kept.next, record.offset
        if record.header("fence") is not None:
            self._fence(record)
        else:
            self._number(record)
        odd = kept.odd
        counts = kept.feed(record.offset, record.headers)
        if kept.odd > odd and number(record.header("src")) < 0:
            self._tell("source_differs", record, kept.req + 1, record.header("src"), "")
        return counts

    def _fence(self, record: Record) -> None:
        self._missing = -1
        if len(self._fences) < MAX_FENCES:
            self._fences.add(record.offset)
        strange = [name for name, _ in record.headers if name not in _FENCE]
        token = record.header("fence") or b""
        if record.key is not None or record.value or strange or not token:
            self._tell("fence_changed", record, self.kept.req + 1, (record.key, record.value[:80], record.headers), "key, value: none")

    def _number(self, record: Record) -> None:
        """Tells a number that is not the next one, and an owner that never was; goes on by the record's own word."""
        kept, own, req = self.kept, number(record.header("own")), number(record.header("req"))
        if own != kept.fence and 0 <= self._missing <= own < record.offset:
            kept.fence = own  # its fence was among what is missing
            self._fences.add(own)
        if own != kept.fence:
            if own not in self._fences and len(self._fences) < MAX_FENCES:
                self._tell("owner_unknown", record, kept.req + 1, record.header("own"), kept.fence)
            return
        if req != kept.req + 1:
            if self._missing < 0 or req <= kept.req:
                self._tell("number_differs", record, kept.req + 1, record.header("req"), kept.req + 1)
            kept.req = max(kept.req, req - 1)
        self._missing = -1


def _is_cause(record: Record, filed: Record, src: int) -> bool:
    return record.offset == src or filed.value.startswith(wrap(record.value)[:-1])
