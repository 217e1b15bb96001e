"""Supplements: critical illness, large amounts, civil servants, assistance, one after the other. Amounts in fen."""

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.events.bill import Prior
from contracts.events.claim import Settled
from policies.laws import FUNDS, payable
from policies.settlement.sheet import NoRule, Refusal
from tests.policies.patient import Patient, written

HALF = '"ratio"\nratio = [{ of = 0.50 }]'
IDENTITY = '[[map]]\nname = "identity"\nfrom = 2000-01-01\nsource = "T1"\nrows = [{ psn_idet_type = "23", is = "poor" }]'
CRITICAL = '"supplement"\nname = "critical"\nfund = "hifmi_pay"\nper = "year"\n'
OF = 'of = ["deductible", "coinsurance"]\n'
FLAT = "band = [{ of = 0.60 }]\n"
FROM_12000 = "threshold = [{ yuan = 12000.00 }]\n"
BANDS = "band = [{ upto = 30000.00, of = 0.60 }, { upto = 100000.00, of = 0.65 }, { of = 0.75 }]\n"


def critical(*verdicts: Settled) -> list[int]:
    return [verdict.hifmi_pay for verdict in verdicts]


# --- threshold, bands -------------------------------------------------------------------------------------------------

def test_absolute_bands_begin_at_the_threshold() -> None:
    """W015: own share 150,000: 18,000 x 60 % + 70,000 x 65 % + 50,000 x 75 % = 10,800 + 45,500 + 37,500 = 93,800."""
    found = Patient(HALF, CRITICAL + OF + FROM_12000 + BANDS).visit(30_000_000)
    assert written(found)[1:] == [
        ("supplement", 1_800_000, 1_080_000), ("supplement", 7_000_000, 4_550_000), ("supplement", 5_000_000, 3_750_000)]
    assert (found.hifmi_pay, found.psn_part_amt) == (9_380_000, 5_620_000)


def test_bands_net_of_the_threshold() -> None:
    """150,000 - 12,000 = 138,000: 30,000 x 60 % + 70,000 x 65 % + 38,000 x 75 % = 18,000 + 45,500 + 28,500 = 92,000."""
    found = Patient(HALF, CRITICAL + OF + FROM_12000 + BANDS + 'counted_from = "threshold"').visit(30_000_000)
    assert critical(found) == [9_200_000]


@pytest.mark.parametrize(("own_share", "paid"), [(1_199_999, 0), (1_200_000, 0), (1_200_001, 1), (1_200_100, 60)])
def test_at_the_threshold(own_share: int, paid: int) -> None:
    """A fen above 12,000: 0.01 x 60 % = 0.006 -> 0.01; a yuan above: 0.60."""
    assert critical(Patient(HALF, CRITICAL + OF + FROM_12000 + FLAT).visit(2 * own_share)) == [paid]


def test_the_threshold_is_due_once_a_year() -> None:
    """Own share 8,000: below 12,000. Then 16,000: 4,000 x 60 % = 2,400. Then 8,000 x 60 % = 4,800. 2027: below again."""
    person = Patient(HALF, CRITICAL + OF + FROM_12000 + FLAT)
    days = ("2026-01-05", "2026-05-05", "2026-12-31", "2027-01-01")
    assert critical(*(person.visit(1_600_000, day=day) for day in days)) == [0, 240_000, 480_000, 0]
    assert (person.year()["critical.base"], person.year()["critical.paid"]) == (2_400_000, 720_000)


def test_a_visit_fills_the_bands_where_the_year_stands() -> None:
    """Own shares of 20,000 each: 8,000 x 60 %; then 10,000 x 60 % + 10,000 x 65 % = 12,500."""
    person = Patient(HALF, CRITICAL + OF + FROM_12000 + BANDS)
    assert critical(person.visit(4_000_000), person.visit(4_000_000)) == [480_000, 1_250_000]


def test_a_lower_threshold_and_a_higher_ratio_for_an_identity_from_that_day_on() -> None:
    """Own share of 10,000 below 12,000. Then as 特困: base 20,000, threshold 6,000: the 10,000 of this visit x 65 %.

    The 4,000 between 6,000 and the 10,000 before are not paid afterwards: a visit is paid at the values of its own date.
    """
    rows = 'threshold = [{ yuan = 12000.00 }, { identity = "poor", yuan = 6000.00 }]\nband = [{ of = 0.60 }, { identity = "poor", of = 0.65 }]\n'
    person = Patient(HALF, CRITICAL + OF + rows, maps=IDENTITY)
    assert critical(person.visit(2_000_000), person.visit(2_000_000, identities=["2301"])) == [0, 650_000]


