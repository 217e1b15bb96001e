"""Steps that look at lines, and fixed sums: items at their own ratio, lines that are not paid, births. Amounts in fen."""

from typing import Any

import pytest

from policies.settlement.sheet import NoRule
from tests.policies.patient import Patient, benefit, plan, written

FEES = '"cap"\nper = "year"\ncounts = "fees"\namount = [{ yuan = 1200.00 }]'
HALF = '"ratio"\nratio = [{ of = 0.50 }]'
FIRST_100 = '"deductible"\nper = "visit"\namount = [{ yuan = 100.00 }]'
CATALOGUE = '"item"\ncatalogue = true'
NO_PRESCRIPTION = '"exclude"\nlines = [{ prescription = "no", out = true }]'
BILL: list[dict[str, Any]] = [{"in_scope": 40_000}, {"in_scope": 100_000, "direct": "0.6"}]


# --- item -------------------------------------------------------------------------------------------------------------

def test_an_item_before_the_deductible_is_free_of_it() -> None:
    """1,000 x 60 % = 600; of the other 400 first 100, then 300 x 50 % = 150."""
    found = Patient(CATALOGUE, FIRST_100, HALF).visit(lines=BILL)
    assert written(found) == [("item", 100_000, 60_000), ("deductible", 40_000, 10_000), ("ratio", 30_000, 15_000)]
    assert found.psn_parts == {"coinsurance": 40_000 + 15_000, "deductible": 10_000}


def test_an_item_behind_the_deductible_is_paid_of_what_is_left() -> None:
    """1,400 less 100; the item's 1,000 x 60 % = 600; 300 x 50 % = 150. Where less is left than the item, of that: 70 x 60 %."""
    person = Patient(FIRST_100, CATALOGUE, HALF)
    assert written(person.visit(lines=BILL)) == [("deductible", 140_000, 10_000), ("item", 100_000, 60_000), ("ratio", 30_000, 15_000)]
    small = person.visit(lines=[{"in_scope": 7_000}, {"in_scope": 10_000, "direct": "0.6"}])
    assert written(small) == [("deductible", 17_000, 10_000), ("item", 7_000, 4_200), ("ratio", 0, 0)]


def test_items_of_one_ratio_are_one_group() -> None:
    """Own ratios 60 % and 30 %: (0.01 + 0.02) x 60 % = 0.018 -> 0.02; 1.00 x 30 % = 0.30."""
    lines = [{"in_scope": 1, "direct": "0.6"}, {"in_scope": 100, "direct": "0.3"}, {"in_scope": 2, "direct": "0.6"}]
    assert written(Patient(CATALOGUE, HALF).visit(lines=lines)) == [("item", 100, 30), ("item", 3, 2), ("ratio", 0, 0)]


def test_a_plan_may_give_the_ratio_of_a_line_itself() -> None:
    """乙 50 %, negotiated drugs 60 %; the rest 500 by its ratio."""
    rows = '"item"\nratio = [{ class = "02", of = 0.50 }, { class = "02", item_kind = "negotiated", of = 0.60 }, { class = "01", item_type = "01", of = 0.10 }]'
    lines = [{"in_scope": 10_000, "class_": "02"}, {"in_scope": 20_000, "class_": "02", "item_kind": "negotiated"},
             {"in_scope": 3_000, "item_type": "01"}, {"in_scope": 50_000}]
    found = Patient(rows, '"ratio"\nratio = [{ of = 0.80 }]').visit(lines=lines)
    assert written(found) == [("item", 3_000, 300), ("item", 10_000, 5_000), ("item", 20_000, 12_000), ("ratio", 50_000, 40_000)]


@pytest.mark.parametrize(("capped", "pool", "counted"), [("true", 30_000, 30_000), ("false", 90_000, 30_000)])
def test_whether_caps_count_an_item(capped: str, pool: int, counted: int) -> None:
    """600 for the item, 400 x 100 % for the rest, at most 300: 300 in all, or 600 + 300."""
    cap = '"cap"\nper = "year"\namount = [{ yuan = 300.00 }]'
    person = Patient(f'{CATALOGUE}\ncapped = {capped}', '"ratio"\nratio = [{ of = 1 }]', cap)
    assert person.visit(lines=BILL).hifp_pay == pool
    assert person.visit(lines=BILL).hifp_pay == pool - counted  # the cap is used up; what stands apart of it is paid
    assert person.year().get("care.apart", 0) == 2 * (pool - counted)


def test_a_shared_cap_does_not_count_what_stands_apart_of_it() -> None:
    """The item's 600 apart; of the other 400 x 50 % = 200 under the cap of 300; then the 100 left of it; then none."""
    cap = '"cap"\nper = "year"\nshared = "both"\namount = [{ yuan = 300.00 }]'
    person = Patient(f"{CATALOGUE}\ncapped = false", HALF, cap)
    assert [person.visit(lines=BILL).hifp_pay for _ in range(3)] == [80_000, 70_000, 60_000]
    assert person.year()["cap.both"] == 30_000


