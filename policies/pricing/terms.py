"""What an item means at a level of provider and for a type of insurance: all that a line of a bill does not change."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from contracts.base import ratio_text
from contracts.events.claim import PricedLine
from contracts.money import COUNT_PLACES, PRICE_PLACES, round_half_up
from policies.pricing.item import Item, Ratios

FEN_SCALE = 10 ** (PRICE_PLACES + COUNT_PLACES - 2)
"""A scaled price times a scaled count, divided by this, is fen."""


def scaled(number: str, places: int) -> int:
    """A decimal text of at most ``places`` decimals as a whole number of its last decimal: ``("12.5", 6) -> 12500000``."""
    whole, _, part = number.partition(".")
    return int(whole + part.ljust(places, "0"))


@lru_cache(maxsize=1024)
def count_of(cnt: str) -> int:
    """The count of a line as a whole number of its last decimal. Few counts make most lines."""
    return scaled(cnt, COUNT_PLACES)


def fen_of(price: int, count: int) -> int:
    """Scaled price x scaled count, in fen (I9)."""
    return round_half_up(price * count, FEN_SCALE)


@dataclass(frozen=True, slots=True)
class Share:
    """A first self-pay as fraction and as text, for scaled unit prices up to ``upto``; None: without limit."""

    upto: int | None
    numerator: int
    denominator: int
    text: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How the lines of an item are split.

    ``paid`` and ``own``: what a PricedLine holds beside its amounts, counted (with the first of the shares) and as own expense;
    ``never``: why it is own expense whatever the line says; ``ceiling``: scaled price in yuan; ``shares``: first self-pay by
    price, ascending, the last without limit. ``asks``: whether any line may be own expense whatever its price.
    """

    paid: dict[str, Any]
    own: dict[str, Any]
    shares: tuple[Share, ...]
    never: str | None = None
    ceiling: int | None = None
    over: str = "excess"
    restricted: bool = False
    diagnoses: tuple[str, ...] = ()
    herbal: bool = False
    alone: bool = True
    asks: bool = field(init=False)

    def __post_init__(self) -> None:
        asks = self.never is not None or self.restricted or bool(self.diagnoses) or not self.alone
        object.__setattr__(self, "asks", asks)

    def share(self, price: int) -> Share:
        """The first self-pay at a scaled unit price."""
        for share in self.shares:
            if share.upto is None or price <= share.upto:
                return share
        raise LookupError("the last share has a limit; the rulebook's loader refuses that")


def terms_of(item: Item, level: str, insutype: str) -> Terms:
    """The terms of ``item`` at a ``level`` for price ceilings (1, 2, 3) under ``insutype``."""
    ceiling, direct = item.ceiling(level), item.direct
    facts = {
        "name": item.name, "chrgitm_lv": item.chrgitm_lv, "med_chrgitm_type": item.med_chrgitm_type, "kind": item.kind,
        "selfpay_prop_type": item.selfpay_prop_type,
    }
    shares = tuple(_share(one.upto, one.selfpay, insutype) for one in item.ranges) or (_share(None, item.selfpay, insutype),)
    uplmt = format(ceiling, "f") if ceiling is not None else None
    direct_text = ratio_text(direct.of(insutype)) if direct is not None else None
    return Terms(
        paid=_blank(shares[0].text, pric_uplmt=uplmt, drt_reim_prop=direct_text, **facts),
        own=_blank("1", **facts),
        shares=shares,
        never=_never(item, level, insutype),
        ceiling=scaled(uplmt, PRICE_PLACES) if uplmt is not None else None,
        over=item.over, restricted=item.restricted, diagnoses=item.diagnoses, herbal=item.kind == "herbal", alone=item.alone,
    )


def _never(item: Item, level: str, insutype: str) -> str | None:
    """Why no line of the item counts: 丙, or restricted to other levels or types of insurance."""
    if item.chrgitm_lv == "03":
        return "class_c"
    if item.insutypes and insutype not in item.insutypes:
        return "not_for_insutype"
    if item.levels and level not in item.levels:
        return "not_for_level"
    return None


def _share(upto: Decimal | None, ratios: Ratios, insutype: str) -> Share:
    ratio = ratios.of(insutype)
    limit = scaled(format(upto, "f"), PRICE_PLACES) if upto is not None else None
    return Share(limit, *ratio.as_integer_ratio(), ratio_text(ratio))


def _blank(selfpay_prop: str, **facts: str | None) -> dict[str, Any]:
    return PricedLine(
        feedetl_sn="-", selfpay_prop=selfpay_prop, det_item_fee_sumamt=0, fulamt_ownpay_amt=0, overlmt_amt=0,
        preselfpay_amt=0, inscp_scp_amt=0, **facts,
    ).__dict__


_UNLISTED = _blank("1", name="", chrgitm_lv="03")
NOT_LISTED = Terms(paid=_UNLISTED, own=_UNLISTED, shares=(), never="not_listed")
"""The terms of whatever the catalogue does not list: own expense."""
