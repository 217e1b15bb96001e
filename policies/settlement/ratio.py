"""Ratio (支付比例): which part of what is left the pool pays, from a table or linear in age.

Linear: ``start + per_year x age``, at most ``most``. Example: 75 % + 0.2 % x 60 = 87 %; 9,100 yuan -> 7,917 yuan.
Rounded half-up to the fen once.
"""

from dataclasses import dataclass
from decimal import Decimal

from contracts.base import ratio_text
from contracts.money import times
from policies.select import Row, select
from policies.settlement.plan import NoRule
from policies.settlement.sheet import Origin, Sheet, step


@dataclass(frozen=True, slots=True)
class Linear:
    """A ratio that grows with the age."""

    start: Decimal
    per_year: Decimal
    most: Decimal

    def at(self, age: int) -> Decimal:
        return min(self.most, self.start + self.per_year * age)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Either rows or a line."""

    origin: Origin
    rows: tuple[Row[Decimal], ...] = ()
    linear: Linear | None = None
    kind: str = "ratio"

    def apply(self, sheet: Sheet) -> Sheet:
        ratio, facts = self._ratio(sheet)
        pool = times(sheet.open, ratio)
        text = ratio_text(ratio)
        written = step(self.kind, self.origin, sheet.open, pool, text, **facts)
        return sheet.with_step(written, pool=sheet.pool + pool, open=0, ratio=text)

    def _ratio(self, sheet: Sheet) -> tuple[Decimal, dict[str, str]]:
        if self.linear is not None:
            return self.linear.at(sheet.age), {"age": str(sheet.age)}
        row = select(self.rows, sheet.facts)
        if row is None:
            raise NoRule(f"{self.origin.rule}: no ratio for {dict(sheet.facts)}")
        return row.value, {name: sheet.facts[name] for name, _ in row.when}
