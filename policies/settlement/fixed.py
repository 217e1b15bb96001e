"""Fixed sums and ceilings (定额, 限额), as for births: by kind and level.

``mode = "ceiling"``: the pool pays the cost up to the sum, what lies above is the person's (part ``over_cap``); below it
the cost is paid. ``mode = "fixed"``: the sum is due whatever the cost; what it exceeds the cost by is an allowance to the
person (``allowance_pay``), outside all identities of the claim. ``more_a_child``: more for each child beyond the first.
A stay that goes on after an interim settlement has one sum: what was paid of it before counts, items beside it do not, and an
allowance is due with the last settlement.

Example (S157, 顺产 at level 3): ceiling 2,500; 2,800 in scope: the pool pays 2,500, the person 300.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.select import Rows
from policies.settlement.sheet import Amount, Case, Origin, Sheet, lacking, step


@dataclass(frozen=True, slots=True)
class Fixed:
    """Sums in fen by conditions."""

    origin: Origin
    mode: str
    amount: Rows[Amount]
    more_a_child: int = 0
    kind: str = "fixed"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield "amount", self.amount

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        row = self.amount.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "定额", "sum", case.facts, self.amount)
        children = case.claim.fetus_cnt or 1
        sum_ = case.fen(row.value) + self.more_a_child * (children - 1)
        before = case.stay.get("fixed", 0) if case.went_on else 0
        room = max(0, sum_ - before)
        paid = min(sheet.open, room)
        allowance = room - paid if self.mode == "fixed" and case.claim.mid_setl_flag == "0" else 0
        facts = {"mode": self.mode, **row.chosen_by(case.facts)}
        if self.more_a_child:
            facts["children"] = str(children)
        if before:
            facts["before"] = str(before)
        if allowance:
            facts["allowance"] = str(allowance)
        return sheet.but(
            open=0, pool=sheet.pool + paid, fixed=paid, shared=sheet.shared + sheet.open, allowance=sheet.allowance + allowance,
            parts=sheet.bears("over_cap", sheet.open - paid),
            steps=(*sheet.steps, step(self.kind, self.origin, sheet.open, paid, str(sum_), facts)),
        )
