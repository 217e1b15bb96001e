"""Supplement (大病, 大额, 企业补充, 公务员补助, 医疗救助, 二次救助): a fund that pays a part of what the person still bears.

``of``: the parts that are its base, in the order in which it takes from them. ``per = "year"``: base and payments
accumulate, the threshold is due once a year, and a visit fills the bands between the base before and the base after, at
the values of its own date; nothing is paid back. ``per = "visit"``: each time anew; a stay that goes on after an interim settlement
is one time. ``counted_from``: bands ``zero``
(absolute, the first one begins at the threshold) or ``threshold`` (net of it). ``cap``: what it pays at most; ``cap_bonus``
raises it for years of continuous insurance, and for years without a claim (cleared once used). ``when``: whom it is for.

Example (W015): own share of 150,000, threshold 12,000, absolute bands to 30,000 at 60 %, to 100,000 at 65 %, above at 75 %:
18,000 x 60 % + 70,000 x 65 % + 50,000 x 75 % = 93,800.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.base import ratio_text
from contracts.events.claim import Step
from contracts.money import times
from policies.select import Row, Rows
from policies.settlement.bands import UNBOUNDED, Band, applicable, named, slices
from policies.settlement.ratio import Bonus, final
from policies.settlement.sheet import Amount, Case, Limit, Origin, Sheet, lacking, step

NAMES = ("continuous", "zero_claim")


@dataclass(frozen=True, slots=True)
class CapBonus:
    """Fen a year more on the cap: for each year beyond ``after`` of continuous insurance, or of years without a claim."""

    earned_by: str
    per_year: int
    most: int
    after: int = 0

    def amount(self, years: int) -> int:
        return min(self.most, max(0, years - self.after) * self.per_year)


@dataclass(frozen=True, slots=True)
class Supplement:
    """``name``: that of its accumulators. ``fund``: the field of the verdict that it fills."""

    origin: Origin
    name: str
    fund: str
    of: tuple[str, ...]
    per: str
    bands: tuple[Band, ...]
    threshold: Rows[Amount] | None = None
    counted_from: str = "zero"
    cap: Rows[Limit] | None = None
    bonus: Bonus | None = None
    cap_bonus: tuple[CapBonus, ...] = ()
    when: Row[None] | None = None
    kind: str = "supplement"
    after_pool: bool = True

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield from named(self.bands)
        for name, rows in (("threshold", self.threshold), ("cap", self.cap), ("bonus", self.bonus and self.bonus.points)):
            if rows is not None:
                yield name, rows

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        if not self.for_whom(case):
            return sheet
        base = self.base(sheet)
        threshold, facts = self._threshold(case)
        before = self._before(case, "base")
        facts |= {"name": self.name, "before": str(before), "after": str(before + base), "per": self.per}
        steps = list(self._bands(case, threshold, before, before + base, facts)) or [
            step(self.kind, self.origin, base, 0, None, facts)
        ]
        paid = sum(written.amount for written in steps)
        moved = {f"{self.name}.base": base}
        if self.cap is not None:
            capped, used, cut = self._capped(case, paid)
            steps += cut
            moved |= used
            paid = capped
        moved[f"{self.name}.paid"] = paid
        return self._pays(sheet, paid, moved, steps)

    def for_whom(self, case: Case) -> bool:
        """Whether it is for this person and this care."""
        return self.when is None or self.when.applies(case.facts)

    def base(self, sheet: Sheet) -> int:
        """What the person still bears of the parts that it pays of."""
        return sum(sheet.part(name) for name in self.of)

    def stated(self, case: Case, sheet: Sheet, paid: int) -> Sheet:
        """The sheet where another agency paid this for the fund: the accumulators move as if it was decided here."""
        if not self.for_whom(case) and not paid:
            return sheet
        base = self.base(sheet)
        written = step("prior", self.origin, base, paid, None, {"name": self.name})
        moved = {f"{self.name}.base": base, f"{self.name}.paid": paid}
        if any(bonus.earned_by == "zero_claim" for bonus in self.cap_bonus):
            _, plain, zero, _ = self._cap(case)
            moved |= self._cleared(self._before(case, "paid") + paid, plain, zero)
        return self._pays(sheet, paid, moved, [written])

    def _pays(self, sheet: Sheet, paid: int, moved: dict[str, int], steps: list[Step]) -> Sheet:
        funds = {**sheet.funds, self.fund: sheet.funds.get(self.fund, 0) + paid}
        return sheet.but(parts=sheet.relieved(self.of, paid), funds=funds, moved=sheet.moves_by(moved), steps=(*sheet.steps, *steps))

    def _threshold(self, case: Case) -> tuple[int, dict[str, str]]:
        if self.threshold is None:
            return 0, {"threshold": "0"}
        row = self.threshold.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "起付标准", "threshold", case.facts, self.threshold)
        amount = case.fen(row.value)
        return amount, {"threshold": str(amount), **row.chosen_by(case.facts)}

    def _bands(self, case: Case, threshold: int, before: int, after: int, facts: dict[str, str]) -> Iterator[Step]:
        less = threshold if self.counted_from == "threshold" else 0
        start, end = max(before, threshold) - less, max(after, threshold) - less
        if start == end:
            return
        for cut, low, high in slices(applicable(self.bands, case, self.origin), start, end):
            ratio, because = final(cut.row.value, cut.row.chosen_by(case.facts), case, self.bonus, None)
            within = {**facts, **because, "from": str(low), **({"upto": str(high)} if high < UNBOUNDED else {})}
            width = cut.high - cut.low
            yield step(self.kind, self.origin, width, times(width, ratio), ratio_text(ratio), within)

    def _capped(self, case: Case, paid: int) -> tuple[int, dict[str, int], list[Step]]:
        """What is paid under the cap, the movement of the bonus, and the step where a cap was looked at."""
        row, plain, zero, facts = self._cap(case)
        before = self._before(case, "paid")
        limit = None if plain is None else plain + zero
        capped = paid if limit is None else min(paid, max(0, limit - before))
        facts |= {"name": self.name, "per": self.per, "used": str(before), **row.chosen_by(case.facts)}
        return capped, self._cleared(before + capped, plain, zero), [
            step("supplement_cap", self.origin, paid, capped, None if limit is None else str(limit), facts)]

    def _before(self, case: Case, what: str) -> int:
        """What it counted (``base``) or paid before: in the year, or in the stay that goes on."""
        if self.per == "year":
            return case.accumulated(f"{self.name}.{what}")
        return case.stay.get(f"{self.name}.{what}", 0) if case.went_on else 0

    def _cap(self, case: Case) -> tuple[Row[Limit], int | None, int, dict[str, str]]:
        """The row of the cap, and what ``_raised`` makes of it; None where it bounds nothing. Raises NoRule."""
        assert self.cap is not None, "only a supplement with a cap is capped"
        row = self.cap.pick(case.facts)
        if row is None:
            raise lacking(self.origin, "限额", "cap", case.facts, self.cap)
        return (row, None, 0, {}) if row.value is None else (row, *self._raised(case, case.fen(row.value)))

    def _cleared(self, paid: int, plain: int | None, zero: int) -> dict[str, int]:
        """The movement by which the bonus for years without a claim is used: where more was paid than the cap without it allows."""
        return {f"{self.name}.zero_claim_used": 1} if zero and plain is not None and paid > plain else {}

    def _raised(self, case: Case, cap: int) -> tuple[int, int, dict[str, str]]:
        """The cap with the bonus for continuous insurance, the bonus for years without a claim, and both as facts."""
        zero, facts = 0, {}
        for bonus in self.cap_bonus:
            if bonus.earned_by == "continuous":
                more = bonus.amount(case.facts.get("years", 0))
                cap += more
            else:
                cleared = case.accumulated(f"{self.name}.zero_claim_used")
                more = 0 if cleared else bonus.amount(case.facts.get("zero_claim_years", 0))
                zero += more
            if more:
                facts[f"bonus_{bonus.earned_by}"] = str(more)
        return cap, zero, facts
