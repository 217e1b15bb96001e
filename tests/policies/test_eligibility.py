"""Each reason of eligibility on both sides of its border, and several at once."""

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.envelope import Record
from contracts.events.claim import Checked, PersonFacts
from contracts.events.filing import Filing
from policies.book import Book
from policies.eligibility import check
from policies.places import care_kind, covers
from tests.policies.requests import (
    BEIJING,
    BEIJING_ENDED,
    BEIJING_OUTPATIENT,
    CHANGSHA,
    HENGYANG_2,
    HENGYANG_3,
    KARAMAY_1,
    SHANGHAI,
    claim,
    codes,
    enrolment,
    filing,
    insured,
    last_section,
    model,
    record,
    reimbursement,
    spell,
)

DAY = "2026-03-05"


def facts(*spells: dict[str, Any], filings: tuple[Filing, ...] = ()) -> PersonFacts:
    return PersonFacts.model_validate_json(json.dumps({"brdy": "1980-06-15", "gend": "2", "insuinfo": list(spells)})).model_copy(
        update={"filings": filings})


def filed(area: str = "310100", begndate: str = "2026-03-01", enddate: str | None = None, **more: Any) -> Filing:
    data = {"trt_dcla_detl_sn": "F1", "insuplc_admdvs": "410100", "insutype": "310", "category": "referral",
            "mdtrtarea_admdvs": area, "begndate": begndate} | ({"enddate": enddate} if enddate else {}) | more
    return Filing.model_validate_json(json.dumps(data))


def checked(book: Book, known: PersonFacts, **more: Any) -> Checked:
    return check(model(claim(**more)), known, book)


def told(book: Book, known: PersonFacts, **more: Any) -> list[str]:
    verdict = checked(book, known, **more)
    assert (verdict.verdict == "accepted") == (not verdict.reasons)
    return codes(verdict)


# --- the person ---------------------------------------------------------------------------------------------------------

def test_a_person_of_whom_nothing_is_known(book: Book) -> None:
    assert told(book, PersonFacts()) == ["unknown_person"]


@pytest.mark.parametrize(("more", "codes_"), [
    ({"psn_insu_date": DAY}, []),
    ({"psn_insu_date": "2026-03-06"}, ["not_insured"]),
    ({"paus_insu_date": "2026-03-06"}, []),
    ({"paus_insu_date": DAY}, ["not_insured"]),
    ({"insutype": "390"}, ["not_insured"]),
], ids=["first day", "day before the first", "last day", "day of the pause", "another type"])
def test_insured_on_the_day_of_service(book: Book, more: dict[str, str], codes_: list[str]) -> None:
    known = [one for one in facts(spell(**more)).insuinfo if one.insutype == "310"]
    assert told(book, facts().model_copy(update={"insuinfo": tuple(known)})) == codes_


@pytest.mark.parametrize(("arrears", "codes_"), [
    ({"begndate": DAY}, ["in_arrears"]),
    ({"begndate": "2026-03-06"}, []),
    ({"begndate": "2026-01-01", "enddate": DAY}, ["in_arrears"]),
    ({"begndate": "2026-01-01", "enddate": "2026-03-04"}, []),
    ({"begndate": "2025-01-01"}, ["in_arrears"]),
], ids=["first day", "day before the first", "last day", "day after the last", "open end"])
def test_arrears(book: Book, arrears: dict[str, str], codes_: list[str]) -> None:
    assert told(book, facts(spell(arrears=[arrears]))) == codes_


def test_the_day_of_admission_decides_not_that_of_settlement(book: Book) -> None:
    paused = facts(spell(paus_insu_date="2026-03-06"))
    assert told(book, paused, enddate="2026-03-20", setl_date="2026-03-21") == []


def test_a_place_of_insurance_without_rules(book: Book) -> None:
    assert told(book, facts(spell("510100"))) == ["no_rule"]


def test_of_two_insurances_the_one_that_began_last_pays(book: Book) -> None:
    both = facts(spell("650200", psn_insu_date="2020-01-01"), spell("430400", psn_insu_date="2010-01-01"))
    verdict = checked(book, both)
    assert verdict.insured is not None and verdict.insured.insuplc_admdvs == "650200" and verdict.place == "home"


# --- the provider -------------------------------------------------------------------------------------------------------

def test_a_provider_that_the_register_does_not_hold(book: Book) -> None:
    assert told(book, facts(spell()), fixmedins_code="H99999999999") == ["unknown_provider"]


