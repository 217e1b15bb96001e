"""A guaranteed share of the costs, by the pool and by another fund. Amounts in fen; the calculations in yuan."""

from typing import Any

import pytest

from policies.settlement.sheet import NoRule, Refusal
from tests.policies.patient import Patient, benefit, plan, written

DEDUCTIBLE = '"deductible"\nper = "stay"\namount = [{ yuan = 1000.00 }]'
RATIO = '"ratio"\nratio = [{ of = 0.60 }]'
PAYS = 'pays = ["coinsurance", "first_selfpay", "over_ceiling", "own_expense"]\n'
POOL = '"guarantee"\ncosts = "total"\ncounted_from = "deductible"\nratio = [{ place = "other_province", of = 0.40 }, { of = 0.45 }]\n' + PAYS
AID = '"guarantee"\nfund = "maf_pay"\ncosts = "total"\nratio = [{ of = 0.90 }]\npays = ["coinsurance", "deductible", "own_expense"]\n'
CRITICAL = '"supplement"\nname = "critical"\nfund = "hifmi_pay"\nof = ["coinsurance"]\nper = "visit"\nband = [{ of = 0.50 }]'
HALF = '"ratio"\nratio = [{ of = 0.50 }]'
BILL: dict[str, Any] = {"in_scope": 500_000, "own": 400_000, "over": 60_000, "first": 40_000}
"""10,000 in all, 5,000 of them in scope: behind 1,000 the pool pays 4,000 x 60 % = 2,400, 1,600 are coinsurance."""


# --- the pool -----------------------------------------------------------------------------------------------------------

def test_the_pool_pays_up_to_the_share_of_the_whole_bill() -> None:
    """9,000 x 45 % = 4,050: 1,650 more, 1,600 of them coinsurance, 50 of the first self-pay."""
    found = Patient(DEDUCTIBLE, RATIO, POOL).stay(**BILL)
    assert (found.hifp_pay, found.fund_pay_sumamt, found.psn_part_amt) == (405_000, 405_000, 595_000)
    assert written(found)[2:] == [("guarantee", 900_000, 165_000)]
    assert found.psn_parts == {"deductible": 100_000, "first_selfpay": 35_000, "over_ceiling": 60_000, "own_expense": 400_000}


@pytest.mark.parametrize(("bill", "place", "pool"), [
    (BILL, "other_province", 360_000),                        # 9,000 x 40 %
    ({"in_scope": 1_000_000}, "home", 540_000),               # all in scope: 9,000 x 60 % are more than guaranteed
    ({"in_scope": 50_000, "own": 50_000}, "home", 22_500),    # 500 are the deductible; 500 x 45 %, all of what is not in scope
    ({"in_scope": 100_000}, "home", 0),                       # nothing lies behind the deductible
])
def test_what_the_pool_pays_by_bill_and_place(bill: dict[str, int], place: str, pool: int) -> None:
    assert Patient(DEDUCTIBLE, RATIO, POOL).stay(**bill, place=place).hifp_pay == pool


@pytest.mark.parametrize(("changes", "pool"), [
    (('costs = "total"', 'costs = "in_scope"'), 240_000),               # 4,000 x 45 % = 1,800 are less than 2,400
    (('counted_from = "deductible"\n', ""), 450_000),                   # 10,000 x 45 %
    (('pays = ["coinsurance", ', 'pays = ["coinsurance"] # '), 400_000),  # no more than the coinsurance of 1,600
    (("of = 0.45", "of = 0"), 240_000),
])
def test_of_which_costs_from_where_and_from_which_parts(changes: tuple[str, str], pool: int) -> None:
    assert changes[0] in POOL
    assert Patient(DEDUCTIBLE, RATIO, POOL.replace(*changes)).stay(**BILL).hifp_pay == pool