def test_a_threshold_that_rises_takes_nothing_back() -> None:
    """As 特困 10,000: 4,000 x 60 % = 2,400. Then not any more: base 20,000, threshold 12,000: 8,000 x 60 % = 4,800."""
    rows = 'threshold = [{ yuan = 12000.00 }, { identity = "poor", yuan = 6000.00 }]\n'
    person = Patient(HALF, CRITICAL + OF + rows + FLAT, maps=IDENTITY)
    assert critical(person.visit(2_000_000, identities=["23"]), person.visit(2_000_000)) == [240_000, 480_000]


def test_the_threshold_may_be_a_share_of_an_index() -> None:
    """50 % of 24,000 is 12,000; own share 13,000: 1,000 x 60 %."""
    index = '[[index]]\nname = "income"\nfrom = 2020-01-01\nyuan = 24000.00\nsource = "T1"'
    person = Patient(HALF, CRITICAL + OF + 'threshold = [{ yuan = { share = 0.50, of = "income" } }]\n' + FLAT, indexes=index)
    assert critical(person.visit(2_600_000)) == [60_000]


# --- the base ---------------------------------------------------------------------------------------------------------

POOL = ('"deductible"\nper = "visit"\namount = [{ yuan = 100.00 }]', '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]', HALF,
        '"cap"\nper = "visit"\namount = [{ yuan = 200.00 }]')
BILL: dict[str, Any] = {"in_scope": 70_000, "own": 1_000, "over": 2_000, "first": 3_000}
"""700: 100 first; 600 x 50 % = 300, capped at 200 (100 above); out of area 600 x 40 % = 240, capped at 200: reduction 0."""


@pytest.mark.parametrize(("of", "base"), [
    ('["deductible"]', 10_000), ('["coinsurance"]', 30_000), ('["over_cap"]', 10_000), ('["first_selfpay"]', 3_000),
    ('["over_ceiling"]', 2_000), ('["own_expense"]', 1_000), ('["reduction"]', 0),
    ('["deductible", "coinsurance", "over_cap", "first_selfpay"]', 53_000),
])
def test_flags_say_what_counts_into_the_base(of: str, base: int) -> None:
    found = Patient(*POOL, f"{CRITICAL}of = {of}\nband = [{{ of = 1 }}]").visit(**BILL)
    assert (found.hifp_pay, found.hifmi_pay) == (20_000, base)
    assert found.psn_part_amt == 56_000 - base  # 700 + 10 + 20 + 30 less 200


def test_what_it_pays_is_taken_from_the_parts_in_their_order() -> None:
    """Base 400: deductible 100, own share 300. 60 % = 240: the deductible's 100, then 140 of the own share."""
    found = Patient(*POOL, CRITICAL + OF + FLAT).visit(**BILL)
    assert found.hifmi_pay == 24_000
    assert found.psn_parts == {"own_expense": 1_000, "over_ceiling": 2_000, "first_selfpay": 3_000, "coinsurance": 16_000, "over_cap": 10_000}
    assert found.act_pay_dedc == 10_000  # what was charged stays known, whoever pays it


def test_a_base_of_nothing_pays_nothing_and_says_so() -> None:
    found = Patient('"ratio"\nratio = [{ of = 1 }]', CRITICAL + OF + FLAT).visit(10_000, own=500)
    assert written(found)[1:] == [("supplement", 0, 0)] and found.psn_part_amt == 500


# --- caps and their bonuses -------------------------------------------------------------------------------------------

def test_a_cap_a_year() -> None:
    """At most 700: 600, then 100 of 600, then none."""
    person = Patient(HALF, CRITICAL + OF + FLAT + "cap = [{ yuan = 700.00 }]")
    found = [person.visit(200_000) for _ in range(3)]
    assert critical(*found) == [60_000, 10_000, 0]
    assert written(found[1])[1:] == [("supplement", 100_000, 60_000), ("supplement_cap", 60_000, 10_000)]


def test_a_cap_a_visit() -> None:
    person = Patient(HALF, CRITICAL.replace('"year"', '"visit"') + OF + FLAT + "cap = [{ yuan = 400.00 }]")
    assert critical(person.visit(200_000), person.visit(200_000)) == [40_000, 40_000]


