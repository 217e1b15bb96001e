"""What a run publishes: every type of request in every run, readable, and the check finds nothing wrong with what becomes of it."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from contracts.envelope import Record, comparable, with_numbers
from contracts.topics import topic_map
from contracts.wire import REQUESTS, read_request
from policies.book import Book, built_in
from policies.deciding import decide
from policies.road import STAGES
from policies.stage import State
from tests.chain.simulation_world import books
from tests.chaos.check import AnyBook, Found, Partition, check
from tests.chaos.requests import other_body, requests
from tests.chaos.test_check import left_by
from tests.policies.rulebooks import beside
from tests.policies.standing import FENCE, Standing

COURIERS = {"wallet.credited"}
"""Types that only the courier publishes."""
ENDS = {
    "claim.held", "claim.corrected", "claim.reversed", "claim.undone", "request.undone", "review.settled", "review.refused",
    "reimbursement.settled", "reimbursement.pending", "reimbursement.refused", "reimbursement.quoted", "reversal.refused",
    "reversal.repeated", "undo.repeated", "wallet.shared", "wallet.refused", "account.refused", "request.refused",
}
"""Verdicts that every run must meet, besides those of ordinary claims."""


OTHER = 0.1
"""How often the other rulebook decides. A claim that it has had part in is held under another id, if at all."""


class Changing(Standing):
    """A partition whose stages decide each request with one of several rulebooks, as replicas during an upgrade do."""

    def __init__(self, books: tuple[Book, Book], rng: Random, partition: int) -> None:
        self._books, self._rng = books, rng
        self._stages = [AnyBook(name, beside(*books)) for name in STAGES]
        self._states = [State(stage, strict=False) for stage in self._stages]  # type: ignore[arg-type]
        super().__init__(books[0], partition)

    def publish(self, request: Record) -> None:
        src = self.add(0, request)
        record = self.topics[0][-1]
        for place, (stage, state) in enumerate(zip(self._stages, self._states, strict=True), 1):
            stage.use(self._books[self._rng.random() < OTHER].digest)
            event = decide(stage, stage.read(record, self.partition, topic_map().partitions), state, stage.digest)  # type: ignore[arg-type]
            headers = tuple(pair for pair in comparable(event.headers) if pair[0] != "req")
            src = self.add(place, Record(event.key, event.value, with_numbers(headers, len(self.topics[0]) - 1, src, self.own[place])))
            record = self.topics[place][-1]


def published(seed: int, count: int, books: tuple[Book, Book]) -> list[Partition]:
    """What is left of a run without faults."""
    rng = Random(seed)
    parts = [Changing(books, rng, number) for number in range(topic_map().partitions)]
    for request in requests(seed, count):
        if rng.random() < 0.01:
            for place in range(1, 5):
                parts[request.partition].add(place, FENCE)
            parts[request.partition].own = [topic[-1].offset if topic else -1 for topic in parts[request.partition].topics]
        parts[request.partition].publish(request)
    return [replace(left_by(part, books[0]), number=part.partition) for part in parts]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_type_is_published_in_every_run(seed: int) -> None:
    found = Counter((record.header("ce_type") or b"").decode().split(".", 2)[2].rpartition(".v")[0] for record in requests(seed, 5_000))
    assert found.keys() == REQUESTS.keys() - COURIERS


def test_the_check_decides_all_of_it_again_whatever_rulebook_decided_first() -> None:
    known = (built_in(), books()[1])
    found = Found()
    for part in published(4, 2_000, known):
        check(part, beside(*known), found)
    assert not found.wrong, found.shown
    assert found.requests == 2_000 and found.types.keys() >= ENDS, ENDS - found.types.keys()


def test_another_body_of_any_type_can_be_read() -> None:
    """Unreadable, it would be no conflict of the id."""
    kinds = {record.header("ce_type"): record for record in requests(5, 4_000)}
    for record in kinds.values():
        other = other_body(record, 7)
        assert other.value != record.value
        read_request(other, other.partition, topic_map().partitions)  # raises Unreadable
