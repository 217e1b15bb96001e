"""What becomes of a filing on the road: pending, completed, changed, cancelled, extended, its letter redeemed or broken."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts.events.claim import Claim
from contracts.events.filing import Filing
from contracts.wire import Event
from policies.book import Book, built_in
from policies.filed import covered
from policies.filing import FilingState, filing_facts, filing_verdict, with_filed
from policies.filing_rules import FilingRules, Term
from policies.settlement.facts import chosen, facts_of
from tests.policies.requests import (
    BEIJING,
    SHANGHAI,
    Journey,
    claim,
    codes,
    filing,
    insured,
    last_section,
    model,
    reimbursement,
    spell,
)

ZHENGZHOU = "H41010500103"
STAY = {"med_type": "21", "begndate": "2026-03-05", "enddate": "2026-03-12", "setl_date": "2026-03-14"}


def asked(oper: str, number: str | None = None, begndate: str = "2026-03-10", **more: Any) -> dict[str, Any]:
    """A request of version 3."""
    named = {"trt_dcla_detl_sn": number} if number else {}
    return {"psn_no": "P1", "insutype": "310", "oper": oper, "begndate": begndate, **named, **more}


def send(journey: Journey, *request: Any, **more: Any) -> Any:
    """The section of the verdict; each is decided again from its own record."""
    event = journey.send("filing.requested.v3", asked(*request, **more), id=f"f-{len(journey.requests)}")
    return section(journey, event)


def section(journey: Journey, event: Event) -> Any:
    filed = last_section(event)
    number = filed.filing.trt_dcla_detl_sn if filed.filing else ""
    assert filing_verdict(event.body.request, filed.facts, number, journey.book) == filed
    return filed


def stay(journey: Journey, provider: str = SHANGHAI, **more: Any) -> list[str]:
    """The reasons of a claim for a week's stay; none where it is settled."""
    event = journey.send("claim.submitted", claim(fixmedins_code=provider, mdtrt_id=f"M-{len(journey.requests)}", **STAY | more))
    assert (event.type == "claim.settled") == (not codes(last_section(event)))
    return codes(last_section(event))


def begun(journey: Journey, **more: Any) -> Filing:
    return last_section(journey.send("filing.requested", filing(**more), id=f"f-{len(journey.requests)}")).filing


# --- pending and letters ------------------------------------------------------------------------------------------------

def test_a_pending_filing_counts_once_its_papers_are_there() -> None:
    journey = insured(spell("410100"))
    waiting = begun(journey, category="referral")
    assert waiting.pending == "1" and stay(journey) == ["filing_pending"]
    done = send(journey, "redeem", waiting.trt_dcla_detl_sn, materials=["referral_form"])
    assert (done.verdict, done.filing.pending, str(done.filing.begndate), str(done.filing.enddate)) == (
        "accepted", None, "2026-03-01", "2026-08-31")
    assert stay(journey) == []


def test_papers_that_come_one_by_one_are_counted_together() -> None:
    """衡阳 follows 湖南: credential, form, and the certificate of residence (S101)."""
    journey = insured(spell("430400"))
    waiting = begun(journey, category="long_term_resident", materials=["id_card"])
    number = waiting.trt_dcla_detl_sn
    second = send(journey, "redeem", number, materials=["filing_form"])
    assert second.verdict == "pending" and "residence_certificate" in second.reasons[0].en and len(second.reasons) == 1
    third = send(journey, "redeem", number, materials=["residence_certificate"])
    assert (third.verdict, third.filing.letter, third.filing.materials) == ("accepted", None, None)


@pytest.mark.parametrize(("first", "second", "letter"), [
    ({"cmt_flag": "1", "materials": ["filing_form"]}, [{"materials": ["id_card"]}], "given"),
    ({"materials": ["filing_form"]}, [{"cmt_flag": "1"}, {"materials": ["id_card"]}], "given"),
    ({"cmt_flag": "1"}, [{"materials": ["id_card"]}, {"materials": ["filing_form"]}], "given"),
    ({"cmt_flag": "1"}, [{"materials": ["id_card", "filing_form", "residence_certificate"]}], None),  # it never held on the letter
])
def test_a_letter_counts_with_the_papers_that_come_after_it(first: dict[str, Any], second: list[dict[str, Any]], letter: str | None) -> None:
    """衡阳 follows 湖南 (S101): a letter stands in for the certificate of residence, not for credential and form."""
    journey = insured(spell("430400"))
    waiting = begun(journey, category="long_term_resident", **first)
    verdicts = [send(journey, "redeem", waiting.trt_dcla_detl_sn, **more) for more in second]
    assert [one.verdict for one in verdicts] == ["pending"] * (len(second) - 1) + ["accepted"]
    assert (verdicts[-1].filing.letter, verdicts[-1].filing.redeemed) == (letter, None)


