"""Caps: what counts or is paid at most, what lies above, and which caps count together. Amounts in fen, calculations in yuan."""

import pytest

from contracts.events.claim import Settled
from policies.settlement.sheet import NoRule
from tests.policies.patient import Patient, benefit, plan, written

HALF = '"ratio"\nratio = [{ of = 0.50 }]'
FIRST_100 = '"deductible"\nper = "visit"\namount = [{ yuan = 100.00 }]'


def cap(text: str, amount: str = "[{ yuan = 300.00 }]") -> str:
    return f'"cap"\namount = {amount}\n{text}'


def pool(*verdicts: Settled) -> list[int]:
    return [verdict.hifp_pay for verdict in verdicts]


@pytest.mark.parametrize(("in_scope", "paid", "above"), [(59_999, 30_000, 0), (60_000, 30_000, 0), (60_002, 30_000, 1), (100_000, 30_000, 20_000)])
def test_payments_a_visit(in_scope: int, paid: int, above: int) -> None:
    """At most 300: 50 % of 599.99 is 299.995 -> 300.00; of 600.02 300.01, a fen above; of 1,000 500, 200 above."""
    found = Patient(HALF, cap('per = "visit"')).visit(in_scope)
    assert (found.hifp_pay, found.psn_parts.get("over_cap", 0)) == (paid, above)


def test_payments_a_year_by_status() -> None:
    """Working 300, retired 400: 250, then 50 or 150, then none; 2027 anew."""
    for psn_type, paid in (("11", [25_000, 5_000, 0, 25_000]), ("12", [25_000, 15_000, 0, 25_000])):
        person = Patient(HALF, cap('per = "year"', '[{ status = "working", yuan = 300.00 }, { status = "retired", yuan = 400.00 }]'))
        days = ("2026-01-05", "2026-02-05", "2026-12-31", "2027-01-01")
        assert pool(*(person.visit(50_000, psn_type=psn_type, day=day) for day in days)) == paid


@pytest.mark.parametrize(("per", "paid", "counters"), [
    ("month", [25_000, 5_000, 25_000, 5_000, 25_000], {"m03": 30_000, "m04": 30_000}),
    ("quarter", [25_000, 5_000, 25_000, 5_000, 25_000], {"q1": 30_000, "q2": 30_000}),
    ("year", [25_000, 5_000, 0, 0, 25_000], {}),
])
def test_a_month_and_a_quarter_have_limits_of_their_own(per: str, paid: list[int], counters: dict[str, int]) -> None:
    """At most 300: 250 and 50 in March, the same in April, and 250 in the January after."""
    person = Patient(HALF, cap(f'per = "{per}"'))
    days = ("2026-03-01", "2026-03-31", "2026-04-01", "2026-04-30", "2027-01-01")
    assert pool(*(person.visit(50_000, day=day) for day in days)) == paid
    assert {name: amount for name, amount in person.year().items() if "#" in name} == {f"cap.care.payments#{at}": fen for at, fen in counters.items()}


@pytest.mark.parametrize(("day", "month"), [("begndate", "m03"), ("enddate", "m04"), ("setl_date", "m05")])
@pytest.mark.parametrize(("more", "name"), [("", "cap.care.payments"), ("\nby_disease = true", "cap.care.payments.M1")])
def test_the_month_is_that_of_the_day_which_decides_the_year(day: str, month: str, more: str, name: str) -> None:
    person = Patient(HALF, cap(f'per = "month"{more}'), head=f'year_by = "{day}"')
    found = person.stay(50_000, day="2026-03-30", end="2026-04-02", settled="2026-05-01", dise_codg="M1")
    assert person.year()[f"{name}#{month}"] == 25_000 and found.steps[2].facts["period"] == month


def test_a_limit_of_the_month_beside_one_of_the_year_under_one_name() -> None:
    """At most 300 a month and 700 a year: 250, 50; April 250, 50; May 100 of 250; then none."""
    person = Patient(HALF, cap('per = "month"\nshared = "s"'), cap('per = "year"\nshared = "s"', "[{ yuan = 700.00 }]"))
    days = ("2026-03-01", "2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01", "2026-06-01")
    assert pool(*(person.visit(50_000, day=day) for day in days)) == [25_000, 5_000, 25_000, 5_000, 10_000, 0]
    assert (person.year()["cap.s"], person.year()["cap.s#m05"]) == (70_000, 10_000)


