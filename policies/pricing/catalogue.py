"""A catalogue of a place: its items, and the terms of each by level of provider and type of insurance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policies.pricing.item import Item
from policies.pricing.terms import NOT_LISTED, Terms, terms_of


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The items of one place, in force from ``begndate`` until the next catalogue of the place."""

    admdvs: str
    begndate: date
    source: str
    items: Mapping[str, Item]
    _terms: dict[tuple[str, str, str], Terms] = field(default_factory=dict, init=False, repr=False, compare=False)

    def terms(self, code: str, level: str, insutype: str) -> Terms:
        """The terms of an item, made once; an item that is not listed is own expense."""
        found = self._terms.get((code, level, insutype))
        if found is None:
            if (item := self.items.get(code)) is None:
                return NOT_LISTED
            found = self._terms[code, level, insutype] = terms_of(item, level, insutype)
        return found