def test_on_a_letter_home_is_closed_until_the_materials_are_there() -> None:
    journey = insured(spell("410100"))
    lettered = begun(journey, category="long_term_resident", cmt_flag="1")
    assert stay(journey) == [] and stay(journey, ZHENGZHOU) == ["letter_unredeemed"]
    redeemed = send(journey, "redeem", lettered.trt_dcla_detl_sn, "2026-03-05", materials=["residence_certificate"])
    assert redeemed.means == {"category": "long_term_resident", "made": "in_time", "home": "both"}
    assert stay(journey, ZHENGZHOU) == []
    assert stay(journey, ZHENGZHOU, begndate="2026-03-04") == ["letter_unredeemed"], "a day before the materials came"


def test_materials_beside_a_letter_leave_nothing_to_redeem() -> None:
    journey = insured(spell("410100"))
    whole = begun(journey, category="long_term_resident", cmt_flag="1", materials=["residence_certificate"])
    assert whole.letter is None
    assert codes(send(journey, "redeem", whole.trt_dcla_detl_sn, materials=["residence_certificate"])) == ["no_letter"]


def test_a_broken_letter_ends_the_filing() -> None:
    journey = insured(spell("410100"))
    lettered = begun(journey, category="long_term_resident", cmt_flag="1")
    broken = send(journey, "break", lettered.trt_dcla_detl_sn, "2026-03-05")
    assert (broken.filing, broken.ended.letter, str(broken.ended.enddate)) == (None, "broken", "2026-03-04")
    assert stay(journey) == ["filing_not_in_force"] and stay(journey, ZHENGZHOU) == []


def test_what_began_on_a_letter_stays_closed_at_home_though_the_letter_is_broken_later() -> None:
    """Whether the stay of 5 March is claimed before the letter is broken (20 March) or afterwards."""
    journey = insured(spell("410100"))
    lettered = begun(journey, category="long_term_resident", cmt_flag="1")
    assert stay(journey, ZHENGZHOU) == ["letter_unredeemed"]
    send(journey, "break", lettered.trt_dcla_detl_sn, "2026-03-20")
    (told,) = last_section(journey.send("claim.submitted", claim(fixmedins_code=ZHENGZHOU, **STAY))).reasons
    assert codes(send(journey, "redeem", lettered.trt_dcla_detl_sn, "2026-03-21", materials=["residence_certificate"])) == ["filing_ended", "no_letter"]
    assert told.code == "letter_unredeemed" and "unless the letter was broken since" in told.remedy_en
    assert stay(journey, ZHENGZHOU, begndate="2026-03-20", enddate="2026-03-21", setl_date="2026-03-21") == []


@pytest.mark.parametrize("more", [{}, {"materials": ["residence_certificate"]}, {"cmt_flag": "1"}])
def test_of_a_filing_that_is_complete_no_papers_are_asked_for(more: dict[str, Any]) -> None:
    journey = insured(spell("410100"))
    whole = begun(journey, category="long_term_resident", materials=["residence_certificate"])
    assert codes(send(journey, "redeem", whole.trt_dcla_detl_sn, **more)) == ["no_letter"]


@pytest.mark.parametrize("more", [{"dcla_souc": "jiangxi_app"}, {"oper": "late", "begndate": "2022-10-20", "dcla_date": "2022-10-22"}])
def test_where_the_place_of_insurance_is_not_known_no_rule_of_another_is_told(more: dict[str, Any]) -> None:
    """南昌 takes 江西's app, the nation does not; of an insurance that the person has not nothing of either is said, nor of papers."""
    request = filing(insutype="390", category="referral") | more
    assert codes(last_section(insured(spell("360100")).send("filing.requested.v3", request))) == ["not_insured"]


# --- change, cancel, extend ---------------------------------------------------------------------------------------------

