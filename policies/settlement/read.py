"""Reads a plan from TOML: the head, its benefits, and their steps from top to bottom, as the money goes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from policies.settlement.cap import Cap
from policies.settlement.lines import Item
from policies.settlement.plan import Admissions, Benefit, Plan, StepRule
from policies.settlement.sheet import Origin
from policies.settlement.steps import KINDS
from policies.tables import KNOWN, Table
from policies.values import CODED

DATES = ("begndate", "enddate", "setl_date")
SHARING = frozenset({"ratio", "bands", "fixed", "item"})
"""The steps by which the pool pays something; a benefit may also have no step of the pool at all."""
CLOSING = SHARING - {"item"}
"""Of them those that share all that is left."""
TAKING = frozenset({"deductible", "out_of_area", "exclude"})
"""Steps that leave less to be shared; an item does too, and is counted by the caps on fees before it where it is capped."""
PURSES = frozenset({"account", "wallet"})
"""Steps that pay what is left to the person."""
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
    then = tuple(read_steps(file, "then", f"{plan_id}#then.")) if file.has("then") else ()
    tables = [*file.tables("benefit")]
    if file.lacks("benefit"):
        file.complain("benefit", "is missing; a plan needs at least one [[benefit]]")
    plan = Plan(
        id=plan_id,
        place=head.admdvs("place"),
        insutype=head.text("insutype", among=CODED["insutype"]),
        begndate=head.day("from"),
        enddate=head.day_or_none("until"),
        source=(source := head.source()),
        scope=national.get("scope") or Origin(plan_id, source),
        cash=national.get("cash") or Origin(plan_id, source),
        benefits=tuple(read_benefit(table, plan_id, then) for table in tables),
        choices=head.choices("choices"),
    )
    if plan.enddate is not None and plan.enddate < plan.begndate:
        head.complain("until", f"{plan.enddate} lies before {plan.begndate}; correct one of the two")
    head.finish()
    file.finish()
    return plan


def read_benefit(table: Table, plan_id: str, then: tuple[StepRule, ...]) -> Benefit:
    """One benefit: its head, its own steps, and those that follow in every benefit of the plan."""
    name, known = table.name("name"), len(table.problems)
    steps = (*read_steps(table, "step", f"{plan_id}#{name}."), *then)
    if len(table.problems) == known:  # what is wrong with a step would be told again of all of them
        for problem in _problems(steps):
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


def _problems(steps: Sequence[StepRule]) -> Iterator[str]:
    """What is wrong with the steps of a benefit as a whole."""
    pool = [rule for rule in steps if not rule.after_pool]
    if not steps:
        yield "is missing; a benefit needs at least one step, of its own or in [[then]]"
    if any(one.after_pool and not other.after_pool for one, other in pairwise(steps)):
        yield "a step of the pool stands behind a supplement or an account; put it before them"
    paying = [number for number, rule in enumerate(steps) if rule.kind in PURSES]
    if paying and any(rule.kind == "supplement" for rule in steps[paying[0] :]):
        yield f"a supplement stands behind {steps[paying[0]].kind}, and would pay what that has paid already; put it before"
    if sum(rule.kind == "out_of_area" for rule in steps) > 1:
        yield "two steps out_of_area; write one with a row for each case"
    if pool and not SHARING & {rule.kind for rule in pool}:
        told = ", ".join(dict.fromkeys(rule.kind for rule in pool))
        yield f"{told} without a step that shares: the pool would pay nothing; add one of {', '.join(sorted(SHARING))}"
    yield from _out_of_order(pool)
    yield from _around_caps_on_fees(pool)


def _out_of_order(steps: Sequence[StepRule]) -> Iterator[str]:
    """Steps of the pool that would find nothing to share, or nothing paid."""
    closed, paid = "", False
    for rule in steps:
        caps_payments = getattr(rule, "counts", "") == "payments"
        if closed and not caps_payments:
            yield f"{rule.kind} stands behind {closed}, which shares all that is left; put it before, or remove it"
        if caps_payments and not paid:
            yield "a cap on payments stands before every step by which the pool pays; put it behind them"
        closed, paid = rule.kind if rule.kind in CLOSING else closed, paid or rule.kind in SHARING


def _around_caps_on_fees(steps: Sequence[StepRule]) -> Iterator[str]:
    """Steps that would make a cap on fees count less than it let through, or let through what it does not count."""
    capped, uncounted = False, False
    for rule in steps:
        caps, item = isinstance(rule, Cap) and rule.counts != "payments", rule if isinstance(rule, Item) else None
        if caps and uncounted:
            yield "item stands before a cap on fees, which would not count it; put it behind the cap, or write capped = false"
        if capped and (rule.kind in TAKING or (item and not item.capped)):
            yield f"{rule.kind} stands behind a cap on fees, which would count less than it let through; put it before"
        capped, uncounted = capped or caps, uncounted or bool(item and item.capped)


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
