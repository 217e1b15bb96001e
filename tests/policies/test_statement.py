"""Statements: one golden sheet in both languages, its sums, and what each kind of verdict says."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from contracts.envelope import Record
from contracts.events import BODIES
from contracts.reasons import Bears
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies import VERSION, names as filing_names
from policies.book import Book
from policies.filing_rules import TERMS, TEXT_TERMS, FilingRule, Term
from policies.laws import FUNDS
from policies.reimbursement import papers
from policies.select import LINE_SELECTORS, SELECTORS
from policies.settlement.sheet import PARTS
from policies.settlement.steps import KINDS as STEP_KINDS
from policies.show.filing import SAID, TOLD
from policies.statement import (
    Section,
    Statement,
    as_text,
    later_steps,
    pool_steps,
    reimbursement,
    selectors,
    statement,
    words as names,
)
from policies.statement.paper import width_of, wrapped
from policies.statement.selectors import SELECTORS as NAMED_SELECTORS, VALUES
from policies.statement.steps import KINDS, WRITERS
from policies.statement.verdict import TITLES
from policies.tables import KNOWN
from tests.policies.requests import (
    BEIJING,
    CT,
    HENGYANG_2,
    HENGYANG_3,
    OWN_DRUG,
    SHARED_DRUG,
    Journey,
    claim,
    credit,
    enrolment,
    filing,
    insured,
    line,
    spell,
)
from tests.policies.rulebooks import beside

KARAMAY_2 = "H65020000102"
LANGUAGES = ("zh", "en")

# By hand, 克拉玛依 outpatient care, employees, level 2:
#   bill      10 x 30.00 = 300.00, class 甲: all of it in scope
#   deductible at level 2: 40.00;                 300.00 - 40.00 = 260.00 go on
#   pool at level 2: 70 %;                        260.00 x 0.70 = 182.00
#   caps: 182.00 < 800.00 a visit; 182.00 < 4,000.00 a year, working, nothing paid before
#   person:   300.00 - 182.00 = 118.00 = 40.00 deductible + 78.00 coinsurance (260.00 x 0.30)
#   account:  50.00 stand on it, not used; so cash 118.00
#   left of the cap of the year: 4,000.00 - 182.00 = 3,818.00
# The sheets below leave open what decided: the digest of the rulebook and the version of the policies.

CHINESE = """\
医疗费用结算单
==============

请求编号  visit-1
就诊编号  MZ-1
人员编号  P1
险种      职工基本医疗保险（310）
人员类别  在职（11）
参保地    克拉玛依（650200）
医药机构  克拉玛依示例二级医院（H65020000102）
机构等级  二级甲等；起付线按二级
就医地    克拉玛依（650200），参保地内
医疗类别  普通门诊（11）
就诊日期  2026-03-05 至 2026-03-05
结算日期  2026-03-05
年龄      45 周岁
累计年度  2026
适用待遇  650200-karamay/outpatient-310#outpatient

费用明细（元）
--------------
项目                  单价×数量    金额  全自费  超限价  先行自付  范围内  说明
示例奥美拉唑肠溶胶囊   30.00×10  300.00    0.00    0.00      0.00  300.00
甲类小计                         300.00    0.00    0.00      0.00  300.00
--------------------  ---------  ------  ------  ------  --------  ------  ----
合计                             300.00    0.00    0.00      0.00  300.00

计算步骤（元）
--------------
#  步骤            基数      取值    结果
1  符合政策范围  300.00            300.00
    总额 - 全自费 - 超限价 - 先行自付：300.00 - 0.00 - 0.00 - 0.00 = 300.00
    就医地目录：新疆（650000），来源 示例数据
    规则 national/settlement#scope；依据 [S002]《2025贵州毕节医保门诊统筹如何异地结算》：“药品、诊疗
    项目按“就医地目录”,报销比例按“参保地政策”执行。”
2  起付标准      300.00     40.00   40.00
    起付标准 40.00（机构级别：二级）
    进入统筹：300.00 - 40.00 = 260.00
    规则 650200-karamay/outpatient-310#outpatient.2；依据 [S116]《2025新疆克拉玛依职工医保门诊报销额
    度》：“普通门诊统筹基金首次起付标准 : 一级(含一级以下)、二级、三级医疗机构分别为20元、40元、90
    元。”
    原文未尽，规则库的选择：文中只给出首次起付标准，第二次及以后未写：每次就诊均按首次标准执行。
3  支付比例      260.00       70%  182.00
    260.00 × 70% = 182.00（机构级别：二级）
    规则 650200-karamay/outpatient-310#outpatient.3；依据 [S117]《2025新疆克拉玛依职工医保门诊报销额
    度》：“普通门诊统筹基金支付比例 : 一级(含一级以下)、二级、三级医疗机构分别为80%、70%、60%。”
4  最高支付限额  182.00    800.00  182.00
    单次限额 800.00（按统筹支付额计，机构级别：二级）
    取 182.00 与 800.00 中较小者 = 182.00
    规则 650200-karamay/outpatient-310#outpatient.4；依据 [S119]《2025新疆克拉玛依职工医保住院报销额
    度》：“单次最高支付限额 : 一级医疗机构:300元 二级医疗机构:800元 三级医疗机构:1300元 年度最高支付
    限额 :4000元”
    原文未尽，规则库的选择：“单次最高支付限额”按统筹基金支付额计。
