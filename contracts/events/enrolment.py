"""``enrolment.recorded``: what the agency of the place of insurance knows of a person (transaction 1101, insuinfo).

It states the whole: each record replaces what earlier ones said of the person. Version 2 adds identities, what
continuous insurance earns, and what waiting and gaps are decided by: contributions, exemptions, retirement, approvals of
chronic diseases, chosen providers. A record of version 1 is one of version 2 without them.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.base import Admdvs, Code, Day, Flag, Model, PsnNo, Wrong, described as of

Months = Annotated[int, Field(ge=0, le=1200)]
MAX_CONTRIBUTIONS, MAX_CHOSEN = 120, 16
EMPLOYEES = "310"
"""The insurance of employees (职工), which knows retirement and has personal accounts."""
WORKING, RETIRED = "11", ("12", "13", "1112")
"""First digits of psn_type: at work (在职); retired, veterans (离休), disabled servicemen who are retired (伤残军人退休; 1111 of them work)."""


class Arrears(Model):
    """A time for which no contribution was paid, both days included; without ``enddate`` it lasts."""

    begndate: of(Day, "欠费开始日期", "first day in arrears")
    enddate: of(Day | None, "欠费结束日期", "last day in arrears") = None


class SpellV1(Model):
    """One insurance of the person, from ``psn_insu_date`` to the day before ``paus_insu_date``."""

    insuplc_admdvs: of(Admdvs, "参保地医保区划", "place of insurance")
    insutype: of(Code, "险种类型", "type of insurance: 310 employees, 390 residents")
    psn_type: of(Annotated[str, Field(pattern=r"^[0-9]{2,6}$")], "人员类别", "category of person: 11 working, 12 retired")
    psn_insu_date: of(Day, "个人参保日期", "first day insured")
    paus_insu_date: of(Day | None, "暂停参保日期", "first day no longer insured") = None
    cvlserv_flag: of(Flag, "公务员标志", "civil servant: 0 no, 1 yes") = "0"
    arrears: of(Annotated[tuple[Arrears, ...], Field(max_length=24)], "欠费期", "times in arrears") = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "SpellV1":
        if self.paus_insu_date is not None and self.paus_insu_date < self.psn_insu_date:
            raise Wrong("paus_insu_date 早于 psn_insu_date", "paus_insu_date lies before psn_insu_date")
        return self

    def covers(self, day: Day) -> bool:
        return self.psn_insu_date <= day and (self.paus_insu_date is None or day < self.paus_insu_date)


class Spell(SpellV1):
    """One insurance of the person in version 2.

    Months of contribution are those by which retirement was granted, or those so far; ``stop_date`` is the day of the
    procedure, from which the place of insurance says when benefits end.
    """

    conti_insu_date: of(Day | None, "连续参保起始日期", "first day of the insurance that was never interrupted since") = None
    zero_clm_years: of(
        Annotated[int, Field(ge=0, le=99)] | None, "连续零报销年数", "years in a row before this one without a payment by the funds"
    ) = None
    stop_date: of(Day | None, "办理停保日期", "day on which the end of the insurance was reported") = None
    retr_date: of(Day | None, "退休待遇起始日期", "first day as a retired person, as the agency granted it") = None
    act_clct_months: of(Months | None, "实际缴费月数", "months of contribution paid") = None
    deem_clct_months: of(Months | None, "视同缴费月数", "months that count as paid") = None
    flxempe_flag: of(Flag | None, "灵活就业标志", "in flexible employment: 0 no, 1 yes") = None
    stdt_flag: of(Flag | None, "在校学生标志", "student: 0 no, 1 yes") = None

    def retired_on(self, day: Day) -> bool:
        """Whether the person is retired on ``day``, by what the agency recorded."""
        return self.psn_type_on(day).startswith(RETIRED)

    def psn_type_on(self, day: Day) -> str:
        """The category of person on ``day``: before the first day as a retired person that of one at work."""
        return WORKING if self.retr_date is not None and day < self.retr_date and self.psn_type.startswith(RETIRED) else self.psn_type


class Span(Model):
    """From ``begndate`` to ``enddate``, both included; without ``enddate`` it lasts."""

    begndate: of(Day, "开始日期", "first day")
    enddate: of(Day | None, "结束日期", "last day; absent: it lasts") = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Span":
        if self.enddate is not None and self.enddate < self.begndate:
            raise Wrong("enddate 早于 begndate", "enddate lies before begndate")
        return self

    def covers(self, day: Day) -> bool:
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)


class Contribution(Model):
    """A time paid for (clctinfo): a year of residents, one or more months of employees."""

    insuplc_admdvs: of(Admdvs, "参保地医保区划", "place of insurance")
    insutype: of(Code, "险种类型", "type of insurance")
    begndate: of(Day, "费款所属期起", "first day that is paid for")
    enddate: of(Day, "费款所属期止", "last day that is paid for")
    clct_date: of(Day | None, "到账日期", "day on which the money arrived; absent: when it was due") = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Contribution":
        if self.enddate < self.begndate:
            raise Wrong("enddate 早于 begndate", "enddate lies before begndate")
        return self

    def covers(self, day: Day) -> bool:
        return self.begndate <= day <= self.enddate


Exempt = Literal["newborn", "graduate", "discharged_soldier", "released", "assisted", "moved_insurance", "other"]
"""新生儿, 毕业生, 退役军人, 刑满释放, 救助对象, 职工医保转入, 其他: who need not wait, as the agency found."""


class Exemption(Span):
    """No waiting period from ``begndate`` to ``enddate`` (exmpinfo)."""

    exmp_type: of(Exempt, "免等待期类别", "why there is no waiting period")


class Approval(Span):
    """A chronic or special disease that the agency approved for outpatient care (opspinfo, transaction 5301)."""

    dise_codg: of(Code, "病种编码", "code of the disease")


class ChosenProvider(Span):
    """A provider that the person chose (fixinfo, transaction 5302)."""

    fixmedins_code: of(Code, "定点医药机构编号", "provider")


class Identity(Span):
    """A special identity (idetinfo): 优抚, 特困, 低保 and others."""

    psn_idet_type: of(Annotated[str, Field(pattern=r"^[0-9]{2,6}$")], "人员身份类别", "kind of identity: 2303 minimum living allowance, 2304 extreme hardship")


class EnrolmentV1(Model):
    """The request ``cn.yibao.enrolment.recorded.v1``."""

    psn_no: of(PsnNo, "人员编号", "insured person, a pseudonym")
    brdy: of(Day, "出生日期", "date of birth")
    gend: of(Annotated[str, Field(pattern=r"^[0129]$")], "性别", "sex: 1 male, 2 female")
    insuinfo: of(Annotated[tuple[SpellV1, ...], Field(min_length=1, max_length=16)], "参保信息列表", "insurances")


class Enrolment(EnrolmentV1):
    """The request ``cn.yibao.enrolment.recorded.v2``."""

    insuinfo: of(Annotated[tuple[Spell, ...], Field(min_length=1, max_length=16)], "参保信息列表", "insurances")
    idetinfo: of(Annotated[tuple[Identity, ...], Field(max_length=16)], "身份信息列表", "special identities") = ()
    clctinfo: of(
        Annotated[tuple[Contribution, ...], Field(max_length=MAX_CONTRIBUTIONS)], "缴费信息列表", "times paid for, under any insurance"
    ) = ()
    exmpinfo: of(Annotated[tuple[Exemption, ...], Field(max_length=8)], "免等待期列表", "exemptions from waiting") = ()
    opspinfo: of(Annotated[tuple[Approval, ...], Field(max_length=32)], "慢特病备案列表", "chronic diseases approved") = ()
    fixinfo: of(Annotated[tuple[ChosenProvider, ...], Field(max_length=MAX_CHOSEN)], "定点备案列表", "providers chosen") = ()


class EnrolmentRecorded(Model):
    """``enrolment.recorded`` on the road."""

    request: Enrolment
