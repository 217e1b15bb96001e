"""What the year holds on paper: accumulators and stays, purses, what is left, allowances, and an advance payment."""

from pathlib import Path

import pytest

from contracts.events.claim import ClaimSettled
from contracts.money import yuan
from policies.statement import Section, year
from policies.statement.claim import advance, parts_of, person, shares
from policies.statement.words import Words, accumulated
from tests.policies.sheets import settled

ZH, EN = Words("zh"), Words("en")
PLAIN = '"ratio"\nratio = [{ of = 0.80 }]'
DEDUCTIBLE = '"deductible"\nper = "year"\namount = [{ yuan = 300.00 }]'
CAP = '"cap"\nper = "year"\namount = [{ yuan = 4000.00 }]'


def cells(section: Section | None) -> list[tuple[str, ...]]:
    assert section is not None
    return [row.cells for row in section.rows]


def one(folder: Path, steps: tuple[str, ...], case: str) -> ClaimSettled:
    return settled(folder, steps, case)[1][-1]


# --- what is left of the year ---------------------------------------------------------------------------------------------


def test_yearly_caps_and_deductibles_say_what_is_left(tmp_path: Path) -> None:
    """Deductible 300.00, 100.00 paid before: 200.00 due. (1,000.00 - 200.00) x 80 % = 640.00 with 500.00 before: 1,140.00 of
    4,000.00, which leaves 2,860.00; of the deductible nothing is left."""
    book, (body,) = settled(tmp_path, (DEDUCTIBLE, PLAIN, CAP), "in_scope = 1000.00\nbefore = { deductible = 100.00, pool = 500.00 }")
    assert cells(year.room(body, book, ZH)) == [
        ("起付标准（住院）", "300.00", "300.00", "0.00"), ("最高支付限额（住院）", "4,000.00", "1,140.00", "2,860.00")]
    assert cells(year.room(body, book, EN)) == [
        ("deductible (inpatient)", "300.00", "300.00", "0.00"), ("cap (inpatient)", "4,000.00", "1,140.00", "2,860.00")]
    assert year.room(body, None, ZH) is None, "the rulebook is not at hand"


def test_a_ceiling_of_deductibles_says_what_is_left(tmp_path: Path) -> None:
    """200.00 a visit, at most 300.00 a year, 50.00 before: 250.00 of 300.00, 50.00 are left."""
    steps = ('"deductible"\nper = "visit"\namount = [{ yuan = 200.00 }]\nyear_ceiling = 300.00', PLAIN)
    book, (body,) = settled(tmp_path, steps, "in_scope = 1000.00\nbefore = { deductible = 50.00 }")
    assert cells(year.room(body, book, ZH)) == [("全年起付线封顶（住院）", "300.00", "250.00", "50.00")]


def test_limits_of_a_month_say_what_is_left(tmp_path: Path) -> None:
    """100.00 first, 30.00 paid in March: 70.00. (1,000.00 - 70.00) x 80 % = 744.00, with 100.00 before 844.00 of 2,000.00; of M01
    at most 800.00, 50.00 counted: 750.00 are left, 744.00 paid, 794.00 used."""
    steps = ('"deductible"\nper = "month"\namount = [{ yuan = 100.00 }]', PLAIN, '"cap"\nper = "month"\namount = [{ yuan = 2000.00 }]',
             '"cap"\nper = "month"\nby_disease = true\namount = [{ yuan = 800.00 }]')
    before = '"inpatient.deductible#m03" = 30.00, "cap.inpatient.payments#m03" = 100.00, "cap.inpatient.payments.M01#m03" = 50.00'
    book, (body,) = settled(tmp_path, steps, f'in_scope = 1000.00\ndise_codg = "M01"\nbefore = {{ {before} }}')
    assert cells(year.room(body, book, ZH)) == [
        ("起付标准，3 月（住院）", "100.00", "100.00", "0.00"), ("最高支付限额，3 月（住院）", "2,000.00", "844.00", "1,156.00"),
        ("该病种最高支付限额，3 月（住院）", "800.00", "794.00", "6.00")]
    assert cells(year.room(body, book, EN))[2][0] == "cap of the disease, month 3 (inpatient)"


