"""Every example through both doors: the one for lines of a file and the one for bytes of Kafka."""

import pytest

from contracts.envelope import join_type
from contracts.events import REQUESTS
from contracts.lines import request_record
from contracts.reasons import REASONS
from contracts.wire import Unreadable, read_request
from tests.contracts.examples import PARTITIONS, Example, bad, good
from tests.policies.requests import product

GOOD, BAD = good(), bad()
AT_THE_DOOR = set(list(REASONS)[: list(REASONS).index("repeated")])
"""The reasons of the list's first part: the request cannot be read."""


def named(examples: list[Example]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", examples, ids=[example.name for example in examples])


def test_each_version_of_each_request_has_a_good_example() -> None:
    assert {example.content["type"] for example in GOOD} == {join_type(name, version) for name, of in REQUESTS.items() for version in of.versions}


@named(GOOD)
def test_a_good_line_is_accepted(example: Example) -> None:
    record = request_record(example.line, PARTITIONS)
    assert (record.key, record.value) == (example.record.key, example.record.value)


@named(GOOD)
def test_a_good_record_is_accepted(example: Example) -> None:
    request = read_request(example.record, example.record.partition, PARTITIONS)
    assert request.psn_no == example.content["data"]["psn_no"]
    assert request.raw == example.record.value
    assert example.content.get("id") in (None, request.id)


@named([example for example in GOOD if "feedetail" in example.content["data"]])
def test_a_good_bill_adds_up(example: Example) -> None:
    bill = example.content["data"]
    for line in bill["feedetail"]:
        assert product(line["pric"], line["cnt"]) == line["det_item_fee_sumamt"]
    assert sum(line["det_item_fee_sumamt"] for line in bill["feedetail"]) == bill["medfee_sumamt"]


def expected(example: Example) -> list[tuple[str, str | None]]:
    return [(example.content["expect"]["code"], example.content["expect"]["field"])]


@named(BAD)
def test_a_bad_record_is_refused_for_its_reason(example: Example) -> None:
    with pytest.raises(Unreadable) as refused:
        read_request(example.record, example.record.partition, PARTITIONS)
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == expected(example)


@named([example for example in BAD if example.line])
def test_a_bad_line_is_refused_for_its_reason(example: Example) -> None:
    with pytest.raises(Unreadable) as refused:
        request_record(example.line, PARTITIONS)
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == expected(example)


def test_each_reason_of_the_door_has_an_example() -> None:
    # A body that is too large is no file: test_wire makes one.
    assert {example.content["expect"]["code"] for example in BAD} | {"request_too_large"} == AT_THE_DOOR


def test_each_example_says_in_both_languages_what_it_shows() -> None:
    for example in BAD:
        zh, _, en = example.content["shows"].partition(" / ")
        assert not zh.isascii() or zh == "null", example.name
        assert en and en.isascii(), example.name