def test_caps_on_payments_count_and_cut_what_is_guaranteed() -> None:
    """4,050 of 6,000 in the year; then 1,950, and 2,100 above the cap. They may be borne by another fund, or the person."""
    person = Patient(DEDUCTIBLE, RATIO, POOL, '"cap"\nper = "year"\namount = [{ yuan = 6000.00 }]')
    first, second = person.stay(**BILL), person.stay(**BILL)
    assert (first.hifp_pay, second.hifp_pay) == (405_000, 195_000)
    assert second.psn_parts["over_cap"] == 210_000 and person.year()["care.hifp_pay"] == 600_000


def test_a_reduction_out_of_area_reaches_down_to_what_is_guaranteed() -> None:
    """50 % instead of 60 % of 8,000 in scope: 4,000 instead of 4,800. 45 % of 9,500 are 4,275: 525 less, not 800."""
    less = '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]'
    found = Patient(less, RATIO, POOL).stay(800_000, own=150_000)
    assert (found.hifp_pay, found.reduced_amt) == (427_500, 52_500)
    assert found.psn_parts == {"own_expense": 150_000, "coinsurance": 320_000, "reduction": 52_500}


def test_the_providers_part_is_nobodys_to_pay() -> None:
    """1,000 in all, 400 of them own expense and 500 the provider's: of the other 500 45 % are 225, 60 of them paid by the ratio."""
    found = Patient(RATIO, POOL).stay(10_000, own=40_000, over=50_000, by_provider=50_000)
    assert (found.hifp_pay, found.psn_part_amt, found.hosp_part_amt) == (22_500, 27_500, 50_000)


# --- a stay of several settlements --------------------------------------------------------------------------------------

def test_a_stay_that_goes_on_is_one_time() -> None:
    """First 10,000, all in scope: 9,000 x 60 % = 5,400. Then 10,000 of own expense: 19,000 x 45 % = 8,550, 3,150 more; alone they
    would have been 4,500. At once it comes to the same: 8,550."""
    person = Patient(DEDUCTIBLE, RATIO, POOL)
    found = [person.stay(1_000_000, stay="A", interim=True), person.stay(0, own=1_000_000, stay="A")]
    assert [one.hifp_pay for one in found] == [540_000, 315_000]
    assert found[-1].stay is not None and found[-1].stay.after["costs"] == 2_000_000
    assert Patient(DEDUCTIBLE, RATIO, POOL).stay(1_000_000, own=1_000_000).hifp_pay == 855_000


def test_nothing_is_paid_back_where_the_stay_comes_to_more_later() -> None:
    """First 5,000 of own expense: 2,250. Then 10,000 in scope: 9,000 x 60 % = 5,400; 14,000 x 45 % = 6,300 are less than 7,650."""
    person = Patient(DEDUCTIBLE, RATIO, POOL)
    found = [person.stay(0, own=500_000, stay="A", interim=True), person.stay(1_000_000, stay="A")]
    assert [one.hifp_pay for one in found] == [225_000, 540_000]


@pytest.mark.parametrize(("head", "pool"), [
    ("", 315_000), ('admissions = { interim = "new" }', 405_000),
])
def test_over_new_year_and_where_an_interim_settlement_begins_a_new_stay(head: str, pool: int) -> None:
    """As above, the second settlement in January. Where it is a new stay, its 1,000 in scope are its deductible: 9,000 x 45 %."""
    person = Patient(DEDUCTIBLE, RATIO, POOL, head=head)
    person.stay(1_000_000, stay="A", day="2025-12-01", end="2025-12-31", interim=True)
    bill = {"in_scope": 100_000, "own": 900_000} if head else {"own": 1_000_000}
    assert person.stay(**bill, stay="A", day="2025-12-01", end="2026-01-10").hifp_pay == pool


def test_of_a_stay_begun_without_a_guarantee_only_what_follows_counts() -> None:
    """A version from the middle of the stay on: what was not kept of it before is not guessed. 10,000 x 45 %."""
    person = Patient(RATIO, POOL)
    before = Patient(RATIO)
    before.stay(1_000_000, stay="A", interim=True)
    person.entries = before.entries
    assert person.stay(0, own=1_000_000, stay="A").hifp_pay == 450_000


# --- another fund -------------------------------------------------------------------------------------------------------

