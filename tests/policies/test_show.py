"""``rules show``: a plan on paper says what its TOML says, each kind of step in both languages."""

from datetime import date
from pathlib import Path

import pytest

from policies.book import Book
from policies.show import benefits_page, plans_on, region_named
from policies.statement import as_text
from tests.policies.rulebooks import FILES, PLAN, loaded

DAY = date(2025, 3, 1)
HEAD = FILES[PLAN].partition("[[benefit.step]]")[0]
INDEXES = {"regions/350200-xiamen/indexes.toml": '[[index]]\nname = "average_wage"\nfrom = 2025-01-01\nyuan = 80000.00\nsource = "T1"\n'}


SHARES = '[[benefit.step]]\nsource = "T1"\nkind = "ratio"\nratio = [{ of = 0.80 }]\n'
"""A pool has to share by some step; these kinds need none behind them."""
ALONE = ("ratio", "bands", "fixed", "item", "guarantee", "account", "wallet")


def page(folder: Path, step: str, lang: str) -> list[str]:
    """The lines of the page of a plan that begins with ``step``: from the title of that step to its source."""
    more = "" if step.startswith(tuple(f'kind = "{kind}"' for kind in ALONE)) else SHARES
    book = loaded(folder, {PLAN: f'{HEAD}\n[[benefit.step]]\nsource = "T1"\n{step}{more}'} | INDEXES)
    region = region_named(book, "xiamen")
    assert region is not None
    text = as_text(benefits_page(book, region, plans_on(book, region, DAY), DAY, lang)).splitlines()
    start = next(number for number, line in enumerate(text) if line.startswith("1. "))
    end = next(number for number, line in enumerate(text) if line.startswith(("Source: ", "出处：")) and number > start)
    return [" ".join(line.split()) for line in text[start:end] if line.strip("- ")]


