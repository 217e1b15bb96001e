"""Reads a plan from TOML: the head, and the steps from top to bottom, as the money goes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from policies.settlement.account import PARTS, Account
from policies.settlement.cap import Cap
from policies.settlement.deductible import Deductible
from policies.settlement.plan import Plan, StepRule
from policies.settlement.ratio import Linear, Ratio
from policies.settlement.sheet import Origin
from policies.tables import KNOWN, Table

PLACES = KNOWN["place"]
DATES = ("begndate", "enddate", "setl_date")


NATIONAL = ("scope", "cash")
"""What every plan begins and ends with; where it comes from stands in ``national/settlement.toml``."""


def read_national(file: Table) -> dict[str, Origin]:
    """Where the first and the last step of every plan come from."""
    found = {}
    for name in NATIONAL:
        table = file.only(name)
        found[name] = table.origin(f"national/settlement#{name}")
        table.finish()
    file.finish()
    return found


def read_plan(file: Table, plan_id: str, national: Mapping[str, Origin]) -> Plan:
    """The plan in a file; problems are noted in the table. ``national`` may be empty: then the plan's source stands."""
    head = file.only("plan")
    tables = [*file.tables("step")]
    steps = tuple(step for number, table in enumerate(tables, 2) if (step := _step(table, f"{plan_id}#{number}")))
    if not tables:
        file.complain("step", "is missing; a plan needs at least one [[step]]")
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
        source=(source := head.source()),
        scope=national.get("scope") or Origin(plan_id, source),
        cash=national.get("cash") or Origin(plan_id, source),
        steps=steps,
        choices=tuple(head.texts("choices", ())),
    )
    if plan.enddate is not None and plan.enddate < plan.begndate:
        head.complain("until", f"{plan.enddate} lies before {plan.begndate}; correct one of the two")
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
        amount=table.rows("amount", "yuan", Table.as_fen),
        year_ceiling=table.yuan("year_ceiling") if table.has("year_ceiling") else None,
        admission=_ladder(table),
    )


def _ladder(table: Table) -> tuple[tuple[int, Decimal], ...]:
    """Factors by the number of the stay, in order; each number once."""
    rungs = []
    for row in table.tables("admission"):
        rungs.append((row.number("from"), row.ratio("factor")))
        row.finish()
    if len({start for start, _ in rungs}) < len(rungs):
        table.complain("admission", "two factors begin with the same stay; remove one")
    return tuple(sorted(rungs))


def _ratio(table: Table, origin: Origin) -> Ratio:
    if table.has("linear"):
        line = table.only("linear")
        found = Ratio(origin, linear=Linear(line.ratio("start"), line.ratio("per_year"), line.ratio("most")))
        line.finish()
        return found
    return Ratio(origin, rows=table.rows("ratio", "of", Table.as_ratio))


def _cap(table: Table, origin: Origin) -> Cap:
    return Cap(origin, per=table.text("per", among=("visit", "year")), amount=table.rows("amount", "yuan", Table.as_fen))


def _account(table: Table, origin: Origin) -> Account:
    return Account(origin, pays=table.texts("pays", among=PARTS))


_KINDS: dict[str, Callable[[Table, Origin], Any]] = {
    "deductible": _deductible, "ratio": _ratio, "cap": _cap, "account": _account,
}
