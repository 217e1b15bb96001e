"""Undo of an unknown outcome (冲正): by the id of the request, whether it arrived or not. And what goes with a settlement."""

from typing import Any

import pytest

from contracts.wire import Event, event_of
from policies.book import Book
from policies.filing import FilingStage
from policies.stage import BadState, State
from policies.statement import as_text, itemised, statement
from tests.policies import rulebooks
from tests.policies.requests import PERSON, Journey, claim as visit, codes, credit, insured, last_section, line
from tests.policies.undoing import CLINIC, FILES, HOSPITAL, XIAMEN, asked, bill, cascade, claim, held, person, reverse, state_of


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES)


def undo(journey: Journey, omsgid: str, id: str = "u1", **more: Any) -> Event:
    return journey.send("undo.requested", asked(omsgid, reason="wrong_settlement", **more), id)


def test_what_arrived_and_was_settled_is_taken_back_once(small: Book) -> None:
    journey = person(small, 10_000)
    before = held(journey)
    claim(journey, "c1", bill(50_000, acct_used_flag="1"))
    assert [undo(journey, "c1", id).type for id in ("u1", "u1", "u2")] == ["claim.undone", "request.repeated", "undo.repeated"]
    assert held(journey) == before
    assert journey.send("claim.submitted.v2", bill(50_000, acct_used_flag="1"), "c1").type == "request.repeated"
    assert reverse(journey, "c1").type == "reversal.repeated"


def test_what_never_arrived_is_refused_when_it_does(small: Book) -> None:
    journey = person(small)
    first, again = undo(journey, "c1"), undo(journey, "c1", "u2")
    assert (first.type, again.type) == ("request.undone", "request.undone")
    assert (codes(first.body.filed), codes(again.body.filed)) == ([], ["undone_before"])
    for number in range(2):
        late = journey.send("claim.submitted.v2", bill(50_000), "c1")
        assert late.type == "request.refused" and codes(late.body.filed) == ["undone"] and "u1" in late.body.filed.reasons[0].en, number
    assert held(journey) == held(person(small))
    assert claim(journey, "c2", bill(50_000)).body.settled.hifp_pay == 12_000


def test_one_persons_undo_does_not_touch_anothers_request(small: Book) -> None:
    journey = person(small)
    assert journey.send("undo.requested", asked("c1") | {"psn_no": "P2"}, "u1").type == "request.undone"
    assert claim(journey, "c1", bill(50_000)).body.settled.hifp_pay == 12_000


def test_what_settled_nothing_cannot_be_taken_back(small: Book) -> None:
    """A refused claim and a credit to the account: the first has nothing to give back, the other is no claim."""
    journey = person(small)
    journey.send("claim.submitted.v2", bill(50_000) | {"medfee_sumamt": 1}, "c1")
    journey.send("account.credited", credit(100), "m1")
    for number, id in enumerate(("c1", "m1")):
        event = undo(journey, id, f"u{number}")
        assert event.type == "undo.refused" and codes(event.body.settled) == ["nothing_to_undo"]
    assert held(journey)["balances"] == {"310": 100}


