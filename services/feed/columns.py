"""The columns of the feed's tables. Stable: a column never changes its meaning; new ones come at the end of their table.

Kinds: ``text``, ``day``, ``flag``, ``int`` (a count or number), ``ratio``, ``count`` and ``price`` (exact decimals), ``yuan``
(given in fen), and ``fen``, which becomes two columns: ``x`` in fen (int64) and ``x_yuan`` (decimal128 with two places).
"""

from dataclasses import dataclass

from contracts.events.claim import PricedLine
from contracts.events.reimbursement import Reimbursed
from contracts.events.reversal import AMOUNTS
from services.feed.wording import AMOUNT_WORDS

SCHEMA = 1
"""Version of the tables. A folder holds files of one version."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, of which kind, and what it means in both languages."""

    name: str
    kind: str
    zh: str
    en: str


def columns(text: str) -> tuple[Column, ...]:
    """Columns written one a line: name, kind, zh, en, parted by `` | ``."""
    return tuple(Column(*(cell.strip() for cell in line.split("|"))) for line in text.strip().splitlines())


def amount(name: str) -> Column:
    """An amount of a settlement or of a line, in the words of the contract."""
    said = (Reimbursed if name in Reimbursed.model_fields else PricedLine).model_fields[name].description
    zh, en = said.split(" / ", 1) if said else AMOUNT_WORDS[name]
    return Column(name, "fen", zh, en)


_EVENT = columns("""
event_id     | text | 事件编号（ce_id） | id of the event (ce_id)
request_id   | text | 请求编号 | id of the request
type         | text | 事件类型，如 claim.settled | type of the event: claim.settled ...
partition    | int  | 分区 | partition
req          | int  | 请求在分区内的序号 | number of the request in its partition
psn_no       | text | 人员编号 | insured person
""")
_ENTRY = columns("""
setl_id      | text | 结算ID | the settlement
entry        | text | 记账方式：settled 结算，reversed 冲回，again 重新结算 | settled, reversed (the mirror), or again (settled in another's place)
sign         | int  | 结算件数：结算 1，冲回 -1 | settlements that this row adds: 1, or -1 for a mirror
ordinal      | int  | 在该事件内的次序 | its number within the event, from 0 on
""")
_CLAIM = columns("""
init_setl_id      | text | 被取代的结算ID | the settlement that it replaces
omsgid            | text | 费用请求的编号 | id of the claim's own request
insutype          | text | 险种类型 | type of insurance: 310 employees, 390 residents
psn_type          | text | 人员类别 | category of person
insuplc_admdvs    | text | 参保地医保区划 | place of insurance
mdtrtarea_admdvs  | text | 就医地医保区划 | place of care
place             | text | 就医地关系 | home, same_province or other_province
route             | text | 结算途径：direct 直接结算，manual 手工报销 | direct, or manual (reimbursed by the agency)
fixmedins_code    | text | 定点医药机构编号 | provider
hosp_lv           | text | 医院等级 | level and grade of the provider
med_type          | text | 医疗类别 | type of care: 11 outpatient, 21 inpatient
mdtrt_id          | text | 就诊ID | visit or stay
begndate          | day  | 就诊（入院）日期 | day of visit or admission
enddate           | day  | 结束（出院）日期 | last day, discharge
setl_date         | day  | 结算日期 | day of settlement
booked            | day  | 记账日期：结算日期；暂缓后决定、冲回与重新结算为其请求的日期 | day of this row: that of settlement, or of the request that decided a held claim or took a settlement back
year              | int  | 累计年度 | year of the accumulators
age               | int  | 年龄 | completed years
gend              | text | 性别 | 1 male, 2 female
plan              | text | 适用方案 | plan of the rulebook
benefit           | text | 适用待遇 | benefit of the plan
pool_prop_selfpay | ratio | 统筹基金支付比例 | ratio that the pool pays
rulebook          | text | 规则库摘要 | digest of the rulebook that decided
""")
_LINE = columns("""
feedetl_sn     | text  | 费用明细流水号 | number of the line
fee_ocur_date  | day   | 费用发生日期 | day of the fee
med_list_codg  | text  | 医疗目录编码 | national code of the item
name           | text  | 目录名称 | name in the catalogue; empty where it is not listed
chrgitm_lv     | text  | 收费项目等级 | class: 01 甲, 02 乙, 03 丙
cnt            | count | 数量（冲回为负） | count; negative in a mirror
pric           | price | 单价（元） | unit price in yuan
selfpay_prop   | ratio | 先行自付比例 | first self-pay ratio
note           | text  | 说明 | why it is not, or not all, in scope
""")
_LINE_AMOUNTS = (
    "det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")
