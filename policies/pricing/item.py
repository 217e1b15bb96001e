"""One item of a catalogue: its class, what is paid of it first, up to which price, and for whom it counts."""

from dataclasses import dataclass
from decimal import Decimal

LEVELS = ("1", "2", "3")
"""Levels of provider for price ceilings (lmtpric_hosp_lv): 1 is level 1 or below."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """A ratio of an item, and those of single types of insurance where they differ (1319, by class of person)."""

    every: Decimal = Decimal(0)
    single: tuple[tuple[str, Decimal], ...] = ()

    def of(self, insutype: str) -> Decimal:
        return dict(self.single).get(insutype, self.every)


@dataclass(frozen=True, slots=True)
class Range:
    """First self-pay for unit prices up to ``upto`` yuan, that price included; None: without limit."""

    upto: Decimal | None
    selfpay: Ratios


@dataclass(frozen=True, slots=True)
class Item:
    """One item, with the names of the national interface.

    ``selfpay``: first self-pay (type 10); ``ranges``: first self-pay by unit price, ascending, instead of it (type 30);
    ``direct``: the item's own ratio of payment (type 20). ``ceilings``: unit price in yuan, for a bed a day, by level for
    price ceilings (lmtpric_hosp_lv); absent: none. ``over``: what happens above one: ``excess`` to the patient, the
    ``whole`` line own expense, or the excess to the ``provider``. ``restricted``: counts only with the hospital's
    approval and, where they are named, for ``diagnoses`` (first signs of the code), ``levels`` and ``insutypes``.
    ``alone``: a herbal piece is paid without another one on the bill.
    """

    med_list_codg: str
    name: str
    chrgitm_lv: str
    selfpay: Ratios = Ratios()
    ceilings: tuple[tuple[str, Decimal], ...] = ()
    restricted: bool = False
    med_chrgitm_type: str | None = None
    kind: str | None = None
    ranges: tuple[Range, ...] = ()
    direct: Ratios | None = None
    over: str = "excess"
    diagnoses: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    insutypes: tuple[str, ...] = ()
    alone: bool = True

    @property
    def selfpay_prop_type(self) -> str:
        """10 first self-pay, 20 own ratio of payment, 30 first self-pay by unit price."""
        return "30" if self.ranges else "20" if self.direct else "10"

    def ceiling(self, level: str) -> Decimal | None:
        return dict(self.ceilings).get(level)