@pytest.mark.parametrize(("day", "codes_"), [
    ("2024-12-31", []), ("2025-01-01", ["provider_not_designated"]),
    ("2020-01-01", []), ("2019-12-31", ["provider_not_designated"]),
])
def test_designated_from_the_first_day_to_the_last(book: Book, day: str, codes_: list[str]) -> None:
    hengyang = facts(spell("430400"), filings=(filed("110000", "2019-01-01", insuplc_admdvs="430400"),))
    assert told(book, hengyang, fixmedins_code=BEIJING_ENDED, day=day) == codes_


@pytest.mark.parametrize(("care", "codes_"), [("11", []), ("21", ["provider_not_connected"])])
def test_connected_for_this_type_of_care(book: Book, care: str, codes_: list[str]) -> None:
    known = facts(spell("410100"), filings=(filed("110000"),))
    assert told(book, known, fixmedins_code=BEIJING_OUTPATIENT, med_type=care) == codes_


def test_connection_matters_in_another_province_only(book: Book) -> None:
    assert told(book, facts(spell()), fixmedins_code=KARAMAY_1, med_type="21") == []


@pytest.mark.parametrize(("care", "kind"), [
    ("11", "outpatient"), ("13", "outpatient"), ("14", "chronic"), ("140104", "chronic"), ("21", "inpatient"),
    ("2101", "inpatient"), ("28", "inpatient"), ("41", "pharmacy"), ("52", "inpatient"), ("51", "outpatient"),
])
def test_the_flag_that_a_type_of_care_needs(care: str, kind: str) -> None:
    assert care_kind(care) == kind


# --- the filing ---------------------------------------------------------------------------------------------------------

STAY = {"med_type": "21", "begndate": "2026-03-05", "enddate": "2026-03-12", "setl_date": "2026-03-14"}


@pytest.mark.parametrize(("begndate", "enddate", "codes_"), [
    ("2026-03-05", None, []),
    ("2026-03-14", None, []),
    ("2026-03-15", None, ["filing_not_in_force"]),
    ("2025-09-05", "2026-03-05", []),
    ("2025-09-05", "2026-03-04", ["filing_not_in_force"]),
    ("2026-03-13", "2026-03-13", []),
], ids=["from admission", "from the settlement", "a day after it", "to admission", "to a day before", "on a day between"])
def test_in_force_on_any_day_from_admission_to_settlement(
    book: Book, begndate: str, enddate: str | None, codes_: list[str]
) -> None:
    known = facts(spell("410100"), filings=(filed(begndate=begndate, enddate=enddate),))
    assert told(book, known, fixmedins_code=SHANGHAI, **STAY) == codes_


@pytest.mark.parametrize(("area", "codes_"), [
    ("310000", []), ("310100", []), ("310115", []),
    ("310104", ["filing_elsewhere"]), ("110000", ["filing_elsewhere"]), ("110100", ["filing_elsewhere"]),
], ids=["province", "city", "county", "another county", "another province", "another city"])
def test_the_area_of_a_filing(book: Book, area: str, codes_: list[str]) -> None:
    known = facts(spell("410100"), filings=(filed(area),))
    assert told(book, known, fixmedins_code=SHANGHAI, **STAY) == codes_


@pytest.mark.parametrize(("area", "place", "held"), [
    ("310000", "310115", True), ("310100", "310115", True), ("310115", "310115", True), ("310115", "310104", False),
    ("440100", "440300", False), ("440000", "440300", True), ("440100", "310100", False),
])
def test_covers(area: str, place: str, held: bool) -> None:
    assert covers(area, place) is held


def test_no_filing_at_all(book: Book) -> None:
    assert told(book, facts(spell("410100")), fixmedins_code=SHANGHAI, **STAY) == ["not_filed"]


def test_the_newest_filing_that_covers_the_stay_is_named(book: Book) -> None:
    known = facts(spell("410100"), filings=(
        filed(trt_dcla_detl_sn="OLD"), filed(trt_dcla_detl_sn="NEW"), filed("110000", trt_dcla_detl_sn="OTHER")))
    assert checked(book, known, fixmedins_code=SHANGHAI, **STAY).filing == "NEW"


def test_a_filing_made_under_another_insurance_does_not_count(book: Book) -> None:
    known = facts(spell("410100"), filings=(filed(insuplc_admdvs="419900"),))
    assert told(book, known, fixmedins_code=SHANGHAI, **STAY) == ["not_filed"]


def test_the_same_province_needs_no_filing(book: Book) -> None:
    verdict = checked(book, facts(spell("430400")), fixmedins_code=CHANGSHA, **STAY)
    assert (verdict.verdict, verdict.place, verdict.filing) == ("accepted", "same_province", None)


