"""Stays: interim settlements, stays over New Year, and what counts as an admission. Amounts in fen; the calculations in yuan."""

from datetime import date
from pathlib import Path

import pytest

from contracts.events.enrolment import Spell
from policies.settlement.sheet import Refusal
from policies.settlement.stays import insured
from tests.policies import undoing
from tests.policies.patient import Patient, benefit
from tests.policies.requests import Journey, enrolment, spell
from tests.policies.rulebooks import FILES, loaded
from tests.policies.test_steps_deductible import HALF, due, rule

# --- interim settlement (中途结算), stays over New Year ---------------------------------------------------------------

def test_an_interim_settlement_charges_the_deductible_once() -> None:
    """1000: 600 with the first bill, 400 with the second, none with the last."""
    person = Patient(rule('per = "stay"'), HALF)
    found = [person.stay(amount, stay="A", interim=interim) for amount, interim in ((60_000, True), (90_000, True), (50_000, False))]
    assert due(*found) == [60_000, 40_000, 0]
    assert person.year()["care.admissions"] == 1


def test_without_a_deductible_nothing_of_one_is_kept() -> None:
    found = Patient(HALF).stay(60_000, stay="A", interim=True).stay
    assert found is not None and found.after["deductible"] == 0 and not {"due", "credited"} & found.after.keys()


@pytest.mark.parametrize("counted", ['per = "year"', 'per = "stay"\nonce = { name = "radio", diseases = ["radio"] }'])
def test_a_deductible_of_the_year_is_not_that_of_the_stay_that_goes_on(counted: str) -> None:
    """1000 in the year: 300 with the first bill, 500 with another stay in between, 200 of the 700 with the last."""
    person = Patient(rule(counted), HALF, dise_codg="radio")
    found = [person.stay(30_000, stay="A", interim=True), person.stay(50_000, stay="B"), person.stay(90_000, stay="A")]
    assert due(*found) == [30_000, 50_000, 20_000]


@pytest.mark.parametrize(("second", "insutype", "charged", "admissions"), [
    ({"psn_type": "12"}, "310", 50_000, 1),     # retired: the same insurance, the rest of 1,000
    ({"insutype": "390"}, "390", 70_000, 1),    # a resident since: 700 of the residents' plan
    ({"insuplc_admdvs": "350300"}, "310", 70_000, 1),
])
def test_under_another_insurance_a_stay_begins_anew(
    tmp_path: Path, second: dict[str, str], insutype: str, charged: int, admissions: int,
) -> None:
    """Charged 500 of 1,000 until the 9th; from the 10th on insured otherwise. What follows counts there as the first stay."""
    region = FILES["regions/350200-xiamen/region.toml"].replace("3502", "3503").replace("厦门", "莆田").replace("Xiamen", "Putian")
    other = undoing.PLAN.replace("1000.00", "700.00")
    files = {**undoing.FILES, "regions/350200-xiamen/390.toml": other.replace('"310"', '"390"'),
             "regions/350300-putian/plan.toml": other.replace("350200", "350300"),
             "regions/350300-putian/region.toml": region}
    journey = Journey(loaded(tmp_path, files))
    journey.send("enrolment.recorded", enrolment(
        spell(undoing.XIAMEN, paus_insu_date="2026-03-10"), {**spell(undoing.XIAMEN, psn_insu_date="2026-03-10"), **second}))
    bills = undoing.stay(50_000, "S1", "2026-03-01", mid_setl_flag="1"), undoing.stay(200_000, "S1", "2026-03-10", insutype=insutype)
    first, last = (journey.send("claim.submitted.v2", bill | {"enddate": end, "setl_date": end}, end).body.settled
                   for bill, end in zip(bills, ("2026-03-09", "2026-03-20"), strict=True))
    assert (first.act_pay_dedc, last.act_pay_dedc, last.accumulators.after["inpatient.admissions"]) == (50_000, charged, admissions)
    again = journey.send("claim.submitted.v2", bills[1] | {"insutype": "310" if insutype == "390" else insutype}, "again")
    assert again.type == "claim.refused", "a stay that was settled for good is settled under no insurance again"


def test_an_insurance_that_is_no_number_is_none_of_an_entry() -> None:
    """What an entry holds are numbers; the contract lets types of insurance hold letters."""
    spells = [Spell(insuplc_admdvs="350200", insutype=insutype, psn_type="11", psn_insu_date=date(2010, 1, 1)) for insutype in ("310", "3A0")]
    assert [insured(one) for one in spells] == [350_200_310, 0]


def test_an_interim_settlement_may_begin_a_new_admission() -> None:
    """Each bill is an admission: 1000, half 500, half 500."""
    person = Patient(rule('per = "stay"\nadmission = [{ from = 2, factor = 0.50 }]'), HALF, head='admissions = { interim = "new" }')
    found = [person.stay(200_000, stay="A", interim=interim) for interim in (True, True, False)]
    assert due(*found) == [100_000, 50_000, 50_000]
    assert person.year()["care.admissions"] == 3


def over_new_year(across: str, *bills: tuple[int, str, bool], stays_before: int = 1) -> list[int]:
    """1000 for the first stay of a year, 500 from the second; ``stays_before`` in 2025, then one with these bills."""
    ladder = f'per = "stay"\nacross = "{across}"\nadmission = [{{ from = 2, factor = 0.50 }}]'
    person = Patient(rule(ladder), HALF)
    for number in range(stays_before):
        person.stay(200_000, day=f"2025-0{number + 1}-05")
    return due(*(person.stay(amount, stay="A", day="2025-12-20", end=end, interim=interim) for amount, end, interim in bills))


