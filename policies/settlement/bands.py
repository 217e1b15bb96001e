"""Bands (分段): what lies in each band is paid at the band's ratio. A band is (X, Y] unless the text says otherwise.

``measured``: bands on ``fees`` or on ``payments`` of the pool. ``counted_from``: ``zero`` (absolute; the deductible eats
the first band: 起付线在段中) or ``deductible`` (behind it). ``continues``: over the ``year``, over the ``stay`` (interim
settlements of it), or anew each ``visit``. Each band is rounded half-up to the fen, then summed.

Example (W014): bands to 20,000 at 68 %, to 40,000 at 73 %, above at 78 %, counted from zero; 89,400 in scope with a
deductible of 900: 19,100 x 68 % + 20,000 x 73 % + 49,400 x 78 % = 12,988 + 14,600 + 38,532 = 66,120.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.base import ratio_text
from contracts.events.claim import Step
from contracts.money import round_half_up, times
from policies.select import Row, Rows
from policies.settlement.ratio import Bonus, final
from policies.settlement.sheet import Amount, Case, Origin, Sheet, lacking, step

UNBOUNDED = 10**18
"""Beyond any sum of bills."""


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of ratios up to one bound (None: without)."""

    upto: Amount | None
    ratio: Rows[Decimal]

    def bound(self, case: Case) -> int:
        return UNBOUNDED if self.upto is None else case.fen(self.upto)


@dataclass(frozen=True, slots=True)
class Slice:
    """What of an amount lies in a band: from ``low`` to ``high`` of its measure."""

    low: int
    high: int
    row: Row[Decimal]


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands in the order of their bounds."""

    origin: Origin
    bands: tuple[Band, ...]
    measured: str = "fees"
    counted_from: str = "zero"
    continues: str = "visit"
    bonus: Bonus | None = None
    kind: str = "bands"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield from named(self.bands)
        if self.bonus is not None:
            yield "bonus", self.bonus.points

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        before = self._before(case)
        found = applicable(self.bands, case, self.origin)
        if self.measured == "payments":
            steps = self._on_payments(case, sheet, found, before)
        else:
            start = before + (sheet.part("deductible") if self.counted_from == "zero" else 0)
            steps = [
                self._written(case, sheet, cut.high - cut.low, cut.row, low, high, before)
                for cut, low, high in slices(found, start, start + sheet.open)
            ]
        pool = sum(written.amount for written in steps)
        if self.measured == "payments":
            measured = pool
        else:
            measured = sheet.open + (sheet.part("deductible") if self.counted_from == "zero" else 0)
        ratios = {written.value for written in steps}
        return sheet.but(
            open=0, pool=sheet.pool + pool, shared=sheet.shared + sheet.open, banded=sheet.banded + measured,
            parts=sheet.bears("coinsurance", sheet.open - pool), ratio=ratios.pop() if len(ratios) == 1 else None,
            moved=sheet.moves_by({f"{case.benefit}.banded": measured}) if self.continues == "year" else sheet.moved,
            steps=(*sheet.steps, *steps),
        )

    def _before(self, case: Case) -> int:
        if self.continues == "year":
            return case.accumulated(f"{case.benefit}.banded")
        return case.stay.get("banded", 0) if self.continues == "stay" and case.went_on else 0

    def _written(
        self, case: Case, sheet: Sheet, fees: int, row: Row[Decimal], low: int, high: int, before: int, pay: int | None = None
    ) -> Step:
        ratio, facts = final(row.value, row.chosen_by(case.facts), case, self.bonus, sheet.adjust)
        facts = {**facts, "from": str(low), "measured": self.measured, "before": str(before)}
        if high < UNBOUNDED:
            facts["upto"] = str(high)
        return step(self.kind, self.origin, fees, times(fees, ratio) if pay is None else pay, ratio_text(ratio), facts)

    def _on_payments(self, case: Case, sheet: Sheet, found: Sequence[Slice], before: int) -> list[Step]:
        """Bands on payments: a band is full when the pool has paid up to its bound; its fees are computed back."""
        steps, left, paid = [], sheet.open, before
        for band in found:
            ratio, _ = final(band.row.value, {}, case, self.bonus, sheet.adjust)
            room = band.high - max(paid, band.low)
            if left <= 0 or room <= 0:
                continue
            pay = min(room, times(left, ratio))
            fees = left if pay < room or not ratio else min(left, fees_for(pay, ratio))
            steps.append(self._written(case, sheet, fees, band.row, band.low, band.high, before, pay))
            left, paid = left - fees, paid + pay
        return steps


def fees_for(pay: int, ratio: Decimal) -> int:
    """The fees of which ``pay`` is the ratio (ZLHIS: 支付额 x 100 / 比例)."""
    numerator, denominator = ratio.as_integer_ratio()
    return round_half_up(pay * denominator, numerator)


def named(bands: Sequence[Band]) -> Iterator[tuple[str, Rows[Any]]]:
    """The tables of bands, for checks and cases."""
    for number, band in enumerate(bands, 1):
        yield f"band {number}", band.ratio


def applicable(bands: Sequence[Band], case: Case, origin: Origin) -> list[Slice]:
    """The bands of this case: in each the row that applies, bands without one left out. Raises NoRule where there is none."""
    found, low = [], 0
    for high, row in sorted(
        ((band.bound(case), row) for band in bands if (row := band.ratio.pick(case.facts)) is not None), key=lambda pair: pair[0]
    ):
        found.append(Slice(low, high, row))
        low = high
    if not found or found[-1].high < UNBOUNDED:
        raise lacking(origin, "分段", "band", case.facts, *(band.ratio for band in bands))
    return found


def slices(bands: Sequence[Slice], start: int, end: int) -> Iterator[tuple[Slice, int, int]]:
    """What of (start, end] lies in each band, with the band's own bounds; an empty amount lies in the band where it stands."""
    if start == end:
        band = next(band for band in bands if start < band.high)
        yield Slice(start, end, band.row), band.low, band.high
        return
    for band in bands:
        low, high = max(start, band.low), min(end, band.high)
        if low < high:
            yield Slice(low, high, band.row), band.low, band.high