@pytest.mark.parametrize("provider", [HENGYANG_2, HENGYANG_3])
def test_home_needs_no_filing(book: Book, provider: str) -> None:
    assert checked(book, facts(spell("430400")), fixmedins_code=provider, **STAY).place == "home"


@pytest.mark.parametrize(("place", "care", "codes_"), [
    ("430400", "11", []), ("430400", "14", []), ("430400", "21", ["not_filed"]), ("650200", "11", ["not_filed"]),
], ids=["衡阳 outpatient", "衡阳 chronic", "衡阳 stay", "克拉玛依 outpatient"])
def test_which_care_needs_a_filing_is_the_region_s_rule(book: Book, place: str, care: str, codes_: list[str]) -> None:
    assert told(book, facts(spell(place)), fixmedins_code=BEIJING, med_type=care) == codes_


# --- all of it ----------------------------------------------------------------------------------------------------------

def test_several_reasons_are_told_at_once(book: Book) -> None:
    known = facts(spell("410100", arrears=[{"begndate": "2025-01-01"}]))
    assert told(book, known, fixmedins_code=BEIJING_OUTPATIENT, **STAY) == ["in_arrears", "provider_not_connected", "not_filed"]
    assert told(book, PersonFacts(), fixmedins_code="H0") == ["unknown_person", "unknown_provider"]
    assert told(book, known, fixmedins_code=BEIJING_ENDED, **STAY) == ["in_arrears", "provider_not_designated", "not_filed"]


def test_a_reason_says_who_bears_the_amount_and_what_to_do(book: Book) -> None:
    (reason,) = checked(book, facts(spell("410100")), fixmedins_code=SHANGHAI, **STAY).reasons
    assert (reason.bears, reason.field) == ("patient", "mdtrtarea_admdvs")
    assert "310115" in reason.zh and "310115" in reason.en and "补办备案" in reason.remedy_zh


def test_a_filing_accepted_on_the_road_counts_for_the_next_claim() -> None:
    journey = insured(spell("410100"))
    stay = claim(fixmedins_code=SHANGHAI, **STAY)
    assert codes(last_section(journey.send("claim.submitted", stay, id="c-1"))) == ["not_filed"]
    number = last_section(journey.send("filing.requested", filing())).filing.trt_dcla_detl_sn
    settled = journey.send("claim.submitted", stay, id="c-2")
    assert settled.type == "claim.settled" and settled.body.checked.filing == number


def test_a_refused_claim_keeps_its_facts_and_goes_no_further() -> None:
    event = insured(spell("410100")).send("claim.submitted", claim(fixmedins_code=SHANGHAI, **STAY))
    assert event.type == "claim.refused" and event.body.priced is None and event.body.settled is None
    assert event.body.checked.facts.insuinfo[0].insuplc_admdvs == "410100"


def test_facts_hold_what_can_matter_to_the_claim_only() -> None:
    journey = insured(spell("650200"), spell("410100", insutype="390"))
    event = journey.send("claim.submitted", claim())
    assert [one.insutype for one in event.body.checked.facts.insuinfo] == ["310"]


def test_an_enrolment_replaces_what_was_known_before() -> None:
    journey = insured()
    journey.send("enrolment.recorded", enrolment(spell(paus_insu_date="2026-01-01")))
    assert codes(last_section(journey.send("claim.submitted", claim()))) == ["not_insured"]


# --- the day of entitlement: a stay from 5 to 12 March 2026 -------------------------------------------------------------

WEEK = {"med_type": "21", "begndate": "2026-03-05", "enddate": "2026-03-12", "setl_date": "2026-03-12", "fixmedins_code": CHANGSHA}


@pytest.mark.parametrize(("by", "more", "expected"), [
    ("begndate", {}, []),
    ("begndate", {"paus_insu_date": "2026-03-06"}, []),                          # insured on the day of admission
    ("each_day", {"paus_insu_date": "2026-03-12"}, ["not_insured"]),             # not insured on the last day
    ("each_day", {"paus_insu_date": "2026-03-13"}, []),
    ("enddate", {"psn_insu_date": "2026-03-12"}, []),                            # insured on the day of discharge
    ("enddate", {"paus_insu_date": "2026-03-12"}, ["not_insured"]),
    ("begndate", {"psn_insu_date": "2026-03-12"}, ["not_insured"]),
    ("begndate", {"arrears": [{"begndate": "2026-03-06"}]}, []),                 # paid up on the day of admission
    ("each_day", {"arrears": [{"begndate": "2026-03-06"}]}, ["in_arrears"]),
    ("each_day", {"arrears": [{"begndate": "2026-03-13"}]}, []),
    ("enddate", {"arrears": [{"begndate": "2026-03-05", "enddate": "2026-03-11"}]}, []),
    ("enddate", {"arrears": [{"begndate": "2026-03-05", "enddate": "2026-03-12"}]}, ["in_arrears"]),
])
def test_the_days_of_a_stay_on_which_a_person_must_be_entitled(book: Book, by: str, more: dict, expected: list[str]) -> None:
    regions = {**book.regions, "430400": replace(book.regions["430400"], entitled_on=by)}
    assert told(replace(book, regions=regions), facts(spell("430400", **more)), **WEEK) == expected