5  最高支付限额  182.00  4,000.00  182.00
    年度限额 4,000.00（按统筹支付额计，人员：在职）
    限额 - 本年已计：4,000.00 - 0.00 = 4,000.00
    取 182.00 与 4,000.00 中较小者 = 182.00
    规则 650200-karamay/outpatient-310#outpatient.5；依据 [S118]《2025新疆克拉玛依职工医保门诊报销额
    度》：“普通门诊年度统筹基金最高支付限额 : 在职人员为4000元,退休人员为6000元。”
6  个人账户      118.00              0.00
    个人账户可付：起付线、按比例自付、超支付限额、先行自付，共 118.00
    本次未使用个人账户
    规则 650200-karamay/outpatient-310#outpatient.6；依据 [S069]《南昌医保异地就医医保报销流程》：
    “医保支付费用由医保与医院结算,个人负担部分由参保人员个人账户支付或个人现金支付。”
    原文未尽，规则库的选择：个人账户可付政策范围内个人负担（起付线、按比例自付、超限额、先行自付），
    不付全自费与超限价。
7  个人现金      118.00            118.00
    个人负担 - 个人账户：118.00 - 0.00 = 118.00
    规则 national/settlement#cash；依据 [S069]，引文同上
每一步四舍五入到分。
方案的选择：文中未分就医地：省内、跨省就医按同一待遇（跨省须备案）。

各方支付（元）
--------------
项目                    金额
基本医疗保险统筹基金  182.00
--------------------  ------
基金支付合计          182.00
个人账户支付            0.00
个人现金支付          118.00
--------------------  ------
医疗费总额            300.00

个人负担（元）
--------------
项目            金额
起付线         40.00
按比例自付     78.00
------------  ------
个人自费        0.00
    全自费 + 超限价：0.00 + 0.00 = 0.00
个人自付      118.00
    起付线 + 按比例自付：40.00 + 78.00 = 118.00
------------  ------
个人负担合计  118.00

2026 年度累计与账户（元）
-------------------------
累计项目                 之前    本次    之后
门诊起付线累计           0.00   40.00   40.00
门诊统筹基金支付累计     0.00  182.00  182.00
门诊政策范围内费用累计   0.00  300.00  300.00
个人账户余额            50.00    0.00   50.00

本年尚余额度（元）
------------------
项目                  年度额度    已用      尚余
最高支付限额（门诊）  4,000.00  182.00  3,818.00

规则库摘要    {digest}
决策程序版本  {version}
示例数据：医药机构信息为虚构。
示例数据：就医地目录为虚构。
"""

ENGLISH = """\
Settlement statement (结算单)
=============================

request id     visit-1
visit or stay  MZ-1
person         P1
insurance      employees' basic medical insurance (310)
category       working (11)
insured in     Karamay (650200)
provider       克拉玛依示例二级医院 (H65020000102)
its level      level 2, grade A; deductible of level 2
place of care  Karamay (650200), in the place of insurance
type of care   outpatient (11)
dates of care  2026-03-05 to 2026-03-05
settled on     2026-03-05
age            45 completed years
counted in     2026
benefit        650200-karamay/outpatient-310#outpatient

The bill (yuan)
---------------
item                  price x count  amount  own expense  over ceiling  first self-pay  in scope  remark
示例奥美拉唑肠溶胶囊       30.00×10  300.00         0.00          0.00            0.00    300.00
class A (甲): sum                    300.00         0.00          0.00            0.00    300.00
--------------------  -------------  ------  -----------  ------------  --------------  --------  ------
total                                300.00         0.00          0.00            0.00    300.00

Steps (yuan)
------------
#  step                from     value  result
1  in scope          300.00            300.00
    Total - own expense - over ceiling - first self-pay: 300.00 - 0.00 - 0.00 - 0.00 = 300.00
    Catalogue of the place of care: Xinjiang (650000), source: example data
    Rule national/settlement#scope; source [S002] 《2025贵州毕节医保门诊统筹如何异地结算》: “药品、
    诊疗项目按“就医地目录”,报销比例按“参保地政策”执行。”
2  deductible        300.00     40.00   40.00
    Deductible 40.00 (level of the provider: level 2)
    Goes on to the pool: 300.00 - 40.00 = 260.00
    Rule 650200-karamay/outpatient-310#outpatient.2; source [S116] 《2025新疆克拉玛依职工医保门诊报
    销额度》: “普通门诊统筹基金首次起付标准 : 一级(含一级以下)、二级、三级医疗机构分别为20元、40元、
    90元。”
    Left open by the text, chosen by the rulebook: The text gives the first visit's deductible and
    is silent on later ones: every visit is charged the same.
3  ratio             260.00       70%  182.00
    260.00 × 70% = 182.00 (level of the provider: level 2)
    Rule 650200-karamay/outpatient-310#outpatient.3; source [S117] 《2025新疆克拉玛依职工医保门诊报
    销额度》: “普通门诊统筹基金支付比例 : 一级(含一级以下)、二级、三级医疗机构分别为80%、70%、60%。”
