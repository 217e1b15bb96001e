"""Verdicts of a road whose rulebook was changed, decided again from what is recorded, with all its rulebooks at hand or not."""

from dataclasses import replace

import pytest

from contracts.wire import event_of
from policies.book import Book
from policies.chain import judge
from policies.redecide import Redecider
from tests.policies import rulebooks
from tests.policies.requests import codes, enrolment, record, spell
from tests.policies.standing import PARTITIONS, Standing, settled_with
from tests.policies.undoing import FILES, PLAN, XIAMEN, asked, bill, upgraded

CASCADE = {"setl_optins": XIAMEN, "cascade": "1"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("first"), FILES)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("second"), FILES | {rulebooks.PLAN: PLAN.replace("of = 0.60", "of = 0.50")})


def life(first: Book, second: Book, *kept: Book) -> Standing:
    """Two visits under ``first``, one under ``second`` with ``kept`` at hand; then the first visit taken back with a cascade."""
    standing = Standing(first)
    for request in (
        record("enrolment.recorded", enrolment(spell(XIAMEN))),
        *(record("claim.submitted.v2", bill(50_000, f"M{number}"), f"c{number}") for number in (1, 2)),
    ):
        standing.publish(request)
    upgraded(standing._road, second, *kept)
    standing.publish(record("claim.submitted.v2", bill(50_000, "M3"), "c3"))
    standing.publish(record("reversal.requested", asked("c1", **CASCADE), "r1"))
    return standing


def again(standing: Standing, book: Book, *kept: Book) -> tuple[list[str], dict[str, int]]:
    """What deciding again finds, and what it could not decide."""
    redecider, found = Redecider(rulebooks.beside(book, *kept)), []
    for row in standing.rows():
        judged = judge(row, PARTITIONS)
        redecider.follow(judged)
        found += [one.code for one in judged.found]
    return found, dict(redecider.undecidable)


def visits(first: Book) -> Standing:
    """Two visits, and what each stage says of them."""
    standing = Standing(first)
    standing.publish(record("enrolment.recorded", enrolment(spell(XIAMEN))))
    for number in (1, 2):
        standing.publish(record("claim.submitted.v2", bill(50_000, f"M{number}"), f"c{number}"))
    return standing


def test_verdicts_of_another_version_are_counted_told_once_and_never_guessed(first: Book) -> None:
    standing = visits(first)
    for number in (1, 2):
        standing.alter(4, number, value=settled_with(standing.at(4, number), policies="0.1.0"))
    assert again(standing, first) == (["policies_unknown"], {"0.1.0": 2})


def test_what_cannot_be_decided_again_is_told_and_what_was_built_on_it_is_not(first: Book) -> None:
    """The priced record of the first visit is cut by a byte: what settlement made of it stands, and the second visit goes on from it."""
    standing = visits(first)
    standing.alter(3, 1, value=standing.at(3, 1).value[:-1])
    redecider, rows = Redecider(first), [judge(row, PARTITIONS) for row in standing.rows()]
    for one in rows:
        redecider.follow(one)
    assert [(found.req, found.code, found.topic) for one in rows for found in one.found] == [
        (1, "unparsed", "yibao.priced"), (1, "decided_otherwise", "yibao.priced"), (1, "cannot_check", "yibao.settled")]
    assert redecider.again == 4 * 3 - 1


def test_a_cascade_over_another_rulebook_is_decided_again_with_both(first: Book, second: Book) -> None:
    standing = life(first, second, first)
    assert event_of(standing.topics[4][-1]).type == "claim.reversed"
    assert again(standing, second, first) == ([], {}) and again(standing, first, second) == ([], {})


def test_a_cascade_whose_rulebooks_are_not_all_at_hand_is_counted_and_no_error(first: Book, second: Book) -> None:
    """Of the first rulebook three sections of each of two claims; and the cascade, which is decided by the second."""
    standing = life(first, second, first)
    assert again(standing, second) == (["rulebook_unknown"], {first.digest: 3 * 2 + 1})
    whole = Redecider(second)
    for row in standing.rows()[-1:]:  # where only the cascade names it
        whole.follow(judged := judge(row, PARTITIONS))
        assert "decided_otherwise" in {one.code for one in judged.found}, "without its facts: what is not there is not undone"


def test_a_refusal_for_want_of_a_rulebook_is_decided_again_without_it(first: Book, second: Book) -> None:
    standing = life(first, second)
    event = event_of(standing.topics[4][-1])
    assert event.type == "reversal.refused" and codes(event.body.settled) == ["other_rulebook"]
    assert again(standing, second, first) == ([], {}), "the auditor has it; whoever decided had not"


def test_a_refusal_that_names_a_rulebook_which_was_not_asked_for_is_false(first: Book, second: Book) -> None:
    standing = life(first, second)
    found = standing.topics[4][-1]
    (why,) = event_of(found).body.settled.reasons
    forged = settled_with(found, reasons=(why.model_copy(update={"field": second.digest}),))
    standing.topics[4][-1] = replace(found, value=forged)
    assert "decided_otherwise" in again(standing, second, first)[0]
