"""Deductible (起付标准): what the person pays first.

``per = "visit"`` or ``"stay"``: anew each time. ``per = "year"``: what the year has paid counts, so that a higher level
after a lower one tops up the difference (衡阳: 200 at level 2, then 100 more at level 3), and the year's total never
passes ``year_ceiling``; ``"quarter"`` and ``"month"`` are the same within these (``period.py``). ``by_level``, ``by_provider``: each
level, each provider counts for itself. ``admission``: factors by the number of the stay in the year (halved, then none), not below
``floor``. ``transfer = "difference"``: a stay that follows another one by transfer pays what its deductible is higher.
``once``: treatments (disease names) for which the deductible is charged once a year. A stay that goes on after an interim
settlement is charged once: what was still due of it (the stay's entry says so). Across New Year ``across`` says what more:
that too (``old``), the new year's deductible (``new``), or nothing (``none``). Steps behind it share what is left; whether bands begin at 0 or behind it is theirs to say.

Example: 650200 outpatient, level 2: 40 yuan of 100 in scope; 60 go on to the pool.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.money import times
from policies.select import Rows
from policies.settlement.period import PERIODS, period, within
from policies.settlement.sheet import Amount, Case, Origin, Sheet, lacking, step

ONE = Decimal(1)
PER = ("visit", "stay", *PERIODS)
"""How often it may be charged."""


@dataclass(frozen=True, slots=True)
class Once:
    """Treatments charged once a year, and the name under which that is counted."""

    name: str
    diseases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Deductible:
    """Amounts by conditions. ``shared``: benefits that state the same name count together."""

    origin: Origin
    per: str
    amount: Rows[Amount]
    year_ceiling: int | None = None
    admission: tuple[tuple[int, Decimal], ...] = ()
    floor: int = 0
    shared: str | None = None
    by_level: bool = False
    by_provider: bool = False
    transfer: str | None = None
    once: Once | None = None
    across: str = "old"
    kind: str = "deductible"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield "amount", self.amount

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        row = self.amount.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "起付标准", "deductible", case.facts, self.amount)
        full = case.fen(row.value)
        standard = self._standard(full, case.facts["admission"]) if self.admission else full
        paid, due = self._due(standard, case)
        if case.went_on and self._goes_on(case):
            standard = paid + due
        due = self._within(due, case)
        charged = min(due, sheet.open)
        written = {"standard": str(standard), "paid": str(paid), **row.chosen_by(case.facts)}
        if self.admission:
            written["admission"] = str(case.facts["admission"])
        if standard != full:
            written["full"] = str(full)
        if (found := period(self.per, case.counted_on)) is not None:
            written["period"] = found
        return sheet.but(
            open=sheet.open - charged, deductible=sheet.deductible + charged, parts=sheet.bears("deductible", charged),
            still_due=due - charged, credited=self.credit(case),
            moved=sheet.moves_by(self.counted(case, charged)),
            steps=(*sheet.steps, step(self.kind, self.origin, sheet.open, charged, str(due), written)),
        )

    def counted(self, case: Case, charged: int) -> dict[str, int]:
        """The accumulators that a charged deductible moves."""
        own = f"{case.benefit}.deductible"
        if self.shared is None and self.once is None and self._counter(case) == own:
            return {own: charged}
        names = (own, self.counted_as(case.benefit), self._counter(case), self._once_counter(case))
        return {name: charged for name in names if name is not None}

    def stated(self, case: Case, sheet: Sheet, charged: int) -> Sheet:
        """The sheet where another agency charged this, whatever is due here."""
        row = self.amount.pick(case.facts)
        due = self._due(self._standard(case.fen(row.value), case.facts["admission"]), case)[1] if row is not None else 0
        due = self._within(due, case)
        return sheet.but(
            open=max(0, sheet.open - charged), deductible=charged, parts=sheet.bears("deductible", charged),
            still_due=max(0, due - charged), credited=self.credit(case), moved=sheet.moves_by(self.counted(case, charged)),
        )

    def _standard(self, full: int, admission: int) -> int:
        if not self.admission:
            return full
        factor = self._factor(admission)
        return full if factor == ONE else max(times(full, factor), min(self.floor, full))

    def _factor(self, admission: int) -> Decimal:
        found = [factor for start, factor in self.admission if start <= admission]
        return found[-1] if found else ONE

    def _due(self, standard: int, case: Case) -> tuple[int, int]:
        """What counts as paid already, and what is still due, whatever the year's ceiling."""
        if case.went_on and self._goes_on(case):
            nothing = case.crossed and self.across == "none"
            return case.stay.get("deductible", 0), 0 if nothing else case.stay.get("due", 0)
        paid = self._paid(case)
        return paid, max(0, standard - paid)

    def _within(self, due: int, case: Case) -> int:
        """What is due within the year's ceiling; of a stay that goes on too, for others may have filled it since."""
        return due if self.year_ceiling is None else max(0, min(due, self.year_ceiling - case.accumulated(self.counted_as(case.benefit))))

    def _paid(self, case: Case) -> int:
        """What counts as paid already of a deductible that does not go on."""
        if self.per in PERIODS:
            return case.accumulated(self._counter(case))
        if self.once is not None and (once := self._once_counter(case)) is not None:
            return case.accumulated(once)
        return case.stay.get("deductible", 0) if case.went_on else self.credit(case)

    def _goes_on(self, case: Case) -> bool:
        """Of a stay that goes on, whether its own deductible does: not where the year counts, or the new year's is topped up."""
        if self.per in PERIODS or self._once_counter(case) is not None:
            return False
        return not case.crossed or self.across != "new"

    def credit(self, case: Case) -> int:
        """What counts of the deductibles of the stays before a transfer. A stay that was settled before is none before itself."""
        if self.transfer is None or case.stay or not transferred(case):
            return 0
        return case.accumulated(f"{case.benefit}.last_deductible")

    def counted_as(self, benefit: str) -> str:
        """The accumulator in which the year counts all of it, whatever is counted apart: the shared name, else the benefit's own."""
        return f"deductible.{self.shared}" if self.shared else f"{benefit}.deductible"

    def _counter(self, case: Case) -> str:
        name = self.counted_as(case.benefit)
        if self.by_level:
            name += f".{case.facts['level']}"
        if self.by_provider:
            name += f".{case.claim.fixmedins_code}"
        return within(name, self.per, case.counted_on)

    def _once_counter(self, case: Case) -> str | None:
        if self.once is None or case.facts.get("disease") not in self.once.diseases:
            return None
        return f"deductible.{self.once.name}"


def transferred(case: Case) -> bool:
    """A stay by transfer (ipt_type 3) that begins on the day of the last discharge or the day after."""
    last = case.accumulated(f"{case.benefit}.last_enddate")
    return case.claim.ipt_type == "3" and 0 <= case.claim.begndate.toordinal() - last <= 1