4  cap               182.00    800.00  182.00
    Limit of a visit 800.00 (counted in payments, level of the provider: level 2)
    The smaller of 182.00 and 800.00 = 182.00
    Rule 650200-karamay/outpatient-310#outpatient.4; source [S119] 《2025新疆克拉玛依职工医保住院报
    销额度》: “单次最高支付限额 : 一级医疗机构:300元 二级医疗机构:800元 三级医疗机构:1300元 年度最高
    支付限额 :4000元”
    Left open by the text, chosen by the rulebook: The limit a visit is counted in payments of the
    pool.
5  cap               182.00  4,000.00  182.00
    Limit of the year 4,000.00 (counted in payments, person: working)
    Limit - counted before in the year: 4,000.00 - 0.00 = 4,000.00
    The smaller of 182.00 and 4,000.00 = 182.00
    Rule 650200-karamay/outpatient-310#outpatient.5; source [S118] 《2025新疆克拉玛依职工医保门诊报
    销额度》: “普通门诊年度统筹基金最高支付限额 : 在职人员为4000元,退休人员为6000元。”
6  personal account  118.00              0.00
    The account may pay: deductible, coinsurance, above a cap, first self-pay; 118.00 in all
    The account was not used this time
    Rule 650200-karamay/outpatient-310#outpatient.6; source [S069] 《南昌医保异地就医医保报销流程》:
    “医保支付费用由医保与医院结算,个人负担部分由参保人员个人账户支付或个人现金支付。”
    Left open by the text, chosen by the rulebook: The account may pay what the person bears within
    the policy's scope, not own expense nor what lies above a price ceiling.
7  cash              118.00            118.00
    Person's part - account: 118.00 - 0.00 = 118.00
    Rule national/settlement#cash; source [S069], quoted above
Each step is rounded half-up to the fen.
Chosen for the plan: The text does not tell places of care apart: the same benefits apply in other
places (other provinces: once filed).

Who pays (yuan)
---------------
item                     amount
pool of basic insurance  182.00
-----------------------  ------
all funds                182.00
personal account           0.00
cash                     118.00
-----------------------  ------
total                    300.00

The person's part (yuan)
------------------------
item                    amount
deductible               40.00
coinsurance              78.00
----------------------  ------
own expense (个人自费)    0.00
    own expense + over ceiling: 0.00 + 0.00 = 0.00
own share (个人自付)    118.00
    deductible + coinsurance: 40.00 + 78.00 = 118.00
----------------------  ------
person's part           118.00

Accumulators of 2026 and account (yuan)
---------------------------------------
accumulator                   before  movement   after
outpatient: deductible paid     0.00     40.00   40.00
outpatient: paid by the pool    0.00    182.00  182.00
outpatient: fees in scope       0.00    300.00  300.00
balance of the account         50.00      0.00   50.00

Left for the year (yuan)
------------------------
item              of the year    used      left
cap (outpatient)     4,000.00  182.00  3,818.00

