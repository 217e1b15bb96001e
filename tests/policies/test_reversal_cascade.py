"""Settlements that stand on one that is undone: reversed with it and settled again; and corrections. Amounts in fen."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from contracts.wire import Event, event_of
from policies.book import Book
from tests.policies import rulebooks
from tests.policies.requests import PERSON, Journey, codes, credit, last_section
from tests.policies.undoing import (
    CLINIC,
    FILES,
    HOSPITAL,
    PLAN,
    XIAMEN,
    asked,
    bill,
    cascade,
    claim,
    held,
    person,
    reverse,
    stay,
    upgraded,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES)


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The same, and outpatient care is paid at 50 %."""
    assert PLAN.count("ratio = [{ of = 0.60 }]") == 1
    return rulebooks.loaded(tmp_path_factory.mktemp("half"), FILES | {rulebooks.PLAN: PLAN.replace("ratio = [{ of = 0.60 }]", "ratio = [{ of = 0.50 }]")})


def correct(journey: Journey, omsgid: str, data: dict[str, Any], id: str = "k1", **more: Any) -> Event:
    return journey.send("correction.requested", asked(omsgid, claim=data, **more), id)


def owed(event: Event) -> list[tuple[int, int, int]]:
    return [(again.owed["fund_pay_sumamt"], again.owed["acct_pay"], again.owed["psn_cash_pay"]) for again in event.body.settled.again]


# --- cascade ----------------------------------------------------------------------------------------------------------

def test_the_later_visit_pays_the_deductible_that_the_first_one_had(small: Book) -> None:
    """500.00: deductible 300.00, 200.00 x 60 % = 120.00. The same again: no deductible, 500.00 x 60 % = 300.00.

    Without the first, the second pays the deductible: 120.00 from the pool, 180.00 less; the person pays 180.00 more.
    """
    journey = person(small)
    first, second = (claim(journey, f"c{number}", bill(50_000, f"M{number}")) for number in (1, 2))
    assert (first.body.settled.hifp_pay, second.body.settled.hifp_pay) == (12_000, 30_000)
    event = cascade(journey, "c1")
    assert event.type == "claim.reversed"
    found = event.body.settled
    assert [one.setl_id for one in found.undone] == [second.attributes.id, first.attributes.id], "the last one first"
    (again,) = found.again
    assert (again.init_setl_id, again.omsgid, again.settlement.hifp_pay, again.settlement.act_pay_dedc) == (second.attributes.id, "c2", 12_000, 30_000)
    assert owed(event) == [(-18_000, 0, 18_000)] and again.setl_id != second.attributes.id
    alone = person(small)
    claim(alone, "c2", bill(50_000, "M2"))
    assert held(journey) == held(alone)


def test_a_stay_becomes_the_first_of_the_year_and_critical_illness_begins_later(small: Book) -> None:
    """Two stays of 20,000.00. First: deductible 1,000.00, 80 % of 19,000.00 = 15,200.00, the person bears 4,800.00.

    Second: deductible 500.00, 80 % of 19,500.00 = 15,600.00, 4,400.00; the year's base is 9,200.00, of it 4,200.00 above
    5,000.00: x 60 % = 2,520.00. Alone it is the first: 15,200.00, 4,800.00 below the threshold. Assistance in both ways:
    first (4,800.00 - 2,000.00) / 2 = 1,400.00; second its whole rest, 4,400.00 - 2,520.00 = 1,880.00, / 2 = 940.00.
    Alone the second gets what the first got: 15,200.00 + 1,400.00 = 16,600.00; it had 15,600.00 + 2,520.00 + 940.00 = 19,060.00.
    """
    journey = person(small)
    claim(journey, "c1", stay(2_000_000, "S1"))
    second = claim(journey, "c2", stay(2_000_000, "S2")).body.settled
    assert (second.hifp_pay, second.hifmi_pay, second.maf_pay) == (1_560_000, 252_000, 94_000)
    event = cascade(journey, "c1")
    (again,) = event.body.settled.again
    assert (again.settlement.hifp_pay, again.settlement.hifmi_pay, again.settlement.maf_pay) == (1_520_000, 0, 140_000)
    assert owed(event) == [(-246_000, 0, 246_000)]


