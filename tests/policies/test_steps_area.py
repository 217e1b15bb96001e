"""Care out of area: three ways to pay less, what is called the reduction, and who bears it. Amounts in fen."""

import pytest

from contracts.events.claim import Settled
from policies.settlement.sheet import NoRule
from tests.policies.patient import Patient, benefit, plan, written

EIGHTY = '"ratio"\nratio = [{ of = 0.80 }]'
FIRST_1000 = '"deductible"\nper = "stay"\namount = [{ yuan = 1000.00 }]'
AWAY = {"place": "other_province"}


def area(mode: str, rows: str) -> str:
    return f'"out_of_area"\nmode = "{mode}"\nby = {rows}'


SUBTRACT = area("subtract", '[{ place = "home", of = 0 }, { place = "same_province", of = 0.05 }, { place = "other_province", of = 0.10 }]')
HALVES = area("multiply", '[{ place = "home", of = 1 }, { place = ["same_province", "other_province"], of = 0.50 }]')


def test_percentage_points_off_the_ratio() -> None:
    """9,000 behind the deductible: home 80 % 7,200; same province 75 % 6,750; other 70 % 6,300, 900 less."""
    person = Patient(FIRST_1000, SUBTRACT, EIGHTY)
    found = [person.stay(1_000_000, place=place) for place in ("home", "same_province", "other_province")]
    assert [(one.hifp_pay, one.reduced_amt, one.pool_prop_selfpay) for one in found] == [
        (720_000, 0, "0.8"), (675_000, 45_000, "0.75"), (630_000, 90_000, "0.7")]
    assert found[2].psn_parts == {"deductible": 100_000, "coinsurance": 180_000, "reduction": 90_000}
    assert written(found[2]) == [
        ("deductible", 1_000_000, 100_000), ("out_of_area", 900_000, 900_000), ("ratio", 900_000, 630_000), ("reduction", 720_000, 90_000)]
    assert written(found[0])[1:] == [("out_of_area", 900_000, 900_000), ("ratio", 900_000, 720_000)]  # at home nothing is reduced


def test_more_points_than_the_ratio_has_pay_nothing() -> None:
    found = Patient(area("subtract", "[{ of = 0.90 }]"), EIGHTY).visit(10_000)
    assert (found.hifp_pay, found.reduced_amt, found.psn_parts) == (0, 8_000, {"coinsurance": 2_000, "reduction": 8_000})


def test_a_factor_on_every_band() -> None:
    """1,000 x 80 % + 500 x 90 % = 1,250; at half: 1,000 x 40 % + 500 x 45 % = 625."""
    bands = '"bands"\nband = [{ upto = 1000.00, of = 0.80 }, { of = 0.90 }]'
    found = Patient(HALVES, bands).visit(150_000, **AWAY)
    assert [amount for _, _, amount in written(found)[1:]] == [40_000, 22_500, 62_500] and found.hifp_pay == 62_500


def test_a_ratio_of_many_digits_can_be_written() -> None:
    """0.7125 x 0.8125 = 0.57890625: the payment is exact, 5,789.06; the ratio on the wire has six decimals."""
    found = Patient(area("multiply", "[{ of = 0.8125 }]"), '"ratio"\nratio = [{ of = 0.7125 }]').visit(1_000_000)
    assert (found.hifp_pay, found.pool_prop_selfpay) == (578_906, "0.578906")
    assert Settled.model_validate_json(found.model_dump_json()) == found


def test_a_first_self_pay_is_inside_what_is_in_scope() -> None:
    """10 % of 9,000 behind the deductible is 900; 8,100 x 80 % = 6,480. No reduction, and preselfpay_amt stays as it was."""
    person = Patient(FIRST_1000, area("first_selfpay", '[{ place = "home", of = 0 }, { of = 0.10 }]'), EIGHTY)
    found = person.stay(1_000_000, first=5_000, **AWAY)
    assert found.psn_parts == {"first_selfpay": 5_000, "deductible": 100_000, "out_selfpay": 90_000, "coinsurance": 162_000}
    assert (found.hifp_pay, found.reduced_amt, found.inscp_scp_amt) == (648_000, 0, 1_000_000)
    assert person.stay(1_000_000).hifp_pay == 720_000


@pytest.mark.parametrize(("in_scope", "pool", "reduced", "over"), [
    (800_000, 400_000, 200_000, 40_000),    # unreduced 6,400, capped 6,000; reduced 4,000 is below the cap
    (1_200_000, 600_000, 0, 360_000),       # unreduced 9,600, capped; reduced 6,000: the cap, so nothing is taken away
    (700_000, 350_000, 210_000, 0),         # unreduced 5,600, reduced 3,500
])
def test_the_reduction_is_what_is_paid_less_caps_included(in_scope: int, pool: int, reduced: int, over: int) -> None:
    """80 % less 30 points, at most 6,000."""
    person = Patient(area("subtract", "[{ of = 0.30 }]"), EIGHTY, '"cap"\nper = "visit"\namount = [{ yuan = 6000.00 }]')
    found = person.visit(in_scope)
    assert (found.hifp_pay, found.reduced_amt, found.psn_parts.get("over_cap", 0)) == (pool, reduced, over)


