"""Ratio (支付比例): which part of what is left the pool pays, from a table or linear in age, with a bonus.

Linear: ``start + per_year x age``, at most ``most``. Example: 75 % + 0.2 % x 60 = 87 %; 9,100 yuan -> 7,917 yuan.
``bonus``: percentage points for years of continuous insurance or an identity, the sum at most ``most`` (100 % where it is
not said). Care out of area lowers the ratio (step ``out_of_area``). Rounded half-up to the fen once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.base import ratio_text
from contracts.money import times
from policies.select import Rows
from policies.settlement.sheet import Adjust, Case, Origin, Sheet, lacking, step


@dataclass(frozen=True, slots=True)
class Linear:
    """A ratio that grows with the age."""

    start: Decimal
    per_year: Decimal
    most: Decimal

    def at(self, age: int) -> Decimal:
        return min(self.most, self.start + self.per_year * age)


@dataclass(frozen=True, slots=True)
class Bonus:
    """Percentage points on top, as a ratio (0.02 are two points)."""

    points: Rows[Decimal]
    most: Decimal

    def on(self, ratio: Decimal, case: Case) -> tuple[Decimal, Mapping[str, str]]:
        """The ratio with the bonus, and what is told of it."""
        row = self.points.pick(case.facts)
        if row is None or not row.value:
            return ratio, {}
        facts = {"bonus": ratio_text(row.value), **row.chosen_by(case.facts)}
        return max(ratio, min(self.most, ratio + row.value)), facts


@dataclass(frozen=True, slots=True)
class Ratio:
    """Either rows or a line."""

    origin: Origin
    rows: Rows[Decimal]
    linear: Linear | None = None
    bonus: Bonus | None = None
    kind: str = "ratio"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        if self.linear is None:
            yield "ratio", self.rows
        if self.bonus is not None:
            yield "bonus", self.bonus.points

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        ratio, facts = self._ratio(case)
        ratio, facts = final(ratio, facts, case, self.bonus, sheet.adjust)
        pool = times(sheet.open, ratio)
        text = ratio_text(ratio)
        return sheet.but(
            open=0, pool=sheet.pool + pool, shared=sheet.shared + sheet.open, ratio=text,
            parts=sheet.bears("coinsurance", sheet.open - pool),
            steps=(*sheet.steps, step(self.kind, self.origin, sheet.open, pool, text, facts)),
        )

    def _ratio(self, case: Case) -> tuple[Decimal, Mapping[str, str]]:
        if self.linear is not None:
            return self.linear.at(case.facts["age"]), {"age": str(case.facts["age"])}
        row = self.rows.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "支付比例", "ratio", case.facts, self.rows)
        return row.value, row.chosen_by(case.facts)


def final(
    ratio: Decimal, facts: Mapping[str, str], case: Case, bonus: Bonus | None, adjust: Adjust | None
) -> tuple[Decimal, Mapping[str, str]]:
    """A ratio of the plan with bonus and the reduction out of area; ``facts`` name both."""
    plan = ratio
    if bonus is not None:
        ratio, told_of_it = bonus.on(ratio, case)
        facts = {**facts, **told_of_it}
    if adjust is not None:
        ratio = adjust.applied(ratio)
        facts = {**facts, "reduced": f"{adjust.mode} {ratio_text(adjust.value)}"}
    return ratio, facts if ratio == plan else {**facts, "ratio": ratio_text(plan)}
