"""``filing.requested`` -> ``filing.decided``: the filing for care in another place (异地就医备案, 医保发〔2022〕22号).

Version 1 knew materials only; version 2 adds the commitment letter (个人承诺书) that may stand in for them; version 3 what
becomes of a filing afterwards (changed, cancelled, extended, its letter redeemed or broken), late filings, hospitals, and
approvals and notices, which are categories as well.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from contracts.base import Admdvs, Code, Day, Flag, Model, PsnNo, Text, Wrong, described as of
from contracts.events.enrolment import Spell
from contracts.events.section import Section
from contracts.reasons import Reason

CareCategory = Literal[
    "settled_retiree", "long_term_resident", "resident_worker", "referral", "emergency", "other_temporary"
]
"""异地安置退休, 异地长期居住, 常驻异地工作; 异地转诊, 异地急诊抢救, 其他临时外出 (S098: two classes, six kinds)."""
Category = Literal[CareCategory, "disease_approval", "operation_approval", "long_stay_approval", "admission_notice"]
"""Besides: what the place of insurance approves beforehand (病种、手术、长期住院), and the admission it is told of (入院前预约)."""
CARE_CATEGORIES: tuple[str, ...] = get_args(CareCategory)
LONG_TERM = frozenset(CARE_CATEGORIES[:3])
"""跨省异地长期居住人员; the other three are 跨省临时外出就医人员."""
Operation = Literal["file", "late", "change", "cancel", "extend", "redeem", "break"]
"""备案, 补备案; of a filing that there is: 变更, 取消, 延长, 承诺补齐材料, 承诺未履行."""
NEW: tuple[str, ...] = ("file", "late")
"""Operations that begin a filing; the others name one."""
MAX_HOSPITALS = 16
Materials = Annotated[tuple[Code, ...], Field(max_length=16)]
Hospitals = Annotated[tuple[Code, ...], Field(min_length=1, max_length=MAX_HOSPITALS)]


class FilingRequest(Model):
    """The request ``cn.yibao.filing.requested.v3``."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    oper: of(Operation, "办理事项", "file, late, change, cancel, extend, redeem the letter, break the letter") = "file"
    trt_dcla_detl_sn: of(Code | None, "待遇申报明细流水号", "number of the filing that is changed, cancelled, extended ...") = None
    insutype: of(Code, "险种类型", "type of insurance")
    category: of(Code | None, "备案人员类别", "category of person, or a code of an older classification") = None
    mdtrtarea_admdvs: of(Admdvs | None, "就医地行政区划", "place of care: a city, or a province (PP0000)") = None
    fixmedins_codes: of(Hospitals | None, "选定医疗机构", "hospitals, where the place of insurance files for hospitals") = None
    begndate: of(Day, "开始日期", "first day; of a cancellation the first day without the filing")
    enddate: of(Day | None, "结束日期", "last day; what the rule gives where absent") = None
    materials: of(Materials, "备案材料", "materials handed in") = ()
    cmt_flag: of(Flag, "个人承诺书标志", "commitment letter handed in: 0 no, 1 yes") = "0"
    dcla_souc: of(Code | None, "申报来源", "channel") = None
    dcla_date: of(Day | None, "申报日期", "day on which it was asked for, where that is not the first day") = None
    rloc_rea: of(Text | None, "原因", "reason") = None
    dise_codg: of(Code | None, "病种编码", "disease that is to be approved") = None
    oprn_oprt_code: of(Code | None, "手术操作代码", "operation that is to be approved") = None

    @model_validator(mode="after")
    def _says_what_is_asked(self) -> "FilingRequest":
        if self.enddate is not None and self.enddate < self.begndate:
            raise Wrong("enddate 早于 begndate", "enddate lies before begndate")
        missing = [name for name in _NEEDED[self.oper] if getattr(self, name) is None]
        if missing:
            raise Wrong(f"{self.oper} 须填 {'、'.join(missing)}", f"{self.oper} needs {', '.join(missing)}")
        stated = [name for name in _OPTIONAL - _TAKEN[self.oper] if getattr(self, name) not in (None, (), "0")]
        if stated:
            raise Wrong(f"{self.oper} 不填 {'、'.join(sorted(stated))}", f"{self.oper} takes no {', '.join(sorted(stated))}")
        if len(set(self.fixmedins_codes or ())) < len(self.fixmedins_codes or ()):
            raise Wrong("fixmedins_codes 中同一医院出现两次", "fixmedins_codes names a hospital twice")
        return self


_NEW = frozenset({
    "category", "mdtrtarea_admdvs", "fixmedins_codes", "enddate", "materials", "cmt_flag", "dise_codg", "oprn_oprt_code",
})
_OPTIONAL = _NEW | {"trt_dcla_detl_sn"}
"""Fields that only some operations take. The others (channel, day of asking, reason) may stand in all."""
_NUMBER = frozenset({"trt_dcla_detl_sn"})
_TAKEN: dict[str, frozenset[str]] = {
    **dict.fromkeys(NEW, _NEW), "change": _NUMBER | _NEW - {"dise_codg", "oprn_oprt_code"},
    **dict.fromkeys(("cancel", "break"), _NUMBER), "extend": _NUMBER | {"enddate"}, "redeem": _NUMBER | {"materials", "cmt_flag"},
}
_NEEDED: dict[str, tuple[str, ...]] = {
    "file": ("category", "mdtrtarea_admdvs"), "late": ("category", "mdtrtarea_admdvs", "dcla_date"),
    **dict.fromkeys(("change", "cancel", "extend", "redeem", "break"), ("trt_dcla_detl_sn",)),
}


