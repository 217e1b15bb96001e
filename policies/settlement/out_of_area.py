"""Out of area (异地就医): how the pool pays less for care elsewhere, by filing, emergency, referral and place.

``mode = "subtract"``: percentage points off each ratio behind it; ``"multiply"``: each ratio times a factor;
``"first_selfpay"``: a share of what is open is the person's first (part ``out_selfpay``), inside what is in scope, never in
``preselfpay_amt``. For the first two, what the pool pays less than it would have paid unreduced, caps included, is the
part ``reduction``: later funds name it in their base or not (甘肃: assistance does not).

Example: 10,000 yuan at 80 % less 10 points: 7,000 instead of 8,000; coinsurance 2,000, reduction 1,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.base import ratio_text
from contracts.money import times
from policies.select import Rows
from policies.settlement.sheet import Adjust, Case, Origin, Sheet, lacking, step

MODES = ("subtract", "multiply", "first_selfpay")


@dataclass(frozen=True, slots=True)
class OutOfArea:
    """Points, factors or shares by conditions."""

    origin: Origin
    mode: str
    rows: Rows[Decimal]
    kind: str = "out_of_area"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield "by", self.rows

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        row = self.rows.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "异地比例", "value out of area", case.facts, self.rows)
        value, facts = row.value, {"mode": self.mode, **row.chosen_by(case.facts)}
        taken = times(sheet.open, value) if self.mode == "first_selfpay" else 0
        left = sheet.open - taken
        lowers = self.mode != "first_selfpay" and value != (1 if self.mode == "multiply" else 0)
        return sheet.but(
            open=left, parts=sheet.bears("out_selfpay", taken), adjust=Adjust(self.mode, value) if lowers else sheet.adjust,
            steps=(*sheet.steps, step(self.kind, self.origin, sheet.open, left, ratio_text(value), facts)),
        )