def test_a_ceiling_over_levels_that_count_apart_says_what_all_of_them_used(tmp_path: Path) -> None:
    """200.00 at level 2 and, of level 3's 300.00, 400.00 - 200.00 = 200.00: the ceiling is full; of level 3's 100.00 are not charged."""
    steps = ('"deductible"\nper = "year"\nby_level = true\namount = [{ level = "2", yuan = 200.00 }, { level = "3", yuan = 300.00 }]\nyear_ceiling = 400.00', PLAIN)
    book, bodies = settled(tmp_path, steps, 'in_scope = 1000.00\n[[case.visit]]\nlevel = "2"\n[[case.visit]]\nlevel = "3"')
    assert cells(year.room(bodies[-1], book, ZH)) == [
        ("起付标准（住院）", "300.00", "200.00", "100.00"), ("全年起付线封顶（住院）", "400.00", "400.00", "0.00")]


def test_caps_by_name_by_disease_and_of_supplements_say_what_is_left(tmp_path: Path) -> None:
    """Shared cap on fees: 2,000.00 before + 500.00 = 2,500.00 of 10,000.00. Disease: 100.00 before + 500.00 = 600.00 of
    1,000.00. Critical illness: coinsurance 500.00 x 20 % = 100.00, all of it above 0.00, x 50 % = 50.00 of 700.00."""
    critical = ('then "supplement"\nname = "critical"\nfund = "hifmi_pay"\nof = ["coinsurance"]\nper = "year"\n'
                'band = [{ of = 0.50 }]\ncap = [{ yuan = 700.00 }]')
    steps = (
        '"cap"\nper = "year"\ncounts = "fees"\nshared = "s"\namount = [{ yuan = 10000.00 }]',
        '"cap"\nper = "disease"\ncounts = "fees"\namount = [{ yuan = 1000.00 }]', PLAIN, critical,
    )
    case = 'in_scope = 500.00\ndise_codg = "M01"\nbefore = { "cap.s" = 2000.00, "cap.inpatient.fees.M01" = 100.00 }'
    book, (body,) = settled(tmp_path, steps, case)
    assert cells(year.room(body, book, ZH)) == [
        ("最高支付限额（住院）", "10,000.00", "2,500.00", "7,500.00"), ("该病种最高支付限额（住院）", "1,000.00", "600.00", "400.00"),
        ("居民大病保险限额", "700.00", "50.00", "650.00"),
    ]


def test_what_a_benefit_of_the_same_name_counts_is_none_of_a_disease(tmp_path: Path) -> None:
    """A cap on the benefit's fees beside one of each disease whose shared name is the benefit's: 1,000.00 of fees; 800.00 paid."""
    steps = ('"cap"\nper = "year"\ncounts = "fees"\namount = [{ yuan = 5000.00 }]', PLAIN,
             '"cap"\nper = "disease"\nshared = "inpatient"\namount = [{ yuan = 3000.00 }]')
    book, (body,) = settled(tmp_path, steps, 'in_scope = 1000.00\ndise_codg = "M01"')
    assert cells(year.room(body, book, ZH)) == [
        ("最高支付限额（住院）", "5,000.00", "1,000.00", "4,000.00"), ("该病种最高支付限额（住院）", "3,000.00", "800.00", "2,200.00")]


def test_a_limit_of_each_disease_and_month_is_none_of_its_year(tmp_path: Path) -> None:
    """1,000.00 x 80 % = 800.00, of at most 900.00 in March and 3,000.00 in the year, of M01 each."""
    steps = (PLAIN, '"cap"\nper = "month"\nby_disease = true\namount = [{ yuan = 900.00 }]', '"cap"\nper = "disease"\namount = [{ yuan = 3000.00 }]')
    book, (body,) = settled(tmp_path, steps, 'in_scope = 1000.00\ndise_codg = "M01"')
    assert cells(year.room(body, book, ZH)) == [
        ("该病种最高支付限额，3 月（住院）", "900.00", "800.00", "100.00"), ("该病种最高支付限额（住院）", "3,000.00", "800.00", "2,200.00")]


def test_a_limit_that_does_not_hold_leaves_nothing_to_say(tmp_path: Path) -> None:
    cap = '"cap"\nper = "year"\namount = [{ yuan = 100.00 }, { level = "3", yuan = "unlimited" }]'
    book, (body,) = settled(tmp_path, (PLAIN, cap), "in_scope = 1000.00")
    assert year.room(body, book, ZH) is None


