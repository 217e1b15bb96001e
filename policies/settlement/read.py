"""Reads a plan from TOML: the head, its benefits, and their steps from top to bottom, as the money goes."""

from collections.abc import Iterator, Mapping

from policies import wording
from policies.settlement.order import out_of_order, shared_caps
from policies.settlement.plan import Admissions, Benefit, Plan, StepRule
from policies.settlement.sheet import Origin
from policies.settlement.steps import KINDS
from policies.tables import KNOWN, UNKNOWN, Table
from policies.values import CODED, wrong_label

DATES = ("begndate", "enddate", "setl_date")
NATIONAL = ("scope", "cash")
"""What every plan begins and ends with; where it comes from stands in ``national/settlement.toml``."""
MANUAL_SCOPE = "manual_scope"
"""The same of the first step of a manual reimbursement, where it is told apart."""


def read_national(file: Table) -> dict[str, Origin]:
    """Where the first and the last step of every plan come from."""
    found = {}
    for name in (*NATIONAL, *([MANUAL_SCOPE] if file.has(MANUAL_SCOPE) else [])):
        table = file.only(name)
        found[name] = table.origin(f"national/settlement#{name}")
        table.finish()
    file.finish()
    return found


def read_plan(file: Table, plan_id: str, national: Mapping[str, Origin]) -> Plan:
    """The plan in a file; problems are noted in the table. ``national`` may be empty: then the plan's source stands."""
    head = file.only("plan")
    then = tuple(read_steps(file, "then", f"{plan_id}#then.")) if file.has("then") else ()
    tables = [*file.tables("benefit")]
    if file.lacks("benefit"):
        file.complain("benefit", "缺少待遇，方案至少要有一个 [[benefit]] / is missing; a plan needs at least one [[benefit]]")
    plan = Plan(
        id=plan_id,
        place=head.admdvs("place"),
        insutype=head.text("insutype", among=CODED["insutype"]),
        begndate=head.day("from"),
        enddate=head.day_or_none("until"),
        source=(source := head.source()),
        scope=national.get("scope") or Origin(plan_id, source),
        cash=national.get("cash") or Origin(plan_id, source),
        manual_scope=national.get(MANUAL_SCOPE),
        benefits=tuple(read_benefit(table, plan_id, then) for table in tables),
        choices=head.choices("choices"),
    )
    if plan.enddate is not None and plan.enddate < plan.begndate and plan.begndate != UNKNOWN:
        head.complain("until", wording.before(plan.enddate, plan.begndate))
    for problem in shared_caps(plan.benefits):
        file.complain("benefit", problem)
    head.finish()
    file.finish()
    return plan


def read_benefit(table: Table, plan_id: str, then: tuple[StepRule, ...]) -> Benefit:
    """One benefit: its head, its own steps, and those that follow in every benefit of the plan."""
    name, known = table.name("name", wrong_label), len(table.problems)
    steps = (*read_steps(table, "step", f"{plan_id}#{name}."), *then)
    if len(table.problems) == known:  # what is wrong with a step would be told again of all of them
        for problem in out_of_order(steps):
            table.complain("step", problem)
    dated_by = table.text("dated_by", among=DATES)
    found = Benefit(
        name=name,
        care=frozenset(table.texts("care", None, KNOWN["care"], True)),
        where=frozenset(table.texts("where", KNOWN["place"], KNOWN["place"], True)),
        dated_by=dated_by,
        year_by=table.text("year_by", dated_by, DATES),
        manual_year_by=table.text("manual_year_by", "enddate", DATES),
        age_on=table.text("age_on", "begndate", DATES),
        steps=steps,
        admissions=_admissions(table),
        split_at_new_year=table.flag("split_at_new_year", False),
        referral_days=table.number("referral_days", 0),
        choices=table.choices("choices"),
    )
    table.finish()
    return found


def read_steps(table: Table, key: str, rule: str) -> Iterator[StepRule]:
    """The steps under ``key``; their rules are numbered from 2 on: the first step of every plan is the national one."""
    for number, row in enumerate(table.tables(key), 2):
        kind = row.text("kind", among=tuple(KINDS))
        if kind in KINDS:
            yield KINDS[kind](row, row.origin(f"{rule}{number}"))
            row.finish()


def _admissions(table: Table) -> Admissions:
    if not table.has("admissions"):
        return Admissions()
    row = table.only("admissions")
    found = Admissions(
        interim=row.text("interim", "continue", ("continue", "new")), transfer=row.flag("transfer", True),
        day_surgery=row.flag("day_surgery", True), cross_year=row.flag("cross_year", False),
        days=row.number("days", least=1) if row.has("days") else None,
    )
    row.finish()
    return found
