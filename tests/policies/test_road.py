"""The whole road in one process: one record a topic, the same bytes every time, each one holding its cause."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from contracts.envelope import Record
from contracts.keys import content_hash
from contracts.lines import read_line, request_record
from contracts.topics import topic_map
from contracts.wire import SECTIONS, cut, event_of
from policies.book import BUILT_IN, Book, built_in, load
from policies.road import TOGETHER, Road
from services.generator import generate
from tests.policies.requests import Journey
from tests.policies.test_state import story

ROAD = [topic.name for topic in topic_map().road]


def run() -> Journey:
    journey = Journey()
    for request in story():
        journey.publish(request)
    return journey


def digest(records: list[Record]) -> str:
    """Of everything that two runs must have in common: topic, key, value and headers."""
    found = sha256()
    for record in records:
        found.update(repr((record.topic, record.partition, record.key, record.value, record.headers)).encode())
    return found.hexdigest()


def test_each_request_has_one_record_a_topic_and_one_number_a_partition() -> None:
    journey = run()
    assert len(journey.records) == 4 * len(journey.requests)
    for topic in ROAD[1:]:
        for partition in {request.partition for request in journey.requests}:
            numbers = [int(r.header("req") or b"-1") for r in journey.records if (r.topic, r.partition) == (topic, partition)]
            assert numbers == list(range(len(numbers)))


def test_every_type_that_comes_out_is_on_the_map() -> None:
    for record in run().records:
        attributes = event_of(record).attributes
        assert f"{attributes.type}.v{attributes.version}" in topic_map().named(record.topic).types


def test_every_event_holds_the_bytes_of_its_cause_and_names_their_hash() -> None:
    """Law 4: verbatim under `request` in the first stage, as the beginning in later ones, identical where forwarded."""
    journey = run()
    for number, request in enumerate(journey.requests):
        before = b'{"request":' + request.value + b"}"
        cause = content_hash(request.value)
        for record, section in zip(journey.records[4 * number : 4 * number + 4], SECTIONS.values(), strict=True):
            if event_of(record).type == "request.unreadable":
                assert record.value.startswith(b'{"request":null,"filed":') and record.header("cause") == cause.encode()
                break
            if record.value != before:
                assert cut(record.value, section) == before
                before, cause = record.value, content_hash(before)
            assert record.header("cause") == cause.encode()


def test_two_runs_give_the_same_bytes() -> None:
    assert digest(run().records) == digest(run().records)


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    code = "from tests.policies.test_road import *; print(digest(run().records))"
    root = Path(__file__).parents[2]
    for seed in ("1", "4711"):
        found = subprocess.run([sys.executable, "-c", code], cwd=root, env=os.environ | {"PYTHONHASHSEED": seed},
                               capture_output=True, text=True, timeout=60, check=True)
        assert found.stdout.strip() == digest(run().records)


def test_the_order_of_other_persons_changes_nothing_for_one() -> None:
    requests = story()
    mine = [request for request in requests if request.key == b"P1"]
    alone, together = Journey(), Journey()
    for request in mine:
        alone.publish(request)
    for request in reversed(requests):
        if request.key != b"P1":
            together.publish(request)
    for request in mine:
        together.publish(request)
    assert alone.values() == [(r.topic, r.value) for r in together.records if r.key == b"P1"]


def test_a_verdict_names_the_digest_of_the_rulebook_and_it_is_that_of_the_files(book: Book) -> None:
    assert load(BUILT_IN).digest == book.digest
    assert all(book.digest.encode() in r.value for r in run().records if event_of(r).type in ("claim.settled", "claim.refused"))


def test_requests_that_pass_together_become_what_they_become_one_by_one() -> None:
    """More of them than pass a stage together, of every type; read beforehand, or not."""
    lines = [line.encode() for line in generate(20, 100, 7, mix="all")]
    assert len(lines) > 2 * TOGETHER
    alone, together, unread = Road(built_in()), Road(built_in()), Road(built_in())
    expected = [record for line in lines for record in alone.run(request_record(line, topic_map().partitions))]
    expected += alone.deliver()
    assert [*together.run_all(read_line(line, topic_map().partitions) for line in lines), *together.deliver()] == expected
    assert [*unread.run_all(request_record(line, topic_map().partitions) for line in lines), *unread.deliver()] == expected


def test_no_more_requests_are_read_than_pass_together() -> None:
    """A file is never held whole: the first record comes when the first requests have passed."""
    taken = []
    requests = (taken.append(request) or request for request in story() * 100)
    next(Road(built_in()).run_all(requests))
    assert len(taken) == TOGETHER