def test_without_yearly_limits_nothing_is_left_to_say(tmp_path: Path) -> None:
    book, (body,) = settled(tmp_path, (PLAIN,), "in_scope = 500.00")
    assert year.room(body, book, ZH) is None


# --- accumulators, the stay, purses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("chronic.hifp_pay", "门诊慢特病统筹基金支付累计", "chronic diseases: paid by the pool"),
        ("inpatient.deductible.2", "住院起付线累计（二级）", "inpatient: deductible paid (level 2)"),
        ("inpatient.banded", "住院分段累计", "inpatient: measured by bands"),
        ("inpatient.last_deductible", "住院上次起付线", "inpatient: deductible of the last stay"),
        ("inpatient.last_enddate", "住院上次出院日期", "inpatient: last discharge"),
        ("inpatient.apart", "住院不计封顶的统筹支付累计", "inpatient: paid by the pool outside caps"),
        ("deductible.radio", "合并起付线累计（radio）", "deductible shared (radio)"),
        ("cap.chronic", "限额累计（门诊慢特病）", "counted by cap (chronic diseases)"),
        ("cap.chronic.M01", "限额累计（门诊慢特病，M01）", "counted by cap (chronic diseases, M01)"),
        ("cap.outpatient.gross_fees", "限额累计（门诊，含起付线的费用）", "counted by cap (outpatient, fees with the deductible)"),
        ("cap.chronic.payments.M01", "限额累计（门诊慢特病，支付额，M01）", "counted by cap (chronic diseases, payments, M01)"),
        ("cap.chronic.payments.M01#m03", "限额累计（门诊慢特病，支付额，M01，3 月）", "counted by cap (chronic diseases, payments, M01, month 3)"),
        ("outpatient.deductible.2.H1#q4", "门诊起付线累计（二级，H1，第 4 季度）", "outpatient: deductible paid (level 2, H1, quarter 4)"),
        ("cap.chronic.payments.E11.900#m03", "限额累计（门诊慢特病，支付额，E11.900，3 月）", "counted by cap (chronic diseases, payments, E11.900, month 3)"),
        ("cap.chronic.E11.900", "限额累计（门诊慢特病，E11.900）", "counted by cap (chronic diseases, E11.900)"),
        ("deductible.both.2.H1.5#m12", "合并起付线累计（both，二级，H1.5，12 月）", "deductible shared (both, level 2, H1.5, month 12)"),
        ("critical.base", "大病保险计入费用累计", "critical illness: counted"),
        ("critical.paid", "大病保险支付累计", "critical illness: paid"),
        ("critical.zero_claim_used", "大病保险零报销奖励已用次数", "critical illness: bonus for years without a claim used"),
    ],
)
def test_accumulators_have_names(name: str, zh: str, en: str) -> None:
    assert (ZH.accumulator(name), EN.accumulator(name)) == (zh, en)


def test_accumulators_are_fen_counts_or_days() -> None:
    """2026-03-09 is day 739,684 of the calendar: 2025 years hold 739,616 days, and 68 more (31 + 28 + 9)."""
    assert 2025 * 365 + 2025 // 4 - 2025 // 100 + 2025 // 400 + 31 + 28 + 9 == 739_684
    assert accumulated("inpatient.last_enddate", 739_684) == "2026-03-09" and accumulated("inpatient.last_enddate", 0) == ""
    assert accumulated("critical.zero_claim_used", 1) == "1" and accumulated("critical.paid", 1) == "0.01"


