"""A pool that another agency paid: what the accumulators and the stay hold behind it, and what follows at home goes by it. Amounts in fen;
the calculations in yuan."""

import pytest

from policies.settlement.sheet import NoRule
from tests.policies.patient import Patient
from tests.policies.test_steps_deductible import HALF, due, rule

NOT_PRESCRIBED = '"exclude"\nlines = [{ prescription = "no", out = true }]'
ITEM = '"item"\nratio = [{ item_kind = "negotiated", of = 0.60 }]\ncapped = false'
BANDS = '"bands"\nmeasured = "payments"\ncontinues = "{}"\nband = [{{ upto = 500.00, of = 0.50 }}, {{ of = 0.80 }}]'
FEES = '"cap"\nper = "year"\ncounts = "fees"\namount = [{ yuan = 500.00 }]'


@pytest.mark.parametrize(("stated", "at_home"), [
    (40_000, 60_000),   # 600 of the 1,000 are still due
    (100_000, 0),
    (120_000, 0),       # more than the plan has: nothing is, and nothing comes back
])
def test_what_is_still_due_of_a_stay_that_goes_on_at_home(stated: int, at_home: int) -> None:
    person = Patient(rule('per = "stay"'), HALF)
    first = person.stay(200_000, stay="A", interim=True, prior={"act_pay_dedc": stated, "hifp_pay": 10_000})
    assert due(first, person.stay(200_000, stay="A")) == [stated, at_home]


def test_what_the_ceiling_of_the_year_left_due_is_what_the_next_year_goes_on_with() -> None:
    """1,000 of another stay, so that 500 are left of 1,500; 100 of them were charged elsewhere, 400 are due, in January too."""
    person = Patient(rule('per = "stay"\nyear_ceiling = 1500.00'), HALF)
    person.stay(200_000, day="2025-12-01")
    person.stay(200_000, stay="A", day="2025-12-20", end="2025-12-31", interim=True, prior={"act_pay_dedc": 10_000, "hifp_pay": 0})
    assert person.stay(200_000, stay="A", day="2025-12-20", end="2026-01-10").act_pay_dedc == 40_000


def test_a_deductible_above_what_the_plan_would_charge_it_on() -> None:
    """900 of 1,000 are not prescribed, 300 were charged: bands measure the 300 and nothing behind them, not 100 less."""
    person = Patient(NOT_PRESCRIBED, rule('per = "year"'), '"bands"\ncontinues = "year"\nband = [{ of = 0.50 }]')
    lines = [{"in_scope": 90_000, "prescription": False}, {"in_scope": 10_000}]
    found = person.visit(lines=lines, prior={"act_pay_dedc": 30_000, "hifp_pay": 0})
    assert found.psn_parts == {"deductible": 30_000, "not_covered": 70_000} and person.year()["care.banded"] == 30_000


@pytest.mark.parametrize(("paid", "at_home"), [
    (180_000, 70_000),   # as here: 1,800 of the sum of 2,500
    (150_000, 100_000),  # 300 less
    (185_000, 65_000),   # 50 more, of an item of 50 beside it
])
def test_what_was_paid_elsewhere_of_a_fixed_sum_is_not_paid_again(paid: int, at_home: int) -> None:
    person = Patient(NOT_PRESCRIBED, '"fixed"\nmode = "ceiling"\namount = [{ yuan = 2500.00 }]')
    lines = [{"in_scope": 180_000}, {"in_scope": 5_000, "prescription": False}]
    person.stay(lines=lines, stay="A", interim=True, prior={"hifp_pay": paid})
    assert person.stay(400_000, stay="A").hifp_pay == at_home


def test_where_less_was_paid_than_the_items_beside_a_fixed_sum_all_of_it_is_left() -> None:
    """An item of 1,000 x 60 % = 600 and 100 of the sum; 300 were paid: of the 2,500 nothing."""
    person = Patient(ITEM, '"fixed"\nmode = "ceiling"\namount = [{ yuan = 2500.00 }]')
    person.stay(lines=[{"in_scope": 100_000, "item_kind": "negotiated"}, {"in_scope": 10_000}], stay="A", interim=True, prior={"hifp_pay": 30_000})
    assert person.stay(400_000, stay="A").hifp_pay == 250_000


@pytest.mark.parametrize("continues", ["year", "stay"])
@pytest.mark.parametrize(("paid", "at_home"), [
    (80_000, 80_000),  # 800 where the plan pays 500: the first band is full, 1,000 x 80 %
    (50_000, 80_000),  # as here
    (30_000, 68_000),  # 200 are left of the first band, for 400; 600 x 80 % = 480
])
def test_bands_on_payments_go_on_behind_what_was_paid_elsewhere(continues: str, paid: int, at_home: int) -> None:
    person = Patient(BANDS.format(continues))
    person.stay(100_000, stay="A", interim=True, prior={"hifp_pay": paid})
    assert person.stay(100_000, stay="A").hifp_pay == at_home


@pytest.mark.parametrize("continues", ["year", "stay"])
def test_where_less_was_paid_than_the_items_beside_bands_none_is_filled(continues: str) -> None:
    """An item of 1,000 x 60 % = 600 and 200 x 50 % = 100 of the band; 300 were paid: the bands begin at 0, 1,000 x 50 % = 500."""
    person = Patient(ITEM, BANDS.format(continues))
    person.stay(lines=[{"in_scope": 100_000, "item_kind": "negotiated"}, {"in_scope": 20_000}], stay="A", interim=True, prior={"hifp_pay": 30_000})
    assert person.stay(100_000, stay="A").hifp_pay == 50_000


@pytest.mark.parametrize(("level", "paid", "counted", "parts"), [
    # the 500 that the cap let through; 50 less than 500 x 50 %
    ("3", 20_000, 50_000, {"over_cap": 50_000, "coinsurance": 30_000}),
    # of 800 at least; they paid the 500 above the cap first, then 50 of the coinsurance of 250
    ("3", 80_000, 80_000, {"coinsurance": 20_000}),
    # a level that the plan has no ratio for: the 500 behind the cap would have been shared; they paid 200 of what lies above it
    ("9", 20_000, 50_000, {"over_cap": 30_000, "coinsurance": 50_000}),
])
def test_a_cap_on_fees_counts_what_went_through_it_and_at_least_what_was_paid(
    level: str, paid: int, counted: int, parts: dict[str, int],
) -> None:
    person = Patient(FEES, '"ratio"\nratio = [{ level = "3", of = 0.50 }]')
    found = person.visit(100_000, level=level, prior={"hifp_pay": paid})
    assert person.year()["cap.care.fees"] == counted and found.psn_parts == parts


def test_what_no_cap_counts_is_at_most_what_was_paid() -> None:
    """An item of 1,000 x 60 % = 600 that no cap counts; 300 were paid, all of them for it: the cap counts nothing."""
    person = Patient(ITEM, HALF, '"cap"\nper = "month"\namount = [{ yuan = 500.00 }]')
    person.visit(lines=[{"in_scope": 100_000, "item_kind": "negotiated"}], prior={"hifp_pay": 30_000})
    assert (person.year()["care.apart"], person.year().get("cap.care.payments#m03", 0)) == (30_000, 0)


def test_a_cap_of_each_disease_asks_for_it_though_another_agency_paid() -> None:
    person = Patient(HALF, '"cap"\nper = "disease"\namount = [{ yuan = 500.00 }]')
    with pytest.raises(NoRule, match="the cap counts by disease, the claim names none"):
        person.visit(100_000, prior={"hifp_pay": 30_000})
