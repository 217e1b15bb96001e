"""Runs the cases of the rulebook through the real deciders, and says which rows of a plan a verdict used.

Nothing here computes an amount: what a case expects was worked out by hand, what it gets comes from the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from contracts.events.claim import Claim, PersonFacts, Settled, Step
from contracts.reasons import Bilingual
from policies import VERSION, accumulators, wording
from policies.accumulators import Purse
from policies.book import Book
from policies.cases import Case, FilingCase, PlanCase, Visit
from policies.entitlement.cases import EntitlementCase, wrong
from policies.filed import covered
from policies.filing import FilingState, filing_facts, filing_verdict, spell_on
from policies.filing_rules import Row
from policies.places import MANUAL
from policies.reimbursement.cases import ReimbursementCase
from policies.select import NUMBERS, select
from policies.settlement.claims import case_of, keys_of
from policies.settlement.engine import Named, settle
from policies.settlement.facts import chosen
from policies.settlement.plan import Benefit, Plan, StepRule
from policies.settlement.sheet import NoRule, Refusal
from policies.settlement.supplement import Supplement
from policies.stage import View

LIMITS = frozenset({("cap", "amount"), ("fixed", "amount"), ("supplement", "cap"), ("supplement", "threshold")})
"""The tables whose rows bound what is paid, each with the kind of its step."""
GUARANTEE = "guarantee"
"""Its rows a case proves only where something is paid up to them."""


def differences(case: Case, book: Book) -> list[str]:
    """Where the real deciders give something else than the case says; empty where they agree."""
    if isinstance(case, FilingCase):
        return _compare(case.expect, _filed(case, book), case.name)
    if isinstance(case, EntitlementCase):
        return wrong(case, book.entitlements, book.nation)
    if isinstance(case, ReimbursementCase):
        return _compare(case.expect, case.told(book.reimbursement), case.name)
    found: list[str] = []
    for number, (visit, verdict) in enumerate(settle_case(case, book), 1):
        found += _compare(visit.expect, _told(verdict), f"{case.name}: visit {number}")
    return found


def settle_case(case: PlanCase, book: Book) -> Iterator[tuple[Visit, Settled | Bilingual]]:
    """Each visit with its verdict, or with the text of the missing rule. Each sees what the earlier ones moved."""
    entries: dict[str, Mapping[str, int]] = {}
    purse = Purse(balances={case.visits[0].body.request.insutype: case.balance}).with_wallets(case.wallets)
    for number, visit in enumerate(case.visits):
        body = visit.body
        claim, checked = body.request, body.checked
        try:
            if (found := chosen(book, checked, claim)) is None or found[0].id != case.plan:
                raise NoRule(f"现行的方案是 {found[0].id if found else '（无）'}", f"the plan in force is {found[0].id if found else 'none'}")
            plan, benefit, _ = found
            keys = keys_of(claim, checked, benefit)
            if number == 0:
                entries[keys[0]] = _before(case, benefit)
            view = View(purse, entries)
            verdict = settle(case_of(book, body, found, keys, view), plan, benefit, Named(book.digest, VERSION))
        except Refusal as missing:
            zh, en = missing.detail if isinstance(missing, NoRule) else (missing, missing)
            yield visit, Bilingual(f"{missing.code}: {zh}", f"{missing.code}: {en}")
            continue
        after = accumulators.settled(view, keys[0], keys[1] if len(keys) > 1 else None, claim.insutype, verdict)
        purse = after.person
        entries |= after.entries
        yield visit, verdict


def proved(row: Row, cases: Sequence[FilingCase], book: Book) -> bool:
    """Whether some case would come out otherwise if a row of the rules of filing said nothing."""
    without = replace(book, filing=book.filing.without(row))
    return any(differences(case, without) != differences(case, book) for case in cases)


def rows_of(plan: Plan) -> set[str]:
    """The names of all rows of all tables of a plan. Each one needs a case."""
    return {f"{rule.origin.rule} {name}" for rule in steps_of(plan) for name in _names(rule)}


def rows_used(plan: Plan, verdict: Settled) -> set[str]:
    """The names of the rows of the plan that gave a verdict its values; of limits those that it went beyond."""
    rules = {rule.origin.rule: rule for rule in steps_of(plan)}
    written = [step for step in verdict.steps if step.rule in rules]
    return {f"{step.rule} {name}" for step in written for name in _used(rules[step.rule], step)}


def steps_of(plan: Plan) -> dict[StepRule, None]:
    """All steps of a plan, those that its benefits share once."""
    return dict.fromkeys(rule for benefit in plan.benefits for rule in benefit.steps)


def _names(rule: StepRule) -> list[str]:
    named = [f"{name} {row}" for name, rows in rule.tables() for row in rows.rows]
    named += [_rung(*rung) for rung in getattr(rule, "admission", ())]
    return named or [rule.kind]


def _used(rule: StepRule, step: Step) -> Iterator[str]:
    """A written step names the facts that chose its rows, so the same rows are chosen again; a band's only at its ratio."""
    facts = {name: int(value) if name in NUMBERS else value for name, value in step.facts.items()}
    ratio = step.facts.get("ratio", step.value)
    for name, rows in rule.tables():
        row = select(rows.rows, facts)
        if row is None or (name.startswith("band") and (ratio is None or not step.base or row.value != Decimal(ratio))):
            continue
        written = (name == "cap") == (step.kind == "supplement_cap") or not isinstance(rule, Supplement)
        if written and _beyond(rule.kind, name, step):
            yield f"{name} {row}"
    rungs = [rung for rung in getattr(rule, "admission", ()) if rung[0] <= facts.get("admission", 0)]
    yield from (_rung(*rung) for rung in rungs[-1:])
    yield rule.kind