rulebook  {digest}
policies  {version}
Example data: the provider is invented.
Example data: the catalogue of the place of care is invented.
"""


@pytest.fixture(scope="module")
def visit() -> tuple[Journey, Event]:
    """The visit that was reckoned by hand above."""
    journey = insured(balance=5_000)
    bill = claim(line(30_000, cnt="10", pric="30.00"), fixmedins_code=KARAMAY_2, mdtrt_id="MZ-1")
    return journey, journey.send("claim.submitted", bill, id="visit-1")


@pytest.mark.parametrize(("lang", "golden"), [("zh", CHINESE), ("en", ENGLISH)])
def test_golden(visit: tuple[Journey, Event], lang: str, golden: str) -> None:
    journey, event = visit
    assert as_text(statement(event, journey.book, lang)) == golden.format(digest=journey.book.digest, version=VERSION)


# --- the sums on paper are the sums of the event ------------------------------------------------------------------------


def mixed_bill() -> dict:
    """甲, 乙 above its ceiling, 丙, an item that no catalogue lists, and a refund of one 甲 piece."""
    lines = (
        line(12_000, sn="1", cnt="4", pric="30.00"),
        line(-3_000, sn="2", cnt="-1", pric="30.00"),
        line(25_033, CT, sn="3"),
        line(9_999, SHARED_DRUG, sn="4"),
        line(1_550, OWN_DRUG, sn="5"),
        line(777, "NOT-LISTED", sn="6"),
    )
    return claim(*lines, fixmedins_code=KARAMAY_2, acct_used_flag="1")


def fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def columns(section: Section, *places: int) -> list[tuple[int, ...]]:
    return [tuple(fen(row.cells[place]) for place in places) for row in section.rows]


def added(rows: list[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


def section(sheet: Statement, title: str) -> Section:
    return next(found for found in sheet.sections if title in found.title)


@pytest.fixture(scope="module")
def mixed() -> tuple[Journey, Event]:
    journey = insured(balance=5_000)
    journey.send("claim.submitted", claim(day="2026-02-01"))
    return journey, journey.send("claim.submitted", mixed_bill())


def test_lines_add_up_to_their_class_and_classes_to_the_total(mixed: tuple[Journey, Event]) -> None:
    journey, event = mixed
    bill = section(statement(event, journey.book, "zh"), "费用明细")
    lines, sums, rows = [], [], columns(bill, 2, 3, 4, 5, 6)
    for row, amounts in zip(bill.rows, rows, strict=True):
        assert amounts[0] == sum(amounts[1:]), row.cells
        if row.cells[0].endswith("小计"):
            assert amounts == added(lines)
            sums, lines = [*sums, amounts], []
        elif not row.total:
            lines.append(amounts)
    priced = event.body.priced
    assert rows[-1] == added(sums) == (
        priced.medfee_sumamt, priced.fulamt_ownpay_amt, priced.overlmt_selfpay, priced.preselfpay_amt, priced.inscp_scp_amt,
    )
    assert len(bill.rows) == 6 + 3 + 1, "six lines, three classes, one total"
    assert all(value > 0 for value in rows[-1]), "the bill shows each of the four parts"


def test_shares_add_up_to_the_total(mixed: tuple[Journey, Event]) -> None:
    journey, event = mixed
    settled = event.body.settled
    fund, funds, account, cash, total = (amount for (amount,) in columns(section(statement(event, journey.book, "zh"), "各方支付"), 1))
    assert fund == funds == settled.fund_pay_sumamt and account == settled.acct_pay == 5_000
    assert funds + account + cash == total == settled.medfee_sumamt


def test_the_persons_part_adds_up(mixed: tuple[Journey, Event]) -> None:
    journey, event = mixed
    found = section(statement(event, journey.book, "zh"), "个人负担")
    *causes, own, share, part = (amount for (amount,) in columns(found, 1))
    priced, settled = event.body.priced, event.body.settled
    named = [names.PARTS[name][0] for name in names.PARTS if name in settled.psn_parts]
    assert [row.cells[0] for row in found.rows][: len(causes)] == named and sum(causes) == part
    assert own == priced.fulamt_ownpay_amt + priced.overlmt_selfpay
    assert own + share == part == settled.psn_part_amt == settled.acct_pay + settled.psn_cash_pay


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sum_that_is_written_out_is_right(mixed: tuple[Journey, Event], lang: str) -> None:
    journey, event = mixed
    text = as_text(statement(event, journey.book, lang), width=10_000)
    sums = re.findall(r"(-?[\d,]+\.\d\d(?: [-+] -?[\d,]+\.\d\d)+) = (-?[\d,]+\.\d\d)", text)
    for left, right in sums:
        terms = re.findall(r"(?:^|([-+]) )(-?[\d,]+\.\d\d)", left)
        assert sum(-fen(value) if sign == "-" else fen(value) for sign, value in terms) == fen(right), left
    assert len(sums) >= 5, "scope, deductible, cash, own expense, own share"
    smaller = re.findall(r"(?:取|smaller of) ([\d,.]+) (?:与|and) ([\d,.]+) ?(?:中较小者)? ?= ([\d,.]+)", text)
    assert len(smaller) == 3, "two caps and the account"
    assert all(min(fen(one), fen(other)) == fen(found) for one, other, found in smaller)


def test_before_and_movement_add_up_to_after(mixed: tuple[Journey, Event]) -> None:
    journey, event = mixed
    rows = columns(section(statement(event, journey.book, "zh"), "年度累计"), 1, 2, 3)
    assert all(before + moved == after for before, moved, after in rows)
    year, account = event.body.settled.accumulators, event.body.settled.account
    names_ = ("outpatient.deductible", "outpatient.hifp_pay", "outpatient.inscp_scp_amt")
    expected = [(year.before[name], year.movement[name], year.after[name]) for name in names_]
    assert rows == [*expected, (account.before["balc"], account.movement["balc"], account.after["balc"])]
    assert year.before["outpatient.hifp_pay"] > 0, "there was a visit before"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_and_every_step_is_on_paper(mixed: tuple[Journey, Event], lang: str) -> None:
    journey, event = mixed
    text = as_text(statement(event, journey.book, lang), width=10_000)
    for priced, asked in zip(event.body.priced.lines, event.body.request.feedetail, strict=True):
        assert re.search(rf"^{priced.name or asked.med_list_codg} .*{re.escape(asked.pric)}×{asked.cnt} ", text, re.MULTILINE)
    for step in event.body.settled.steps:
        assert step.rule in text and journey.book.sources[step.source].quote in text


# --- steps whose value depends on the past, the age, the plan --------------------------------------------------------------


def sheet(event: Event, book: Book, lang: str = "zh") -> str:
    return as_text(statement(event, book, lang), width=10_000)


def test_a_deductible_of_the_year_says_what_was_paid_before() -> None:
    """衡阳: 200 at level 2, then level 3 adds 300 - 200 = 100; 800.00 in scope, so 700.00 go on."""
    journey = insured(spell("430400"))
    journey.send("claim.submitted", claim(line(50_000), fixmedins_code=HENGYANG_2))
    event = journey.send("claim.submitted", claim(line(80_000), fixmedins_code=HENGYANG_3, mdtrt_id="M2"))
    zh, en = sheet(event, journey.book), sheet(event, journey.book, "en")
    assert "起付标准 300.00（机构级别：三级）" in zh and "本年已付 200.00，本次应付：300.00 - 200.00 = 100.00" in zh
    assert "Deductible 300.00 (level of the provider: level 3)" in en
    assert "Paid before in the year: 200.00; due now: 300.00 - 200.00 = 100.00" in en
    assert "800.00 - 100.00 = 700.00" in sheet(event, journey.book)


@pytest.mark.parametrize(("lang", "named"), [("zh", "单列的取值另有依据：依据 [S149]"), ("en", "a source of its own: source [S149]")])
def test_a_value_with_a_source_of_its_own_is_quoted_too(lang: str, named: str) -> None:
    """S148 states the deductibles of 衡阳, S149 that they add up to 300 a year at most."""
    journey = insured(spell("430400"))
    event = journey.send("claim.submitted", claim(line(80_000), fixmedins_code=HENGYANG_3))
    text = sheet(event, journey.book, lang)
    assert named in text and journey.book.sources["S149"].quote in text


def test_a_deductible_takes_no_more_than_what_is_in_scope() -> None:
    journey = insured(spell("430400"))
    text = sheet(journey.send("claim.submitted", claim(line(5_000), fixmedins_code=HENGYANG_2)), journey.book)
    assert "不超过进入本步的费用 50.00" in text and "50.00 - 50.00 = 0.00" in text


def test_a_ratio_of_the_age_shows_how_it_is_reckoned() -> None:
    """Born 1960-06-15, admitted 2026-03-05: 65 years. 75 % + 0.2 % x 65 = 88 %; (10,000 - 900) x 88 % = 8,008.00."""
    journey = insured(spell("419900", psn_type="12"), brdy="1960-06-15")
    journey.send("filing.requested", filing(mdtrtarea_admdvs="110000"))
    event = journey.send("claim.submitted", claim(line(1_000_000), fixmedins_code=BEIJING, med_type="21"))
    text = sheet(event, journey.book)
    assert "按年龄 65 岁：75% + 0.2% × 65 = 88%" in text and "9,100.00 × 88% = 8,008.00" in text
    assert "医院等级：三级甲等，本年第 1 次住院" in text and "跨省异地" in text
    assert f"异地就医备案  {event.body.checked.filing}" in text and "住院次数" in text
    assert "At the age of 65: 75% + 0.2% × 65 = 88%" in sheet(event, journey.book, "en")


def test_a_ratio_of_the_age_stops_at_its_most() -> None:
    """Born 1900-01-01: 126 years; 75 % + 0.2 % x 126 = 100.2 %, at most 100 %."""
    journey = insured(spell("419900", psn_type="12"), brdy="1900-01-01")
    journey.send("filing.requested", filing(mdtrtarea_admdvs="110000"))
    event = journey.send("claim.submitted", claim(line(1_000_000), fixmedins_code=BEIJING, med_type="21"))
    assert "75% + 0.2% × 126 = 100.2%，最高 100%" in sheet(event, journey.book)


def test_choices_of_step_and_plan_are_marked_and_in_one_language(visit: tuple[Journey, Event]) -> None:
    journey, event = visit
    for lang, mark in (("zh", "原文未尽，规则库的选择："), ("en", "Left open by the text, chosen by the rulebook:")):
        text = sheet(event, journey.book, lang)
        assert text.count(mark) == sum(step.choice for step in event.body.settled.steps) == 3
        assert ("每次就诊均按首次标准执行" in text) == (lang == "zh")
        assert ("every visit is charged the same" in text) == (lang == "en")
        assert ("方案的选择：" if lang == "zh" else "Chosen for the plan:") in text


def test_a_quote_of_the_rulebook_is_printed_once(visit: tuple[Journey, Event]) -> None:
    journey, event = visit
    text = sheet(event, journey.book)
    assert text.count(journey.book.sources["S069"].quote) == 1 and text.count("依据 [S069]，引文同上") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_rulebook_gives_no_quotes_and_no_choices(visit: tuple[Journey, Event], lang: str) -> None:
    journey, event = visit
    other = replace(journey.book, digest="0" * 64)
    for book in (other, None):
        text = sheet(event, book, lang)
        assert journey.book.sources["S116"].quote not in text and "[S116]" in text
        assert "每次就诊" not in text and "every visit" not in text
        assert ("手边没有作出决定的规则库" if lang == "zh" else "The rulebook that decided is not at hand") in text
        assert journey.book.digest in text
    assert sheet(event, beside(other, journey.book), lang) == sheet(event, journey.book, lang), "it is kept beside today's"


def test_the_account_that_paid_is_reckoned() -> None:
    """Person's part within the policy: 40.00 + (300.00 - 40.00) x 30 % = 118.00; 50.00 on the account, so cash 68.00."""
    journey = insured(balance=5_000)
    bill = claim(line(30_000, cnt="10", pric="30.00"), fixmedins_code=KARAMAY_2, acct_used_flag="1")
    text = sheet(journey.send("claim.submitted", bill), journey.book)
    assert "取 118.00 与 50.00 中较小者 = 50.00" in text and "个人负担 - 个人账户：118.00 - 50.00 = 68.00" in text


