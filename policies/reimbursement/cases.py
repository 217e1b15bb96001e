"""Cases of manual reimbursement: applications judged by hand, in ``reimbursement.cases.toml`` beside the rules that they test.

A case says who applied when, why, how and with which papers, and what must come out: ``refused`` or ``pending`` with the codes of
the reasons (neither: in order), the ``deadline``, ``days_late``, ``missing`` papers and the day ``until`` which it may be completed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.events.reimbursement import Pending
from policies.reimbursement.papers import Application, Judged, judge
from policies.reimbursement.rules import Rule, Rules
from policies.tables import Table

NAME = "reimbursement.cases.toml"
BEFORE = "CASE-0"


@dataclass(frozen=True, slots=True)
class ReimbursementCase:
    """An application, the pending one that it completes, and what it must give."""

    file: str
    name: str
    why: str
    asked: Application
    before: Pending | None
    expect: Mapping[str, Any]

    def judged(self, rules: Mapping[str, Rules]) -> Judged:
        return judge(self.asked, rules, self.before)

    def told(self, rules: Mapping[str, Rules]) -> dict[str, Any]:
        """What comes out, under the names of ``expect``."""
        found = self.judged(rules)
        refused = tuple(reason.code for reason in found.refusals)
        pending = () if refused else tuple(reason.code for reason in found.pending)
        papers = found.papers
        return {
            "refused": refused, "pending": pending, "deadline": papers.deadline, "days_late": papers.days_late, "until": papers.until,
            "missing": tuple(" | ".join(group) for group in papers.missing),
        }


def read_case(file: str, where: str, row: dict[str, Any], problems: list[str]) -> ReimbursementCase:
    """The case in one row; problems are noted."""
    table = Table(row, where, problems, {})
    before = _before(table.only("completes"), table.day("enddate")) if table.has("completes") else None
    asked = Application(
        insuplc=table.admdvs("insuplc"), care=table.text("care"), area=table.text("where", "home"), insutype=table.text("insutype"),
        enddate=table.day("enddate"), appl_date=table.day("applied"), reason=table.text("reason"), channel=table.text("channel"),
        materials=table.texts("materials", ()), precheck=table.flag("precheck", False),
        completes=BEFORE if before is not None else None,
    )
    found = ReimbursementCase(file, table.text("name"), table.text("why"), asked, before, _expected(table.only("expect")))
    table.finish()
    return found


def unproved(rules: Mapping[str, Rules], cases: tuple[ReimbursementCase, ...]) -> Iterator[Rule]:
    """The rows that no case applies."""
    used = {rule.where for case in cases for rule in case.judged(rules).rules}
    for of_place in rules.values():
        yield from (rule for rows in of_place.rows.values() for rule in rows if rule.where not in used)


def files(rules: Mapping[str, Rules]) -> set[str]:
    """The files of rules that must have cases."""
    return {of_place.file for of_place in rules.values()}


def _before(table: Table, enddate: date) -> Pending:
    found = Pending(
        request_id=BEFORE, fixmedins_code="CASE", mdtrt_id="CASE", enddate=enddate, appl_date=table.day("applied"),
        materials=table.texts("materials", ()), until=table.day_or_none("until"),
    )
    table.finish()
    return found


def _expected(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {name: table.texts(name, ()) for name in ("refused", "pending")}
    found |= {"missing": table.texts("missing")} if table.has("missing") else {}
    found |= {name: table.day(name) for name in ("deadline", "until") if table.has(name)}
    found |= {"deadline": None} if table.flag("no_deadline", False) else {}
    found |= {"days_late": table.number("days_late")} if table.has("days_late") else {}
    table.finish()
    return found
