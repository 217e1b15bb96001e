"""A catalogue of a place of care: what an item's class is, what is paid first, and up to which price."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """One item. ``ceilings``: unit price in yuan by level for price ceilings (lmtpric_hosp_lv); absent: none."""

    med_list_codg: str
    name: str
    chrgitm_lv: str
    selfpay_prop: Decimal
    ceilings: tuple[tuple[str, Decimal], ...] = ()
    restricted: bool = False

    def ceiling(self, level: str) -> Decimal | None:
        return dict(self.ceilings).get(level)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The items of one place, in force from ``begndate`` until the next catalogue of the place."""

    admdvs: str
    begndate: date
    source: str
    items: dict[str, Item]

    def item(self, code: str) -> Item | None:
        return self.items.get(code)
