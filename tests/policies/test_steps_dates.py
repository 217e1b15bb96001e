"""The dates of a claim, each a rule of the benefit: version of the plan, year of the accumulators, age and status."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies.book import Book
from policies.settlement.sheet import NoRule, Refusal
from tests.policies.patient import PLACE, Patient, benefit, book_of, plan
from tests.policies.requests import claim, model

HALF = '"ratio"\nratio = [{ of = 0.50 }]'
OVER_NEW_YEAR: dict[str, Any] = {"day": "2025-12-25", "end": "2026-01-02", "settled": "2026-01-20"}


@pytest.mark.parametrize(("head", "year"), [
    ('dated_by = "begndate"', 2025), ('dated_by = "enddate"', 2026), ('dated_by = "setl_date"', 2026),
    ('dated_by = "enddate"\nyear_by = "begndate"', 2025), ('dated_by = "begndate"\nyear_by = "setl_date"', 2026),
])
def test_the_year_is_that_of_the_date_which_the_benefit_names(head: str, year: int) -> None:
    person = Patient(HALF, head=head)
    assert person.stay(10_000, **OVER_NEW_YEAR).year == year
    assert person.year(year)["care.hifp_pay"] == 5_000 and not person.year(4051 - year)


@pytest.mark.parametrize(("head", "year"), [
    ('dated_by = "setl_date"', 2025), ('dated_by = "setl_date"\nmanual_year_by = "setl_date"', 2026)])
def test_manual_reimbursement_counts_in_the_year_of_care_unless_said_otherwise(head: str, year: int) -> None:
    """Care in 2025, claimed by hand in March 2026; the same claim by the provider counts in 2026."""
    dates = {"day": "2025-11-05", "settled": "2026-03-01"}
    assert Patient(HALF, head=head).visit(10_000, pay_loc="1", **dates).year == year
    assert Patient(HALF, head=head).visit(10_000, **dates).year == 2026


@pytest.mark.parametrize(("head", "more", "ratio"), [
    ('dated_by = "begndate"', {}, "0.5"), ('dated_by = "enddate"', {}, "0.6"), ('dated_by = "setl_date"', {}, "0.6"),
    # claimed by hand: the same, but for the settlement, in whose place the day stands that decides the year of care
    ('dated_by = "begndate"', {"pay_loc": "1"}, "0.5"), ('dated_by = "enddate"', {"pay_loc": "1"}, "0.6"),
    ('dated_by = "setl_date"', {"pay_loc": "1", "end": "2025-12-31"}, "0.5"), ('dated_by = "setl_date"', {"end": "2025-12-31"}, "0.6"),
    ('dated_by = "setl_date"\nmanual_year_by = "begndate"', {"pay_loc": "1"}, "0.5"),
    ('dated_by = "setl_date"\nmanual_year_by = "setl_date"', {"pay_loc": "1", "end": "2025-12-31"}, "0.6"),
])
def test_the_version_of_the_plan_is_that_of_the_date_which_the_benefit_names(head: str, more: dict[str, str], ratio: str) -> None:
    """50 % to the end of 2025, 60 % from 1 January 2026."""
    old = replace(plan(benefit(HALF, head=head)), enddate=date(2025, 12, 31))
    new = replace(plan(benefit('"ratio"\nratio = [{ of = 0.60 }]', head=head)), begndate=date(2026, 1, 1))
    person = Patient(HALF)
    person.book = replace(book_of(old), plans={(PLACE, "310"): (old, new)})
    assert person.stay(10_000, **OVER_NEW_YEAR | more).pool_prop_selfpay == ratio


@pytest.mark.parametrize(("head", "age"), [("", 69), ('age_on = "enddate"', 70), ('age_on = "setl_date"', 70)])
def test_the_age_is_that_of_the_date_which_the_benefit_names(head: str, age: int) -> None:
    """Born on 1 January 1956: 69 at admission, 70 at discharge."""
    assert Patient(HALF, head=head).stay(10_000, brdy="1956-01-01", **OVER_NEW_YEAR).age == age


def test_who_is_born_on_29_february_is_older_from_1_march() -> None:
    person = Patient(HALF, brdy="2008-02-29")
    assert [person.visit(100, day=day).age for day in ("2026-02-28", "2026-03-01", "2028-02-28", "2028-02-29")] == [17, 18, 19, 20]


def test_a_birth_after_the_day_is_refused() -> None:
    with pytest.raises(NoRule, match="date of birth 2026-03-06 lies after begndate 2026-03-05"):
        Patient(HALF).visit(100, brdy="2026-03-06")


def test_a_stay_over_new_year_is_refused_where_years_are_settled_apart() -> None:
    """Up to 31 December as an interim settlement, then the rest: each in its year, with the deductible charged once."""
    person = Patient('"deductible"\nper = "stay"\namount = [{ yuan = 100.00 }]', HALF, head="split_at_new_year = true")
    with pytest.raises(Refusal) as refused:
        person.stay(50_000, **OVER_NEW_YEAR)
    assert (refused.value.code, refused.value.facts) == ("split_at_new_year", {"year": 2025})
    first = person.stay(50_000, stay="A", day="2025-12-25", end="2025-12-31", settled="2026-01-20", interim=True)
    last = person.stay(50_000, stay="A", day="2026-01-01", end="2026-01-02", settled="2026-01-20")
    assert [(one.year, one.act_pay_dedc, one.hifp_pay) for one in (first, last)] == [(2025, 10_000, 20_000), (2026, 0, 25_000)]


def test_the_rest_of_a_stay_split_at_new_year_may_name_its_admission() -> None:
    """The second bill begins with the day of admission, as the stay does; what it settles begins behind the first one's last day."""
    person = Patient(HALF, head="split_at_new_year = true")
    december: dict[str, Any] = {"stay": "A", "day": "2025-12-25", "interim": True}
    person.stay(50_000, end="2025-12-30", **december)
    with pytest.raises(Refusal) as refused:  # 31 December is not settled yet
        person.stay(50_000, end="2026-01-02", **december)
    assert (refused.value.code, refused.value.facts) == ("split_at_new_year", {"year": 2025})
    person.stay(50_000, end="2025-12-31", **december)
    assert person.stay(50_000, end="2026-01-02", stay="A", day="2025-12-25").year == 2026


