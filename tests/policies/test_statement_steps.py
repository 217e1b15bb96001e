"""Every kind of step on paper, checked against a calculation by hand, in both languages."""

import re
from pathlib import Path

import pytest

from policies.statement.steps import KINDS, Steps
from policies.statement.words import Words
from tests.policies.sheets import settled

LADDER = '"deductible"\nper = "stay"\namount = [{ level = "3", yuan = 800.00 }]\nadmission = [{ from = 1, factor = 1 }, { from = 2, factor = 0.50 }]'
PLAIN = '"ratio"\nratio = [{ of = 0.80 }]'
BONUS = PLAIN + '\nbonus = [{ years = ">=10", points = 0.02 }]'
NOTHING = '"ratio"\nratio = [{ of = 0 }]'
LESS = '"out_of_area"\nmode = "subtract"\nby = [{ place = "other_province", of = 0.10 }, { of = 0 }]'
ELSEWHERE = 'where = "other_province"\n'
CRITICAL = 'then "supplement"\nname = "critical"\nfund = "hifmi_pay"\nof = ["coinsurance"]\nper = "year"\nthreshold = [{ yuan = 12000.00 }]\n'
OVER_NEW_YEAR = """in_scope = 300.00
begndate = 2025-12-20
stay = "A"
[[case.visit]]
interim = true
enddate = 2025-12-31
[[case.visit]]
in_scope = 1000.00
enddate = 2026-01-10"""