def test_a_cap_that_does_not_hold_for_some() -> None:
    """600 of an own share of 1,000 each time. Of 特困 all of it, and what was paid counts where they are none any more."""
    cap = 'cap = [{ yuan = 700.00 }, { identity = "poor", yuan = "unlimited" }]'
    person = Patient(HALF, CRITICAL + OF + FLAT + cap, maps=IDENTITY)
    found = [person.visit(200_000, identities=["23"]), person.visit(200_000, identities=["23"]), person.visit(200_000)]
    assert critical(*found) == [60_000, 60_000, 0] and person.year()["critical.paid"] == 120_000
    assert [one.value for one in found[0].steps if one.kind == "supplement_cap"] == [None]


def test_a_bonus_for_years_without_a_claim_is_not_used_where_there_is_no_cap() -> None:
    """Then as no 特困 the bonus of 250 stands: 700 + 250 less 600 = 350."""
    cap = 'cap = [{ yuan = 700.00 }, { identity = "poor", yuan = "unlimited" }]\ncap_bonus = [{ earned_by = "zero_claim", yuan = 250.00, most = 250.00 }]'
    person = Patient(HALF, CRITICAL + OF + FLAT + cap, maps=IDENTITY, zero_clm_years=1)
    assert critical(person.visit(200_000, identities=["23"]), person.visit(200_000)) == [60_000, 35_000]
    assert person.visit(0, identities=["23"], prior={"hifmi_pay": 0}).hifmi_pay == 0


CONTINUOUS = 'cap = [{ yuan = 300.00 }]\ncap_bonus = [{ earned_by = "continuous", yuan = 100.00, after = 4, most = 250.00 }]'


@pytest.mark.parametrize(("since", "paid"), [
    ("2022-03-05", 30_000),  # 4 years: none beyond 4
    ("2021-03-06", 30_000),  # a day short of 5
    ("2021-03-05", 40_000), ("2020-03-05", 50_000),
    ("2019-03-05", 55_000),  # 3 x 100 = 300, at most 250
])
def test_a_bonus_on_the_cap_for_continuous_insurance(since: str, paid: int) -> None:
    assert critical(Patient(HALF, CRITICAL + OF + FLAT + CONTINUOUS).visit(400_000, insured_since=since)) == [paid]


def test_the_bonus_for_years_without_a_claim_is_cleared_once_it_is_used() -> None:
    """Cap 300, two years without a claim: + 200. First 240: below 300, nothing of the bonus is used. Then 240 more: 480 of
    500, 180 of it by the bonus, which is cleared: the cap is 300 again, and nothing is left."""
    rows = 'cap = [{ yuan = 300.00 }]\ncap_bonus = [{ earned_by = "zero_claim", yuan = 100.00, most = 400.00 }]'
    person = Patient(HALF, CRITICAL + OF + FLAT + rows, zero_clm_years=2)
    found = [person.visit(80_000) for _ in range(3)]
    assert critical(*found) == [24_000, 24_000, 0]
    assert found[0].accumulators is not None and "critical.zero_claim_used" not in found[0].accumulators.after
    assert person.year()["critical.zero_claim_used"] == 1 and person.year()["critical.paid"] == 48_000


def test_what_was_paid_elsewhere_uses_the_bonus_for_years_without_a_claim_too() -> None:
    """Cap 300 + 200. Stated 300: below, nothing is used. Then 100 stated: 400 of 500 by the bonus; 60 % of 500 finds the cap at 300."""
    rows = 'cap = [{ yuan = 300.00 }]\ncap_bonus = [{ earned_by = "zero_claim", yuan = 100.00, most = 400.00 }]'
    person = Patient(HALF, CRITICAL + OF + FLAT + rows, zero_clm_years=2)
    used = []
    for stated in (30_000, 10_000):
        person.visit(100_000, prior={"hifmi_pay": stated})
        used.append(person.year().get("critical.zero_claim_used"))
    assert used == [None, 1] and critical(person.visit(100_000)) == [0]


def test_points_for_continuous_insurance_on_its_bands() -> None:
    """60 % + 5 points."""
    person = Patient(HALF, CRITICAL + OF + FLAT + 'bonus = [{ years = ">=5", points = 0.05 }]')
    assert critical(person.visit(200_000, insured_since="2020-01-01"), person.visit(200_000)) == [65_000, 60_000]


