"""Deductible: what the person pays first. Amounts in fen; the calculations in yuan."""

import pytest

from contracts.events.claim import Settled
from policies.settlement.sheet import NoRule
from tests.policies.patient import Patient, benefit, plan, written

HALF = '"ratio"\nratio = [{ of = 0.50 }]'
LEVELS = '[{ level = "1", yuan = 100.00 }, { level = "2", yuan = 200.00 }, { level = "3", yuan = 300.00 }]'


def rule(text: str, amount: str = "[{ yuan = 1000.00 }]") -> str:
    return f'"deductible"\namount = {amount}\n{text}'


def due(*verdicts: Settled) -> list[int]:
    return [verdict.act_pay_dedc for verdict in verdicts]


@pytest.mark.parametrize(("in_scope", "charged", "pool"), [
    (0, 0, 0), (1, 1, 0), (29_999, 29_999, 0), (30_000, 30_000, 0), (30_001, 30_000, 1), (50_000, 30_000, 10_000),
])
def test_what_lies_behind_it_is_shared(in_scope: int, charged: int, pool: int) -> None:
    """300 first: of 300.01 a fen is left, 0.005 -> 0.01; of 500: (500 - 300) x 50 % = 100."""
    found = Patient(rule('per = "visit"', LEVELS), HALF).visit(in_scope)
    assert written(found) == [("deductible", in_scope, charged), ("ratio", in_scope - charged, pool)]
    assert found.psn_parts.get("deductible", 0) == charged


def test_a_visit_each_has_its_own() -> None:
    person = Patient(rule('per = "visit"', LEVELS), HALF)
    assert due(person.visit(50_000, level="1"), person.visit(50_000, level="3"), person.visit(50_000, level="3")) == [10_000, 30_000, 30_000]


def test_none_is_written_as_nought() -> None:
    found = Patient(rule('per = "visit"', '[{ yuan = 0.00 }]'), HALF).visit(10_000)
    assert written(found) == [("deductible", 10_000, 0), ("ratio", 10_000, 5_000)]


def test_no_row_is_refused_and_names_rule_and_facts() -> None:
    with pytest.raises(NoRule, match=r"test#care\.2: no deductible for .*level=9"):
        Patient(rule('per = "visit"', LEVELS), HALF).visit(10_000, level="9")


def test_a_visit_may_have_a_ceiling_a_year() -> None:
    """200 a visit, at most 500 in the year: 200, 200, 100, none."""
    person = Patient(rule('per = "visit"\nyear_ceiling = 500.00', '[{ yuan = 200.00 }]'), HALF)
    assert due(*(person.visit(50_000) for _ in range(4))) == [20_000, 20_000, 10_000, 0]


def test_a_year_is_paid_in_parts_and_starts_anew_on_1_january() -> None:
    """300 a year: 120, 150, then 30 of 100, then none; 2027: 300 again."""
    person = Patient(rule('per = "year"', LEVELS), HALF)
    assert due(*(person.visit(amount) for amount in (12_000, 15_000, 10_000, 10_000))) == [12_000, 15_000, 3_000, 0]
    assert person.visit(50_000, day="2027-01-01").act_pay_dedc == 30_000


def test_a_higher_level_after_a_lower_one_tops_up_the_difference() -> None:
    """衡阳 (S148, S149): 200 at level 2, then 300 - 200 = 100 at level 3; the other way round nothing more."""
    rising, falling = (Patient(rule('per = "year"\nyear_ceiling = 300.00', LEVELS), HALF) for _ in range(2))
    assert due(*(rising.visit(50_000, level=level) for level in "233")) == [20_000, 10_000, 0]
    assert due(*(falling.visit(50_000, level=level) for level in "321")) == [30_000, 0, 0]


def test_levels_may_be_counted_apart() -> None:
    """By level: 200 at level 2 does not count at level 3; each level's is due once."""
    person = Patient(rule('per = "year"\nby_level = true', LEVELS), HALF)
    assert due(*(person.visit(50_000, level=level) for level in "2323")) == [20_000, 30_000, 0, 0]


def test_levels_counted_apart_still_keep_the_ceiling_of_the_year() -> None:
    """200 at level 2, then of level 3's 300 only 400 - 200 = 200, then none at level 1."""
    person = Patient(rule('per = "year"\nby_level = true\nyear_ceiling = 400.00', LEVELS), HALF)
    assert due(*(person.visit(50_000, level=level) for level in "231")) == [20_000, 20_000, 0]


