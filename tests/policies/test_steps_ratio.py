"""Ratio and bands: which part the pool pays. Amounts in fen; the calculations in yuan."""

import pytest

from policies.settlement.sheet import NoRule
from tests.policies.patient import Patient, benefit, plan, written

FIRST_1000 = '"deductible"\nper = "stay"\namount = [{ yuan = 1000.00 }]'
BANDS = '[{ upto = 10000.00, of = 0.80 }, { upto = 30000.00, of = 0.85 }, { of = 0.90 }]'


def bands(text: str = "", rows: str = BANDS) -> str:
    return f'"bands"\nband = {rows}\n{text}'


# --- a ratio from a table ---------------------------------------------------------------------------------------------

def test_a_ratio_by_conditions_the_more_special_row_beats() -> None:
    rows = '[{ of = 0.60 }, { level = "3", of = 0.50 }, { level = "3", age = ">=70", of = 0.55 }]'
    person = Patient(f'"ratio"\nratio = {rows}')
    found = [person.visit(100_000, **more) for more in ({"level": "2"}, {}, {"brdy": "1956-03-05"}, {"brdy": "1956-03-06"})]
    assert [one.hifp_pay for one in found] == [60_000, 50_000, 55_000, 50_000]  # 70 on the day itself, 69 the day before
    assert found[2].pool_prop_selfpay == "0.55" and found[2].psn_parts == {"coinsurance": 45_000}


@pytest.mark.parametrize(("in_scope", "pool"), [(1, 1), (5, 3), (7, 4), (15, 8), (10_001, 5_001)])
def test_half_a_fen_is_rounded_up_once(in_scope: int, pool: int) -> None:
    """50 % of 0.01 is 0.005 -> 0.01; of 0.05 0.025 -> 0.03; of 0.07 0.035 -> 0.04; of 100.01 50.005 -> 50.01."""
    assert Patient('"ratio"\nratio = [{ of = 0.50 }]').visit(in_scope).hifp_pay == pool


def test_no_row_is_refused_and_names_the_rule() -> None:
    with pytest.raises(NoRule, match=r"test#care\.2: no ratio for .*level=1"):
        Patient('"ratio"\nratio = [{ level = "3", of = 0.50 }]').visit(100, level="1")


@pytest.mark.parametrize(("ratio", "pool"), [("0", 0), ("1", 10_000)])
def test_nothing_and_all(ratio: str, pool: int) -> None:
    found = Patient(f'"ratio"\nratio = [{{ of = {ratio} }}]').visit(10_000)
    assert (found.hifp_pay, found.psn_part_amt, found.pool_prop_selfpay) == (pool, 10_000 - pool, ratio)


@pytest.mark.parametrize(("brdy", "ratio", "pool"), [
    ("2026-03-05", "0.5", 50_000), ("1997-03-05", "0.79", 79_000), ("1996-03-05", "0.8", 80_000), ("1995-03-05", "0.8", 80_000),
])
def test_a_line_in_the_age_stops_at_its_most(brdy: str, ratio: str, pool: int) -> None:
    """50 % + 1 % x age, at most 80 %: at 0, 29, 30 and 31 years."""
    found = Patient('"ratio"\nlinear = { start = 0.50, per_year = 0.01, most = 0.80 }').visit(100_000, brdy=brdy)
    assert (found.pool_prop_selfpay, found.hifp_pay) == (ratio, pool)


# --- bonus ------------------------------------------------------------------------------------------------------------

BONUS = 'bonus = [{ years = "[5,10)", points = 0.01 }, { years = ">=10", points = 0.02 }, { identity = "poor", years = ">=10", points = 0.05 }]'
POOR = '[[map]]\nname = "identity"\nfrom = 2000-01-01\nsource = "T1"\nrows = [{ psn_idet_type = "23", is = "poor" }]'