def test_an_undo_of_a_correction_says_that_it_stands_and_its_settlement_goes_by_its_own_id(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    corrected = journey.send("correction.requested", asked("c1", claim=bill(40_000)), "k1")
    before = held(journey)
    (why,) = undo(journey, "k1").body.settled.reasons
    assert why.code == "nothing_to_undo" and "a correction" in why.en and "stands" in why.en and "更正" in why.zh and held(journey) == before
    (new,) = corrected.body.settled.again
    by_id = {name: value for name, value in asked("c1").items() if name != "omsgid"} | {"setl_id": new.setl_id}
    assert journey.send("reversal.requested", by_id, "r1").type == "claim.reversed"


def test_an_undo_of_its_own_id_undoes_nothing(small: Book) -> None:
    journey = person(small)
    assert [undo(journey, "u1", "u1").type for _ in range(2)] == ["request.undone", "request.repeated"]


def test_an_undo_keeps_the_order_and_the_provider(small: Book) -> None:
    journey = person(small)
    for number in (1, 2):
        claim(journey, f"c{number}", bill(50_000, f"M{number}"))
    assert codes(undo(journey, "c1").body.settled) == ["later_first"]
    assert codes(undo(journey, "c2", "u2", fixmedins_code=CLINIC).body.settled) == ["not_the_provider"]


def test_replayed_the_first_stage_remembers_the_same(small: Book) -> None:
    journey = person(small)
    for id in ("u1", "u2"):
        undo(journey, "c1", id)
    journey.send("claim.submitted.v2", bill(50_000), "c1")
    live = next(state for stage, state, _ in journey.road._stages if stage.name == "filing")
    replayed = State(FilingStage(small), strict=False)
    for found in journey.records:
        if found.topic == "yibao.filed":
            replayed.fold(event_of(found))
    assert replayed.changes() == live.changes()


@pytest.mark.parametrize("wrong", ["", "x y 2 AAAA", "x y 2", "x y 2 !", "x y none AAAA"])
def test_a_record_that_cannot_be_read_is_the_states_fault(small: Book, wrong: str) -> None:
    """The ledger is thrown away and folded anew; the request is not refused for it."""
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    state_of(journey)._known[f"e:{PERSON}:done:1"] = wrong
    with pytest.raises(BadState):
        reverse(journey, "c1")


# --- what goes with a settlement --------------------------------------------------------------------------------------

def invoiced(fen: int, visit: str, **more: Any) -> dict[str, Any]:
    """A bill with one invoice, which is called after the visit."""
    return bill(fen, visit, invoinfo=[{"invono": f"I-{visit}", "invo_amt": fen}], **more)


def test_invoices_go_with_the_settlement_and_belong_to_the_one_in_its_place(small: Book) -> None:
    journey = person(small)
    for number in (1, 2):
        claim(journey, f"c{number}", invoiced(50_000, f"M{number}"))
    event = cascade(journey, "c1")
    known = state_of(journey)._known
    assert known[f"e:{PERSON}:invoice:I-M1"] == ""
    assert known[f"e:{PERSON}:invoice:I-M2"] == event.body.settled.again[0].setl_id
    claim(journey, "c3", invoiced(50_000, "M1"))  # the invoice may be used again
    refused = journey.send("claim.submitted.v2", invoiced(50_000, "M2"), "c4")
    assert codes(last_section(refused)) == ["invoice_used"]


def test_a_correction_may_keep_the_invoice_of_what_it_corrects(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", invoiced(50_000, "M1"))
    event = journey.send("correction.requested", asked("c1", claim=invoiced(40_000, "M1")), "k1")
    assert event.type == "claim.corrected", last_section(event)
    assert state_of(journey)._known[f"e:{PERSON}:invoice:I-M1"] == event.body.settled.again[0].setl_id


def test_a_correction_does_not_take_the_invoice_of_what_is_settled_again_behind_it(small: Book) -> None:
    journey = person(small)
    for number in (1, 2):
        claim(journey, f"c{number}", invoiced(50_000, f"M{number}"))
    before = state_of(journey)._known[f"e:{PERSON}:invoice:I-M2"]
    of_the_other = bill(50_000, "M1", invoinfo=[{"invono": "I-M2", "invo_amt": 50_000}])
    event = journey.send("correction.requested", asked("c1", setl_optins=XIAMEN, cascade="1", claim=of_the_other), "k1")
    assert event.type == "correction.refused" and "invoice_used" in codes(last_section(event))
    assert state_of(journey)._known[f"e:{PERSON}:invoice:I-M2"] == before


def test_what_review_remembers_is_forgotten_with_the_settlement() -> None:
    """A drug twice on one day at another provider is held; not where the first of the two was taken back."""
    journey, day = insured(), "2026-03-05"
    drug = line(50_000, item="XL01XEC303B001030300003", sn="1", cnt="1", pric="500.00")

    def handed_out(id: str, provider: str) -> str:
        data = visit(drug, day=day, fixmedins_code=provider, mdtrt_id=id, diseinfo=[{"diag_code": "C92.100"}])
        return journey.send("claim.submitted.v2", data, id).type

    first, second = "H65020000102", "H65020000103"
    assert [handed_out("c1", first), handed_out("c2", second)] == ["claim.settled", "claim.held"]
    assert journey.send("reversal.requested", asked("c1", day, fixmedins_code=first), "r1").type == "claim.reversed"
    assert handed_out("c3", second) == "claim.settled"


def test_a_held_claim_that_was_released_can_be_taken_back_by_its_own_request() -> None:
    journey = insured()
    drug = line(50_000, item="XL01XEC303B001030300003", sn="1", cnt="1", pric="500.00")
    before = held(journey)
    for id, provider in (("c1", "H65020000102"), ("c2", "H65020000103")):
        data = visit(drug, fixmedins_code=provider, mdtrt_id=id, diseinfo=[{"diag_code": "C92.100"}])
        event = journey.send("claim.submitted.v2", data, id)
    released = journey.send("review.decided", {
        "psn_no": PERSON, "held_id": event.attributes.id, "decision": "release", "opter": "OP-1", "date": "2026-03-09"}, "d1")
    assert released.type == "review.settled"
    for id, provider in (("c2", "H65020000103"), ("c1", "H65020000102")):
        assert undo(journey, id, f"u-{id}", fixmedins_code=provider).type == "claim.undone"
    assert held(journey) == before


# --- on paper ---------------------------------------------------------------------------------------------------------

def papers(book: Book) -> dict[str, Event]:
    """One verdict of each kind."""
    journey = person(book, 10_000, A1=5_000)
    for number in (1, 2):
        claim(journey, f"c{number}", bill(50_000, f"M{number}", acct_used_flag="2"))
    found = [
        reverse(journey, "c1", "r0"), cascade(journey, "c1"), reverse(journey, "c1", "r2"), undo(journey, "c2"), undo(journey, "c2", "u2"),
        undo(journey, "nowhere", "u3"), undo(journey, "r0", "u4"),
    ]
    claim(journey, "c3", bill(50_000, "M3"))
    correction = asked("c3", claim=bill(40_000, "M3"))
    found += [journey.send("correction.requested", correction, "k1"), journey.send("correction.requested", correction, "k2")]
    return {event.type: event for event in found}


def test_each_kind_has_a_paper_in_both_languages(small: Book) -> None:
    found = papers(small)
    assert set(found) == {
        "reversal.refused", "claim.reversed", "reversal.repeated", "claim.undone", "undo.repeated", "request.undone", "undo.refused",
        "claim.corrected", "correction.refused"}
    for type, event in found.items():
        for lang in ("zh", "en"):
            text = as_text(statement(event, small, lang))
            assert event.attributes.request_id in text, type
            for why in last_section(event).reasons:
                assert (why.zh if lang == "zh" else why.en)[:20] in text.replace("\n    ", "")


def test_the_paper_shows_the_mirror_and_who_owes_whom(small: Book) -> None:
    """500.00 twice: 120.00 and 300.00 from the pool. Account 100.00 and wallet 50.00 with the first; without it with the second.

    The second had 300.00 from the pool and 200.00 in cash; it has 120.00, 150.00 from the purses and 230.00 in cash.
    """
    text = as_text(statement(papers(small)["claim.reversed"], small, "en"))
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "all funds 120.00 -120.00" in rows and "account, the family wallet included 150.00 -150.00" in rows
    assert "total 500.00 -500.00" in rows and "2 deductible -500.00 -300.00" in rows
    assert any(row.endswith("-180.00 150.00 30.00") for row in rows) and "The person pays 30.00 more in cash." in rows
    assert "outpatient: deductible paid 300.00 0.00 300.00" in rows


def test_a_correction_has_a_fee_list(small: Book) -> None:
    text = as_text(itemised(papers(small)["claim.corrected"], small, "zh"))
    assert "费用清单" in text and "400.00" in text and HOSPITAL in text and XIAMEN in text