def test_benefits_that_state_one_name_count_together() -> None:
    """Clinic and ward share a deductible of 300: 100 in the clinic, 200 in the ward, then none in the clinic."""
    shared = rule('per = "year"\nshared = "all"', '[{ yuan = 300.00 }]')
    person = Patient(benefits=[
        benefit(shared, HALF, name="clinic", care=["outpatient"]), benefit(shared, HALF, name="ward", care=["inpatient"])])
    assert due(person.visit(10_000), person.stay(50_000), person.visit(10_000)) == [10_000, 20_000, 0]
    assert person.year()["deductible.all"] == 30_000
    assert (person.year()["clinic.deductible"], person.year()["ward.deductible"]) == (10_000, 20_000)


def test_a_ladder_of_stays_with_a_floor() -> None:
    """W027's ladder 400 -> 280 -> 200: 400 x 70 % = 280, 400 x 40 % = 160 but at least 200."""
    ladder = 'per = "stay"\nfloor = 200.00\nadmission = [{ from = 2, factor = 0.70 }, { from = 3, factor = 0.40 }]'
    person = Patient(rule(ladder, "[{ yuan = 400.00 }]"), HALF)
    assert due(*(person.stay(100_000) for _ in range(4))) == [40_000, 28_000, 20_000, 20_000]


def test_a_floor_never_lifts_what_is_lower_in_full() -> None:
    """100 in full; half of it is 50, the floor of 200 gives 100."""
    ladder = 'per = "stay"\nfloor = 200.00\nadmission = [{ from = 2, factor = 0.50 }]'
    person = Patient(rule(ladder, "[{ yuan = 100.00 }]"), HALF)
    assert due(person.stay(100_000), person.stay(100_000)) == [10_000, 10_000]


def test_halved_then_none_and_anew_in_the_new_year() -> None:
    """1000, half 500, then none; 2027 begins at 1000."""
    person = Patient(rule('per = "stay"\nadmission = [{ from = 2, factor = 0.50 }, { from = 3, factor = 0 }]'), HALF)
    assert due(*(person.stay(200_000) for _ in range(4))) == [100_000, 50_000, 0, 0]
    assert person.stay(200_000, day="2027-02-01").act_pay_dedc == 100_000


def test_a_factor_is_rounded_half_up_to_the_fen() -> None:
    """100.05 x 50 % = 50.025 -> 50.03."""
    person = Patient(rule('per = "stay"\nadmission = [{ from = 2, factor = 0.50 }]', "[{ yuan = 100.05 }]"), HALF)
    assert due(person.stay(100_000), person.stay(100_000)) == [10_005, 5_003]


def test_a_ladder_may_have_a_ceiling_a_year() -> None:
    """1000, 500, then 1800 - 1500 = 300 of 500, then none."""
    person = Patient(rule('per = "stay"\nyear_ceiling = 1800.00\nadmission = [{ from = 2, factor = 0.50 }]'), HALF)
    assert due(*(person.stay(200_000) for _ in range(4))) == [100_000, 50_000, 30_000, 0]


def test_the_number_of_the_stay_may_select_the_row_itself() -> None:
    person = Patient(rule('per = "stay"', '[{ admission = 1, yuan = 900.00 }, { admission = ">=2", yuan = 450.00 }]'), HALF)
    assert due(*(person.stay(200_000) for _ in range(3))) == [90_000, 45_000, 45_000]


# --- transfer (转诊) --------------------------------------------------------------------------------------------------

TRANSFER = rule('per = "stay"\ntransfer = "difference"', LEVELS)


@pytest.mark.parametrize(("day", "ipt_type", "charged"), [
    ("2026-03-10", "3", 10_000),   # the day of the discharge
    ("2026-03-11", "3", 10_000),   # the day after
    ("2026-03-12", "3", 30_000),   # too late to be a transfer
    ("2026-03-11", "1", 30_000),   # no transfer
])
def test_a_transfer_pays_the_difference(day: str, ipt_type: str, charged: int) -> None:
    """200 at level 2, discharged on 10 March; level 3 asks for 300: 300 - 200 = 100."""
    person = Patient(TRANSFER, HALF)
    first = person.stay(100_000, level="2", end="2026-03-10")
    assert due(first, person.stay(100_000, level="3", day=day, ipt_type=ipt_type)) == [20_000, charged]


def test_a_transfer_down_pays_nothing_more() -> None:
    person = Patient(TRANSFER, HALF)
    assert due(person.stay(100_000, level="3"), person.stay(100_000, level="1", ipt_type="3")) == [30_000, 0]


