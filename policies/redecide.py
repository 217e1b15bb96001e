"""Every verdict decided again: by each stage, from the record that it was decided from and the state that the log gives.

The states are folded from what is recorded, right or wrong, so that one false verdict is told once and what was built on it
is not. Each verdict is decided with the rulebook whose digest it names; where that book, or the version of ``policies``, is
not at hand, the verdict is counted as undecidable and folded, never guessed.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping

from contracts.envelope import BadHeaders, Record
from contracts.topics import topic_map
from contracts.wire import SECTIONS, Event, event_of, wrap
from policies import VERSION
from policies.book import Book
from policies.deciding import decided
from policies.due import SEEN, grown_by
from policies.judged import Judged, around
from policies.road import STAGES, stage_named
from policies.stage import State

_NAMED = re.compile(rb'\{(?:"version":[0-9]+,)?"rulebook":"([0-9a-f]{64})","policies":"([0-9.]{1,30})"')


class Redecider:
    """The four stages of one partition. ``books`` by digest; verdicts that name none are decided with ``book``.

    ``behind``: what holds the states of a stage beyond those that are held here until ``spilled`` is called.
    """

    def __init__(self, book: Book, books: Mapping[str, Book], behind: Callable[[str], Mapping[str, bytes] | None] = lambda _: None) -> None:
        self._book, self._books = book, {**books, book.digest: book}
        self._stages = {(name, digest): stage_named(name, one) for digest, one in self._books.items() for name in STAGES}
        self._states = {name: State(self._stages[name, book.digest], strict=False, behind=behind(name)) for name in STAGES}
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

    def _followed(self, judged: Judged, place: int, name: str, before: Event | None, decide: bool) -> Event | None:
        cause, record = judged.row.records[place - 1], judged.row.records[place]
        assert cause is not None and record is not None
        book = self._book_of(judged, place, name) if decide else None
        if book is None:
            self._fold(name, record)
            return None
        stage, state = self._stages[name, book.digest], self._states[name]
        state.under(stage)
        event = before or stage.read(cause, judged.row.partition, topic_map().partitions)
        due, changed = decided(stage, event, state, book.digest)
        self.again += 1
        if due.value == record.value and due.type == _type(record):
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
        book = self._books.get(digest)
        if book is not None and version == VERSION:
            return book
        code, what = ("rulebook_unknown", digest) if book is None else ("policies_unknown", version)
        if what not in self.undecidable:
            judged.tell(code, place, what, detail=what)
        self.undecidable[what] += 1
        return None

    def _fold(self, name: str, record: Record | None, due: Event | None = None) -> None:
        """Folds what is recorded; where that fits nothing, what is due."""
        state = self._states[name]
        try:
            if record is not None:
                state.fold(event_of(record))
        except Exception:  # it may hold anything; what is wrong with it was told
            if due is not None:
                state.fold(due)


def _type(record: Record) -> str:
    """The name of the record's type; empty where it names none."""
    try:
        return event_of(record).type
    except BadHeaders:
        return ""