def test_each_disease_may_have_a_limit_of_the_month() -> None:
    """每病种每月 300: 250 and 50 of M1, 250 of M2, 250 of M1 in April. Without a disease there is no rule."""
    person = Patient(HALF, cap('per = "month"\nby_disease = true'))
    paid = pool(*(person.visit(50_000, dise_codg=name) for name in ("M1", "M1", "M2")), person.visit(50_000, dise_codg="M1", day="2026-04-01"))
    assert paid == [25_000, 5_000, 25_000, 25_000] and person.year()["cap.care.payments.M1#m03"] == 30_000
    with pytest.raises(NoRule, match="the cap counts by disease, the claim names none"):
        person.visit(50_000)


@pytest.mark.parametrize("per", ["visit", "year", "disease", "bed_day"])
def test_a_limit_by_disease_is_of_a_quarter_or_a_month(per: str) -> None:
    problems: list[str] = []
    plan(benefit(HALF, cap(f'per = "{per}"\nby_disease = true')), problems=problems)
    assert problems == [
        "plan: benefit[1]: step[2]: by_disease: goes with per = quarter, month, else nothing is counted apart; change per, or remove it"]


def test_a_cap_of_nothing_pays_nothing() -> None:
    found = Patient(HALF, cap('per = "visit"', "[{ yuan = 0 }]")).visit(10_000)
    assert found.hifp_pay == 0 and found.psn_parts == {"coinsurance": 5_000, "over_cap": 5_000}


def test_a_cap_lower_than_what_was_paid_already_leaves_nothing() -> None:
    """Paid 400 as retired (cap 400); then working (cap 300): nothing, and nothing is paid back."""
    amount = '[{ status = "working", yuan = 300.00 }, { status = "retired", yuan = 400.00 }]'
    person = Patient(HALF, cap('per = "year"', amount))
    assert pool(person.visit(80_000, psn_type="12"), person.visit(80_000)) == [40_000, 0]


def test_fees_a_year_behind_the_deductible() -> None:
    """At most 300 of fees: 350 - 100 = 250; 250 - 100 = 150, 50 left of 300, 100 above; 50 % of each."""
    person = Patient(FIRST_100, cap('per = "year"\ncounts = "fees"'), HALF)
    first, second = person.visit(35_000), person.visit(25_000)
    assert pool(first, second) == [12_500, 2_500]
    assert second.psn_parts == {"deductible": 10_000, "coinsurance": 2_500, "over_cap": 10_000}
    assert person.year()["cap.care.fees"] == 30_000


def test_gross_fees_count_the_deductible() -> None:
    """At most 300 with the deductible: 350: 100 first, 200 shared, 50 above; then 100 first, nothing is left."""
    person = Patient(FIRST_100, cap('per = "year"\ncounts = "gross_fees"'), HALF)
    first, second = person.visit(35_000), person.visit(25_000)
    assert pool(first, second) == [10_000, 0]
    assert (first.psn_parts["over_cap"], second.psn_parts["over_cap"]) == (5_000, 15_000)


def test_gross_fees_go_on_over_the_year_with_the_deductible_in_them() -> None:
    """100 first in the year. 250 of fees: 150 shared, 250 counted of 300; then 50 of 100, all of it shared; then none."""
    yearly = FIRST_100.replace('"visit"', '"year"')
    person = Patient(yearly, cap('per = "year"\ncounts = "gross_fees"'), HALF)
    assert pool(person.visit(25_000), person.visit(10_000), person.visit(10_000)) == [7_500, 2_500, 0]
    assert person.year()["cap.care.gross_fees"] == 30_000


