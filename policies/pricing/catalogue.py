"""A catalogue of a place: its items, and the terms of each by level of provider and type of insurance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.base import made
from contracts.events.claim import CatalogueFacts
from policies.pricing.item import Item
from policies.pricing.terms import NOT_LISTED, Terms, terms_of

REMEMBERED = 64
"""Levels and types of insurance of which the terms are remembered: a claim may name any type."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The items of one place, in force from ``begndate`` until the next catalogue of the place. ``facts``: what a claim says of it."""

    admdvs: str
    begndate: date
    source: str
    items: Mapping[str, Item]
    facts: CatalogueFacts = field(init=False, repr=False, compare=False)
    _terms: dict[tuple[str, str], "TermsOf"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        facts = made(CatalogueFacts, admdvs=self.admdvs, begndate=self.begndate, source=self.source)
        object.__setattr__(self, "facts", facts)

    def terms(self, level: str, insutype: str) -> "TermsOf":
        """The terms of every item at a level of provider and for a type of insurance, by its code."""
        found = self._terms.get((level, insutype))
        if found is None:
            found = TermsOf(self.items, level, insutype)
            if len(self._terms) < REMEMBERED:
                self._terms[level, insutype] = found
        return found


class TermsOf(dict[str, Terms]):
    """The terms of items by code, each made when it is first asked for. An item that is not listed is own expense."""

    def __init__(self, items: Mapping[str, Item], level: str, insutype: str) -> None:
        super().__init__()
        self._items, self._level, self._insutype = items, level, insutype

    def __missing__(self, code: str) -> Terms:
        if (item := self._items.get(code)) is None:
            return NOT_LISTED
        found = self[code] = terms_of(item, self._level, self._insutype)
        return found
