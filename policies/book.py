"""The rulebook: dated TOML and CSV, loaded once, checked whole, named by its digest.

Made of a folder, whose files ``policies.files`` reads; the table at the head of ``rulebook/README.md`` says what each holds.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from policies import wording
from policies.entitlement.read import clashing, read_entitlement, read_nation
from policies.entitlement.rules import Entitlements, Nation
from policies.family import FamilyRule, read_family, rule_of, twice
from policies.files import folder_of, is_folder, is_rule, parsed, read_files
from policies.filing_rules import FilingRules, Row, filing_rules, read_filing_rules
from policies.groups import groups, newest
from policies.maps import NOTHING, Dated, Names, by_name, held, of_place, on, read_indexes, read_maps
from policies.places import NATION, Region, alike, areas, read_region
from policies.pricing.catalogue import Catalogue
from policies.pricing.read import read_catalogue
from policies.providers import Provider, read_providers
from policies.quotes import read_unused
from policies.reimbursement.rules import Rules, read_places
from policies.remembered import Remembered
from policies.reversal.rules import RULES, ReversalRule, read_reversals
from policies.review.read import read_review
from policies.review.rules import Rules as ReviewRules, merged, rules_at
from policies.settlement.plan import Plan, overlaps
from policies.settlement.read import read_national, read_plan
from policies.sources import Source, read_sources
from policies.tables import RulebookError, Table

V = TypeVar("V")

BUILT_IN = Path(__file__).parent / "rulebook"
BESIDE_PLANS = (
    "region.toml", "maps.toml", "indexes.toml", "family.toml", "entitlement.toml", "filing.toml", "reimbursement.toml", "reversal.toml",
    "review.toml")
BESIDE_PLACES = {"family.toml", "entitlement.toml", "filing.toml", "review.toml"}
"""What a folder may hold without a place: rules that hold in many places, such as those of a province, or of a place of care."""
SETTLEMENT = "national/settlement.toml"


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
    filing: FilingRules = FilingRules()
    families: tuple[FamilyRule, ...] = ()
    entitlements: Entitlements = field(default_factory=Entitlements)
    nation: Nation = Nation()
    reimbursement: Mapping[str, Rules] = field(default_factory=dict)
    reviews: Mapping[str, ReviewRules] = field(default_factory=dict)
    reversals: Mapping[str, tuple[ReversalRule, ...]] = field(default_factory=dict)
    kept: Mapping[str, "Book"] = field(default_factory=dict, compare=False, repr=False)
    """Other rulebooks that are at hand, by digest: for what was decided under them. No part of this one."""
    altered: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What stands in place of those that were asked for and are not what their digest says: another digest, or what is wrong."""
    map_on: Remembered[Dated | None] = field(init=False, compare=False, repr=False)
    """By place of insurance, name and day: the map that holds then."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "map_on", Remembered(partial(held, self.maps)))

    def named(self, digest: str) -> "Book | None":
        """The rulebook of that digest: this one, or one that is kept; None where it is not at hand."""
        return self if digest == self.digest else self.kept.get(digest)

    def maps_of(self, place: str, name: str) -> Names:
        """The maps of a place of insurance, where it has one called ``name``, else the nation's; empty where neither has."""
        return of_place(self.maps, place, name)

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
        return newest(found, day) or (found[0] if found else None)

    def catalogue(self, admdvs: str, day: date) -> Catalogue | None:
        """The catalogue of a place of care: its own, else its city's, else its province's; the newest on ``day``."""
        for area in areas(admdvs):
            if area in self.catalogues:
                return newest(self.catalogues[area], day)
        return None

    def family(self, place: str, day: date) -> FamilyRule | None:
        """The rule of the family wallet of a sharer's place of insurance on ``day``, or None."""
        return rule_of(self.families, place, day)

    def review_rules(self, admdvs: str) -> ReviewRules:
        """The rules of review of a place of care."""
        return rules_at(self.reviews, admdvs)


@cache
def built_in() -> Book:
    """The rulebook that this package ships."""
    return load(BUILT_IN)