class FilingRequestV2(Model):
    """The request ``cn.yibao.filing.requested.v2``."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    insutype: of(Code, "险种类型", "type of insurance")
    category: of(CareCategory, "备案人员类别", "category of person")
    mdtrtarea_admdvs: of(Admdvs, "就医地行政区划", "place of care: a city, or a province (PP0000)")
    begndate: of(Day, "开始日期", "first day")
    enddate: of(Day | None, "结束日期", "last day; the longest that the rule allows where absent") = None
    materials: of(Materials, "备案材料", "materials handed in") = ()
    cmt_flag: of(Flag, "个人承诺书标志", "commitment letter handed in: 0 no, 1 yes") = "0"
    dcla_souc: of(Code | None, "申报来源", "channel") = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "FilingRequestV2":
        if self.enddate is not None and self.enddate < self.begndate:
            raise Wrong("enddate 早于 begndate", "enddate lies before begndate")
        return self


class FilingRequestV1(Model):
    """The request ``cn.yibao.filing.requested.v1``: without ``cmt_flag``."""

    psn_no: PsnNo
    insutype: Code
    category: CareCategory
    mdtrtarea_admdvs: Admdvs
    begndate: Day
    enddate: Day | None = None
    materials: Materials = ()
    dcla_souc: Code | None = None


def upcast_v1(body: dict[str, Any]) -> dict[str, Any]:
    """Version 1 -> 2: before there was a commitment letter, none was handed in."""
    return {**body, "cmt_flag": "0"}


class Filing(Model):
    """A filing as later stages use it. What is absent from ``hospitals`` on, it is not about."""

    trt_dcla_detl_sn: of(Code, "待遇申报明细流水号", "number of the filing")
    insuplc_admdvs: of(Admdvs, "参保地医保区划", "place of insurance")
    insutype: of(Code, "险种类型", "type of insurance")
    category: of(Category, "备案人员类别", "category")
    mdtrtarea_admdvs: of(Admdvs, "就医地行政区划", "place of care")
    begndate: of(Day, "开始日期", "first day")
    enddate: of(Day | None, "结束日期", "last day; absent: until it is changed") = None
    hospitals: of(Hospitals | None, "选定医疗机构", "only these hospitals; absent: all of the place") = None
    letter: of(Literal["given", "redeemed", "broken"] | None, "承诺书", "a letter stands in for materials, or did") = None
    redeemed: of(Day | None, "材料补齐日", "day from which the materials are there that the letter promised") = None
    materials: of(Materials | None, "已交材料", "materials that were handed in, while others are missing or promised") = None
    pending: of(Literal["1"] | None, "待补正", "1: materials are missing; it does not count yet") = None
    completed: of(Day | None, "补正日", "of one that was pending, the day on which its materials came") = None
    closed: of(Literal["cancelled", "changed"] | None, "终止方式", "why its last day is what it is, where a request ended it") = None
    changed: of(Annotated[int, Field(ge=1)] | None, "变更次数", "changes in the year of its first day, the one that it began by included") = None
    dcla_date: of(Day | None, "申报日期", "day on which it was asked for, where that is not its first day") = None
    dise_codg: of(Code | None, "病种编码", "disease approved") = None
    oprn_oprt_code: of(Code | None, "手术操作代码", "operation approved") = None

    def touches(self, first: Day, last: Day) -> bool:
        """In force on any day from ``first`` to ``last``."""
        return self.begndate <= last and (self.enddate is None or first <= self.enddate)

    @property
    def over(self) -> bool:
        """Changed, or its letter broken: what came after it is another filing."""
        return self.closed == "changed" or self.letter == "broken"

    @property
    def asked(self) -> Day:
        """The day on which it was asked for."""
        return self.dcla_date or self.begndate

    @property
    def made(self) -> Day:
        """The day on which it was made: asked for, and complete."""
        return max(self.asked, self.completed or self.asked)


class FilingFacts(Model):
    """What was known when the filing was decided."""

    insuinfo: tuple[Spell, ...] = ()
    in_force: of(int, "有效备案数", "filings of the person that have not ended") = 0
    filing: of(Filing | None, "所办备案", "the filing that the request names") = None


class FiledFiling(Section):
    """The section ``filed`` of a filing."""

    verdict: Literal["accepted", "refused", "pending"]
    reasons: tuple[Reason, ...] = ()
    facts: FilingFacts
    filing: of(Filing | None, "备案", "the filing as it stands now") = None
    source: of(str | None, "规则来源", "source of the rule applied") = None
    ended: of(Filing | None, "已终止备案", "the filing that ends by it, with its last day") = None
    means: of(dict[str, str] | None, "待遇含义", "category that plans select by, made in_time or late, and home: use at home meanwhile") = None


class FilingDecided(Model):
    """``filing.decided``: accepted, pending or refused."""

    request: FilingRequest
    filed: FiledFiling


class FilingRequested(Model):
    """``filing.requested`` as the first stage reads it."""

    request: FilingRequest
