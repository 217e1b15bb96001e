"""Contributions, gaps, waits and retirement: the days at their borders, and what must not matter.

The rules of places have cases beside them (``entitlement.cases.toml``); here are the readings that no place has, the dates, and
properties over random persons.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from contracts.base import made
from contracts.events.claim import Checked, Claim, PersonFacts
from contracts.events.enrolment import RETIRED, Enrolment
from policies.book import BUILT_IN, Book, built_in, load
from policies.cases import load_cases
from policies.eligibility import STATED, PersonState, check, facts_for
from policies.entitlement import paid as paid_module
from policies.entitlement.cases import EntitlementCase, unproved, wrong
from policies.entitlement.paid import month_end, months_between
from policies.entitlement.person import Asked, findings
from policies.entitlement.rules import BackPayment, Entitlement, Entitlements, Missed, Nation, Wait
from policies.entitlement.wait import entitled_from, months_of
from policies.settlement.sheet import Origin
from policies.tables import RulebookError
from tests.policies.languages import in_english
from tests.policies.requests import BEIJING, BEIJING_OUTPATIENT, Journey, claim, codes, enrolment, last_section, model, spell
from tests.policies.rulebooks import written

HERE = Origin("test", "T1")
NANCHANG_1 = "H36010000101"
CASES = [case for case in load_cases(BUILT_IN) if isinstance(case, EntitlementCase)]


def day(text: str) -> date:
    return date.fromisoformat(text)


def wait(**more: Any) -> Wait:
    return replace(Wait(HERE, 3, ("late", "gap"), "payment", "days", ()), **more)


# --- the first day behind a wait, by hand -------------------------------------------------------------------------------

@pytest.mark.parametrize(("begins", "months", "start"), [
    ("2025-03-15", 3, "2025-06-15"),      # 15 March to 14 June
    ("2025-03-01", 3, "2025-06-01"),
    ("2025-11-30", 3, "2026-03-01"),      # February has no 30th: the wait ends on its last day, the 28th
    ("2027-11-30", 3, "2028-03-01"),      # of a leap year on the 29th
    ("2027-11-29", 3, "2028-02-29"),      # which has a 29th: the wait ends on the 28th
    ("2028-02-29", 12, "2029-03-01"),     # the next February has no 29th: it ends on the 28th
    ("2025-10-01", 3, "2026-01-01"),      # ends on 31 December
    ("2025-12-31", 3, "2026-03-31"),      # 31 December to 30 March
    ("2025-08-31", 3, "2025-12-01"),      # November has no 31st: it ends on the 30th
])
def test_day_to_day(begins: str, months: int, start: str) -> None:
    assert entitled_from(wait(), day(begins), months) == day(start)


@pytest.mark.parametrize(("begins", "first_month", "start"), [
    ("2025-06-30", True, "2025-09-01"),   # June, July, August
    ("2025-06-01", True, "2025-09-01"),
    ("2025-06-30", False, "2025-10-01"),  # July, August, September
    ("2025-11-15", True, "2026-02-01"),   # November, December, January
    ("2028-02-29", True, "2028-05-01"),
])
def test_calendar_months_with_the_month_of_payment_as_the_first_or_not(begins: str, first_month: bool, start: str) -> None:
    assert entitled_from(wait(count="months", first_month=first_month), day(begins), 3) == day(start)


@pytest.mark.parametrize(("missed", "repaired", "months"), [
    (0, 0, 3), (1, 0, 3), (2, 0, 4), (2, 1, 3), (3, 0, 5), (3, 1, 4), (3, 2, 3),
    (4, 0, 6), (4, 1, 6), (4, 3, 6), (5, 0, 7), (5, 1, 6), (5, 4, 6),
])
def test_three_months_and_one_a_missed_year_from_the_second_on_at_least_six_of_four(missed: int, repaired: int, months: int) -> None:
    """青岛: 3 + (missed - 1), each year paid afterwards takes one away; from four missed years on at least 6 in all."""
    rule = wait(missed=Missed(HERE, 1, False, 2025, True, 4, 6))
    assert months_of(rule, missed, repaired) == months


@pytest.mark.parametrize(("first_counts", "repair", "months"), [(True, True, 4), (True, False, 5), (False, True, 3), (False, False, 4)])
def test_flags_of_the_variable_part(first_counts: bool, repair: bool, months: int) -> None:
    """Two years missed, one of them repaired."""
    assert months_of(wait(missed=Missed(HERE, 1, first_counts, 2025, repair)), 2, 1) == months


def test_months_are_counted_by_the_calendar() -> None:
    assert months_between(day("2025-02-01"), day("2025-05-31")) == 3
    assert months_between(day("2025-11-30"), day("2026-02-01")) == 3
    assert [month_end(day(d)) for d in ("2028-02-01", "2027-02-28", "2025-12-31", "2025-04-30")] == [
        day("2028-02-29"), day("2027-02-28"), day("2025-12-31"), day("2025-04-30")]


# --- the end of an insurance --------------------------------------------------------------------------------------------

STOP = ('[[entitlement]]\nplace = ["3502"]\ninsutype = "310"\nfrom = 2020-01-01\nsource = "T1"\n'
        '[entitlement.stop]\nbenefits = "same_day"\nsource = "T1"\n')
FOLDER = "regions/350200-xiamen/entitlement.toml"


@pytest.mark.parametrize(("on", "expected"), [("2025-07-14", []), ("2025-07-15", ["insurance_stopped"]), ("2025-07-31", ["insurance_stopped"])])
def test_in_some_places_benefits_end_with_the_procedure(tmp_path: Path, on: str, expected: list[str]) -> None:
    """S075: 部分地区可能要求当月生效."""
    book = load(written(tmp_path, {FOLDER: STOP}))
    assert told(book, [spell("350200", stop_date="2025-07-15")], on, provider="H35020000103") == expected


def test_where_no_text_says_when_benefits_end_it_is_not_guessed(tmp_path: Path) -> None:
    book = load(written(tmp_path))
    assert told(book, [spell("350200", stop_date="2025-07-15")], "2025-07-20", provider="H35020000103") == ["no_rule"]


# --- through the real decision ------------------------------------------------------------------------------------------

def state(spells: list[dict[str, Any]], **more: Any) -> PersonState:
    told = Enrolment.model_validate_json(json.dumps(enrolment(*spells, **more)))
    return PersonState(**{name: getattr(told, name) for name in STATED})


def visit(on: str, provider: str = NANCHANG_1, end: str | None = None, **more: Any) -> Claim:
    return made(
        Claim, psn_no="P1", fixmedins_code=provider, mdtrt_id="M", begndate=day(on), enddate=day(end or on), setl_date=day(end or on),
        medfee_sumamt=0, acct_used_flag="0", feedetail=(), **{"insutype": "310", "med_type": "11"} | more)


def verdict(book: Book, spells: list[dict[str, Any]], on: str, provider: str = NANCHANG_1, end: str | None = None, person: dict | None = None,
            **more: Any) -> Checked:
    asked = visit(on, provider, end, **more)
    return check(asked, facts_for(asked, state(spells, **person or {})), book)


def told(book: Book, spells: list[dict[str, Any]], on: str, provider: str = NANCHANG_1, **more: Any) -> list[str]:
    return codes(verdict(book, spells, on, provider, **more))


def paid(begin: str, end: str, on: str | None = None, place: str = "360100", insutype: str = "390") -> dict[str, str]:
    return {"insuplc_admdvs": place, "insutype": insutype, "begndate": begin, "enddate": end} | ({"clct_date": on} if on else {})


RESIDENT = [spell("360100", insutype="390", psn_type="15")]
BIJIE = [spell("520500", insutype="390", psn_type="15")]
"""Where an emergency does not count as filed (S028)."""


def test_what_was_not_recorded_is_not_asked_for(book: Book) -> None:
    """A place with rules, a person without contributions: the insurance vouches, as before."""
    assert told(book, RESIDENT, "2025-03-05", insutype="390") == []


def test_who_is_retired_by_the_nations_map_pays_nothing_more(book: Book) -> None:
    """One reading of psn_type: that by which ratios are chosen, and that by which contributions are asked for."""
    rows = [row for table in book.maps_of("", "status")["status"] if table.rows is not None for row in table.rows.rows]
    retired = {code for row in rows if row.value in ("retired", "veteran") for code in getattr(dict(row.when)["psn_type"], "of", ())}
    assert retired == set(RETIRED)


def test_a_place_without_rules_asks_for_none(book: Book) -> None:
    employee = [spell("650200")]
    assert told(book, employee, "2025-03-05", "H65020000101", person={"clctinfo": [paid("2024-01-01", "2024-12-31", place="650200")]}) == []


def test_the_verdict_names_the_rules_and_texts_that_decided(book: Book) -> None:
    found = verdict(book, RESIDENT, "2025-05-31", insutype="390", person={"clctinfo": [paid("2025-01-01", "2025-12-31", "2025-03-01")]})
    assert [(one.source, one.choice) for one in found.rules or ()] == [("S134", True)]
    (why,) = found.reasons
    assert (why.code, found.route) == ("waiting", "none")
    assert "2025-06-01" in why.remedy_zh and "2025-06-01" in why.remedy_en


def test_a_stay_over_the_border_of_what_is_paid(book: Book) -> None:
    """From 28 December to 3 January, 2025 paid: insured by the day of admission; where each day counts 2026 is missing."""
    person = {"clctinfo": [paid("2025-01-01", "2025-12-31", "2024-10-01")]}
    stay = {"insutype": "390", "med_type": "21", "person": person}
    assert codes(verdict(book, RESIDENT, "2025-12-28", end="2026-01-03", **stay)) == []
    regions = {**book.regions, "360100": replace(book.regions["360100"], entitled_on="each_day")}
    found = verdict(replace(book, regions=regions), RESIDENT, "2025-12-28", end="2026-01-03", **stay)
    assert codes(found) == ["not_paid"] and "2026-01-01" in found.reasons[0].en


def test_a_person_who_moved_is_decided_by_the_insurance_of_the_day(book: Book) -> None:
    """南昌 until June, 九江 since: contributions of the one do not pay for the other."""
    moved = [spell("360100", insutype="390", psn_type="15", paus_insu_date="2025-07-01"),
             spell("360400", insutype="390", psn_type="15", psn_insu_date="2025-07-01")]
    person = {"clctinfo": [paid("2025-01-01", "2025-12-31", "2024-10-01", place="360400")]}
    assert told(book, moved, "2025-06-30", insutype="390", person=person) == ["not_paid"]
    assert told(book, moved, "2025-07-01", insutype="390", person=person) == []


def test_contributions_under_another_insurance_do_not_pay_for_that_of_the_day(book: Book) -> None:
    """Employee until June, resident since: what was paid as an employee does not pay for the resident, and is no empty record."""
    changed = [spell("360100", paus_insu_date="2025-07-01"), spell("360100", insutype="390", psn_type="15", psn_insu_date="2025-07-01")]
    employed = paid("2025-01-01", "2025-06-30", insutype="310")
    person = {"clctinfo": [employed]}
    assert told(book, changed, "2025-06-30", person=person) == []
    assert told(book, changed, "2025-07-01", insutype="390", person=person) == ["not_paid"]
    in_window = {"clctinfo": [employed, paid("2025-07-01", "2025-12-31", "2025-02-01")]}
    assert told(book, changed, "2025-07-01", insutype="390", person=in_window) == []


@pytest.mark.parametrize(("on", "expected"), [
    ("2025-08-31", ["waiting"]), ("2025-09-01", []),
])
def test_flexible_employment_in_hubei_goes_by_its_own_rule(book: Book, on: str, expected: list[str]) -> None:
    """S180: 从重新参保缴费到账后的第4个月起: paid on 30 June after four months, June is the first: from 1 September on."""
    gap = [paid("2025-01-01", "2025-01-31", None, "421200", "310"), paid("2025-06-01", "2025-12-31", "2025-06-30", "421200", "310")]
    flexible, employed = spell("421200", flxempe_flag="1"), spell("421200")
    assert told(book, [flexible], on, "H42120000102", person={"clctinfo": gap}) == expected
    assert told(book, [employed], on, "H42120000102", person={"clctinfo": gap}) == []


@pytest.mark.parametrize(("approved", "on", "expected"), [
    ({"begndate": "2025-03-05"}, "2025-03-05", []), ({"begndate": "2025-03-06"}, "2025-03-05", ["disease_not_approved"]),
    ({"begndate": "2024-03-05", "enddate": "2025-03-05"}, "2025-03-05", []),
    ({"begndate": "2024-03-05", "enddate": "2025-03-04"}, "2025-03-05", ["disease_not_approved"]),
])
def test_an_approval_counts_from_its_first_day_to_its_last(book: Book, approved: dict, on: str, expected: list[str]) -> None:
    person = {"opspinfo": [{"dise_codg": "M03900", **approved}]}
    found = told(book, RESIDENT, on, BEIJING, insutype="390", med_type="14", dise_codg="M03900", person=person)
    assert [code for code in found if code != "not_filed"] == expected


@pytest.mark.parametrize(("on", "expected"), [("2025-12-31", ["waiting"]), ("2026-01-01", []), ("2026-02-28", [])])
def test_a_wait_is_of_the_year_that_was_paid_for_late(book: Book, on: str, expected: list[str]) -> None:
    """南昌: 2025 paid on 30 November, a wait to 28 February; 2026 paid within its own window (S135). A reading: docs/eligibility.md."""
    person = {"clctinfo": [paid("2025-01-01", "2025-12-31", "2025-11-30"), paid("2026-01-01", "2026-12-31", "2025-12-31")]}
    assert told(book, RESIDENT, on, insutype="390", person=person) == expected


def test_every_refusal_is_told_at_once_and_the_way_that_is_left(book: Book) -> None:
    late = {"clctinfo": [paid("2025-01-01", "2025-12-31", "2025-03-01")]}
    found = verdict(book, RESIDENT, "2025-04-01", BEIJING_OUTPATIENT, insutype="390", med_type="21", person=late)
    assert (codes(found), found.route) == (["waiting", "provider_not_connected", "not_filed"], "none")
    found = verdict(book, RESIDENT, "2025-04-01", BEIJING_OUTPATIENT, insutype="390", med_type="21")
    assert (codes(found), found.route) == (["provider_not_connected", "not_filed"], "manual")


def test_by_hand_what_closed_the_direct_way_is_noted(book: Book) -> None:
    """S028, S029: an emergency that was not filed, at a hospital that is not connected."""
    found = verdict(book, BIJIE, "2025-04-01", BEIJING_OUTPATIENT, insutype="390", med_type="21", ipt_type="2", pay_loc="1")
    assert (found.verdict, found.route) == ("accepted", "manual")
    assert [one.code for one in found.notes or ()] == ["provider_not_connected", "emergency_not_filed"]


def test_an_emergency_without_a_filing_has_a_reason_of_its_own(book: Book) -> None:
    found = verdict(book, BIJIE, "2025-04-01", BEIJING, insutype="390", med_type="11", otp_er_refl_flag="1")
    assert (codes(found), found.route) == (["emergency_not_filed"], "manual")
    assert "手工报销" in found.reasons[0].remedy_zh


def test_in_a_gap_the_account_may_still_pay_at_a_pharmacy(book: Book) -> None:
    """S076: 仅个人账户余额可用于药房购药."""
    for care, notes in (("41", ["account_usable"]), ("11", [])):
        found = verdict(book, [spell("650200", stop_date="2025-07-15")], "2025-08-01", "H65020000101", med_type=care)
        assert codes(found) == ["insurance_stopped"] and [one.code for one in found.notes or ()] == notes


def test_the_rule_that_leaves_the_account_is_named_where_no_other_was_asked(book: Book) -> None:
    """S076; arrears alone ask no rule of the place."""
    found = verdict(book, [spell("650200", arrears=[{"begndate": "2025-07-01"}])], "2025-08-01", "H65020000101", med_type="41")
    assert codes(found) == ["in_arrears"] and [one.source for one in found.rules or ()] == ["S076"]


def test_missed_years_are_named_as_a_rule_though_none_was_paid_afterwards(book: Book) -> None:
    """W042, 青岛: 2025 and 2026 missed, 2027 paid within the window: 3 + 1 months."""
    qingdao = spell("370200", insutype="390", psn_type="15")
    person = {"clctinfo": [paid("2024-01-01", "2024-12-31", place="370200"), paid("2027-01-01", "2027-12-31", "2026-11-10", place="370200")]}
    found = verdict(book, [qingdao], "2027-03-05", insutype="390", person=person)
    assert "waiting" in codes(found)
    assert [one.rule.rpartition(" ")[2] for one in found.rules or ()][-2:] == ["wait", "missed"]


@pytest.mark.parametrize(("until", "end", "expected"), [
    ("2025-05-19", "2025-05-20", ["waiting"]), ("2025-05-20", "2025-05-20", []),
    ("2025-05-19", "2025-06-02", ["waiting"]), ("2025-05-31", "2025-06-02", []),  # the wait is over on the day of discharge
])
def test_an_exemption_that_ends_within_a_stay_does_not_hide_the_wait_behind_it(book: Book, until: str, end: str, expected: list[str]) -> None:
    """南昌 (S134): paid on 1 March, entitled from 1 June; exempt on the first day of a stay from 5 May on, up to the end of the wait or not."""
    known = state(RESIDENT, clctinfo=[paid("2025-01-01", "2025-12-31", "2025-03-01")],
                  exmpinfo=[{"exmp_type": "discharged_soldier", "begndate": "2025-01-01", "enddate": until}])
    asked = visit("2025-05-05", end=end, insutype="390")
    facts = facts_for(asked, known)
    (insurance,) = facts.insuinfo
    of = Asked(asked.begndate, asked.enddate, book.entitlements.rule_for(insurance, asked.begndate), book.nation)
    assert [one.reason.code for one in findings(asked, facts, insurance, "home", of) if one.reason] == expected


def test_the_year_in_which_a_claim_counts_is_named(book: Book) -> None:
    assert verdict(book, [spell("650200")], "2025-12-31", "H65020000101").year == 2025


def test_on_the_road_the_remedy_opens_the_way() -> None:
    """A late payment waits; the exemption that the agency records afterwards ends it."""
    late = {"clctinfo": [paid("2026-01-01", "2026-12-31", "2026-02-01")]}
    resident = spell("360100", insutype="390", psn_type="15")
    journey = recorded(resident, **late)
    asked = claim(insutype="390", fixmedins_code=NANCHANG_1)
    refused = last_section(journey.send("claim.submitted", asked, id="c-1"))
    assert codes(refused) == ["waiting"] and refused.facts.clctinfo[0].clct_date == day("2026-02-01")
    exempt = {"exmpinfo": [{"exmp_type": "discharged_soldier", "begndate": "2026-01-01"}]}
    journey.send("enrolment.recorded.v2", enrolment(resident, **late, **exempt), id="e-2")
    assert journey.send("claim.submitted", asked, id="c-2").type == "claim.settled"


# --- the register -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("on", "expected"), [
    ("2025-03-31", []), ("2025-04-01", ["provider_suspended"]), ("2025-04-30", ["provider_suspended"]), ("2025-05-01", []),
])
def test_suspended_from_the_first_day_to_the_last(book: Book, on: str, expected: list[str]) -> None:
    (provider,) = book.providers["H65020000101"]
    span = replace(provider, suspended=((day("2025-04-01"), day("2025-04-30")),))
    providers = {**book.providers, "H65020000101": (span,)}
    assert told(replace(book, providers=providers), [spell("650200")], on, "H65020000101") == expected


@pytest.mark.parametrize(("shown", "expected"), [(None, []), ("03", []), ("01", ["credential_not_accepted"])])
def test_some_places_take_no_electronic_credential(book: Book, shown: str | None, expected: list[str]) -> None:
    """S027: 部分地区可能不支持电子凭证,需持社保卡就医."""
    (provider,) = book.providers["H65020000101"]
    providers = {**book.providers, "H65020000101": (replace(provider, credentials=("02", "03")),)}
    assert told(replace(book, providers=providers), [spell("650200")], "2025-04-01", "H65020000101", mdtrt_cert_type=shown) == expected


CHOSEN = ('[[entitlement]]\nplace = ["3502"]\ninsutype = "310"\nfrom = 2020-01-01\nsource = "T1"\n'
          '[entitlement.chosen]\ncare = ["11"]\nsource = "T1"\n')


@pytest.mark.parametrize(("chosen", "med_type", "expected"), [
    ([], "11", ["provider_not_chosen"]), (["H35020000103"], "11", []), (["H1"], "11", ["provider_not_chosen"]), ([], "21", []),
])
def test_a_place_may_ask_for_a_chosen_provider(tmp_path: Path, chosen: list[str], med_type: str, expected: list[str]) -> None:
    """S024: 如果参保地要求参保人员选择一定数量…的…定点医药机构就医购药的,按照参保地规定执行."""
    book = load(written(tmp_path, {FOLDER: CHOSEN}))
    person = {"fixinfo": [{"fixmedins_code": code, "begndate": "2020-01-01"} for code in chosen]}
    assert told(book, [spell("350200")], "2025-03-05", "H35020000103", med_type=med_type, person=person) == expected


# --- what must not matter -----------------------------------------------------------------------------------------------

DAYS = st.dates(day("2024-01-01"), day("2028-12-31"))


@given(on=DAYS, paid_on=DAYS, other=DAYS, years=st.sets(st.integers(2024, 2028)))
def test_a_fact_about_another_date_changes_nothing(on: date, paid_on: date, other: date, years: set[int]) -> None:
    """What is paid for after the day of care, and approvals, exemptions and arrears that lie elsewhere."""
    book = load_once()
    base = {"clctinfo": [paid(f"{year}-01-01", f"{year}-12-31", paid_on.isoformat()) for year in sorted(years)]}
    later = [paid(f"{on.year + 1 + n}-01-01", f"{on.year + 1 + n}-12-31", other.isoformat()) for n in range(2)]
    before = [one for one in base["clctinfo"] if int(one["begndate"][:4]) <= on.year]
    gone = (on - timedelta(days=1)).isoformat()
    elsewhere = {
        "exmpinfo": [{"exmp_type": "newborn", "begndate": "2023-01-01", "enddate": gone}],
        "opspinfo": [{"dise_codg": "M1", "begndate": (on + timedelta(days=1)).isoformat()}],
    }
    arrears = [spell("360100", insutype="390", psn_type="15", arrears=[{"begndate": "2023-01-01", "enddate": gone}])]
    one = verdict(book, RESIDENT, on.isoformat(), insutype="390", person={"clctinfo": before})
    two = verdict(book, arrears, on.isoformat(), insutype="390", person={"clctinfo": before + later if before else [], **elsewhere})
    assert (one.verdict, one.reasons, one.route, one.rules) == (two.verdict, two.reasons, two.route, two.rules)


@given(order=st.permutations(range(4)))
def test_the_order_in_which_contributions_are_listed_changes_nothing(order: list[int]) -> None:
    rows = [paid("2025-01-01", "2025-01-31", None, "421200", "310"), paid("2025-06-01", "2025-07-31", "2025-06-30", "421200", "310"),
            paid("2025-08-01", "2025-12-31", None, "421200", "310"), paid("2024-01-01", "2024-12-31", None, "421200", "310")]
    found = told(load_once(), [spell("421200", flxempe_flag="1")], "2025-08-15", "H42120000102", person={"clctinfo": [rows[n] for n in order]})
    assert found == ["waiting"]


HAINAN = BackPayment(HERE, 3, "payment", "covers")
HUBEI = BackPayment(HERE, 3, "unpaid", "payment_month")
MONTHS = [date(2025, month, 1) for month in range(1, 13)]


def by_back_payment(back: BackPayment, paid_for: list[dict[str, str]], first: date, last: date) -> list[str]:
    """The reasons of a stay in a place that asks for nothing but contributions."""
    rule = Entitlement(HERE, ("46",), "310", False, date(2000, 1, 1), back=back, wait=wait(when=("gap",), count="months"))
    known = state([spell("460100")], clctinfo=paid_for)
    asked = visit(first.isoformat(), end=last.isoformat())
    of = Asked(first, last, rule, Nation())
    return [one.reason.en for one in findings(asked, facts_for(asked, known), known.insuinfo[0], "home", of) if one.reason]


@given(data=st.data(), back=st.sampled_from([HAINAN, HUBEI]), on=st.dates(day("2025-01-01"), day("2025-12-31")))
def test_months_paid_for_in_one_record_or_one_by_one_are_judged_alike(data: st.DataObject, back: BackPayment, on: date) -> None:
    """Each payment of its own day, here or at another place; before, within and behind the months that it is for."""
    one_record, one_by_one = list[dict[str, str]](), list[dict[str, str]]()
    for _ in range(data.draw(st.integers(1, 5))):
        first = data.draw(st.integers(0, 11))
        last = data.draw(st.integers(first, min(11, first + 4)))
        clct_date = (MONTHS[first] + timedelta(days=data.draw(st.integers(-40, 200)))).isoformat()
        place = data.draw(st.sampled_from(["460100", "450100"]))
        one_record.append(paid(MONTHS[first].isoformat(), month_end(MONTHS[last]).isoformat(), clct_date, place, "310"))
        one_by_one += [paid(month.isoformat(), month_end(month).isoformat(), clct_date, place, "310") for month in MONTHS[first : last + 1]]
    assert by_back_payment(back, one_record, on, on) == by_back_payment(back, one_by_one, on, on)


def test_each_payment_is_judged_once_whatever_the_days_that_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year with 60 days paid for, one in six, and 60 back payments: some seconds a claim where each day judges them all anew."""
    judged = list[date]()
    real = paid_module._times
    monkeypatch.setattr(paid_module, "_times", lambda one, *more: judged.append(one.begndate) or real(one, *more))
    begin = date(2024, 1, 1)
    days = [begin + timedelta(days=6 * n) for n in range(60)]
    known = [paid(one.isoformat(), one.isoformat(), None, "460100", "310") for one in days]
    known += [paid("2023-12-03", (one + timedelta(days=1)).isoformat(), (begin + timedelta(days=370 + n)).isoformat(), "460100", "310")
              for n, one in enumerate(days)]
    assert by_back_payment(HAINAN, known, begin, date(2024, 12, 31))
    assert len(judged) == len(known) == 120