def test_a_step_that_nobody_named_shows_its_facts(visit: tuple[Journey, Event]) -> None:
    journey, event = visit
    steps = tuple(
        step.model_copy(update={"kind": "second_relief", "value": "x", "facts": {"a": "1"}}) if step.kind == "cap" else step
        for step in event.body.settled.steps
    )
    settled = event.body.settled.model_copy(update={"steps": steps})
    text = sheet(Event(event.attributes, event.key, event.value, event.body.model_copy(update={"settled": settled})), None)
    assert "second_relief" in text and "依据的事实：a=1" in text


def test_a_providers_part_and_a_family_wallet_are_named(visit: tuple[Journey, Event]) -> None:
    """10.00 over a ceiling borne by the provider: own expense 10.00 - 10.00 = 0.00. Of the person's 118.00 the account pays
    30.00 and the family wallet 20.00, which leaves 118.00 - 30.00 - 20.00 = 68.00."""
    _, event = visit
    priced = event.body.priced.model_copy(update={"overlmt_selfpay": 1_000})
    steps = (*event.body.settled.steps[:-1], event.body.settled.steps[-1].model_copy(update={"amount": 6_800}))
    changed = {"hosp_part_amt": 1_000, "acct_pay": 5_000, "acct_mulaid_pay": 2_000, "psn_cash_pay": 6_800, "steps": steps}
    body = event.body.model_copy(update={"settled": event.body.settled.model_copy(update=changed), "priced": priced})
    text = sheet(Event(event.attributes, event.key, event.value, body), None)
    assert "全自费 + 超限价 - 医药机构负担：0.00 + 10.00 - 10.00 = 0.00" in text
    assert "个人负担 - 个人账户 - 家庭共济：118.00 - 30.00 - 20.00 = 68.00" in text
    for row in (r"个人账户支付 +30\.00", r"家庭共济支付 +20\.00", r"个人现金支付 +68\.00", r"医药机构负担 +10\.00"):
        assert re.search(rf"^{row}$", text, re.MULTILINE), row


