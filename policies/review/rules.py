"""The rules of one place, found by the items of a claim, so that a claim without any of them costs next to nothing."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from policies.places import NATION, areas
from policies.remembered import Remembered
from policies.review.both_ways import BothWays
from policies.review.overlap import Overlap
from policies.review.readmission import Readmission
from policies.review.rule import Rule


@dataclass(frozen=True, slots=True)
class Asked:
    """The rules that look at a claim, in the order of their ids. ``comparing``: first signs of the items that they compare with
    earlier claims; ``visits``, ``stays``: whether later claims are compared with a visit, and with a stay."""

    rules: tuple[Rule, ...] = ()
    comparing: tuple[str, ...] = ()
    visits: bool = False
    stays: bool = False

    def compared(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Those of ``codes`` that later claims are compared with, sorted."""
        return tuple(sorted({code for code in codes if code.startswith(self.comparing)})) if self.comparing else ()

    def keeps_care(self, stay: bool) -> bool:
        return self.stays if stay else self.visits


@dataclass(frozen=True)
class Rules:
    """The rules that hold where care is given (S039: the place of care reviews)."""

    rules: tuple[Rule, ...] = ()

    def of(self, codes: Iterable[str], day: date, care: str) -> Asked:
        """The rules in force for this care that ask for any item, or for one of ``codes``; remembered for those that come often."""
        known, places = self._named, set(self._of_any)
        for code in codes:
            if named := known[code]:
                places.update(named)
        return self._asked[frozenset(places), bisect_right(self._turns, day), care]

    def _asking(self, key: tuple[frozenset[int], int, str]) -> Asked:
        places, passed, care = key
        day = self._turns[passed - 1] if passed else date.min
        named = (self.rules[place] for place in sorted(places))
        rules = tuple(rule for rule in named if rule.head.in_force(day) and (not rule.head.care or care in rule.head.care))
        comparing = tuple(prefix for rule in rules if rule.remembers for prefix in rule.head.items)
        return Asked(rules, comparing, asks_care(rules, stay=False), asks_care(rules, stay=True))

    def _naming(self, code: str) -> tuple[int, ...]:
        """The rules that name an item."""
        return tuple(sorted({one for size in self._sizes for one in self._by_prefix.get(code[:size], ())}))

    @cached_property
    def _turns(self) -> tuple[date, ...]:
        """The days on which a rule comes into force, or is no more, in their order: between two of them the same rules hold."""
        ends = [rule.head.enddate + timedelta(days=1) for rule in self.rules if rule.head.enddate is not None]
        return tuple(sorted({*ends, *(rule.head.begndate for rule in self.rules)}))

    @cached_property
    def _asked(self) -> Remembered[Asked]:
        return Remembered(self._asking)

    @cached_property
    def _named(self) -> Remembered[tuple[int, ...]]:
        return Remembered(self._naming)

    @cached_property
    def _of_any(self) -> tuple[int, ...]:
        """The rules that ask for any item."""
        return tuple(place for place, rule in enumerate(self.rules) if not rule.head.items)

    @cached_property
    def _by_prefix(self) -> Mapping[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for place, rule in enumerate(self.rules):
            for prefix in rule.head.items:
                found[prefix] = (*found.get(prefix, ()), place)
        return found

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(sorted({len(prefix) for prefix in self._by_prefix}))


NONE = Rules()


def asks_care(rules: Iterable[Rule], stay: bool) -> bool:
    """Whether later claims are compared with a stay, or with a visit."""
    return any(
        isinstance(rule, BothWays) or (isinstance(rule, Overlap) and (stay or rule.visits)) or (stay and isinstance(rule, Readmission))
        for rule in rules)


def rules_at(places: Mapping[str, Rules], admdvs: str) -> Rules:
    """The rules of a place of care: of its own file, else its city's, else its province's, else the nation's."""
    for area in areas(admdvs):
        if area in places:
            return places[area]
    return NONE


def merged(own: Mapping[str, tuple[Rule, ...]]) -> dict[str, Rules]:
    """The rules of each place: its own, and those of the nation whose ids it has not."""
    nation = own.get(NATION, ())
    found = {}
    for place, rules in own.items():
        ids = {rule.head.id for rule in rules}
        all_ = (*rules, *(rule for rule in nation if place != NATION and rule.head.id not in ids))
        found[place] = Rules(tuple(sorted(all_, key=lambda rule: (rule.head.id, rule.head.begndate))))
    return found