@pytest.mark.parametrize(("second", "expected"), [
    ({"psn_insu_date": "2026-03-09"}, []),                                               # retired from the 9th on, insured without a break
    ({"psn_insu_date": "2026-03-10"}, ["not_insured"]),                                  # a day between
    ({"psn_insu_date": "2026-03-09", "insuplc_admdvs": "430500"}, ["not_insured"]),      # at another place
    ({"psn_insu_date": "2026-03-09", "paus_insu_date": "2026-03-12"}, ["not_insured"]),  # ends before the discharge
    ({"psn_insu_date": "2026-03-09", "arrears": [{"begndate": "2026-03-11"}]}, ["in_arrears"]),
    ({"psn_insu_date": "2026-03-09", "arrears": [{"begndate": "2026-03-13"}]}, []),
    ({"psn_insu_date": "2026-03-09", "stop_date": "2026-02-20"}, ["insurance_stopped"]),
])
def test_where_each_day_counts_an_insurance_goes_on_in_the_next_one(book: Book, second: dict, expected: list[str]) -> None:
    """The end of the first one was reported on 1 March: its benefits last until the end of the month."""
    regions = {**book.regions, "430400": replace(book.regions["430400"], entitled_on="each_day")}
    first = spell("430400", paus_insu_date="2026-03-09", stop_date="2026-03-01")
    second = {**spell("430400", psn_type="12"), **second}
    assert told(replace(book, regions=regions), facts(first, second), **WEEK) == expected
    stopped = {**first, "stop_date": "2026-02-28"}
    assert "insurance_stopped" in told(replace(book, regions=regions), facts(stopped, second), **WEEK)


@pytest.mark.parametrize(("first", "second", "since"), [
    ({"begndate": "2026-03-09"}, None, None),                                   # of the first insurance, behind its last day
    ({"begndate": "2026-03-08"}, None, "2026-03-08"),
    (None, {"begndate": "2026-02-01", "enddate": "2026-03-08"}, None),          # of the second one, before its first day
    (None, {"begndate": "2026-02-01", "enddate": "2026-03-09"}, "2026-03-09"),
])
def test_arrears_count_on_the_days_of_their_own_insurance(book: Book, first: dict | None, second: dict | None, since: str | None) -> None:
    """A stay from 5 to 12 March, employed up to the 8th, retired from the 9th on."""
    regions = {**book.regions, "430400": replace(book.regions["430400"], entitled_on="each_day")}
    working = spell("430400", paus_insu_date="2026-03-09", arrears=[first] if first else [])
    retired = spell("430400", psn_type="12", psn_insu_date="2026-03-09", arrears=[second] if second else [])
    found = checked(replace(book, regions=regions), facts(working, retired), **WEEK)
    assert [one.en.partition(" (")[0] for one in found.reasons] == ([f"In arrears on {since}"] if since else [])


def test_where_the_discharge_counts_it_is_the_day_that_is_told(book: Book) -> None:
    """Insured on the day of admission, no more on that of discharge."""
    regions = {**book.regions, "430400": replace(book.regions["430400"], entitled_on="enddate")}
    found = checked(replace(book, regions=regions), facts(spell("430400", paus_insu_date="2026-03-10")), **WEEK)
    assert [one.en for one in found.reasons] == ["Not insured under 310 on 2026-03-12"]


@pytest.mark.parametrize(("until", "second", "day"), [
    ("2026-03-12", None, "2026-03-12"),                                                                 # the last day is one too
    ("2026-03-12", {"psn_insu_date": "2026-03-12"}, None),
    ("2026-03-09", {"psn_insu_date": "2026-03-09", "paus_insu_date": "2026-03-11"}, "2026-03-11"),
])
def test_the_day_from_which_nothing_goes_on(book: Book, until: str, second: dict | None, day: str | None) -> None:
    regions = {**book.regions, "430400": replace(book.regions["430400"], entitled_on="each_day")}
    known = facts(spell("430400", paus_insu_date=until), *([spell("430400", psn_type="12") | second] if second else []))
    found = checked(replace(book, regions=regions), known, **WEEK)
    assert [(one.code, one.en) for one in found.reasons] == ([("not_insured", f"Not insured under 310 on {day}")] if day else [])