def test_a_change_ends_the_old_and_begins_the_new() -> None:
    journey = insured(spell("410100"))
    old = begun(journey, category="long_term_resident", materials=["residence_certificate"], mdtrtarea_admdvs="110000")
    assert stay(journey) == ["filing_elsewhere"]
    changed = send(journey, "change", old.trt_dcla_detl_sn, "2026-03-05", mdtrtarea_admdvs="310000")
    assert (changed.ended.trt_dcla_detl_sn, str(changed.ended.enddate)) == (old.trt_dcla_detl_sn, "2026-03-04")
    assert (changed.filing.changed, changed.filing.enddate, changed.filing.category) == (1, None, "long_term_resident")
    assert stay(journey) == []


def test_a_change_on_the_first_day_leaves_nothing_of_the_old() -> None:
    journey = insured(spell("410100"))
    old = begun(journey)
    send(journey, "change", old.trt_dcla_detl_sn, "2026-03-01", mdtrtarea_admdvs="110000")
    assert codes(send(journey, "cancel", old.trt_dcla_detl_sn, "2026-03-01")) == ["unknown_filing"]
    assert stay(journey, begndate="2026-02-20") == ["filing_elsewhere"]


def test_a_letter_stays_a_letter_when_the_place_changes() -> None:
    journey = insured(spell("410100"))
    old = begun(journey, category="long_term_resident", cmt_flag="1", mdtrtarea_admdvs="110000")
    changed = send(journey, "change", old.trt_dcla_detl_sn, mdtrtarea_admdvs="310000")
    assert changed.filing.letter == "given" and changed.means["home"] == "after_materials"


def test_a_change_to_another_category_leaves_the_letter_of_the_old_behind() -> None:
    """Its papers are those of a new filing: all there, no letter; none there but a letter, that letter."""
    journey = insured(spell("410100"))
    lettered = begun(journey, category="long_term_resident", cmt_flag="1")
    changed = send(journey, "change", lettered.trt_dcla_detl_sn, category="other_temporary")
    assert (changed.verdict, changed.filing.letter, changed.means["home"]) == ("accepted", None, "both")
    assert stay(journey, ZHENGZHOU, begndate="2026-03-10", enddate="2026-03-12") == []
    back = send(journey, "change", changed.filing.trt_dcla_detl_sn, "2026-03-20", category="long_term_resident", cmt_flag="1")
    assert (back.verdict, back.filing.letter, back.means["home"]) == ("accepted", "given", "after_materials")


def test_cancelled_from_a_day() -> None:
    journey = insured(spell("410100"))
    number = begun(journey).trt_dcla_detl_sn
    assert send(journey, "cancel", number, "2026-03-06").verdict == "accepted"
    assert stay(journey) == [], "in force on the day of admission, the last day"
    assert stay(journey, begndate="2026-03-06") == ["filing_not_in_force"]
    assert codes(send(journey, "cancel", number, "2026-03-06")) == ["filing_ended"]


def test_extended_on_the_last_day_and_no_later() -> None:
    journey = insured(spell("410100"))
    number = begun(journey, begndate="2025-09-01").trt_dcla_detl_sn
    assert codes(send(journey, "extend", number, "2026-03-01")) == ["filing_ended"]
    extended = send(journey, "extend", number, "2026-02-28")
    assert (extended.filing.trt_dcla_detl_sn, str(extended.filing.enddate)) == (number, "2026-08-31"), "six months from 1 March"
    assert stay(journey) == []


@pytest.mark.parametrize("ended", [
    [("change", "2026-05-01", {"mdtrtarea_admdvs": "110000"})],
    [("change", "2026-05-01", {"mdtrtarea_admdvs": "110000"}), ("cancel", "2026-04-20", {})],
    [("break", "2026-05-01", {})],
    [("break", "2026-05-01", {}), ("cancel", "2026-04-20", {})],
])
@pytest.mark.parametrize(("oper", "more"), [("extend", {}), ("change", {"mdtrtarea_admdvs": "440100"})])
def test_what_was_changed_or_broken_is_over_on_an_earlier_day_too(
    ended: list[tuple[str, str, dict[str, str]]], oper: str, more: dict[str, str],
) -> None:
    """医保发〔2022〕22号 annex: the changed filing takes its place; without the materials promised it ends. A day before that
    neither makes it hold again nor begins another one."""
    journey = insured(spell("410100"))
    number = begun(journey, category="long_term_resident", cmt_flag="1").trt_dcla_detl_sn
    assert [send(journey, how, number, day, **to).verdict for how, day, to in ended] == ["accepted"] * len(ended)
    assert codes(send(journey, oper, number, "2026-04-10", **more)) == ["filing_ended"]