def test_the_account_pays_as_it_would_have_on_its_day(small: Book) -> None:
    """100.00 on the account. First 100.00, all deductible: the account pays it. Second 300.00: deductible 200.00 and 60.00 from the pool; the person
    bears 240.00 in cash. Later 1,000.00 come in: they were not there on the day. Without the first visit the second pays the
    deductible of 300.00, the pool nothing; 100.00 from the account, 200.00 in cash.
    """
    journey = person(small, 10_000)
    claim(journey, "c1", bill(10_000, acct_used_flag="1"))
    second = claim(journey, "c2", bill(30_000, "M2", acct_used_flag="1")).body.settled
    assert (second.act_pay_dedc, second.hifp_pay, second.acct_pay, second.psn_cash_pay) == (20_000, 6_000, 0, 24_000)
    journey.send("account.credited", credit(100_000), "credit-2")
    event = cascade(journey, "c1")
    assert owed(event) == [(-6_000, 10_000, -4_000)]
    assert held(journey)["balances"] == {"310": 100_000}
    assert event.body.settled.moved.accounts["310"].movement == {}


def test_the_wallet_pays_in_bound_order_as_it_would_have(small: Book) -> None:
    """Z9 has 60.00, A1 100.00. The first visit takes 100.00: all of Z9, 40.00 of A1; the second 60.00 of A1, 40.00 in cash.

    Without the first the second takes what the first took.
    """
    journey = person(small, Z9=6_000, A1=10_000)
    claim(journey, "c1", bill(10_000, acct_used_flag="2"))
    second = claim(journey, "c2", bill(10_000, "M2", acct_used_flag="2")).body.settled
    assert (second.wallet.movement, second.psn_cash_pay) == ({"A1": -6_000}, 4_000)
    event = cascade(journey, "c1")
    assert event.body.settled.again[0].settlement.wallet.movement == {"Z9": -6_000, "A1": -4_000}
    assert held(journey)["wallet"] == {"Z9": 0, "A1": 6_000}


def test_what_shares_nothing_stays_as_it_is(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000, day="2025-12-30"))
    other = claim(journey, "c2", bill(50_000, "M2", "2026-01-02"))
    event = cascade(journey, "c1", day="2026-01-05")
    assert len(event.body.settled.undone) == 1 and event.body.settled.again == ()
    assert reverse(journey, "c2", "r2", day="2026-01-06").body.settled.undone[0].setl_id == other.attributes.id


def test_what_was_settled_again_is_found_by_its_claim_and_keeps_its_place(small: Book) -> None:
    journey = person(small)
    ids = [claim(journey, f"c{number}", bill(50_000, f"M{number}")).attributes.id for number in (1, 2, 3)]
    event = cascade(journey, "c1")
    new = [again.setl_id for again in event.body.settled.again]
    assert codes(reverse(journey, "c2", "r3").body.settled) == ["later_first"], "the second still stands before the third"
    assert [reverse(journey, id, f"r-{id}").body.settled.undone[0].setl_id for id in ("c3", "c2")] == [new[1], new[0]]
    by_old_id = {name: value for name, value in asked("c2").items() if name != "omsgid"} | {"setl_id": ids[1]}
    found = journey.send("reversal.requested", by_old_id, "r4")
    assert found.type == "reversal.repeated" and "r1" in found.body.settled.reasons[0].en
    assert held(journey) == held(person(small))


def test_each_is_settled_again_by_the_rulebook_that_it_had(small: Book, half: Book) -> None:
    """The first two visits at 60 %, then the plan pays 50 %. 500.00: 120.00; 500.00 x 60 % = 300.00; 500.00 x 50 % = 250.00.

    Without the first the second pays the deductible, still at 60 %: 200.00 x 60 % = 120.00 (at 50 % it would be 100.00); the third
    gets its 250.00 as before.
    """
    journey, never = person(small), person(small)
    for number in (1, 2, 3):
        if number == 3:
            upgraded(journey.road, half, small)
            upgraded(never.road, half, small)
        claim(journey, f"c{number}", bill(50_000, f"M{number}"))
        if number > 1:
            claim(never, f"c{number}", bill(50_000, f"M{number}"))
    event = cascade(journey, "c1")
    assert event.type == "claim.reversed" and event.body.settled.rulebook == half.digest
    second, third = event.body.settled.again
    assert (second.settlement.rulebook, second.settlement.hifp_pay) == (small.digest, 12_000)
    assert (third.settlement.rulebook, third.settlement.hifp_pay) == (half.digest, 25_000)
    assert owed(event) == [(-18_000, 0, 18_000), (0, 0, 0)]
    assert held(journey) == held(never)


def test_what_is_corrected_is_settled_by_todays_rulebook_and_what_follows_by_its_own(small: Book, half: Book) -> None:
    """300.00 then 500.00 at 60 %. The first corrected to 400.00 at 50 %: (400.00 - 300.00) x 50 % = 50.00; the second has no deductible
    left, as before: 500.00 x 60 % = 300.00."""
    journey = person(small)
    claim(journey, "c1", bill(30_000))
    claim(journey, "c2", bill(50_000, "M2"))
    upgraded(journey.road, half, small)
    event = correct(journey, "c1", bill(40_000), setl_optins=XIAMEN, cascade="1")
    assert [(again.settlement.rulebook, again.settlement.hifp_pay) for again in event.body.settled.again] == [
        (half.digest, 5_000), (small.digest, 30_000)]