def test_a_bonus_on_no_cap_is_refused() -> None:
    with pytest.raises(AssertionError, match="raises a cap, and there is none"):
        Patient(HALF, CRITICAL + OF + FLAT + 'cap_bonus = [{ earned_by = "continuous", yuan = 100.00, most = 250.00 }]')


# --- one after the other ----------------------------------------------------------------------------------------------

ASSISTANCE = '"supplement"\nname = "assistance"\nfund = "maf_pay"\nper = "year"\nof = ["deductible", "coinsurance"]\nband = [{ of = 0.70 }]\nwhen = { identity = "poor" }\n'
SECOND = '"supplement"\nname = "second"\nfund = "maf_pay"\nper = "visit"\nof = ["coinsurance", "reduction"]\nthreshold = [{ yuan = 100.00 }]\nband = [{ of = 0.50 }]\nwhen = { identity = "poor" }\n'
AREA = '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]'


def test_a_chain_in_which_assistance_leaves_out_the_reduction() -> None:
    """甘肃: 1,000 at 50 % is 500, out of area 400: own share 500, reduction 100.

    Critical illness 60 % of (500 + 100) = 360: from the own share, 140 of it stay, and the reduction's 100.
    Assistance 70 % of 140 = 98; 42 stay. Second assistance on 42 + 100 = 142, above 100: 42 x 50 % = 21. Person 121.
    """
    both = CRITICAL + 'of = ["coinsurance", "reduction"]\n' + FLAT
    person = Patient(AREA, HALF, both, ASSISTANCE, SECOND, maps=IDENTITY)
    found = person.visit(100_000, identities=["2301"])
    assert written(found)[3:] == [("supplement", 60_000, 36_000), ("supplement", 14_000, 9_800), ("supplement", 4_200, 2_100)]
    assert (found.hifp_pay, found.hifmi_pay, found.maf_pay, found.psn_cash_pay) == (40_000, 36_000, 11_900, 12_100)
    assert found.psn_parts == {"coinsurance": 2_100, "reduction": 10_000}
    assert {part.fund_pay_type: part.fund_payamt for part in found.setldetail} == {"310100": 40_000, "310300": 36_000, "610100": 11_900}
    assert (person.year()["assistance.base"], person.year()["second.paid"]) == (14_000, 2_100)


def test_who_it_is_not_for_has_no_step_of_it() -> None:
    found = Patient(HALF, ASSISTANCE, maps=IDENTITY).visit(100_000)
    assert written(found) == [("ratio", 100_000, 50_000)] and found.maf_pay == 0
    assert found.accumulators is not None and "assistance.base" not in found.accumulators.after


def test_civil_servants_above_a_share_of_the_wage_and_over_the_cap() -> None:
    """W007's shape: fees over the cap 200 and own share 300, above 5 % of 4,000 = 200: 300 x 80 % = 240."""
    index = '[[index]]\nname = "wage"\nfrom = 2020-01-01\nyuan = 4000.00\nsource = "T1"'
    aid = '"supplement"\nname = "aid"\nfund = "cvlserv_pay"\nper = "year"\nof = ["over_cap", "coinsurance"]\nwhen = { cvlserv = "yes" }\nthreshold = [{ yuan = { share = 0.05, of = "wage" } }]\ncounted_from = "threshold"\nband = [{ of = 0.80 }]'
    person = Patient('"cap"\nper = "visit"\ncounts = "fees"\namount = [{ yuan = 600.00 }]', HALF, aid, indexes=index)
    found = person.visit(80_000, cvlserv=True)
    assert (found.hifp_pay, found.cvlserv_pay, found.psn_cash_pay) == (30_000, 24_000, 26_000)
    assert person.visit(80_000).cvlserv_pay == 0


def test_a_plan_may_lack_a_step_of_the_pool() -> None:
    """All of it is the own share: 1,000 x 60 % = 600."""
    found = Patient(CRITICAL + OF + FLAT).visit(100_000)
    assert (found.hifp_pay, found.hifmi_pay, found.psn_cash_pay) == (0, 60_000, 40_000)


def test_a_threshold_or_a_band_without_a_row_is_refused() -> None:
    poor = 'threshold = [{ identity = "poor", yuan = 1.00 }]\n'
    with pytest.raises(NoRule, match="no threshold for identity=-$"):
        Patient(HALF, CRITICAL + OF + poor + FLAT, maps=IDENTITY).visit(100_000)
    with pytest.raises(NoRule, match="no band for identity=-$"):
        Patient(HALF, CRITICAL + OF + 'band = [{ identity = "poor", of = 0.60 }]', maps=IDENTITY).visit(100_000)