@pytest.mark.parametrize(("day", "holds"), [("2025-12-31", True), ("2026-01-01", False), ("2025-01-01", True), ("2024-12-31", False)])
def test_a_plan_holds_from_its_first_day_to_its_last(book: Book, day: str, holds: bool) -> None:
    (plan_,) = book.plans["650200", "310"]
    ended = replace(plan_, enddate=date(2025, 12, 31))
    assert ended.in_force(model(claim(day=day)).begndate) is holds


def test_a_person_whose_kind_the_place_does_not_name_is_refused() -> None:
    """Not taken for anybody: the row without a condition is for those that the map names."""
    person = Patient('"ratio"\nratio = [{ status = "retired", of = 0.80 }, { of = 0.50 }]')
    assert [person.visit(10_000, psn_type=kind).hifp_pay for kind in ("12", "1101", "14")] == [8_000, 5_000, 5_000]
    with pytest.raises(NoRule, match="status 99 is not mapped for place 990100"):
        person.visit(10_000, psn_type="99")


@pytest.mark.parametrize(("med_type", "care"), [
    ("11", "outpatient"), ("1103", "screening"), ("1301", "emergency"), ("140104", "chronic"), ("2102", "inpatient"),
    ("2106", "maternity_inpatient"), ("2109", "inpatient"), ("9901", "two_diseases"), ("990101", "single_disease"),
    ("990103", "nucleic_acid_test"), ("12", None), ("9903", None), ("9904", None),
])
def test_longer_codes_of_care_are_what_the_nations_table_of_codes_says(book: Book, med_type: str, care: str | None) -> None:
    """990101=门诊单病种 and 990103=新冠病毒核酸检测 begin with 9901=门诊两病 and are no care of the two diseases."""
    table = book.map_on["", "care", date(2025, 1, 1)]
    assert table is not None and table.rows is not None
    row = table.rows.pick({"med_type": med_type})
    assert (row.value if row is not None else None) == care