# --- other verdicts ---------------------------------------------------------------------------------------------------


def test_a_quote_is_short_and_says_that_it_moves_nothing() -> None:
    journey = insured()
    event = journey.send("quote.requested", mixed_bill())
    zh, en = sheet(event, journey.book), sheet(event, journey.book, "en")
    assert zh.startswith("医疗费用预结算单（试算，不作为凭证，不影响累计）") and "moves nothing" in en
    assert "示例奥美拉唑肠溶胶囊" not in zh and "甲类小计" in zh, "sums of the classes, no lines"
    assert "年度累计" not in zh and "计算步骤" in zh and "各方支付" in zh


def test_a_refused_claim_says_why_what_to_do_and_who_bears_it() -> None:
    journey = Journey()
    event = journey.send("claim.submitted", claim(line(12_345)))
    (why,) = event.body.checked.reasons
    zh, en = sheet(event, journey.book), sheet(event, journey.book, "en")
    assert event.type == "claim.refused" and why.code == "unknown_person" and why.bears == "patient"
    assert why.zh in zh and f"办法：{why.remedy_zh}" in zh and "金额承担：个人（原因代码 unknown_person，字段 psn_no）" in zh
    assert why.en in en and why.remedy_en in en and "Who bears the amount: the patient (reason unknown_person, field psn_no)" in en
    assert "医疗费总额 123.45 元，本次未结算" in zh and "结算未通过通知" in zh


def test_all_reasons_of_a_refusal_are_told() -> None:
    journey = insured()
    bill = claim(line(10_000), line(5_000), medfee_sumamt=15_001)
    event = journey.send("claim.submitted", bill)
    text = sheet(event, journey.book)
    assert [why.code in text for why in event.body.priced.reasons] == [True, True]
    assert re.search(r"^2  ", text, re.MULTILINE), "reasons are numbered"


def test_a_filing_accepted_and_refused() -> None:
    journey = insured()
    done = journey.send("filing.requested", filing(mdtrtarea_admdvs="110000"))
    text = sheet(done, journey.book)
    assert "异地就医备案结果" in text and "北京（110000）" in text and "已办理" in text
    assert done.body.filed.filing.trt_dcla_detl_sn in text and "2026-03-01 至 2026-08-31" in text, "six months"
    assert journey.book.sources[done.body.filed.source].quote in text
    pending = journey.send("filing.requested", filing(category="long_term_resident", mdtrtarea_admdvs="110000"))
    text = sheet(pending, journey.book)
    assert "待补正" in text and pending.body.filed.reasons[0].remedy_zh in text and "异地长期居住人员" in text
    refused = journey.send("filing.requested", filing(mdtrtarea_admdvs="650200"))
    assert "未通过" in sheet(refused, journey.book) and refused.body.filed.reasons[0].remedy_zh in sheet(refused, journey.book)


