"""Runs the cases of the rulebook through the real deciders, and says which rows of a plan a verdict used.

Nothing here computes an amount: what a case expects was worked out by hand, what it gets comes from the engine.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from contracts.events.claim import Settled
from policies import VERSION
from policies.accumulators import Purse
from policies.book import Book
from policies.cases import Case, FilingCase, PlanCase, Visit
from policies.filing import filing_verdict
from policies.select import Row, select
from policies.settlement.engine import settle
from policies.settlement.plan import NoRule, Plan, StepRule


def differences(case: Case, book: Book) -> list[str]:
    """Where the real deciders give something else than the case says; empty where they agree."""
    if isinstance(case, FilingCase):
        return _compare(case.expect, _filed(case, book), case.name)
    found: list[str] = []
    for number, (visit, verdict) in enumerate(settle_case(case, book), 1):
        told = {"refused": "no_rule", "because": verdict} if isinstance(verdict, str) else dict(verdict)
        found += _compare(visit.expect, told, f"{case.name}: visit {number}")
    return found


def settle_case(case: PlanCase, book: Book) -> Iterator[tuple[Visit, Settled | str]]:
    """Each visit with its verdict, or with the text of the missing rule. Each sees what the earlier ones moved."""
    years: dict[int, Mapping[str, int]] = {}
    purse = Purse(balances={case.visits[0].body.request.insutype: case.balance})
    for number, visit in enumerate(case.visits):
        claim = visit.body.request
        plan = book.plan(visit.body.checked, claim)
        if plan is None or plan.id != case.plan:
            yield visit, f"the plan in force is {plan.id if plan else 'none'}"
            continue
        before = years.get(plan.year_of(claim), _before(case, plan) if number == 0 else {})
        try:
            verdict = settle(visit.body, plan, before, purse, book.digest, VERSION)
        except NoRule as missing:
            yield visit, str(missing)
            continue
        years[plan.year_of(claim)] = verdict.accumulators.after if verdict.accumulators else before
        purse = purse.moved(claim.insutype, -verdict.acct_pay)
        yield visit, verdict


def rows_of(plan: Plan) -> set[str]:
    """The names of all rows of all tables of a plan. Each one needs a case."""
    return {f"{rule.origin.rule} {name}" for rule in plan.steps for name in _names(rule)}


def rows_used(plan: Plan, verdict: Settled) -> set[str]:
    """The names of the rows of the plan that gave a verdict its values."""
    rules = {rule.origin.rule: rule for rule in plan.steps}
    written = [step for step in verdict.steps if step.rule in rules]
    return {f"{step.rule} {name}" for step in written for name in _used(rules[step.rule], step.facts)}


def _names(rule: StepRule) -> list[str]:
    named = [_named(row) for row in _table(rule)] + [_rung(*rung) for rung in getattr(rule, "admission", ())]
    return named or [rule.kind]


def _used(rule: StepRule, facts: Mapping[str, str]) -> list[str]:
    """A written step names only the facts that chose its row, so the same row is chosen again."""
    row = select(_table(rule), facts)
    rungs = [rung for rung in getattr(rule, "admission", ()) if rung[0] <= int(facts["admission"])]
    named = ([_named(row)] if row else []) + [_rung(*rung) for rung in rungs[-1:]]
    return named or [rule.kind]


def _table(rule: StepRule) -> tuple[Row[Any], ...]:
    return (*getattr(rule, "amount", ()), *getattr(rule, "rows", ()))


def _named(row: Row[Any]) -> str:
    return " ".join(f"{name}={'|'.join(sorted(values))}" for name, values in row.when) or "always"


def _rung(start: int, factor: Decimal) -> str:
    return f"admission={start} x {factor}"


def _before(case: PlanCase, plan: Plan) -> dict[str, int]:
    return {f"{plan.benefit}.{name}": amount for name, amount in case.before.items()}


def _compare(expect: Mapping[str, Any], told: Mapping[str, Any], where: str) -> list[str]:
    because = f" ({told['because']})" if "because" in told else ""
    return [
        f"{where}: {name} is {told.get(name)}, the case says {value}{because}"
        for name, value in expect.items() if told.get(name) != value
    ]


def _filed(case: FilingCase, book: Book) -> dict[str, Any]:
    verdict = filing_verdict(case.request, case.facts, "CASE", book)
    if verdict.filing is None:
        return {"refused": tuple(reason.code for reason in verdict.reasons)}
    return {"until": verdict.filing.enddate}