@pytest.mark.parametrize(("what", "more"), [('per = "year"\ncounts = "fees"', {}), ('per = "disease"\ncounts = "fees"', {"dise_codg": "M1"})])
def test_a_later_version_of_the_year_counts_on_wherever_the_step_stands(what: str, more: dict[str, str]) -> None:
    """300 of fees a year, 250 of them counted; the next version excludes lines first, so that the cap is its third step: 50 are left."""
    person = Patient(cap(what), HALF)
    assert pool(person.visit(25_000, **more)) == [12_500]
    exclude = '"exclude"\nlines = [{ prescription = "no", out = true }]'
    person.book = Patient(exclude, cap(what), HALF).book
    assert pool(person.visit(25_000, **more)) == [2_500]


def test_fees_a_visit() -> None:
    """300 of 500 are shared: 150; each visit anew."""
    person = Patient(cap('per = "visit"\ncounts = "fees"'), HALF)
    assert pool(person.visit(50_000), person.visit(50_000)) == [15_000, 15_000]


@pytest.mark.parametrize(("end", "days", "paid"), [("2026-03-05", 1, 4_000), ("2026-03-06", 1, 4_000), ("2026-03-09", 4, 16_000)])
def test_a_day_of_bed(end: str, days: int, paid: int) -> None:
    """At most 40 a day: in and out on one day is one; 5 to 9 March are four nights: 160 of 500."""
    found = Patient(HALF, cap('per = "bed_day"', "[{ yuan = 40.00 }]")).stay(100_000, end=end)
    assert found.hifp_pay == paid and found.steps[2].facts["days"] == str(days)


def test_days_of_bed_are_counted_once_over_interim_settlements() -> None:
    """5 to 9 March: four nights, 160; 9 to 11 March: two more, 80. Admission stays 5 March on both bills."""
    person = Patient(HALF, cap('per = "bed_day"', "[{ yuan = 40.00 }]"))
    assert pool(person.stay(100_000, stay="A", end="2026-03-09", interim=True), person.stay(100_000, stay="A", end="2026-03-11")) == [16_000, 8_000]


@pytest.mark.parametrize(
    ("steps", "paid"),
    [
        # at most 300 of payments: 250; 50 of 250; then none
        ((HALF, cap('per = "visit"')), [25_000, 5_000, 0]),
        # at most 300 of fees: 300 of 500 are shared, 150; then none
        ((cap('per = "visit"\ncounts = "fees"'), HALF), [15_000, 0, 0]),
        # at most 300 with the deductible of 100: 200 are shared, 100; then none
        ((FIRST_100.replace("visit", "stay"), cap('per = "visit"\ncounts = "gross_fees"'), HALF), [10_000, 0, 0]),
        # at most 600 of fees: 500 are shared, 250; 100 of 500, 50; then none
        ((cap('per = "visit"\ncounts = "fees"', "[{ yuan = 600.00 }]"), HALF), [25_000, 5_000, 0]),
    ],
)
def test_a_stay_has_one_limit_over_its_interim_settlements(steps: tuple[str, ...], paid: list[int]) -> None:
    person, bills = Patient(*steps), ("2026-03-09", "2026-03-20", "2026-03-25")
    assert pool(*(person.stay(50_000, stay="A", end=end, interim=end != bills[-1]) for end in bills)) == paid
    assert pool(person.stay(50_000, stay="B", end="2026-03-30")) == paid[:1], "another stay has its own"


def test_what_no_cap_counts_leaves_the_limit_of_the_stay_as_it_was() -> None:
    """An item of 100 at 90 % beside it: 90 + 250; then 90 and 50 of 300."""
    person = Patient('"item"\ncatalogue = true\ncapped = false', HALF, cap('per = "visit"'))
    lines = [{"in_scope": 10_000, "direct": "0.9"}, {"in_scope": 50_000}]
    assert pool(*(person.stay(stay="A", end=end, interim=True, lines=lines) for end in ("2026-03-09", "2026-03-20"))) == [34_000, 14_000]


def test_a_disease_and_year_each_has_its_own() -> None:
    """300 for each disease: 250 + 50 of one, 250 of the other."""
    person = Patient(HALF, cap('per = "disease"'))
    assert pool(*(person.visit(50_000, dise_codg=name) for name in ("M1", "M1", "M2", "M1"))) == [25_000, 5_000, 25_000, 0]
    assert (person.year()["cap.care.payments.M1"], person.year()["cap.care.payments.M2"]) == (30_000, 25_000)
    with pytest.raises(NoRule, match="the cap counts by disease, the claim names none"):
        person.visit(50_000)