def test_a_refunded_item_counts_for_what_is_left_of_it() -> None:
    """1,000 - 1,000 at 60 %: nothing; 400 x 50 %."""
    lines = [*BILL, {"in_scope": -100_000, "direct": "0.6"}]
    assert written(Patient(CATALOGUE, HALF).visit(lines=lines)) == [("item", 0, 0), ("ratio", 40_000, 20_000)]


def test_a_refund_of_another_ratio_takes_nothing_from_the_pool_twice() -> None:
    """70 are left of 100 - 30; the refund alone is of the item's ratio: nothing is paid at it, 70 x 50 % = 35."""
    found = Patient(CATALOGUE, HALF).visit(lines=[{"in_scope": 10_000}, {"in_scope": -3_000, "direct": "0.6"}])
    assert written(found) == [("item", 0, 0), ("ratio", 7_000, 3_500)]


def test_a_cap_on_fees_counts_an_item_behind_it() -> None:
    """1,400 in scope, 1,200 a year: the item's 1,000 x 60 %, 200 x 50 %, 200 above. The next visit finds no room: all above."""
    cap = '"cap"\nper = "year"\ncounts = "fees"\nshared = "fees"\namount = [{ yuan = 1200.00 }]'
    person = Patient(cap, CATALOGUE, HALF)
    first, second = person.visit(lines=BILL), person.visit(lines=BILL)
    assert written(first) == [("cap", 140_000, 120_000), ("item", 100_000, 60_000), ("ratio", 20_000, 10_000)]
    assert (first.psn_parts["over_cap"], second.hifp_pay, person.year()["cap.fees"]) == (20_000, 0, 120_000)


@pytest.mark.parametrize(("steps", "problem"), [
    ((CATALOGUE, FEES, HALF), "item stands before a cap on fees, which would not count it; put it behind the cap, or write capped = false"),
    ((FEES, f"{CATALOGUE}\ncapped = false", HALF), "item stands behind a cap on fees, which would count less than it let through; put it before"),
    ((f"{CATALOGUE}\ncapped = false", FEES, HALF), None), ((FEES, CATALOGUE, HALF), None),
])
def test_an_item_stands_where_caps_on_fees_count_it_as_it_says(steps: tuple[str, ...], problem: str | None) -> None:
    problems: list[str] = []
    plan(benefit(*steps), problems=problems)
    assert problems == ([f"plan: benefit[1]: step: {problem}"] if problem else [])


# --- exclude ----------------------------------------------------------------------------------------------------------

def test_lines_that_are_not_paid_are_the_persons() -> None:
    """Sold without a prescription 70 of 170: 100 x 50 % = 50."""
    found = Patient(NO_PRESCRIPTION, HALF).visit(lines=[{"in_scope": 10_000}, {"in_scope": 7_000, "prescription": False}])
    assert written(found) == [("exclude", 17_000, 10_000), ("ratio", 10_000, 5_000)]
    assert found.psn_parts == {"not_covered": 7_000, "coinsurance": 5_000}


def test_an_exception_beats_what_is_excluded() -> None:
    """Herbs need no prescription: nothing is out."""
    rows = '"exclude"\nlines = [{ prescription = "no", out = true }, { prescription = "no", item_kind = "herbal", out = false }]'
    found = Patient(rows, HALF).visit(lines=[{"in_scope": 7_000, "prescription": False, "item_kind": "herbal"}])
    assert found.hifp_pay == 3_500


def test_a_refund_of_what_is_excluded_takes_it_out_again() -> None:
    lines = [{"in_scope": 10_000}, {"in_scope": 7_000, "prescription": False}, {"in_scope": -7_000, "prescription": False}]
    found = Patient(NO_PRESCRIPTION, HALF).visit(lines=lines)
    assert found.hifp_pay == 5_000 and "not_covered" not in found.psn_parts


def test_a_line_that_is_excluded_is_no_item_and_an_item_is_not_paid_twice() -> None:
    """The item of 1,000 was sold without a prescription: only 400 x 50 %. Two item steps: 600, the second finds nothing."""
    lines = [{"in_scope": 40_000}, {"in_scope": 100_000, "direct": "0.6", "prescription": False}]
    found = Patient(NO_PRESCRIPTION, CATALOGUE, HALF).visit(lines=lines)
    assert written(found) == [("exclude", 140_000, 40_000), ("ratio", 40_000, 20_000)]
    again = Patient(CATALOGUE, '"item"\nratio = [{ prescription = "no", of = 0.90 }]', HALF).visit(lines=lines)
    assert written(again) == [("item", 100_000, 60_000), ("ratio", 40_000, 20_000)]
    late = Patient(CATALOGUE, NO_PRESCRIPTION, HALF).visit(lines=lines)
    assert written(late) == [("item", 100_000, 60_000), ("exclude", 40_000, 40_000), ("ratio", 40_000, 20_000)]


# --- fixed sums and ceilings ------------------------------------------------------------------------------------------

SUMS = '[{ maternity = "1", level = "3", yuan = 2500.00 }, { maternity = "1", level = "2", yuan = 2000.00 }, { maternity = "2", yuan = 4000.00 }]'


