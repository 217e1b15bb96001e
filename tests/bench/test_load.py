"""The load that the chains are compared on: the same for the same seed, in the shares that it names, and as large at each stage as
on the real road."""

from collections import Counter
from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import Book, load
from policies.road import Road
from services.generator import generate
from tests.bench.road.load import WARM_UP, Load, by_topic, growth, make_load, passed
from tests.bench.road.passing import Growing
from tests.bench.road.rulebook import write_rulebook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return load(write_rulebook(tmp_path_factory.mktemp("bench")))


@pytest.fixture(scope="module")
def made(book: Book) -> Load:
    return make_load(485, book)


def kind(record: Record) -> str:
    return (record.header("ce_type") or b"").decode().split(".", 2)[2].rpartition(".v")[0]


def test_the_load_is_the_seeds_and_what_generate_writes(made: Load, book: Book) -> None:
    assert made == make_load(485, book) and len(made.warm_up) == WARM_UP
    claims = made.claims + sum(kind(record) == "claim.submitted" for record in made.warm_up)
    written = [request_record(line.encode(), topic_map().partitions) for line in generate(100, claims, 1, book, "bench")]
    assert [*made.needed, *made.warm_up, *made.timed][: len(written)] == written


def test_a_hundred_requests_are_as_they_are_named(made: Load) -> None:
    """The warm-up is 500 of the load: 485 claims, 10 filings, 5 reversals."""
    assert Counter(map(kind, made.warm_up)) == {"claim.submitted": 485, "filing.requested": 10, "reversal.requested": 5}
    assert not {"claim.submitted", "reversal.requested"} & set(map(kind, made.needed))


def test_all_of_it_is_settled_recorded_or_reversed(made: Load, book: Book) -> None:
    road, ends = Road(book), Counter[str]()
    for request in (*made.needed, *made.warm_up, *made.timed):
        *_, last = road.run(request)
        ends[event_of(last).type] += 1
    assert set(ends) == {"enrolment.recorded", "account.credited", "filing.decided", "claim.settled", "claim.reversed"}


def test_a_part_of_the_load_brings_what_its_persons_need_and_no_more(made: Load) -> None:
    part = made.timed[:20]
    first = made.first(part)
    assert {record.key for record in first} == {record.key for record in (*made.warm_up, *part)}
    assert first[-WARM_UP:] == list(made.warm_up) and len(first) < len(made.needed) + WARM_UP


def test_growth_is_what_a_stage_adds(made: Load, book: Book) -> None:
    """An enrolment: the first stage wraps it in {"request":...}, 12 bytes; the others forward it."""
    sizes, _ = passed(made, 50, book)
    found, topics = growth(sizes), by_topic(sizes, 50)
    assert found["cn.yibao.enrolment.recorded.v1"] == [len(b'{"request":}'), 0, 0, 0]
    assert all(sum(found[name]) > 0 for name in found) and found["cn.yibao.claim.submitted.v1"][3] > 0
    assert list(topics) == [topic.name for topic in topic_map().road]
    assert topics["yibao.requested"] == round(sum(len(request.value) for request in made.timed[:50]) / 50)
    assert sorted(topics.values()) == list(topics.values()), "a value only grows"


def test_what_is_passed_grows_by_as_much_and_by_the_text(made: Load, book: Book) -> None:
    """Each record by the bytes of its type and stage, taken one after the other from what real stages wrote, and round again."""
    sizes, text = passed(made, 50, book)
    grown = sum(size[-1] - size[0] for _, size in sizes[-50:])
    assert len(text) == grown and text.count(b'"settled":{') > 40
    growing = Growing({"claim": [0, 30]}, b"0123456789" * 7, 1)
    claim, other = (Record(None, b"{}", (("ce_type", name),)) for name in (b"claim", b"other"))
    assert [growing.grown(claim).value for _ in range(3)] == [b"{}" + b"0123456789" * 3] * 3
    assert growing.grown(other).value == b"{}"


def test_the_rulebook_of_the_load_is_the_built_in_one_and_more(tmp_path: Path) -> None:
    book = load(write_rulebook(tmp_path))
    assert {"P65020000001", "P43040000001"} <= book.providers.keys()
