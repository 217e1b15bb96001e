"""``claim.submitted`` -> ``claim.checked`` -> ``claim.priced`` -> ``claim.settled``, and the same road for a trial quote.

Fields are those of transactions 2204/2207 and 2301/2304 (outpatient and inpatient fees and settlement), in fen.
Version 2 adds what benefits ask for beyond a plain visit or stay; a request of version 1 is one of version 2 without it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from contracts.base import Admdvs, Code, Day, Fen, Flag, Model, Price, PsnNo, Ratio, SignedFen, Wrong, described as of
from contracts.events.bill import Diagnosis, FeeLine, FeeLineV1, Invoice, Prior
from contracts.events.enrolment import Approval, ChosenProvider, Contribution, Exemption, Identity, Spell
from contracts.events.filing import Filing
from contracts.events.finding import Dispensed, Finding, Recent
from contracts.events.section import Section
from contracts.events.written import FundPart, Movement, Step
from contracts.reasons import Reason

MAX_LINES, MAX_INVOICES = 500, 64


class ClaimV1(Model):
    """The request ``cn.yibao.claim.submitted.v1``, and ``cn.yibao.quote.requested.v1`` (a trial; moves nothing)."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    insutype: of(Code, "险种类型", "type of insurance")
    fixmedins_code: of(Code, "定点医药机构编号", "provider")
    mdtrt_id: of(Code, "就诊ID", "visit or stay")
    med_type: of(Code, "医疗类别", "type of care: 11 outpatient, 21 inpatient")
    begndate: of(Day, "就诊（入院）日期", "day of visit or admission")
    enddate: of(Day, "结束（出院）日期", "last day, discharge")
    setl_date: of(Day, "结算日期", "day of settlement")
    medfee_sumamt: of(Fen, "医疗费总额（分）", "total, in fen")
    acct_used_flag: of(Flag, "个人账户使用标志", "use the personal account: 0 no, 1 own")
    diseinfo: of(Annotated[tuple[Diagnosis, ...], Field(max_length=32)], "诊断信息", "diagnoses") = ()
    feedetail: of(Annotated[tuple[FeeLineV1, ...], Field(min_length=1, max_length=MAX_LINES)], "费用明细", "fee lines")

    @model_validator(mode="after")
    def _days_in_order(self) -> "ClaimV1":
        if not self.begndate <= self.enddate <= self.setl_date:
            raise Wrong("begndate、enddate、setl_date 须按此先后顺序", "begndate, enddate and setl_date must be in this order")
        return self


class Claim(ClaimV1):
    """A bill of any route in its newest version: what the deciders read."""

    acct_used_flag: of(
        Annotated[str, Field(pattern=r"^[012]$")], "个人账户使用标志", "use the personal account: 0 no, 1 own, 2 the family's"
    )
    feedetail: of(Annotated[tuple[FeeLine, ...], Field(min_length=1, max_length=MAX_LINES)], "费用明细", "fee lines")
    dise_codg: of(Code | None, "病种编码", "code of the disease, for chronic diseases and single diseases") = None
    matn_type: of(Code | None, "生育类别", "kind of birth or operation, for maternity") = None
    fetus_cnt: of(Annotated[int, Field(ge=1, le=9)] | None, "胎儿数", "number of children born") = None
    mid_setl_flag: of(Flag, "中途结算标志", "interim settlement, the stay goes on: 0 no, 1 yes") = "0"
    otp_er_refl_flag: of(
        Annotated[str, Field(pattern=r"^[123]$")] | None, "门诊急诊转诊标志", "outpatient: 1 emergency, 2 referral, 3 both"
    ) = None
    ipt_type: of(
        Annotated[str, Field(pattern=r"^[123]$")] | None, "住院类型", "stay: 1 ordinary, 2 emergency or rescue, 3 transfer"
    ) = None
    refl_date: of(Day | None, "转诊日期", "day of the referral within the place of insurance") = None
    trum_flag: of(Flag, "外伤标志", "injury: 0 no, 1 yes") = "0"
    pay_loc: of(
        Annotated[str, Field(pattern=r"^[125]$")], "支付地点", "1 the agency (manual), 2 the provider, 5 an internet hospital"
    ) = "2"
    prior: of(Prior | None, "已由他处支付", "payments decided elsewhere") = None
    mdtrt_cert_type: of(
        Annotated[str, Field(pattern=r"^0[123]$")] | None, "就诊凭证类型", "shown at the provider: 01 electronic credential, 02 ID card, 03 card"
    ) = None
    oprn_oprt_code: of(Code | None, "手术操作代码", "code of the operation") = None
    invoinfo: of(Annotated[tuple[Invoice, ...], Field(max_length=MAX_INVOICES)], "发票信息", "invoices of this bill") = ()
    late_setl_flag: of(Flag, "补录标志", "settled by the provider after the patient paid in full at the discharge: 0 no, 1 yes") = "0"

    @model_validator(mode="after")
    def _referred_before(self) -> "Claim":
        if self.refl_date is not None and self.refl_date > self.enddate:
            raise Wrong("refl_date 晚于 enddate", "refl_date lies after enddate")
        return self