@pytest.mark.parametrize(("paid_from", "day"), [("2026-03-09", None), ("2026-03-10", "2026-03-09"), ("2026-03-13", "2026-03-09")])
def test_where_each_day_counts_the_first_day_of_the_next_insurance_is_paid_for_too(book: Book, paid_from: str, day: str | None) -> None:
    """A resident of 南昌, paid until the end of the year, is an employee from the 9th on: what was paid as a resident is none of it."""
    regions = {**book.regions, "360100": replace(book.regions["360100"], entitled_on="each_day")}
    known = facts(spell("360100", insutype="390", psn_type="15", paus_insu_date="2026-03-09"), spell("360100", psn_insu_date="2026-03-09"))
    paid = [{"insuplc_admdvs": "360100", "insutype": insutype, "begndate": begin, "enddate": "2026-12-31", "clct_date": "2025-10-01"}
            for insutype, begin in (("390", "2026-01-01"), ("310", paid_from))]
    known = PersonFacts.model_validate_json(json.dumps({**known.model_dump(mode="json"), "clctinfo": paid}))
    found = checked(replace(book, regions=regions), known, **WEEK, insutype="390")
    told = [one.en for one in found.reasons if one.code == "not_paid"]
    assert told == ([f"No contribution that covers {day} has arrived"] if day else [])


@pytest.mark.parametrize(("stop", "expected"), [
    ("2026-02-28", ["insurance_stopped"]),  # benefits until the end of February
    ("2026-03-01", []),                     # until that of March, the first insurance ends with the 31st
])
def test_the_end_of_an_insurance_counts_on_its_own_days(book: Book, stop: str, expected: list[str]) -> None:
    """A stay over the end of March: of the first insurance 31 March is the last day, of the second one 1 April the first."""
    regions = {**book.regions, "430400": replace(book.regions["430400"], entitled_on="each_day")}
    known = facts(spell("430400", paus_insu_date="2026-04-01", stop_date=stop), spell("430400", psn_type="12", psn_insu_date="2026-04-01"))
    stay = {**WEEK, "begndate": "2026-03-28", "enddate": "2026-04-03", "setl_date": "2026-04-03"}
    assert told(replace(book, regions=regions), known, **stay) == expected


@pytest.mark.parametrize("provider", [SHANGHAI, BEIJING_OUTPATIENT])
def test_a_claim_by_hand_needs_neither_filing_nor_connection(book: Book, provider: str) -> None:
    """Not filed, or not connected for stays: refused directly, taken by the agency (S028 to S030)."""
    week = {**WEEK, "fixmedins_code": provider}
    assert told(book, facts(spell("410100")), **week) != []
    assert told(book, facts(spell("410100")), **week, pay_loc="1") == []


# --- the day on which the request was sent -----------------------------------------------------------------------------

@pytest.mark.parametrize(("time", "codes_"), [
    ("2026-03-05T00:00:00+08:00", []),
    ("2026-03-04T23:59:59+08:00", ["dated_ahead"]),
    ("2026-03-04T16:00:00Z", []),                                                # midnight in China
    ("2026-03-04T15:59:59.999Z", ["dated_ahead"]),
    ("2027-01-01T00:00:00Z", []),
])
def test_a_claim_cannot_be_settled_after_it_was_sent(time: str, codes_: list[str]) -> None:
    found = insured(spell("650200")).publish(sent("claim.submitted", claim(), time))
    assert found.body.checked is not None and codes(found.body.checked) == codes_


@pytest.mark.parametrize(("asked", "data", "codes_"), [
    ("reimbursement.requested", reimbursement(), ["dated_ahead"]),
    ("trial.requested", reimbursement(), []),
    ("quote.requested", claim(), []),
])
def test_what_is_claimed_by_hand_neither_but_an_estimate_may_be_of_care_to_come(asked: str, data: dict, codes_: list[str]) -> None:
    found = insured(spell("650200")).publish(sent(asked, data, "2026-01-01T08:00:00+08:00"))
    assert found.body.checked is not None and codes(found.body.checked) == codes_


def sent(type: str, data: dict[str, Any], time: str) -> Record:
    """A request that says when it was sent."""
    found = record(type, data, "r-1")
    return Record(found.key, found.value, (*found.headers, ("ce_time", time.encode())), partition=found.partition)
