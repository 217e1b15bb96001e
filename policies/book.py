"""The rulebook: dated TOML and CSV, loaded once, checked whole, named by its digest.

Reads a folder (the one named exception to "no I/O" beside ``contracts.topics``)::

    sources.toml, quotes.toml               id -> title and quote: where values come from; quotes that no value comes from
    national/filing.toml                    categories of filing
    regions/<admdvs>-<name>/region.toml     home and province of a place of insurance
    regions/<admdvs>-<name>/family.toml     whose account may pay for which relatives
    regions/<admdvs>-<name>/<plan>.toml     a plan; <plan>.cases.toml beside it
    catalogues/<admdvs>/catalogue.toml      head of a catalogue, its items in items.csv, ratios by price in ranges.csv
    providers/<admdvs>/providers.toml       the register of providers
"""

import tomllib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from policies.family import FamilyRule, read_family, rule_of, twice
from policies.maps import Dated, Names, by_name, on, read_indexes, read_maps
from policies.places import Region
from policies.pricing.catalogue import Catalogue
from policies.pricing.read import read_catalogue
from policies.providers import Provider, read_providers
from policies.quotes import read_unused
from policies.settlement.plan import Plan, overlaps
from policies.settlement.read import read_national, read_plan
from policies.tables import EXAMPLE, RulebookError, Table

K, V = TypeVar("K", bound=Hashable), TypeVar("V")

BUILT_IN = Path(__file__).parent / "rulebook"
NATION = ""
NOTHING: Names = {}
BESIDE_PLANS = ("region.toml", "maps.toml", "indexes.toml", "family.toml")


@dataclass(frozen=True, slots=True)
class FilingRule:
    """A category of filing. ``materials``: one of them is enough; ``months``: least and usual validity, 0 is open."""

    category: str
    zh: str
    en: str
    materials: tuple[str, ...]
    letter: bool
    months: int
    begndate: date
    source: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from."""

    id: str
    title: str
    quote: str


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of all places, with the digest that verdicts name."""

    digest: str
    sources: Mapping[str, Source]
    regions: Mapping[str, Region]
    plans: Mapping[tuple[str, str], tuple[Plan, ...]]
    maps: Mapping[str, Names]
    indexes: Mapping[str, Names]
    providers: Mapping[str, tuple[Provider, ...]]
    catalogues: Mapping[str, tuple[Catalogue, ...]]
    filing_rules: Mapping[str, tuple[FilingRule, ...]]
    families: tuple[FamilyRule, ...] = ()

    def maps_of(self, place: str, name: str) -> Names:
        """The maps of a place of insurance, where it has one called ``name``, else the nation's; empty where neither has."""
        for area in (place, NATION):
            if name in (found := self.maps.get(area, NOTHING)):
                return found
        return NOTHING

    def indexes_on(self, place: str, day: date) -> dict[str, int]:
        """The values of the indexes of a place of insurance and of the nation on ``day``, in fen."""
        found = {}
        for area in (NATION, place):
            names = self.indexes.get(area, NOTHING)
            found |= {name: value.fen for name in names if (value := on(names, name, day)) is not None}
        return found

    def provider(self, code: str, day: date) -> Provider | None:
        """The provider as the register has it on ``day``; where it has none for the day, the nearest earlier entry."""
        found = self.providers.get(code, ())
        return next((p for p in reversed(found) if p.begndate <= day), found[0] if found else None)

    def catalogue(self, admdvs: str, day: date) -> Catalogue | None:
        """The catalogue of a place of care: its own, else its city's, else its province's; the newest on ``day``."""
        for area in (admdvs, admdvs[:4] + "00", admdvs[:2] + "0000"):
            if area in self.catalogues:
                return next((c for c in reversed(self.catalogues[area]) if c.begndate <= day), None)
        return None

    def family(self, place: str, day: date) -> FamilyRule | None:
        """The rule of the family wallet of a sharer's place of insurance on ``day``, or None."""
        return rule_of(self.families, place, day)

    def filing_rule(self, category: str, day: date) -> FilingRule | None:
        """The rule of a category on ``day``, or None."""
        return next((r for r in reversed(self.filing_rules.get(category, ())) if r.begndate <= day), None)


@cache
def built_in() -> Book:
    """The rulebook that this package ships."""
    return load(BUILT_IN)


def load(folder: Path) -> Book:
    """The rulebook in ``folder``. Raises RulebookError with every problem found."""
    if not folder.is_dir():
        raise RulebookError([f"{folder}: there is no such folder; give one with sources.toml and regions/"])
    return _Loader(folder).book()


