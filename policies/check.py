"""What is wrong with a rulebook that can be loaded: gaps in time, cases that fail, values without a case, unused sources.

The loader refuses what no claim could be decided by (no source, overlap, unknown selector, rows between which nothing
decides); here stands what a claim would only meet one day. Each line says file, key, what is wrong, and what to do.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from contracts.reasons import Bilingual
from policies import wording
from policies.book import Book
from policies.cases import ENDING, Case, FilingCase, PlanCase
from policies.entitlement import cases as entitlement
from policies.entitlement.cases import NAME as ENTITLEMENT, EntitlementCase
from policies.filing_rules import Row
from policies.holes import holes
from policies.prove import GUARANTEE, bounds, differences, proved, rows_of, rows_used, settle_case, steps_of
from policies.reimbursement.cases import ReimbursementCase, files, unproved as unapplied
from policies.settlement.plan import Plan
from policies.settlement.read import DATES
from policies.unnamed import unnamed
from policies.values import shown

DAY = timedelta(days=1)
OPTIONAL = frozenset({"bonus", "item", "exclude"})
"""Tables and steps where no row means nothing more."""
NATIONAL = frozenset({f"national/{ENTITLEMENT}{ENDING}"})
"""Cases of what holds everywhere."""


def problems(book: Book, cases: Sequence[Case]) -> list[str]:
    """Everything that has to be mended."""
    found = [*gaps(book), *forgotten(book), *never(book), *strangers(book, cases), *failing(book, cases), *unproved(book, cases)]
    return [*found, *unproved_filing(book, cases)]


def gaps(book: Book) -> Iterator[str]:
    """Care at a place that a plan pays for, then none does: days between two versions, claims over the change that are dated behind
    the end of the first and before the beginning of the next, or a later version without it."""
    for plans in book.plans.values():
        for care, place in sorted({what for plan in plans for what in _covers(plan)}):
            versions = [plan for plan in plans if (care, place) in _covers(plan)]
            for one, other in pairwise(versions):
                if one.enddate is not None and one.enddate + DAY < other.begndate:
                    yield (
                        f"{_file(one)}: plan: until: care {care}、where {place} 自 {one.enddate + DAY} 至 {other.begndate - DAY} 没有方案，"
                        f"请改 {one.id} 的截止日期，或 {other.id} 的起始日期 / nothing holds for care {care} at {place} from "
                        f"{one.enddate + DAY} to {other.begndate - DAY}; let {one.id} end, or {other.id} begin, on another day"
                    )
                elif (first := _dated(one, care, place)) > (then := _dated(other, care, place)):
                    yield (
                        f"{_file(other)}: benefit: dated_by: care {care}、where {place} 在 {DATES[then]} 早于 {other.begndate} 而 {DATES[first]} "
                        "不早于该日时没有方案，请让两个版本按同一日期确定，或让这一版本按更晚的日期确定 / "
                        f"nothing holds for care {care} at {place} with {DATES[then]} before "
                        f"{other.begndate} and {DATES[first]} from that day on; let both versions go by one date, or this one by a later one"
                    )
            yield from _dropped(versions[-1], plans, care, place)


def _dated(plan: Plan, care: str, place: str) -> int:
    """By which date of a claim the version is chosen: its place in their order, none of which lies before the one in front of it."""
    return next(DATES.index(benefit.dated_by) for benefit in plan.benefits if care in benefit.care and place in benefit.where)


def _dropped(last: Plan, plans: Sequence[Plan], care: str, place: str) -> Iterator[str]:
    """A version behind the last one that covers this care, which pays for care that the last one paid for too."""
    later = (
        plan for plan in plans if last.enddate and plan.begndate > last.enddate
        and {name for name, _ in _covers(last)} & {name for name, _ in _covers(plan)}
    )
    if (following := next(later, None)) is not None:
        yield (
            f"{_file(following)}: benefit: care {care}、where {place} 由 {last.id} 支付至 {last.enddate}，自 {following.begndate} 起没有版本支付，"
            "请补上，或写一个支付为 0 的待遇并注明终止的出处 / "
            f"care {care} at {place} is paid by {last.id} until {last.enddate}, and by no version "
            f"from {following.begndate} on; add it, or a benefit that pays 0 with the source that ends it"
        )


def forgotten(book: Book) -> Iterator[str]:
    """Numbers between two rows of a step for which no row holds, though the step needs a value."""
    for plan in (plan for versions in book.plans.values() for plan in versions):
        for rule in steps_of(plan):
            for table, rows in rule.tables() if rule.kind not in OPTIONAL else ():
                for name, hole, facts in holes(rows.rows) if table not in OPTIONAL else ():
                    told = ", ".join(f"{key}={value}" for key, value in sorted(facts.items()))
                    yield f"{_file(plan)}: {stands_at(f'{rule.origin.rule} {table}')}: {name} {hole} 介于两行之间，没有适用的行（如 {told}），" \
                        f"请放宽其中一行，或补一行 / no row holds for {name} {hole}, between two that do (for example {told}); " \
                        "widen one of them, or add a row"


def never(book: Book) -> Iterator[str]:
    """Conditions that no claim can meet, for no map of the place gives the name."""
    for plan in (plan for versions in book.plans.values() for plan in versions):
        for where, name, value in dict.fromkeys(unnamed(book, plan)):
            place = f"benefit {where}" if name == "care" and "#" not in where else stands_at(where)
            maps = f"regions/{plan.id.partition('/')[0]}/maps.toml"
            yield f"{_file(plan)}: {place}: {plan.place} 的映射都不给出 {name} {shown(value)}，永远不会适用，请补进 {maps}，或删去 / " \
                f"{name} {shown(value)} is given by no map of {plan.place}, so it never applies; add it to {maps}, or remove it"


def _covers(plan: Plan) -> set[tuple[str, str]]:
    return {(care, place) for benefit in plan.benefits for care in benefit.care for place in benefit.where}


def _proved(book: Book) -> set[str]:
    """The files of cases that the rulebook should have beside its plans and its rules of filing, entitlement and reimbursement."""
    entitled = {f"regions/{rule.origin.rule.partition('#')[0]}{ENDING}" for rule in book.entitlements.rules}
    by_hand = {name.replace(".toml", ENDING) for name in files(book.reimbursement)}
    return {_file(plan, ENDING) for versions in book.plans.values() for plan in versions} | entitled | by_hand | {
        f"{file}{ENDING}" for file in _filings(book)}


def _filings(book: Book) -> dict[str, list[Row]]:
    """The rows of the rules of filing by their files, without the ending."""
    found: dict[str, list[Row]] = {}
    for row in book.filing.rows:
        found.setdefault(row.file, []).append(row)
    return found


def failing(book: Book, cases: Sequence[Case]) -> Iterator[str]:
    """Cases that come out otherwise than they say."""
    known = _proved(book) | NATIONAL
    for case in cases:
        for wrong in differences(case, book) if case.file in known else ():
            yield f"{case.file}: {wrong}"


def strangers(book: Book, cases: Sequence[Case]) -> Iterator[str]:
    """Files of cases with no plan beside them, and plans with no cases beside them."""
    plans, files = _proved(book), {case.file for case in cases}
    for name in sorted(files - plans - NATIONAL):
        yield f"{name}: case: 旁边没有方案，请按方案改名，或删去 / no plan stands beside it; rename it after its plan, or remove it"
    for name in sorted(plans - files):
        rules = name.replace(ENDING, ".toml")
        yield f"{name}: case: 缺少算例，请为 {rules} 的每一行写算例 / is missing; write cases for every row of {rules}"


def unproved(book: Book, cases: Sequence[Case]) -> Iterator[str]:
    """Steps and rows that no case uses, of the plans that have cases; parts of rules of entitlement; rows of manual reimbursement."""
    yield from entitlement.unproved([case for case in cases if isinstance(case, EntitlementCase)], book.entitlements, book.nation)
    for rule in unapplied(book.reimbursement, tuple(case for case in cases if isinstance(case, ReimbursementCase))):
        yield f"{rule.where}: {rule.row}: {wording.no_case(rule.where.partition('.toml')[0] + ENDING)}"
    mine: dict[str, list[PlanCase]] = {}
    for case in cases:
        if isinstance(case, PlanCase):
            mine.setdefault(case.plan, []).append(case)
    for plan in (plan for versions in book.plans.values() for plan in versions if plan.id in mine):
        verdicts = (verdict for case in mine[plan.id] for _, verdict in settle_case(case, book))
        used = {row for verdict in verdicts if not isinstance(verdict, Bilingual) for row in rows_used(plan, verdict)}
        kinds = {rule.origin.rule: rule.kind for rule in steps_of(plan)}
        for row in sorted(rows_of(plan) - used):
            rule, table, *_ = row.split(" ")
            told = wording.never_paid if kinds[rule] == GUARANTEE else wording.not_beyond if bounds(kinds[rule], table) else wording.no_case
            yield f"{_file(plan)}: {stands_at(row)}: {told(_file(plan, ENDING))}"


def unproved_filing(book: Book, cases: Sequence[Case]) -> Iterator[str]:
    """Rows of the rules of filing by which no case of their file, or of a place's that follows them, is decided."""
    mine = [case for case in cases if isinstance(case, FilingCase)]
    for file, rows in _filings(book).items():
        for row in rows if any(case.file == file + ENDING for case in mine) else ():
            if not proved(row, [case for case in mine if case.file == file + ENDING], book):
                yield f"{file}.toml: {row.name} from {row.begndate}: 没有算例由它决定，请在 {file}{ENDING} 中写一个 / " \
                    f"no case is decided by it; write one in {file}{ENDING}"


def stands_at(row: str) -> str:
    """Where a row of a step stands, as the loader counts: ``x/plan#outpatient.2 amount level=1 -> outpatient: step[1]: amount level=1``."""
    rule, _, name = row.partition("#")[2].partition(" ")
    benefit, _, number = rule.rpartition(".")
    return f"{benefit}: step[{int(number) - 1}]: {name}"


def _file(plan: Plan, ending: str = ".toml") -> str:
    return f"regions/{plan.id}{ending}"


def unused(book: Book, texts: Iterable[str]) -> list[str]:
    """Sources that no other file names. ``texts``: the TOML of the rulebook but for sources.toml."""
    named = {name for text in texts for name in re.findall(r"[\w-]+", text, re.ASCII)}
    return [f"sources.toml: {id}: 没有取值用到这一出处，请用上，或列入 quotes.toml，或删去 / "
            "nothing names it; use it, list it in quotes.toml, or remove it"
            for id in sorted(book.sources) if id not in named]
