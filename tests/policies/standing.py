"""One partition of the road as the workers leave it: five topics with fences and numbers, and ways to falsify them."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.envelope import Record, with_numbers
from contracts.events.claim import Movement, Settled
from contracts.keys import partition_of
from contracts.log import kept
from contracts.topics import topic_map
from contracts.wire import cut, event_of, grow
from policies.book import Book
from policies.judged import Row
from policies.road import Road
from tests.policies import requests as r

PARTITIONS = topic_map().partitions
PARTITION = partition_of(b"P1", PARTITIONS)
NEIGHBOUR = next(f"N{i}" for i in itertools.count() if partition_of(b"N%d" % i, PARTITIONS) == PARTITION)
"""Another person of the same partition."""
FENCE = Record(None, b"", (("fence", b"f"),))


@dataclass
class Standing:
    """``topics``: the records of each topic of the road, with their offsets, requested to settled."""

    book: Book
    partition: int = PARTITION
    topics: list[list[Record]] = field(init=False)

    def __post_init__(self) -> None:
        self._road = Road(self.book)
        self.topics = [[], *([] for _ in range(4))]
        self.fence()

    def fence(self) -> None:
        """Other workers take over: each topic but the first gets a fence."""
        for place in range(1, 5):
            self.add(place, FENCE)
        self.own = [topic[-1].offset if topic else -1 for topic in self.topics]

    def add(self, place: int, record: Record) -> int:
        topic = self.topics[place]
        name = topic_map().road[place].name
        topic.append(replace(record, offset=len(topic), partition=self.partition, topic=name))
        return topic[-1].offset

    def publish(self, request: Record) -> None:
        """The request, and what the four stages make of it."""
        source = self.add(0, request)
        for place, record in enumerate(self._road.run(self.topics[0][-1]), 1):
            req = int(record.header("req") or b"")
            source = self.add(place, replace(record, headers=with_numbers(record.headers, req, source, self.own[place])))

    def at(self, place: int, req: int) -> Record:
        """The record of request ``req`` on a topic."""
        return self.topics[place][req] if place == 0 else list(kept(self.topics[place]))[req]

    def alter(self, place: int, req: int, **changes: Any) -> None:
        """Replaces parts of one record, where it stands."""
        found = self.at(place, req)
        self.topics[place][found.offset] = replace(found, **changes)

    def rows(self) -> list[Row]:
        """Every request with its five records."""
        lanes = [self.topics[0], *(list(kept(topic)) for topic in self.topics[1:])]
        return [Row(self.partition, req, records) for req, records in enumerate(zip(*lanes, strict=True))]


ENROLLED, CREDITED, FILED, SETTLED, QUOTED, AGAIN, REPEATED, CONFLICT, REFUSED, UNREADABLE, OTHER, LAST = range(12)
"""The numbers of the requests of ``story``."""


def story(book: Book) -> Standing:
    """Twelve requests: one of each kind of ending, and three settlements of P1 of which each builds on the one before."""
    standing = Standing(book)
    second = r.claim(r.line(20_000), mdtrt_id="M2", acct_used_flag="1")
    for request in (
        r.record("enrolment.recorded", r.enrolment()),
        r.record("account.credited", r.credit(50_000), "credit-1"),
        r.record("filing.requested", r.filing(cmt_flag="1")),
        r.record("claim.submitted", r.claim(acct_used_flag="1"), "claim-1"),
        r.record("quote.requested", r.claim(r.line(20_000))),
        r.record("claim.submitted", second, "claim-2"),
        r.record("claim.submitted", second, "claim-2"),
        r.record("claim.submitted", r.claim(r.line(20_001)), "claim-2"),
        r.record("claim.submitted", r.claim(fixmedins_code="H99999999999", mdtrt_id="M3"), "claim-3"),
        Record(b"P1", b'{"psn_no":', r.record("claim.submitted", r.claim()).headers, partition=PARTITION),
        r.record("enrolment.recorded", r.enrolment(psn_no=NEIGHBOUR)),
        r.record("claim.submitted", r.claim(r.line(30_000), mdtrt_id="M4"), "claim-4"),
    ):
        standing.publish(request)
    return standing


def settled_with(record: Record, before: Movement | None = None, **changes: Any) -> bytes:
    """The value of a settled record with another last section; ``before`` replaces its accumulators."""
    section: Settled = event_of(record).body.settled
    changes |= {"accumulators": before} if before else {}
    return grow(cut(record.value, "settled") or b"", "settled", section.model_copy(update=changes))


def header(record: Record, name: str, value: bytes | None) -> tuple[tuple[str, bytes | None], ...]:
    """The headers of ``record`` with another value of ``name``."""
    return tuple((key, value if key == name else old) for key, old in record.headers)