def unchanged(body: dict[str, Any]) -> dict[str, Any]:
    """Version 1 -> 2: version 2 only adds fields that may be absent."""
    return body


Place = Literal["home", "same_province", "other_province"]


class PersonFacts(Model):
    """What eligibility knew of the person when it decided."""

    brdy: Day | None = None
    gend: str | None = None
    insuinfo: tuple[Spell, ...] = ()
    idetinfo: tuple[Identity, ...] = ()
    filings: tuple[Filing, ...] = ()
    clctinfo: tuple[Contribution, ...] | None = None
    exmpinfo: tuple[Exemption, ...] | None = None
    opspinfo: tuple[Approval, ...] | None = None
    fixinfo: tuple[ChosenProvider, ...] | None = None


class ProviderFacts(Model):
    """What the register of the place of care says of the provider."""

    fixmedins_code: Code
    name: str
    admdvs: Admdvs
    hosp_lv: of(str, "医院等级", "level and grade: 2 is 三级甲等")
    dedc_hosp_lv: of(str, "起付线医院等级", "level for deductibles: 1, 2, 3, 9 ungraded")
    lmtpric_hosp_lv: of(str, "限价医院等级", "level for price ceilings: 1, 2, 3")
    medins_type: of(str | None, "机构类型", "hospital, tcm_hospital (of Chinese medicine), community, village, clinic, pharmacy or internet") = None
    fee_class: of(str | None, "收费类别", "class of its fees: 1, 2, 3") = None
    source: of(str, "来源", "where the register comes from; 'example' where it is invented")


Route = Literal["direct", "manual", "none"]


class RuleUsed(Model):
    """A rule of entitlement that decided: where it stands and which text says so."""

    rule: str
    source: str
    choice: of(bool, "是否选择", "the source leaves something open; the rulebook says beside the value what was chosen") = False


class Checked(Section):
    """The section ``checked``: may this person be treated there, and by which insurance."""

    verdict: Literal["accepted", "refused"]
    reasons: tuple[Reason, ...] = ()
    facts: PersonFacts
    insured: of(Spell | None, "适用参保信息", "the insurance that pays") = None
    provider: ProviderFacts | None = None
    place: of(Place | None, "就医地关系", "place of care as seen from the place of insurance") = None
    filing: of(Code | None, "适用备案", "number of the filing that applies") = None
    route: of(Route | None, "结算途径", "settled at the provider, by the agency after self-payment, or not at all") = None
    notes: of(tuple[Reason, ...] | None, "说明", "by hand: why the care could not be settled at the provider; in a gap: what the account may pay") = None
    rules: of(tuple[RuleUsed, ...] | None, "适用资格规则", "rules of contribution, waiting and retirement that decided") = None
    year: of(int | None, "计入年度", "year whose accumulators the claim moves") = None
    filed_as: of(Literal["emergency", "late"] | None, "备案认定", "emergency: counts as filed without one; late: filed after the settlement") = None


class PricedLine(Model):
    """One line, split. Law 1: amount = own expense + over ceiling + first self-pay + in scope."""

    feedetl_sn: Code
    name: of(str, "名称", "name in the catalogue; empty where it is not listed")
    chrgitm_lv: of(str, "收费项目等级", "class: 01 甲, 02 乙, 03 丙")
    selfpay_prop: of(Ratio, "先行自付比例", "first self-pay ratio")
    pric_uplmt: of(Price | None, "限价（元）", "price ceiling in yuan") = None
    det_item_fee_sumamt: SignedFen
    fulamt_ownpay_amt: of(SignedFen, "全自费金额", "own expense")
    overlmt_amt: of(SignedFen, "超限价金额", "over the price ceiling")
    preselfpay_amt: of(SignedFen, "先行自付金额", "first self-pay")
    inscp_scp_amt: of(SignedFen, "符合政策范围金额", "in scope")
    note: of(str | None, "说明", "why a line, or a part of it, is not in scope: not_listed, class_c, not_approved ...") = None
    med_chrgitm_type: of(str | None, "医疗收费项目类别", "type of the item: 01 bed, 09 western medicine, 10 herbal ...") = None
    kind: of(str | None, "目录特项", "what it is besides: negotiated, chinese, herbal, implant ...") = None
    selfpay_prop_type: of(str, "自付比例类别", "rule of the ratio: 10 first self-pay, 20 direct ratio, 30 by price") = "10"
    drt_reim_prop: of(Ratio | None, "目录直接报销比例", "own ratio of an item that is paid past the bands") = None
    hosp_part_amt: of(SignedFen, "医院负担金额", "of what is over or own expense, the provider bears this") = 0
    ctlg_begndate: of(Day | None, "目录版本", "start of the catalogue that priced the line, where it is not the claim's") = None


class CatalogueFacts(Model):
    """The catalogue that priced the lines: always that of the place of care (S001)."""

    admdvs: Admdvs
    begndate: Day
    source: str


