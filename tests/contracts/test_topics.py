"""The map of topics, as data: whole, in order, and in step with the register of events."""

import pytest

from contracts.events import BODIES, REQUESTS
from contracts.topics import Topic, topic_map
from contracts.wire import MAX_REQUEST_BYTES, MAX_VALUE_BYTES

MAP = topic_map()
REQUESTED, *STAGES = MAP.road
SEEN_BY_ALL = {"request.unreadable.v1", "request.repeated.v1", "request.refused.v1"}


@pytest.mark.parametrize(
    ("stage", "reads", "writes"),
    [
        ("filing", "yibao.requested", "yibao.filed"),
        ("eligibility", "yibao.filed", "yibao.checked"),
        ("pricing", "yibao.checked", "yibao.priced"),
        ("settlement", "yibao.priced", "yibao.settled"),
    ],
)
def test_each_stage_reads_one_topic_and_writes_the_next(stage: str, reads: str, writes: str) -> None:
    before, after = MAP.of_stage(stage)
    assert (before.name, after.name) == (reads, writes)
    assert stage in before.readers and after.makers == (stage,)


def test_all_topics_have_the_same_number_of_partitions() -> None:
    assert {topic.partitions for topic in MAP.all} == {MAP.partitions}


def test_the_requests_on_the_map_are_those_of_the_register() -> None:
    registered = {f"{name}.v{version}" for name, known in REQUESTS.items() for version in known.versions}
    assert REQUESTED.types == registered


def test_the_types_of_the_road_are_those_of_the_register() -> None:
    on_the_map = {split(text)[0] for topic in MAP.road for text in topic.types}
    assert on_the_map == set(BODIES)


def test_what_a_stage_writes_is_in_version_1() -> None:
    assert {split(text)[1] for topic in STAGES for text in topic.types} == {"1"}


def test_what_a_later_topic_carries_came_from_the_one_before_or_its_own_stage() -> None:
    # A stage forwards what it does not decide: what one topic has and the next one lacks was decided between.
    filed, checked, priced, settled = (topic.types for topic in STAGES)
    submitted = ("claim.submitted", "quote.requested", "reimbursement.requested", "trial.requested", "correction.requested")
    kinds = ("claim", "quote", "reimbursement", "trial", "correction")
    assert filed - checked == {f"{name}.v1" for name in submitted}
    assert checked - priced == {f"{kind}.checked.v1" for kind in kinds}
    decided = {"wallet.requested.v1", "review.decided.v1", "reversal.requested.v1", "undo.requested.v1"}
    assert priced - settled == {f"{kind}.priced.v1" for kind in kinds} | decided
    for topic in STAGES:
        assert topic.types >= SEEN_BY_ALL, topic.name


@pytest.mark.parametrize("topic", MAP.road, ids=lambda topic: topic.name)
def test_the_road_is_kept_for_ever(topic: Topic) -> None:
    config = dict(topic.config)
    assert config["cleanup.policy"] == "delete"
    assert (config["retention.ms"], config["retention.bytes"]) == ("-1", "-1")
    assert config["max.message.bytes"] == str(topic.max_message_bytes)


def test_sizes_are_ordered_so_that_nothing_accepted_becomes_unsendable() -> None:
    assert MAX_REQUEST_BYTES < REQUESTED.max_message_bytes < MAX_VALUE_BYTES
    for topic in STAGES:
        assert topic.max_message_bytes > MAX_VALUE_BYTES, topic.name


def test_names_are_unique_and_described_in_both_languages() -> None:
    assert len({topic.name for topic in MAP.all}) == len(MAP.all)
    for topic in MAP.all:
        assert topic.name.startswith("yibao.") and topic.makers and topic.readers
        assert not topic.zh.isascii() and topic.en.isascii(), topic.name
        assert MAP.named(topic.name) is topic


def split(text: str) -> tuple[str, str]:
    """``claim.submitted.v1 -> ("claim.submitted", "1")``."""
    name, _, version = text.rpartition(".v")
    return name, version