def test_long_term_filings_have_no_end() -> None:
    journey = insured()
    event = journey.send("filing.requested", filing(category="long_term_resident", cmt_flag="1", mdtrtarea_admdvs="110000"))
    assert "2026-03-01 起，变更前长期有效" in sheet(event, journey.book)


def test_facts_get_a_receipt() -> None:
    journey = Journey()
    arrears = {"begndate": "2024-01-01", "enddate": "2024-03-31"}
    event = journey.send("enrolment.recorded", enrolment(spell(arrears=[arrears], paus_insu_date="2030-01-01")))
    text = sheet(event, journey.book)
    assert "克拉玛依（650200），职工基本医疗保险（310），在职（11），自 2010-01-01 起，2030-01-01 起停保" in text
    assert "欠费 2024-01-01 至 2024-03-31" in text
    assert "划入金额（元）  123.45" in sheet(journey.send("account.credited", credit(12_345), id="c1"), journey.book)


@pytest.mark.parametrize(("known", "code", "zh"), [  # 险种类型, 人员类别, 医疗类别 of the national dictionary (NHSA-DICT)
    (names.PERSONS, "11", "在职（11）"), (names.PERSONS, "1105", "在职（1105）"), (names.PERSONS, "1112", "伤残军人退休（1112）"),
    (names.PERSONS, "111201", "伤残军人退休（111201）"), (names.PERSONS, "1404", "大学生（1404）"), (names.PERSONS, "1701", "城乡居民（1701）"),
    (names.CARE, "1103", "癌症筛查（1103）"), (names.CARE, "2101", "普通住院（2101）"), (names.CARE, "2107", "生育剖宫产（居民）（2107）"),
    (names.CARE, "990101", "门诊单病种（990101）"), (names.CARE, "99", "99"), (names.LEVELS, "3", "三级（3）"), (names.INSURANCES, "310", "职工基本医疗保险（310）"),
])
def test_a_code_is_called_by_what_the_dictionary_says_of_it(known: names.Names, code: str, zh: str) -> None:
    assert names.Words("zh").coded(known, code) == zh


@pytest.mark.parametrize(("number", "zh", "en"), [(1, ("1 个月", "1 天"), ("1 month", "1 day")), (12, ("12 个月", "12 天"), ("12 months", "12 days"))])
def test_one_month_is_not_said_as_several(number: int, zh: tuple[str, str], en: tuple[str, str]) -> None:
    for lang, told in (("zh", zh), ("en", en)):
        say = names.Words(lang)
        assert (say.months(number), say.days(number)) == told


def test_the_category_at_the_head_is_the_status_of_the_steps() -> None:
    """1112 is retired (退休): 6,000.00 a year at 克拉玛依 (S118), not the 4,000.00 of those at work."""
    journey = insured(spell(psn_type="1112"))
    text = sheet(journey.send("claim.submitted", claim()), journey.book)
    assert "人员类别  伤残军人退休（1112）" in text and "年度限额 6,000.00（按统筹支付额计，人员：退休）" in text


def test_repeated_and_conflicting_requests() -> None:
    journey = insured()
    for _ in range(2):
        repeated = journey.send("claim.submitted", claim(), id="X1")
    conflict = journey.send("claim.submitted", claim(line(777)), id="X1")
    assert repeated.type == "request.repeated" and "以首次结果为准" in sheet(repeated, journey.book)
    assert conflict.type == "request.refused" and "编号 X1 已用于另一请求：类型、版本或正文不同" in sheet(conflict, journey.book)


def test_an_unreadable_request_lets_no_control_character_through() -> None:
    journey = Journey()
    headers = (("ce_specversion", b"1.0"), ("ce_type", b"cn.yibao.claim.submitted.v1"), ("ce_source", b"/providers/X"))
    body = '{"\u202e\x07evil":1,"psn_no":"P1"}'.replace("\x07", "\\u0007").encode()
    event = event_of(list(journey.road.run(Record(b"P\x1b[31m1", body, headers, partition=0)))[-1])
    text = sheet(event, journey.book)
    assert event.type == "request.unreadable" and "请求无法读取通知" in text
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text


def test_only_verdicts_have_a_statement(visit: tuple[Journey, Event]) -> None:
    journey, _ = visit
    checked = next(event_of(record) for record in journey.records if b"claim.checked" in record.header("ce_type"))
    with pytest.raises(ValueError, match="claim.checked is not a verdict"):
        statement(checked, journey.book, "zh")


def test_languages_are_two(visit: tuple[Journey, Event]) -> None:
    with pytest.raises(ValueError, match="use zh or en"):
        statement(visit[1], None, "de")


# --- every name has both languages ----------------------------------------------------------------------------------------


def test_what_the_rules_can_say_has_a_name() -> None:
    assert tuple(names.FUNDS) == FUNDS
    assert STEP_KINDS.keys() <= WRITERS.keys() == KINDS.keys()
    assert NAMED_SELECTORS.keys() == SELECTORS | LINE_SELECTORS
    for selector, known in KNOWN.items():
        assert set(known) <= VALUES[selector].keys(), selector
    assert tuple(names.PARTS) == PARTS
    assert set(names.BEARS) == set(Bears.__args__)
    terminal = {type_.rpartition(".")[0] for type_ in topic_map().road[-1].types}
    assert TITLES.keys() == terminal <= BODIES.keys()