def test_by_visit_a_stay_that_goes_on_is_one_time() -> None:
    """Own share 50 % of 1,000 and of 2,000: 500, then 1,500 in all. Threshold 600, 60 %, at most 400: nothing, then 900 x 60 % = 540,
    400 of it; the next stay begins anew: (1,000 - 600) x 60 % = 240."""
    aid = '"supplement"\nname = "aid"\nfund = "maf_pay"\nper = "visit"\nof = ["coinsurance"]\nthreshold = [{ yuan = 600.00 }]\n' \
        'band = [{ of = 0.60 }]\ncap = [{ yuan = 400.00 }]'
    person = Patient(HALF, aid)
    found = [person.stay(amount, stay=stay, interim=interim) for amount, stay, interim in (
        (100_000, "A", True), (200_000, "A", True), (200_000, "A", False), (200_000, "B", False))]
    assert [one.maf_pay for one in found] == [0, 40_000, 0, 24_000]


@pytest.mark.parametrize(("head", "bills", "paid"), [
    # own share 50 %: 500 and 50 are below 600; with 550 more 1,100, (1,100 - 600) x 60 % = 300; 500 more, 300, of 400 in all 100
    ("", [100_000, 10_000, 110_000, 100_000], [0, 0, 30_000, 10_000]),
    # each bill anew: (650 - 600) x 60 % = 30
    ('admissions = { interim = "new" }', [100_000, 130_000, 130_000, 100_000], [0, 3_000, 3_000, 0]),
])
def test_by_visit_all_bills_of_a_stay_are_one_time_unless_each_is_a_stay_of_its_own(head: str, bills: list[int], paid: list[int]) -> None:
    aid = '"supplement"\nname = "aid"\nfund = "maf_pay"\nper = "visit"\nof = ["coinsurance"]\nthreshold = [{ yuan = 600.00 }]\n' \
        'band = [{ of = 0.60 }]\ncap = [{ yuan = 400.00 }]'
    person = Patient(HALF, aid, head=head)
    assert [person.stay(bill, stay="A", interim=number < 3).maf_pay for number, bill in enumerate(bills)] == paid


# --- payments decided elsewhere ---------------------------------------------------------------------------------------

def test_a_pool_stated_by_another_agency_stands_and_the_next_step_follows() -> None:
    """Deductible 100, pool 500 stated of 1,000: own share 400; critical illness (100 + 400) x 60 % = 300."""
    person = Patient('"deductible"\nper = "year"\namount = [{ yuan = 300.00 }]', HALF, CRITICAL + OF + FLAT)
    found = person.visit(100_000, prior={"act_pay_dedc": 10_000, "hifp_pay": 50_000})
    assert written(found) == [("prior", 100_000, 50_000), ("supplement", 50_000, 30_000)]
    assert (found.act_pay_dedc, found.hifp_pay, found.hifmi_pay, found.psn_cash_pay) == (10_000, 50_000, 30_000, 20_000)
    assert person.visit(100_000).act_pay_dedc == 20_000  # the year's deductible goes on: 300 - 100


def test_every_counter_moves_as_if_it_was_decided_here() -> None:
    """Decided here 2,000: 100 first, 1,900 x 50 % = 950. Stated the same: the same accumulators."""
    steps = ('"deductible"\nper = "year"\nshared = "all"\namount = [{ yuan = 100.00 }]',
             '"cap"\nper = "year"\ncounts = "gross_fees"\namount = [{ yuan = 9000.00 }]',
             '"bands"\ncontinues = "year"\nband = [{ of = 0.50 }]', '"cap"\nper = "year"\nshared = "x"\namount = [{ yuan = 9000.00 }]', CRITICAL + OF + FLAT)
    here, elsewhere = Patient(*steps), Patient(*steps)
    here.visit(200_000)
    elsewhere.visit(200_000, prior={"act_pay_dedc": 10_000, "hifp_pay": 95_000})
    assert elsewhere.year() == here.year()