def test_the_order_of_requests_of_others_changes_nothing() -> None:
    late = {"clctinfo": [paid("2026-01-01", "2026-12-31", "2026-02-01")]}
    resident = spell("360100", insutype="390", psn_type="15")
    alone, among = recorded(resident, **late), recorded(resident, **late)
    among.send("enrolment.recorded", enrolment(spell("650200"), psn_no="OTHER"))
    among.send("claim.submitted", claim(psn_no="OTHER"))
    asked = claim(insutype="390", fixmedins_code=NANCHANG_1)
    assert last_section(alone.send("claim.submitted", asked, id="c")) == last_section(among.send("claim.submitted", asked, id="c"))


def recorded(*spells: dict[str, Any], **more: Any) -> Journey:
    journey = Journey()
    journey.send("enrolment.recorded.v2", enrolment(*spells, **more))
    return journey


def load_once() -> Book:
    return built_in()


# --- the rulebook -------------------------------------------------------------------------------------------------------

def test_a_case_that_expects_something_else_is_told(book: Book) -> None:
    case = next(case for case in CASES if ("refused", ("waiting",)) in case.expect)
    assert wrong(case, book.entitlements, book.nation) == []
    changed = replace(case, expect=(("refused", ()), ("start", day("2030-01-01"))))
    first, second = wrong(changed, book.entitlements, book.nation)
    assert "refused is ('waiting',), the case says ()" in first and "benefits do not begin on 2030-01-01" in second


