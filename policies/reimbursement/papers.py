"""Whether an application for manual reimbursement is as the place of insurance asks: reason, channel, deadline, papers.

Nothing of money is decided here. What can never be right is a refusal; what can still be handed in is pending.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.events.claim import Checked
from contracts.events.reimbursement import Papers, Pending, Reimbursement
from contracts.reasons import Bilingual, Reason, no_rule, reason
from policies.calendar import add_months
from policies.names import beside, either, listed
from policies.places import NATION
from policies.reimbursement.rules import Groups, Limit, Rule, Rules, paper, pick

OPEN = Limit(open=True)
NAMES: Mapping[str, tuple[str, str]] = {
    "emergency_not_filed": ("急诊未备案", "emergency, not filed"), "provider_not_connected": ("机构未联网", "provider not connected"),
    "network_failure": ("网络不通", "network failure"), "in_arrears": ("欠费封锁", "blocked for arrears"),
    "not_filed": ("出院结算时未备案", "not filed at discharge"), "system_fault": ("系统故障", "system fault"),
    "no_credential": ("无就诊凭证", "no credential at hand"), "student_at_home": ("学生寒暑假或实习在户籍地", "student away from school"),
    "provider_not_chosen": ("未在选定医院", "hospital not chosen"), "self_paid": ("先行自费", "self-paid earlier"),
    "window": ("窗口", "window"), "mail": ("邮寄", "mail"), "online": ("线上", "online"), "employer": ("单位", "employer"),
    "school": ("学校", "school"),
}
"""Reasons and channels in both languages."""


@dataclass(frozen=True, slots=True)
class Application:
    """What is judged. ``care``: as the plans of the place call it; ``area``: home, same_province or other_province."""

    insuplc: str
    care: str
    area: str
    insutype: str
    enddate: date
    appl_date: date
    reason: str
    channel: str
    materials: tuple[str, ...]
    precheck: bool = False
    completes: str | None = None
    visit: tuple[str, str] = ("CASE", "CASE")

    @property
    def facts(self) -> dict[str, str]:
        return {"care": self.care, "insutype": self.insutype, "place": self.area, "reason": self.reason, "channel": self.channel}


@dataclass(frozen=True, slots=True)
class Judged:
    """What an application is worth. ``rules``: those that were applied."""

    papers: Papers
    refusals: tuple[Reason, ...]
    pending: tuple[Reason, ...]
    rules: tuple[Rule, ...]


def application(request: Reimbursement, checked: Checked, care: str) -> Application:
    """What of an eligible request is judged."""
    assert checked.insured is not None and checked.place is not None, "only eligible requests are judged"
    return Application(
        insuplc=checked.insured.insuplc_admdvs, care=care, area=checked.place, insutype=request.insutype,
        enddate=request.enddate, appl_date=request.appl_date, reason=request.manl_reim_rea, channel=request.channel,
        materials=request.materials, precheck=request.precheck_flag == "1", completes=request.completes,
        visit=(request.fixmedins_code, request.mdtrt_id),
    )


def judge(asked: Application, rules: Mapping[str, Rules], before: Pending | None) -> Judged:
    """The application against the rules; ``before``: the pending request that it completes, if there is one."""
    found = {table: pick(rules, asked.insuplc, table, asked.facts, asked.enddate) for table in TABLES}
    first = before.appl_date if before is not None else asked.appl_date
    deadline = _value(found["deadline"], OPEN).last(asked.enddate)
    late = max(0, (first - deadline).days) if deadline is not None else 0
    there = _there(asked, rules, before)
    missing = tuple(group for group in _value(found["materials"], ()) if not set(group) & set(there))
    until = before.until if before is not None else _until(asked, found, deadline)
    applied = tuple(rule for table, rule in found.items() if rule is not None and (table != "precheck" or asked.precheck))
    papers = Papers(
        appl_date=first, deadline=deadline, days_late=late, handed_in=there, missing=missing, until=until, pending=before,
        sources=tuple(dict.fromkeys(source for rule in applied for source in rule.sources)),
        choices=tuple(dict.fromkeys(rule.choice for rule in applied if rule.choice is not None)),
    )
    refusals = (*_unruled(asked, found), *_not_taken(asked, found), *_too_late(asked, papers), *_of_another(asked, before))
    return Judged(papers, refusals, tuple(_pending(asked, found, papers, rules)), applied)


def kept(asked: Application, papers: Papers, request_id: str) -> Pending:
    """What is kept of a pending application. Copies that are checked beforehand are no papers: the originals are still due, but for
    those that came with the request which it completes."""
    (code, visit), before = asked.visit, papers.pending.materials if papers.pending is not None else ()
    return Pending(
        request_id=request_id, fixmedins_code=code, mdtrt_id=visit, enddate=asked.enddate, appl_date=papers.appl_date,
        materials=before if asked.precheck else papers.handed_in, until=papers.until,
    )


TABLES = ("reason", "channel", "deadline", "materials", "round", "precheck", "completion")
NEEDED = {"deadline": "期限", "materials": "材料"}
"""Tables without which an application cannot be judged."""


def _there(asked: Application, rules: Mapping[str, Rules], before: Pending | None) -> tuple[str, ...]:
    """The papers that are there, those of the pending request too; what no rule has a name for does not count and is not kept."""
    held = (*(before.materials if before is not None else ()), *asked.materials)
    known = {code for area in (asked.insuplc, NATION) if area in rules for code in rules[area].papers}
    return tuple(code for code in dict.fromkeys(held) if code in known)


def _value(rule: Rule | None, default):  # noqa: ANN001, ANN202 - the value of a row, as its table reads it
    return rule.row.value if rule is not None else default


def _until(asked: Application, found: Mapping[str, Rule | None], deadline: date | None) -> date | None:
    """The last day for what is still missing, from the first application."""
    limit: Limit = _value(found["precheck" if asked.precheck else "completion"], OPEN)
    return limit.last(asked.appl_date, deadline)


def _unruled(asked: Application, found: Mapping[str, Rule | None]) -> Iterator[Reason]:
    if missing := [table for table in NEEDED if found[table] is None]:
        day = asked.enddate
        yield no_rule(
            None, f"手工报销的{'、'.join(NEEDED[table] for table in missing)}，参保地 {asked.insuplc}，医疗类别 {asked.care}，{day}",
            f"manual reimbursement, {' and '.join(missing)}, place {asked.insuplc}, care {asked.care}, {day}")


def _not_taken(asked: Application, found: Mapping[str, Rule | None]) -> Iterator[Reason]:
    if not _value(found["reason"], False):
        yield reason("manual_reason_not_accepted", "manl_reim_rea", what=named(asked.reason))
    if not _value(found["channel"], False):
        yield reason("manual_channel_not_taken", "channel", what=named(asked.channel))
    if asked.precheck and found["precheck"] is None:
        yield reason("precheck_not_taken", "precheck_flag")


def named(code: str) -> Bilingual:
    """A reason or a channel in both languages."""
    return Bilingual(*NAMES[code])


def _too_late(asked: Application, papers: Papers) -> Iterator[Reason]:
    if papers.days_late:
        yield reason("deadline_passed", "appl_date", deadline=papers.deadline, days=papers.days_late, applied=papers.appl_date)
    if papers.pending is not None and papers.until is not None and asked.appl_date > papers.until:
        days = (asked.appl_date - papers.until).days
        yield reason("completed_too_late", "appl_date", id=asked.completes, until=papers.until, days=days)


def _of_another(asked: Application, before: Pending | None) -> Iterator[Reason]:
    if asked.completes is not None and before is None:
        yield reason("unknown_pending", "completes", id=asked.completes)
    elif before is not None and (before.fixmedins_code, before.mdtrt_id, before.enddate) != (*asked.visit, asked.enddate):
        of = {"code": before.fixmedins_code, "mdtrt_id": before.mdtrt_id, "enddate": before.enddate}
        yield reason("pending_of_another_visit", "completes", id=asked.completes, **of)


def _pending(asked: Application, found: Mapping[str, Rule | None], papers: Papers, rules: Mapping[str, Rules]) -> Iterator[Reason]:
    """What can still be done about the application, one reason each."""
    if papers.missing:
        yield reason("papers_missing", "materials", missing=_listed(papers.missing, asked.insuplc, rules))
    if asked.precheck and not papers.missing:
        yield reason("originals_due", "materials", until=papers.until or Bilingual("未定", "none is set"))
    last = _value(found["round"], None)
    if last is not None and asked.appl_date.day > last:
        first = add_months(asked.appl_date.replace(day=1), 1)
        yield reason("after_round", "appl_date", what=named(asked.channel), day=last, first=first, last=first.replace(day=last))


def _listed(missing: Groups, place: str, rules: Mapping[str, Rules]) -> Bilingual:
    """``发票原件（invoice_original）或 ...；...``: of each group one is enough."""
    found = [[paper(rules, place, code) for code in group] for group in missing]
    return listed((either(beside(Bilingual(one.zh, one.en), one.code) for one in group) for group in found), "；", "; ")