def test_the_entry_of_a_stay_moves_as_if_it_was_decided_here_too() -> None:
    """Level 2: 600 first, 1,400 x 50 % = 700. By transfer to level 3: 1,000 - 600 first, 1,600 x 50 % = 800, and goes on."""
    steps = ('"deductible"\nper = "stay"\ntransfer = "difference"\namount = [{ level = "2", yuan = 600.00 }, { level = "3", yuan = 1000.00 }]',
             '"cap"\nper = "visit"\ncounts = "gross_fees"\namount = [{ yuan = 9000.00 }]', '"bands"\ncontinues = "stay"\nband = [{ of = 0.50 }]')
    here, elsewhere = Patient(*steps), Patient(*steps)
    for person, prior in ((here, {}), (elsewhere, {"prior": {"act_pay_dedc": 40_000, "hifp_pay": 80_000}})):
        person.stay(200_000, stay="A", level="2", end="2026-03-10")
        found = person.stay(200_000, stay="B", day="2026-03-10", ipt_type="3", interim=True, **prior)
        assert (found.act_pay_dedc, found.hifp_pay) == (40_000, 80_000)
    assert elsewhere.entries == here.entries


YEAR = '"deductible"\nper = "year"\namount = [{ yuan = 100.00 }]'
BY_LEVEL = '"cap"\nper = "year"\ncounts = "{}"\namount = [{{ level = "1", yuan = 1000.00 }}, {{ yuan = 3000.00 }}]'
UNPRESCRIBED = '"exclude"\nlines = [{ prescription = "no", out = true }]'
ITEM = '"item"\ncapped = false\nratio = [{ item_kind = "negotiated", of = 0.60 }]'


@pytest.mark.parametrize(("steps", "stated", "parts", "cash"), [
    # (1,000 - 100) x 50 % = 450, 1,000 above the cap; 60 % of 100 + 450 = 330
    ((YEAR, BY_LEVEL.format("gross_fees"), HALF), (10_000, 45_000), {"deductible": 100, "coinsurance": 450, "over_cap": 1_000}, 1_220),
    # 1,900 x 50 % = 950, and not more than 1,000; 60 % of 100 + 950 = 630
    ((YEAR, HALF, BY_LEVEL.format("payments")), (10_000, 95_000), {"deductible": 100, "coinsurance": 950}, 420),
    # 400 are not prescribed: (2,000 - 400 - 100) x 50 % = 750; 60 % of 100 + 750 = 510, and none of the 400
    ((UNPRESCRIBED, YEAR, HALF), (10_000, 75_000), {"deductible": 100, "coinsurance": 750, "not_covered": 400}, 740),
    # an item of 600 at 60 %, past the deductible and no cap counts it: 360; 1,300 x 50 % = 650
    ((ITEM, YEAR, HALF, BY_LEVEL.format("payments")), (10_000, 101_000), {"deductible": 100, "coinsurance": 890}, 396),
    # 10 % of 1,900 first: 190; 1,710 x 50 % = 855
    ((YEAR, '"out_of_area"\nmode = "first_selfpay"\nby = [{ of = 0.10 }]', HALF), (10_000, 85_500),
     {"deductible": 100, "coinsurance": 855, "out_selfpay": 190}, 572),
    # 40 % instead of 50 % of 1,900: 760, 190 less
    ((YEAR, '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]', HALF), (10_000, 76_000),
     {"deductible": 100, "coinsurance": 950, "reduction": 190}, 610),
    # bands on payments: 500 are full with 1,000 of fees at 50 %, 900 more x 80 % = 720
    ((YEAR, '"bands"\nmeasured = "payments"\ncontinues = "year"\nband = [{ upto = 500.00, of = 0.50 }, { of = 0.80 }]'), (10_000, 122_000),
     {"deductible": 100, "coinsurance": 680}, 312),
])
def test_what_a_stated_pool_left_has_the_causes_of_the_plan(
    steps: tuple[str, ...], stated: tuple[int, int], parts: dict[str, int], cash: int,
) -> None:
    """2,000 at level 1, of it 400 not prescribed and 600 negotiated; critical illness pays 60 % of deductible and coinsurance.
    Stated as it is decided here, it comes out alike, in accumulators too."""
    lines = [{"in_scope": 100_000}, {"in_scope": 40_000, "prescription": False}, {"in_scope": 60_000, "item_kind": "negotiated"}]
    here, elsewhere = Patient(*steps, CRITICAL + OF + FLAT), Patient(*steps, CRITICAL + OF + FLAT)
    decided = here.visit(lines=lines, level="1")
    told = elsewhere.visit(lines=lines, level="1", prior={"act_pay_dedc": stated[0], "hifp_pay": stated[1]})
    assert (decided.act_pay_dedc, decided.hifp_pay) == stated
    assert elsewhere.year() == here.year()
    for found in (decided, told):
        left = {name: found.psn_parts.get(name, 0) for name in parts}
        assert sum(left.values()) + found.hifmi_pay == sum(parts.values()) * 100 and found.psn_cash_pay == cash * 100
    assert told.psn_parts == decided.psn_parts and told.reduced_amt == decided.reduced_amt == parts.get("reduction", 0) * 100


