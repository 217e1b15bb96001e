"""Requests of several parts in a row: held claims, invoices, corrections, late filings, undoing, reimbursements, moves.

Each life says how every request ends; the audit then finds nothing in it. Drugs of ``held`` are handed out twice on a day,
which holds the second claim. Amounts are not what is tested here.
"""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.keys import derived_id
from contracts.wire import Event, event_of
from policies.book import Book
from services.cli.show import reasons
from tests.policies.requests import BEIJING, PERSON, claim, enrolment, filing, line, record, reimbursement, spell
from tests.policies.standing import Standing
from tests.policies.test_wallet import told

DRUG = "XL01XEC303B001030300003"
FIRST, SECOND = "H65020000102", "H65020000103"
INVOICE = [{"invono": "I1", "invo_amt": 60_000, "invo_chk": "C"}]
Send = Callable[..., str]


@pytest.fixture
def standing(book: Book) -> Standing:
    return Standing(book)


@pytest.fixture
def send(standing: Standing) -> Send:
    """Sends a request; answers the type of its terminal event and the codes of its reasons, ``claim.refused not_filed``."""
    def sent(type: str, data: dict[str, Any], id: str | None = None) -> str:
        standing.publish(record(type, data, id))
        event: Event = event_of(standing.topics[4][-1])
        filed = getattr(event.body, "filed", None)
        kind = filed.verdict if event.type == "filing.decided" else event.type
        return " ".join([kind, *(why.code for why in reasons(event))])
    return sent


def drug(provider: str, visit: str, **more: Any) -> dict[str, Any]:
    return claim(line(60_000, item=DRUG, prd_days=30), fixmedins_code=provider, mdtrt_id=visit, **more)


def stay(provider: str = BEIJING, amount: int = 800_000, **more: Any) -> dict[str, Any]:
    days = {"begndate": "2026-02-26", "enddate": "2026-03-05", "setl_date": "2026-03-05"}
    return claim(line(amount), fixmedins_code=provider, med_type="21", mdtrt_id="S1", **days | more)


def undoing(omsgid: str, **more: Any) -> dict[str, Any]:
    return {"psn_no": PERSON, "date": "2026-04-20", "reason": "wrong_charges", "omsgid": omsgid} | more


def decision(held_id: str, word: str, **more: Any) -> dict[str, Any]:
    return {"psn_no": PERSON, "held_id": held_id, "decision": word, "opter": "R1", "date": "2026-03-06"} | more


def held(send: Send, standing: Standing) -> str:
    """Claim ``a`` is settled; ``b``, with an invoice, is held. The id of the held claim."""
    assert send("enrolment.recorded", enrolment()) == "enrolment.recorded"
    assert send("claim.submitted.v2", drug(FIRST, "A"), "a") == "claim.settled"
    assert send("claim.submitted.v2", drug(SECOND, "B", invoinfo=INVOICE), "b") == "claim.held held_for_review"
    return event_of(standing.topics[4][-1]).attributes.id


def test_an_invoice_of_a_held_claim_is_paid_by_hand_meanwhile(send: Send, standing: Standing) -> None:
    waiting = held(send, standing)
    by_hand = reimbursement(line(60_000, item=DRUG, prd_days=30), fixmedins_code=SECOND, mdtrt_id="B", invoices=[("I1", 60_000)])
    assert send("reimbursement.requested", by_hand, "p") == "reimbursement.settled"
    assert send("review.decided", decision(waiting, "release")) == "review.refused invoice_used"
    assert send("reversal.requested", undoing("p", setl_optins="650200"), "r") == "claim.reversed"
    assert send("review.decided", decision(waiting, "release"), "again") == "review.settled"
    assert told(standing.rows()) == []


def test_a_held_claim_is_not_undone_but_told_how_to_close_it(send: Send, standing: Standing) -> None:
    waiting = held(send, standing)
    assert send("reversal.requested", undoing("b", fixmedins_code=SECOND)) == "reversal.refused no_settlement"
    assert send("undo.requested", undoing("b", fixmedins_code=SECOND)) == "undo.refused nothing_to_undo"
    (why,) = reasons(event_of(standing.topics[4][-1]))
    assert "暂缓" in why.zh and "review.decided" in why.remedy_zh and "is held" in why.en and "refuse" in why.remedy_en
    assert send("review.decided", decision(waiting, "refuse")) == "review.closed refused_by_review"
    assert told(standing.rows()) == []


def test_what_held_it_is_taken_back_then_it_is_cut_then_corrected(send: Send, standing: Standing) -> None:
    waiting = held(send, standing)
    assert send("reversal.requested", undoing("a", fixmedins_code=FIRST, date="2026-03-06")) == "claim.reversed"
    cut = [{"feedetl_sn": "1", "bears": "patient", "amt": 10_000}]
    assert send("review.decided", decision(waiting, "cut", lines=cut)) == "review.settled"
    right = claim(line(50_000, item=DRUG, prd_days=30), fixmedins_code=SECOND, mdtrt_id="B")
    assert send("correction.requested", undoing("b", fixmedins_code=SECOND, date="2026-03-06", claim=right)) == "claim.corrected"
    assert told(standing.rows()) == []