CASES = {
    "a ladder by admission": (
        # second stay: 800.00 x 50 % = 400.00; 1,000.00 - 400.00 = 600.00
        (LADDER, PLAIN), "in_scope = 1000.00\nbefore = { admissions = 1 }", "deductible",
        [["起付标准 800.00（机构级别：三级，本年第 2 次住院）", "第 2 次住院：800.00 × 50% = 400.00", "进入统筹：1,000.00 - 400.00 = 600.00"]],
        [["Deductible 800.00 (level of the provider: level 3, stay 2 of the year)", "Stay 2: 800.00 × 50% = 400.00",
          "Goes on to the pool: 1,000.00 - 400.00 = 600.00"]],
    ),
    "a ladder with a floor": (
        # 400.00 lies below the floor of 500.00: 1,000.00 - 500.00 = 500.00
        (LADDER + "\nfloor = 500.00", PLAIN), "in_scope = 1000.00\nbefore = { admissions = 1 }", "deductible",
        [["起付标准 800.00（机构级别：三级，本年第 2 次住院）", "第 2 次住院：800.00 × 50% = 400.00，最低 500.00",
          "进入统筹：1,000.00 - 500.00 = 500.00"]],
        [["Deductible 800.00 (level of the provider: level 3, stay 2 of the year)", "Stay 2: 800.00 × 50% = 400.00, at least 500.00",
          "Goes on to the pool: 1,000.00 - 500.00 = 500.00"]],
    ),
    "a deductible of the year under a ceiling": (
        # 300.00 - 200.00 paid = 100.00, of which the ceiling of 250.00 leaves 50.00
        ('"deductible"\nper = "year"\namount = [{ yuan = 300.00 }]\nyear_ceiling = 250.00', PLAIN),
        "in_scope = 1000.00\nbefore = { deductible = 200.00 }", "deductible",
        [["起付标准 300.00", "本年已付 200.00，本次应付：300.00 - 200.00 = 100.00", "全年起付线封顶 250.00，本次应付 50.00",
          "进入统筹：1,000.00 - 50.00 = 950.00"]],
        [["Deductible 300.00", "Paid before in the year: 200.00; due now: 300.00 - 200.00 = 100.00", "Ceiling of the year 250.00: due now 50.00",
          "Goes on to the pool: 1,000.00 - 50.00 = 950.00"]],
    ),
    "a deductible of a stay that goes on": (
        # 800.00 at the interim settlement, nothing more at the last one
        ('"deductible"\nper = "stay"\namount = [{ yuan = 800.00 }]', PLAIN),
        'in_scope = 1000.00\nstay = "A"\n[[case.visit]]\ninterim = true\n[[case.visit]]\nenddate = 2026-03-09', "deductible",
        [["起付标准 800.00", "此前已付 800.00，本次不再应付", "进入统筹：1,000.00 - 0.00 = 1,000.00"]],
        [["Deductible 800.00", "Paid before: 800.00; nothing more is due", "Goes on to the pool: 1,000.00 - 0.00 = 1,000.00"]],
    ),
    "a stay that goes on when the ceiling of the year is full": (
        # 300.00 of 800.00 with the first bill; another stay pays 800.00 of the 900.00 that are left; 100.00 of 500.00 remain
        ('"deductible"\nper = "stay"\namount = [{ yuan = 800.00 }]\nyear_ceiling = 1200.00', PLAIN),
        'in_scope = 1000.00\n[[case.visit]]\nin_scope = 300.00\nstay = "A"\ninterim = true\n[[case.visit]]\nstay = "B"\n[[case.visit]]\nstay = "A"',
        "deductible",
        [["起付标准 800.00", "此前已付 300.00，本次应付：800.00 - 300.00 = 500.00", "全年起付线封顶 1,200.00，本次应付 100.00",
          "进入统筹：1,000.00 - 100.00 = 900.00"]],
        [["Deductible 800.00", "Paid before: 300.00; due now: 800.00 - 300.00 = 500.00", "Ceiling of the year 1,200.00: due now 100.00",
          "Goes on to the pool: 1,000.00 - 100.00 = 900.00"]],
    ),
    "a stay that goes on in a year that charges no more": (
        # 300.00 of 800.00 could be charged in 2025; the rest is not charged in 2026
        ('"deductible"\nper = "stay"\nacross = "none"\namount = [{ yuan = 800.00 }]', PLAIN), OVER_NEW_YEAR, "deductible",
        [["起付标准 800.00", "住院延续，此前已付 + 尚应付：300.00 + 0.00 = 300.00", "此前已付 300.00，本次不再应付",
          "进入统筹：1,000.00 - 0.00 = 1,000.00"]],
        [["Deductible 800.00", "The stay goes on, paid before + still due: 300.00 + 0.00 = 300.00",
          "Paid before: 300.00; nothing more is due", "Goes on to the pool: 1,000.00 - 0.00 = 1,000.00"]],
    ),
    "a ladder that goes on in a year of its own": (
        # the second stay of 2025, 400.00, of which 300.00 were charged, is the first of 2026: the rest of 400.00, not of 800.00
        (LADDER, PLAIN), "before = { admissions = 1 }\n" + OVER_NEW_YEAR, "deductible",
        [["起付标准 800.00（机构级别：三级，本年第 1 次住院）", "住院延续，此前已付 + 尚应付：300.00 + 100.00 = 400.00",
          "此前已付 300.00，本次应付：400.00 - 300.00 = 100.00", "进入统筹：1,000.00 - 100.00 = 900.00"]],
        [["Deductible 800.00 (level of the provider: level 3, stay 1 of the year)",
          "The stay goes on, paid before + still due: 300.00 + 100.00 = 400.00", "Paid before: 300.00; due now: 400.00 - 300.00 = 100.00",
          "Goes on to the pool: 1,000.00 - 100.00 = 900.00"]],
    ),
    "a ratio with a bonus and a reduction": (
        # 80 % + 2 - 10 points = 72 %; 10,000.00 x 72 % = 7,200.00; insured since 2010-01-01: 16 years
        (LESS, BONUS), ELSEWHERE + "in_scope = 10000.00\nconti_insu_date = 2010-01-01", "ratio",
        [["支付比例：80% + 2 个百分点 - 10 个百分点 = 72%", "10,000.00 × 72% = 7,200.00（连续参保：16 年）"]],
        [["Ratio: 80% + 2 points - 10 points = 72%", "10,000.00 × 72% = 7,200.00 (insured without a break: 16 years)"]],
    ),
    "a bonus that reaches its most": (
        # 80 % + 2 points, at most 81 %: 10,000.00 x 81 % = 8,100.00
        (BONUS + "\nbonus_most = 0.81",), "in_scope = 10000.00\nconti_insu_date = 2010-01-01", "ratio",
        [["支付比例：80% + 2 个百分点（最高 81%） = 81%", "10,000.00 × 81% = 8,100.00（连续参保：16 年）"]],
        [["Ratio: 80% + 2 points (at most 81%) = 81%", "10,000.00 × 81% = 8,100.00 (insured without a break: 16 years)"]],
    ),
    "a ratio that is multiplied": (
        # 80 % x 90 % = 72 %; 10,000.00 x 72 % = 7,200.00
        (LESS.replace("subtract", "multiply").replace("0.10", "0.90").replace("of = 0 ", "of = 1 "), PLAIN), ELSEWHERE + "in_scope = 10000.00", "ratio",
        [["支付比例：80% × 90% = 72%", "10,000.00 × 72% = 7,200.00"]],
        [["Ratio: 80% × 90% = 72%", "10,000.00 × 72% = 7,200.00"]],
    ),
    "points off": (
        (LESS, PLAIN), ELSEWHERE + "in_scope = 10000.00", "out_of_area",
        [["其后各支付比例 - 10 个百分点（就医地：跨省异地）"]], [["Each ratio behind it - 10 points (place of care: in another province)"]],
    ),
    "a factor": (
        (LESS.replace("subtract", "multiply").replace("0.10", "0.90").replace("of = 0 ", "of = 1 "), PLAIN), ELSEWHERE + "in_scope = 10000.00", "out_of_area",
        [["其后各支付比例 × 90%（就医地：跨省异地）"]], [["Each ratio behind it × 90% (place of care: in another province)"]],
    ),
    "no reduction at home": ((LESS, PLAIN), "in_scope = 10000.00", "out_of_area", [["支付比例不降低"]], [["The ratios are not lowered"]]),
    "a first self-pay out of area": (
        # 10,000.00 x 10 % = 1,000.00; 9,000.00 go on
        (LESS.replace("subtract", "first_selfpay"), PLAIN), ELSEWHERE + "in_scope = 10000.00", "out_of_area",
        [["异地先行自付：10,000.00 × 10% = 1,000.00（就医地：跨省异地）", "其余：10,000.00 - 1,000.00 = 9,000.00"]],
        [["First self-pay out of area: 10,000.00 × 10% = 1,000.00 (place of care: in another province)", "The rest: 10,000.00 - 1,000.00 = 9,000.00"]],
    ),
    "what the reduction takes": (
        # 10,000.00 x 80 % = 8,000.00 unreduced, 7,000.00 reduced
        (LESS, PLAIN), ELSEWHERE + "in_scope = 10000.00", "reduction",
        [["不降低时统筹支付 - 降低后统筹支付：8,000.00 - 7,000.00 = 1,000.00", "个人负担的构成按不降低时计算，少支付的部分列为异地降低"]],
        [["Paid by the pool unreduced - reduced: 8,000.00 - 7,000.00 = 1,000.00",
          "The person's part by cause is that of the unreduced calculation; what is paid less is the reduction"]],
    ),
    "bands from zero (W014)": (
        # 19,100 x 68 % + 20,000 x 73 % + 49,400 x 78 % = 12,988 + 14,600 + 38,532
        ('"deductible"\nper = "visit"\namount = [{ yuan = 900.00 }]',
         '"bands"\nband = [{ upto = 20000.00, of = 0.68 }, { upto = 40000.00, of = 0.73 }, { of = 0.78 }]'), "in_scope = 89400.00", "bands",
        [["分段起点（此前累计 + 起付线）：0.00 + 900.00 = 900.00", "分段：0.00 以上至 20,000.00；本次在此段：20,000.00 - 900.00 = 19,100.00",
          "19,100.00 × 68% = 12,988.00"],
         ["分段：20,000.00 以上至 40,000.00；本次在此段：40,000.00 - 20,000.00 = 20,000.00", "20,000.00 × 73% = 14,600.00"],
         ["分段：40,000.00 以上；本次在此段：89,400.00 - 40,000.00 = 49,400.00", "49,400.00 × 78% = 38,532.00"]],
        [["Bands begin at (before + deductible): 0.00 + 900.00 = 900.00", "Band: above 0.00 up to 20,000.00; of this visit: 20,000.00 - 900.00 = 19,100.00",
          "19,100.00 × 68% = 12,988.00"],
         ["Band: above 20,000.00 up to 40,000.00; of this visit: 40,000.00 - 20,000.00 = 20,000.00", "20,000.00 × 73% = 14,600.00"],
         ["Band: above 40,000.00; of this visit: 89,400.00 - 40,000.00 = 49,400.00", "49,400.00 × 78% = 38,532.00"]],
    ),
    "bands on payments that go on over the year": (
        # 900.00 of 1,000.00 paid before: 200.00 x 50 % = 100.00 fill the band, the other 800.00 x 25 % = 200.00
        ('"bands"\nmeasured = "payments"\ncontinues = "year"\nband = [{ upto = 1000.00, of = 0.50 }, { of = 0.25 }]',),
        'in_scope = 1000.00\nbefore = { "inpatient.banded" = 900.00 }', "bands",
        [["按支付额分段，此前已支付 900.00", "分段：0.00 以上至 1,000.00；本次在此段：1,000.00 - 900.00 = 100.00", "200.00 × 50% = 100.00"],
         ["分段：1,000.00 以上；本次在此段：1,200.00 - 1,000.00 = 200.00", "800.00 × 25% = 200.00"]],
        [["Bands on payments; paid before: 900.00", "Band: above 0.00 up to 1,000.00; of this visit: 1,000.00 - 900.00 = 100.00", "200.00 × 50% = 100.00"],
         ["Band: above 1,000.00; of this visit: 1,200.00 - 1,000.00 = 200.00", "800.00 × 25% = 200.00"]],
    ),
    "a cap of the year in payments": (
        # 500.00 x 80 % = 400.00; 4,000.00 - 3,900.00 = 100.00 are left; 300.00 above
        (PLAIN, '"cap"\nper = "year"\namount = [{ yuan = 4000.00 }]'), "in_scope = 500.00\nbefore = { pool = 3900.00 }", "cap",
        [["年度限额 4,000.00（按统筹支付额计）", "限额 - 本年已计：4,000.00 - 3,900.00 = 100.00", "取 400.00 与 100.00 中较小者 = 100.00",
          "超出部分由个人负担：400.00 - 100.00 = 300.00"]],
        [["Limit of the year 4,000.00 (counted in payments)", "Limit - counted before in the year: 4,000.00 - 3,900.00 = 100.00",
          "The smaller of 400.00 and 100.00 = 100.00", "What lies above is the person's: 400.00 - 100.00 = 300.00"]],
    ),
    "a cap in gross fees": (
        # 9,000.00 - 500.00 = 8,500.00 open; 10,000.00 - 2,000.00 - 500.00 = 7,500.00 are left; 1,000.00 above
        ('"deductible"\nper = "visit"\namount = [{ yuan = 500.00 }]', '"cap"\nper = "year"\ncounts = "gross_fees"\nshared = "s"\namount = [{ yuan = 10000.00 }]', PLAIN),
        'in_scope = 9000.00\nbefore = { "cap.s" = 2000.00 }', "cap",
        [["年度限额 10,000.00（按含起付线的费用计）", "限额 - 本年已计 - 本次起付线：10,000.00 - 2,000.00 - 500.00 = 7,500.00",
          "取 8,500.00 与 7,500.00 中较小者 = 7,500.00", "超出部分由个人负担：8,500.00 - 7,500.00 = 1,000.00"]],
        [["Limit of the year 10,000.00 (counted in fees with the deductible)",
          "Limit - counted before in the year - deductible: 10,000.00 - 2,000.00 - 500.00 = 7,500.00",
          "The smaller of 8,500.00 and 7,500.00 = 7,500.00", "What lies above is the person's: 8,500.00 - 7,500.00 = 1,000.00"]],
    ),
    "a deductible of a month": (
        # 100.00 - 30.00 paid in March = 70.00; 1,000.00 - 70.00 = 930.00
        ('"deductible"\nper = "month"\namount = [{ yuan = 100.00 }]', PLAIN),
        'in_scope = 1000.00\nbefore = { deductible = 80.00, "inpatient.deductible#m03" = 30.00 }', "deductible",
        [["起付标准 100.00（3 月）", "本月已付 30.00，本次应付：100.00 - 30.00 = 70.00", "进入统筹：1,000.00 - 70.00 = 930.00"]],
        [["Deductible 100.00 (month 3)", "Paid before in the month: 30.00; due now: 100.00 - 30.00 = 70.00", "Goes on to the pool: 1,000.00 - 70.00 = 930.00"]],
    ),
    "a cap of a quarter of each disease": (
        # 1,000.00 x 80 % = 800.00, 500.00 - 100.00 counted in the quarter = 400.00
        (PLAIN, '"cap"\nper = "quarter"\nby_disease = true\namount = [{ yuan = 500.00 }]'),
        'in_scope = 1000.00\ndise_codg = "M01"\nbefore = { "cap.inpatient.payments.M01#q1" = 100.00 }', "cap",
        [["季度限额 500.00（按统筹支付额计，第 1 季度，病种：M01）", "限额 - 本季度已计：500.00 - 100.00 = 400.00", "取 800.00 与 400.00 中较小者 = 400.00",
          "超出部分由个人负担：800.00 - 400.00 = 400.00"]],
        [["Limit of the quarter 500.00 (counted in payments, quarter 1, disease: M01)", "Limit - counted before in the quarter: 500.00 - 100.00 = 400.00",
          "The smaller of 800.00 and 400.00 = 400.00", "What lies above is the person's: 800.00 - 400.00 = 400.00"]],
    ),
    "a cap above which lie fees": (
        # 1,000.00 x 80 % = 800.00, 600.00 are left: 200.00, of fees of 200.00 / 80 % = 250.00
        (PLAIN, '"cap"\nper = "year"\nabove = "fees"\namount = [{ yuan = 600.00 }]'), "in_scope = 1000.00", "cap",
        [["年度限额 600.00（按统筹支付额计）", "限额 - 本年已计：600.00 - 0.00 = 600.00", "取 800.00 与 600.00 中较小者 = 600.00",
          "超出部分由个人负担：800.00 - 600.00 = 200.00", "超出的支付额 + 其费用的按比例自付 = 限额以上的费用：200.00 + 50.00 = 250.00"]],
        [["Limit of the year 600.00 (counted in payments)", "Limit - counted before in the year: 600.00 - 0.00 = 600.00",
          "The smaller of 800.00 and 600.00 = 600.00", "What lies above is the person's: 800.00 - 600.00 = 200.00",
          "Payments above + the coinsurance of their fees = fees above: 200.00 + 50.00 = 250.00"]],
    ),
    "a cap that does not hold": (
        (PLAIN, '"cap"\nper = "year"\namount = [{ yuan = 100.00 }, { level = "3", yuan = "unlimited" }]'), "in_scope = 1000.00", "cap",
        [["年度限额：不设（按统筹支付额计，机构级别：三级）"]], [["Limit of the year: none (counted in payments, level of the provider: level 3)"]],
    ),
    "a cap of critical illness that does not hold": (
        (NOTHING, CRITICAL + 'band = [{ of = 0.60 }]\ncap = [{ yuan = 100.00 }, { level = "3", yuan = "unlimited" }]'), "in_scope = 15000.00", "supplement_cap",
        [["限额：不设（居民大病保险，机构级别：三级）"]], [["Limit: none (residents' critical illness, level of the provider: level 3)"]],
    ),
    "a cap of several diseases": (
        # 2,000.00 x 80 % = 1,600.00; 1,000.00 of M01, the claim's own, 1,200.00 of M02 and of M03: 1,200.00 + 300.00 x 2 = 1,800.00
        (PLAIN, '"cap"\nper = "year"\nmore_a_disease = 300.00\namount = [{ disease = "M01", yuan = 1000.00 }, { disease = ["M02", "M03"], yuan = 1200.00 }]'),
        'in_scope = 2000.00\ndise_codg = "M01"\napproved = ["M01", "M02", "M03", "M09"]', "cap",
        [["年度限额 1,200.00（按统筹支付额计，病种：M02）", "3 个病种，取限额最高的，每多一个另加：1,200.00 + 300.00 × 2 = 1,800.00",
          "限额 - 本年已计：1,800.00 - 0.00 = 1,800.00", "取 1,600.00 与 1,800.00 中较小者 = 1,600.00"]],
        [["Limit of the year 1,200.00 (counted in payments, disease: M02)",
          "3 diseases, the highest limit and more for each further one: 1,200.00 + 300.00 × 2 = 1,800.00",
          "Limit - counted before in the year: 1,800.00 - 0.00 = 1,800.00", "The smaller of 1,600.00 and 1,800.00 = 1,600.00"]],
    ),
    "a cap of a day of bed": (
        # 2026-03-05 to 03-10 are 5 days: 100.00 x 5 = 500.00; 1,000.00 x 80 % = 800.00; 300.00 above
        (PLAIN, '"cap"\nper = "bed_day"\namount = [{ yuan = 100.00 }]'), "in_scope = 1000.00\nenddate = 2026-03-10", "cap",
        [["床日限额 100.00 × 5 日 = 500.00（按统筹支付额计）", "取 800.00 与 500.00 中较小者 = 500.00", "超出部分由个人负担：800.00 - 500.00 = 300.00"]],
        [["Limit by bed days 100.00 × 5 days = 500.00 (counted in payments)", "The smaller of 800.00 and 500.00 = 500.00",
          "What lies above is the person's: 800.00 - 500.00 = 300.00"]],
    ),
    "a cap of a disease": (
        # 1,000.00 in fees, 400.00 counted before: 600.00 are left of 700.00
        ('"cap"\nper = "disease"\ncounts = "fees"\nshared = "d"\namount = [{ disease = "M01", yuan = 1000.00 }]', PLAIN),
        'in_scope = 700.00\ndise_codg = "M01"\nbefore = { "cap.d.M01" = 400.00 }', "cap",
        [["该病种年度限额 1,000.00（按费用计，病种：M01）", "限额 - 本年已计：1,000.00 - 400.00 = 600.00", "取 700.00 与 600.00 中较小者 = 600.00",
          "超出部分由个人负担：700.00 - 600.00 = 100.00"]],
        [["Limit of the year for the disease 1,000.00 (counted in fees, disease: M01)", "Limit - counted before in the year: 1,000.00 - 400.00 = 600.00",
          "The smaller of 700.00 and 600.00 = 600.00", "What lies above is the person's: 700.00 - 600.00 = 100.00"]],
    ),
    "a ceiling for a birth": (
        # S157: 2,800.00 in scope, at most 2,500.00
        ('"fixed"\nmode = "ceiling"\namount = [{ maternity = "natural", level = "3", yuan = 2500.00 }]',), 'in_scope = 2800.00\nmatn_type = "natural"', "fixed",
        [["限额 2,500.00（生育类别：顺产，机构级别：三级）", "取 2,800.00 与 2,500.00 中较小者 = 2,500.00", "超出部分由个人负担：2,800.00 - 2,500.00 = 300.00"]],
        [["Ceiling 2,500.00 (kind of birth: natural birth, level of the provider: level 3)", "The smaller of 2,800.00 and 2,500.00 = 2,500.00",
          "What lies above is the person's: 2,800.00 - 2,500.00 = 300.00"]],
    ),
    "a fixed sum for twins with an allowance": (
        # 2,500.00 + 1,000.00 x 1 = 3,500.00; 2,800.00 at cost, 700.00 besides
        ('"fixed"\nmode = "fixed"\namount = [{ yuan = 2500.00 }]\nmore_a_child = 1000.00',), "in_scope = 2800.00\nfetus_cnt = 2", "fixed",
        [["定额 2,500.00", "2 个胎儿：2,500.00 + 1,000.00 × 1 = 3,500.00", "取 2,800.00 与 3,500.00 中较小者 = 2,800.00",
          "定额补贴（另发给个人）：3,500.00 - 2,800.00 = 700.00"]],
        [["Fixed sum 2,500.00", "2 children: 2,500.00 + 1,000.00 × 1 = 3,500.00", "The smaller of 2,800.00 and 3,500.00 = 2,800.00",
          "Allowance (paid to the person besides): 3,500.00 - 2,800.00 = 700.00"]],
    ),
    "a fixed sum of a stay that goes on": (
        # 2,000.00 of 2,500.00 at the interim settlement: 500.00 are left, of which 200.00 at cost and 300.00 besides
        ('"fixed"\nmode = "fixed"\namount = [{ yuan = 2500.00 }]',),
        'in_scope = 2000.00\nstay = "A"\n[[case.visit]]\ninterim = true\n[[case.visit]]\nin_scope = 200.00', "fixed",
        [["定额 2,500.00", "本次住院此前已付后尚余：2,500.00 - 2,000.00 = 500.00", "取 200.00 与 500.00 中较小者 = 200.00",
          "定额补贴（另发给个人）：500.00 - 200.00 = 300.00"]],
        [["Fixed sum 2,500.00", "Left after what the stay was paid before: 2,500.00 - 2,000.00 = 500.00",
          "The smaller of 200.00 and 500.00 = 200.00", "Allowance (paid to the person besides): 500.00 - 200.00 = 300.00"]],
    ),
    "a limit of a stay that goes on": (
        # 700.00 x 80 % = 560.00 of 600.00 at the interim settlement: 40.00 are left for the next 560.00
        (PLAIN, '"cap"\nper = "visit"\namount = [{ yuan = 600.00 }]'), 'in_scope = 700.00\nstay = "A"\n[[case.visit]]\ninterim = true\n[[case.visit]]', "cap",
        [["单次限额 600.00（按统筹支付额计）", "限额 - 本次住院此前已计：600.00 - 560.00 = 40.00", "取 560.00 与 40.00 中较小者 = 40.00",
          "超出部分由个人负担：560.00 - 40.00 = 520.00"]],
        [["Limit of a visit 600.00 (counted in payments)", "Limit - counted before in the stay: 600.00 - 560.00 = 40.00",
          "The smaller of 560.00 and 40.00 = 40.00", "What lies above is the person's: 560.00 - 40.00 = 520.00"]],
    ),
    "items at their own ratio": (
        # 1,000.00 x 60 % = 600.00; the other 500.00 go on
        ('"item"\ncatalogue = true\ncapped = false', PLAIN), "lines = [{ in_scope = 1000.00, direct = 0.6 }, { in_scope = 500.00 }]", "item",
        [["按目录直接报销比例的项目，范围内 1,000.00", "1,000.00 × 60% = 600.00", "不计入封顶"]],
        [["Items paid at their own ratio, in scope: 1,000.00", "1,000.00 × 60% = 600.00", "No cap counts it"]],
    ),
    "lines without a prescription": (
        # 500.00 in scope, 100.00 of it without one
        ('"exclude"\nlines = [{ prescription = "no", out = true }]', PLAIN), "lines = [{ in_scope = 400.00 }, { in_scope = 100.00, prescription = false }]", "exclude",
        [["本待遇不予支付 100.00（有处方：否）", "其余：500.00 - 100.00 = 400.00"]],
        [["Not covered by the benefit: 100.00 (on prescription: no)", "The rest: 500.00 - 100.00 = 400.00"]],
    ),
    "a guarantee of the pool": (
        # (5,000.00 - 1,000.00) x 80 % = 3,200.00; (10,000.00 - 1,000.00) x 45 % = 4,050.00: 850.00 more
        ('"deductible"\nper = "stay"\namount = [{ yuan = 1000.00 }]', PLAIN,
         '"guarantee"\ncosts = "total"\ncounted_from = "deductible"\nratio = [{ place = "home", of = 0.45 }]\npays = ["coinsurance", "own_expense"]'),
        "in_scope = 5000.00\nown = 5000.00", "guarantee",
        [["医疗费总额 10,000.00", "计入 - 起付线：10,000.00 - 1,000.00 = 9,000.00", "保底：9,000.00 × 45% = 4,050.00（就医地：参保地内）",
          "统筹已支付，补足：4,050.00 - 3,200.00 = 850.00"]],
        [["The whole bill 10,000.00", "Counted - deductible: 10,000.00 - 1,000.00 = 9,000.00", "Guaranteed: 9,000.00 × 45% = 4,050.00 (place of care: in the place of insurance)",
          "Less what the pool paid: 4,050.00 - 3,200.00 = 850.00"]],
    ),
    "a guarantee beside the provider's part": (
        # 1,500.00 - 500.00 = 1,000.00, x 90 % = 900.00; 1,000.00 x 80 % = 800.00: 100.00 more
        (PLAIN, '"guarantee"\ncosts = "total"\nratio = [{ of = 0.90 }]\npays = ["coinsurance"]'), "in_scope = 1000.00\nover = 500.00\nby_provider = 500.00",
        "guarantee",
        [["医疗费总额 - 医药机构负担：1,500.00 - 500.00 = 1,000.00", "保底：1,000.00 × 90% = 900.00", "统筹已支付，补足：900.00 - 800.00 = 100.00"]],
        [["The whole bill - the provider's part: 1,500.00 - 500.00 = 1,000.00", "Guaranteed: 1,000.00 × 90% = 900.00",
          "Less what the pool paid: 900.00 - 800.00 = 100.00"]],
    ),
    "a guarantee that holds already": (
        # 1,000.00 x 80 % = 800.00 are more than 45 %
        (PLAIN, '"guarantee"\ncosts = "in_scope"\nratio = [{ of = 0.45 }]\npays = ["coinsurance"]'), "in_scope = 1000.00\nown = 5000.00", "guarantee",
        [["政策范围内费用 1,000.00", "保底：1,000.00 × 45% = 450.00", "统筹已支付 800.00，不低于保底，不再支付"]],
        [["In scope 1,000.00", "Guaranteed: 1,000.00 × 45% = 450.00", "Paid by the pool: 800.00, not less than guaranteed: nothing more"]],
    ),
    "a guarantee of another fund in a stay that goes on": (
        # 1,000.00 x 80 % = 800.00, up to 900.00; then 800.00 again and 3,000.00 of own expense: 5,000.00 x 90 % = 4,500.00, 900.00 + 800.00
        # paid, 2,800.00 less; the person bears 200.00 of coinsurance
        (PLAIN, 'then "guarantee"\nfund = "maf_pay"\ncosts = "total"\nratio = [{ of = 0.90 }]\npays = ["coinsurance"]'),
        'stay = "A"\nin_scope = 1000.00\n[[case.visit]]\ninterim = true\n[[case.visit]]\nown = 3000.00', "guarantee",
        [["医疗费总额 4,000.00", "计入（本次住院此前 + 本次）：1,000.00 + 4,000.00 = 5,000.00", "保底：5,000.00 × 90% = 4,500.00",
          "此前各项基金已支付，补足：4,500.00 - 1,700.00 = 2,800.00", "不超过可支付的个人负担：200.00"]],
        [["The whole bill 4,000.00", "Counted (of the stay before + now): 1,000.00 + 4,000.00 = 5,000.00", "Guaranteed: 5,000.00 × 90% = 4,500.00",
          "Less what all funds before it paid: 4,500.00 - 1,700.00 = 2,800.00", "At most what the person bears of what it may pay: 200.00"]],
    ),
    "critical illness in absolute bands (W015)": (
        # 18,000 x 60 % + 70,000 x 65 % + 50,000 x 75 % = 10,800 + 45,500 + 37,500
        (NOTHING, CRITICAL + "band = [{ upto = 30000.00, of = 0.60 }, { upto = 100000.00, of = 0.65 }, { of = 0.75 }]"), "in_scope = 150000.00", "supplement",
        [["居民大病保险：本次计入 150,000.00（按比例自付）", "本年累计：0.00 + 150,000.00 = 150,000.00", "起付标准 12,000.00",
          "分段：0.00 以上至 30,000.00；本次在此段：30,000.00 - 12,000.00 = 18,000.00", "18,000.00 × 60% = 10,800.00"],
         ["分段：30,000.00 以上至 100,000.00；本次在此段：100,000.00 - 30,000.00 = 70,000.00", "70,000.00 × 65% = 45,500.00"],
         ["分段：100,000.00 以上；本次在此段：150,000.00 - 100,000.00 = 50,000.00", "50,000.00 × 75% = 37,500.00"]],
        [["residents' critical illness: counted of this visit 150,000.00 (coinsurance)", "In the year: 0.00 + 150,000.00 = 150,000.00", "Threshold 12,000.00",
          "Band: above 0.00 up to 30,000.00; of this visit: 30,000.00 - 12,000.00 = 18,000.00", "18,000.00 × 60% = 10,800.00"],
         ["Band: above 30,000.00 up to 100,000.00; of this visit: 100,000.00 - 30,000.00 = 70,000.00", "70,000.00 × 65% = 45,500.00"],
         ["Band: above 100,000.00; of this visit: 150,000.00 - 100,000.00 = 50,000.00", "50,000.00 × 75% = 37,500.00"]],
    ),
    "critical illness net of the threshold": (
        # 10,000.00 before + 5,000.00 = 15,000.00; 3,000.00 above 12,000.00, x 60 % = 1,800.00
        (NOTHING, CRITICAL + 'counted_from = "threshold"\nband = [{ of = 0.60 }]'), 'in_scope = 5000.00\nbefore = { "critical.base" = 10000.00 }', "supplement",
        [["居民大病保险：本次计入 5,000.00（按比例自付）", "本年累计：10,000.00 + 5,000.00 = 15,000.00", "起付标准 12,000.00",
          "分段自起付标准起算：15,000.00 - 12,000.00 = 3,000.00", "分段：0.00 以上；本次在此段：3,000.00 - 0.00 = 3,000.00", "3,000.00 × 60% = 1,800.00"]],
        [["residents' critical illness: counted of this visit 5,000.00 (coinsurance)", "In the year: 10,000.00 + 5,000.00 = 15,000.00", "Threshold 12,000.00",
          "Bands are counted from the threshold: 15,000.00 - 12,000.00 = 3,000.00", "Band: above 0.00; of this visit: 3,000.00 - 0.00 = 3,000.00",
          "3,000.00 × 60% = 1,800.00"]],
    ),
    "critical illness below its threshold": (
        (NOTHING, CRITICAL + "band = [{ of = 0.60 }]"), "in_scope = 1000.00", "supplement",
        [["居民大病保险：本次计入 1,000.00（按比例自付）", "本年累计：0.00 + 1,000.00 = 1,000.00", "起付标准 12,000.00", "没有超过起付标准的部分，不支付"]],
        [["residents' critical illness: counted of this visit 1,000.00 (coinsurance)", "In the year: 0.00 + 1,000.00 = 1,000.00", "Threshold 12,000.00",
          "Nothing lies above the threshold: nothing is paid"]],
    ),
    "a cap of critical illness that grew": (
        # 15,000.00 - 12,000.00 = 3,000.00 x 60 % = 1,800.00; 16 years, 12 beyond 4, 100.00 each but at most 300.00:
        # 1,000.00 + 300.00 = 1,300.00, of which 200.00 were used
        (NOTHING, CRITICAL + 'band = [{ of = 0.60 }]\ncap = [{ yuan = 1000.00 }]\ncap_bonus = [{ earned_by = "continuous", yuan = 100.00, after = 4, most = 300.00 }]'),
        'in_scope = 15000.00\nconti_insu_date = 2010-01-01\nbefore = { "critical.paid" = 200.00 }', "supplement_cap",
        [["限额 1,000.00（居民大病保险）", "限额 + 连续参保奖励：1,000.00 + 300.00 = 1,300.00", "本年已支付 200.00，尚余 1,100.00",
          "取 1,800.00 与 1,100.00 中较小者 = 1,100.00"]],
        [["Limit 1,000.00 (residents' critical illness)", "Limit + bonus for continuous insurance: 1,000.00 + 300.00 = 1,300.00",
          "Paid before in the year: 200.00, left: 1,100.00", "The smaller of 1,800.00 and 1,100.00 = 1,100.00"]],
    ),
    "a supplement by visit in a stay that goes on": (
        # own share 20 % of 5,000.00, then of 10,000.00: 1,000.00 + 2,000.00 = 3,000.00; 1,000.00 above 2,000.00, x 60 % = 600.00
        (PLAIN, 'then "supplement"\nname = "aid"\nfund = "maf_pay"\nof = ["coinsurance"]\nper = "visit"\nthreshold = [{ yuan = 2000.00 }]\nband = [{ of = 0.60 }]'),
        'stay = "A"\n[[case.visit]]\nin_scope = 5000.00\ninterim = true\n[[case.visit]]\nin_scope = 10000.00', "supplement",
        [["医疗救助基金：本次计入 2,000.00（按比例自付）", "本次住院累计：1,000.00 + 2,000.00 = 3,000.00", "起付标准 2,000.00",
          "分段：0.00 以上；本次在此段：3,000.00 - 2,000.00 = 1,000.00", "1,000.00 × 60% = 600.00"]],
        [["medical assistance: counted of this visit 2,000.00 (coinsurance)", "In the stay: 1,000.00 + 2,000.00 = 3,000.00", "Threshold 2,000.00",
          "Band: above 0.00; of this visit: 3,000.00 - 2,000.00 = 1,000.00", "1,000.00 × 60% = 600.00"]],
    ),
    "a cap of a supplement by visit in a stay that goes on": (
        # 1,000.00 x 60 % = 600.00 before; 2,000.00 x 60 % = 1,200.00, of which 1,000.00 - 600.00 = 400.00
        (PLAIN, 'then "supplement"\nname = "aid"\nfund = "maf_pay"\nof = ["coinsurance"]\nper = "visit"\nband = [{ of = 0.60 }]\ncap = [{ yuan = 1000.00 }]'),
        'stay = "A"\n[[case.visit]]\nin_scope = 5000.00\ninterim = true\n[[case.visit]]\nin_scope = 10000.00', "supplement_cap",
        [["限额 1,000.00（医疗救助基金）", "本次住院已支付 600.00，尚余 400.00", "取 1,200.00 与 400.00 中较小者 = 400.00"]],
        [["Limit 1,000.00 (medical assistance)", "Paid before in the stay: 600.00, left: 400.00", "The smaller of 1,200.00 and 400.00 = 400.00"]],
    ),
    "a pool that paid elsewhere": (
        # 10,000.00 - 500.00 - 6,000.00 = 3,500.00
        (PLAIN,), "in_scope = 10000.00\nprior = { act_pay_dedc = 500.00, hifp_pay = 6000.00 }", "prior",
        [["统筹基金：已由他处支付 6,000.00", "起付线 - 已支付后由个人按比例自付：10,000.00 - 500.00 - 6,000.00 = 3,500.00"]],
        [["pool: paid already elsewhere 6,000.00", "Less deductible and payment, the rest is coinsurance: 10,000.00 - 500.00 - 6,000.00 = 3,500.00"]],
    ),
    "a pool that paid elsewhere, out of area and above a cap": (
        # (10,000.00 - 1,000.00) x 80 % = 7,200.00, 70 %: 6,300.00; at most 6,800.00: 400.00 above, and 500.00 less; paid 6,300.00
        ('"deductible"\nper = "visit"\namount = [{ yuan = 1000.00 }]', LESS, PLAIN, '"cap"\nper = "visit"\namount = [{ yuan = 6800.00 }]'),
        ELSEWHERE + 'in_scope = 10000.00\nprior = { act_pay_dedc = 1000.00, hifp_pay = 6300.00 }', "prior",
        [["统筹基金：已由他处支付 6,300.00", "扣除起付线与已支付后由个人负担：10,000.00 - 1,000.00 - 6,300.00 = 2,700.00",
          "按参保地待遇分为：按比例自付 1,800.00，超支付限额 400.00，异地降低 500.00"]],
        [["pool: paid already elsewhere 6,300.00", "Less deductible and payment, the person bears: 10,000.00 - 1,000.00 - 6,300.00 = 2,700.00",
          "By the benefit of the place of insurance: coinsurance 1,800.00, above a cap 400.00, reduction out of area 500.00"]],
    ),
    "the own account first, then the family's": (
        # 100.00 x 20 % = 20.00: 5.00 from the account, 15.00 from the wallets in bound order, 10.00 + 5.00
        (PLAIN, 'then "account"\npays = ["coinsurance"]\nwith_family = true', 'then "wallet"\npays = ["coinsurance"]'),
        'in_scope = 100.00\nacct_used = "2"\nbalance = 5.00\nwallets = { A = 10.00, B = 30.00 }', "wallet",
        [["家庭共济可付：按比例自付，共 15.00", "共济余额（2 位共济人）：40.00", "取 15.00 与 40.00 中较小者 = 15.00", "共济人 A：10.00", "共济人 B：5.00"]],
        [["The family wallet may pay: coinsurance; 15.00 in all", "Balance (sharers: 2): 40.00", "The smaller of 15.00 and 40.00 = 15.00", "From A: 10.00", "From B: 5.00"]],
    ),
    "a wallet that is not asked for": (
        (PLAIN, 'then "wallet"\npays = ["coinsurance"]'), 'in_scope = 100.00\nacct_used = "0"\nwallets = { A = 10.00 }', "wallet",
        [["家庭共济可付：按比例自付，共 20.00", "本次未使用家庭共济"]], [["The family wallet may pay: coinsurance; 20.00 in all", "The family wallet was not used this time"]],
    ),
    "cash behind account and wallet": (
        # 20.00 - 5.00 - 10.00 = 5.00
        (PLAIN, 'then "account"\npays = ["coinsurance"]\nwith_family = true', 'then "wallet"\npays = ["coinsurance"]'),
        'in_scope = 100.00\nacct_used = "2"\nbalance = 5.00\nwallets = { A = 10.00 }', "cash",
        [["个人负担 - 个人账户 - 家庭共济：20.00 - 5.00 - 10.00 = 5.00"]], [["Person's part - account - family wallet: 20.00 - 5.00 - 10.00 = 5.00"]],
    ),
}
WHERE = re.compile("(规则|方案|Rule|Plan) ")
"""The last note of a step: its rule, or its plan, and source."""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", CASES)
def test_a_step_on_paper(name: str, lang: str, tmp_path: Path) -> None:
    steps, case, kind, *told = CASES[name]
    book, bodies = settled(tmp_path, steps, case)
    say = Words(lang)
    rows = [row for row in Steps(bodies[-1], book, say).section().rows if row.cells[1] == say(*KINDS[kind])]
    assert [[note for note in row.notes if not WHERE.match(note)] for row in rows] == told[lang == "en"]


