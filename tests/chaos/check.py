"""What must hold when a run is over, worked out from ``yibao.requested`` alone, partition by partition.

Each record is decided again in this process, with the rulebook that its section names; nothing asks a worker.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import loads
from typing import Any

from contracts.envelope import Record, comparable
from contracts.log import Kept, number
from contracts.topics import topic_map
from contracts.wire import SECTIONS, event_of
from policies.book import Book
from policies.chain import judge
from policies.courier import carried
from policies.deciding import decide
from policies.judged import Row
from policies.road import STAGES, stage_named
from policies.stage import Stage, State
from services.ledger.base import Position
from services.runtime.log import folded_hash
from tests.chain.truth import told

ASIDE = ("request.repeated", "request.refused", "request.unreadable")
"""Terminal types of requests that have no effect."""
MOST_SHOWN = 12


@dataclass
class Found:
    """What is wrong, counted and, of the first ones, in words; ``kept`` and ``void``: records of the stages' topics."""

    wrong: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)
    requests: int = 0
    letters: int = 0
    void: int = 0
    fences: int = 0
    types: Counter[str] = field(default_factory=Counter)
    rulebooks: Counter[str] = field(default_factory=Counter)

    def tell(self, kind: str, what: str, count: int = 1) -> None:
        if count:
            self.wrong[kind] += count
            if len(self.shown) < MOST_SHOWN:
                self.shown.append(f"{kind}: {what}")


class AnyBook:
    """A stage that decides with the rulebook that it was last told to use: ``book``, or one that is kept beside it."""

    def __init__(self, name: str, book: Book) -> None:
        self.digest, self._name, self._book = book.digest, name, book
        self._stages: dict[str, Stage] = {}

    def use(self, digest: str | None) -> bool:
        """Whether it knows that rulebook. None: whichever, since nothing was decided by a rule."""
        known = digest is not None and self._book.named(digest) is not None
        if digest is not None and known:
            self.digest = digest
        return digest is None or known

    def __getattr__(self, name: str) -> Any:
        if self.digest not in self._stages:
            book = self._book.named(self.digest)
            assert book is not None
            self._stages[self.digest] = stage_named(self._name, book)
        return getattr(self._stages[self.digest], name)


@dataclass
class Partition:
    """One partition as it was read: the five topics of the road, and each stage's states and position in Redis."""

    number: int
    road: Sequence[Sequence[Record]]
    states: Mapping[str, Mapping[str, bytes]]
    positions: Mapping[str, Position]


def check(part: Partition, book: Book, found: Found) -> list[Record]:
    """Adds what is wrong to ``found``; returns the requests that the courier owes."""
    requested, *topics = part.road
    kept = [_kept(part, stage, records, found) for stage, records in zip(STAGES, topics, strict=True)]
    found.requests += len(requested)
    for stage, rows in zip(STAGES, kept, strict=True):
        found.tell("lost", f"{stage}/{part.number}: {len(rows)} verdicts of {len(requested)} requests", abs(len(requested) - len(rows)))
    _decided_again(part, requested, kept, book, found)
    _chain(part, requested, kept, found)
    for stage, topic, rows in zip(STAGES, topics, kept, strict=True):
        _redis(part, stage, topic, rows, book, found)
    _effects(kept[-1], found)
    found.types.update(map(_type, kept[-1]))
    return [letter for record in kept[-1] if (letter := carried(record)) is not None]


def _kept(part: Partition, stage: str, records: Iterable[Record], found: Found) -> list[Record]:
    """The records that count. One of the owner in force with a wrong number would be a second word of its own."""
    place, rows = Kept(), []
    for record in records:
        if place.feed(record.offset, record.headers):
            rows.append(record)
    found.void += place.void
    found.fences += place.fences
    found.tell("conflicting", f"{stage}/{part.number}: records of the owner in force with wrong numbers", place.odd)
    return rows


