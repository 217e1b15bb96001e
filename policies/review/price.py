"""超限价收费: a unit price above a ceiling of the rule, or above so many per cent of the catalogue's."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.money import round_half_up
from policies.pricing.terms import FEN_SCALE
from policies.review.bill import YUAN, Bill, Charged, millionths
from policies.review.rule import Head, Hit

WHOLE = "over_ceiling"
"""``note`` of a line that is own expense as a whole because its price lies above the ceiling."""


@dataclass(frozen=True, slots=True)
class Price:
    """``ceiling`` in fen, or None for the catalogue's; ``percent``: from what part of it on a price counts as too high.

    At stake is what lies above the ceiling itself.
    """

    head: Head
    ceiling: int | None
    percent: int = 100
    kind: str = "price"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        if self.ceiling is None and not _above(bill):
            return
        found = [(one, over) for one in bill.named(self.head.items) if (over := self._over(one)) > 0]
        if found:
            first, over = found[0]
            facts = {"item": first.item, "price": first.line.pric, "ceiling": self._shown(first)}
            yield Hit("price_too_high", tuple(found), facts, above=True)

    def _over(self, one: Charged) -> int:
        """Fen above the ceiling, where the price is too high."""
        ceiling = self._ceiling(one)
        if ceiling is None or one.price * 100 <= ceiling * self.percent:
            return 0
        return min(one.amount, round_half_up((one.price - ceiling) * one.count, FEN_SCALE))

    def _ceiling(self, one: Charged) -> int | None:
        """In millionths of a yuan."""
        if self.ceiling is not None:
            return self.ceiling * YUAN // 100
        return millionths(one.priced.pric_uplmt) if one.priced.pric_uplmt is not None else None

    def _shown(self, one: Charged) -> str:
        return f"{self.ceiling // 100}.{self.ceiling % 100:02d}" if self.ceiling is not None else str(one.priced.pric_uplmt)


def _above(bill: Bill) -> bool:
    """Whether pricing found any line above the catalogue's ceiling."""
    for line in bill.priced.lines:
        held = line.__dict__
        if held["overlmt_amt"] or held["note"] == WHOLE:
            return True
    return False