def test_by_a_rulebook_that_is_not_at_hand_it_is_not_settled_again(small: Book, half: Book) -> None:
    journey = person(small)
    for number in (1, 2):
        claim(journey, f"c{number}", bill(50_000, f"M{number}"))
    upgraded(journey.road, half)
    before = held(journey)
    event = cascade(journey, "c1")
    assert event.type == "reversal.refused" and held(journey) == before
    (why,) = event.body.settled.reasons
    assert (why.code, why.field) == ("other_rulebook", small.digest)
    for remedy in (why.remedy_zh, why.remedy_en):
        assert "yibao rules keep" in remedy and small.digest[:12] in remedy
    upgraded(journey.road, half, small)
    assert cascade(journey, "c1", "r2").type == "claim.reversed", "once it is kept"
    assert reverse(journey, "c2", "r3").type == "claim.reversed", "without settling again the rulebook does not matter"


def test_money_that_was_moved_out_in_between_is_not_spent_twice(small: Book) -> None:
    """100.00 of 200.00 used, the rest moved out; a correction that takes 150.00 finds 50.00 too little."""
    journey = person(small, 20_000)
    claim(journey, "c1", bill(10_000, acct_used_flag="1"))
    journey.send("account.debited", {"psn_no": PERSON, "insutype": "310", "amt": 10_000, "date": "2026-03-06"}, "d1")
    event = correct(journey, "c1", bill(15_000, acct_used_flag="1"))
    assert event.type == "correction.refused" and codes(event.body.settled) == ["balance_spent"]
    assert "-50.00" in event.body.settled.reasons[0].en
    assert correct(journey, "c1", bill(10_000, acct_used_flag="0"), "k2").type == "claim.corrected"
    assert held(journey)["balances"] == {"310": 10_000}


# --- corrections ------------------------------------------------------------------------------------------------------

def test_a_corrected_bill_is_settled_in_the_place_of_the_first(small: Book) -> None:
    """500.00: 120.00 from the pool. Corrected 400.00: (400.00 - 300.00) x 60 % = 60.00; the person gets 40.00 back."""
    journey = person(small)
    was = claim(journey, "c1", bill(50_000))
    event = correct(journey, "c1", bill(40_000), reason="refund")
    assert event.type == "claim.corrected" and last_section(event).verdict == "reversed"
    (again,) = event.body.settled.again
    assert (again.init_setl_id, again.settlement.hifp_pay, again.settlement.psn_cash_pay) == (was.attributes.id, 6_000, 34_000)
    assert owed(event) == [(-6_000, 0, -4_000)]
    alone = person(small)
    claim(alone, "c1", bill(40_000))
    assert held(journey) == held(alone)
    by_id = {name: value for name, value in asked("c1").items() if name != "omsgid"} | {"setl_id": again.setl_id}
    assert journey.send("reversal.requested", by_id, "r1").type == "claim.reversed", "the corrected one can be reversed itself"
    assert held(journey) == held(person(small))


def test_a_correction_with_later_visits_is_the_agencys(small: Book) -> None:
    """300.00 then 500.00. Corrected to 100.00 the first pays 100.00 of the deductible, the second the 200.00 that are left:

    (500.00 - 200.00) x 60 % = 180.00, and not 300.00 any more.
    """
    journey = person(small)
    claim(journey, "c1", bill(30_000))
    claim(journey, "c2", bill(50_000, "M2"))
    assert codes(correct(journey, "c1", bill(10_000)).body.settled) == ["later_first"]
    by_agency = {"setl_optins": XIAMEN, "cascade": "1"}
    event = correct(journey, "c1", bill(10_000), "k2", **by_agency)
    assert event.type == "claim.corrected" and owed(event) == [(0, 0, -20_000), (-12_000, 0, 12_000)]


@pytest.mark.parametrize(("changes", "field"), [
    ({"mdtrt_id": "M9"}, "claim.mdtrt_id"), ({"setl_date": "2026-03-06"}, "claim.setl_date"), ({"fixmedins_code": CLINIC}, "claim.fixmedins_code"),
    ({"mid_setl_flag": "1"}, "claim.mid_setl_flag"),
])
def test_a_correction_is_of_the_same_visit(small: Book, changes: dict[str, Any], field: str) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    event = correct(journey, "c1", bill(40_000) | changes)
    assert event.type == "correction.refused" and [(why.code, why.field) for why in event.body.settled.reasons] == [("other_visit", field)]


