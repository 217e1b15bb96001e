"""What one process does: decides the requests of a shard twice, and gives back sums, changed claims and those that changed most."""

import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contracts.envelope import Record
from contracts.lines import line_record
from contracts.reasons import Reason
from contracts.wire import Event, Unreadable
from policies.book import Book
from services.audit.replay import AMOUNTS
from services.runtime import garbage
from services.whatif import sums
from services.whatif.asked import Asked, Recorded
from services.whatif.columns import SCHEMA, WRITTEN
from services.whatif.reach import Reach
from services.whatif.rows import Chosen, is_claim, label, row_of
from services.whatif.shards import kindred
from services.whatif.twins import PARTITIONS, Twins, sharing_of

MOST, MAX_TOLD = 10, 20
ROWS = 1_000
"""Rows that are held before they become columns, which take a tenth of the memory."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim that changed, with the terminal record under each rulebook."""

    row: dict[str, Any]
    before: Record
    after: Record

    @property
    def rank(self) -> tuple[int, int, str]:
        """The one that changes most first: by what the funds pay, then by what the person bears."""
        return -abs(self.row["fund_change"]), -abs(self.row["own_change"] or 0), self.row["request_id"]


@dataclass(slots=True)
class Against:
    """The decisions under the present rulebook against what was recorded. ``rulebooks``: verdicts by the digest that they name."""

    same: int = 0
    differing: int = 0
    told: list[tuple[str, Recorded, Recorded]] = field(default_factory=list)
    rulebooks: Counter[str] = field(default_factory=Counter)

    def see(self, recorded: Recorded, now: Event, row: dict[str, Any] | None) -> None:
        amounts = tuple(row[f"{name}_before"] for name in AMOUNTS) if row is not None else recorded.amounts
        found = Recorded(now.type, recorded.rulebook, amounts)
        self.rulebooks[recorded.rulebook] += bool(recorded.rulebook)
        if found == recorded:
            self.same += 1
            return
        self.differing += 1
        if len(self.told) < MAX_TOLD:
            self.told.append((now.attributes.request_id, recorded, found))

    def add(self, other: "Against") -> None:
        self.same, self.differing = self.same + other.same, self.differing + other.differing
        self.told = (self.told + other.told)[:MAX_TOLD]
        self.rulebooks += other.rulebooks


@dataclass(slots=True)
class Part:
    """What a shard gives. ``claims``: those that were decided, told or not; ``types``: verdicts that are of another type under the
    draft; ``tables``: sums by the names of ``sums.TABLES``; ``bad``: lines that are no requests."""

    requests: int = 0
    claims: int = 0
    types: Counter[tuple[str, str]] = field(default_factory=Counter)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    most: list[Pair] = field(default_factory=list)
    against: Against = field(default_factory=Against)
    bad: list[tuple[int, tuple[Reason, ...]]] = field(default_factory=list)

    def add(self, other: "Part") -> None:
        """Adds another shard's, but for its tables."""
        self.requests, self.claims = self.requests + other.requests, self.claims + other.claims
        self.types += other.types
        self.most = nsmallest(MOST, (*self.most, *other.most), key=lambda one: one.rank)
        self.against.add(other.against)
        self.bad += other.bad


def start(books: bytes, reach: Reach, chosen: Chosen) -> None:
    """Makes a process ready: it decides under these two rulebooks."""
    global _ready
    _ready = pickle.loads(books), reach, chosen


def start_process(books: bytes, reach: Reach, chosen: Chosen) -> None:
    """The same in a process of its own."""
    start(books, reach, chosen)
    garbage.seldom()


_ready: tuple[tuple[Book, Book], Reach, Chosen] | None = None


def work(path: Path) -> Part:
    """The shard at ``path``; its changed claims are written beside it, and the shard is removed."""
    assert _ready is not None
    part = _decided(path, *_ready)
    path.unlink()
    return part


def _decided(path: Path, books: tuple[Book, Book], reach: Reach, chosen: Chosen) -> Part:
    part, rows, tables = Part(), list[dict[str, Any]](), [SCHEMA.empty_table()]
    for group in kindred(path):
        rows += _group(part, group, books, reach, chosen)
        if len(rows) >= ROWS:
            tables.append(pa.Table.from_pylist(rows, SCHEMA))
            rows.clear()
    table = pa.concat_tables([*tables, pa.Table.from_pylist(rows, SCHEMA)])
    part.tables = sums.of_rows(table)
    pq.write_table(table.filter(pc.field("changed")).select(WRITTEN), path.with_suffix(".parquet"))
    return part


def _group(part: Part, group: Sequence[Asked], books: tuple[Book, Book], reach: Reach, chosen: Chosen) -> Iterator[dict[str, Any]]:
    """The rows of persons who are bound to each other. Those whom the draft does not concern are decided once."""
    requests = [*_records(group, part)]
    sharings = {sharing for _, record in requests if (sharing := sharing_of(record)) is not None}
    twins = Twins(books if any(reach.concerns(record.value) for _, record in requests) else books[:1], sharings)
    for asked, record in requests:
        events = twins.decide(record, asked.named if asked.recorded is not None else None)
        part.requests += 1
        if events and not _bad(part, asked, events[0]) and (row := _compared(part, asked, events[0], events[-1], chosen)) is not None:
            yield row
    twins.rest()


def _compared(part: Part, asked: Asked, before: Event, after: Event, chosen: Chosen) -> dict[str, Any] | None:
    """The row of a claim that is told; None for other requests, of which another verdict is counted all the same."""
    row = row_of(before, after) if is_claim(before, after) else None
    part.claims += row is not None
    if asked.recorded is not None:
        part.against.see(asked.recorded, before, row)
    if not chosen.tells(before, after):
        return None
    if label(before) != label(after):
        part.types[label(before), label(after)] += 1
    if row is not None and row["changed"]:
        pair = Pair(row, _terminal(before), _terminal(after))
        part.most = nsmallest(MOST, (*part.most, pair), key=lambda one: one.rank)
    return row


def _terminal(event: Event) -> Record:
    return Record(event.key, event.value, tuple(event.headers))


def _bad(part: Part, asked: Asked, event: Event) -> bool:
    """A line of a file that is no request is told; on a log it is a verdict like any other."""
    if isinstance(asked.request, bytes) and event.type == "request.unreadable":
        part.bad.append((asked.at, event.body.filed.reasons))
        return True
    return False


def _records(group: Sequence[Asked], part: Part) -> Iterator[tuple[Asked, Record]]:
    """The requests, each with its record."""
    for asked in group:
        try:
            yield asked, _record(asked)
        except Unreadable as bad:
            part.bad.append((asked.at, bad.reasons))


def _record(asked: Asked) -> Record:
    if isinstance(asked.request, bytes):
        return line_record(asked.request, PARTITIONS)
    key, value, headers = asked.request
    return Record(key, value, headers, partition=asked.partition)