@pytest.mark.parametrize(("paid", "parts"), [
    (76_000, {"coinsurance": 95_000, "reduction": 19_000}),  # as here: 40 % instead of 50 % of 1,900
    (95_000, {"coinsurance": 95_000}),                       # it did not reduce
    (100_000, {"coinsurance": 90_000}),                      # and paid 50 more
    (70_000, {"coinsurance": 101_000, "reduction": 19_000}),  # 60 less than the plan
])
def test_what_another_pool_paid_more_or_less_than_the_plan(paid: int, parts: dict[str, int]) -> None:
    person = Patient(YEAR, '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]', HALF)
    found = person.visit(200_000, prior={"act_pay_dedc": 10_000, "hifp_pay": paid})
    assert found.psn_parts == {"deductible": 10_000, **parts} and found.reduced_amt == parts.get("reduction", 0)


def test_a_stated_pool_needs_no_value_of_the_plan() -> None:
    """No ratio for level 9: what is stated stands, the rest is coinsurance, 1,000 - 600."""
    found = Patient('"ratio"\nratio = [{ level = "1", of = 0.50 }]').visit(100_000, level="9", prior={"hifp_pay": 60_000})
    assert (found.hifp_pay, found.psn_parts) == (60_000, {"coinsurance": 40_000})


def test_a_supplement_may_be_stated_behind_a_pool_decided_here() -> None:
    """Pool 50 % of 1,000; critical illness stated 200 of the own share of 500; assistance 70 % of the 300 left."""
    person = Patient(HALF, CRITICAL + OF + FLAT, ASSISTANCE, maps=IDENTITY)
    found = person.visit(100_000, identities=["23"], prior={"hifmi_pay": 20_000})
    assert (found.hifp_pay, found.hifmi_pay, found.maf_pay) == (50_000, 20_000, 21_000)
    assert person.year()["critical.paid"] == 20_000


@pytest.mark.parametrize(("identities", "prior", "funds", "bases"), [
    (["23"], {"hifmi_pay": 20_000}, (0, 20_000), (50_000, 50_000)),                    # for whom it is: its base counts, paid or not
    ([], {"hifmi_pay": 20_000}, (0, 20_000), (None, 50_000)),                          # for whom it is not: it does not count
    ([], {"maf_pay": 1_000, "hifmi_pay": 20_000}, (1_000, 20_000), (50_000, 49_000)),  # what was paid all the same stands
])
def test_a_supplement_for_some_counts_behind_a_statement_for_whom_it_is(
    identities: list[str], prior: dict[str, int], funds: tuple[int, int], bases: tuple[int | None, int],
) -> None:
    """Pool 50 % of 1,000; then assistance (of the poor), and behind it critical illness of what is left of the 500."""
    person = Patient(HALF, ASSISTANCE, CRITICAL + OF + FLAT, maps=IDENTITY)
    found = person.visit(100_000, identities=identities, prior=prior)
    assert (found.maf_pay, found.hifmi_pay) == funds
    assert (person.year().get("assistance.base"), person.year()["critical.base"]) == bases


def test_what_one_fund_paid_is_stated_once_for_all_its_steps() -> None:
    """Two steps of medical assistance, 200 stated for the fund: 200 in all, the first as far as its base reaches."""
    first = '"supplement"\nname = "one"\nfund = "maf_pay"\nper = "year"\nof = ["deductible"]\nband = [{ of = 0.70 }]'
    second = '"supplement"\nname = "two"\nfund = "maf_pay"\nper = "year"\nof = ["coinsurance"]\nband = [{ of = 0.70 }]'
    person = Patient('"deductible"\nper = "visit"\namount = [{ yuan = 150.00 }]', HALF, first, second)
    found = person.visit(115_000, prior={"maf_pay": 20_000})
    assert (found.hifp_pay, found.maf_pay, found.psn_cash_pay) == (50_000, 20_000, 45_000)
    assert (person.year()["one.paid"], person.year()["two.paid"]) == (15_000, 5_000)