def test_what_was_cancelled_may_be_extended_up_to_its_last_day() -> None:
    journey = insured(spell("410100"))
    number = begun(journey, category="long_term_resident", cmt_flag="1").trt_dcla_detl_sn
    assert send(journey, "cancel", number, "2026-05-01").verdict == "accepted"
    again = send(journey, "extend", number, "2026-04-30").filing
    assert (again.enddate, again.closed, again.letter) == (None, None, "given")


def test_who_moved_files_anew() -> None:
    journey = insured(spell("410100", paus_insu_date="2026-03-05"), spell("650200", psn_insu_date="2026-03-05"))
    number = begun(journey).trt_dcla_detl_sn
    assert codes(send(journey, "change", number, mdtrtarea_admdvs="110000")) == ["filing_of_other_insurance"]


@pytest.mark.parametrize("oper", ["change", "cancel", "extend", "redeem", "break"])
def test_a_number_of_another_insurance_is_not_found(oper: str) -> None:
    journey = insured(spell("410100"), spell("410100", insutype="390"))
    number = begun(journey).trt_dcla_detl_sn
    more = {"mdtrtarea_admdvs": "110000"} if oper == "change" else {}
    assert codes(send(journey, oper, number, insutype="390", **more)) == ["unknown_filing"], "and nothing of a filing that is not there"


@pytest.mark.parametrize("place", ["410100", "120000"])
def test_a_change_of_an_unknown_filing_is_told_no_place_or_hospital_of_it(place: str) -> None:
    found = send(insured(spell(place)), "change", "NONE", category="long_term_resident", materials=["id_card", "residence_certificate"])
    assert codes(found) == ["unknown_filing"]


def test_a_day_after_the_last_day_of_the_calendar_is_not_reached() -> None:
    """The last day that a request can name is 2099-12-31."""
    filed = last_section(insured(spell("410100")).send("filing.requested", filing(begndate="2099-12-01")))
    assert str(filed.filing.enddate) == "2099-12-31"


def by_hand(**more: Any) -> dict[str, Any]:
    """A stay in 上海 that was paid in full, claimed on its day of settlement."""
    return reimbursement(fixmedins_code=SHANGHAI, **{"appl_date": more["setl_date"], } | more)


# --- why none covers a claim: each remedy that is told is possible --------------------------------------------------------

FILED_BEFORE = {
    "ended": ([filing(begndate="2025-08-01", mdtrtarea_admdvs="110000")], []),
    "not begun": ([filing(begndate="2026-04-01", mdtrtarea_admdvs="110000")], []),
    "pending": ([filing(category="referral", mdtrtarea_admdvs="110000")], []),
    "its letter broken": (
        [filing(category="long_term_resident", cmt_flag="1", mdtrtarea_admdvs="110000")], [("break", "2026-03-07", {})]),
    "cancelled within the stay": ([filing(mdtrtarea_admdvs="110000")], [("cancel", "2026-03-08", {})]),
    "ended within the stay": ([filing(begndate="2025-09-08", mdtrtarea_admdvs="110000")], []),
}


@pytest.mark.parametrize(("filed", "after"), FILED_BEFORE.values(), ids=FILED_BEFORE)
def test_a_filing_for_another_place_that_cannot_be_changed_is_none(filed: list[dict[str, Any]], after: list[Any]) -> None:
    """oper=change of it would be refused; a filing for the place of care settles the stay."""
    journey = insured(spell("410100"))
    number = begun(journey, **filed[0]).trt_dcla_detl_sn
    assert [send(journey, oper, number, day, **more).verdict for oper, day, more in after] == ["accepted"] * len(after)
    assert stay(journey) == ["not_filed"]
    assert send(journey, "change", number, "2026-03-10", mdtrtarea_admdvs="310000", materials=["referral_form"]).verdict == "refused"
    begun(journey, begndate="2026-03-10")
    assert stay(journey) == []


def test_of_hospitals_whose_filing_ended_within_the_stay_another_filing_is_asked_for() -> None:
    """天津: cancelled on 8 March. On the day of the settlement it can no longer be changed to the hospital of the stay."""
    journey = insured(spell("120000"))
    new = {"category": "long_term_resident", "materials": ["id_card"], "mdtrtarea_admdvs": "310000"}
    old = send(journey, "file", begndate="2025-02-01", fixmedins_codes=["H31010100102"], **new).filing
    assert send(journey, "cancel", old.trt_dcla_detl_sn, "2026-03-08").verdict == "accepted"
    assert stay(journey) == ["filing_not_in_force"]
    assert codes(send(journey, "change", old.trt_dcla_detl_sn, "2026-03-14", fixmedins_codes=[SHANGHAI])) == ["filing_ended"]
    assert send(journey, "file", begndate="2026-03-14", fixmedins_codes=[SHANGHAI], **new).verdict == "accepted"
    assert "filing_not_in_force" not in stay(journey)


