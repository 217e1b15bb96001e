"""``filing.requested`` -> ``filing.decided``: the filing for care in another place (异地就医备案, 医保发〔2022〕22号).

Version 1 knew materials only; version 2 adds the commitment letter (个人承诺书) that may stand in for them.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from contracts.base import Admdvs, Code, Day, Flag, Model, PsnNo, described as of
from contracts.events.enrolment import Spell
from contracts.events.section import Section
from contracts.reasons import Reason

Category = Literal[
    "settled_retiree", "long_term_resident", "resident_worker", "referral", "emergency", "other_temporary"
]
"""异地安置退休, 异地长期居住, 常驻异地工作; 异地转诊, 异地急诊抢救, 其他临时外出 (S098: two classes, six kinds)."""


class FilingRequest(Model):
    """The request ``cn.yibao.filing.requested.v2``."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    insutype: of(Code, "险种类型", "type of insurance")
    category: of(Category, "备案人员类别", "category of person")
    mdtrtarea_admdvs: of(Admdvs, "就医地行政区划", "place of care: a city, or a province (PP0000)")
    begndate: of(Day, "开始日期", "first day")
    enddate: of(Day | None, "结束日期", "last day; the longest that the rule allows where absent") = None
    materials: of(Annotated[tuple[Code, ...], Field(max_length=16)], "备案材料", "materials handed in") = ()
    cmt_flag: of(Flag, "个人承诺书标志", "commitment letter handed in: 0 no, 1 yes") = "0"
    dcla_souc: of(Code | None, "申报来源", "channel") = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "FilingRequest":
        if self.enddate is not None and self.enddate < self.begndate:
            raise ValueError("enddate lies before begndate")
        return self


class FilingRequestV1(Model):
    """The request ``cn.yibao.filing.requested.v1``: without ``cmt_flag``."""

    psn_no: PsnNo
    insutype: Code
    category: Category
    mdtrtarea_admdvs: Admdvs
    begndate: Day
    enddate: Day | None = None
    materials: Annotated[tuple[Code, ...], Field(max_length=16)] = ()
    dcla_souc: Code | None = None


def upcast_v1(body: dict[str, Any]) -> dict[str, Any]:
    """Version 1 -> 2: before there was a commitment letter, none was handed in."""
    return {**body, "cmt_flag": "0"}


class Filing(Model):
    """An accepted filing, as later stages use it."""

    trt_dcla_detl_sn: of(Code, "待遇申报明细流水号", "number of the filing")
    insuplc_admdvs: of(Admdvs, "参保地医保区划", "place of insurance")
    insutype: of(Code, "险种类型", "type of insurance")
    category: of(Category, "备案人员类别", "category")
    mdtrtarea_admdvs: of(Admdvs, "就医地行政区划", "place of care")
    begndate: of(Day, "开始日期", "first day")
    enddate: of(Day | None, "结束日期", "last day; absent: until it is changed") = None

    def touches(self, first: Day, last: Day) -> bool:
        """In force on any day from ``first`` to ``last``."""
        return self.begndate <= last and (self.enddate is None or first <= self.enddate)


class FilingFacts(Model):
    """What was known when the filing was decided."""

    insuinfo: tuple[Spell, ...] = ()
    in_force: of(int, "有效备案数", "filings of the person in force") = 0


class FiledFiling(Section):
    """The section ``filed`` of a filing."""

    verdict: Literal["accepted", "refused"]
    reasons: tuple[Reason, ...] = ()
    facts: FilingFacts
    filing: Filing | None = None
    source: of(str | None, "规则来源", "source of the rule applied") = None


class FilingDecided(Model):
    """``filing.decided``: accepted or refused."""

    request: FilingRequest
    filed: FiledFiling


class FilingRequested(Model):
    """``filing.requested`` as the first stage reads it."""

    request: FilingRequest
