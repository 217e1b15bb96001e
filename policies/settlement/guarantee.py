"""Guarantee (保底): where what was paid is below a share of the costs, a fund pays up to that share.

``costs``: the share is of the whole bill but for the provider's part (``total``), or of what is ``in_scope``; ``counted_from`` ``zero``, or ``deductible``: the costs
behind it. ``fund``: the pool, behind its steps that share and before its caps on payments; or another fund, among the supplements,
which looks at what all funds before it have paid. ``pays``: the parts of the person's that it takes, in that order; it never pays more
than they hold. A stay that goes on after an interim settlement is one time: costs and payments of all its settlements count, and
nothing is paid back.

Example: 10,000 in all, 5,000 of them in scope, a deductible of 1,000, 60 %: the pool pays 2,400. 45 % of the 9,000 behind the
deductible are 4,050: 1,650 more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.base import ratio_text
from contracts.events.claim import Step
from contracts.money import times
from policies.laws import FUNDS
from policies.select import Rows
from policies.settlement.sheet import Case, Origin, Sheet, lacking, step

COSTS = ("total", "in_scope")
"""Of which costs the share may be."""
POOL = FUNDS[0]
STAYED = {"total": "costs", "in_scope": "fees"}
"""What an entry of a stay calls these costs."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Shares by conditions. ``of``: the parts that it pays."""

    origin: Origin
    costs: str
    ratio: Rows[Decimal]
    of: tuple[str, ...]
    counted_from: str = "zero"
    fund: str = POOL
    kind: str = "guarantee"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield "ratio", self.ratio

    @property
    def stayed(self) -> tuple[str, str]:
        """What an entry of a stay holds for it: the costs, and what was paid of them by the pool, or by all funds up to this one."""
        return STAYED.get(self.costs, ""), f"{self.fund}.funded" if self.after_pool else "paid"

    def apply(self, case: Case, sheet: Sheet, most: int | None = None) -> Sheet:
        """The sheet with what is paid, ``most`` at most. Raises NoRule."""
        row = self.ratio.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "保底比例", "guaranteed share", case.facts, self.ratio)
        now = whole(case) if self.costs == "total" else case.body.priced.inscp_scp_amt
        before, paid_before, charged_before = self._before(case)
        charged = charged_before + sheet.deductible if self.counted_from == "deductible" else 0
        costs = before + now - charged
        due, paid = times(costs, row.value), paid_before + sheet.pool + sum(sheet.funds.values())
        more = max(0, min(due - paid, self.base(sheet)))
        more = more if most is None else min(more, most)
        facts = {"costs": str(now), "due": str(due), "paid": str(paid), "bears": str(self.base(sheet)), **row.chosen_by(case.facts)}
        facts |= {name: str(amount) for name, amount in (("before", before), ("deductible", charged)) if amount}
        if self.after_pool:
            facts["fund"] = self.fund
        return self._pays(sheet, more, step(self.kind, self.origin, costs, more, ratio_text(row.value), facts))

    def for_whom(self, case: Case) -> bool:
        """Everybody: whom it guarantees nothing has a row of nought."""
        return True

    def base(self, sheet: Sheet) -> int:
        """What the person still bears of the parts that it pays of."""
        return sum(sheet.part(name) for name in self.of)

    def stated(self, case: Case, sheet: Sheet, paid: int) -> Sheet:
        """The sheet where another agency paid this for the fund."""
        return self._pays(sheet, paid, step("prior", self.origin, self.base(sheet), paid, None, {"name": self.fund}))

    def _before(self, case: Case) -> tuple[int, int, int]:
        """Costs, payments and deductible of the earlier settlements of a stay that goes on; nought where they were not kept."""
        costs, paid = self.stayed
        if not case.went_on or not {costs, paid} <= case.stay.keys():
            return 0, 0, 0
        return case.stay[costs], case.stay[paid], case.stay.get("deductible", 0)

    def _pays(self, sheet: Sheet, paid: int, written: Step) -> Sheet:
        sheet.but(parts=sheet.relieved(self.of, paid), steps=(*sheet.steps, written))
        if not self.after_pool:
            return sheet.but(pool=sheet.pool + paid, guaranteed=paid)
        funds = {**sheet.funds, self.fund: sheet.funds.get(self.fund, 0) + paid}
        return sheet.but(funds=funds, funded={**sheet.funded, self.fund: sheet.pool + sum(funds.values())})


def whole(case: Case) -> int:
    """The whole bill, but for what the provider bears: nobody is to pay that."""
    return case.body.priced.medfee_sumamt - case.body.priced.hosp_part_amt