def test_the_filing_that_is_to_be_changed_is_named() -> None:
    """An ended one for 北京, then one for 广州: the second can be changed."""
    journey = insured(spell("410100"))
    begun(journey, begndate="2025-08-01", mdtrtarea_admdvs="110000")
    number = begun(journey, mdtrtarea_admdvs="440100").trt_dcla_detl_sn
    event = journey.send("claim.submitted", claim(fixmedins_code=SHANGHAI, **STAY))
    (told,) = last_section(event).reasons
    assert (told.code, number in told.remedy_zh, number in told.remedy_en) == ("filing_elsewhere", True, True)


def test_of_hospitals_whose_filing_was_changed_the_new_filing_is_told() -> None:
    """天津: one hospital of 上海 up to 6 March, then one of 北京: a stay at another hospital of 上海 changes the second."""
    journey = insured(spell("120000"))
    new = {"category": "long_term_resident", "materials": ["id_card"], "mdtrtarea_admdvs": "310000", "fixmedins_codes": ["H31010100102"]}
    old = send(journey, "file", begndate="2026-03-01", **new).filing
    assert stay(journey) == ["hospital_not_filed"]
    send(journey, "change", old.trt_dcla_detl_sn, "2026-03-07", mdtrtarea_admdvs="110000", fixmedins_codes=[BEIJING])
    assert stay(journey) == ["filing_elsewhere"]


# --- late ---------------------------------------------------------------------------------------------------------------

def test_filed_late_is_for_claims_by_hand() -> None:
    journey = insured(spell("410100"))
    late = send(journey, "late", begndate="2026-03-05", category="other_temporary", mdtrtarea_admdvs="310100", dcla_date="2026-03-15")
    assert late.means["made"] == "late"
    assert stay(journey) == ["filed_late"]
    event = journey.send("reimbursement.requested", by_hand(mdtrt_id="HAND", **STAY))
    assert (event.body.checked.filing, event.body.checked.filed_as) == (late.filing.trt_dcla_detl_sn, "late")


@pytest.mark.parametrize(("asked_on", "filed"), [("2026-03-12", "yes"), ("2026-03-13", "late"), ("2026-04-02", "late")])
def test_of_what_is_claimed_by_hand_a_filing_behind_the_discharge_is_late(asked_on: str, filed: str) -> None:
    """Paid in full at the discharge of 12 March, applied for on 2 April, settled by the agency on 10 April."""
    journey = insured(spell("410100"))
    send(journey, "late", begndate="2026-03-04", category="other_temporary", mdtrtarea_admdvs="310100", dcla_date=asked_on)
    event = journey.send("reimbursement.requested", by_hand(**STAY | {"setl_date": "2026-04-10", "appl_date": "2026-04-02"}))
    assert event.type == "reimbursement.settled"
    assert selected_by(journey, event, "filing", "filed") == {"filing": "other_temporary", "filed": filed}


@pytest.mark.parametrize(("completed", "reasons"), [("2026-03-14", []), ("2026-03-15", ["filed_late"])])
def test_a_pending_filing_is_made_on_the_day_that_completes_it(completed: str, reasons: list[str]) -> None:
    """Filed on 1 March without the form; settled on 14 March: on that day it counts for what was handed in up to then."""
    journey = insured(spell("410100"))
    waiting = begun(journey, category="referral")
    done = send(journey, "redeem", waiting.trt_dcla_detl_sn, completed, materials=["referral_form"])
    assert (done.means["made"], str(done.filing.begndate), str(done.filing.completed)) == ("in_time", "2026-03-01", completed)
    assert stay(journey) == reasons


def test_filed_late_and_before_the_settlement_is_in_time() -> None:
    journey = insured(spell("410100"))
    send(journey, "late", begndate="2026-03-05", category="other_temporary", mdtrtarea_admdvs="310100", dcla_date="2026-03-14")
    assert stay(journey) == []


# --- terms that no text of the rulebook has so far ----------------------------------------------------------------------