def test_a_correction_that_cannot_be_settled_leaves_the_settlement_as_it_is(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    before = held(journey)
    for number, (wrong, section, code) in enumerate((
        (bill(40_000) | {"medfee_sumamt": 1}, "priced", "sum_mismatch"), (bill(40_000) | {"med_type": "9901"}, "settled", "no_rule"),
        (bill(40_000) | {"fixmedins_code": "H00000000000"}, "checked", "unknown_provider"),
    )):
        event = correct(journey, "c1", wrong, f"k{number}")
        assert event.type == "correction.refused" and code in codes(getattr(event.body, section)), section
        assert held(journey) == before
    assert reverse(journey, "c1").type == "claim.reversed"


def test_a_correction_of_what_was_reversed_is_refused(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    reverse(journey, "c1", "r1")
    event = correct(journey, "c1", bill(40_000))
    assert event.type == "correction.refused" and codes(event.body.settled) == ["reversed_before"]


# --- as if it had never been ------------------------------------------------------------------------------------------

VISITS = st.tuples(
    st.sampled_from(["11", "21", "interim"]), st.integers(1, 4_000_000), st.sampled_from(["0", "1", "2"]),
    st.sampled_from(["2025-11-05", "2025-12-28", "2026-01-03", "2026-02-05"]), st.sampled_from([HOSPITAL, CLINIC]), st.integers(0, 60_000))


def played(book: Book, visits: list[tuple], left_out: int | None, other: Book | None = None, since: int = 0) -> Journey:
    """A life of these visits, each before a credit to the account; one may be left out. Interim settlements end with a last one.

    ``other``: the rulebook from the visit ``since`` on, with the first one at hand.
    """
    journey = person(book, 20_000, Z9=30_000, A1=5_000)
    for number, (care, amount, flag, day, where, more) in enumerate(visits):
        if other is not None and number == since:
            upgraded(journey.road, other, book)
        kind = {"acct_used_flag": flag, "fixmedins_code": where, "day": day}
        if number != left_out and care == "interim":
            claim(journey, f"c{number}", stay(amount, f"S{number}", mid_setl_flag="1", **kind))
            claim(journey, f"c{number}-last", stay(amount // 2 + 1, f"S{number}", **kind))
        elif number != left_out:
            claim(journey, f"c{number}", bill(amount, f"M{number}", med_type=care, **kind))
        elif care == "interim":
            claim(journey, f"c{number}-last", stay(amount // 2 + 1, f"S{number}", **kind))
        journey.send("account.credited", credit(more + 1), f"more-{number}")
    return journey


@settings(max_examples=60, deadline=None)
@given(st.lists(VISITS, min_size=1, max_size=7), st.data())
def test_after_a_cascade_it_is_as_if_the_visit_had_never_been(small: Book, half: Book, visits: list[tuple], data: st.DataObject) -> None:
    """State and money of each later settlement are those of a life without it, from whatever place it is taken, and whenever the
    rulebook was changed in between."""
    gone, since = (data.draw(st.integers(0, len(visits) - 1)) for _ in range(2))
    journey, never = (played(small, visits, left_out, half, since) for left_out in (None, gone))
    event = cascade(journey, f"c{gone}", day="2026-03-06")
    assert event.type == "claim.reversed", codes(event.body.settled)
    assert held(journey) == held(never)
    others = {found.attributes.request_id: found.body.settled for found in _settled(never)}
    for again in event.body.settled.again:
        other = others[again.omsgid]
        assert again.settlement.rulebook == other.rulebook
        assert [getattr(again.settlement, name) for name in ("hifp_pay", "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay")] == [
            getattr(other, name) for name in ("hifp_pay", "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay")]
        assert [(step.kind, step.base, step.amount) for step in again.settlement.steps] == [(step.kind, step.base, step.amount) for step in other.steps]


@settings(max_examples=25, deadline=None)
@given(st.lists(VISITS, min_size=2, max_size=5), st.data())
def test_all_taken_back_in_any_order_nothing_is_left(small: Book, visits: list[tuple], data: st.DataObject) -> None:
    visits = [(care if care != "interim" else "21", *rest) for care, *rest in visits]
    journey = played(small, visits, None)
    for number in data.draw(st.permutations(range(len(visits)))):
        assert cascade(journey, f"c{number}", f"r{number}", day="2026-03-06").type == "claim.reversed"
    left = held(journey)
    assert left["balances"] == {"310": 20_000 + sum(visit[-1] + 1 for visit in visits)} and left["wallet"] == {"Z9": 30_000, "A1": 5_000}
    assert not left["open"] and not any(amounts for key, amounts in left.items() if key.startswith(("year:", "stay:")))


def _settled(journey: Journey) -> list[Event]:
    return [event for found in journey.records if found.topic == "yibao.settled" and (event := event_of(found)).type == "claim.settled"]
