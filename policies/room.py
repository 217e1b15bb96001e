"""What the yearly caps and deductibles of the plans of a year leave a person, from the accumulators alone.

Of a person an inquiry knows the insurance and little more; where a limit depends on what only a claim says (level of the
provider, age ...), each value is told with its conditions. Bonuses on a cap, and what further diseases add to it, are not counted: they
are earned at the claim.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.money import times
from policies.book import Book
from policies.maps import on
from policies.select import Facts, Row, Rows
from policies.settlement.cap import YEARLY, Cap
from policies.settlement.deductible import Deductible
from policies.settlement.period import PERIODS, is_of
from policies.settlement.plan import Benefit, StepRule
from policies.settlement.sheet import Limit
from policies.settlement.supplement import Supplement
from policies.tables import KNOWN

State = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Room:
    """A limit of the year, a quarter or a month, what of it is used, in fen. ``of``: benefit or supplement; ``row``: the conditions of
    the value, None for a limit without; ``disease``, ``provider``, ``period``: the one that it is for."""

    kind: str
    of: str
    limit: int
    used: int
    row: Row[Any] | None = None
    disease: str | None = None
    provider: str | None = None
    period: str | None = None

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


def rooms(book: Book, place: str, insutype: str, year: int, state: State, codes: Mapping[str, str]) -> Iterator[Room]:
    """The rooms of a year, place and type of insurance. ``codes``: what is known of the person, psn_type and cvlserv_flag."""
    known = _known(book, place, insutype, date(year, 12, 31), codes)
    indexes = book.indexes_on(place, date(year, 12, 31))
    told: dict[str, None] = {}
    for benefit in _benefits(book, place, insutype, year):
        for rule in benefit.steps:
            if rule.origin.rule not in told:
                told[rule.origin.rule] = None
                yield from _rooms(rule, benefit, state, known, indexes)


def _known(book: Book, place: str, insutype: str, day: date, codes: Mapping[str, str]) -> dict[str, str]:
    table = on(book.maps_of(place, "status"), "status", day)
    row = table.rows.pick({"insutype": insutype, **codes}) if table is not None and table.rows is not None else None
    found = {"insutype": insutype, "cvlserv": "yes" if codes.get("cvlserv_flag") == "1" else "no"}
    return found | ({"status": row.value} if row is not None else {})


def _benefits(book: Book, place: str, insutype: str, year: int) -> list[Benefit]:
    """The benefits of the plans in force in a year; of several versions the last one of the year."""
    plans = book.plans.get((place, insutype), ())
    of_year = [plan for plan in plans if plan.begndate.year <= year and (plan.enddate is None or plan.enddate.year >= year)]
    return [*{benefit.name: benefit for plan in of_year for benefit in plan.benefits}.values()]


def _rooms(rule: StepRule, benefit: Benefit, state: State, known: Facts, indexes: Mapping[str, int]) -> Iterator[Room]:
    if isinstance(rule, Cap) and rule.per == "year":
        for row, limit in _limits(rule.amount, known, indexes):
            yield Room("cap", rule.shared or benefit.name, limit, _counted(rule, benefit, state), row)
    elif isinstance(rule, Cap) and rule.per in YEARLY:
        for name in sorted(state):
            whole, _, at = name.partition("#")
            if is_of(rule.per, at) and rule.is_counter(name, at):
                disease = whole.removeprefix(f"{rule.name}.") if rule.of_disease else None
                for row, limit in _limits(rule.amount, {**known, "disease": disease} if disease else known, indexes):
                    yield Room("cap", rule.shared or benefit.name, limit, state[name], row, disease, period=at or None)
    elif isinstance(rule, Deductible):
        yield from _deductible(rule, benefit, state, known, indexes)
    elif isinstance(rule, Supplement) and rule.per == "year" and rule.cap is not None:
        for row, limit in _limits(rule.cap, known, indexes):
            yield Room("cap", rule.name, limit, state.get(f"{rule.name}.paid", 0), row)


def _deductible(rule: Deductible, benefit: Benefit, state: State, known: Facts, indexes: Mapping[str, int]) -> Iterator[Room]:
    """The ceiling of the year where there is one, else what is left of the year's deductible at each value."""
    name = rule.counted_as(benefit.name)
    if rule.year_ceiling is not None:
        yield Room("year_ceiling", benefit.name, rule.year_ceiling, state.get(name, 0))
    elif rule.per == "year" and not rule.by_provider:
        for level in KNOWN["level"] if rule.by_level else (None,):
            counter, facts = (name, known) if level is None else (f"{name}.{level}", {**known, "level": level})
            for row, limit in _limits(rule.amount, facts, indexes):
                if level is None or counter in state or "level" in dict(row.when):
                    yield Room("deductible", benefit.name, limit, state.get(counter, 0), row)
    elif rule.per in PERIODS:
        yield from _counted_apart(rule, benefit, name, state, known, indexes)


def _counted_apart(
    rule: Deductible, benefit: Benefit, name: str, state: State, known: Facts, indexes: Mapping[str, int]
) -> Iterator[Room]:
    """Deductibles by quarter, month or provider: those of which something is paid."""
    for counter in sorted(state):
        whole, _, at = counter.partition("#")
        apart = whole.removeprefix(name).split(".")[1:]
        if not is_of(rule.per, at) or whole != ".".join([name, *apart]) or len(apart) != rule.by_level + rule.by_provider:
            continue
        facts = {**known, "level": apart[0]} if rule.by_level else known
        for row, limit in _limits(rule.amount, facts, indexes):
            provider = apart[-1] if rule.by_provider else None
            yield Room("deductible", benefit.name, limit, state[counter], row, provider=provider, period=at or None)


def _counted(rule: Cap, benefit: Benefit, state: State) -> int:
    if rule.shared is None and rule.counts == "payments":
        return state.get(f"{benefit.name}.hifp_pay", 0) - state.get(f"{benefit.name}.apart", 0)
    return state.get(rule.name, 0)


def _limits(rows: Rows[Limit], known: Facts, indexes: Mapping[str, int]) -> Iterator[tuple[Row[Limit], int]]:
    """The rows that may apply: none that the known facts rule out, none that a row certain to apply beats."""
    possible = [row for row in rows.rows if all(name not in known or known[name] in allowed for name, allowed in row.when)]
    certain = [row for row in possible if all(name in known for name, _ in row.when)]
    for row in possible:
        if not any(other is not row and other.implies(row) for other in certain) and (limit := _fen(row.value, indexes)) is not None:
            yield row, limit


def _fen(amount: Limit, indexes: Mapping[str, int]) -> int | None:
    if amount is None or isinstance(amount, int):
        return amount
    return times(indexes[amount.index], amount.share) if amount.index in indexes else None