def with_terms(**terms: Any) -> Book:
    """The built-in rulebook with terms of 郑州's own."""
    book = built_in()
    own = tuple(Term("test", "410100", key, value, date(2020, 1, 1), None, "S008") for key, value in terms.items())
    return replace(book, filing=FilingRules((*book.filing.rows, *own)))


def checked(book: Book, *filings: Filing, **more: Any) -> list[str]:
    """The reasons of a stay in 上海 by the terms of ``book``."""
    journey = insured(spell("410100"))
    known = last_section(journey.send("filing.requested", filing(), id="x")).facts.insuinfo[0]
    asked_for: Claim = model(claim(fixmedins_code=SHANGHAI, **STAY | more))
    provider = book.provider(SHANGHAI, asked_for.begndate)
    facts = journey.send("claim.submitted", claim()).body.checked.facts.model_copy(update={"filings": filings})
    return codes(covered(asked_for, facts, known, provider, book.regions["410100"], "other_province", book))


def made(category: Any = "other_temporary", begndate: str = "2026-03-01", **more: Any) -> Filing:
    return Filing(trt_dcla_detl_sn="F1", insuplc_admdvs="410100", insutype="310", category=category,
                  mdtrtarea_admdvs="310100", begndate=date.fromisoformat(begndate), **more)


@pytest.mark.parametrize(("terms", "more", "told"), [
    ({}, {}, ["not_filed"]),
    ({"unfiled": "direct"}, {}, []),
    ({"unfiled": "manual"}, {}, ["not_filed"]),
])
def test_temporary_care_without_a_filing(terms: dict, more: dict, told: list[str]) -> None:
    assert checked(with_terms(**terms), **more) == told


def test_who_files_late_is_no_worse_off_than_who_never_does() -> None:
    late = made(begndate="2026-03-05", dcla_date=date(2026, 3, 20))
    assert checked(with_terms(unfiled="manual"), late) == ["filed_late"]
    assert checked(with_terms(unfiled="direct"), late) == []


def test_settled_by_the_hospital_afterwards_a_filing_in_time_goes_before_one_that_was_late() -> None:
    """Discharged on 12 March, settled on the 22nd: that of 1 March was made in time, whichever was filed last."""
    first, second = made("referral"), made(begndate="2026-03-05", dcla_date=date(2026, 3, 20))
    book, journey = with_terms(late_days=10), insured(spell("410100"))
    facts = journey.send("claim.submitted", claim()).body.checked.facts
    asked_for = model(claim(fixmedins_code=SHANGHAI, **STAY | {"late_setl_flag": "1", "setl_date": "2026-03-22"}))
    for filings in ((first, second), (second, first)):
        known = facts.model_copy(update={"filings": filings})
        found = covered(asked_for, known, facts.insuinfo[0], book.provider(SHANGHAI, date(2026, 3, 5)), book.regions["410100"], "other_province", book)
        assert (found.filing, found.filed_as, found.reasons) == (first, None, ())


@pytest.mark.parametrize(("setl_date", "told"), [("2026-03-22", []), ("2026-03-23", ["late_settlement_over"])])
def test_settled_by_the_hospital_afterwards_within_ten_days_of_the_discharge(setl_date: str, told: list[str]) -> None:
    """Discharged on 2026-03-12: ten days later is the 22nd."""
    late = made(begndate="2026-03-05", dcla_date=date(2026, 3, 20))
    assert checked(with_terms(late_days=10), late, late_setl_flag="1", setl_date=setl_date) == told


@pytest.mark.parametrize(("approval", "told"), [
    (None, ["not_approved"]),
    (made("disease_approval", dise_codg="M00500"), []),
    (made("disease_approval", dise_codg="M00501"), ["not_approved"]),
    (made("disease_approval", dise_codg="M00500", pending="1"), ["not_approved"]),
    (made("disease_approval", "2026-03-12", dise_codg="M00500"), []),
    (made("disease_approval", "2026-03-13", dise_codg="M00500"), ["not_approved"]),
], ids=["none", "this disease", "another one", "pending", "on the last day", "a day later"])
def test_a_disease_that_has_to_be_approved(approval: Filing | None, told: list[str]) -> None:
    filings = (made(), *([approval] if approval else []))
    assert checked(with_terms(approved_diseases=("M005",)), *filings, dise_codg="M00500") == told
    assert checked(with_terms(approved_diseases=("M005",)), made(), dise_codg="M00600") == [], "not on the list"


