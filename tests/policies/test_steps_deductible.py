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
    with pytest.raises(NoRule, match=r"test#care\.2: no deductible for level=9$") as missing:
        Patient(rule('per = "visit"', LEVELS), HALF).visit(10_000, level="9")
    assert missing.value.detail.zh == "test#care.2：没有适用的起付标准（level=9）"


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


@pytest.mark.parametrize(("per", "charged", "counters"), [
    ("month", [6_000, 4_000, 6_000, 6_000, 6_000], {"m03": 10_000, "m04": 6_000, "m12": 6_000}),
    ("quarter", [6_000, 4_000, 6_000, 6_000, 6_000], {"q1": 10_000, "q2": 6_000, "q4": 6_000}),
    ("year", [6_000, 4_000, 0, 0, 6_000], {}),
])
def test_a_month_and_a_quarter_begin_anew(per: str, charged: list[int], counters: dict[str, int]) -> None:
    """100 a month or quarter: 60 and 40 of two visits of 60 in March, 60 in April, in December, and in the January after."""
    person = Patient(rule(f'per = "{per}"', "[{ yuan = 100.00 }]"), HALF)
    days = ("2026-03-01", "2026-03-31", "2026-04-01", "2026-12-31", "2027-01-01")
    assert due(*(person.visit(6_000, day=day) for day in days)) == charged
    assert {name: amount for name, amount in person.year().items() if "#" in name} == {f"care.deductible#{at}": fen for at, fen in counters.items()}
    assert person.year()["care.deductible"] == sum(charged[:4]), "the year knows them all"


@pytest.mark.parametrize(("day", "month"), [("begndate", "m03"), ("enddate", "m04")])
def test_the_month_is_that_of_the_day_which_decides_the_year(day: str, month: str) -> None:
    person = Patient(rule('per = "month"', "[{ yuan = 100.00 }]"), HALF, head=f'year_by = "{day}"')
    found = person.stay(50_000, day="2026-03-30", end="2026-04-02")
    assert person.year()[f"care.deductible#{month}"] == 10_000 and found.steps[1].facts["period"] == month


def test_a_stay_that_goes_on_pays_the_deductible_of_each_month() -> None:
    """100 a month: 60 of March with its first bill, none of it in April, but April's 100."""
    person = Patient(rule('per = "month"', "[{ yuan = 100.00 }]"), HALF)
    march, april = person.stay(6_000, stay="A", end="2026-03-31", interim=True), person.stay(50_000, stay="A", end="2026-04-10")
    assert due(march, april) == [6_000, 10_000]


def test_months_keep_the_ceiling_of_the_year() -> None:
    """100 a month, at most 250 in the year: 100, 100, 50, none."""
    person = Patient(rule('per = "month"\nyear_ceiling = 250.00', "[{ yuan = 100.00 }]"), HALF)
    assert due(*(person.visit(50_000, day=f"2026-0{month}-10") for month in range(1, 5))) == [10_000, 10_000, 5_000, 0]


def test_each_provider_may_count_for_itself() -> None:
    """每家医院每年: 300 at each of two hospitals, once; of a month as well it begins anew at each; of levels too, each of the two."""
    person = Patient(rule('per = "year"\nby_provider = true', "[{ yuan = 300.00 }]"), HALF)
    assert due(*(person.visit(50_000, provider=code) for code in ("H1", "H2", "H1", "H2"))) == [30_000, 30_000, 0, 0]
    assert person.year() == {**person.year(), "care.deductible": 60_000, "care.deductible.H1": 30_000, "care.deductible.H2": 30_000}
    person = Patient(rule('per = "month"\nby_provider = true\nby_level = true', "[{ yuan = 300.00 }]"), HALF)
    assert due(person.visit(50_000), person.visit(50_000), person.visit(50_000, day="2026-04-01")) == [30_000, 0, 30_000]
    assert person.year()["care.deductible.3.H1#m04"] == 30_000


@pytest.mark.parametrize("key", ["by_level", "by_provider"])
@pytest.mark.parametrize("per", ["visit", "stay"])
def test_what_is_charged_each_time_counts_nothing_apart(key: str, per: str) -> None:
    problems: list[str] = []
    plan(benefit(rule(f'per = "{per}"\n{key} = true'), HALF), problems=problems)
    assert problems == [
        f"plan: benefit[1]: step[1]: {key}: goes with per = year, quarter, month, else nothing is counted apart; change per, or remove it"]


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


def test_a_stay_that_goes_on_keeps_the_ceiling_of_the_year() -> None:
    """At most 1200: A is charged 300 of its 1000, B 1200 - 300 = 900; A goes on with 700 due, and the year is full."""
    person = Patient(rule('per = "stay"\nyear_ceiling = 1200.00'), HALF)
    found = [person.stay(30_000, stay="A", interim=True), person.stay(200_000, stay="B", provider="H2"), person.stay(200_000, stay="A")]
    assert due(*found) == [30_000, 90_000, 0]
    assert found[-1].hifp_pay == 100_000


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


def test_a_stay_that_came_by_transfer_and_counts_anew_is_no_transfer_from_itself() -> None:
    """Level 2: 500. Level 3 by transfer: 900 - 500 = 400; what comes behind its interim settlement is a new admission: 900."""
    amounts = '[{ level = "2", yuan = 500.00 }, { level = "3", yuan = 900.00 }]'
    person = Patient(rule('per = "stay"\ntransfer = "difference"', amounts), HALF, head='admissions = { interim = "new", transfer = false }')
    person.stay(200_000, level="2", day="2026-03-01", end="2026-03-10")
    by_transfer = {"stay": "B", "ipt_type": "3", "level": "3"}
    found = [person.stay(200_000, day="2026-03-10", end="2026-03-31", interim=True, **by_transfer),
             person.stay(200_000, day="2026-04-01", end="2026-04-10", **by_transfer)]
    assert due(*found) == [40_000, 90_000]
    assert person.year()["care.admissions"] == 2  # the transfer itself does not count


def test_an_earlier_stay_that_is_settled_later_is_not_the_last_one() -> None:
    """Level 2 until 10 March: 200; one of January, claimed by hand behind it; level 3 by transfer on 10 March: 300 - 200 = 100."""
    person = Patient(TRANSFER, HALF)
    found = [person.stay(100_000, level="2", day="2026-03-01", end="2026-03-10"), person.stay(100_000, level="2", day="2026-01-05"),
             person.stay(100_000, level="3", day="2026-03-10", ipt_type="3")]
    assert due(*found) == [20_000, 20_000, 10_000]


def test_a_transfer_over_new_year_begins_a_year_of_its_own() -> None:
    """As the guide says: the last stay of the same year alone counts."""
    person = Patient(TRANSFER, HALF)
    assert due(person.stay(100_000, level="2", day="2025-12-31"), person.stay(100_000, day="2026-01-01", ipt_type="3")) == [20_000, 30_000]


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
    by_hand = person.stay(1_000_000, day="2026-06-30", settled="2026-08-01", pay_loc="1")
    assert due(by_hand) == [400_003], "the index is of the day of the plan's version: of the care, whenever the agency pays"
    with pytest.raises(NoRule, match="index wage has no value in force"):
        person.stay(1_000_000, day="2025-12-31")


def test_a_plan_with_two_factors_for_one_stay_is_refused() -> None:
    problems: list[str] = []
    plan(benefit(rule('per = "stay"\nadmission = [{ from = 2, factor = 0.5 }, { from = 2, factor = 0 }]'), HALF), problems=problems)
    assert problems == ["plan: benefit[1]: step[1]: admission: two factors begin with the same stay; remove one"]