def load(folder: Path, over: Mapping[str, bytes] | None = None) -> Book:
    """The rulebook in ``folder``; ``over``: files of a draft, by name, in the place of those or beside them.

    Raises RulebookError with every problem found.
    """
    if not is_folder(folder):
        raise RulebookError([f"{folder}: {wording.NO_FOLDER}"])
    return _Loader(folder, over or {}).book()


def digest_of(files: Mapping[str, bytes]) -> str:
    """The digest of a rulebook of these files (those that are rules, ``policies.files.is_rule``)."""
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


class _Loader:
    """Reads the files of one folder; problems are gathered and told together."""

    def __init__(self, folder: Path, over: Mapping[str, bytes]) -> None:
        self.problems, self.read = list[str](), {"sources.toml"}
        self.files = dict(sorted({**read_files(folder, is_rule, self.problems), **over}.items()))
        self.unread = {problem.partition(":")[0] for problem in self.problems}
        self.sources = self._sources()

    def book(self) -> Book:
        book = Book(
            digest=digest_of(self.files),
            sources=self.sources or {},
            regions=self._regions(),
            plans=groups(self._plans(), lambda p: (p.place, p.insutype), lambda p: p.begndate),
            maps=self._named("maps.toml", read_maps),
            indexes=self._named("indexes.toml", read_indexes),
            providers=self._by(self._providers(), lambda p: p.fixmedins_code),
            catalogues=self._by(self._catalogues(), lambda c: c.admdvs),
            filing=filing_rules([*self._filing_rules()], self.problems),
            families=self._families(),
            entitlements=self._entitlements(),
            nation=self._nation(),
            reimbursement=read_places(self._tables("(national|regions/[^/]+)/reimbursement[.]toml"), self.problems),
            reviews=self._reviews(),
            reversals=self._by((one for name, file in self._tables(RULES) for one in read_reversals(file, name)), lambda r: r.place),
        )
        self._check_plans(book)
        for _, file in self._tables("quotes.toml"):
            read_unused(file, self.sources)
        for name in sorted(self.files.keys() - self.read):
            self.problems.append(f"{name}: {wording.UNREAD}")
        if self.problems:
            raise RulebookError(self.problems)
        return book

    def _tables(self, pattern: str) -> Iterator[tuple[str, Table]]:
        """The files whose whole names match, each with its table; what is no TOML is told and left out."""
        for name in self.files:
            if re.fullmatch(pattern, name):
                self.read.add(name)
                if (found := self._toml(name)) is not None:
                    yield name, Table(found, name, self.problems, self.sources)

    def _toml(self, name: str) -> Mapping[str, Any] | None:
        found = parsed(name, self.files[name], self.problems)
        if found is None:
            self.unread.add(name)
        return found

    def _lacks(self, name: str, zh: str, en: str) -> bool:
        """Whether a file is not there, which is told; one that is there and cannot be read was told already."""
        if name not in self.files and name not in self.unread:
            self.problems.append(f"{name}: 缺少该文件，{zh} / is missing; {en}")
        return name not in self.files

    def _sources(self) -> dict[str, Source] | None:
        """What values may name; None where it is not known."""
        if self._lacks("sources.toml", "每个取值都要有列在其中的出处", "every value needs a source that is listed there"):
            return None
        if (found := self._toml("sources.toml")) is None:
            return None
        return read_sources(found, self.problems)

    def _regions(self) -> dict[str, Region]:
        found = [(name, read_region(file, folder_of(name))) for name, file in self._tables("regions/[^/]+/region[.]toml")]
        self.problems += alike(found)
        for folder in dict.fromkeys(folder_of(name) for name in self.files if re.fullmatch("regions/[^/]+/[^/]+", name)):
            self._check_folder(folder)
        return {region.admdvs: region for _, region in found}

    def _check_folder(self, folder: str) -> None:
        """A folder of a place begins with its code; it names the place, or holds only rules of many places."""
        mine = {name.rpartition("/")[2] for name in self.files if name.startswith(f"regions/{folder}/")}
        if not mine <= BESIDE_PLACES:
            self._lacks(f"regions/{folder}/region.toml", "其中写明文件夹所属的地方，请补上", "it names the place of the folder; add it")
        if "region.toml" not in mine and not re.match("[0-9]{6}", folder):
            self.problems.append(f"regions/{folder}: {wording.NO_PLACE}")

    def _plans(self) -> Iterator[Plan]:
        self._lacks(SETTLEMENT, *wording.SCOPE_AND_CASH)
        national = {k: v for _, file in self._tables(re.escape(SETTLEMENT)) for k, v in read_national(file).items()}
        for name, file in self._tables(f"regions/[^/]+/(?!({'|'.join(BESIDE_PLANS)})$)[^/]+[.]toml"):
            yield read_plan(file, name.removeprefix("regions/").removesuffix(".toml"), national)

    def _families(self) -> tuple[FamilyRule, ...]:
        files = self._tables("regions/[^/]+/family[.]toml")
        found = sorted((rule for name, file in files for rule in read_family(file, folder_of(name)[:6])), key=lambda rule: rule.begndate)
        self.problems += twice(found)
        return tuple(found)

    def _entitlements(self) -> Entitlements:
        files = self._tables("regions/[^/]+/entitlement[.]toml")
        found = [rule for name, file in files for rule in read_entitlement(file, name.removeprefix("regions/").removesuffix(".toml"))]
        self.problems += clashing(found)
        return Entitlements(found)

    def _nation(self) -> Nation:
        found = [read_nation(file, name.removesuffix(".toml")) for name, file in self._tables("national/entitlement[.]toml")]
        return found[0] if found else Nation()

    def _reviews(self) -> dict[str, Rules]:
        files = self._tables("(national|regions/[^/]+)/review[.]toml")
        return merged({NATION if name.startswith("national/") else folder_of(name)[:6]: read_review(file) for name, file in files})

    def _named(self, name: str, read: Callable[[Table], Iterator[Dated]]) -> dict[str, Names]:
        """Maps or indexes by place of insurance; the nation's under NATION."""
        return {
            NATION if file.startswith("national/") else folder_of(file)[:6]: by_name(read(table), file, self.problems)
            for file, table in self._tables(f"(national|regions/[^/]+)/{re.escape(name)}")
        }

    def _check_plans(self, book: Book) -> None:
        for plans in book.plans.values():
            for number, plan in enumerate(plans):
                file, names = f"regions/{plan.id}.toml", [benefit.name for benefit in plan.benefits]
                if plan.place and not plan.id.startswith(plan.place):
                    self.problems.append(f"{file}: plan: place: {wording.not_of_folder(plan.place)}")
                self.problems += [f"{file}: {wording.benefits_alike(name)}" for name in sorted({*filter(None, names)}) if names.count(name) > 1]
                for other in plans[number:]:
                    self.problems += (f"regions/{told.replace(':', '.toml:', 1)}" for told in overlaps(plan, other))

    def _providers(self) -> Iterator[tuple[str, Provider]]:
        for name, file in self._tables("providers/[^/]+/providers[.]toml"):
            yield from ((name, found) for found in read_providers(file))

    def _filing_rules(self) -> Iterator[Row]:
        for name, file in self._tables("(national|regions/[^/]+)/filing[.]toml"):
            area = NATION if name.startswith("national/") else folder_of(name)[:6]
            yield from read_filing_rules(file, area)

    def _catalogues(self) -> Iterator[tuple[str, Catalogue]]:
        for name, file in self._tables("catalogues/[^/]+/catalogue[.]toml"):
            folder = name.removesuffix("catalogue.toml")
            items, ranges = folder + file.text("items", "items.csv"), folder + "ranges.csv"
            self.read |= {items, ranges}
            if items not in self.unread:
                yield name, read_catalogue(file, items, ranges, self.files)

    def _by(self, found: Iterable[tuple[str, V]], key: Callable[[V], str]) -> dict[str, tuple[V, ...]]:
        """``found``, each with its file, by key in the order of their start; of two with one start neither would be the rule."""
        by_key = groups(found, lambda one: key(one[1]), lambda one: one[1].begndate)
        for name, items in by_key.items():
            for (_, one), (file, other) in pairwise(items):
                if one.begndate == other.begndate:
                    self.problems.append(f"{file}: {name}: {wording.twice_from(one.begndate)}")
        return {name: tuple(item for _, item in items) for name, items in by_key.items()}
