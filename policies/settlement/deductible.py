"""Deductible (起付标准): what the person pays first.

``per = "visit"`` or ``"stay"``: anew each time. ``per = "year"``: what the year has paid counts, so that a higher
level after a lower one tops up the difference (衡阳: 200 at level 2, then 100 more at level 3), and the year's total
never passes ``year_ceiling``. ``admission``: factors by the number of the stay in the year (halved at the second).
Example: 650200 outpatient, level 2: 40 yuan of 100 in scope; 60 go on to the pool.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from contracts.money import times
from policies.select import Row, select
from policies.settlement.plan import NoRule
from policies.settlement.sheet import Origin, Sheet, step


@dataclass(frozen=True, slots=True)
class Deductible:
    """Amounts in fen by level and status."""

    origin: Origin
    per: str
    amount: tuple[Row[int], ...]
    year_ceiling: int | None = None
    admission: tuple[tuple[int, Decimal], ...] = ()
    kind: str = "deductible"

    def apply(self, sheet: Sheet) -> Sheet:
        row = select(self.amount, sheet.facts)
        if row is None:
            raise NoRule(f"{self.origin.rule}: no deductible for {_told(sheet.facts)}")
        standard = times(row.value, self._factor(sheet.admission))
        due = self._due(standard, sheet.accumulated("deductible"))
        charged = min(due, sheet.open)
        facts = {"standard": str(standard), "paid": str(sheet.accumulated("deductible")), **_shown(row, sheet)}
        if self.admission:
            facts["admission"] = str(sheet.admission)
        written = step(self.kind, self.origin, sheet.open, charged, str(due), **facts)
        return sheet.with_step(written, deductible=sheet.deductible + charged, open=sheet.open - charged)

    def _due(self, standard: int, paid: int) -> int:
        due = max(0, standard - paid) if self.per == "year" else standard
        return due if self.year_ceiling is None else max(0, min(due, self.year_ceiling - paid))

    def _factor(self, admission: int) -> Decimal:
        found = [factor for start, factor in self.admission if start <= admission]
        return found[-1] if found else Decimal(1)


def _told(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(facts.items()))


def _shown(row: Row[int], sheet: Sheet) -> dict[str, str]:
    return {name: sheet.facts[name] for name, _ in row.when}
