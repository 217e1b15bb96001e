"""A partition of a topic as a log: append, read, bounds."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Protocol

from contracts.envelope import HEADERS, Record
from contracts.log import Gap
from policies.stage import FOLDS


class Log(Protocol):
    """One partition of one topic."""

    topic: str
    partition: int

    async def bounds(self) -> tuple[int, int]:
        """The first offset that is still there, and the next one to be written."""

    async def end(self) -> int:
        """The next offset to be written."""

    async def read(self, offset: int, limit: int) -> list[Record]:
        """At most ``limit`` records from ``offset`` on, in order; at least one unless ``offset`` is the end."""

    async def append(self, records: Sequence[Record]) -> list[int]:
        """Writes all ``records`` in order; returns when each is acknowledged, with their offsets."""


@contextmanager
def gaps_of(log: Log) -> Iterator[None]:
    """A Gap that is met within says that it is of this log."""
    try:
        yield
    except Gap as gap:
        raise Gap(gap.expected, gap.got, f"{log.topic}/{log.partition}") from None


async def whole(log: Log, piece: int = 2000) -> AsyncIterator[Record]:
    """Every record of ``log`` from its start to the end that it has when it is reached."""
    at = 0
    while records := await log.read(at, piece):
        for record in records:
            yield record
        at = records[-1].offset + 1


async def backwards(log: Log, end: int, piece: int) -> AsyncIterator[list[Record]]:
    """The records of ``log`` below ``end``, some ``piece`` at a time, the last one first."""
    first, _ = await log.bounds()
    while end > first:
        start = max(first, end - piece)
        at, records = start, list[Record]()
        while at < end and (read := await log.read(at, end - at)):
            records += [record for record in read if record.offset < end]
            at = read[-1].offset + 1
        yield records[::-1]
        end = start


def record_hash(record: Record) -> str:
    """Hash of all headers and the value of a record, fences included: what the ledger knows a record by."""
    parts = []
    for name, value in record.headers:
        parts.append(_NAMES.get(name) or _sized(name.encode()))
        parts.append(_sized(value if value is not None else b"\xff"))
    parts.append(record.value)
    return sha256(b"".join(parts)).hexdigest()


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


_NAMES = {name: _sized(name.encode()) for name in HEADERS}
"""The usual names of headers as they are hashed."""


def folded_hash(record: Record) -> str:
    """What a ledger of folded states names of the record below its position: its hash, and the version of the folds.

    So states that an earlier version folded do not fit any more, and are folded anew like lost ones.
    """
    return f"{FOLDS}:{record_hash(record)}"
