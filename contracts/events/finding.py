"""What a review (智能审核, 3101 / 3102) finds in a claim, and what it compares a claim with. In fen."""

from typing import Literal

from contracts.base import Code, Day, Fen, Model, described as of
from contracts.reasons import Reason

Effect = Literal["note", "cut", "hold"]
"""提示: the claim is settled as billed; 扣减: lines are cut; 暂缓: a person decides."""
Bearer = Literal["patient", "provider"]


class FoundLine(Model):
    """One line that a finding is about."""

    feedetl_sn: of(Code, "费用明细流水号", "number of the line")
    vola_amt: of(Fen, "违规金额（分）", "at stake of it, in fen")


class Finding(Model):
    """One rule that applies. ``bears``: of a cut alone; ``setl_ids``: earlier settlements that it compares with."""

    rule_id: of(Code, "规则标识", "the rule")
    rule_name: of(str, "规则名称", "its name in Chinese")
    rule_name_en: of(str, "规则英文名称", "its name in English")
    effect: of(Effect, "处理", "note, cut or hold")
    bears: of(Bearer | None, "承担方", "who bears what is cut") = None
    source: of(str, "来源", "source of the rule; 'example' where it is invented")
    choice: of(bool, "是否选择", "the source leaves something open; the rulebook says what was chosen") = False
    lines: tuple[FoundLine, ...] = ()
    vola_amt: of(Fen, "违规金额（分）", "at stake in all, in fen")
    setl_ids: of(tuple[Code, ...], "所涉结算", "earlier settlements that it stands on") = ()
    reason: of(Reason, "违规内容", "what was found and what to do, in both languages")


class Dispensed(Model):
    """An item that an earlier settlement of the person holds."""

    med_list_codg: of(Code, "医疗目录编码", "the item")
    setl_id: of(Code, "结算ID", "the settlement")
    fixmedins_code: of(Code, "定点医药机构编号", "provider")
    date: of(Day, "费用发生日期", "last day on which it was handed out or done")


class Recent(Model):
    """Days of care of an earlier settlement of the person."""

    setl_id: of(Code, "结算ID", "the settlement")
    fixmedins_code: of(Code, "定点医药机构编号", "provider")
    mdtrt_id: of(Code, "就诊ID", "visit or stay")
    begndate: Day
    enddate: Day
    stay: of(bool, "是否住院", "a stay in hospital, not a visit")
    medfee_sumamt: of(Fen | None, "医疗费总额（分）", "total, in fen") = None
    by_hand: of(bool | None, "是否手工报销", "paid by hand, not directly") = None
