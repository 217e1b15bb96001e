"""The whole road in one process: the same deciders, no Kafka, no Redis. Same requests, same bytes as the live chain."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contracts.envelope import Record, comparable
from contracts.topics import TopicMap, topic_map
from policies.book import Book
from policies.deciding import decide
from policies.eligibility import EligibilityStage
from policies.filing import FilingStage
from policies.pricing.stage import PricingStage
from policies.settlement.stage import SettlementStage
from policies.stage import Stage, State

STAGES = {"filing": FilingStage, "eligibility": EligibilityStage, "pricing": PricingStage, "settlement": SettlementStage}


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

    def __post_init__(self) -> None:
        stages = [stage_named(name, self.book) for name in STAGES]
        self._stages = [(s, State(s, strict=False), self.topics.of_stage(s.name)[1].name) for s in stages]

    def run(self, request: Record) -> Iterator[Record]:
        """The records that ``request`` becomes, one a topic, with ``req`` as the only number."""
        req = self._next.get(request.partition, 0)
        self._next[request.partition] = req + 1
        record = request
        for stage, state, topic in self._stages:
            event = stage.read(record, request.partition, self.topics.partitions)
            event = decide(stage, event, state, self.book.digest)
            headers = (*(pair for pair in comparable(event.headers) if pair[0] != "req"), ("req", b"%d" % req))
            record = replace(record, topic=topic, value=event.value, headers=headers, offset=-1)
            yield record
