"""An invoice is paid once: by a claim or a reimbursement, under whatever id; a settlement that is taken back frees it."""

import pytest

from contracts.wire import event_of
from policies import invoices
from policies.book import Book
from policies.settlement.stage import SettlementStage
from policies.stage import DoesNotFit, View
from tests.policies.requests import Journey, claim, codes, insured, last_section, line, model, reimbursement

TYPE = "claim.submitted.v2"


def billed(*numbers: str, amount: int = 10_000, **more: object) -> dict:
    """A visit of 100.00 with one invoice over it, or several that share it."""
    parts = [amount // len(numbers)] * len(numbers)
    return claim(line(amount), **more) | {
        "invoinfo": [{"invono": number, "invo_amt": part} for number, part in zip(numbers, parts, strict=True)]}


def refused(journey: Journey, type: str, data: dict, id: str) -> list[str]:
    event = journey.send(type, data, id)
    assert event.type.endswith(".refused")
    return codes(last_section(event))


@pytest.mark.parametrize("first", [(TYPE, billed("I1")), ("reimbursement.requested", reimbursement())])
@pytest.mark.parametrize("again", [(TYPE, billed("I1", mdtrt_id="M2")), ("reimbursement.requested", reimbursement(mdtrt_id="M2"))])
def test_a_used_invoice_is_refused_and_the_reason_names_its_settlement(first: tuple[str, dict], again: tuple[str, dict]) -> None:
    journey = insured()
    settled = journey.send(*first, "one")
    event = journey.send(*again, "two")
    (why,) = last_section(event).reasons
    assert (why.code, why.field) == ("invoice_used", "invoinfo.0.invono")
    for text in (why.zh, why.en, why.remedy_zh, why.remedy_en):
        assert settled.attributes.id in text


def test_a_quote_and_a_trial_use_no_invoice_and_are_refused_a_used_one() -> None:
    journey = insured()
    assert journey.send("quote.requested.v2", billed("I1"), "q-1").type == "claim.quoted"
    assert journey.send("trial.requested", reimbursement(), "t-1").type == "reimbursement.quoted"
    assert journey.send(TYPE, billed("I1"), "c-1").type == "claim.settled"
    assert refused(journey, "quote.requested.v2", billed("I1", mdtrt_id="M2"), "q-2") == ["invoice_used"]
    assert refused(journey, "trial.requested", reimbursement(mdtrt_id="M2"), "t-2") == ["invoice_used"]


def test_every_used_invoice_is_told() -> None:
    journey = insured()
    journey.send(TYPE, billed("I1", "I2"), "c-1")
    event = journey.send(TYPE, billed("I1", "I3", "I2", "I4", mdtrt_id="M2"), "c-2")
    assert [why.field for why in last_section(event).reasons] == ["invoinfo.0.invono", "invoinfo.2.invono"]


def test_what_was_refused_or_is_pending_uses_no_invoice() -> None:
    journey = insured()
    assert refused(journey, TYPE, billed("I1", med_type="21"), "c-1") == ["no_rule"]
    assert journey.send("reimbursement.requested", reimbursement(materials=[]), "r-1").type == "reimbursement.pending"
    assert journey.send(TYPE, billed("I1"), "c-2").type == "claim.settled"


def test_a_used_invoice_and_a_missing_rule_are_both_told() -> None:
    journey = insured()
    journey.send(TYPE, billed("I1"), "c-1")
    assert refused(journey, TYPE, billed("I1", med_type="21"), "c-2") == ["invoice_used", "no_rule"]


def test_another_person_has_invoices_of_their_own() -> None:
    """Nothing reads another person's state: an invoice belongs to the person whose bill it is."""
    journey = insured()
    journey.publish(insured(psn_no="P2").requests[0])
    assert journey.send(TYPE, billed("I1"), "c-1").type == "claim.settled"
    assert journey.send(TYPE, billed("I1", psn_no="P2"), "c-1").type == "claim.settled"


@pytest.mark.parametrize(("data", "told"), [
    (billed("I1", "I1"), ["invoice_twice"]),
    (billed("I1") | {"invoinfo": [{"invono": "I1", "invo_amt": 9_999}]}, ["invoice_sum"]),
    (billed("I1") | {"invoinfo": [{"invono": "I1", "invo_amt": 5_000}, {"invono": "I1", "invo_amt": 5_001}]}, ["invoice_twice", "invoice_sum"]),
    (billed("I1") | {"invoinfo": [{"invono": "I1", "invo_amt": 10_000}, {"invono": "I2", "invo_amt": 1}]}, ["invoice_sum"]),
])
def test_what_is_wrong_with_invoices_alone(data: dict, told: list[str]) -> None:
    assert refused(insured(), TYPE, data, "c-1") == told
    by_hand = reimbursement() | {"invoinfo": [{"invo_chk": "C1"} | one for one in data["invoinfo"]]}
    assert refused(insured(), "reimbursement.requested", by_hand, "r-1") == told


def test_the_reason_names_both_sums() -> None:
    event = insured().send(TYPE, billed("I1") | {"invoinfo": [{"invono": "I1", "invo_amt": 9_950}]}, "c-1")
    (why,) = last_section(event).reasons
    assert why.en == "The invoices add up to 99.50 yuan, the bill to 100.00 yuan" and "99.50" in why.zh and "100.00" in why.zh


def test_a_claim_needs_its_invoices_or_else_its_visit(book: Book) -> None:
    def needed(data: dict) -> tuple[str, ...]:
        journey = insured()
        journey.send(TYPE, data, "c-1")
        priced = next(event for one in journey.records if (event := event_of(one)).type == "claim.priced")
        return SettlementStage(book).needs(priced)

    assert needed(claim()) == ("year:2026/650200/310", "visit:H65020000101/M1")
    assert needed(billed("I1", "I2")) == ("year:2026/650200/310", "invoice:I1", "invoice:I2")


# --- taken, and freed ---------------------------------------------------------------------------------------------------


def test_what_a_settlement_used_is_free_once_it_is_taken_back() -> None:
    bill = model(billed("I1", "I2"))
    used = invoices.taken(View("person", {"invoice:I1": None}), View("person", {"year": {}}), bill, "S1")
    assert used == View("person", {"year": {}, "invoice:I1": "S1", "invoice:I2": "S1"})
    free = invoices.freed(used, bill, "S1")
    assert not [*invoices.used(bill, free)] and free.entries["year"] == {}
    assert invoices.taken(free, free, bill, "S2").entries["invoice:I1"] == "S2"


def test_taking_back_one_settlement_frees_nothing_of_another() -> None:
    bill, view = model(billed("I1", "I2")), View(None, {"invoice:I1": "S1", "invoice:I2": "S2"})
    assert invoices.freed(view, bill, "S2").entries == {"invoice:I1": "S1", "invoice:I2": ""}
    assert invoices.freed(view, bill, "S3") == view


def test_two_settlements_of_one_invoice_do_not_fit() -> None:
    with pytest.raises(DoesNotFit, match="invoice:I1: settlement S2 uses it, and so does S1"):
        invoices.taken(View(None, {"invoice:I1": "S1"}), View(None, {}), model(billed("I1")), "S2")
