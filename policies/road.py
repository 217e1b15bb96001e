"""The whole road in one process: the same deciders, no Kafka, no Redis. Same requests, same bytes as the live chain.

The courier's requests follow the last one that is given (``deliver``): first come, first served, in the order of the
verdicts that they follow from. Those that were given already, as in the requests of a live run, stand where they stood.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from contracts.envelope import TRACE_HEADERS, Record
from contracts.topics import TopicMap, topic_map
from contracts.wire import Event, Request, first_event
from policies.book import Book
from policies.courier import carried, is_letter
from policies.deciding import decide
from policies.eligibility import EligibilityStage
from policies.filing import FilingStage
from policies.pricing.stage import PricingStage
from policies.settlement.stage import SettlementStage
from policies.stage import Stage, State

STAGES = {"filing": FilingStage, "eligibility": EligibilityStage, "pricing": PricingStage, "settlement": SettlementStage}

TOGETHER = 16
"""Requests that pass a stage together."""


def stage_named(name: str, book: Book) -> Stage:
    """The deciding stage called ``name``."""
    return STAGES[name](book)


@dataclass(slots=True)
class Road:
    """Runs requests through the four stages. Keeps the states of all persons in memory."""

    book: Book
    topics: TopicMap = field(default_factory=topic_map)
    _stages: list[tuple[Stage, State, str]] = field(init=False)
    _next: dict[int, int] = field(init=False, default_factory=dict)
    _letters: deque[Record] = field(init=False, default_factory=deque)
    _given: set[tuple[bytes | None, bytes | None]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        stages = [stage_named(name, self.book) for name in STAGES]
        self._stages = [(s, State(s, strict=False), self.topics.of_stage(s.name)[1].name) for s in stages]

    def run(self, request: Record | Request) -> Iterator[Record]:
        """The records that ``request`` becomes, one a topic, with ``req`` as the only number. One that was read is not read again."""
        return self.run_all((request,))

    def run_all(self, requests: Iterable[Record | Request]) -> Iterator[Record]:
        """The records of each of ``requests``, as ``run`` gives them. Some pass a stage together before they go on to the next one:
        what a stage works with stays near the processor, which saves a sixth of the time."""
        waiting = iter(requests)
        while some := [self._entered(request) for request in islice(waiting, TOGETHER)]:
            for stage, state, topic in self._stages:
                for passing in some:
                    passing.take(decide(stage, passing.event, state, self.book.digest), topic)
            for passing in some:
                yield from passing.records
                if (letter := carried(passing.records[-1])) is not None:
                    self._letters.append(letter)

    def _entered(self, request: Record | Request) -> "_Passing":
        """A request at the head of the road, with the next number of its partition."""
        record = request if isinstance(request, Record) else request.record
        req = self._next.get(record.partition, 0)
        self._next[record.partition] = req + 1
        if is_letter(record):
            self._given.add(_person_and_id(record))
        read = record is request
        event = self._stages[0][0].read(record, record.partition, self.topics.partitions) if read else first_event(request)
        number = ("req", b"%d" % req)
        return _Passing(record, number, event, _numbered(event, number))

    def deliver(self) -> Iterator[Record]:
        """The records of the courier's requests, and of those that follow from them, until none is left."""
        while self._letters:
            letter = self._letters.popleft()
            if _person_and_id(letter) not in self._given:
                yield from self.run(letter)

    def person(self, name: str, psn_no: str) -> Any:
        """What the stage called ``name`` knows of a person by now, None where that is nothing."""
        return next(state for stage, state, _ in self._stages if stage.name == name).person(psn_no)


@dataclass(slots=True)
class _Passing:
    """A request on its way: its event as it stands, which each stage hands on, so that it is parsed once; what was written of it."""

    request: Record
    number: tuple[str, bytes | None]
    event: Event
    headers: tuple[tuple[str, bytes | None], ...]
    records: list[Record] = field(default_factory=list)

    def take(self, event: Event, topic: str) -> None:
        """What a stage made of the event, or forwarded, goes to ``topic``."""
        if event is not self.event:
            self.event, self.headers = event, _numbered(event, self.number)
        asked = self.request
        self.records.append(Record(asked.key, event.value, self.headers, -1, asked.partition, topic, asked.timestamp_ms))


def _numbered(event: Event, number: tuple[str, bytes | None]) -> tuple[tuple[str, bytes | None], ...]:
    """The headers of ``event``, which this road made, without the trace context, and with ``req`` as the only ``number``."""
    headers = [pair for pair in event.headers if pair[0] not in TRACE_HEADERS] if event.attributes.trace else event.headers
    return (*headers, number)


def _person_and_id(request: Record) -> tuple[bytes | None, bytes | None]:
    return request.key, request.header("ce_id")