def test_two_benefits_share_a_cap() -> None:
    """Chronic and inpatient together 300: 250 for chronic, 50 for the stay; a benefit that does not state it is free."""
    shared = cap('per = "year"\nshared = "both"')
    person = Patient(benefits=[
        benefit(HALF, shared, name="chronic", care=["chronic"]), benefit(HALF, shared, name="ward", care=["inpatient"]),
        benefit(HALF, name="clinic", care=["outpatient"])])
    assert pool(person.visit(50_000, med_type="14"), person.stay(50_000), person.visit(50_000)) == [25_000, 5_000, 25_000]
    assert person.year()["cap.both"] == 30_000


def test_a_cap_of_the_benefit_and_a_shared_one() -> None:
    """200 for chronic diseases, 300 with stays: chronic 200 (50 above), stay 100, chronic none."""
    own, shared = cap('per = "year"', "[{ yuan = 200.00 }]"), cap('per = "year"\nshared = "both"')
    person = Patient(benefits=[
        benefit(HALF, own, shared, name="chronic", care=["chronic"]), benefit(HALF, shared, name="ward", care=["inpatient"])])
    assert pool(person.visit(50_000, med_type="14"), person.stay(50_000), person.visit(50_000, med_type="14")) == [20_000, 10_000, 0]


def test_the_limit_a_visit_goes_before_the_limit_a_year() -> None:
    """At most 100 a visit and 250 a year: 100, 100, 50."""
    person = Patient(HALF, cap('per = "visit"', "[{ yuan = 100.00 }]"), cap('per = "year"', "[{ yuan = 250.00 }]"))
    found = [person.visit(50_000) for _ in range(3)]
    assert pool(*found) == [10_000, 10_000, 5_000]
    assert written(found[2]) == [("ratio", 50_000, 25_000), ("cap", 25_000, 10_000), ("cap", 10_000, 5_000)]


def test_no_row_is_refused() -> None:
    with pytest.raises(NoRule, match=r"test#care\.3: no cap for .*status=retired"):
        Patient(HALF, cap('per = "year"', '[{ status = "working", yuan = 300.00 }]')).visit(100, psn_type="12")


@pytest.mark.parametrize(("steps", "told"), [
    ((cap('per = "visit"'), HALF), "a cap on payments stands before every step by which the pool pays; put it behind them"),
    ((HALF, FIRST_100), "deductible stands behind ratio, which shares all that is left; put it before, or remove it"),
    ((HALF, cap('per = "visit"\ncounts = "fees"')), "cap stands behind ratio, which shares all that is left; put it before, or remove it"),
    ((cap('per = "year"\ncounts = "fees"'), FIRST_100, HALF),
     "deductible stands behind a cap on fees, which would count less than it let through; put it before"),
])
def test_steps_in_an_order_that_makes_no_sense_are_refused(steps: tuple[str, ...], told: str) -> None:
    problems: list[str] = []
    plan(benefit(*steps), problems=problems)
    assert problems == [f"plan: benefit[1]: step: {told}"]


# --- several diseases ---------------------------------------------------------------------------------------------------

SEVERAL = cap('per = "year"\nmore_a_disease = 600.00', '[{ disease = "M1", yuan = 2000.00 }, { disease = "M2", yuan = 3000.00 }, { disease = "M3", yuan = 2500.00 }]')
DISEASES = '[[map]]\nname = "disease"\nfrom = 2000-01-01\nsource = "T1"\nrows = [{ dise_codg = "A", is = "M1" }, { dise_codg = "B", is = "M2" }]'


