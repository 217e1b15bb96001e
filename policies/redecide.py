"""Every verdict decided again: by each stage, from the record that it was decided from and the state that the log gives.

The states are folded from what is recorded, right or wrong, so that one false verdict is told once and what was built on it
is not. Each verdict is decided with the rulebook whose digest it names, and what it settles again with the one that the first
decision named. Where a rulebook, or the version of ``policies``, is not at hand, the verdict is counted as undecidable and
folded, never guessed. One that says which rulebook was not at hand when it was made is decided without that one.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from contracts.envelope import BadHeaders, Record
from contracts.events.reversal import Reversed
from contracts.topics import topic_map
from contracts.wire import SECTIONS, Event, event_of, wrap
from policies import VERSION
from policies.book import Book
from policies.deciding import decided
from policies.due import SEEN, grown_by
from policies.judged import Judged, around
from policies.reversal.again import lacked
from policies.road import STAGES, stage_named
from policies.stage import Stage, State

_NAMED = re.compile(rb'\{(?:"version":[0-9]+,)?"rulebook":"([0-9a-f]{64})","policies":"([0-9.]{1,30})"')


class Redecider:
    """The four stages of one partition. ``book`` decides what names no rulebook, and knows the others that are at hand.

    ``behind``: what holds the states of a stage beyond those that are held here until ``spilled`` is called.
    """

    def __init__(self, book: Book, behind: Callable[[str], Mapping[str, bytes] | None] = lambda _: None) -> None:
        self._book = book
        self._stages = {name: (book, stage_named(name, book)) for name in STAGES}
        self._states = {name: State(stage, strict=False, behind=behind(name)) for name, (_, stage) in self._stages.items()}
        self.again, self.undecidable = 0, Counter[str]()

    def spilled(self) -> dict[str, dict[str, bytes]]:
        """By stage, the states that changed; what lies behind holds them from now on."""
        return {name: state.spilled() for name, state in self._states.items()}

    def follow(self, judged: Judged, decide: bool = True) -> None:
        """Decides the row's verdicts again, and folds them as they are recorded; without ``decide`` only folds."""
        before = judged.first
        for place, name in enumerate(STAGES, 1):
            record, cause = judged.row.records[place], judged.row.records[place - 1]
            if record is None or cause is None:
                before = None
                self._fold(name, record)
                continue
            try:
                before = self._followed(judged, place, name, before, decide)
            except Exception as error:  # a record may hold anything; what stands behind it is decided all the same
                judged.tell("cannot_check", place, detail=f"{type(error).__name__}: {error}")
                before = None
                self._fold(name, record)

    def _followed(self, judged: Judged, place: int, name: str, before: Event | None, decide: bool) -> Event | None:
        cause, record = judged.row.records[place - 1], judged.row.records[place]
        assert cause is not None and record is not None
        book = self._book_of(judged, place, name) if decide else None
        if book is None:
            self._fold(name, record)
            return None
        gone, state = _lacked(record), self._states[name]
        stage = self._stage(name, replace(book, kept=Without(book.kept, gone)) if gone else book)
        state.under(stage)
        event = before or stage.read(cause, judged.row.partition, topic_map().partitions)
        due, changed = decided(stage, event, state, book.digest)
        if missing := [digest for digest in _lacked(due) if digest not in gone]:
            self._uncounted(judged, place, "rulebook_unknown", missing[0])
            self._fold(name, record)
            return None
        self.again += 1
        if due.value == record.value and _is_named(record, due):
            state.put(changed)
            return due
        known = due.type in SEEN and _type(record) not in SEEN and name == "filing"
        judged.tell("effect_twice" if known else "decided_otherwise", place, *around(record.value, due.value), name)
        self._fold(name, record, due)
        return None

    def _book_of(self, judged: Judged, place: int, name: str) -> Book | None:
        """The rulebook that the verdict names; None, counted and told once, where it cannot be decided again."""
        cause, record = judged.row.records[place - 1 : place + 1]
        assert cause is not None and record is not None
        grown = grown_by(wrap(cause.value) if place == 1 else cause.value, record.value, SECTIONS[name])
        found = _NAMED.match(grown) if grown is not None else None
        if found is None:
            return self._book
        digest, version = found[1].decode(), found[2].decode()
        book = self._book.named(digest) if digest not in self.undecidable else None
        if book is not None and version == VERSION:
            return book
        self._uncounted(judged, place, *(("rulebook_unknown", digest) if book is None else ("policies_unknown", version)))
        return None

    def _stage(self, name: str, book: Book) -> Stage:
        """The stage under ``book``; the last one of each name is at hand."""
        held, stage = self._stages[name]
        if held is not book:
            stage = stage_named(name, book)
            self._stages[name] = book, stage
        return stage

    def _uncounted(self, judged: Judged, place: int, code: str, what: str) -> None:
        """Counts a verdict that cannot be decided again; tells of each cause once."""
        if what not in self.undecidable:
            altered = self._book.altered.get(what)
            judged.tell(*(("rulebook_altered", place, altered, what) if altered is not None else (code, place, what)), detail=what)
        self.undecidable[what] += 1

    def _fold(self, name: str, record: Record | None, due: Event | None = None) -> None:
        """Folds what is recorded; where that fits nothing, what is due."""
        state = self._states[name]
        try:
            if record is not None:
                state.fold(event_of(record))
        except Exception:  # it may hold anything; what is wrong with it was told
            if due is not None:
                state.fold(due)


class Without(Mapping[str, Book]):
    """The rulebooks of ``kept`` but for some that are taken for not at hand."""

    def __init__(self, kept: Mapping[str, Book], gone: Collection[str]) -> None:
        self._kept, self._gone = kept, gone

    def __getitem__(self, digest: str) -> Book:
        if digest in self._gone:
            raise KeyError(digest)
        return self._kept[digest]

    def __iter__(self) -> Iterator[str]:
        return (digest for digest in self._kept if digest not in self._gone)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _lacked(found: Record | Event) -> tuple[str, ...]:
    """The rulebooks that a verdict says were not at hand; mostly none, and then nothing is read."""
    if b'"other_rulebook"' not in found.value:
        return ()
    settled = getattr((found if isinstance(found, Event) else event_of(found)).body, "settled", None)
    return lacked(settled) if isinstance(settled, Reversed) else ()


def _is_named(record: Record, due: Event) -> bool:
    """Whether a record is of the type that is due; where it begins with the headers that are due, they need no reading."""
    return record.headers[: len(due.headers)] == due.headers or due.type == _type(record)


def _type(record: Record) -> str:
    """The name of the record's type; empty where it names none."""
    try:
        return event_of(record).type
    except BadHeaders:
        return ""