@pytest.mark.parametrize(("psn_type", "retr_date", "pool"), [
    ("12", "2026-03-06", 70_000),   # the day before the first day as a retired person
    ("12", "2026-03-05", 80_000),   # that day
    ("12", None, 80_000),           # retired since the agency knows
    ("13", "2026-03-06", 70_000),
    ("11", "2026-03-05", 70_000),   # the agency says at work
    ("15", "2026-03-06", 60_000),   # an adult resident is none at work before
])
def test_a_person_is_retired_from_the_day_that_the_agency_granted(psn_type: str, retr_date: str | None, pool: int) -> None:
    """1,000 on 2026-03-05: 70 % at work, 80 % retired; enrolled as retired later, and claimed by hand behind that."""
    rows = '"ratio"\nratio = [{ status = "working", of = 0.70 }, { status = ["retired", "veteran"], of = 0.80 }, { of = 0.60 }]'
    found = Patient(rows).visit(100_000, psn_type=psn_type, **({"retr_date": retr_date} if retr_date else {}))
    assert found.hifp_pay == pool


@pytest.mark.parametrize(("identities", "psn_type", "pool"), [
    (["23"], "11", 50_000), (["23"], "12", 90_000), (["24", "23"], "11", 60_000), (["24", "23"], "12", 90_000), ([], "12", 50_000),
])
def test_an_identity_may_ask_for_other_codes_of_the_claim(identities: list[str], psn_type: str, pool: int) -> None:
    """Poor are those of code 23 who are retired; it stands first. 1,000: poor 90 %, low 60 %, others 50 %."""
    maps = POOR.replace('psn_idet_type = "23"', 'psn_idet_type = "23", psn_type = "12"').replace(" }]", ' }, { psn_idet_type = "24", is = "low" }]')
    person = Patient('"ratio"\nratio = [{ identity = "poor", of = 0.90 }, { identity = "low", of = 0.60 }, { of = 0.50 }]', maps=maps)
    assert person.visit(100_000, identities=identities, psn_type=psn_type).hifp_pay == pool


@pytest.mark.parametrize(("since", "identities", "pool"), [
    ("2021-03-06", (), 80_000),        # 4 completed years
    ("2021-03-05", (), 81_000),        # 5 on the day
    ("2016-03-05", (), 82_000),        # 10
    ("2016-03-05", ("2301",), 84_000),  # 80 % + 5 % = 85 %, at most 84 %
    ("2021-03-06", ("2301",), 80_000),
])
def test_points_for_continuous_insurance_and_identity(since: str, identities: tuple[str, ...], pool: int) -> None:
    person = Patient(f'"ratio"\nratio = [{{ of = 0.80 }}]\n{BONUS}\nbonus_most = 0.84', maps=POOR)
    assert person.visit(100_000, insured_since=since, identities=identities).hifp_pay == pool


def test_without_a_date_there_is_no_bonus_and_a_most_never_lowers_the_ratio() -> None:
    person = Patient(f'"ratio"\nratio = [{{ of = 0.80 }}]\n{BONUS}\nbonus_most = 0.70')
    assert [person.visit(100_000, **more).hifp_pay for more in ({}, {"insured_since": "2000-01-01"})] == [80_000, 80_000]


def test_with_points_it_is_all_at_most() -> None:
    """99 % + 2 %, and no other most: 1,000 of 1,000."""
    person = Patient(f'"ratio"\nratio = [{{ of = 0.99 }}]\n{BONUS}')
    assert person.visit(100_000, insured_since="2000-01-01").hifp_pay == 100_000


def test_points_go_onto_every_band() -> None:
    """(9,000 x 82 %) + (10,000 x 87 %) = 7,380 + 8,700 = 16,080."""
    person = Patient(FIRST_1000, bands(BONUS))
    assert person.stay(2_000_000, insured_since="2010-01-01").hifp_pay == 1_608_000