def test_another_fund_looks_at_what_all_funds_before_it_paid() -> None:
    """Of 10,000 in scope 5,000, critical illness 2,500; 12,000 x 90 % = 10,800: medical assistance 3,300, 2,500 of them coinsurance,
    800 of the own expense."""
    found = Patient(HALF, CRITICAL, AID).stay(1_000_000, own=200_000)
    assert (found.hifp_pay, found.hifmi_pay, found.maf_pay) == (500_000, 250_000, 330_000)
    assert found.psn_parts == {"own_expense": 120_000} and written(found)[-1] == ("guarantee", 1_200_000, 330_000)


def test_behind_a_guarantee_of_the_pool() -> None:
    """The pool up to 9,000 x 45 % = 4,050; all funds up to 10,000 x 90 % = 9,000: 4,950, of deductible and own expense 4,950."""
    found = Patient(DEDUCTIBLE, RATIO, POOL, AID).stay(**BILL)
    assert (found.hifp_pay, found.maf_pay, found.psn_part_amt) == (405_000, 495_000, 100_000)


def test_a_stay_that_goes_on_counts_what_all_funds_paid_of_it() -> None:
    """First 10,000 in scope: 5,000 + 2,500, up to 9,000: 1,500. Then the same: 5,000 + 2,500; 18,000 less 9,000 and 7,500: 1,500."""
    person = Patient(HALF, CRITICAL, AID)
    found = [person.stay(1_000_000, stay="A", interim=True), person.stay(1_000_000, stay="A")]
    assert [one.maf_pay for one in found] == [150_000, 150_000]
    assert found[-1].stay is not None and found[-1].stay.after["maf_pay.funded"] == 1_800_000


def test_a_stay_of_several_settlements_comes_to_what_it_would_at_once_whatever_funds_follow() -> None:
    """12,000 twice, each 10,000 of them in scope. The pool 5,000 each; medical assistance up to 12,000 x 80 % = 9,600: 4,600 each, as at
    once 24,000 x 80 % - 10,000 = 9,200. What civil servants get of the 400 and 2,000 left, 1,200 each, was not paid before it."""
    civil = '"supplement"\nname = "civil"\nfund = "cvlserv_pay"\nof = ["coinsurance", "own_expense"]\nper = "visit"\nband = [{ of = 0.50 }]'
    person, bill = Patient(HALF, AID.replace("0.90", "0.80"), civil), {"in_scope": 1_000_000, "own": 200_000}
    found = [person.stay(**bill, stay="A", interim=True), person.stay(**bill, stay="A")]
    assert [(one.maf_pay, one.cvlserv_pay) for one in found] == [(460_000, 120_000)] * 2
    at_once = Patient(HALF, AID.replace("0.90", "0.80"), civil).stay(2_000_000, own=400_000)
    assert (at_once.maf_pay, at_once.cvlserv_pay) == (920_000, 240_000)


# --- paid elsewhere -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("paid", "parts"), [
    # as here
    (405_000, {"first_selfpay": 35_000, "over_ceiling": 60_000, "own_expense": 400_000}),
    # no guarantee there: 1,600 are left of what is in scope, and all of what is not
    (240_000, {"coinsurance": 160_000, "first_selfpay": 40_000, "over_ceiling": 60_000, "own_expense": 400_000}),
    # 100 less than the ratio gives
    (230_000, {"coinsurance": 170_000, "first_selfpay": 40_000, "over_ceiling": 60_000, "own_expense": 400_000}),
    # up to a lower share: 1,610 more, 1,600 of them coinsurance, 10 of the first self-pay
    (401_000, {"first_selfpay": 39_000, "over_ceiling": 60_000, "own_expense": 400_000}),
    # 500 more: the rest of the first self-pay, 350, and 150 of what is over the ceiling
    (455_000, {"over_ceiling": 45_000, "own_expense": 400_000}),
])
def test_a_pool_that_paid_elsewhere_may_have_paid_more_than_is_in_scope(paid: int, parts: dict[str, int]) -> None:
    found = Patient(DEDUCTIBLE, RATIO, POOL).stay(**BILL, prior={"act_pay_dedc": 100_000, "hifp_pay": paid})
    assert (found.hifp_pay, found.psn_parts) == (paid, {"deductible": 100_000, **parts})


