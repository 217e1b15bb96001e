"""What the year has accumulated: before, movement and after (law 3) of accumulators, stay, account and wallet, and what is left."""

from collections.abc import Iterator
from datetime import date

from contracts.events.claim import ClaimSettled, Movement, Step
from contracts.money import yuan
from policies.book import Book
from policies.settlement.cap import YEARLY, Cap
from policies.settlement.deductible import Deductible
from policies.settlement.period import PERIODS
from policies.settlement.plan import StepRule
from policies.statement.paper import Column, Row, Section
from policies.statement.steps import plan_of, rules_of
from policies.statement.words import BENEFITS, DAYS, FUNDS, STAY, Words, accumulated

AMOUNTS = frozenset({"deductible", "fees", "paid", "banded", "due", "credited", "apart", "shared", "fixed", "costs"})
COUNTS = frozenset({"settlements"})
"""Of a stay: what moves. The rest are days, numbers and flags, of which a difference says nothing."""


def accumulators(body: ClaimSettled, say: Words) -> Section:
    """The accumulators of the year, the balance of the account, and each sharer's part of the family wallet."""
    settled = body.settled
    year = settled.accumulators or Movement(before={}, movement={}, after={})
    rows = [Row((say.accumulator(name), *moved_cells(name, year))) for name in sorted({*year.before, *year.after})]
    if settled.account is not None:
        rows.append(Row((say("个人账户余额", "balance of the account"), *moved_cells("balc", settled.account))))
    if settled.wallet is not None:
        rows += [Row((say(f"家庭共济余额（{who}）", f"family wallet, {who}"), *moved_cells("balc", _of(settled.wallet, who)))) for who in settled.wallet.after]
    title = say(f"{settled.year} 年度累计与账户（元）", f"Accumulators of {settled.year} and account (yuan)")
    return Section(title, tuple(rows), moved_columns(say("累计项目", "accumulator"), say))


def stay(body: ClaimSettled, say: Words) -> Section | None:
    """What the stay was charged and paid over its settlements; None for care that is no stay."""
    found = body.settled.stay
    if found is None:
        return None
    return Section(say("本次住院累计（元）", "This stay (yuan)"), tuple(stay_rows(found, say)), moved_columns(say("项目", "item"), say))


def stay_rows(found: Movement, say: Words) -> Iterator[Row]:
    """What an entry of a stay holds; behind it what supplements by visit have counted and paid."""
    held = {*found.before, *found.after}
    yield from (Row((say.name(STAY, name), *_cells(name, found))) for name in STAY if name in held)
    yield from (Row((say.accumulator(name), *moved_cells(name, found))) for name in sorted(held) if "." in name)


def _cells(name: str, found: Movement) -> tuple[str, ...]:
    if name in AMOUNTS:
        return moved_cells(name, found)
    before, moved, after = (part.get(name) for part in (found.before, found.movement, found.after))
    shown = _day if name in ("since", "until") else _number
    return shown(before), _number(moved or 0) if name in COUNTS else "", shown(after)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _day(value: int | None) -> str:
    return str(date.fromordinal(value)) if value else ""


def room(body: ClaimSettled, book: Book | None, say: Words) -> Section | None:
    """What yearly caps and deductibles leave for the rest of the year; None where the rulebook is not at hand or none is yearly."""
    rules = rules_of(plan_of(book, body.settled))
    rows = [row for step in body.settled.steps for row in _left(body, step, rules.get(step.rule), say)]
    columns = (
        Column(say("项目", "item")), Column(say("年度额度", "of the year"), True), Column(say("已用", "used"), True), Column(say("尚余", "left"), True),
    )
    return Section(say("本年尚余额度（元）", "Left for the year (yuan)"), tuple(rows), columns) if rows else None


def _left(body: ClaimSettled, step: Step, rule: StepRule | None, say: Words) -> Iterator[Row]:
    if step.value is None:  # nothing bounds it
        return
    limit, per = int(step.value) if step.kind in ("cap", "supplement_cap") else 0, step.facts.get("per")
    if isinstance(rule, Cap) and per in YEARLY:
        what = say("该病种最高支付限额", "cap of the disease") if rule.of_disease else say("最高支付限额", "cap")
        yield _row(_timed(what, step, say), limit, int(step.facts.get("used", "0")) + _counted(body, step, rule), rule, say)
    elif step.kind == "supplement_cap" and per == "year" and rule is not None:
        fund = say.name(FUNDS, getattr(rule, "fund", ""))
        yield _row(say(f"{fund}限额", f"cap, {fund}"), limit, int(step.facts.get("used", "0")) + step.amount, rule, say)
    elif isinstance(rule, Deductible) and step.kind == "deductible":
        yield from _deductible_left(body, step, rule, say)


def _timed(what: str, step: Step, say: Words) -> str:
    """With the quarter or month that a limit is of."""
    return f"{what}{say('，', ', ')}{say.period(step.facts['period'])}" if "period" in step.facts else what


def _counted(body: ClaimSettled, step: Step, rule: Cap) -> int:
    """What this claim has moved the counter of a cap of the year, a quarter or a month by."""
    settled = body.settled
    moved = settled.accumulators.movement if settled.accumulators else {}
    if rule.shared is None and rule.counts == "payments" and rule.per == "year":
        return moved.get(f"{settled.benefit}.hifp_pay", 0) - moved.get(f"{settled.benefit}.apart", 0)
    return sum(amount for counter, amount in moved.items() if rule.is_counter(counter, step.facts.get("period", "")))


def _deductible_left(body: ClaimSettled, step: Step, rule: Deductible, say: Words) -> Iterator[Row]:
    if rule.per in PERIODS:
        standard, paid = int(step.facts["standard"]), int(step.facts["paid"]) + step.amount
        yield _row(_timed(say("起付标准", "deductible"), step, say), standard, paid, rule, say)
    after = body.settled.accumulators.after if body.settled.accumulators else {}
    if rule.year_ceiling is not None:
        used = after.get(rule.counted_as(body.settled.benefit or ""), 0)
        yield _row(say("全年起付线封顶", "ceiling of deductibles"), rule.year_ceiling, used, rule, say)


def _row(what: str, limit: int, used: int, rule: StepRule, say: Words) -> Row:
    of = rule.origin.rule.partition("#")[2].partition(".")[0]
    name = say.beside(what, say.name(BENEFITS, of)) if of != "then" else what
    return Row((name, yuan(limit), yuan(used), yuan(max(0, limit - used))))


def moved_columns(first: str, say: Words) -> tuple[Column, ...]:
    return (
        Column(first), Column(say("之前", "before"), True), Column(say("本次", "movement"), True), Column(say("之后", "after"), True),
    )


def _of(found: Movement, name: str) -> Movement:
    parts = (found.before, found.movement, found.after)
    before, moved, after = ({"balc": part.get(name, 0)} for part in parts)
    return Movement(before=before, movement=moved, after=after)


def moved_cells(name: str, found: Movement) -> tuple[str, ...]:
    before, moved, after = (part.get(name, 0) for part in (found.before, found.movement, found.after))
    day = name.rpartition(".")[2] in DAYS
    return accumulated(name, before), "" if day else accumulated(name, moved), accumulated(name, after)
