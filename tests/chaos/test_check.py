"""The check: nothing is wrong with a road as the workers leave it, and each kind of wrong is told where there is one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contracts.envelope import with_numbers
from contracts.log import Kept, kept
from contracts.wire import event_of
from policies.book import Book, built_in
from policies.road import STAGES, stage_named
from policies.stage import State
from services.ledger.base import Position
from services.runtime.log import folded_hash
from tests.chain.simulation_world import books
from tests.chaos.check import Found, Partition, carried_over, check, told_dead
from tests.policies.rulebooks import beside
from tests.policies.standing import LAST, PARTITION, SETTLED, UNREADABLE, Standing, header, story


def left_by(standing: Standing, book: Book) -> Partition:
    """The road with the ledgers that a fold of its topics gives."""
    states, positions = {}, {}
    for stage, topic in zip(STAGES, standing.topics[1:], strict=True):
        state, at = State(stage_named(stage, book), strict=False), Kept()
        for record in kept(topic, at):
            state.fold(event_of(record))
        states[stage] = state.changes()
        positions[stage] = Position(at.fence, at.next, at.req, at.src, folded_hash(topic[-1]))
    return Partition(PARTITION, standing.topics, states, positions)


def wrong(part: Partition, *known: Book) -> dict[str, int]:
    found = Found()
    check(part, beside(*known or (built_in(),)), found)
    return dict(found.wrong)


def test_a_sound_road_is_sound() -> None:
    found = Found()
    check(left_by(story(built_in()), built_in()), built_in(), found)
    assert not found.wrong and not found.shown
    assert (found.requests, found.fences, found.void) == (12, 4, 0)
    assert found.types["claim.settled"] == 3 and found.types["request.repeated"] == 1


def test_each_record_is_decided_again_with_the_rulebook_that_it_names() -> None:
    other = books()[1]
    part = left_by(story(other), other)
    assert not wrong(part, built_in(), other)
    assert wrong(part, built_in())["wrong"] > 0, "a rulebook that nobody knows"


def _changed_verdict(standing: Standing) -> None:
    value = standing.at(4, SETTLED).value
    assert value.count(b'"psn_cash_pay":') == 1
    standing.alter(4, SETTLED, value=value.replace(b'"psn_cash_pay":', b'"psn_cash_pay":1'))


def _dropped(standing: Standing) -> None:
    standing.topics[4] = standing.topics[4][: standing.at(4, LAST).offset]


def _second_word(standing: Standing) -> None:
    last = standing.at(4, LAST)
    standing.add(4, replace(last, headers=with_numbers(last.headers, SETTLED, last.offset, standing.own[4])))


def _second_effect(standing: Standing) -> None:
    standing.alter(4, LAST, headers=header(standing.at(4, LAST), "ce_requestid", b"claim-2"))


def _other_cause(standing: Standing) -> None:
    standing.alter(3, SETTLED, headers=header(standing.at(3, SETTLED), "cause", b"0" * 64))


@pytest.mark.parametrize(
    ("falsify", "kind"),
    [(_changed_verdict, "wrong"), (_dropped, "lost"), (_second_word, "conflicting"), (_second_effect, "doubled"), (_other_cause, "chain_breaks")],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_wrong_on_the_road_is_counted(falsify: Callable[[Standing], None], kind: str) -> None:
    standing = story(built_in())
    falsify(standing)
    assert wrong(left_by(standing, built_in()))[kind] == 1


@pytest.mark.parametrize("stage", ["filing", "eligibility", "settlement"])
def test_a_state_that_is_not_the_fold_is_counted(stage: str) -> None:
    part = left_by(story(built_in()), built_in())
    name = sorted(part.states[stage])[0]
    part.states[stage][name] = b"{}"  # type: ignore[index]
    part.states[stage]["p:nobody"] = b"{}"  # type: ignore[index]
    assert wrong(part) == {"accumulators": 2}


@pytest.mark.parametrize("change", [{"req": 5}, {"src": 5}, {"owner": 7}, {"pos": 3}, {"hash": "2:other"}], ids=str)
def test_a_position_that_is_not_the_logs_is_counted(change: dict[str, int]) -> None:
    part = left_by(story(built_in()), built_in())
    part.positions["pricing"] = replace(part.positions["pricing"], **change)  # type: ignore[index]
    assert wrong(part) == {"accumulators": 1}


def test_what_the_courier_and_the_audit_owe_is_counted() -> None:
    found, request = Found(), story(built_in()).at(0, SETTLED)
    assert carried_over([request], {(request.key, request.header("ce_id"))}, found) == 1 and not found.wrong
    carried_over([request], set(), found)
    told_dead([], {(PARTITION, UNREADABLE)}, found)
    assert found.wrong == {"lost": 2}