class Priced(Section):
    """The section ``priced``: each line split by the catalogue of the place of care."""

    verdict: Literal["accepted", "refused"]
    reasons: tuple[Reason, ...] = ()
    catalogue: CatalogueFacts | None = None
    lines: tuple[PricedLine, ...] = ()
    medfee_sumamt: Fen = 0
    fulamt_ownpay_amt: Fen = 0
    overlmt_selfpay: Fen = 0
    preselfpay_amt: Fen = 0
    inscp_scp_amt: Fen = 0
    hosp_part_amt: of(Fen, "医院负担金额", "borne by the provider, inside over the ceiling and own expense") = 0


class Reviewed(Model):
    """What the review of a settled or held claim found, what it looked at besides the claim, and what is remembered for it."""

    findings: tuple[Finding, ...] | None = None
    lines: of(tuple[PricedLine, ...] | None, "扣减后的明细", "lines as they stand once they were cut; the others are as priced") = None
    dispensed: of(tuple[Dispensed, ...] | None, "既往购药", "earlier items that it looked at") = None
    recent: of(tuple[Recent, ...] | None, "既往就医", "earlier care that it looked at") = None
    keeps: of(tuple[Code, ...] | None, "留存项目", "items that later claims are compared with") = None
    keeps_care: of(bool | None, "留存就医", "whether later claims are compared with these days of care") = None


class Settled(Section):
    """The section ``settled``. Law 2: total = funds + person + provider; person = account + cash. Held: nothing moves."""

    verdict: Literal["settled", "held", "refused"]
    reasons: tuple[Reason, ...] = ()
    plan: of(str | None, "适用方案", "plan of the rulebook") = None
    benefit: of(str | None, "适用待遇", "benefit of the plan") = None
    year: of(int | None, "累计年度", "year of the accumulators") = None
    age: of(int | None, "年龄", "completed years on the day that the plan names") = None
    medfee_sumamt: Fen = 0
    inscp_scp_amt: Fen = 0
    act_pay_dedc: of(Fen, "实际支付起付线", "deductible paid") = 0
    pool_prop_selfpay: of(Ratio | None, "统筹基金支付比例", "ratio that the pool pays") = None
    hifp_pay: of(Fen, "统筹基金支出", "pool") = 0
    cvlserv_pay: of(Fen, "公务员医疗补助", "civil servants") = 0
    hifes_pay: of(Fen, "企业补充", "enterprise supplement") = 0
    hifmi_pay: of(Fen, "居民大病", "critical illness of residents") = 0
    hifob_pay: of(Fen, "职工大额", "large amounts of employees") = 0
    hifdm_pay: of(Fen, "伤残人员", "disabled servicemen") = 0
    maf_pay: of(Fen, "医疗救助", "medical assistance") = 0
    oth_pay: of(Fen, "其他支出", "other funds") = 0
    fund_pay_sumamt: of(Fen, "基金支付总额", "all funds") = 0
    psn_part_amt: of(Fen, "个人负担总金额", "the person's part") = 0
    acct_pay: of(Fen, "个人账户支出", "of it from the account") = 0
    acct_mulaid_pay: of(Fen, "账户共济支付", "of it from the family wallet") = 0
    psn_cash_pay: of(Fen, "个人现金支出", "of it in cash") = 0
    hosp_part_amt: of(Fen, "医院负担金额", "the provider's part") = 0
    psn_parts: of(dict[str, int], "个人负担构成", "the person's part by cause: deductible, coinsurance, over_cap ...") = {}
    reduced_amt: of(Fen, "异地降低金额", "what the pool pays less because the care was out of area") = 0
    allowance_pay: of(Fen, "定额补贴", "paid to the person beyond the cost by a fixed sum: outside all other amounts") = 0
    setldetail: tuple[FundPart, ...] = ()
    steps: tuple[Step, ...] = ()
    accumulators: Movement | None = None
    account: of(Movement | None, "个人账户", "balance before, movement, after") = None
    wallet: of(Movement | None, "家庭共济", "what each sharer's purse held before, movement, after") = None
    stay: of(Movement | None, "本次住院", "what the stay was charged and paid before, movement, after") = None
    review: of(Reviewed | None, "智能审核", "what the review found and remembers, where there is anything") = None


class ClaimSubmitted(Model):
    """``claim.submitted`` and ``quote.requested`` on the road."""

    request: Claim


class ClaimChecked(Model):
    """``claim.checked`` and ``quote.checked``."""

    request: Claim
    checked: Checked


class ClaimPriced(Model):
    """``claim.priced`` and ``quote.priced``."""

    request: Claim
    checked: Checked
    priced: Priced


class ClaimSettled(Model):
    """``claim.settled``, ``claim.quoted`` and ``claim.held``."""

    request: Claim
    checked: Checked
    priced: Priced
    settled: Settled


class ClaimRefused(Model):
    """``claim.refused`` and ``quote.refused``: the last section says why."""

    request: Claim
    checked: Checked
    priced: Priced | None = None
    settled: Settled | None = None