# --- bands ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("in_scope", "pays"), [
    (900_000, [720_000]), (1_000_000, [800_000]), (1_000_001, [800_000, 1]), (3_000_000, [800_000, 1_700_000]),
    (3_000_100, [800_000, 1_700_000, 90]),
])
def test_a_band_holds_its_upper_bound(in_scope: int, pays: list[int]) -> None:
    """(0, 10,000] at 80 %: 8,000; (10,000, 30,000] at 85 %: 17,000; a yuan above: 0.90; a fen above 10,000: 0.0085 -> 0.01."""
    found = Patient(bands()).visit(in_scope)
    assert [amount for _, _, amount in written(found)] == pays and found.hifp_pay == sum(pays)


def test_bands_from_zero_the_deductible_eats_the_first_band() -> None:
    """1,000 first of 12,000: 9,000 x 80 % + 2,000 x 85 % = 7,200 + 1,700."""
    found = Patient(FIRST_1000, bands('counted_from = "zero"')).stay(1_200_000)
    assert written(found) == [("deductible", 1_200_000, 100_000), ("bands", 900_000, 720_000), ("bands", 200_000, 170_000)]
    assert found.pool_prop_selfpay is None  # no single ratio


def test_bands_counted_behind_the_deductible() -> None:
    """12,000 less 1,000: 10,000 x 80 % + 1,000 x 85 % = 8,000 + 850."""
    found = Patient(FIRST_1000, bands('counted_from = "deductible"')).stay(1_200_000)
    assert written(found)[1:] == [("bands", 1_000_000, 800_000), ("bands", 100_000, 85_000)]


def test_a_band_that_is_not_for_this_case_is_left_out() -> None:
    """At level 1 one band: 90 %; at level 3 (0, 5,000] at 60 %, above at 80 %."""
    rows = '[{ upto = 5000.00, level = "3", of = 0.60 }, { level = "3", of = 0.80 }, { level = "1", of = 0.90 }]'
    person = Patient(bands("", rows))
    assert written(person.visit(1_000_000, level="1")) == [("bands", 1_000_000, 900_000)]
    assert written(person.visit(1_000_000)) == [("bands", 500_000, 300_000), ("bands", 500_000, 400_000)]
    with pytest.raises(NoRule, match=r"test#care\.2: no band for"):
        person.visit(1_000_000, level="2")


def test_bands_anew_each_visit() -> None:
    person = Patient(bands())
    assert [person.visit(1_000_000).hifp_pay for _ in range(2)] == [800_000, 800_000]


def test_bands_that_go_on_over_the_year() -> None:
    """8,000; then 2,000 x 80 % + 6,000 x 85 % = 6,700; in the new year 80 % again."""
    person = Patient(bands('continues = "year"'))
    assert [person.visit(800_000).hifp_pay for _ in range(2)] == [640_000, 670_000]
    assert person.year()["care.banded"] == 1_600_000
    assert person.visit(800_000, day="2027-01-01").hifp_pay == 640_000


def test_over_the_year_from_zero_the_deductible_counts_in_the_bands() -> None:
    """1,000 first, 8,000 x 80 % fill 9,000; next stay 1,000 first fills the first band; 7,000 x 85 % = 5,950."""
    person = Patient(FIRST_1000, bands('continues = "year"'))
    assert [person.stay(amount).hifp_pay for amount in (900_000, 800_000)] == [640_000, 595_000]
    assert person.year()["care.banded"] == 1_700_000


def test_over_the_year_behind_the_deductible_it_does_not_count() -> None:
    """9,000 - 1,000 = 8,000 x 80 %; then 7,000: 2,000 x 80 % + 5,000 x 85 % = 5,850."""
    person = Patient(FIRST_1000, bands('continues = "year"\ncounted_from = "deductible"'))
    assert [person.stay(amount).hifp_pay for amount in (900_000, 800_000)] == [640_000, 585_000]