@pytest.mark.parametrize(("identities", "stated", "paid"), [
    ([], 20_000, (None, 20_000)),           # it was paid by the step that is for this person
    ([], 58_000, (8_000, 50_000)),          # which cannot have paid more than 500: the rest is of the other one's parts
    (["23"], 20_000, (20_000, None)),       # for both: the first as far as its base reaches, 150 + 500
    ([], 0, (None, None)),
])
def test_what_a_fund_paid_counts_at_its_step_that_is_for_the_person(
    identities: list[str], stated: int, paid: tuple[int | None, int | None],
) -> None:
    """Two steps of medical assistance, the first one for the poor alone. Parts: deductible 150, own share 500."""
    both = '"supplement"\nname = "both"\nfund = "maf_pay"\nper = "year"\nof = ["coinsurance"]\nband = [{ of = 0.50 }]'
    person = Patient('"deductible"\nper = "visit"\namount = [{ yuan = 150.00 }]', HALF, ASSISTANCE, both, maps=IDENTITY)
    found = person.visit(115_000, identities=identities, prior={"maf_pay": stated})
    year = person.year()
    assert found.maf_pay == stated and (year.get("assistance.paid"), year.get("both.paid")) == paid
    assert year["both.base"] == 50_000 - max(0, (paid[0] or 0) - 15_000)
    assert year.get("assistance.base") == (65_000 if paid[0] else None)


@pytest.mark.parametrize("fund", FUNDS[1:])
def test_whatever_fund_paid_elsewhere_is_not_paid_again(fund: str) -> None:
    """Pool 50 % of 1,000; the fund would pay 70 % of the 500 left, 350, and has paid 200: that stands, cash 300."""
    step = f'"supplement"\nname = "one"\nfund = "{fund}"\nper = "year"\nof = ["coinsurance"]\nband = [{{ of = 0.70 }}]'
    assert getattr(Patient(HALF, step).visit(100_000), fund) == 35_000
    found = Patient(HALF, step).visit(100_000, prior={fund: 20_000})
    assert (found.hifp_pay, getattr(found, fund), found.psn_cash_pay) == (50_000, 20_000, 30_000)
    assert payable(found, Prior(**{fund: 20_000})) == 50_000


@pytest.mark.parametrize(("prior", "fund", "paid", "left"), [
    ({"hifp_pay": 90_001, "act_pay_dedc": 10_000}, "hifp_pay", "900.01", "900.00"),     # more than is in scope
    ({"hifp_pay": 0, "act_pay_dedc": 100_001}, "act_pay_dedc", "1,000.01", "1,000.00"),
    ({"hifp_pay": 50_000, "hifmi_pay": 50_001}, "hifmi_pay", "500.01", "500.00"),       # more than the person bears
    ({"hifob_pay": 1}, "hifob_pay", "0.01", "0.00"),                                    # a fund that the plan has no step for
    ({"hifdm_pay": 1}, "hifdm_pay", "0.01", "0.00"),
    ({"oth_pay": 1}, "oth_pay", "0.01", "0.00"),
])
def test_a_statement_that_cannot_be_is_refused(prior: dict[str, int], fund: str, paid: str, left: str) -> None:
    with pytest.raises(Refusal) as refused:
        Patient(HALF, CRITICAL + OF + FLAT).visit(100_000, prior=prior)
    assert (refused.value.code, refused.value.field) == ("prior_too_much", f"prior.{fund}")
    assert refused.value.facts == {"paid": paid, "left": left}


def test_a_deductible_is_stated_with_the_pool_that_charged_it() -> None:
    with pytest.raises(ValidationError, match="act_pay_dedc is stated without hifp_pay"):
        Prior(act_pay_dedc=1_000)


def test_nothing_paid_elsewhere_is_a_statement_too() -> None:
    """Nought of the pool: all of 1,000 is the own share, 60 % of it critical illness."""
    found = Patient(HALF, CRITICAL + OF + FLAT).visit(100_000, prior={"hifp_pay": 0})
    assert (found.hifp_pay, found.hifmi_pay) == (0, 60_000)
    assert Patient(HALF, CRITICAL + OF + FLAT).visit(0, own=100, prior={"hifp_pay": 0, "hifmi_pay": 0}).psn_cash_pay == 100
