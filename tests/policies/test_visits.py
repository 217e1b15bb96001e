"""A visit is settled directly or paid by hand: whichever comes first, unless invoices tell two bills of it apart."""

from typing import Any

import pytest

from contracts.wire import event_of
from policies import continuity, invoices, visits
from policies.book import Book
from policies.settlement.stage import SettlementStage
from policies.stage import State, View
from tests.policies import requests, rulebooks
from tests.policies.requests import PERSON, claim, codes, insured, last_section, line, model, reimbursement
from tests.policies.standing import Standing
from tests.policies.test_chain import audited
from tests.policies.test_invoices import billed
from tests.policies.test_review_held import decision, held
from tests.policies.undoing import FILES, asked, bill, cascade, person, state_of

DIRECT, HAND = "claim.submitted.v2", "reimbursement.requested"
PAID_BY_HAND = model(claim(pay_loc="1"))
Way = tuple[str, dict[str, Any]]


def by_hand(*numbers: str, **more: Any) -> Way:
    """100.00 of visit M1, paid by hand with these invoices, or with I1."""
    shares = [(number, 10_000 // len(numbers)) for number in numbers] or [("I1", 10_000)]
    return HAND, reimbursement(invoices=shares, **more)


@pytest.mark.parametrize(("first", "second", "told"), [
    ((DIRECT, claim()), by_hand(), ["visit_settled"]),
    (by_hand(), (DIRECT, claim()), ["visit_reimbursed"]),
    ((DIRECT, claim()), ("trial.requested", by_hand()[1]), ["visit_settled"]),
    (by_hand(), ("quote.requested.v2", claim()), ["visit_reimbursed"]),
    (by_hand(), (DIRECT, claim() | {"pay_loc": "5"}), ["visit_reimbursed"]),
    ((DIRECT, claim()), (DIRECT, claim()), []),                      # two bills of one visit, both at the provider
    (by_hand("I1"), by_hand("I2"), []),                              # two bills of one visit, both by hand
    (by_hand("I1"), by_hand("I1"), ["invoice_used"]),
    ((DIRECT, billed("I1")), by_hand("I2"), []),                     # the invoices say that they are two bills
    (by_hand("I1"), (DIRECT, billed("I2")), []),
    ((DIRECT, billed("I1")), by_hand("I1"), ["invoice_used"]),
    ((DIRECT, claim()), by_hand(mdtrt_id="M2"), []),
    ((DIRECT, claim(fixmedins_code="H65020000102")), by_hand(), []),
    (("quote.requested.v2", claim()), by_hand(), []),                # what was only tried paid nothing
    ((DIRECT, claim(med_type="21")), by_hand(), []),                 # refused: no rule for stays there
    ((HAND, reimbursement(materials=[])), (DIRECT, claim()), []),    # pending
])
def test_a_visit_is_paid_one_way(first: Way, second: Way, told: list[str]) -> None:
    journey = insured()
    journey.send(*first, "one")
    event = journey.send(*second, "two")
    assert codes(last_section(event)) == told
    assert event.type.endswith(".refused") == bool(told)


@pytest.mark.parametrize(("first", "second"), [((DIRECT, claim()), by_hand()), (by_hand(), (DIRECT, claim()))])
def test_the_reason_names_the_visit_and_the_settlement(first: Way, second: Way) -> None:
    journey = insured()
    settled = journey.send(*first, "one")
    (why,) = last_section(journey.send(*second, "two")).reasons
    assert why.field == "mdtrt_id"
    for text in (why.zh, why.en):
        assert all(name in text for name in ("M1", "H65020000101", settled.attributes.id))
    assert settled.attributes.id in why.remedy_zh and settled.attributes.id in why.remedy_en


@pytest.mark.parametrize(("first", "second", "told"), [
    ((DIRECT, claim()), by_hand(), "visit_settled"), (by_hand(), (DIRECT, claim()), "visit_reimbursed")])
def test_once_it_is_taken_back_the_other_way_is_open(first: Way, second: Way, told: str) -> None:
    journey = insured()
    journey.send(*first, "one")
    assert codes(last_section(journey.send(*second, "two"))) == [told]
    assert journey.send("reversal.requested", asked("one", "2026-04-02", setl_optins="650200"), "r1").type == "claim.reversed"
    assert journey.send(*second, "three").type.endswith(".settled")
    assert journey.send(*first, "four").type.endswith(".refused"), "and now the first way is closed"


def test_a_correction_that_names_the_invoice_opens_the_way_for_another_bill() -> None:
    journey = insured()
    journey.send(DIRECT, claim(), "one")
    assert codes(last_section(journey.send(*by_hand("I2"), "two"))) == ["visit_settled"]
    right = asked("one", "2026-03-06", fixmedins_code="H65020000101", claim=billed("I1"))
    assert journey.send("correction.requested", right, "k1").type == "claim.corrected"
    assert journey.send(*by_hand("I2"), "three").type == "reimbursement.settled"


@pytest.mark.parametrize(("first", "second", "asks", "told"), [
    (by_hand("I2"), (DIRECT, billed("I1")), asked("two", "2026-04-02", fixmedins_code="H65020000101", claim=claim()), "visit_reimbursed"),
    ((DIRECT, billed("I1")), by_hand("I2"), asked("one", "2026-04-02", setl_optins="650200", cascade="1", claim=claim()), "visit_settled"),
])
def test_a_correction_may_not_drop_the_invoices_that_tell_two_bills_apart(
    first: Way, second: Way, asks: dict[str, Any], told: str
) -> None:
    """In the second case the reimbursement behind it, which would be settled again, is what no longer can be."""
    journey = insured()
    assert [journey.send(*first, "one").type.split(".")[1], journey.send(*second, "two").type.split(".")[1]] == ["settled", "settled"]
    event = journey.send("correction.requested", asks, "k1")
    assert event.type == "correction.refused" and codes(last_section(event)) == [told]


def test_a_held_claim_is_not_settled_once_its_visit_was_paid_by_hand() -> None:
    journey, found = held()  # M2 waits
    assert journey.send(*by_hand("I1", mdtrt_id="M2"), "two").type == "reimbursement.settled"
    refused = journey.send("review.decided.v1", decision(found))
    assert refused.type == "review.refused" and codes(refused.body.settled) == ["visit_reimbursed"]


def test_what_a_held_claim_settled_is_not_paid_by_hand() -> None:
    journey, found = held()
    assert journey.send("review.decided.v1", decision(found)).type == "review.settled"
    assert codes(last_section(journey.send(*by_hand("I1", mdtrt_id="M2"), "two"))) == ["visit_settled"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES)


def test_a_cascade_frees_the_first_visit_and_keeps_the_second_for_what_stands_in_its_place(small: Book) -> None:
    journey = person(small)
    for number in (1, 2):
        journey.send(DIRECT, bill(50_000, f"M{number}"), f"c{number}")
    event = cascade(journey, "c1")
    known = state_of(journey)._known
    assert known[f"e:{PERSON}:visit:H35020000103/M1"] == {}
    assert known[f"e:{PERSON}:visit:H35020000103/M2"] == {f"direct/{event.body.settled.again[0].setl_id}": 1}


def test_replayed_from_the_log_the_entries_are_the_same(small: Book) -> None:
    journey = person(small)
    for number in (1, 2):
        journey.send(DIRECT, bill(50_000, f"M{number}"), f"c{number}")
    cascade(journey, "c1")
    replayed = State(SettlementStage(small), strict=False)
    for one in journey.records:
        if one.topic == "yibao.settled":
            replayed.fold(event_of(one))
    assert replayed.changes() == state_of(journey).changes()


# --- under another visit id ---------------------------------------------------------------------------------------------


def findings(event: Any) -> list[str]:
    review = event.body.settled.review
    return [one.rule_id for one in review.findings or ()] if review is not None else []


def test_the_same_bill_by_hand_under_another_visit_id_is_told() -> None:
    journey = insured()
    first = journey.send(DIRECT, claim(), "one")
    event = journey.send(*by_hand(mdtrt_id="M2"), "two")
    assert event.type == "reimbursement.settled" and findings(event) == ["paid-both-ways"]
    (found,) = event.body.settled.review.findings
    assert found.setl_ids == (first.attributes.id,) and found.vola_amt == 10_000


def test_the_same_bill_directly_under_another_visit_id_is_held() -> None:
    journey = insured()
    journey.send(*by_hand(), "one")
    event = journey.send(DIRECT, claim(mdtrt_id="M2"), "two")
    assert event.type == "claim.held" and findings(event) == ["paid-both-ways"]


def test_nothing_is_found_once_the_first_was_taken_back() -> None:
    journey = insured()
    journey.send(*by_hand(), "one")
    assert journey.send("reversal.requested", asked("one", "2026-04-02", setl_optins="650200"), "r1").type == "claim.reversed"
    event = journey.send(DIRECT, claim(mdtrt_id="M2"), "two")
    assert event.type == "claim.settled" and findings(event) == []


def test_a_stay_by_hand_under_another_visit_id_with_days_in_common_is_told() -> None:
    """In 郑州: settled directly from 26 February to 5 March, by hand from 1 to 8 March."""
    journey = insured({"insuplc_admdvs": "410100", "insutype": "310", "psn_type": "11", "psn_insu_date": "2001-01-01"})
    at = {"fixmedins_code": "H41010500103", "med_type": "21"}
    directly = claim(line(800_000), **at, begndate="2026-02-26", enddate="2026-03-05", setl_date="2026-03-05", mdtrt_id="S1")
    assert journey.send(DIRECT, directly, "one").type == "claim.settled"
    again = reimbursement(line(800_000), **at, begndate="2026-03-01", enddate="2026-03-08", mdtrt_id="S2")
    event = journey.send(HAND, again, "two")
    assert event.type == "reimbursement.settled" and "paid-both-ways" in findings(event)


# --- the entry ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_bounded_and_falls_to_nothing() -> None:
    """20 settlements: 16 are named, 4 counted; taken back in any order none is left."""
    bill, view = model(claim()), View(None, {})
    ids = [f"S{number:02d}" for number in range(20)]
    for id in ids:
        view = visits.taken(view, view, bill, id)
    (held,) = view.entries.values()
    assert held == {**{f"direct/S{number:02d}": 1 for number in range(16)}, "direct/": 4}
    for id in ids[:16]:
        view = visits.freed(view, bill, id)
    assert visits.paid(PAID_BY_HAND, view) == ("-",)
    for id in ids[16:]:
        view = visits.freed(view, bill, id)
    assert list(view.entries.values()) == [{}] and not visits.paid(PAID_BY_HAND, view)


def test_a_log_of_before_this_was_asked_can_be_folded() -> None:
    """It may hold a visit that was paid both ways: a state of it must come out, or no worker could take over."""
    view = View(None, {"visit:H65020000101/M1": {"direct/S1": 1}})
    assert visits.taken(view, view, PAID_BY_HAND, "S2").entries == {"visit:H65020000101/M1": {"direct/S1": 1, "hand/S2": 1}}


# --- the audit ----------------------------------------------------------------------------------------------------------


def test_the_audit_finds_a_visit_that_was_paid_both_ways(book: Book) -> None:
    """Two roads settled the visit, each without knowing of the other: their records put behind one another."""
    rows = []
    for way in ((DIRECT, claim()), by_hand()):
        road = Standing(book)
        road.publish(requests.record("enrolment.recorded", requests.enrolment()))
        road.publish(requests.record(*way, f"r-{way[0]}"))
        rows.append(road.rows()[1])
    found = {one.code: one for judged in audited(rows) for one in judged.found}
    assert set(found) == {"visit_paid_twice", "before_differs"}
    twice = found["visit_paid_twice"]
    assert (twice.expected, twice.found) == tuple(event_of(row.records[-1]).attributes.id for row in rows)  # type: ignore[arg-type]
    assert "visit:H65020000101/M1" in twice.en


def test_the_audit_finds_nothing_where_the_first_was_taken_back(book: Book) -> None:
    standing, back = Standing(book), asked("one", "2026-04-02", setl_optins="650200")
    for type, data, id in (
        ("enrolment.recorded", requests.enrolment(), "e"), (DIRECT, claim(), "one"), ("reversal.requested", back, "r"), (*by_hand(), "two"),
    ):
        standing.publish(requests.record(type, data, id))
    assert event_of(standing.rows()[-1].records[-1]).type == "reimbursement.settled"  # type: ignore[arg-type]
    assert [one.code for judged in audited(standing.rows()) for one in judged.found] == []


BOTH_WAYS = [("S1", model(claim())), ("S2", PAID_BY_HAND)]
VISIT = "visit:H65020000101/M1"


@pytest.mark.parametrize(("bills", "known", "told"), [
    (BOTH_WAYS, None, [("visit_paid_twice", "S2", "S1", VISIT)]),                      # one verdict settles both
    (BOTH_WAYS[:1], {"hand/S0": 1}, [("visit_paid_twice", "S1", "S0", VISIT)]),
    ([(invoices.FREE, BOTH_WAYS[0][1])], {"hand/S0": 1}, []),                          # it takes it back, and pays nothing
    ([BOTH_WAYS[0], ("S3", BOTH_WAYS[0][1])], None, []),                               # two bills, both at the provider
])
def test_the_bills_of_one_verdict_are_compared_with_one_another(
    bills: list[tuple[str, Any]], known: dict[str, int] | None, told: list[tuple[str, str, str, str]],
) -> None:
    assert list(continuity._paid_twice(View(None, {VISIT: known}), bills, ())) == told