@pytest.mark.parametrize(("approved", "limit"), [
    ({}, 200_000), ({"M1": None}, 200_000), ({"M2": None}, 360_000),   # the claim's own, and M2: 3,000 + 600
    ({"M1": None, "M2": None}, 360_000),
    ({"M1": None, "M2": None, "M3": None}, 420_000),                   # 3,000 + 600 x 2
    ({"M1": None, "M3": None}, 310_000), ({"M1": None, "M9": None}, 200_000),   # 2,500 + 600; M9 has no limit
    ({"M1": None, "M2": "2026-03-04"}, 200_000), ({"M1": None, "M2": "2026-03-05"}, 360_000),   # approved until the day before, until the day
])
def test_the_highest_limit_and_more_for_each_further_disease(approved: dict[str, str | None], limit: int) -> None:
    found = Patient(HALF, SEVERAL, approved=approved).visit(1_000_000, dise_codg="M1")
    assert (found.hifp_pay, found.psn_parts["over_cap"]) == (limit, 500_000 - limit)


def test_all_diseases_count_together() -> None:
    """3,600 of the year: 2,000 for the one, 1,600 for the other, then none."""
    person = Patient(HALF, SEVERAL, approved={"M1": None, "M2": None})
    assert pool(*(person.visit(400_000, dise_codg=name) for name in ("M1", "M2", "M1"))) == [200_000, 160_000, 0]


def test_a_disease_that_is_approved_within_the_year_adds_from_then_on() -> None:
    """2,000; then M2 too: 3,600 less 2,000."""
    person = Patient(HALF, SEVERAL)
    assert person.visit(1_000_000, dise_codg="M1").hifp_pay == 200_000
    assert person.visit(1_000_000, dise_codg="M2", approved={"M1": None, "M2": None}).hifp_pay == 160_000


@pytest.mark.parametrize(("approved", "limit"), [
    ({"A1": None, "A2": None}, 200_000),   # both are called M1
    ({"A1": None, "B1": None}, 360_000), ({"A1": None, "C1": None}, 200_000),   # C1 has no name in the place
])
def test_diseases_by_the_names_of_the_place(approved: dict[str, str | None], limit: int) -> None:
    assert Patient(HALF, SEVERAL, maps=DISEASES, approved=approved).visit(1_000_000, dise_codg="A1").hifp_pay == limit


def test_a_claim_that_names_no_disease_goes_by_those_that_are_approved() -> None:
    """A limit of 1,000 whatever the disease, 200 more for each further one: 1,200 for two."""
    any_ = cap('per = "year"\nmore_a_disease = 200.00', "[{ yuan = 1000.00 }]")
    assert Patient(HALF, any_, approved={"M1": None, "M2": None}).visit(1_000_000).hifp_pay == 120_000
    assert Patient(HALF, any_).visit(1_000_000).hifp_pay == 100_000


@pytest.mark.parametrize("per", ["quarter", "month"])
def test_of_a_quarter_or_month_too(per: str) -> None:
    person = Patient(HALF, SEVERAL.replace('"year"', f'"{per}"'), approved={"M1": None, "M2": None})
    assert pool(*(person.visit(1_000_000, dise_codg="M1", day=day) for day in ("2026-03-05", "2026-03-06", "2026-04-05"))) == [360_000, 0, 360_000]


@pytest.mark.parametrize(("text", "problem"), [
    ('per = "disease"\nmore_a_disease = 6.00', "adds to one limit of all diseases, and goes with per = year, quarter, month; change per, or remove it"),
    ('per = "visit"\nmore_a_disease = 6.00', "adds to one limit of all diseases, and goes with per = year, quarter, month; change per, or remove it"),
    ('per = "month"\nby_disease = true\nmore_a_disease = 6.00',
     "adds to one limit of all diseases, and by_disease counts each apart; remove one of the two"),
])
def test_what_more_a_disease_cannot_stand_with(text: str, problem: str) -> None:
    found: list[str] = []
    plan(benefit(HALF, cap(text)), problems=found)
    assert found == [f"plan: benefit[1]: step[2]: more_a_disease: {problem}"]


# --- no limit for some --------------------------------------------------------------------------------------------------

FOR_SOME = '[{ yuan = 300.00 }, { status = "retired", yuan = "unlimited" }]'


@pytest.mark.parametrize("per", ["visit", "year", "month"])
def test_who_has_no_limit_is_paid_all_and_counts_all_the_same(per: str) -> None:
    """Retired: 500 of 1,000; working with the second visit: nothing is left of 300, or of a visit 300."""
    person = Patient(HALF, cap(f'per = "{per}"\nshared = "s"' if per != "visit" else 'per = "visit"', FOR_SOME))
    assert pool(person.visit(100_000, psn_type="12"), person.visit(100_000)) == [50_000, 30_000 if per == "visit" else 0]