KINDS: dict[str, tuple[str, list[str], list[str]]] = {
    "deductible by level and person": (
        '''kind = "deductible"
per = "stay"
floor = 100.00
year_ceiling = 2000.00
admission = [{ from = 2, factor = 0.50 }]
amount = [{ level = "3", yuan = 900.00 }, { level = "3", status = "retired", yuan = 700.00 }, { yuan = 300.00 }]
''',
        ["1. deductible (a stay)", "person level 3 other levels", "retired 700.00 300.00", "others 900.00 300.00",
         "from stay 2 of the year: × 50%", "at least 100.00 yuan", "at most 2,000.00 yuan a year",
         "stay over New Year: topped up to the old year's deductible"],
        ["1. 起付标准（每次住院）", "人员 三级 其他级别", "退休 700.00 300.00", "其他 900.00 300.00",
         "本年第 2 次住院起：× 50%", "最低 100.00 元", "年度累计最高 2,000.00 元", "跨年住院：补足上年起付线"]),
    "a share of an index": (
        'kind = "deductible"\nper = "year"\namount = [{ yuan = { share = 0.05, of = "average_wage" } }]\n',
        ["1. deductible (a year)", "where yuan", "all cases average_wage × 5% = 4,000.00"],
        ["1. 起付标准（每年）", "条件 元", "所有情形 average_wage × 5% = 4,000.00"]),
    "ratio by age and level, with a bonus": (
        '''kind = "ratio"
ratio = [{ level = "2", age = "<70", of = 0.80 }, { level = "2", age = ">=70", of = 0.85 }, { level = "3", of = 0.70 }]
bonus = [{ years = ">=10", points = 0.02 }]
bonus_most = 0.90
''',
        ["1. ratio", "age level 2 level 3", "0 to 69 years 80% 70%", "70 years or more 85% 70%", "others — 70%",
         "bonus insured without a break: 10 years or more: +2 points, at most 90% in all"],
        ["1. 支付比例", "年龄 二级 三级", "0 至 69 周岁 80% 70%", "70 周岁及以上 85% 70%", "其他 — 70%",
         "加成 连续参保：10 年及以上：+2 个百分点，合计最高 90%"]),
    "ratio that grows with the age": (
        'kind = "ratio"\nlinear = { start = 0.75, per_year = 0.002, most = 1 }\n',
        ["1. ratio", "75% + 0.2% × age, at most 100%"], ["1. 支付比例", "75% + 0.2% × 年龄，最高 100%"]),
    "ages that overlap are listed": (
        'kind = "ratio"\nratio = [{ age = ">=60", of = 0.80 }, { age = ">=70", of = 0.85 }, { of = 0.70 }]\n',
        ["1. ratio", "where ratio", "age: 60 years or more 80%", "age: 70 years or more 85%", "otherwise 70%"],
        ["1. 支付比例", "条件 比例", "年龄：60 周岁及以上 80%", "年龄：70 周岁及以上 85%", "其他情形 70%"]),
    "bands": (
        '''kind = "bands"
continues = "year"
band = [{ upto = 20000.00, level = "2", of = 0.70 }, { upto = 20000.00, level = "3", of = 0.60 },
        { level = "2", of = 0.80 }, { level = "3", of = 0.75 }]
''',
        ["1. bands", "band (yuan) level 2 level 3", "up to 20,000.00 70% 60%", "above 20,000.00 80% 75%",
         "bands on fees; counted from zero, the deductible lies in the first band; bands go on over the year"],
        ["1. 分段支付比例", "费用段（元） 二级 三级", "至 20,000.00 70% 60%", "20,000.00 以上 80% 75%",
         "按费用分段；自零起算（起付线在段中）；年度内连续分段"]),
    "cap": (
        'kind = "cap"\nper = "year"\ncounts = "fees"\nshared = "chronic"\namount = [{ status = ["working", "retired"], yuan = 5000.00 }]\n',
        ["1. cap (a year)", "where yuan", "person: working, retired 5,000.00",
         "counted in fees behind the deductible; counted together with caps that name chronic diseases"],
        ["1. 最高支付限额（每年）", "条件 元", "人员：在职、退休 5,000.00", "按起付线以上的费用计；与同名限额合并计算：门诊慢特病"]),
    "a cap not for all": (
        'kind = "cap"\nper = "year"\ncounts = "fees"\namount = [{ status = "retired", yuan = "unlimited" }, { yuan = 5000.00 }]\n',
        ["1. cap (a year)", "person yuan", "retired no limit", "others 5,000.00", "counted in fees behind the deductible"],
        ["1. 最高支付限额（每年）", "人员 元", "退休 不设限额", "其他 5,000.00", "按起付线以上的费用计"]),
    "a cap of several diseases": (
        'kind = "cap"\nper = "year"\ncounts = "fees"\nmore_a_disease = 600.00\namount = [{ disease = "M1", yuan = 2000.00 }, { disease = "M2", yuan = 3000.00 }]\n',
        ["1. cap (a year)", "disease yuan", "M1 2,000.00", "M2 3,000.00",
         "counted in fees behind the deductible", "of several diseases the highest, 600.00 yuan more for each further one, counted together"],
        ["1. 最高支付限额（每年）", "病种 元", "M1 2,000.00", "M2 3,000.00",
         "按起付线以上的费用计", "几个病种取限额最高的，每多一个加 600.00 元，合并累计"]),
    "ceiling of a birth": (
        'kind = "fixed"\nmode = "ceiling"\nmore_a_child = 1000.00\namount = [{ maternity = "natural", level = "3", yuan = 2500.00 }]\n',
        ["1. ceiling", "where yuan", "level of the provider: level 3, kind of birth: natural birth 2,500.00",
         "the cost is paid up to the ceiling", "1,000.00 yuan more for each further child"],
        ["1. 限额", "条件 元", "机构级别：三级，生育类别：顺产 2,500.00", "限额以内按实际费用支付", "每多一孩加 1,000.00 元"]),
    "items": (
        'kind = "item"\ncapped = false\nratio = [{ class = "02", of = 0.5 }, { class = "01", of = 0.9 }]\n',
        ["1. items with a ratio of their own", "class of the item ratio", "class B (乙) 50%", "class A (甲) 90%", "caps do not count it"],
        ["1. 单列项目", "收费项目等级 比例", "乙类 50%", "甲类 90%", "不计入最高支付限额"]),
    "lines that are not paid": (
        'kind = "exclude"\nlines = [{ prescription = "no", out = true }]\n',
        ["1. lines that are not paid", "where", "on prescription: no not paid"], ["1. 不予支付的项目", "条件", "有处方：否 不予支付"]),
    "out of area": (
        'kind = "out_of_area"\nmode = "subtract"\nby = [{ place = "other_province", filing = "referral", of = 0.10 }, { of = 0 }]\n',
        ["1. out of area", "where percentage points off",
         "filing: referred elsewhere, place of care: in another province 10%", "otherwise 0%"],
        ["1. 异地就医", "条件 降低百分点", "备案类别：异地转诊人员，就医地：跨省异地 10%", "其他情形 0%"]),
    "a guarantee": (
        'kind = "guarantee"\nfund = "maf_pay"\ncosts = "total"\ncounted_from = "deductible"\n'
        'ratio = [{ place = "other_province", of = 0.40 }, { of = 0.45 }]\npays = ["coinsurance", "own_expense"]\n',
        ["1. guarantee (of the whole bill, medical assistance)", "place of care ratio", "in another province 40%", "others 45%",
         "counted from the deductible", "may pay: coinsurance, own expense"],
        ["1. 保底（按医疗费总额，医疗救助基金）", "就医地 比例", "跨省异地 40%", "其他 45%", "自起付线以上起算", "可支付：按比例自付、全自费"]),
    "account": (
        'kind = "account"\npays = ["deductible", "coinsurance"]\nwith_family = true\n',
        ["1. personal account", "may pay: deductible, coinsurance", "before the family wallet the own account pays"],
        ["1. 个人账户", "可支付：起付线、按比例自付", "家庭共济前先用本人账户"]),
    "wallet": ('kind = "wallet"\npays = ["coinsurance"]\n', ["1. family wallet", "may pay: coinsurance"], ["1. 家庭共济", "可支付：按比例自付"]),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_step_of_each_kind_is_told_in_both_languages(name: str, tmp_path: Path) -> None:
    step, english, chinese = KINDS[name]
    assert page(tmp_path / "en", step, "en") == english
    assert page(tmp_path / "zh", step, "zh") == chinese


SUPPLEMENT = '''kind = "supplement"
name = "critical"
fund = "hifmi_pay"
of = ["coinsurance", "over_cap"]
per = "year"
threshold = [{ identity = "poor", yuan = 6000.00 }, { yuan = 12000.00 }]
band = [{ upto = 30000.00, of = 0.60 }, { upto = 100000.00, of = 0.65 }, { of = 0.75 }]
cap = [{ yuan = 300000.00 }]
cap_bonus = [{ earned_by = "continuous", yuan = 3800.00, after = 4, most = 38000.00 }]
'''


def test_a_supplement_has_three_tables_behind_all_benefits(tmp_path: Path) -> None:
    book = loaded(tmp_path, {PLAN: f'{HEAD}{SHARES}[[then]]\nsource = "T1"\n{SUPPLEMENT}'})
    region = region_named(book, "350200")
    assert region is not None
    lines = [" ".join(line.split()) for line in as_text(benefits_page(book, region, plans_on(book, region, DAY), DAY, "en")).splitlines()]
    start = lines.index("Behind all of these")
    told = [line for line in lines[start:lines.index("Filing for care elsewhere")] if line.strip("- ")]
    assert told == [
        "Behind all of these", "1. critical illness (a year, residents' critical illness) · threshold",
        "identity yuan", "poor 6,000.00", "others 12,000.00",
        "ratio", "band (yuan) ratio", "up to 30,000.00 60%", "30,000.00 – 100,000.00 65%", "above 100,000.00 75%",
        "cap", "where yuan", "all cases 300,000.00",
        "base: coinsurance, above a cap", "bands counted from zero",
        "continuous insurance beyond 4 years: the cap grows by 3,800.00 yuan a year, at most by 38,000.00",
        "Source: T1 a text that a test made up",
    ]


@pytest.mark.parametrize("name", ["650200", "克拉玛依", "Karamay", "karamay", "650200-karamay"])
def test_a_place_by_code_name_or_folder(book: Book, name: str) -> None:
    region = region_named(book, name)
    assert region is not None and region.admdvs == "650200"


def test_plans_of_the_day_the_insurance_and_the_care(book: Book) -> None:
    region = region_named(book, "zhengzhou")
    assert region is not None and region_named(book, "nowhere") is None
    assert [plan.insutype for plan in plans_on(book, region, DAY, care="inpatient")] == ["310", "390"]
    assert [plan.insutype for plan in plans_on(book, region, DAY, "390")] == ["390"]
    assert plans_on(book, region, date(2022, 12, 31)) == [] == plans_on(book, region, DAY, care="pharmacy")


def test_the_page_of_every_plan_of_the_built_in_rulebook_quotes_its_sources(book: Book) -> None:
    for versions in book.plans.values():
        for plan in versions:
            region = book.regions[plan.place]
            text = as_text(benefits_page(book, region, [plan], plan.begndate, "zh"))
            quoted = " ".join(text.split())
            assert plan.id in text and f"{region.zh}医疗保险待遇" in text
            for rule in {rule.origin.source for benefit in plan.benefits for rule in benefit.steps}:
                assert f" {rule} {book.sources[rule].title} “" in quoted, f"{plan.id} does not quote {rule}"


# --- manual reimbursement -------------------------------------------------------------------------------------------------


def test_the_year_of_what_is_claimed_by_hand_is_told_where_it_is_another(tmp_path: Path) -> None:
    """By discharge both ways; by the settlement directly and by discharge by hand, which is what a plan that says nothing does."""
    told = {}
    for dated_by in ("enddate", "setl_date"):
        book = loaded(tmp_path / dated_by, {PLAN: FILES[PLAN].replace('"enddate"', f'"{dated_by}"')})
        region = region_named(book, "xiamen")
        assert region is not None
        told[dated_by] = " ".join(as_text(benefits_page(book, region, plans_on(book, region, DAY), DAY, "en")).split())
    assert "claimed by hand" not in told["enddate"]
    assert "year by the day of settlement year by, claimed by hand the day of discharge" in told["setl_date"]


@pytest.mark.parametrize(("lang", "told"), [
    ("zh", [
        "申请期限 3 个月 全国 · 普通门诊、", "3 个月 或 至当年年底，以较晚者为准 全国 · ", "门诊病历；疾病证明；", "零星报销原因 受理 全国 · 急诊未备案",
        "每月申报 每月 5 日前（含当日） 本地 · 单位", "补齐期限 不设期限 全国", "本地的规则优先于全国的。"]),
    ("en", [
        "3 months", "3 months or to the end of the year, whichever is later", "outpatient record; certificate of the disease; ",
        "round of the month up to day 5 of a month here · employer", "completing no limit everywhere",
        "original invoice or copy of the invoice with the hospital's seal; diagnosis or prescription"]),
])
def test_manual_reimbursement_is_shown_with_its_sources(book: Book, lang: str, told: list[str]) -> None:
    region = region_named(book, "360100")
    assert region is not None
    text = as_text(benefits_page(book, region, plans_on(book, region, DAY), DAY, lang))
    flat = " ".join(text.split())
    for part in told:
        assert part in flat, part
    assert "S124 南昌医保异地就医医保报销流程" in text, "with the texts that say so"


def test_a_place_without_rules_of_manual_reimbursement_shows_none(tmp_path: Path) -> None:
    book = loaded(tmp_path)
    region = region_named(book, "xiamen")
    assert region is not None and "Manual reimbursement" not in as_text(benefits_page(book, region, [], DAY, "en"))
