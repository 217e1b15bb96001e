"""Each national rule of review finds the claim that was made for it, and no other rule finds anything in it."""

import json

import pytest

from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import NATION, built_in
from policies.road import Road
from services.generator.suspicious import MADE, made
from tests.bench.review import verdicts

RULES = {rule.head.id: rule.head for rule in built_in().reviews[NATION].rules}
TYPES = {"note": "claim.settled", "cut": "claim.settled", "hold": "claim.held"}


def test_there_are_claims_for_every_rule() -> None:
    assert set(MADE) == set(RULES)


@pytest.mark.parametrize("rule", MADE)
def test_a_rule_finds_what_was_made_for_it_alone(rule: str) -> None:
    road, last = Road(built_in()), None
    for request in made("S", rule):
        *_, record = road.run(request_record(json.dumps(request).encode(), topic_map().partitions))
        last, before = event_of(record), last
        assert before is None or not before.type.endswith("refused"), before.body
    assert last is not None and last.type == TYPES[RULES[rule].effect], last.body
    assert {one.rule_id for one in last.body.settled.review.findings} == {rule}
    assert bool(last.body.settled.review.lines) == (RULES[rule].effect == "cut")


def test_a_small_clean_set_has_no_findings() -> None:
    """The set of 10,000 is measured: python -m tests.bench.review."""
    found = [review for _, _, review in verdicts(600, 300, 3) if review is not None and review.findings]
    assert not found