def test_every_kind_of_step_is_on_paper_here() -> None:
    """Scope and account are on the whole sheets of test_statement.py."""
    assert {case[2] for case in CASES.values()} | {"scope", "account"} == KINDS.keys()


@pytest.mark.parametrize("name", CASES)
def test_without_the_rulebook_every_step_still_tells_its_amounts(name: str, tmp_path: Path) -> None:
    steps, case, *_ = CASES[name]
    _, bodies = settled(tmp_path, steps, case)
    told = Steps(bodies[-1], None, Words("en")).section()
    assert len(told.rows) == len(bodies[-1].settled.steps)
    for row, step in zip(told.rows, bodies[-1].settled.steps, strict=True):
        assert row.notes and "Facts:" not in row.notes[0] and f"[{step.source}]" in row.notes[-1]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("deductible", "400.00"), ("ratio", "72%"), ("out_of_area", "-10 个百分点"), ("cap", "4,000.00"), ("supplement", "60%"), ("prior", "")],
)
def test_the_value_of_a_step_stands_in_its_row(kind: str, value: str, tmp_path: Path) -> None:
    steps, case, *_ = next(found for found in CASES.values() if found[2] == kind and (kind != "ratio" or LESS in found[0]))
    book, bodies = settled(tmp_path, steps, case)
    row = next(row for row in Steps(bodies[-1], book, Words("zh")).section().rows if row.cells[1] == KINDS[kind][0])
    assert row.cells[3] == value


def test_no_reduction_has_no_value_in_its_row(tmp_path: Path) -> None:
    book, bodies = settled(tmp_path, *CASES["no reduction at home"][:2])
    row = next(row for row in Steps(bodies[-1], book, Words("zh")).section().rows if row.cells[1] == KINDS["out_of_area"][0])
    assert row.cells[2:] == ("10,000.00", "", "10,000.00")