def test_a_part_without_a_case_is_told(book: Book) -> None:
    some = [case for case in CASES if not case.file.startswith("regions/370200")]
    found = [*unproved(some, book.entitlements, book.nation)]
    assert len(found) == 3 and all("regions/370200-qingdao/entitlement.toml: entitlement[1]: " in line for line in found)
    assert [*unproved(CASES, book.entitlements, book.nation)] == []


HEAD = '[[entitlement]]\nplace = ["3502"]\ninsutype = "310"\nfrom = 2020-01-01\nsource = "T1"\n'


@pytest.mark.parametrize(("text", "problem"), {
    "elsewhere": (HEAD.replace("3502", "3601"), "place: 3601 lies outside 350200"),
    "twice": (HEAD + HEAD, "has two rules from 2020-01-01"),
    "no source": (HEAD.replace('source = "T1"\n', ""), "source: is missing"),
    "no months": (HEAD + '[entitlement.wait]\nwhen = ["late"]\nbegins = "payment"\ncount = "days"\nsource = "T1"\n', "wait: months: is missing"),
    "another count": (HEAD + '[entitlement.wait]\nmonths = 3\nwhen = ["late"]\nbegins = "payment"\ncount = "weeks"\nsource = "T1"\n',
                      "count: 'weeks' is unknown; use one of days, months"),
    "no day of every year": (HEAD + '[entitlement.yearly]\nopens = "02-29"\ncloses = "12-31"\nsource = "T1"\n', "opens: '02-29' is no month and day"),
    "closes first": (HEAD + '[[entitlement.window]]\nbenefits_from = 2025-01-01\nbenefits_until = 2025-12-31\nopens = 2025-01-02\n'
                     'closes = 2025-01-01\nsource = "T1"\n', "closes: 2025-01-01 lies before 2025-01-02"),
    "benefits end first": (HEAD + '[[entitlement.window]]\nbenefits_from = 2025-01-02\nbenefits_until = 2025-01-01\nopens = 2024-10-01\n'
                           'closes = 2024-12-31\nsource = "T1"\n', "benefits_until: 2025-01-01 lies before 2025-01-02"),
    "one language": (HEAD + 'choice = "only one"\n', "choice: needs both languages"),
    "unknown key": (HEAD + "more = 1\n", "more: is not known here"),
}.values())
def test_what_is_wrong_is_said_when_it_is_loaded(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RulebookError) as caught:
        load(written(tmp_path, {FOLDER: text}))
    assert any(problem in one for one in in_english(caught.value.problems)), caught.value.problems


def test_rules_of_other_days_or_insurances_do_not_clash(tmp_path: Path) -> None:
    text = HEAD + HEAD.replace("2020-01-01", "2021-01-01") + HEAD.replace('"310"', '"390"')
    assert len([one for one in load(written(tmp_path, {FOLDER: text})).entitlements.rules if one.places == ("3502",)]) == 3


def test_a_newer_rule_replaces_the_older_from_its_day(book: Book) -> None:
    (rule,) = [one for one in book.entitlements.rules if one.places == ("54",) and one.insutype == "390"]
    newer = replace(rule, begndate=day("2026-01-01"), late=None)
    rules = Entitlements((newer, rule))
    person = PersonFacts.model_validate_json(json.dumps({"insuinfo": [spell("540000", insutype="390")]})).insuinfo[0]
    assert rules.rule_for(person, day("2025-12-31")) is rule and rules.rule_for(person, day("2026-01-01")) is newer
    assert rules.rule_for(person, day("2024-12-31")) is None


def test_a_claim_of_the_first_version_is_decided_as_before(book: Book) -> None:
    found = check(model(claim()), facts_for(model(claim()), state([spell()])), book)
    assert (found.verdict, found.notes, found.rules, found.facts.clctinfo) == ("accepted", None, None, None)