def test_a_fund_behind_a_pool_that_guaranteed_nothing_elsewhere_counts_what_is_in_scope_alone() -> None:
    """2,400 of the 4,000 behind the deductible: critical illness half of the other 1,600. Reduced there to 2,000, the other 400 are no
    base of it."""
    paid = {"act_pay_dedc": 100_000, "hifp_pay": 240_000}
    assert Patient(DEDUCTIBLE, RATIO, POOL, CRITICAL).stay(**BILL, prior=paid).hifmi_pay == 80_000
    less = '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]'
    found = Patient(DEDUCTIBLE, less, RATIO, POOL, CRITICAL).stay(**BILL, prior={**paid, "hifp_pay": 200_000})
    assert (found.reduced_amt, found.hifmi_pay) == (40_000, 80_000)


@pytest.mark.parametrize(("steps", "left"), [((DEDUCTIBLE, RATIO), "4,000.00"), ((DEDUCTIBLE, RATIO, POOL), "9,000.00")])
def test_what_no_guarantee_can_have_paid_is_refused(steps: tuple[str, ...], left: str) -> None:
    with pytest.raises(Refusal) as refused:
        Patient(*steps).stay(**BILL, prior={"act_pay_dedc": 100_000, "hifp_pay": 900_001})
    assert (refused.value.code, refused.value.facts) == ("prior_too_much", {"paid": "9,000.01", "left": left})


def test_a_stay_goes_on_behind_a_pool_that_paid_elsewhere() -> None:
    """4,050 of 10,000 elsewhere; 10,000 of own expense at home: 19,000 x 45 % = 8,550, 4,500 more."""
    person = Patient(DEDUCTIBLE, RATIO, POOL)
    person.stay(**BILL, stay="A", interim=True, prior={"act_pay_dedc": 100_000, "hifp_pay": 405_000})
    assert person.stay(0, own=1_000_000, stay="A").hifp_pay == 450_000


def test_a_cap_on_fees_does_not_count_what_was_guaranteed() -> None:
    """3,000 of the 5,000 in scope go through: 60 % are 1,800, and 2,700 more by the guarantee. The cap counts 3,000, there as here."""
    cap = '"cap"\nper = "year"\ncounts = "fees"\namount = [{ yuan = 3000.00 }]'
    here, there = Patient(cap, RATIO, POOL), Patient(cap, RATIO, POOL)
    assert here.stay(**BILL).hifp_pay == 450_000
    there.stay(**BILL, prior={"hifp_pay": 450_000})
    assert here.year()["cap.care.fees"] == there.year()["cap.care.fees"] == 300_000


@pytest.mark.parametrize(("stated", "paid", "left"), [
    ({"maf_pay": 100_000}, (500_000, 250_000, 100_000), {"coinsurance": 150_000, "own_expense": 200_000}),
    ({"hifmi_pay": 0}, (500_000, 0, 580_000), {"own_expense": 120_000}),  # behind it: 10,800 - 5,000
])
def test_a_fund_that_paid_elsewhere(stated: dict[str, int], paid: tuple[int, int, int], left: dict[str, int]) -> None:
    """What medical assistance paid stands; where critical illness alone is stated, assistance goes on behind it."""
    found = Patient(HALF, CRITICAL, AID).stay(1_000_000, own=200_000, prior={"hifmi_pay": 250_000, **stated})
    assert (found.hifp_pay, found.hifmi_pay, found.maf_pay) == paid and found.psn_parts == left


def test_a_fund_shared_with_a_supplement_for_others() -> None:
    """The supplement is not for this person: what the fund paid was paid by the guarantee, which holds 5,000 and 1,000."""
    poor = '"supplement"\nname = "poor"\nfund = "maf_pay"\nof = ["coinsurance"]\nper = "visit"\nband = [{ of = 0.50 }]\nwhen = { identity = "poor" }'
    person = Patient(HALF, poor, AID, maps='[[map]]\nname = "identity"\nfrom = 2000-01-01\nsource = "T1"\nrows = [{ psn_idet_type = "23", is = "poor" }]')
    found = person.stay(1_000_000, own=100_000, prior={"maf_pay": 600_000})
    assert (found.maf_pay, found.psn_part_amt) == (600_000, 0) and "poor.base" not in person.year()


