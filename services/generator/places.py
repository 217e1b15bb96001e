"""Where people go: the providers of the rulebook, as seen from a place of insurance."""

from collections.abc import Callable
from datetime import timedelta

from policies.book import Book
from policies.places import care_kind
from policies.providers import Provider
from services.generator.mix import DAYS, FIRST_DAY, Group

LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
GRADED = ("1", "2", "3")
"""Levels for deductibles; an ungraded provider has no rule in most plans."""


class Map:
    """Finds providers that settle, by group, type of care and place of care; each answer is computed once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._found: dict[tuple[Group, str, str], tuple[Provider, ...]] = {}
        self._provinces: dict[Group, tuple[str, ...]] = {}

    def providers(self, group: Group, care: str, where: str) -> tuple[Provider, ...]:
        """Providers ``where`` (home, same_province, other_province) that take ``care`` of the group all year.

        Raises LookupError where the rulebook has none.
        """
        key = (group, care, where)
        if key not in self._found:
            region = self._book.regions[group.place]
            all_ = [found[-1] for _, found in sorted(self._book.providers.items())]
            self._found[key] = tuple(p for p in all_ if region.place_of(p.admdvs) == where and _takes(p, group, care))
        if not self._found[key]:
            raise LookupError(f"no provider {where} takes care {care} of {group.place}; add one to the rulebook")
        return self._found[key]

    def near(self, group: Group, care: str) -> tuple[Provider, ...]:
        """Providers at home, else in the province, that take ``care`` of the group; drugs where there is no pharmacy: any of them."""
        key = (group, care, "near")
        if key not in self._found:
            region, all_ = self._book.regions[group.place], [found[-1] for _, found in sorted(self._book.providers.items())]
            self._found[key] = next(filter(None, (
                tuple(p for p in all_ if region.place_of(p.admdvs) == where and _open(p) and suits(p, group, care))
                for suits in (_suits, _graded) for where in ("home", "same_province"))), ())
        if not self._found[key]:
            raise LookupError(f"no provider near {group.place} takes care {care}; add one to the rulebook")
        return self._found[key]

    def provinces(self, group: Group) -> tuple[str, ...]:
        """First two digits of the other provinces in which the group finds care."""
        if group not in self._provinces:
            found = self.providers(group, group.care, "other_province")
            self._provinces[group] = tuple(sorted({p.admdvs[:2] for p in found}))
        return self._provinces[group]

    def away(self, group: Group, suits: Callable[[str], bool]) -> tuple[Provider, ...]:
        """Providers in other provinces whose first two digits suit. Raises LookupError where there is none."""
        found = tuple(p for p in self.providers(group, group.care, "other_province") if suits(p.admdvs[:2]))
        if not found:
            raise LookupError(f"people of {group.place} need providers in two other provinces; add one to the rulebook")
        return found

    def unfiled(self, group: Group) -> bool:
        """Whether the group's care in other provinces needs no filing."""
        return group.care in (self._book.filing.term(group.place, "unfiled_care", FIRST_DAY) or ())


def _takes(provider: Provider, group: Group, care: str) -> bool:
    return _open(provider) and care_kind(care) in provider.connected and _graded(provider, group, care)


def _suits(provider: Provider, group: Group, care: str) -> bool:
    """Whether such care is had there: drugs at a pharmacy, all other care anywhere else."""
    drugs, pharmacy = care_kind(care) == "pharmacy", provider.medins_type == "pharmacy"
    return pharmacy if drugs else not pharmacy and _graded(provider, group, care)


def _open(provider: Provider) -> bool:
    """All year."""
    return provider.begndate <= FIRST_DAY - timedelta(days=31) and provider.designated_on(LAST_DAY)


def _graded(provider: Provider, group: Group, care: str) -> bool:
    wanted, levels = (group.hosp_lv, group.levels) if care == group.care else ((), GRADED)
    return provider.dedc_hosp_lv in levels and (not wanted or provider.hosp_lv in wanted)
