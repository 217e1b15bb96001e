"""What rules look at: the lines of a claim net of refunds, the person, the provider, and what is remembered of earlier claims."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial

from contracts.events.claim import Checked, Claim, FeeLine, Priced, PricedLine
from contracts.events.finding import Dispensed, Recent
from contracts.money import COUNT_PLACES, PRICE_PLACES, round_half_up
from policies.calendar import age_on
from policies.pricing.terms import count_of, scaled

PIECE = 10**COUNT_PLACES
"""One piece, as counts are scaled."""
YUAN = 10**PRICE_PLACES
"""One yuan, as prices are scaled."""
millionths = lru_cache(maxsize=4096)(partial(scaled, places=PRICE_PLACES))
"""A price in millionths of a yuan: the lines of a stay repeat their prices."""


@dataclass(slots=True)
class Charged:
    """A line, the code of its ``item``, and what refunds of that have left of it. ``count`` is in ten-thousandths, ``amount``
    in fen, both above zero.

    Changed by ``net`` alone; a frozen one takes thrice as long to make, and a stay has a hundred.
    """

    place: int
    line: FeeLine
    priced: PricedLine
    item: str
    count: int
    amount: int

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


@dataclass(slots=True)
class Bill:
    """A priced claim with what its rules compare it with. ``care``: as the place of insurance calls it; ``items``: the code of
    each line, which most rules look at, found where they are not given. Nobody changes it."""

    claim: Claim
    checked: Checked
    priced: Priced
    care: str
    stay: bool
    dispensed: tuple[Dispensed, ...] = ()
    recent: tuple[Recent, ...] = ()
    items: tuple[str, ...] = ()
    _charged: tuple[Charged, ...] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if not self.items:
            self.items = items_of(self.claim)

    @property
    def charged(self) -> tuple[Charged, ...]:
        """The lines of which something is charged after refunds, found once."""
        if self._charged is None:
            self._charged = net(self.claim, self.priced, self.items)
        return self._charged

    def named(self, items: tuple[str, ...]) -> tuple[Charged, ...]:
        """The charged lines whose item begins with one of ``items``; all where none is named."""
        return tuple([one for one in self.charged if one.item.startswith(items)]) if items else self.charged

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


def items_of(claim: Claim) -> tuple[str, ...]:
    """The code of each line's item."""
    return tuple([line.__dict__["med_list_codg"] for line in claim.feedetail])


def net(claim: Claim, priced: Priced, items: tuple[str, ...]) -> tuple[Charged, ...]:
    """The lines less refunds: a refund takes from the last lines of its item and price. Lines of which nothing is left go."""
    lines = []
    for line, of_line, item in zip(claim.feedetail, priced.lines, items, strict=True):
        held = line.__dict__
        lines.append(Charged(len(lines), line, of_line, item, count_of(held["cnt"]), held["det_item_fee_sumamt"]))
    for refund in [one for one in lines if one.amount < 0]:
        _refund(lines, refund)
    return tuple([one for one in lines if one.count > 0 and one.amount > 0])


def _refund(lines: list[Charged], refund: Charged) -> None:
    price, back, money = refund.price, -refund.count, -refund.amount
    for one in reversed(lines):
        if back > 0 and one.count > 0 and one.item == refund.item and one.price == price:
            taken = min(back, one.count)
            fen = min(one.amount, round_half_up(money * taken, back))
            one.count, one.amount, back, money = one.count - taken, one.amount - fen, back - taken, money - fen