def _decided_again(
    part: Partition, requested: Sequence[Record], kept: Sequence[Sequence[Record]], book: Book, found: Found
) -> None:
    stages = [AnyBook(name, book) for name in STAGES]
    states = [State(stage, strict=False) for stage in stages]  # type: ignore[arg-type]
    for req, request in enumerate(requested):
        cause = request
        for name, stage, state, rows in zip(STAGES, stages, states, kept, strict=True):
            if req >= len(rows):
                break
            have = rows[req]
            if not stage.use(digest := _rulebook(name, cause, have)):
                found.tell("wrong", f"{name}/{part.number} request {req}: names rulebook {digest}")
            if digest is not None:
                found.rulebooks[digest[:12]] += 1
            event = decide(stage, stage.read(cause, part.number, topic_map().partitions), state, stage.digest)  # type: ignore[arg-type]
            headers = (*(pair for pair in comparable(event.headers) if pair[0] != "req"), ("req", b"%d" % req))
            want = Record(key=event.key, value=event.value, headers=headers)
            if told(want) != told(have):
                found.tell("wrong", f"{name}/{part.number} request {req}: decided again {want.value[-300:]!r}, kept {have.value[-300:]!r}")
            cause = have


def _rulebook(stage: str, cause: Record, record: Record) -> str | None:
    """The digest that the section of ``stage`` names, where it has added one."""
    if record.value == cause.value:
        return None
    section = loads(record.value).get(SECTIONS[stage])
    return section.get("rulebook") if isinstance(section, dict) else None


def _chain(part: Partition, requested: Sequence[Record], kept: Sequence[Sequence[Record]], found: Found) -> None:
    """Law 4 and the laws of money on every request, as the audit judges them."""
    for req, records in enumerate(zip(requested, *kept, strict=False)):
        for one in judge(Row(part.number, req, records), topic_map().partitions).found:
            found.tell("chain_breaks", f"{one.topic}/{part.number} request {req}: {one.en}")


def _redis(
    part: Partition, stage: str, topic: Sequence[Record], rows: Sequence[Record], book: Book, found: Found
) -> None:
    """The states are the fold of the records that count; the position names the last record folded."""
    state = State(AnyBook(stage, book), strict=False)  # type: ignore[arg-type]  # a fold reads no rulebook
    for record in rows:
        state.fold(event_of(record))
    want, have, where = state.changes(), part.states[stage], f"{stage}/{part.number}"
    differing = [name for name in want.keys() | have.keys() if want.get(name) != have.get(name)]
    found.tell("accumulators", f"{where}: {sorted(differing)[:3]}", len(differing))
    position = part.positions[stage]
    last = topic[position.pos - 1] if 0 < position.pos <= len(topic) else None
    at = Kept()
    for record in topic[: position.pos]:
        at.feed(record.offset, record.headers)
    good = last is not None and folded_hash(last) == position.hash and (at.fence, at.req, at.src) == (
        position.owner, position.req, position.src) and position.req == len(rows) - 1
    if rows and not good:
        found.tell("accumulators", f"{where}: position {position}, and the log ends at {len(topic)} with request {len(rows) - 1}")


def _effects(settled: Iterable[Record], found: Found) -> None:
    """One effect an id of a person."""
    effects = Counter((record.key, record.header("ce_requestid")) for record in settled if _type(record) not in ASIDE)
    for id, count in effects.items():
        found.tell("doubled", f"{id}: {count} effects", count - 1)


def carried_over(letters: Iterable[Record], requested: set[tuple[bytes | None, bytes | None]], found: Found) -> int:
    """Whether each verdict that concerns another person was carried there; how many there are."""
    count = 0
    for letter in letters:
        count += 1
        if (letter.key, letter.header("ce_id")) not in requested:
            found.tell("lost", f"the courier did not carry {letter.header('ce_id')!r}")
    return count


def told_dead(dead: Iterable[Record], unreadable: set[tuple[int, int]], found: Found) -> None:
    """Every unreadable request has its copy on yibao.dead, by partition and number."""
    there = set()
    for record in dead:
        body = loads(record.value)
        there.add((body["origin"]["partition"], body["req"]))
    for one in sorted(unreadable - there):
        found.tell("lost", f"no copy on yibao.dead of request {one}")


def unreadable_of(part: int, settled: Iterable[Record]) -> Iterator[tuple[int, int]]:
    return ((part, number(record.header("req"))) for record in settled if _type(record) == "request.unreadable")


def _type(record: Record) -> str:
    return (record.header("ce_type") or b"").decode().removeprefix("cn.yibao.").rpartition(".v")[0]