@pytest.mark.parametrize(("in_scope", "pool", "above"), [(240_000, 240_000, 0), (250_000, 250_000, 0), (280_000, 250_000, 30_000)])
def test_a_ceiling_pays_the_cost_up_to_the_sum(in_scope: int, pool: int, above: int) -> None:
    """S157: 顺产 at level 3 2,500; of 2,800 300 are the person's."""
    found = Patient(f'"fixed"\nmode = "ceiling"\namount = {SUMS}').stay(in_scope, matn_type="1")
    assert (found.hifp_pay, found.psn_parts.get("over_cap", 0), found.allowance_pay) == (pool, above, 0)


def test_a_fixed_sum_above_the_cost_is_an_allowance_outside_the_claim() -> None:
    """2,500 for a birth that cost 2,400 and 50 of own expense: 2,400 from the pool, 100 to the person, who pays the 50."""
    found = Patient(f'"fixed"\nmode = "fixed"\namount = {SUMS}').stay(240_000, own=5_000, matn_type="1")
    assert (found.hifp_pay, found.allowance_pay, found.psn_cash_pay, found.fund_pay_sumamt) == (240_000, 10_000, 5_000, 240_000)
    nothing = Patient(f'"fixed"\nmode = "fixed"\namount = {SUMS}').stay(0, own=5_000, matn_type="1")
    assert (nothing.hifp_pay, nothing.allowance_pay, nothing.psn_cash_pay) == (0, 250_000, 5_000)


@pytest.mark.parametrize(("children", "pool"), [(1, 250_000), (2, 350_000), (3, 450_000), (None, 250_000)])
def test_more_for_each_child_beyond_the_first(children: int | None, pool: int) -> None:
    person = Patient(f'"fixed"\nmode = "ceiling"\namount = {SUMS}\nmore_a_child = 1000.00')
    assert person.stay(1_000_000, matn_type="1", **({"fetus_cnt": children} if children else {})).hifp_pay == pool


def test_a_kind_without_a_sum_is_refused() -> None:
    with pytest.raises(NoRule, match=r"test#care\.2: no sum for level=3, maternity=9$"):
        Patient(f'"fixed"\nmode = "ceiling"\namount = {SUMS}').stay(100, matn_type="9")


def test_an_item_beside_a_fixed_sum_does_not_fill_it_over_interim_settlements() -> None:
    """An item of 1,000 x 60 % = 600, and of the sum of 2,500: 500 with the first bill, then 2,000 of 2,800; 3,100 as in one bill."""
    item, other = {"in_scope": 100_000, "direct": "0.6"}, {"in_scope": 50_000}
    steps = (CATALOGUE, f'"fixed"\nmode = "ceiling"\namount = {SUMS}')
    person = Patient(*steps)
    found = [person.stay(lines=[item, other], stay="A", interim=True, matn_type="1"), person.stay(280_000, stay="A", matn_type="1")]
    assert [one.hifp_pay for one in found] == [110_000, 200_000]
    assert Patient(*steps).stay(lines=[item, {"in_scope": 330_000}], matn_type="1").hifp_pay == 310_000
    stated = Patient(*steps)
    stated.stay(lines=[item, other], stay="A", interim=True, matn_type="1", prior={"hifp_pay": 110_000})
    assert stated.stay(280_000, stay="A", matn_type="1").hifp_pay == 200_000


@pytest.mark.parametrize(("mode", "paid", "allowance"), [("ceiling", [150_000, 60_000], 0), ("fixed", [150_000, 60_000], 40_000)])
def test_one_sum_over_interim_settlements(mode: str, paid: list[int], allowance: int) -> None:
    """2,500 in all: 1,500, then 600; the 400 left are an allowance with the last bill where the sum is fixed."""
    person = Patient(f'"fixed"\nmode = "{mode}"\namount = {SUMS}')
    found = [person.stay(150_000, stay="A", interim=True, matn_type="1"), person.stay(60_000, stay="A", matn_type="1")]
    assert [one.hifp_pay for one in found] == paid
    assert [one.allowance_pay for one in found] == [0, allowance]


@pytest.mark.parametrize(("head", "paid"), [("", [200_000, 50_000, 0]), ('admissions = { interim = "new" }', [200_000, 200_000, 200_000])])
def test_one_sum_over_several_bills_unless_each_is_a_stay_of_its_own(head: str, paid: list[int]) -> None:
    """2,500 in all: 2,000, the 500 left, and none; where each bill counts anew, it has a sum of its own."""
    person = Patient(f'"fixed"\nmode = "ceiling"\namount = {SUMS}', head=head)
    assert [person.stay(200_000, stay="A", interim=number < 2, matn_type="1").hifp_pay for number in range(3)] == paid


def test_a_benefit_whose_steps_share_nothing_is_refused() -> None:
    problems: list[str] = []
    plan(benefit(FIRST_100, NO_PRESCRIPTION), problems=problems)
    assert problems == ["plan: benefit[1]: step: deductible, exclude without a step that shares: the pool would pay nothing; "
                        "add one of bands, fixed, item, ratio"]