@pytest.mark.parametrize("counts", ["fees", "gross_fees"])
def test_of_fees_too(counts: str) -> None:
    """900 behind a deductible of 100: 450; of the working 300, or 200, at 50 %."""
    steps = FIRST_100, cap(f'per = "visit"\ncounts = "{counts}"', FOR_SOME), HALF
    assert pool(*(Patient(*steps, psn_type=code).visit(100_000) for code in ("12", "11"))) == [45_000, 15_000 if counts == "fees" else 10_000]


def test_a_disease_without_a_limit_is_the_highest_of_several() -> None:
    amount = '[{ disease = "M1", yuan = 300.00 }, { disease = "M2", yuan = "unlimited" }]'
    found = Patient(HALF, cap('per = "year"\nmore_a_disease = 50.00', amount), approved={"M1": None, "M2": None}).visit(100_000, dise_codg="M1")
    told = found.steps[2]
    assert (found.hifp_pay, told.value, told.facts["disease"]) == (50_000, None, "M2") and "diseases" not in told.facts


@pytest.mark.parametrize(("amount", "problem"), [
    ('[{ yuan = "unlimited" }]', "amount: is unlimited in every row, and bounds nothing; remove it, or write a limit"),
    ('[{ yuan = "none" }]', "amount[1]: yuan: needs an amount in yuan, such as 300.00"),
])
def test_a_limit_that_is_none_or_no_number(amount: str, problem: str) -> None:
    found: list[str] = []
    plan(benefit(HALF, cap('per = "year"', amount)), problems=found)
    assert [one.removeprefix("plan: benefit[1]: step[2]: ") for one in found] == [problem]


def test_only_what_is_paid_can_be_without_a_limit() -> None:
    found: list[str] = []
    plan(benefit(FIRST_100.replace("100.00", '"unlimited"'), HALF), problems=found)
    assert found == ["plan: benefit[1]: step[1]: amount[1]: yuan: needs an amount in yuan, such as 300.00"]


# --- what lies above are the fees ---------------------------------------------------------------------------------------

LARGE = '"supplement"\nname = "large"\nfund = "hifob_pay"\nof = ["over_cap"]\nper = "year"\nband = [{ of = 0.90 }]'
TWO = '"bands"\nband = [{ upto = 10000.00, of = 0.80 }, { of = 0.90 }]'


def fees_above(per: str = "year", yuan: str = "6000.00") -> str:
    return cap(f'per = "{per}"\nabove = "fees"', f"[{{ yuan = {yuan} }}]")


def test_another_fund_goes_on_with_the_fees_above_a_cap_on_payments() -> None:
    """10,000 x 90 % = 9,000, at most 6,000: paid of 6,000 / 90 % = 6,666.67. Above lie 3,333.33: large amounts pay 3,000.00 of them; of
    the payments that were cut alone it would be 3,000 x 90 % = 2,700."""
    steps = '"ratio"\nratio = [{ of = 0.90 }]', fees_above(), LARGE
    found = Patient(*steps).visit(1_000_000)
    assert (found.hifp_pay, found.hifob_pay) == (600_000, 300_000)
    assert found.psn_parts == {"coinsurance": 66_667, "over_cap": 33_333}
    cut = Patient(steps[0], steps[1].replace('"fees"', '"payments"'), LARGE).visit(1_000_000)
    assert (cut.hifob_pay, cut.psn_parts) == (270_000, {"coinsurance": 100_000, "over_cap": 30_000})