@pytest.mark.parametrize(("days", "told"), [(6, ["not_approved"]), (7, [])])
def test_a_long_stay_has_to_be_approved(days: int, told: list[str]) -> None:
    """From the 5th to the 12th are seven days."""
    assert checked(with_terms(approved_stay_days=days), made()) == told
    assert checked(with_terms(approved_stay_days=days), made(), made("long_stay_approval")) == []


def test_an_operation_that_has_to_be_approved() -> None:
    book = with_terms(approved_operations=("36.06",))
    assert checked(book, made(), oprn_oprt_code="36.0601") == ["not_approved"]
    assert checked(book, made(), made("operation_approval", oprn_oprt_code="36.0601"), oprn_oprt_code="36.0601") == []


@pytest.mark.parametrize(("day", "told"), [("2026-08-31", ["change_too_early"]), ("2026-09-01", [])])
def test_the_earliest_change(day: str, told: list[str]) -> None:
    """Six months from 2026-03-01."""
    journey = insured(spell("410100"))
    old = begun(journey, category="long_term_resident", materials=["residence_certificate"])
    event = journey.send("filing.requested.v3", asked("change", old.trt_dcla_detl_sn, day, mdtrtarea_admdvs="110000"), id="c")
    facts = last_section(event).facts
    assert codes(filing_verdict(event.body.request, facts, "N", with_terms(months_to_change=6))) == told


# --- bounds -------------------------------------------------------------------------------------------------------------

def test_of_more_filings_than_are_kept_those_that_ended_first_are_forgotten() -> None:
    filings: tuple[Filing, ...] = (made().model_copy(update={"trt_dcla_detl_sn": "OPEN"}),)
    for number in range(80):
        day = date(2026, 3, 1 + number % 28)
        one = made(begndate="2026-01-01").model_copy(update={"trt_dcla_detl_sn": f"N{number}", "enddate": day})
        filings = with_filed(filings, _accepted(one))
    assert len(filings) == 64 and filings[0].trt_dcla_detl_sn == "OPEN"
    assert min(one.enddate for one in filings if one.enddate) > date(2026, 3, 5), "those that ended first are gone"


def _accepted(one: Filing) -> Any:
    facts = filing_facts(asked_model(), FilingState())
    return filing_verdict(asked_model(), facts, "N", built_in()).model_copy(update={"filing": one, "verdict": "accepted"})


def asked_model() -> Any:
    journey = insured(spell("410100"))
    return journey.send("filing.requested", filing(), id="m").body.request


def test_a_filing_for_hospitals_of_the_old_rules_changes_to_a_place() -> None:
    """Filed in 2022 for a hospital (S012); a change of 2023 files for the place (S025), also where only the category changes."""
    journey = insured(spell("410100"))
    papers = ["id_card", "social_security_card"]
    old = send(journey, "file", begndate="2022-06-01", category="referral", mdtrtarea_admdvs="310000", fixmedins_codes=[SHANGHAI], materials=papers)
    assert old.filing.hospitals == (SHANGHAI,) and old.means["home"] == "locked"
    changed = send(journey, "change", old.filing.trt_dcla_detl_sn, "2023-02-01", category="other_temporary")
    assert (changed.filing.hospitals, str(changed.filing.enddate)) == (None, "2023-07-31"), "six months from 2023-02-01"


def test_a_late_filing_that_was_completed_is_still_late() -> None:
    journey = insured(spell("410100"))
    late = send(journey, "late", begndate="2026-03-05", category="referral", mdtrtarea_admdvs="310100", dcla_date="2026-03-15")
    assert late.verdict == "pending" and late.means is None
    assert send(journey, "redeem", late.filing.trt_dcla_detl_sn, "2026-03-16", materials=["referral_form"]).means["made"] == "late"


