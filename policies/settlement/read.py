"""Reads a plan from TOML: the head, and the steps from top to bottom, as the money goes."""

from collections.abc import Callable
from typing import Any

from policies.settlement.account import PARTS, Account
from policies.settlement.cap import Cap
from policies.settlement.deductible import Deductible
from policies.settlement.plan import Plan, StepRule
from policies.settlement.ratio import Linear, Ratio
from policies.settlement.sheet import Origin
from policies.tables import Table

PLACES = ("home", "same_province", "other_province")
DATES = ("begndate", "enddate", "setl_date")


def read_plan(file: Table, plan_id: str) -> Plan:
    """The plan in a file; problems are noted in the table."""
    head = file.only("plan")
    steps = tuple(step for number, table in enumerate(file.tables("step"), 2) if (step := _step(table, f"{plan_id}#{number}")))
    plan = Plan(
        id=plan_id,
        place=head.text("place"),
        insutype=head.text("insutype"),
        care=frozenset(head.texts("care")),
        where=frozenset(head.texts("where", PLACES, PLACES)),
        begndate=head.day("from"),
        enddate=head.day_or_none("until"),
        dated_by=head.text("dated_by", among=DATES),
        age_on=head.text("age_on", "begndate", among=DATES),
        benefit=head.text("benefit"),
        source=head.source(),
        steps=steps,
        choices=tuple(head.texts("choices", ())),
    )
    head.finish()
    file.finish()
    return plan


def _step(table: Table, rule: str) -> StepRule | None:
    kind = table.text("kind", among=tuple(_KINDS))
    if kind not in _KINDS:
        return None
    step = _KINDS[kind](table, table.origin(rule))
    table.finish()
    return step


def _deductible(table: Table, origin: Origin) -> Deductible:
    return Deductible(
        origin=origin,
        per=table.text("per", among=("visit", "stay", "year")),
        amount=table.rows("amount", "yuan", table.as_fen),
        year_ceiling=table.yuan("year_ceiling") if table.has("year_ceiling") else None,
        admission=tuple(sorted((row.number("from"), row.decimal("factor")) for row in table.tables("admission"))),
    )


def _ratio(table: Table, origin: Origin) -> Ratio:
    if table.has("linear"):
        line = table.only("linear")
        return Ratio(origin, linear=Linear(line.decimal("start"), line.decimal("per_year"), line.decimal("most")))
    return Ratio(origin, rows=table.rows("ratio", "of", table.as_ratio))


def _cap(table: Table, origin: Origin) -> Cap:
    return Cap(origin, per=table.text("per", among=("visit", "year")), amount=table.rows("amount", "yuan", table.as_fen))


def _account(table: Table, origin: Origin) -> Account:
    return Account(origin, pays=table.texts("pays", among=PARTS))


_KINDS: dict[str, Callable[[Table, Origin], Any]] = {
    "deductible": _deductible, "ratio": _ratio, "cap": _cap, "account": _account,
}