@pytest.mark.parametrize(("yuan", "over", "coinsurance"), [
    ("17000.00", 0, 300_000),           # all that is paid
    ("12500.00", 500_000, 250_000),     # 4,500 / 90 % = 5,000 of the second band
    ("8000.00", 1_000_000, 200_000),    # the whole of it, 9,000 and 1,000
    ("6000.00", 1_250_000, 150_000),    # and 2,000 / 80 % = 2,500 of the first
    ("0.00", 2_000_000, 0),
])
def test_the_last_bands_lie_above_first(yuan: str, over: int, coinsurance: int) -> None:
    """10,000 x 80 % + 10,000 x 90 % = 17,000."""
    found = Patient(TWO, fees_above(yuan=yuan)).visit(2_000_000)
    assert (found.psn_parts.get("over_cap", 0), found.psn_parts.get("coinsurance", 0)) == (over, coinsurance)


def test_a_second_cap_goes_on_where_the_first_has_cut() -> None:
    """17,000; a visit 10,000: 7,000 of the second band, 7,000 / 90 % = 7,777.78 of fees. The year 7,000: its other 2,000, with 222.22 of
    coinsurance, and 1,000 of the first band, with 250."""
    found = Patient(TWO, fees_above("visit", "10000.00"), fees_above("year", "7000.00")).visit(2_000_000)
    assert [one.facts["coinsurance"] for one in found.steps if one.kind == "cap"] == ["77778", "47222"]
    assert found.psn_parts == {"over_cap": 1_125_000, "coinsurance": 175_000}


def test_where_all_is_cut_all_fees_lie_above_to_the_fen() -> None:
    """1.00 x 33.3333 % = 0.33, which are of 0.99 computed back."""
    assert Patient('"ratio"\nratio = [{ of = 0.333333 }]', fees_above(yuan="0.00")).visit(100).psn_parts == {"over_cap": 100}


def test_what_a_guarantee_paid_lies_above_first_and_has_no_coinsurance() -> None:
    """1,000 x 60 % = 600, up to 900 of the whole: 300, of the coinsurance of 400. At most 750: 150 of the guarantee."""
    guarantee = '"guarantee"\ncosts = "total"\nratio = [{ of = 0.90 }]\npays = ["coinsurance"]'
    steps = '"ratio"\nratio = [{ of = 0.60 }]', guarantee
    assert Patient(*steps, fees_above(yuan="750.00")).visit(100_000).psn_parts == {"coinsurance": 10_000, "over_cap": 15_000}
    # at most 300: the 300 of the guarantee, and 300 of 600: 500 of fees with 200 of coinsurance, of which the guarantee has left 100
    assert Patient(*steps, fees_above(yuan="300.00")).visit(100_000).psn_parts == {"over_cap": 70_000}


def test_items_that_no_cap_counts_do_not_lie_above() -> None:
    """An item of 1,000 x 60 % beside it; 1,000 x 50 %, at most 300: 200, of fees of 400."""
    item = '"item"\nratio = [{ item_kind = "negotiated", of = 0.60 }]\ncapped = false'
    found = Patient(item, HALF, fees_above(yuan="300.00")).visit(lines=[{"in_scope": 100_000, "item_kind": "negotiated"}, {"in_scope": 100_000}])
    assert (found.hifp_pay, found.psn_parts) == (90_000, {"coinsurance": 70_000, "over_cap": 40_000})


def test_nor_where_the_items_before_them_do() -> None:
    """Items of 1,000 x 50 %, items of 1,000 x 60 % that no cap counts, 1,000 x 50 %; at most 0: 2,000 lie above, 400 are coinsurance."""
    first, second = '"item"\nratio = [{ class = "02", of = 0.50 }]', '"item"\nratio = [{ item_kind = "negotiated", of = 0.60 }]\ncapped = false'
    lines = [{"in_scope": 100_000, "class_": "02"}, {"in_scope": 100_000, "item_kind": "negotiated"}, {"in_scope": 100_000}]
    found = Patient(first, second, HALF, fees_above(yuan="0.00")).visit(lines=lines)
    assert (found.hifp_pay, found.psn_parts) == (60_000, {"coinsurance": 40_000, "over_cap": 200_000})


def test_above_a_cap_on_fees_lie_fees_anyway() -> None:
    found: list[str] = []
    plan(benefit(cap('per = "year"\ncounts = "fees"\nabove = "fees"'), HALF), problems=found)
    assert found == ["plan: benefit[1]: step[1]: above: goes with counts = payments: what lies above a cap on fees are fees anyway; remove it"]