@pytest.mark.parametrize(("more", "selected"), [
    ({}, {"filing": "other_temporary", "filed": "yes"}),
    ({"begndate": "2027-03-05", "enddate": "2027-03-12", "setl_date": "2027-03-14", "ipt_type": "2"}, {"filing": "emergency", "filed": "yes"}),
    ({"begndate": "2025-03-05", "enddate": "2025-03-12", "setl_date": "2025-03-14", "appl_date": "2025-03-14"}, {"filing": "none", "filed": "no"}),
    ({"begndate": "2026-02-03", "enddate": "2026-02-12", "setl_date": "2026-02-14", "appl_date": "2026-02-14"}, {"filing": "referral", "filed": "late"}),
], ids=["filed", "an emergency that was not", "by hand, not filed", "by hand, filed late"])
def test_what_plans_select_by(more: dict[str, str], selected: dict[str, str]) -> None:
    """Of the two filings the one of March was published last."""
    journey = insured(spell("410100"))
    send(journey, "late", begndate="2026-02-01", category="referral", mdtrtarea_admdvs="310000", dcla_date="2026-02-20",
         enddate="2026-08-31", materials=["referral_form"])
    begun(journey)
    manual = "appl_date" in more
    event = journey.send("reimbursement.requested", by_hand(**STAY | more)) if manual else journey.send(
        "claim.submitted.v2", claim(fixmedins_code=SHANGHAI, **STAY | more))
    assert selected_by(journey, event, *selected) == selected


def selected_by(journey: Journey, event: Event, *names: str) -> dict[str, Any]:
    """Facts that plans select by."""
    body = event.body
    found = chosen(journey.book, body.checked, body.request)
    assert found is not None, codes(last_section(event))
    facts = facts_of(journey.book, body.checked, body.request, found[1], found[2])
    return {name: facts[name] for name in names}


def test_a_filing_for_the_province_was_in_force_at_the_admission_of_a_stay_in_its_city() -> None:
    """Filed for 上海 from 1 March, in hospital from the 5th, changed to its city on the 6th: filed all the time."""
    journey = insured(spell("410100"))
    number = begun(journey, mdtrtarea_admdvs="310000").trt_dcla_detl_sn
    send(journey, "change", number, "2026-03-06", mdtrtarea_admdvs="310100")
    event = journey.send("claim.submitted.v2", claim(fixmedins_code=SHANGHAI, **STAY))
    assert selected_by(journey, event, "filing", "filed") == {"filing": "other_temporary", "filed": "yes"}


def test_a_late_filing_does_not_make_another_one_early() -> None:
    """In hospital from the 5th, filed from the 6th; after the settlement of the 14th filed late from the 5th: late by hand, too."""
    journey = insured(spell("410100"))
    send(journey, "late", begndate="2026-03-05", category="other_temporary", mdtrtarea_admdvs="310100", dcla_date="2026-03-15")
    begun(journey, begndate="2026-03-06")
    event = journey.send("reimbursement.requested", by_hand(**STAY))
    assert selected_by(journey, event, "filed") == {"filed": "late"}


def test_a_filing_that_another_place_of_insurance_took_takes_nobody_away_from_home() -> None:
    """Insured in 克拉玛依 until 2 March and filed there until changed; then insured, and treated, in 郑州."""
    journey = insured(spell("650200", paus_insu_date="2026-03-02"), spell("410100", psn_insu_date="2026-03-02"))
    begun(journey, category="long_term_resident", cmt_flag="1")
    event = journey.send("claim.submitted.v2", claim(fixmedins_code=ZHENGZHOU, **STAY))
    assert selected_by(journey, event, "away") == {"away": "no"}


def test_the_same_hospitals_in_another_order_are_no_change() -> None:
    """天津: two changes a year (S091), which naming the same ones again does not use."""
    journey = insured(spell("120000"))
    two = ["H11010500001", "H11010200002"]
    number = send(journey, "file", category="long_term_resident", mdtrtarea_admdvs="110000", fixmedins_codes=two, materials=["id_card"]).filing.trt_dcla_detl_sn
    assert codes(send(journey, "change", number, fixmedins_codes=two[::-1])) == ["nothing_changes"]


def test_changes_on_one_day_count_one_by_one() -> None:
    """天津: two a year (S091). A filing that was changed on its first day never held, its change counts all the same."""
    journey = insured(spell("120000"))
    hospitals = (["H11010500001"], ["H11010200002"], ["H11010800003"])
    number = send(journey, "file", category="long_term_resident", mdtrtarea_admdvs="110000", fixmedins_codes=hospitals[0], materials=["id_card"]).filing.trt_dcla_detl_sn
    for chosen_ones in hospitals[1:]:
        number = send(journey, "change", number, fixmedins_codes=chosen_ones).filing.trt_dcla_detl_sn
    assert codes(send(journey, "change", number, fixmedins_codes=hospitals[0])) == ["too_many_changes"]
    assert send(journey, "change", number, "2027-01-01", fixmedins_codes=hospitals[0]).filing.changed == 1