def test_a_correction_goes_by_the_filings_known_then(send: Send, standing: Standing) -> None:
    """Cancelled from before its first day on the filing never held; filed late it is no way to settle directly; filed anew from
    a day of the stay, without a day of asking behind the settlement, it is."""
    right = undoing("c", fixmedins_code=BEIJING, date="2026-03-20", claim=stay(amount=700_000))
    assert send("enrolment.recorded", enrolment(spell("410100"))) == "enrolment.recorded"
    assert send("filing.requested.v3", filing(mdtrtarea_admdvs="110000", begndate="2026-02-26"), "f") == "accepted"
    assert send("claim.submitted.v2", stay(), "c") == "claim.settled"
    number = derived_id("f", PERSON)
    cancel = {"psn_no": PERSON, "insutype": "310", "oper": "cancel", "trt_dcla_detl_sn": number, "begndate": "2026-02-20"}
    assert send("filing.requested.v3", cancel) == "accepted"
    assert send("correction.requested", right, "k1") == "correction.refused not_filed"
    late = filing(mdtrtarea_admdvs="110000", oper="late", begndate="2026-02-26", dcla_date="2026-03-10")
    assert send("filing.requested.v3", late) == "accepted"
    assert send("correction.requested", right, "k2") == "correction.refused filed_late"
    assert send("filing.requested.v3", filing(mdtrtarea_admdvs="110000", begndate="2026-03-01")) == "accepted"
    assert send("correction.requested", right, "k3") == "claim.corrected"
    assert told(standing.rows()) == []


def test_a_pending_reimbursement_has_nothing_to_undo_and_is_completed_once(send: Send, standing: Standing) -> None:
    def completing(day: str) -> dict[str, Any]:
        return reimbursement(materials=["diagnosis"], completes="p", applied=day)

    agency = {"setl_optins": "650200"}
    assert send("enrolment.recorded", enrolment()) == "enrolment.recorded"
    assert send("reimbursement.requested", reimbursement(materials=["invoice_original"]), "p") == "reimbursement.pending papers_missing"
    assert send("reversal.requested", undoing("p", **agency)) == "reversal.refused no_settlement"
    assert send("undo.requested", undoing("p", **agency)) == "undo.refused nothing_to_undo"
    assert send("reimbursement.requested", completing("2026-04-04"), "p2") == "reimbursement.settled"
    assert send("reimbursement.requested", completing("2026-04-05"), "p3").startswith("reimbursement.refused")
    assert send("undo.requested", undoing("p2", **agency)) == "claim.undone"
    assert send("reimbursement.requested", completing("2026-04-06"), "p4") == "reimbursement.settled"
    assert told(standing.rows()) == []


def test_a_stay_that_was_settled_directly_is_not_paid_by_hand(send: Send, standing: Standing) -> None:
    assert send("enrolment.recorded", enrolment(spell("410100"))) == "enrolment.recorded"
    assert send("claim.submitted.v2", stay("H41010500103"), "c") == "claim.settled"
    days = {"begndate": "2026-02-26", "enddate": "2026-03-05"}
    by_hand = reimbursement(line(800_000), fixmedins_code="H41010500103", med_type="21", mdtrt_id="S1", **days)
    assert send("reimbursement.requested", by_hand, "p") == "reimbursement.refused stay_settled"
    assert send("reversal.requested", undoing("c", setl_optins="410100"), "r") == "claim.reversed"
    assert send("reimbursement.requested", by_hand, "p2") == "reimbursement.settled"
    assert told(standing.rows()) == []


def test_a_filing_that_is_cancelled_during_the_stay_still_covers_it(send: Send, standing: Standing) -> None:
    assert send("enrolment.recorded", enrolment(spell("410100"))) == "enrolment.recorded"
    assert send("filing.requested.v3", filing(mdtrtarea_admdvs="110000", begndate="2026-02-01"), "f") == "accepted"
    cancel = {"psn_no": PERSON, "insutype": "310", "oper": "cancel", "trt_dcla_detl_sn": derived_id("f", PERSON), "begndate": "2026-03-01"}
    assert send("filing.requested.v3", cancel) == "accepted"
    assert send("claim.submitted.v2", stay(), "c") == "claim.settled"  # admitted on 26 February
    later = stay(begndate="2026-03-01") | {"mdtrt_id": "S2"}
    assert send("claim.submitted.v2", later, "c2") == "claim.refused filing_not_in_force"
    assert told(standing.rows()) == []