def test_a_stay_that_goes_on_shows_its_entry(tmp_path: Path) -> None:
    """800.00 first, then (1,000.00 - 800.00) x 80 % = 160.00; then 1,000.00 x 80 % = 800.00 without a deductible."""
    steps = ('"deductible"\nper = "stay"\namount = [{ yuan = 800.00 }]\ntransfer = "difference"', PLAIN)
    case = "in_scope = 1000.00\nstay = 'A'\n[[case.visit]]\ninterim = true\nenddate = 2026-03-07\n[[case.visit]]\nenddate = 2026-03-09"
    book, (first, last) = settled(tmp_path, steps, case)
    assert cells(year.stay(first, ZH))[-1] == ("分段累计", "0.00", "0.00", "0.00")
    assert cells(year.stay(last, ZH)) == [
        ("本年第几次住院", "1", "", "1"), ("入院日期", "2026-03-05", "", "2026-03-05"), ("结算至", "2026-03-07", "", "2026-03-09"),
        ("结算次数", "1", "1", "2"), ("累计年度", "2026", "", "2026"), ("继续住院（1 是，0 否）", "1", "", "0"),
        ("起付线", "800.00", "0.00", "800.00"), ("政策范围内费用", "1,000.00", "1,000.00", "2,000.00"),
        ("统筹基金支付", "160.00", "800.00", "960.00"), ("分段累计", "0.00", "0.00", "0.00"),
    ]
    told = {name: rest for name, *rest in cells(year.accumulators(last, EN))}
    assert told["inpatient: last discharge"] == ["2026-03-07", "", "2026-03-09"]
    assert told["inpatient: stays settled"] == ["1", "0", "1"]


def test_each_sharer_of_the_wallet_has_a_row(tmp_path: Path) -> None:
    """100.00 x 20 % = 20.00: 5.00 from the account; A gives 10.00, B the other 5.00."""
    steps = (PLAIN, 'then "account"\npays = ["coinsurance"]\nwith_family = true', 'then "wallet"\npays = ["coinsurance"]')
    body = one(tmp_path, steps, 'in_scope = 100.00\nacct_used = "2"\nbalance = 5.00\nwallets = { A = 10.00, B = 30.00 }')
    assert cells(year.accumulators(body, ZH))[-3:] == [
        ("个人账户余额", "5.00", "-5.00", "0.00"), ("家庭共济余额（A）", "10.00", "-10.00", "0.00"), ("家庭共济余额（B）", "30.00", "-5.00", "25.00")]
    assert cells(shares(body, ZH))[2:5] == [("个人账户支付", "5.00"), ("家庭共济支付", "15.00"), ("个人现金支付", "0.00")]


# --- who pays -----------------------------------------------------------------------------------------------------------------


def test_an_allowance_stands_apart(tmp_path: Path) -> None:
    """A fixed sum of 3,500.00 for 2,800.00 in scope: the pool pays 2,800.00, 700.00 go to the person besides."""
    body = one(tmp_path, ('"fixed"\nmode = "fixed"\namount = [{ yuan = 3500.00 }]',), "in_scope = 2800.00")
    found = shares(body, ZH)
    assert found.notes == ("定额补贴 700.00：另发给个人，不在上列各项之内。",)
    assert cells(found)[0] == ("基本医疗保险统筹基金", "2,800.00") and cells(found)[-1] == ("医疗费总额", "2,800.00")


def test_parts_by_cause_add_up_to_the_two_totals(tmp_path: Path) -> None:
    """Own expense 50.00, over ceiling 30.00 of which the provider bears 10.00, first self-pay 20.00. In scope 1,000.00:
    10 % out of area 100.00, of 900.00 at 80 % less nothing: 180.00 coinsurance. 自费 50 + 30 - 10 = 70.00;
    自付 20 + 100 + 180 = 300.00; together 370.00."""
    out = '"out_of_area"\nmode = "first_selfpay"\nby = [{ place = "other_province", of = 0.10 }, { of = 0 }]'
    case = 'where = "other_province"\nin_scope = 1000.00\nown = 50.00\nover = 30.00\nby_provider = 10.00\nfirst = 20.00'
    body = one(tmp_path, (out, PLAIN), case)
    found = person(body, ZH)
    assert cells(found) == [
        ("全自费", "50.00"), ("超限价", "20.00"), ("先行自付", "20.00"), ("异地先行自付", "100.00"), ("按比例自付", "180.00"),
        ("个人自费", "70.00"), ("个人自付", "300.00"), ("个人负担合计", "370.00"),
    ]
    assert found.rows[5].notes == ("全自费 + 超限价 - 医药机构负担：50.00 + 30.00 - 10.00 = 70.00",)
    assert found.rows[6].notes == ("先行自付 + 异地先行自付 + 按比例自付：20.00 + 100.00 + 180.00 = 300.00",)