def test_a_chain_of_transfers_pays_the_highest_deductible_once() -> None:
    """100 at level 1, 200 - 100 = 100 more at level 2, 300 - 200 = 100 more at level 3, then none at level 3 again."""
    person = Patient(TRANSFER, HALF)
    found = [person.stay(100_000, level=level, ipt_type=kind) for level, kind in (("1", "1"), ("2", "3"), ("3", "3"), ("3", "3"))]
    assert due(*found) == [10_000, 10_000, 10_000, 0]


def test_a_stay_by_transfer_that_is_settled_in_between_pays_the_difference_once() -> None:
    """Level 2: 200. Level 3 by transfer: 300 - 200 = 100, of which 60 with the first bill and 40 with the second."""
    person = Patient(TRANSFER, HALF)
    person.stay(100_000, level="2")
    found = [person.stay(amount, level="3", ipt_type="3", stay="B", interim=interim)
             for amount, interim in ((6_000, True), (50_000, True), (50_000, False))]
    assert due(*found) == [6_000, 4_000, 0]


def test_a_transfer_behind_a_stay_that_came_by_transfer_and_was_settled_in_between() -> None:
    """Level 1: 100. Level 2 by transfer, in two bills: 30 and 70, 200 in all. Level 3 by transfer: 300 - 200 = 100."""
    person = Patient(TRANSFER, HALF)
    person.stay(100_000, level="1")
    found = [person.stay(amount, level="2", ipt_type="3", stay="B", interim=interim) for amount, interim in ((3_000, True), (50_000, False))]
    assert due(*found, person.stay(100_000, level="3", ipt_type="3")) == [3_000, 7_000, 10_000]


# --- once a year for named treatments; a share of an index ------------------------------------------------------------

def test_named_treatments_are_charged_once_a_year() -> None:
    """放疗: 1000 with the first course, none with the next; another disease pays its own."""
    once = rule('per = "stay"\nonce = { name = "radio", diseases = ["radio", "chemo"] }')
    person = Patient(once, HALF)
    found = [person.stay(200_000, dise_codg=disease) for disease in ("radio", "chemo", "other", "radio")]
    assert due(*found) == [100_000, 0, 100_000, 0]
    assert person.year()["deductible.radio"] == 100_000
    assert person.stay(200_000, dise_codg="chemo", day="2027-01-02").act_pay_dedc == 100_000


def test_a_share_of_an_index_follows_its_day() -> None:
    """5 % of 80,000.50 is 4,000.025 -> 4,000.03; from July 5 % of 90,000 is 4,500."""
    indexes = """
[[index]]
name = "wage"
from = 2026-01-01
yuan = 80000.50
source = "T1"
[[index]]
name = "wage"
from = 2026-07-01
yuan = 90000.00
source = "T1"
"""
    person = Patient(rule('per = "stay"', '[{ yuan = { share = 0.05, of = "wage" } }]'), HALF, indexes=indexes)
    found = [person.stay(1_000_000, day=day) for day in ("2026-01-01", "2026-06-30", "2026-07-01")]
    assert due(*found) == [400_003, 400_003, 450_000]
    with pytest.raises(NoRule, match="index wage has no value in force"):
        person.stay(1_000_000, day="2025-12-31")


# --- interim settlement (中途结算), stays over New Year ---------------------------------------------------------------

def test_an_interim_settlement_charges_the_deductible_once() -> None:
    """1000: 600 with the first bill, 400 with the second, none with the last."""
    person = Patient(rule('per = "stay"'), HALF)
    found = [person.stay(amount, stay="A", interim=interim) for amount, interim in ((60_000, True), (90_000, True), (50_000, False))]
    assert due(*found) == [60_000, 40_000, 0]
    assert person.year()["care.admissions"] == 1


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
    """A bill after the final one is another admission; so is the same number of a stay at another provider."""
    person = Patient(LADDER, HALF)
    found = [person.stay(200_000, stay="A"), person.stay(200_000, stay="A", interim=True)]
    assert due(*found) == [100_000, 50_000]
    other = Patient(LADDER, HALF)
    found = [other.stay(200_000, stay="A", interim=True), other.stay(200_000, stay="A", provider="H2")]
    assert due(*found) == [100_000, 50_000]


def test_a_visit_is_no_admission() -> None:
    person = Patient(LADDER, HALF)
    assert due(person.visit(200_000), person.visit(200_000), person.stay(200_000)) == [100_000, 100_000, 100_000]


def test_a_plan_with_two_factors_for_one_stay_is_refused() -> None:
    problems: list[str] = []
    plan(benefit(rule('per = "stay"\nadmission = [{ from = 2, factor = 0.5 }, { from = 2, factor = 0 }]'), HALF), problems=problems)
    assert problems == ["plan: benefit[1]: step[1]: admission: two factors begin with the same stay; remove one"]