def bounds(kind: str, table: str) -> bool:
    """Whether the rows of a table of a kind of step are limits: a case proves one only where it goes beyond it."""
    return (kind, table) in LIMITS


def _beyond(kind: str, table: str, step: Step) -> bool:
    """Whether a step went beyond its limit, or has none here: where not, any higher one would have given the same, or any lower
    guarantee."""
    if table == "threshold":
        return step.value is not None
    if kind == GUARANTEE:
        return step.amount > 0 or not Decimal(step.value or 0)
    return not bounds(kind, table) or step.amount < step.base or "allowance" in step.facts or step.value is None


def _rung(start: int, factor: Decimal) -> str:
    return f"admission={start} x {factor}"


def _before(case: PlanCase, benefit: Benefit) -> dict[str, int]:
    return {name if "." in name else f"{benefit.name}.{name}": amount for name, amount in case.before.items()}


def _told(verdict: Settled | Bilingual) -> dict[str, Any]:
    if isinstance(verdict, Bilingual):
        return {"refused": verdict.en.partition(":")[0], "because": verdict}
    told = {name: getattr(verdict, name) for name in Settled.model_fields}
    told["steps"] = [(step.kind, step.base, step.amount) for step in verdict.steps[1:-1]]
    told["after"] = verdict.accumulators.after if verdict.accumulators else {}
    return told


def _compare(expect: Mapping[str, Any], told: Mapping[str, Any], where: str) -> list[str]:
    if "because" in told and "refused" not in expect:
        return [wording.otherwise(
            where, f"拒付（{told['because'].zh}），算例写的是支付", f"is refused ({told['because'].en}), the case says what is paid")]
    wrong = []
    for name, value in expect.items():
        found = told.get(name)
        if name == "after" and isinstance(found, Mapping):
            found = {key: found.get(key, 0) for key in value}
        if found != value:
            wrong.append(wording.differs(where, name, found, value))
    return wrong


def _filed(case: FilingCase, book: Book) -> dict[str, Any]:
    """What becomes of the request, or which filing covers the claim."""
    if case.claim is not None:
        return _covered(case.claim, case.facts, book)
    assert case.request is not None, "a case is a request or a claim"
    facts = filing_facts(case.request, FilingState(insuinfo=case.facts.insuinfo, filings=case.facts.filings))
    if case.in_force is not None:
        facts = facts.model_copy(update={"in_force": case.in_force})
    verdict = filing_verdict(case.request, facts, "CASE", book)
    told: dict[str, Any] = {verdict.verdict: tuple(dict.fromkeys(reason.code for reason in verdict.reasons))}
    if verdict.filing is not None:
        told |= {"until": verdict.filing.enddate, "category": verdict.filing.category, "letter": verdict.filing.letter}
    if verdict.ended is not None:
        told["ended"] = verdict.ended.enddate
    return told | (verdict.means or {})


def _covered(claim: Claim, facts: PersonFacts, book: Book) -> dict[str, Any]:
    provider = book.provider(claim.fixmedins_code, claim.begndate)
    spell = spell_on(facts.insuinfo, claim.begndate)
    region = book.regions.get(spell.insuplc_admdvs) if spell else None
    place = region.place_of(provider.admdvs) if region and provider else None
    found = covered(claim, facts, spell, provider, region, place, book)
    if found.reasons and claim.pay_loc != MANUAL:
        return {"refused": tuple(reason.code for reason in found.reasons)}
    return {"filing": found.filing.trt_dcla_detl_sn if found.filing else "", "filed_as": found.filed_as}