def test_what_a_later_fund_pays_of_own_expense_is_taken_off(tmp_path: Path) -> None:
    """An enterprise supplement pays 50 % of the own expense of 100.00: 50.00 are left."""
    enterprise = 'then "supplement"\nname = "enterprise"\nfund = "hifes_pay"\nof = ["own_expense"]\nper = "visit"\nband = [{ of = 0.50 }]'
    found = person(one(tmp_path, (PLAIN, enterprise), "in_scope = 100.00\nown = 100.00"), ZH)
    assert found.rows[-3].notes == ("全自费 + 超限价 - 基金支付：100.00 + 0.00 - 50.00 = 50.00",)
    assert found.notes == ("各项为补充基金支付后个人仍负担的部分。",)


def test_what_the_pool_guarantees_of_own_expense_is_taken_off(tmp_path: Path) -> None:
    """100.00 x 80 % = 80.00; 70 % of 200.00 are 140.00: the coinsurance of 20.00, and 40.00 of the own expense. No later fund pays."""
    guarantee = '"guarantee"\ncosts = "total"\nratio = [{ of = 0.70 }]\npays = ["coinsurance", "own_expense"]'
    found = person(one(tmp_path, (PLAIN, guarantee), "in_scope = 100.00\nown = 100.00"), ZH)
    assert found.rows[-3].notes == ("全自费 + 超限价 - 基金支付：100.00 + 0.00 - 40.00 = 60.00",) and found.notes == ()


def test_what_a_cap_cuts_of_what_was_guaranteed_is_not_said_to_be_paid(tmp_path: Path) -> None:
    """As above, 140.00; a cap of 90.00 cuts 50.00, so that of the 40.00 of own expense no fund pays any."""
    guarantee = '"guarantee"\ncosts = "total"\nratio = [{ of = 0.70 }]\npays = ["coinsurance", "own_expense"]'
    cap = '"cap"\nper = "visit"\namount = [{ yuan = 90.00 }]'
    body = one(tmp_path, (PLAIN, guarantee, cap), "in_scope = 100.00\nown = 100.00")
    assert body.settled.psn_parts == {"own_expense": 6_000, "over_cap": 5_000}
    assert person(body, ZH).rows[-3].notes == ("全自费 + 超限价 - 基金支付或超限额：100.00 + 0.00 - 40.00 = 60.00",)


def test_a_reduction_is_named(tmp_path: Path) -> None:
    """1,000.00 x (80 % - 10 points) = 700.00 instead of 800.00."""
    less = '"out_of_area"\nmode = "subtract"\nby = [{ place = "other_province", of = 0.10 }, { of = 0 }]'
    body = one(tmp_path, (less, PLAIN), 'where = "other_province"\nin_scope = 1000.00')
    assert shares(body, ZH).notes == ("因异地就医统筹基金少支付 100.00。",)
    assert cells(person(body, ZH))[:2] == [("按比例自付", "200.00"), ("异地降低", "100.00")]


def test_a_verdict_of_version_1_names_no_causes(tmp_path: Path) -> None:
    """1,000.00 - 300.00 = 700.00 x 80 % = 560.00: deductible 300.00, and 440.00 - 300.00 = 140.00 are left as coinsurance."""
    body = one(tmp_path, (DEDUCTIBLE, PLAIN), "in_scope = 1000.00")
    old = body.model_copy(update={"settled": body.settled.model_copy(update={"psn_parts": {}})})
    assert parts_of(old) == {"deductible": 30_000, "coinsurance": 14_000} == parts_of(body)


# --- an advance payment ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "name", "rest"), [(100_000, "应退", "560.00"), (44_000, "应退", "0.00"), (40_000, "应补", "40.00"), (0, "应补", "440.00")])
def test_an_advance_payment_is_refunded_or_made_up(paid: int, name: str, rest: str, tmp_path: Path) -> None:
    """Cash: 1,000.00 - (1,000.00 - 300.00) x 80 % = 440.00."""
    body = one(tmp_path, (DEDUCTIBLE, PLAIN), "in_scope = 1000.00")
    assert cells(advance(body, paid, ZH)) == [("预交金", yuan(paid)), ("个人现金支付", "440.00"), (name, rest)]
