"""The rules of the family wallet (家庭共济): whose account may pay, for which relatives, insured where.

``regions/<admdvs>-<name>/family.toml`` holds ``[[family]]`` tables, each in force from a day until the next one's::

    place = ["36"]              places of insurance whose accounts may be shared: codes, or their first digits
    insutype = "310"            type of insurance whose account it is
    from = 2025-03-12
    source = "S141"
    [family.kin]                codes (contracts.events.wallet.Kin) and their source
    [family.user]               scope: where the user is insured; insured_in_year: in the year of the sharing; their source
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from contracts.events.wallet import Kin
from policies import wording
from policies.places import area_of
from policies.tables import Table
from policies.values import CODED

KIN: tuple[str, ...] = get_args(Kin)


@dataclass(frozen=True, slots=True)
class FamilyRule:
    """One rule of the places in ``places``. ``scope``: codes, or first digits, of the places where the user is insured."""

    places: tuple[str, ...]
    insutype: str
    kin: tuple[str, ...]
    scope: tuple[str, ...]
    insured_in_year: bool
    begndate: date
    source: str


def read_family(file: Table, admdvs: str) -> Iterator[FamilyRule]:
    """The rules in a file, whose folder is that of the place ``admdvs``; problems are noted in the table."""
    for row in file.tables("family"):
        kin, user = row.only("kin"), row.only("user")
        places = row.prefixes("place")
        for place in places:
            if not _meet((place,), (area_of(admdvs),)):
                row.complain("place", wording.elsewhere(place, admdvs))
        yield FamilyRule(
            places=places, insutype=row.text("insutype", among=CODED["insutype"]), kin=kin.texts("codes", among=KIN, needed=True),
            scope=user.prefixes("scope"), insured_in_year=user.flag("insured_in_year", False),
            begndate=row.day("from"), source=row.source(),
        )
        row.choice()
        for table in (kin, user):
            table.source()
            table.finish()
        row.finish()
    file.finish()


def twice(rules: Sequence[FamilyRule]) -> Iterator[str]:
    """What is wrong with rules in the order of their start: of two that begin on one day for one place, neither is the rule."""
    for number, rule in enumerate(rules):
        for other in rules[number + 1 :]:
            if other.begndate == rule.begndate and _meet(rule.places, other.places):
                then = "删去一条，或另写一个 `from`", "remove one, or give it another `from`"
                yield f"family: {wording.two_rules(', '.join(other.places), rule.begndate, then)}"


def rule_of(rules: Sequence[FamilyRule], place: str, day: date) -> FamilyRule | None:
    """The rule of a place of insurance on ``day``; ``rules`` in the order of their start."""
    return next((rule for rule in reversed(rules) if place.startswith(rule.places) and rule.begndate <= day), None)


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(a.startswith(b) or b.startswith(a) for a in one for b in other)
