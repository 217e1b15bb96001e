"""The columns of a what-if: what stands of a claim under both rulebooks. Amounts in fen, each ``x_before`` and ``x_after``."""

import pyarrow as pa

from policies.laws import FUNDS
from services.feed.columns import Column, amount, columns
from services.feed.parquet import typed

CLAIM = columns("""
request_id     | text | 请求编号 | id of the request
request        | text | 请求类型 | type of the request: claim.submitted ...
psn_no         | text | 人员编号 | insured person
day            | day  | 记账日期；未结算的为结算日期 | day in the books; of what is not settled the day of settlement that it states
insuplc_admdvs | text | 参保地医保区划 | place of insurance
insutype       | text | 险种类型 | type of insurance: 310 employees, 390 residents
fixmedins_code | text | 定点医药机构编号 | provider
dedc_hosp_lv   | text | 起付线医院等级 | level of the provider for deductibles: 1, 2, 3, 9 ungraded
med_type       | text | 医疗类别 | type of care: 11 outpatient, 21 inpatient
age            | int  | 年龄 | completed years
age_band       | text | 年龄段 | age band
bill           | int  | 医疗费总额（分），冲回为负 | what was billed, less what is taken back, in fen
verdict_before | text | 现行结论 | verdict under the present rulebook: type of the terminal event
verdict_after  | text | 草案结论 | verdict under the draft
why_before     | text | 现行未结算的原因 | code of the reason why it is not settled, under the present rulebook
why_after      | text | 草案未结算的原因 | code of the reason why it is not settled, under the draft
plan_before    | text | 现行适用方案与待遇 | plan and benefit under the present rulebook
plan_after     | text | 草案适用方案与待遇 | plan and benefit under the draft
""")
CHANGED = Column("changed", "flag", "结论或金额有变化", "verdict or an amount is another one")
COUNTS = columns("""
claims         | int  | 计一件 | 1 each
settled_before | int  | 现行已结算 | 1: settled under the present rulebook
settled_after  | int  | 草案已结算 | 1: settled under the draft
both           | int  | 两者均结算 | 1: settled alike under both
own_before     | int  | 现行个人负担（分）：个人负担减定额补贴 | what the person bears under the present rulebook: the person's part less the allowance, in fen
own_after      | int  | 草案个人负担（分） | what the person bears under the draft, in fen
own_both       | int  | 两者均结算时的现行个人负担（分） | what the person bears under the present rulebook where both settle, in fen; else 0
own_change     | int  | 两者均结算时个人负担的变化（分） | change of it where both settle, in fen; else null
fund_change    | int  | 基金支出（含定额补贴）的变化（分） | change of what the funds pay, allowances included, in fen
""")
PAID = (*FUNDS, "fund_pay_sumamt", "allowance_pay", "hosp_part_amt", "psn_part_amt", "acct_pay", "psn_cash_pay", "act_pay_dedc")
"""Amounts of a settlement that are compared."""
AMOUNTS = tuple(
    Column(f"{name}_{when}", "int", f"{said}{one.zh}（分）", f"{one.en}, {of}, in fen")
    for name in PAID for one in [amount(name)]
    for when, said, of in (("before", "现行", "present rulebook"), ("after", "草案", "draft")))
ALL = (*CLAIM, CHANGED, *COUNTS, *AMOUNTS)
SCHEMA = pa.schema([typed(one) for one in ALL])
WRITTEN = tuple(one.name for one in ALL if one.name not in ("changed", "claims", "own_both"))
"""The columns of the files that are written; the others are there to be summed."""
SUMMED = (*(one.name for one in COUNTS), *(one.name for one in AMOUNTS), "bill")
DIMENSIONS = ("insuplc_admdvs", "insutype", "dedc_hosp_lv", "med_type", "age_band")
BANDS = ((18, "0-17"), (45, "18-44"), (60, "45-59"), (75, "60-74"), (1000, "75+"))


def band_of(age: int | None) -> str:
    """The age band; empty where the age is not known."""
    return next(name for below, name in BANDS if age < below) if age is not None else ""
