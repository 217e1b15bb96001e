"""Cap (最高支付限额): how much counts or is paid at most; what lies above is in the part ``over_cap``.

``per``: a ``visit`` or stay (its interim settlements together), a ``year``, a ``disease`` and year, a ``quarter`` or a ``month``
(``by_disease``: of each disease), a ``bed_day``. ``counts``: ``payments`` of the pool (behind the ratio), or ``fees`` before it: those left behind the deductible (``fees``) or with it (``gross_fees``). ``shared``: caps
that state the same name count together, in whatever benefit they stand. ``more_a_disease``: of the diseases that the agency approved for
the person the one with the highest limit counts, and each further one that has a limit adds this; all count together. Whether what lies above goes into critical
illness is said there: its base names ``over_cap`` or not. ``above``: of payments that were cut what lies above are the ``payments``, or the
``fees`` that they are of: computed back at their ratio, the last ones first, so that their coinsurance lies above too. Who has no limit has a row that says so: what it lets through counts all the same.

Example: 650200 outpatient, level 1: 80 % of 500 yuan is 400, at most 300 a visit. W007: fees of 19,200 behind the
deductible, at most 10,000 a year: 9,200 above.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.events.claim import Step
from policies.select import Row, Rows
from policies.settlement.bands import fees_for
from policies.settlement.period import PERIODS, period, within
from policies.settlement.sheet import Case, Limit, NoRule, Origin, Sheet, lacking, step

YEARLY = (*PERIODS, "disease")
"""What ``per`` may be of a cap that counts among the accumulators of the year."""
PER = ("visit", *YEARLY, "bed_day")
"""What a cap may be of."""
COUNTS = ("payments", "fees", "gross_fees")
"""What a cap may count."""
ABOVE = ("payments", "fees")
"""What may lie above a cap on payments."""
AT_A_RATIO = ("ratio", "bands", "item")
"""Steps by which the pool pays a ratio of the fees that went in."""
PAYING = (*AT_A_RATIO, "fixed", "guarantee")
"""Steps by which it pays."""


@dataclass(frozen=True, slots=True)
class Cap:
    """Limits in fen by conditions."""

    origin: Origin
    per: str
    amount: Rows[Limit]
    counts: str = "payments"
    shared: str | None = None
    by_disease: bool = False
    more_a_disease: int | None = None
    above: str = "payments"
    kind: str = "cap"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield "amount", self.amount

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        row = self.amount.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "限额", "cap", case.facts, self.amount)
        more, told = 0, row.chosen_by(case.facts)
        if self.more_a_disease is not None:
            row, more, told = self._of_all(case, row)
        limit = None if row.value is None else (case.fen(row.value) + more) * self._times(case)
        counter = self.counter(case)
        used = self._used(case, counter)
        room = None if limit is None else max(0, limit - used)
        facts = {"per": self.per, "counts": self.counts, "used": str(used), **told}
        if self.by_disease:
            facts["disease"] = case.facts["disease"]
        if self.per == "bed_day":
            facts["days"] = str(self._times(case))
        if (found := period(self.per, case.counted_on)) is not None:
            facts["period"] = found
        value = None if limit is None else str(limit)
        if self.counts == "payments":
            return self._payments(sheet, value, room, counter, facts)
        return self._fees(sheet, value, room, counter, facts)

    def _payments(self, sheet: Sheet, value: str | None, room: int | None, counter: str | None, facts: dict[str, str]) -> Sheet:
        base = sheet.pool - sheet.apart
        paid = base if room is None else min(base, room)
        cut = base - paid
        parts = sheet.bears("over_cap", cut)
        if cut and self.above == "fees" and (own := min(sheet.part("coinsurance"), coinsurance_above(sheet.steps, cut))):
            parts = {**parts, "over_cap": parts["over_cap"] + own, "coinsurance": parts["coinsurance"] - own}
            facts["coinsurance"] = str(own)
        return sheet.but(
            pool=paid + sheet.apart, parts=parts,
            counted_pay=(*sheet.counted_pay, counter) if counter else sheet.counted_pay,
            steps=(*sheet.steps, step(self.kind, self.origin, base, paid, value, facts)),
        )

    def _fees(self, sheet: Sheet, value: str | None, room: int | None, counter: str | None, facts: dict[str, str]) -> Sheet:
        gross, charged = self.counts == "gross_fees", sheet.part("deductible")
        if gross:
            facts["deductible"] = str(charged)
        left = sheet.open if room is None else min(sheet.open, max(0, room - charged) if gross else room)
        return sheet.but(
            open=left, parts=sheet.bears("over_cap", sheet.open - left),
            counted_fees=(*sheet.counted_fees, (counter, gross)) if counter else sheet.counted_fees,
            steps=(*sheet.steps, step(self.kind, self.origin, sheet.open, left, value, facts)),
        )

    def _of_all(self, case: Case, own: Row[Limit]) -> tuple[Row[Limit], int, dict[str, str]]:
        """Of all diseases of the person that have a limit, the claim's own (``own``: its row) among them: the row with the highest, what
        the others add, and both as facts. Of equal ones the claim's own counts."""
        facts, mine = case.facts, case.facts.get("disease")
        approved = {name: found for name in facts.get("diseases", ()) if (found := self.amount.pick({**facts, "disease": name})) is not None}
        rows = approved if mine is None and approved else {mine: own, **approved}
        best = max(rows, key=lambda name: (rows[name].value is None, case.fen(rows[name].value or 0)))
        told = rows[best].chosen_by({**facts, "disease": best})
        more = (self.more_a_disease or 0) * (len(rows) - 1)
        counted = len(rows) > 1 and rows[best].value is not None
        return rows[best], more, {**told, "diseases": str(len(rows)), "more": str(more)} if counted else told

    def _times(self, case: Case) -> int:
        """Bed days: nights from admission to discharge, at least one; of a stay that goes on those since its last settlement."""
        if self.per != "bed_day":
            return 1
        begin, end, until = case.claim.begndate.toordinal(), case.claim.enddate.toordinal(), case.stay.get("until", 0)
        if not case.went_on:
            return max(1, end - max(begin, until))
        since = case.stay["since"]
        return max(0, max(1, end - since) - max(1, until - since))

    @property
    def yearly(self) -> str | None:
        """The accumulator of the year that this cap counts in, of one by disease, quarter or month what its names begin with; None
        where the visit alone counts, or the benefit's own payments do."""
        if self.per not in YEARLY or (self.shared is None and self.counts == "payments" and self.per == "year"):
            return None
        return self.name

    def counter(self, case: Case) -> str | None:
        """The accumulator that this cap counts in for a claim; None as with ``yearly``. Raises NoRule where the claim names no disease."""
        name = self.yearly
        if name is None or self.per == "year":
            return name
        if not self.of_disease:
            return within(name, self.per, case.counted_on)
        if "disease" not in case.facts:
            raise NoRule(
                f"{self.origin.rule}：限额按病种累计，单据没有写病种（dise_codg）",
                f"{self.origin.rule}: the cap counts by disease, the claim names none (dise_codg)")
        return within(f"{name}.{case.facts['disease']}", self.per, case.counted_on)

    @property
    def of_disease(self) -> bool:
        """Whether each disease has a limit of its own."""
        return self.by_disease or self.per == "disease"

    def is_counter(self, name: str, at: str) -> bool:
        """Whether an accumulator is one of this cap's: of the quarter or month ``at``, where it counts by these. A benefit may be
        called as the caps of a shared name are: what its own caps count (``cap.<benefit>.<counts>``) is no disease of theirs."""
        whole, _, when = name.partition("#")
        if when != at or not self.of_disease:
            return when == at and whole == self.name
        disease = whole.removeprefix(f"{self.name}.")
        return disease != whole and (self.shared is None or disease.partition(".")[0] not in COUNTS)

    def _in_stay(self, case: Case) -> int:
        """What this has counted of a stay that goes on after an interim settlement: the stay has one limit."""
        stay = case.stay
        if self.counts == "payments":
            return stay.get("paid", 0) - stay.get("apart", 0)
        return stay.get("shared", 0) + (stay.get("deductible", 0) if self.counts == "gross_fees" else 0)

    @property
    def name(self) -> str:
        """The accumulator's, by disease without that: the shared name, else what is counted of the benefit. It says nothing of the
        step's place, so that it goes on where a later version of the plan begins within the year."""
        benefit = self.origin.rule.partition("#")[2].rpartition(".")[0]
        return f"cap.{self.shared or f'{benefit}.{self.counts}'}"

    def _used(self, case: Case, counter: str | None) -> int:
        if self.per not in YEARLY:
            return self._in_stay(case) if self.per == "visit" and case.went_on else 0
        if counter is not None:
            return case.accumulated(counter)
        return case.accumulated(f"{case.benefit}.hifp_pay") - case.accumulated(f"{case.benefit}.apart")


def coinsurance_above(steps: Sequence[Step], cut: int) -> int:
    """The coinsurance of the fees of which the last ``cut`` that the pool paid is not paid, in view of what earlier caps have cut.

    Example: 10,000 at 80 %, then 10,000 at 90 %: 17,000. Cut by 11,000 it is that of the second 10,000, 1,000, and of 2,000 / 80 % = 2,500,
    500.
    """
    before = sum(one.base - one.amount for one in steps if one.kind == "cap" and one.facts.get("counts") == "payments")
    return _coinsurance_of_last(steps, before + cut) - _coinsurance_of_last(steps, before)


def _coinsurance_of_last(steps: Sequence[Step], paid: int) -> int:
    found = 0
    for one in reversed(steps):
        counted = one.kind in PAYING and one.facts.get("capped") != "0"
        taken = min(paid, one.amount) if counted else 0
        if taken and one.kind in AT_A_RATIO:
            fees = one.base if taken == one.amount else min(one.base, fees_for(taken, Decimal(one.value or 0)))
            found += fees - taken
        paid -= taken
    return found