def test_a_move_between_provinces_keeps_the_years_apart(send: Send, standing: Standing) -> None:
    """Insured in 650200 up to February, in 430400 from March on: undoing one place's settlement needs nothing of the other's."""
    old, new = spell("650200", paus_insu_date="2026-03-01"), spell("430400", psn_insu_date="2026-03-01")
    assert send("enrolment.recorded", enrolment(old, new)) == "enrolment.recorded"
    assert send("claim.submitted.v2", claim(line(50_000), day="2026-02-20", mdtrt_id="K1"), "k1") == "claim.settled"
    assert send("claim.submitted.v2", claim(line(50_000), fixmedins_code="H43040000102", mdtrt_id="H1"), "h1") == "claim.settled"
    assert send("reversal.requested", undoing("h1", setl_optins="650200")) == "reversal.refused not_the_agency"
    assert send("reversal.requested", undoing("k1", setl_optins="650200")) == "claim.reversed"
    left = event_of(standing.topics[4][-1]).body.settled.undone[0].mirror.accumulators
    assert set(left.movement) and not any(left.after.values())
    assert send("claim.submitted.v2", claim(line(50_000), fixmedins_code="H43040000102", mdtrt_id="H2"), "h2") == "claim.settled"
    settled = event_of(standing.topics[4][-1]).body.settled
    assert (settled.act_pay_dedc, settled.year) == (0, 2026)  # the year's 200.00 were paid by h1
    assert told(standing.rows()) == []


def test_a_wait_that_ends_during_the_stay_is_that_of_the_admission(send: Send, standing: Standing) -> None:
    """湖北, flexible: unpaid from July to November, paid on 15 December; December, January and February are the wait (S180)."""
    def paid(first: str, last: str, **more: str) -> dict[str, str]:
        return {"insuplc_admdvs": "421200", "insutype": "310", "begndate": first, "enddate": last, **more}

    times = [paid("2025-01-01", "2025-06-30"), paid("2025-12-01", "2026-12-31", clct_date="2025-12-15")]
    who = enrolment(spell("421200", flxempe_flag="1"), clctinfo=times)
    birth = {"fixmedins_code": "H42120000102", "med_type": "52", "matn_type": "1", "enddate": "2026-03-05", "setl_date": "2026-03-05"}
    assert send("enrolment.recorded.v2", who) == "enrolment.recorded"
    assert send("claim.submitted.v2", claim(line(300_000), begndate="2026-02-28", mdtrt_id="B1", **birth)) == "claim.refused waiting"
    assert send("claim.submitted.v2", claim(line(300_000), begndate="2026-03-01", mdtrt_id="B2", **birth)) == "claim.settled"
    assert told(standing.rows()) == []


@pytest.mark.parametrize("oper", ["cancel", "break"])
def test_a_filing_may_be_ended_on_the_first_day_that_there_is(send: Send, standing: Standing, oper: str) -> None:
    """The day before lies outside of what any event may hold: written so, no later stage could read the verdict."""
    assert send("enrolment.recorded", enrolment(spell("410100"))) == "enrolment.recorded"
    filed = filing(mdtrtarea_admdvs="110000", category="long_term_resident", cmt_flag="1", begndate="2026-02-01")
    assert send("filing.requested.v3", filed, "f") == "accepted"
    ended = {"psn_no": PERSON, "insutype": "310", "oper": oper, "trt_dcla_detl_sn": derived_id("f", PERSON), "begndate": "1900-01-01"}
    assert send("filing.requested.v3", ended) == "accepted"
    assert send("claim.submitted.v2", stay()) == "claim.refused not_filed"
    assert told(standing.rows()) == []


def test_an_application_on_the_last_day_that_there_is(send: Send, standing: Standing) -> None:
    """Three months for it would end behind the last day that an event may hold."""
    assert send("enrolment.recorded", enrolment()) == "enrolment.recorded"
    assert send("reimbursement.requested", reimbursement(day="2099-12-31", applied="2099-12-31")) == "reimbursement.settled"
    assert event_of(standing.topics[4][-1]).body.settled.papers.deadline.isoformat() == "2099-12-31"
    assert told(standing.rows()) == []


@pytest.mark.parametrize("quote", [
    ("quote.requested.v2", claim(invoinfo=[{"invono": "I1", "invo_amt": 10_000, "invo_chk": "C"}]), "claim.quoted", "quote.refused invoice_used"),
    ("trial.requested", reimbursement(), "reimbursement.quoted", "trial.refused invoice_used"),
    ("trial.requested", reimbursement(materials=[], invoices=[("I2", 10_000)]), "trial.pending papers_missing", "trial.pending papers_missing"),
], ids=["claim", "by hand", "by hand without papers"])
def test_a_trial_says_what_would_be_and_moves_nothing(send: Send, standing: Standing, quote: tuple[str, dict[str, Any], str, str]) -> None:
    type, data, before, after = quote
    assert send("enrolment.recorded", enrolment()) == "enrolment.recorded"
    assert [send(type, data, "t1"), send(type, data, "t2")] == [before, before]
    assert send("reimbursement.requested", reimbursement(), "p") == "reimbursement.settled"
    assert send(type, data, "t3") == after
    assert told(standing.rows()) == []
