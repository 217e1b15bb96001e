"""Proves a recorded road from its topics alone: nothing lost, doubled, altered or out of order, every verdict decided again.

One partition after the other, its five topics read in step, request by request. What is held: of each topic at most a piece
and the requests looked through, of each fence its offset; the states of persons lie on disk (``Shelf``).
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, fields

from contracts.envelope import Record
from contracts.events.audit import FINDINGS, AuditFound, finding
from contracts.events.seal import KeptSeal
from contracts.topics import topic_map
from policies.book import Book, built_in
from policies.chain import judge
from policies.continuity import Followed, compare
from policies.judged import Row, shown
from policies.redecide import Redecider
from policies.stage import State
from services.audit.letters import Letters
from services.audit.manifest import ROAD
from services.audit.seals import SEALED, SealCheck
from services.audit.shelf import Shelf
from services.audit.sources import Source
from services.audit.strand import Strand

ROWS_HELD = 1000
"""Requests whose states are held in memory before they go to the shelf."""
MAX_FOUND = 1000
"""Findings that are kept; the others are counted."""


@dataclass(frozen=True, slots=True)
class Window:
    """Requests whose record the broker took from ``start`` on and before ``end``, in milliseconds; None: no bound."""

    start: int | None = None
    end: int | None = None

    def before(self, at: int) -> bool:
        return self.start is not None and at < self.start

    def behind(self, at: int) -> bool:
        return self.end is not None and at >= self.end


@dataclass(slots=True)
class Report:
    """What was read and found. ``again``: verdicts decided again; ``undecidable``: by rulebook or version not at hand. Of the seals
    ``cut`` were made before their interval was whole, ``beside`` stand beside the chain; requests in none are ``unsealed``."""

    requests: int = 0
    records: Counter[str] = field(default_factory=Counter)
    fences: int = 0
    void: int = 0
    odd: int = 0
    again: int = 0
    undecidable: Counter[str] = field(default_factory=Counter)
    seals: int = 0
    signed: int = 0
    cut: int = 0
    beside: int = 0
    unsealed: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    found: list[AuditFound] = field(default_factory=list)
    letters: Letters = field(default_factory=Letters)

    def add(self, one: AuditFound) -> None:
        self.codes[one.code] += 1
        if len(self.found) < MAX_FOUND:
            self.found.append(one)

    def merge(self, other: "Report") -> None:
        """Adds what was read and found of other partitions."""
        for one in fields(self):
            mine, its = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Counter):
                mine.update(its)
            elif isinstance(mine, int):
                setattr(self, one.name, mine + its)
        self.found += other.found[: MAX_FOUND - len(self.found)]
        self.letters.merge(other.letters)

    def whole(self) -> "Report":
        """The report of all partitions, with what only all of them tell."""
        for one in sorted(self.letters.unfounded(), key=lambda one: (one.partition, one.offset)):
            self.add(one)
        return self

    @property
    def errors(self) -> int:
        return sum(count for code, count in self.codes.items() if FINDINGS[code].severity == "error")


@dataclass(slots=True)
class Verifier:
    """``book``: decides what names no rulebook, and knows the others that are at hand. ``kept``: seals from elsewhere;
    ``key``: the public key that must have signed all seals."""

    source: Source
    book: Book
    window: Window = Window()
    told: Callable[[int], object] = lambda _: None
    report: Report = field(default_factory=Report)
    kept: Sequence[KeptSeal] = ()
    key: str | None = None

    async def run(self, partitions: Sequence[int]) -> Report:
        """Verifies ``partitions``, one after the other."""
        with Shelf() as shelf:
            for partition in partitions:
                reading = _Partition(self, partition, shelf)
                try:
                    await reading.run()
                finally:
                    await reading.close()
                shelf.clear()
        return self.report


class _Partition:
    def __init__(self, verifier: Verifier, partition: int, shelf: Shelf) -> None:
        self._of, self._report, self._partition, self._shelf = verifier, verifier.report, partition, shelf
        self._strands = [
            Strand(name, partition, verifier.source.pieces(name, partition), place > 0, self._teller(name)) for place, name in enumerate(ROAD)]
        self._again = Redecider(verifier.book, shelf.of)
        self._followed = State(Followed(), strict=False, behind=shelf.of("audit"))
        self._rows = 0
        self._unfinished: dict[int, tuple[Record, int]] = {}
        self._waiting: Counter[int] = Counter()

    async def run(self) -> None:
        sealed = [record async for piece in self._of.source.pieces(SEALED, self._partition) for record in piece]
        kept = [one for one in self._of.kept if one.partition == self._partition]
        self._seals = SealCheck(sealed, kept, self._of.key, self._tell_seal)
        async for row in self.each():
            at = next((record.timestamp_ms for record in row.records if record is not None), -1)
            if self._of.window.behind(at):
                break
            self._verify(row, told=not self._of.window.before(at))
            self._rows += 1
            if self._rows % ROWS_HELD == 0:
                self._spill()
        else:
            await self._rest()
            self._seals.rest()
        self._unsealed()
        self._sum()

    async def close(self) -> None:
        for strand in self._strands:
            await strand.close()

    def _verify(self, row: Row, told: bool) -> None:
        judged = judge(row, topic_map().partitions)
        compare(judged, self._followed)
        self._seals.count(judged)
        self._again.follow(judged, decide=told)
        self._report.letters.follow(row, told)
        if told:
            self._report.requests += 1
            for one in judged.found:
                self._report.add(one)
        self._of.told(1)

    def _spill(self) -> None:
        self._shelf.put("audit", self._followed.spilled())
        for name, states in self._again.spilled().items():
            self._shelf.put(name, states)

    def _sum(self) -> None:
        report = self._report
        report.seals += len(self._seals)
        report.signed += self._seals.signed
        report.cut += self._seals.cut
        report.beside += self._seals.beside
        report.unsealed += self._seals.unsealed
        report.again += self._again.again
        report.undecidable += self._again.undecidable
        for strand in self._strands:
            report.records[strand.topic] += strand.records
            report.fences += strand.kept.fences
            report.void += strand.kept.void
            report.odd += strand.kept.odd

    # --- rows -------------------------------------------------------------------------------------------------------

    async def each(self) -> AsyncGenerator[Row, None]:
        """Every request that one of the four stages has a record of, in order."""
        while True:
            heads = [await strand.head() for strand in self._strands[1:]]
            numbers = [head[0] for head in heads if head is not None]
            if not numbers:
                return
            req = min(numbers)
            records = [strand.take() if head is not None and head[0] == req else None for strand, head in zip(self._strands[1:], heads, strict=True)]
            requested = None
            if (filed := records[0]) is not None:
                passed, requested = await self._strands[0].cause_of(filed)
                for number, record in passed:
                    self._tell("passed_over", ROAD[0], record, number)
            row = Row(self._partition, req, (requested, *records))
            self._complete(row, heads)
            yield row

    def _complete(self, row: Row, heads: Sequence[tuple[int, Record] | None]) -> None:
        """Tells a request that a topic lacks; where the topic has ended, it is counted as unfinished."""
        for place in range(1, len(ROAD)):
            record = row.records[place - 1]
            if record is None or row.records[place] is not None:
                continue
            if heads[place - 1] is not None:
                self._tell("passed_over", ROAD[place - 1], record, row.req)
            else:
                self._wait(place - 1, record, row.req)

    async def _rest(self) -> None:
        """Requests that no stage has a record of; and what is unfinished, once a topic."""
        while (head := await self._strands[0].head()) is not None:
            self._wait(0, self._strands[0].take(), head[0])
        for place, (record, req) in self._unfinished.items():
            waiting = str(self._waiting[place])
            self._report.add(finding("unfinished", ROAD[place], self._partition, record.offset, req, _id(record), detail=waiting))

    def _unsealed(self) -> None:
        """Requests that no seal of the demanded key tells of, where it is not the last interval that waits for its end."""
        if self._seals.lacking and (bare := self._seals.bare) is not None:
            place = max(place for place, record in enumerate(bare.row.records) if record is not None)
            bare.tell("unsealed", place, detail=str(self._seals.lacking))
            self._report.add(bare.found[-1])

    def _wait(self, place: int, record: Record, req: int) -> None:
        self._waiting[place] += 1
        self._unfinished.setdefault(place, (record, req))

    # --- telling ----------------------------------------------------------------------------------------------------

    def _tell_seal(self, code: str, offset: int, req: int, found: object, expected: object, detail: str) -> None:
        self._report.add(finding(code, SEALED, self._partition, offset, req, None, shown(found), shown(expected), detail))

    def _teller(self, topic: str) -> Callable[[str, Record, int, object, object], None]:
        return lambda code, record, req, found, expected: self._tell(code, topic, record, req, found, expected)

    def _tell(self, code: str, topic: str, record: Record, req: int, found: object = "", expected: object = "") -> None:
        self._report.add(finding(code, topic, self._partition, record.offset, req, _id(record), shown(found), shown(expected)))


def _id(record: Record) -> str | None:
    id = record.header("ce_requestid") or record.header("ce_id")
    return shown(id) if id else None


async def rows_of(source: Source, partition: int) -> AsyncGenerator[Row, None]:
    """The requests of a partition, each with its records that count, judged by nobody."""
    verifier = Verifier(source, built_in())
    with Shelf() as shelf:
        reading = _Partition(verifier, partition, shelf)
        try:
            async for row in reading.each():
                yield row
        finally:
            await reading.close()
