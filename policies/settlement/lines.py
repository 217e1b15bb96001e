"""Two steps that look at single fee lines: items paid at a ratio of their own, and lines that the benefit does not pay.

``item`` (目录直接报销比例): lines are paid at their own ratio, past the plan's bands: the ratio of the row that applies, or
the catalogue's (``catalogue = true``, lines with ``drt_reim_prop``). Standing before the deductible it is free of it;
``capped = false`` keeps its payments out of the caps; else it stands behind a cap on fees, which counts its fees too.

``exclude``: lines in scope that this benefit does not pay, such as those of a pharmacy sold without a prescription; they
are in the part ``not_covered``. A line that one step took is not looked at by the next.

Rows may select by class (甲 01, 乙 02), ``item_type`` (医疗收费项目类别), ``item_kind`` and ``prescription`` besides.
Example: an item of 1,000 yuan with a direct ratio of 60 %: the pool pays 600, the person 400; the rest goes on to the bands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.base import ratio_text
from contracts.events.claim import FeeLine, PricedLine
from contracts.money import times
from policies.select import Rows
from policies.settlement.sheet import Case, Origin, Sheet, step


@dataclass(frozen=True, slots=True)
class Item:
    """Ratios of lines."""

    origin: Origin
    rows: Rows[Decimal]
    catalogue: bool = False
    capped: bool = True
    kind: str = "item"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        if self.rows:
            yield "ratio", self.rows

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        groups, taken = dict[Decimal, int](), set(sheet.taken)
        for number, line, priced in left(case, sheet):
            if (ratio := self._ratio(case, line, priced)) is not None and priced.inscp_scp_amt:
                groups[ratio] = groups.get(ratio, 0) + priced.inscp_scp_amt
                taken.add(number)
        steps, rest, pool = [], sheet.open, 0
        for ratio, amount in sorted(groups.items()):
            base = max(0, min(amount, rest))
            paid = times(base, ratio)
            facts = {"billed": str(amount), "capped": "1" if self.capped else "0"}
            steps.append(step(self.kind, self.origin, base, paid, ratio_text(ratio), facts))
            rest, pool = rest - base, pool + paid
        return sheet.but(
            open=rest, pool=sheet.pool + pool, apart=sheet.apart + (0 if self.capped else pool), taken=frozenset(taken),
            shared=sheet.shared + (sheet.open - rest if self.capped else 0),
            parts=sheet.bears("coinsurance", sheet.open - rest - pool), steps=(*sheet.steps, *steps),
        )

    def _ratio(self, case: Case, line: FeeLine, priced: PricedLine) -> Decimal | None:
        if self.catalogue:
            return Decimal(priced.drt_reim_prop) if priced.drt_reim_prop is not None else None
        row = self.rows.pick(line_facts(case, line, priced))
        return row.value if row is not None else None


@dataclass(frozen=True, slots=True)
class Exclude:
    """Lines that are not paid: those to which a row applies that says so."""

    origin: Origin
    rows: Rows[bool]
    kind: str = "exclude"
    after_pool: bool = False

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield "lines", self.rows

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        found, taken = 0, set(sheet.taken)
        told: dict[str, str] = {}
        for number, line, priced in left(case, sheet):
            row = self.rows.pick(facts := line_facts(case, line, priced))
            if row is not None and row.value:
                found += priced.inscp_scp_amt
                taken.add(number)
                told |= row.chosen_by(facts)
        amount = max(0, min(found, sheet.open))
        rest = sheet.open - amount
        return sheet.but(
            open=rest, parts=sheet.bears("not_covered", amount), taken=frozenset(taken),
            steps=(*sheet.steps, step(self.kind, self.origin, sheet.open, rest, str(amount), told)),
        )


def left(case: Case, sheet: Sheet) -> Iterator[tuple[int, FeeLine, PricedLine]]:
    """The lines that no earlier step took, with their places."""
    for number, (line, priced) in enumerate(case.lines):
        if number not in sheet.taken:
            yield number, line, priced


def line_facts(case: Case, line: FeeLine, priced: PricedLine) -> dict[str, Any]:
    """The facts of the case and of one of its lines."""
    facts = {**case.facts, "class": priced.chrgitm_lv, "prescription": "no" if line.rxno is None else "yes"}
    if priced.med_chrgitm_type is not None:
        facts["item_type"] = priced.med_chrgitm_type
    if priced.kind is not None:
        facts["item_kind"] = priced.kind
    return facts