# --- what is refused ----------------------------------------------------------------------------------------------------

def test_without_a_row_the_claim_is_refused() -> None:
    only_there = POOL.replace(", { of = 0.45 }", "")
    with pytest.raises(NoRule, match="no guaranteed share for place=home"):
        Patient(RATIO, only_there).stay(**BILL)


CAP = '"cap"\nper = "year"\namount = [{ yuan = 10.00 }]'


@pytest.mark.parametrize(("steps", "problem"), [
    ((POOL, RATIO), "guarantee stands before what shares all that is left, and would not see what the pool pays; put it behind one of bands, "
                    "fixed, ratio"),
    (('"item"\ncatalogue = true', POOL), "guarantee stands before what shares all that is left, and would not see what the pool pays; put it "
                                         "behind one of bands, fixed, ratio"),
    ((RATIO, CAP, POOL), "guarantee stands behind a cap on payments, and would pay what that has cut; put it before"),
    ((RATIO, POOL, POOL), "two steps guarantee are paid by hifp_pay, and only the higher share counts; write one with a row for each case"),
    ((RATIO, '"account"\npays = ["coinsurance"]', AID), "a guarantee stands behind account, and would pay what that has paid already; put it before"),
    ((RATIO, AID, POOL), "a step of the pool stands behind a supplement or an account; put it before them"),
    ((RATIO, POOL, CAP, AID), None),
])
def test_where_it_may_stand(steps: tuple[str, ...], problem: str | None) -> None:
    found: list[str] = []
    plan(benefit(*steps), problems=found)
    assert found == ([f"plan: benefit[1]: step: {problem}"] if problem else [])


@pytest.mark.parametrize(("text", "problem"), [
    (POOL.replace('"own_expense"', '"deductible"'), "pays: a guarantee of the pool does not pay deductible; remove it, or let another fund pay"),
    (POOL.replace('"own_expense"', '"reduction"'), "pays: a guarantee of the pool does not pay reduction; remove it, or let another fund pay"),
    (AID.replace('"own_expense"', '"reduction"'), None),
    (POOL.replace('"total"', '"all"'), "costs: 'all' is unknown; use one of total, in_scope"),
    (AID.replace('"maf_pay"', '"acct_pay"'), "fund: 'acct_pay' is unknown; use one of hifp_pay, cvlserv_pay, hifes_pay, hifmi_pay, hifob_pay, "
                                             "hifdm_pay, maf_pay, oth_pay"),
])
def test_what_it_may_say(text: str, problem: str | None) -> None:
    found: list[str] = []
    plan(benefit(RATIO, text), problems=found)
    assert found == ([f"plan: benefit[1]: step[2]: {problem}"] if problem else [])


ALL = '"own_expense", "over_ceiling", "first_selfpay", "not_covered", "out_selfpay", "deductible", "coinsurance", "over_cap", "reduction"'


def test_a_person_may_bear_a_tenth_of_the_bill_at_most_whatever_it_is_made_of() -> None:
    """10,000 in all: 5,000 in scope, 10 % less out of area: 4,000 x 50 % = 2,000. Medical assistance 7,000; the person bears 1,000, the last
    of the parts."""
    less = '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.10 }]'
    aid = f'"guarantee"\nfund = "maf_pay"\ncosts = "total"\nratio = [{{ of = 0.90 }}]\npays = [{ALL}]'
    found = Patient(DEDUCTIBLE, less, RATIO, aid).stay(**BILL)
    assert (found.hifp_pay, found.maf_pay, found.psn_part_amt, found.reduced_amt) == (200_000, 700_000, 100_000, 40_000)
    assert found.psn_parts == {"coinsurance": 60_000, "reduction": 40_000}