def test_a_yearly_cap_counts_what_was_paid_not_what_would_have_been() -> None:
    """At most 6,000 a year. First 5,000 at 50 %: 2,500 (1,500 less). Second at home: 6,000 - 2,500 = 3,500 of 4,000."""
    rows = '[{ place = "home", of = 0 }, { of = 0.30 }]'
    person = Patient(area("subtract", rows), EIGHTY, '"cap"\nper = "year"\namount = [{ yuan = 6000.00 }]')
    first, second = person.visit(500_000, **AWAY), person.visit(500_000)
    assert [(one.hifp_pay, one.reduced_amt) for one in (first, second)] == [(250_000, 150_000), (350_000, 0)]


FILED = area("subtract", """[
    { place = "home", of = 0 }, { place = "home", away = "yes", of = 0.15 },
    { place = "other_province", filing = "none", of = 0.20 }, { place = "other_province", filing = "referral", of = 0.10 },
    { place = "other_province", filing = ["settled_retiree", "long_term_resident"], of = 0 },
    { place = "other_province", filing = "none", emergency = "yes", of = 0.10 } ]""")


@pytest.mark.parametrize(("filings", "more", "ratio"), [
    ((), AWAY, "0.6"), (("referral",), AWAY, "0.7"), (("long_term_resident",), AWAY, "0.8"),
    ((), {**AWAY, "otp_er_refl_flag": "1"}, "0.7"), ((), {}, "0.8"),
    (("long_term_resident",), {}, "0.65"),   # filed elsewhere for long, and treated at home
    (("referral",), {}, "0.8"),              # a referral does not take the person away from home
])
def test_by_filing_emergency_and_home_use(filings: tuple[str, ...], more: dict[str, str], ratio: str) -> None:
    assert Patient(FILED, EIGHTY).visit(100_000, filings=filings, **more).pool_prop_selfpay == ratio


@pytest.mark.parametrize(("filed_from", "ratio"), [("2026-03-01", "0.7"), ("2026-03-05", "0.7"), ("2026-03-06", "0.6")])
def test_a_filing_behind_the_admission_is_late(filed_from: str, ratio: str) -> None:
    """Admitted on 5 March, discharged on the 9th: filed by then 80 % less 10 points, filed while in hospital less 20."""
    rows = '[{ filed = "yes", of = 0.10 }, { filed = "late", of = 0.20 }, { filed = "no", of = 0.30 }]'
    person = Patient(area("subtract", rows), EIGHTY)
    stay = {"day": "2026-03-05", "end": "2026-03-09", **AWAY}
    assert person.stay(100_000, filings=["referral"], filed_from=filed_from, **stay).pool_prop_selfpay == ratio
    assert person.stay(100_000, **stay).pool_prop_selfpay == "0.5"


def test_home_use_is_at_home_alone() -> None:
    """Filed elsewhere for long: 50 % when treated at home, 80 % where the person lives."""
    person = Patient('"ratio"\nratio = [{ of = 0.80 }, { away = "yes", of = 0.50 }]', filings=["long_term_resident"])
    assert [person.visit(100_000, place=place).pool_prop_selfpay for place in ("home", "other_province")] == ["0.5", "0.8"]


def test_a_category_without_a_row_is_refused() -> None:
    with pytest.raises(NoRule, match=r"no value out of area for .*filing=resident_worker"):
        Patient(FILED, EIGHTY).visit(100, filings=["resident_worker"], **AWAY)


def test_its_own_deductible_table_out_of_area() -> None:
    """1,000 at home, 2,000 in another province."""
    person = Patient('"deductible"\nper = "stay"\namount = [{ yuan = 1000.00 }, { place = "other_province", yuan = 2000.00 }]', EIGHTY)
    assert [person.stay(500_000, **more).act_pay_dedc for more in ({}, AWAY)] == [100_000, 200_000]


@pytest.mark.parametrize(("days", "day", "ratio"), [
    (0, "2026-03-05", "0.7"), (0, "2026-03-06", "0.2"), (1, "2026-03-06", "0.7"), (1, "2026-03-07", "0.2"), (1, "2026-03-04", "0.2"),
])
def test_a_local_referral_is_valid_for_its_days(days: int, day: str, ratio: str) -> None:
    """Referred on 5 March: on that day, with one more day on the 6th too; a visit before it was not referred."""
    rows = '"ratio"\nratio = [{ referral = "yes", of = 0.70 }, { referral = "no", of = 0.20 }]'
    person = Patient(rows, head=f"referral_days = {days}")
    assert person.visit(100_000, refl_date="2026-03-05", day=day).pool_prop_selfpay == ratio
    assert person.visit(100_000, day=day).pool_prop_selfpay == "0.2"


def test_two_steps_out_of_area_are_refused() -> None:
    problems: list[str] = []
    plan(benefit(SUBTRACT, HALVES, EIGHTY), problems=problems)
    assert problems == ["plan: benefit[1]: step: two steps out_of_area; write one with a row for each case"]


def test_a_reduction_behind_what_it_should_reduce_is_refused() -> None:
    problems: list[str] = []
    plan(benefit(EIGHTY, SUBTRACT), problems=problems)
    assert len(problems) == 1 and problems[0].startswith("plan: benefit[1]: step: out_of_area stands behind ratio")
