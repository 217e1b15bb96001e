"""What rules look at: the lines of a claim net of refunds, the person, the provider, and what is remembered of earlier claims."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache, partial

from contracts.events.claim import Checked, Claim, FeeLine, Priced, PricedLine
from contracts.events.finding import Dispensed, Recent
from contracts.money import COUNT_PLACES, PRICE_PLACES, round_half_up
from policies.calendar import age_on
from policies.pricing.terms import scaled

PIECE = 10**COUNT_PLACES
"""One piece, as counts are scaled."""
YUAN = 10**PRICE_PLACES
"""One yuan, as prices are scaled."""
_count = lru_cache(maxsize=4096)(partial(scaled, places=COUNT_PLACES))
millionths = lru_cache(maxsize=4096)(partial(scaled, places=PRICE_PLACES))
"""Texts as numbers, prices in millionths of a yuan: most lines have one of a few counts, and the lines of a stay repeat their prices."""


@dataclass(slots=True)
class Charged:
    """A line and what refunds of its item have left of it. ``count`` in ten-thousandths, ``amount`` in fen, both above zero.

    Nobody changes one; a frozen one takes thrice as long to make, and a stay has a hundred.
    """

    place: int
    line: FeeLine
    priced: PricedLine
    count: int
    amount: int

    @property
    def item(self) -> str:
        return self.line.med_list_codg

    @property
    def day(self) -> date:
        return self.line.fee_ocur_date

    @property
    def price(self) -> int:
        """Unit price in millionths of a yuan."""
        return millionths(self.line.pric)

    def share(self, part: int, whole: int) -> int:
        """The amount of ``part`` of ``whole``, in fen."""
        return round_half_up(self.amount * part, whole)


@dataclass(frozen=True)
class Bill:
    """A priced claim with what its rules compare it with. ``care``: as the place of insurance calls it."""

    claim: Claim
    checked: Checked
    priced: Priced
    care: str
    stay: bool
    dispensed: tuple[Dispensed, ...] = ()
    recent: tuple[Recent, ...] = ()

    @cached_property
    def charged(self) -> tuple[Charged, ...]:
        """The lines of which something is charged after refunds."""
        return net(self.claim, self.priced)

    def named(self, items: tuple[str, ...]) -> tuple[Charged, ...]:
        """The charged lines whose item begins with one of ``items``; all where none is named."""
        return tuple([one for one in self.charged if one.line.med_list_codg.startswith(items)]) if items else self.charged

    @property
    def diagnoses(self) -> tuple[str, ...]:
        return tuple(one.diag_code for one in self.claim.diseinfo)

    def age(self, day: date) -> int | None:
        """Completed years on ``day``; None where the date of birth is not known, or lies after it."""
        brdy = self.checked.facts.brdy
        return age_on(brdy, day) if brdy is not None and brdy <= day else None

    def others(self, stay: bool) -> Iterable[Recent]:
        """Earlier care of other visits and stays than the claim's own, which may have interim settlements."""
        own = self.claim.fixmedins_code, self.claim.mdtrt_id
        return (one for one in self.recent if one.stay == stay and (one.fixmedins_code, one.mdtrt_id) != own)


Pair = tuple[int, FeeLine, PricedLine]


def net(claim: Claim, priced: Priced) -> tuple[Charged, ...]:
    """The lines less refunds: a refund takes from the last lines of its item and price. Lines of which nothing is left go."""
    pairs = [(place, line, of_line) for place, (line, of_line) in enumerate(zip(claim.feedetail, priced.lines, strict=True))]
    left = [(_count(line.cnt), line.det_item_fee_sumamt) for line in claim.feedetail]
    for pair in pairs:
        if pair[1].det_item_fee_sumamt < 0:
            _refund(pairs, left, pair)
    return tuple([
        Charged(place, line, of_line, count, amount)
        for (place, line, of_line), (count, amount) in zip(pairs, left, strict=True) if count > 0 and amount > 0
    ])


def _refund(pairs: list[Pair], left: list[tuple[int, int]], refund: Pair) -> None:
    at, line, _ = refund
    item, (back, money) = (line.med_list_codg, line.pric), (-left[at][0], -left[at][1])
    for place, of, _ in reversed(pairs):
        count, amount = left[place]
        if back > 0 and count > 0 and (of.med_list_codg, of.pric) == item:
            taken = min(back, count)
            fen = min(amount, round_half_up(money * taken, back))
            left[place], back, money = (count - taken, amount - fen), back - taken, money - fen