def test_over_the_stay_the_bands_go_on_through_interim_settlements() -> None:
    """8,000 less 1,000: 7,000 x 80 %; then 2,000 x 80 % + 6,000 x 85 % = 6,700; another stay begins anew: 7,000 x 80 %."""
    person = Patient(FIRST_1000, bands('continues = "stay"'))
    found = [person.stay(800_000, stay="A", interim=True), person.stay(800_000, stay="A"), person.stay(800_000)]
    assert [one.hifp_pay for one in found] == [560_000, 670_000, 560_000]


def test_bands_of_a_visit_begin_anew_with_each_bill_of_a_stay() -> None:
    person = Patient(bands(""))
    assert [person.stay(800_000, stay="A", interim=interim).hifp_pay for interim in (True, False)] == [640_000, 640_000]


def test_over_the_stay_the_bands_begin_anew_where_a_bill_begins_an_admission() -> None:
    """8,000 x 80 % on each bill, where every interim settlement is an admission."""
    person = Patient(bands('continues = "stay"'), head='admissions = { interim = "new" }')
    assert [person.stay(800_000, stay="A", interim=True).hifp_pay for _ in range(2)] == [640_000, 640_000]


def test_bands_on_payments() -> None:
    """80 % until 800 are paid, then 90 %: of 1,500 the first 1,000 give 800; 500 x 90 % = 450."""
    rows = '[{ upto = 800.00, of = 0.80 }, { of = 0.90 }]'
    person = Patient(bands('measured = "payments"', rows))
    assert written(person.visit(150_000)) == [("bands", 100_000, 80_000), ("bands", 50_000, 45_000)]
    assert written(person.visit(100_000)) == [("bands", 100_000, 80_000)]


def test_bands_on_payments_go_on_over_the_year() -> None:
    """700 x 80 % = 560 paid; 240 are left of the band: 240 / 80 % = 300 of fees; 400 x 90 % = 360."""
    rows = '[{ upto = 800.00, of = 0.80 }, { of = 0.90 }]'
    person = Patient(bands('measured = "payments"\ncontinues = "year"', rows))
    assert written(person.visit(70_000)) == [("bands", 70_000, 56_000)]
    assert written(person.visit(70_000)) == [("bands", 30_000, 24_000), ("bands", 40_000, 36_000)]
    assert person.year()["care.banded"] == 56_000 + 60_000


def test_bands_on_payments_the_fees_of_a_full_band_are_computed_back() -> None:
    """100 / 70 % = 142.857 -> 142.86 of fees; of 200 are left 57.14 x 50 % = 28.57."""
    rows = '[{ upto = 100.00, of = 0.70 }, { of = 0.50 }]'
    assert written(Patient(bands('measured = "payments"', rows)).visit(20_000)) == [("bands", 14_286, 10_000), ("bands", 5_714, 2_857)]


def test_each_band_is_rounded_then_summed() -> None:
    """0.01 x 50 % = 0.005 -> 0.01 in each of two bands: 0.02 of 0.02."""
    rows = '[{ upto = 0.01, of = 0.50 }, { of = 0.50 }]'
    found = Patient(bands("", rows)).visit(2)
    assert (found.hifp_pay, found.psn_part_amt, found.pool_prop_selfpay) == (2, 0, "0.5")


def test_nothing_in_scope_still_names_the_band() -> None:
    assert written(Patient(bands()).visit(0, own=5_000)) == [("bands", 0, 0)]


def test_bands_beyond_any_bill_are_still_bands() -> None:
    """Two years' worth of the largest bill there is: the last band has no end."""
    person = Patient(bands('continues = "year"'), before={"care.banded": 2 * 10**12})
    assert person.visit(10_000).hifp_pay == 9_000


def test_bands_without_an_end_are_refused() -> None:
    problems: list[str] = []
    plan(benefit(bands("", '[{ upto = 100.00, of = 0.5 }]')), problems=problems)
    assert problems == [
        "plan: benefit[1]: step[1]: band: has no last row without upto: what lies above would have no ratio; add it, of = 0 where the person bears it"]
