"""Manual reimbursement on the road: what is paid, what is pending, what is refused, and what of it is kept."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from contracts.events.reimbursement import Pending, Reimbursed
from contracts.reasons import reason
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book
from policies.deciding import refuse
from policies.laws import payable
from policies.reimbursement.decide import reimbursed
from policies.road import stage_named
from policies.settlement.stage import SettlementStage
from policies.stage import State, View
from policies.statement import as_text, statement
from tests.policies.requests import (
    BEIJING_OUTPATIENT,
    HENGYANG_2,
    SHARED_DRUG,
    Journey,
    claim,
    codes,
    enrolment,
    insured,
    last_section,
    line,
    record,
    reimbursement,
    spell,
)
from tests.policies.rulebooks import loaded

ASKED, TRIAL = "reimbursement.requested", "trial.requested"
BOTH = ["invoice_original", "diagnosis"]


def paid(event: Event) -> Reimbursed:
    assert event.type == "reimbursement.settled", [why.en for why in last_section(event).reasons]
    return event.body.settled


# --- what is paid -------------------------------------------------------------------------------------------------------


def test_a_visit_at_home_that_the_person_paid() -> None:
    """克拉玛依, level 1: (100.00 - 20.00) x 80 % = 64.00 goes to the person, who bears 36.00."""
    settled = paid(insured().send(ASKED, reimbursement(), "r-1"))
    assert (settled.hifp_pay, settled.psn_cash_pay, settled.payable_amt, settled.acct_ref) == (6_400, 3_600, 6_400, "REF-1")
    assert settled.papers is not None and settled.papers.deadline == date(2026, 6, 5)


def test_neither_filing_nor_connection_is_asked_for() -> None:
    """郑州, a stay in a hospital of 北京 that is connected for outpatient care only: refused directly, paid by hand.

    (10,000.00 - 600.00) x (75 + 0.2 x 45 = 84) % = 7,896.00.
    """
    journey = insured(spell("410100"))
    stay: dict[str, Any] = {"fixmedins_code": BEIJING_OUTPATIENT, "med_type": "21"}
    direct = journey.send("claim.submitted", claim(line(1_000_000), **stay), "c-1")
    assert codes(last_section(direct)) == ["provider_not_connected", "not_filed"]
    settled = paid(journey.send(ASKED, reimbursement(line(1_000_000), manl_reim_rea="provider_not_connected", **stay), "r-1"))
    assert (settled.act_pay_dedc, settled.payable_amt) == (60_000, 789_600)


def test_the_catalogue_is_that_of_the_place_of_insurance(book: Book) -> None:
    """A visit in 北京 of a person insured in 衡阳: priced in 北京 when settled directly, in 湖南 when claimed by hand."""
    journey = insured(spell("430400"))
    where = {"fixmedins_code": "H11010500001"}
    bill = [line(100_000, SHARED_DRUG)]
    direct = journey.send("quote.requested", claim(*bill, **where), "q-1").body
    manual = journey.send(TRIAL, reimbursement(*bill, **where), "t-1").body
    assert (direct.priced.catalogue.admdvs, manual.priced.catalogue.admdvs) == ("110000", "430000")
    assert manual.settled.steps[0].rule == "national/settlement#manual_scope" and manual.settled.steps[0].source == "S048"


def test_entitlement_is_asked_for() -> None:
    journey = insured(spell(paus_insu_date="2026-03-05"))
    event = journey.send(ASKED, reimbursement(), "r-1")
    assert (event.type, codes(last_section(event))) == ("reimbursement.refused", ["not_insured"])


def test_the_accumulators_are_the_ones_of_claims() -> None:
    """衡阳, level 2, a deductible of 200.00 a year: a visit settled directly has paid it, so 60 % of all of the next is paid."""
    journey = insured(spell("430400"))
    assert journey.send("claim.submitted", claim(line(20_000), fixmedins_code=HENGYANG_2), "c-1").body.settled.act_pay_dedc == 20_000
    settled = paid(journey.send(ASKED, reimbursement(line(10_000), fixmedins_code=HENGYANG_2, mdtrt_id="M2"), "r-1"))
    assert (settled.act_pay_dedc, settled.payable_amt) == (0, 6_000)


def test_the_account_pays_the_person_too() -> None:
    """64.00 from the pool and, of the 36.00 left, 10.00 from the account: the person paid 100.00, bears 26.00 and gets 74.00."""
    settled = paid(insured(balance=1_000).send(ASKED, reimbursement(acct_used_flag="1"), "r-1"))
    assert (settled.acct_pay, settled.psn_cash_pay, settled.payable_amt) == (1_000, 2_600, 7_400)


def test_what_other_agencies_paid_is_not_paid_again() -> None:
    """克拉玛依 has paid nothing yet: another pool charged 20.00 and paid 50.00 of it, which stands; nothing is left to pay."""
    settled = paid(insured().send(ASKED, reimbursement(prior={"act_pay_dedc": 2_000, "hifp_pay": 5_000}), "r-1"))
    assert (settled.hifp_pay, settled.payable_amt) == (5_000, 0)


def test_an_allowance_is_paid_to_the_person() -> None:
    body = insured().send(ASKED, reimbursement(), "r-1").body
    assert payable(body.settled.model_copy(update={"allowance_pay": 1_234}), None) == 6_400 + 1_234


def test_a_route_without_a_ratio_has_no_rule() -> None:
    """深圳 (S158) pays outpatient care elsewhere where it is settled directly: by hand there is no ratio."""
    journey = insured(spell("440300"))
    event = journey.send(ASKED, reimbursement(fixmedins_code="H11010500001"), "r-1")
    assert (event.type, codes(last_section(event))) == ("reimbursement.refused", ["no_rule"])


def test_a_stay_that_was_settled_directly_is_not_paid_by_hand() -> None:
    """Without any invoice on the direct claim: the stay itself is known."""
    journey = insured(spell("410100"))
    stay: dict[str, Any] = {"fixmedins_code": "H41010500103", "med_type": "21"}
    assert journey.send("claim.submitted", claim(line(1_000_000), **stay), "c-1").type == "claim.settled"
    assert codes(last_section(journey.send(ASKED, reimbursement(line(1_000_000), **stay), "r-1"))) == ["stay_settled"]


# --- what is pending ----------------------------------------------------------------------------------------------------


def test_a_pending_request_moves_nothing_and_is_completed_by_another() -> None:
    """Applied for on the last day, 2026-06-05, without the diagnosis, which follows in August: the first day counts."""
    journey = insured()
    pending = journey.send(ASKED, reimbursement(applied="2026-06-05", materials=["invoice_original"]), "r-1")
    assert pending.type == "reimbursement.pending" and codes(pending.body.settled) == ["papers_missing"]
    assert pending.body.settled.accumulators is None and pending.body.settled.payable_amt == 0
    whole = reimbursement(applied="2026-08-20", materials=["diagnosis"], completes="r-1")
    settled = paid(journey.send(ASKED, whole, "r-2"))
    assert settled.papers is not None and settled.papers.handed_in == ("invoice_original", "diagnosis")
    assert settled.papers.pending is not None and settled.papers.pending.request_id == "r-1"
    assert (settled.accumulators.before, settled.payable_amt) == ({}, 6_400)  # type: ignore[union-attr]


def test_completed_in_steps() -> None:
    journey = insured()
    journey.send(ASKED, reimbursement(materials=[]), "r-1")
    second = reimbursement(applied="2026-07-01", materials=["diagnosis"], completes="r-1")
    assert journey.send(ASKED, second, "r-2").type == "reimbursement.pending"
    third = reimbursement(applied="2026-08-01", materials=["invoice_original"], completes="r-2")
    papers = paid(journey.send(ASKED, third, "r-3")).papers
    assert papers is not None and (papers.appl_date, papers.handed_in) == (date(2026, 4, 2), ("diagnosis", "invoice_original"))


def test_completed_twice_is_refused_by_the_invoice() -> None:
    journey = insured()
    journey.send(ASKED, reimbursement(materials=[]), "r-1")
    whole = reimbursement(completes="r-1")
    assert journey.send(ASKED, whole, "r-2").type == "reimbursement.settled"
    assert codes(last_section(journey.send(ASKED, whole, "r-3"))) == ["invoice_used"]


@pytest.mark.parametrize(("data", "told"), [
    (reimbursement(completes="r-9"), ["unknown_pending"]),
    (reimbursement(completes="settled"), ["unknown_pending", "invoice_used"]),
    (reimbursement(completes="r-1", mdtrt_id="M2"), ["pending_of_another_visit"]),
    (reimbursement(completes="r-1", fixmedins_code="H65020000102"), ["pending_of_another_visit"]),
    (reimbursement(completes="r-1", day="2026-03-06"), ["pending_of_another_visit"]),
])
def test_only_a_pending_request_of_the_same_visit_is_completed(data: dict[str, Any], told: list[str]) -> None:
    journey = insured()
    journey.send(ASKED, reimbursement(materials=[], invoices=[("I2", 10_000)]), "r-1")
    if "invoice_used" in told:
        journey.send(ASKED, reimbursement(mdtrt_id="M5"), "settled")
    event = journey.send(ASKED, data, "r-2")
    assert (event.type, codes(last_section(event))) == ("reimbursement.refused", told)


def test_a_trial_is_not_completed() -> None:
    """It moves nothing, its own entry neither."""
    journey = insured()
    assert journey.send(TRIAL, reimbursement(materials=[]), "t-1").type == "trial.pending"
    assert codes(last_section(journey.send(ASKED, reimbursement(completes="t-1"), "r-1"))) == ["unknown_pending"]


def test_what_can_never_be_paid_is_refused_before_papers_are_asked_for() -> None:
    event = insured().send(ASKED, reimbursement(med_type="21", materials=[]), "r-1")
    assert (event.type, codes(last_section(event))) == ("reimbursement.refused", ["no_rule"])


PAPERS = [f'[[paper]]\ncode = "{code}"\nzh = "材料"\nen = "paper"\n' for code in ("invoice", "record")]
FROM = 'from = 2020-01-01\nsource = "T1"\n'
CITY = {"regions/350200-xiamen/reimbursement.toml": "\n".join((
    *PAPERS, '[[materials]]\npapers = ["invoice", "record"]', FROM, "[[deadline]]\nwithin = { months = 3 }", FROM,
    '[[reason]]\nreason = "self_paid"\naccepted = true', FROM, '[[channel]]\nchannel = ["online", "mail", "employer"]\naccepted = true', FROM,
    '[[precheck]]\nchannel = "online"\noriginals = { days = 30 }', FROM, '[[round]]\nchannel = "employer"\nuntil_day = 5', FROM,
    "[[completion]]\nwithin = { days = 60 }", FROM))}
"""A city that checks copies online (originals within 30 days), has a round of employers up to the 5th, and 60 days for completing."""


def of_the_city(folder: Path) -> Journey:
    journey = Journey(loaded(folder, CITY))
    journey.send("enrolment.recorded", enrolment(spell("350200")))
    return journey


def stay(**more: Any) -> dict[str, Any]:
    """A stay of 2026-03-05 in the city, level 3: (5,000.00 - 1,000.00) x 90 % = 3,600.00."""
    more = {"manl_reim_rea": "self_paid", "materials": ["invoice", "record"], "med_type": "21", "fixmedins_code": "H35020000103"} | more
    return reimbursement(line(500_000, "DRUG-A"), **more)


def test_copies_first_then_the_originals(tmp_path: Path) -> None:
    """Copies on 2026-04-02, so the originals until 2026-05-02, the 30th day."""
    journey = of_the_city(tmp_path)
    copies = journey.send(ASKED, stay(channel="online", precheck_flag="1"), "r-1")
    assert (copies.type, codes(last_section(copies))) == ("reimbursement.pending", ["originals_due"])
    (why,) = last_section(copies).reasons
    assert "2026-05-02" in why.en and "2026-05-02" in why.zh
    lacking = journey.send(ASKED, stay(channel="mail", materials=["invoice"], completes="r-1", applied="2026-04-10"), "r-2")
    assert codes(last_section(lacking)) == ["papers_missing"], "the copy of the record was no paper"
    late = journey.send(ASKED, stay(channel="mail", completes="r-1", applied="2026-05-03"), "r-3")
    assert codes(last_section(late)) == ["completed_too_late"]
    settled = paid(journey.send(ASKED, stay(channel="mail", completes="r-1", applied="2026-05-02"), "r-4"))
    assert settled.payable_amt == 360_000


def test_originals_that_came_before_the_copies_stay_there(tmp_path: Path) -> None:
    """The invoice in the original, then a copy of the record online: the record in the original is all that is due."""
    journey = of_the_city(tmp_path)
    journey.send(ASKED, stay(channel="mail", materials=["invoice"]), "r-1")
    copies = journey.send(ASKED, stay(channel="online", precheck_flag="1", materials=["record"], completes="r-1", applied="2026-04-10"), "r-2")
    assert codes(last_section(copies)) == ["originals_due"]
    settled = paid(journey.send(ASKED, stay(channel="mail", materials=["record"], completes="r-2", applied="2026-04-20"), "r-3"))
    assert settled.payable_amt == 360_000


def test_the_employers_round(tmp_path: Path) -> None:
    journey = of_the_city(tmp_path)
    late = journey.send(ASKED, stay(channel="employer", applied="2026-04-06"), "r-1")
    assert (late.type, codes(last_section(late))) == ("reimbursement.pending", ["after_round"])
    (why,) = last_section(late).reasons
    assert "between 2026-05-01 and 2026-05-05" in why.remedy_en and "2026-05-01 至 2026-05-05" in why.remedy_zh
    settled = paid(journey.send(ASKED, stay(channel="employer", applied="2026-05-05", materials=[], completes="r-1"), "r-2"))
    assert settled.papers is not None and settled.papers.appl_date == date(2026, 4, 6)


@pytest.mark.parametrize(("applied", "told"), [("2026-06-01", "reimbursement.settled"), ("2026-06-02", "reimbursement.refused")])
def test_how_long_a_pending_request_may_be_completed(tmp_path: Path, applied: str, told: str) -> None:
    """60 days from 2026-04-02: 28 of April, 31 of May, 1 of June."""
    journey = of_the_city(tmp_path)
    journey.send(ASKED, stay(channel="mail", materials=[]), "r-1")
    assert journey.send(ASKED, stay(channel="mail", completes="r-1", applied=applied), "r-2").type == told


def test_what_no_rule_names_is_no_paper_and_is_not_kept() -> None:
    """So what is kept of a person does not grow with what is sent."""
    journey = insured()
    event = journey.send(ASKED, reimbursement(materials=["diagnosis", *(f"x{number}" for number in range(31))]), "r-1")
    assert event.body.settled.papers.handed_in == ("diagnosis",)


# --- what is refused ----------------------------------------------------------------------------------------------------


def test_all_reasons_are_told_and_each_says_what_to_do() -> None:
    journey = insured()
    journey.send(ASKED, reimbursement(), "r-1")
    event = journey.send(ASKED, reimbursement(mdtrt_id="M2", applied="2026-06-08", channel="mail", manl_reim_rea="student_at_home"), "r-2")
    found = last_section(event).reasons
    assert [why.code for why in found] == ["manual_reason_not_accepted", "manual_channel_not_taken", "deadline_passed", "invoice_used"]
    assert found[2].en == "The application was possible until 2026-06-05; it was made on 2026-06-08 (days late: 3)"
    assert all(why.remedy_zh and why.remedy_en for why in found)


def test_what_is_missing_is_named_in_both_languages() -> None:
    (why,) = last_section(insured().send(ASKED, reimbursement(materials=["invoice_original"]), "r-1")).reasons
    assert why.zh == "缺少材料：诊断证明（diagnosis）或处方单（prescription）"
    assert why.en == "Papers are missing: diagnosis (diagnosis) or prescription (prescription)"


def test_care_without_a_name_in_the_place_is_refused() -> None:
    event = insured().send(ASKED, reimbursement(med_type="99"), "r-1")
    assert codes(last_section(event)) == ["no_rule"] and event.body.settled.papers is None


def test_want_of_a_rule_is_not_remedied_by_the_way_that_wants_it_too() -> None:
    """No text gives a deadline or a benefit for purchases at a pharmacy: by hand they are refused as they are directly."""
    why = last_section(insured().send(ASKED, reimbursement(med_type="41"), "r-1")).reasons
    assert [one.code for one in why] == ["no_rule", "no_rule"] and "手工报销的期限，参保地 650200，医疗类别 pharmacy，" in why[0].zh
    assert all("规则补充之后再手工报销" in one.remedy_zh and "once the rule is there" in one.remedy_en for one in why)


def test_the_manual_route_is_no_claim() -> None:
    """One way only: pay_loc 1 is refused at the door of claims, with the type to use."""
    with pytest.raises(Exception, match="reimbursement.requested.v1"):
        record("claim.submitted.v2", claim(pay_loc="1"))


# --- a trial, and the record --------------------------------------------------------------------------------------------


@given(amount=st.integers(1, 300_000), used=st.sampled_from("01"), papers=st.sets(st.sampled_from(BOTH)))
@settings(max_examples=40, deadline=None)
def test_a_trial_says_what_follows_at_once_byte_for_byte(amount: int, used: str, papers: set[str]) -> None:
    journey = insured(balance=2_000)
    data = reimbursement(line(amount), acct_used_flag=used, materials=sorted(papers))
    trial, asked = journey.send(TRIAL, data, "t-1"), journey.send(ASKED, data, "r-1")
    sections = [json.loads(event.value)["settled"] for event in (trial, asked)]
    assert sections[0] == sections[1]
    assert trial.value.rpartition(b',"settled":')[2] == asked.value.rpartition(b',"settled":')[2]


@given(late=st.integers(-92, 60))
@settings(max_examples=60, deadline=None)
def test_the_deadline_is_kept_to_the_day(late: int) -> None:
    """``late`` days after 2026-06-05; 92 days before it is the day of the visit."""
    applied = date(2026, 6, 5) + timedelta(days=late)
    settled = last_section(insured().send(ASKED, reimbursement(applied=applied.isoformat()), "r-1"))
    assert (settled.verdict == "settled") == (late <= 0) and settled.papers.days_late == max(0, late)


@given(papers=st.lists(st.sampled_from([*BOTH, "prescription", "invoice_stamped_copy", "photo"]), max_size=6))
@settings(max_examples=60, deadline=None)
def test_more_papers_never_make_it_worse(papers: list[str]) -> None:
    fewer, more = (insured().send(ASKED, reimbursement(materials=held), "r-1").type for held in (papers, [*papers, *BOTH]))
    assert more == "reimbursement.settled" and fewer in (more, "reimbursement.pending")


def test_a_verdict_is_decided_again_from_its_own_record(book: Book) -> None:
    """From the sections before it, what it names as before, and the pending request that it holds."""
    journey = insured(balance=1_000)
    journey.send("claim.submitted", claim(mdtrt_id="M0"), "c-1")
    journey.send(ASKED, reimbursement(materials=[]), "r-1")
    event = journey.send(ASKED, reimbursement(completes="r-1", acct_used_flag="1"), "r-2")
    found = paid(event)
    before: Pending = found.papers.pending  # type: ignore[union-attr, assignment]
    entries = {"year:2026/650200/310": found.accumulators.before, "pending:r-1": before.model_dump_json()}  # type: ignore[union-attr]
    assert reimbursed(event.body, View(_purse_before_the_last(journey), entries), book) == found


def _purse_before_the_last(journey: Journey) -> Any:
    state = State(SettlementStage(journey.book), strict=False)
    *before, last = [event_of(one) for one in journey.records if one.topic == "yibao.settled"]
    for event in before:
        state.fold(event)
    return state.view(last).person


def test_other_persons_change_nothing() -> None:
    alone, among = insured(), insured()
    among.publish(insured(psn_no="P2").requests[0])
    among.send(ASKED, reimbursement(psn_no="P2"), "r-0")
    assert alone.send(ASKED, reimbursement(), "r-1").value == among.send(ASKED, reimbursement(), "r-1").value


def test_a_pending_request_holds_no_money() -> None:
    value = json.loads(insured().send(ASKED, reimbursement(materials=[]), "r-1").value)["settled"]
    assert {name: amount for name, amount in value.items() if isinstance(amount, int) and name != "version" and amount} == {}
    assert "accumulators" not in value and "account" not in value


@pytest.mark.parametrize("type", [ASKED, TRIAL])
@pytest.mark.parametrize("name", ["eligibility", "pricing", "settlement"])
def test_a_stage_that_cannot_decide_refuses_in_the_form_of_a_reimbursement(type: str, name: str) -> None:
    journey = insured()
    journey.send(type, reimbursement(), "r-1")
    source, target = (topic.name for topic in topic_map().of_stage(name))
    before = next(event_of(one) for one in reversed(journey.records) if one.topic == source)
    refused = refuse(stage_named(name, journey.book), before, journey.book.digest, reason("cannot_decide", None, detail="KeyError"))
    assert refused.type == f"{type.partition('.')[0]}.refused" and f"{refused.type}.v1" in topic_map().named(target).types
    read = Event(refused.attributes, refused.key, refused.value)
    assert codes(last_section(read)) == ["cannot_decide"]
    assert "cannot_decide" in as_text(statement(read, journey.book, "zh")) and "cannot_decide" in as_text(statement(refused, journey.book, "en"))
