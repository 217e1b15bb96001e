"""Cap (最高支付限额): how much the pool pays at most, a visit or a year. What lies above is the person's.

Counted in payments of the pool. Example: 650200 outpatient, level 1: 80 % of 500 yuan is 400, at most 300 a visit.
"""

from dataclasses import dataclass

from policies.select import Row, select
from policies.settlement.plan import NoRule
from policies.settlement.sheet import Origin, Sheet, step


@dataclass(frozen=True, slots=True)
class Cap:
    """Limits in fen by level and status."""

    origin: Origin
    per: str
    amount: tuple[Row[int], ...]
    kind: str = "cap"

    def apply(self, sheet: Sheet) -> Sheet:
        row = select(self.amount, sheet.facts)
        if row is None:
            raise NoRule(f"{self.origin.rule}: no cap for {dict(sheet.facts)}")
        used = sheet.accumulated("hifp_pay") if self.per == "year" else 0
        pool = min(sheet.pool, max(0, row.value - used))
        facts = {"per": self.per, "used": str(used), **{name: sheet.facts[name] for name, _ in row.when}}
        written = step(self.kind, self.origin, sheet.pool, pool, str(row.value), **facts)
        return sheet.with_step(written, pool=pool, over_cap=sheet.over_cap + sheet.pool - pool)