_STEP = columns("""
number  | int  | 步骤序号 | number of the step, from 1 on
kind    | text | 步骤类型 | kind of step
rule    | text | 规则 | plan and number of the rule
source  | text | 来源 | source of the value
choice  | flag | 是否选择 | the source leaves something open; the rulebook says what was chosen
value   | text | 取值 | the value applied: fen, or a ratio
base    | fen  | 基数 | what went in
amount  | fen  | 结果 | what came out
""")
_REFUSAL = columns("""
verdict        | text | 结论 | refused, held, pending, closed, returned, repeated or unreadable
ordinal        | int  | 原因次序 | number of the reason, from 0 on
code           | text | 原因代码 | code of the reason
field          | text | 字段 | field that the reason is about
zh             | text | 原因（中文） | the reason in Chinese
en             | text | 原因（英文） | the reason in English
insutype       | text | 险种类型 | type of insurance
insuplc_admdvs | text | 参保地医保区划 | place of insurance
fixmedins_code | text | 定点医药机构编号 | provider
med_type       | text | 医疗类别 | type of care
asked          | day  | 请求所说的日期 | day that the request states
medfee_sumamt  | fen  | 医疗费总额 | total that was billed
""")
_FILING = columns("""
verdict          | text | 结论 | accepted, pending or refused
oper             | text | 办理事项 | file, late, change, cancel, extend, redeem or break
trt_dcla_detl_sn | text | 备案编号 | number of the filing
insutype         | text | 险种类型 | type of insurance
insuplc_admdvs   | text | 参保地医保区划 | place of insurance
category         | text | 备案人员类别 | category
mdtrtarea_admdvs | text | 就医地 | place of care
begndate         | day  | 开始日期 | first day
enddate          | day  | 结束日期 | last day; null: until it is changed
asked            | day  | 申报日期 | day on which it was asked for
letter           | text | 承诺书 | commitment letter: given, redeemed or broken
code             | text | 首个原因代码 | code of the first reason
source           | text | 规则来源 | source of the rule applied
""")
_MOVEMENT = columns("""
ordinal       | int  | 在该事件内的次序 | its number within the event, from 0 on
setl_id       | text | 结算ID | the settlement, where one moved it
purse         | text | 累计项：year 年度、stay 住院、account 账户、wallet 家庭共济 | what moves: year, stay, account or wallet
key           | text | 年度/参保地/险种、住院、险种或共济人 | year/place/insurance, the stay, the insurance, or the sharer
name          | text | 累计项目 | name of the accumulator; balc: a balance
unit          | text | 单位：fen 分，count 件数或标志，day 日序 | fen, count (also numbers and flags), or day (ordinal)
before        | int  | 变动前 | before; null where the event does not say
movement      | int  | 变动 | what moves
after         | int  | 变动后 | after; null where the event does not say
movement_yuan | yuan | 变动（元） | what moves, in yuan; null where the unit is not fen
""")

TABLES: dict[str, tuple[Column, ...]] = {
    "settlements": (*_EVENT, *_ENTRY, *_CLAIM, *map(amount, (*AMOUNTS, "payable_amt"))),
    "lines": (*_EVENT, *_ENTRY, *_LINE, *map(amount, _LINE_AMOUNTS)),
    "steps": (*_EVENT, *_ENTRY, *_STEP),
    "refusals": (*_EVENT, *_REFUSAL),
    "filings": (*_EVENT, *_FILING),
    "movements": (*_EVENT, *_MOVEMENT),
}
"""The tables and their columns, in order."""
TABLE_WORDS = {
    "settlements": ("结算；冲回与重新结算各为一行", "settlements; what is taken back and what is settled again are rows of their own"),
    "lines": ("费用明细（审核扣减之后）", "fee lines, as they stand after the review"),
    "steps": ("计算步骤", "steps of the calculation"),
    "refusals": ("没有结算的结论，每个原因一行", "verdicts that settle nothing, one row a reason"),
    "filings": ("备案结论", "verdicts on filings"),
    "movements": ("累计与余额的变动", "what accumulators and balances move by"),
}