LONG = ((30_000, "2025-12-31", True), (200_000, "2026-01-31", True), (200_000, "2026-02-28", False))


def test_over_new_year_the_old_years_deductible_is_topped_up() -> None:
    """The second stay of 2025: 500. In December 300 of it, in January the 200 left, in February none."""
    assert over_new_year("old", *LONG) == [30_000, 20_000, 0]


def test_over_new_year_the_new_years_deductible_is_topped_up() -> None:
    """In December 300; January counts as the first stay of 2026: 1000 - 300 = 700; in February none."""
    assert over_new_year("new", *LONG) == [30_000, 70_000, 0]


def test_over_new_year_nothing_further() -> None:
    """In December 300; then none, in January and in February."""
    assert over_new_year("none", *LONG) == [30_000, 0, 0]


def test_a_stay_over_new_year_may_count_as_an_admission_of_both_years() -> None:
    """With ``cross_year`` the next stay of 2026 is the second one: half of 1000; without it the first: 1000."""
    for flag, charged in (("true", 50_000), ("false", 100_000)):
        ladder = rule('per = "stay"\nadmission = [{ from = 2, factor = 0.50 }]')
        person = Patient(ladder, HALF, head=f"admissions = {{ cross_year = {flag} }}")
        person.stay(200_000, stay="A", day="2025-12-20", end="2025-12-31", interim=True)
        person.stay(200_000, stay="A", day="2025-12-20", end="2026-01-10")
        assert person.stay(200_000, day="2026-02-01").act_pay_dedc == charged


def test_a_stay_that_is_settled_once_over_new_year_is_one_of_the_new_year() -> None:
    person = Patient(rule('per = "stay"\nadmission = [{ from = 2, factor = 0.50 }]'), HALF)
    person.stay(200_000, day="2025-03-01")
    found = person.stay(200_000, day="2025-12-25", end="2026-01-02")
    assert (found.year, found.act_pay_dedc) == (2026, 100_000)


# --- what counts as an admission --------------------------------------------------------------------------------------

LADDER = rule('per = "stay"\nadmission = [{ from = 2, factor = 0.50 }]')


@pytest.mark.parametrize(("flag", "charged"), [("true", [100_000, 50_000, 50_000]), ("false", [100_000, 100_000, 50_000])])
def test_a_transfer_may_not_count(flag: str, charged: list[int]) -> None:
    """A transfer that does not count stands at the number before it: 1000 at 1; the stay after it is the second one: 500."""
    person = Patient(LADDER, HALF, head=f"admissions = {{ transfer = {flag} }}")
    found = [person.stay(200_000, ipt_type=kind) for kind in ("1", "3", "1")]
    assert due(*found) == charged


@pytest.mark.parametrize(("flag", "charged"), [("true", [100_000, 50_000]), ("false", [100_000, 100_000])])
def test_day_surgery_may_not_count(flag: str, charged: list[int]) -> None:
    """Day surgery first, then a stay: the second admission, or the first."""
    person = Patient(benefits=[
        benefit(LADDER, HALF, care=["inpatient", "day_surgery"], head=f"admissions = {{ day_surgery = {flag} }}")])
    assert due(person.stay(200_000, med_type="28"), person.stay(200_000)) == charged


def test_a_stay_of_more_than_180_days_is_split() -> None:
    """From 1 January; 30 June is the 180th day after it: 1000 once. Settled on 1 July, a day more: a new admission, half."""
    for end, charged, admissions in (("2026-06-30", 0, 1), ("2026-07-01", 50_000, 2)):
        person = Patient(LADDER, HALF, head="admissions = { days = 180 }")
        found = [person.stay(200_000, stay="A", day="2026-01-01", end="2026-03-31", interim=True),
                 person.stay(200_000, stay="A", day="2026-01-01", end=end, interim=True)]
        assert due(*found) == [100_000, charged]
        assert person.year()["care.admissions"] == admissions


def test_a_split_stay_is_counted_from_its_last_settlement_on() -> None:
    """Split on 1 July; its new admission runs from 31 March, the last settlement before: 27 September is the 180th day."""
    for end, charged in (("2026-09-27", 0), ("2026-09-28", 50_000)):
        person = Patient(LADDER, HALF, head="admissions = { days = 180 }")
        ends = ("2026-03-31", "2026-07-01", end)
        assert due(*(person.stay(200_000, stay="A", day="2026-01-01", end=day, interim=True) for day in ends)) == [100_000, 50_000, charged]


def test_after_the_last_settlement_a_stay_does_not_go_on() -> None:
    """A bill after the final one would pay the stay twice: refused. The same number at another provider is another stay."""
    person = Patient(LADDER, HALF)
    assert due(person.stay(200_000, stay="A", interim=True), person.stay(200_000, stay="A")) == [100_000, 0]
    for interim in (True, False):
        with pytest.raises(Refusal) as refused:
            person.stay(200_000, stay="A", interim=interim)
        assert (refused.value.code, refused.value.field) == ("stay_settled", "mdtrt_id")
    other = Patient(LADDER, HALF)
    found = [other.stay(200_000, stay="A", interim=True), other.stay(200_000, stay="A", provider="H2")]
    assert due(*found) == [100_000, 50_000]


def test_a_visit_is_no_admission() -> None:
    person = Patient(LADDER, HALF)
    assert due(person.visit(200_000), person.visit(200_000), person.stay(200_000)) == [100_000, 100_000, 100_000]