class _Loader:
    """Reads the files of one folder; problems are gathered and told together."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.problems, self.read = folder, list[str](), {"sources.toml"}
        names = (*folder.rglob("*.toml"), *folder.rglob("*.csv"))
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in names if not path.name.endswith(".cases.toml")
        }
        self.sources = self._sources()

    def book(self) -> Book:
        regions = self._by(self._regions(), lambda r: r.admdvs, lambda r: "the start")
        book = Book(
            digest=self._digest(),
            sources=self.sources,
            regions={admdvs: found[0] for admdvs, found in regions.items()},
            plans=_groups(self._plans(), lambda p: (p.place, p.insutype), lambda p: p.begndate),
            maps=self._named("/maps.toml", read_maps),
            indexes=self._named("/indexes.toml", read_indexes),
            providers=self._by(self._providers(), lambda p: p.fixmedins_code, lambda p: p.begndate),
            catalogues=self._by(self._catalogues(), lambda c: c.admdvs, lambda c: c.begndate),
            filing_rules=self._by(self._filing_rules(), lambda r: r.category, lambda r: r.begndate),
            families=self._families(),
        )
        self._check_plans(book)
        for _, file in self._tables("quotes.toml", "quotes.toml"):
            read_unused(file, self.sources)
        for name in sorted(self.files.keys() - self.read):
            self.problems.append(f"{name}: nothing reads a file of this name; rename it as README.md says, or remove it")
        if self.problems:
            raise RulebookError(self.problems)
        return book

    def _digest(self) -> str:
        digest = sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    def _tables(self, prefix: str, ending: str) -> Iterator[tuple[str, Table]]:
        for name in sorted(self.files):
            if name.startswith(prefix) and name.endswith(ending):
                self.read.add(name)
                yield name, Table(self._toml(name), name, self.problems, self.sources)

    def _toml(self, name: str) -> Mapping[str, Any]:
        try:
            return tomllib.loads(self.files[name].decode(), parse_float=Decimal)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}: {error}; correct the TOML there")
            return {}

    def _sources(self) -> dict[str, Source]:
        if "sources.toml" not in self.files:
            self.problems.append("sources.toml: is missing; every value needs a source that is listed there")
            return {}
        file = Table(self._toml("sources.toml"), "sources.toml", self.problems, {})
        if file.has(EXAMPLE):
            file.complain(EXAMPLE, "means that something is invented; it is no source, give the text another name")
        return {id: self._source(id, file.only(id)) for id in file}

    def _source(self, id: str, row: Table) -> Source:
        found = Source(id, row.text("title"), row.text("quote"))
        row.finish()
        return found

    def _regions(self) -> Iterator[Region]:
        for _, file in self._tables("regions/", "/region.toml"):
            head = file.only("region")
            unfiled = file.only("no_filing") if file.has("no_filing") else None
            yield Region(
                admdvs=head.admdvs("admdvs"), zh=head.text("zh"), en=head.text("en"),
                home=head.prefixes("home"), province=head.prefixes("province"), source=head.source(),
                unfiled_care=frozenset(unfiled.texts("care") if unfiled else ()),
                unfiled_source=unfiled.source() if unfiled else None,
                entitled_on=head.text("entitled_on", "begndate", ("begndate", "enddate", "each_day")),
            )
            head.finish()
            file.finish()

    def _plans(self) -> Iterator[Plan]:
        national = {k: v for _, file in self._tables("national/", "settlement.toml") for k, v in read_national(file).items()}
        for name, file in self._tables("regions/", ".toml"):
            if name.rpartition("/")[2] not in BESIDE_PLANS:
                yield read_plan(file, name.removeprefix("regions/").removesuffix(".toml"), national)

    def _families(self) -> tuple[FamilyRule, ...]:
        files = self._tables("regions/", "/family.toml")
        found = sorted((rule for _, file in files for rule in read_family(file)), key=lambda rule: rule.begndate)
        self.problems += twice(found)
        return tuple(found)

    def _named(self, ending: str, read: Callable[[Table], Iterator[Dated]]) -> dict[str, Names]:
        """Maps or indexes by place of insurance; the nation's under NATION."""
        found = {}
        for prefix in ("national", "regions/"):
            for name, file in self._tables(prefix, ending):
                place = NATION if prefix == "national" else name.split("/")[1][:6]
                found[place] = by_name(read(file), name, self.problems)
        return found

    def _check_plans(self, book: Book) -> None:
        for plans in book.plans.values():
            for number, plan in enumerate(plans):
                if plan.place not in book.regions:
                    self.problems.append(f"{plan.id}: place {plan.place} has no region.toml; add one")
                names = [benefit.name for benefit in plan.benefits]
                self.problems += [f"{plan.id}: benefit {name} is given twice; name one of them otherwise"
                                  for name in sorted({name for name in names if names.count(name) > 1})]
                for other in plans[number:]:
                    self.problems += overlaps(plan, other)

    def _providers(self) -> Iterator[Provider]:
        for _, file in self._tables("providers/", "/providers.toml"):
            yield from read_providers(file)

    def _filing_rules(self) -> Iterator[FilingRule]:
        for _, file in self._tables("national/", "filing.toml"):
            for row in file.tables("category"):
                yield FilingRule(
                    category=row.text("category"), zh=row.text("zh"), en=row.text("en"),
                    materials=row.texts("materials"), letter=row.flag("letter", False), months=row.number("months", 0),
                    begndate=row.day("from"), source=row.source(),
                )
                row.text("choice", "")
                row.finish()
            file.finish()

    def _catalogues(self) -> Iterator[Catalogue]:
        for name, file in self._tables("catalogues/", "/catalogue.toml"):
            folder = name.removesuffix("catalogue.toml")
            items, ranges = folder + file.text("items", "items.csv"), folder + "ranges.csv"
            self.read |= {items, ranges}
            yield read_catalogue(file, items, ranges, self.files)

    def _by(self, found: Iterable[V], key: Callable[[V], str], start: Callable[[V], Any]) -> dict[str, tuple[V, ...]]:
        """``found`` by key in the order of their start; two with one start are a problem: neither would be the rule."""
        groups = _groups(found, key, start)
        for name, items in groups.items():
            for one, other in pairwise(items):
                if start(one) == start(other):
                    self.problems.append(f"{name}: is given twice from {start(one)}; remove one, or give it another `from`")
        return groups


def _groups(found: Iterable[V], key: Callable[[V], K], start: Callable[[V], Any]) -> dict[K, tuple[V, ...]]:
    groups: dict[K, list[V]] = {}
    for item in sorted(found, key=start):
        groups.setdefault(key(item), []).append(item)
    return {name: tuple(items) for name, items in groups.items()}