def test_all_names_are_in_two_languages() -> None:
    modules = (filing_names, names, selectors, pool_steps, later_steps, reimbursement, papers)
    tables = [value for module in modules for name, value in vars(module).items() if name.isupper() and isinstance(value, dict)]
    named = [table for table in tables if all(isinstance(value, tuple) for value in table.values())]
    for table in [*named, *VALUES.values(), KINDS, TITLES]:
        for code, (zh, en) in table.items():
            assert re.search("[一-鿿]", zh) and re.search("[A-Za-z]", en), code


def test_the_categories_of_filing_are_called_as_in_the_rulebook(book: Book) -> None:
    for rule in book.filing.rows:
        if isinstance(rule, FilingRule) and rule.area == "":
            assert filing_names.CATEGORIES[rule.category] == (rule.zh, rule.en)


def test_every_material_channel_and_term_of_the_rulebook_has_a_name(book: Book) -> None:
    rules = [rule for rule in book.filing.rows if isinstance(rule, FilingRule)]
    assert {one for rule in rules for paper in rule.papers for one in paper.one_of} <= filing_names.MATERIALS.keys()
    terms = [term for term in book.filing.rows if isinstance(term, Term)]
    assert {one for term in terms if term.key == "channels" for one in term.value} <= filing_names.CHANNELS.keys()
    assert set(TERMS) == TOLD.keys()
    assert {value for values in TEXT_TERMS.values() for value in values} == SAID.keys()


def test_places_are_called_by_region_city_or_province(book: Book) -> None:
    zh, en = names.Words("zh"), names.Words("en")
    assert (zh.place("650200", book), en.place("650200", book)) == ("克拉玛依（650200）", "Karamay (650200)")
    assert zh.place("650203", book) == "克拉玛依（650203）", "a district of the city"
    assert zh.place("110105", book) == "北京（110105）" and zh.place("110105", None) == "北京（110105）"
    assert zh.place("990000", book) == "990000", "nobody knows it"


def test_percent() -> None:
    assert [names.percent(ratio) for ratio in ("0.7", "1", "0", "0.125", "0.002")] == ["70%", "100%", "0%", "12.5%", "0.2%"]


# --- layout -----------------------------------------------------------------------------------------------------------------


def tables(text: str) -> Iterator[list[str]]:
    for block in text.split("\n\n"):
        rows = [row for row in block.splitlines() if re.search(r"\d\.\d\d$", row) and not row.startswith("    ")]
        if len(rows) > 1:
            yield rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_amounts_of_a_column_end_in_the_same_cell(visit: tuple[Journey, Event], lang: str) -> None:
    journey, event = visit
    found = list(tables(as_text(statement(event, journey.book, lang))))
    assert len(found) >= 4
    for rows in found:
        assert len({width_of(row) for row in rows}) == 1, rows


@pytest.mark.parametrize("width", [20, 33, 100])
def test_sentences_are_broken_and_lose_nothing(width: int) -> None:
    text = "规则 a/b#2；依据 [S116]《标题》：“普通门诊统筹基金首次起付标准 : 一级(含一级以下)、二级。” and some English words."
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(part) <= width + 2 for part in lines), "a closing sign may hang out"
    assert not any(part[0] in "，。；：、）》”" for part in lines)


def test_an_empty_sentence_is_an_empty_line() -> None:
    assert wrapped("", 10) == [""]


def test_movement_without_a_name_is_not_lost() -> None:
    """An accumulator that nobody named is shown by its own name, as an amount."""
    words = names.Words("zh")
    assert words.accumulator("outpatient.new_thing") == "门诊new_thing"
    assert names.accumulated("inpatient.admissions", 2) == "2" and names.accumulated("inpatient.deductible", 2) == "0.02"


@pytest.mark.parametrize(("name", "field", "named"), [("status", "psn_type", names.PERSONS), ("care", "med_type", names.CARE)])
def test_a_code_that_the_nations_maps_tell_from_its_first_digits_is_not_called_as_they_are(
    book: Book, name: str, field: str, named: names.Names,
) -> None:
    """1112 is 伤残军人退休 and paid as retired: a statement that calls it by its 11 would say 在职."""
    rows = [row for table in book.maps_of("", name)[name] if table.rows is not None for row in table.rows.rows]
    codes = {code for row in rows for code in getattr(dict(row.when)[field], "of", ())}
    assert "11" in codes and codes <= named.keys()


def test_who_is_retired_from_a_later_day_on_was_working_at_the_time() -> None:
    """Paid as working (40 first, 70 %, at most 4,000 a year): the sheet does not just say retired."""
    journey = Journey()
    journey.send("enrolment.recorded.v2", enrolment(spell(psn_type="12", retr_date="2026-03-06")))
    event = journey.send("claim.submitted", claim(fixmedins_code=KARAMAY_2))
    assert "退休（12），自 2026-03-06 起；就诊时在职" in sheet(event, journey.book)
    assert [step.facts["status"] for step in event.body.settled.steps if "status" in step.facts] == ["working"]
