"""The rules of filing of all places: categories with their papers, terms, older classifications. Nearest area, newest day.

``national/filing.toml`` and ``regions/<admdvs>-<name>/filing.toml`` hold three kinds of tables, each with ``from``,
``until`` (optional) and ``source``; any key may name a source of its own, ``<key>_source``::

    [[category]]        who may file: papers (of each one is enough; ``letter``: a letter stands in for it), validity
    [[rule]]            terms: any keys of TERMS; each is looked up by itself
    [[classification]]  codes of an older list of categories, and what they are today

Of a key, or a category, the place's own word comes first, then its city's, its province's, the nation's (GB/T 2260 codes).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any, get_args

from contracts.events.filing import CARE_CATEGORIES, Category
from policies import wording
from policies.places import areas
from policies.tables import Table
from policies.values import CODED

CATEGORIES: tuple[str, ...] = get_args(Category)
VALIDITIES = ("until_changed", "at_least", "fixed")
NAMES = ("dise_codg", "oprn_oprt_code")
"""What a category may ask the request to name."""
TEXT_TERMS = {
    "other_province": ("filed",), "same_province": ("filed", "unfiled"),
    "unit": ("place", "hospitals", "hospital_a_level"), "chosen_for": ("all", "stays"),
    "home": ("both", "materials", "locked"),
    "file_by": ("settlement", "admission"), "emergency": ("as_filed", "manual"), "unfiled": ("direct", "manual"),
    "late": ("manual",), "change": ("amend", "anew"), "notice": ("taken", "required"),
}
LIST_TERMS = ("categories", "channels", "unfiled_care", "approved_diseases", "approved_operations")
NUMBER_TERMS = ("most_hospitals", "changes_a_year", "months_to_change", "months_to_cancel", "late_days", "approved_stay_days")
FLAG_TERMS = ("reason",)
TERMS = (*TEXT_TERMS, *LIST_TERMS, *NUMBER_TERMS, *FLAG_TERMS)


@dataclass(frozen=True, slots=True)
class Paper:
    """One of these materials is enough. ``letter``: a letter of commitment stands in for it."""

    one_of: tuple[str, ...]
    letter: bool


@dataclass(frozen=True, slots=True)
class FilingRule:
    """A category of filing at a place (``area``; empty: the nation) from ``begndate`` to ``enddate``.

    ``validity``: until it is changed, at least ``months`` (and as many where no last day is asked for), or just so many.
    ``insutypes``: insurances under which it may be filed, empty for all; ``names``: fields that the request must give;
    ``retired``: of employees only the retired may file.
    """

    file: str
    area: str
    category: str
    zh: str
    en: str
    papers: tuple[Paper, ...]
    validity: str
    months: int
    insutypes: tuple[str, ...]
    names: tuple[str, ...]
    begndate: date
    enddate: date | None
    source: str
    retired: bool = False

    @property
    def name(self) -> str:
        return f"category {self.category}"


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a ``[[rule]]``."""

    file: str
    area: str
    key: str
    value: Any
    begndate: date
    enddate: date | None
    source: str

    @property
    def name(self) -> str:
        return f"rule {self.key}"


@dataclass(frozen=True, slots=True)
class OldCode:
    """A code of an older classification, and the category that it is today."""

    file: str
    area: str
    code: str
    category: str
    begndate: date
    enddate: date | None
    source: str

    @property
    def name(self) -> str:
        return f"code {self.code}"


Row = FilingRule | Term | OldCode


@dataclass(frozen=True, slots=True)
class FilingRules:
    """The rows of all files, in the order of their start."""

    rows: tuple[Row, ...] = ()
    _by_name: dict[tuple[type[Row], str], list[Row]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            self._by_name.setdefault((type(row), _key(row)), []).append(row)

    def category(self, place: str, name: str, day: date) -> FilingRule | None:
        """The rule of a category for those insured at ``place`` on ``day``, or None."""
        return self._nearest(FilingRule, name, place, day)  # type: ignore[return-value]

    def term(self, place: str, key: str, day: date) -> Any:
        """The value of a term on ``day``; None where no text says anything."""
        found = self._nearest(Term, key, place, day)
        return found.value if isinstance(found, Term) else None

    def source(self, place: str, key: str, day: date) -> str | None:
        """Where the value of a term comes from."""
        found = self._nearest(Term, key, place, day)
        return found.source if found else None

    def today(self, place: str, code: str, day: date) -> str:
        """The category that a code of a request is: its own name, or what the classification in force says."""
        found = self._nearest(OldCode, code, place, day)
        return found.category if isinstance(found, OldCode) else code

    def open_to(self, place: str, day: date) -> tuple[str, ...]:
        """The categories under which care elsewhere may be filed for on ``day``, in their order."""
        allowed = self.term(place, "categories", day)
        return tuple(name for name in CARE_CATEGORIES if self.category(place, name, day) and name in (allowed or CARE_CATEGORIES))

    def rows_of(self, area: str) -> tuple[Row, ...]:
        """The rows that an area says itself."""
        return tuple(row for row in self.rows if row.area == area)

    def without(self, row: Row) -> "FilingRules":
        """The same rules but for one row: what would be decided if it said nothing."""
        return FilingRules(tuple(other for other in self.rows if other is not row))

    def _nearest(self, kind: type[Row], name: str, place: str, day: date) -> Row | None:
        found = [row for row in self._by_name.get((kind, name), ()) if _holds(row, day)]
        for area in areas(place) if found else ():
            for row in reversed(found):
                if row.area == area:
                    return row
        return None


def _holds(row: Row, day: date) -> bool:
    return row.begndate <= day and (row.enddate is None or day <= row.enddate)


def _key(row: Row) -> str:
    return row.name.partition(" ")[2]


def read_filing_rules(file: Table, area: str) -> Iterator[Row]:
    """The rows of a ``filing.toml`` of ``area`` (six digits, or empty for the nation)."""
    for table in file.tables("category"):
        yield _category(table, area)
    for table in file.tables("rule"):
        yield from _terms(table, area)
    for table in file.tables("classification"):
        yield from _codes(table, area)
    file.finish()


def _category(table: Table, area: str) -> FilingRule:
    validity = table.text("validity", among=VALIDITIES)
    months = table.number("months", least=1) if validity != "until_changed" else 0
    begndate, enddate = _days(table)
    found = FilingRule(
        file=_file(table), area=area, category=table.text("category", among=CATEGORIES), zh=table.name("zh"), en=table.name("en"),
        papers=tuple(_paper(paper) for paper in table.tables("papers")), validity=validity, months=months,
        insutypes=table.texts("insutypes", (), CODED["insutype"]), names=table.texts("names", (), NAMES),
        begndate=begndate, enddate=enddate, source=table.source(), retired=table.flag("retired", False),
    )
    table.choice()
    table.finish()
    return found


def _paper(table: Table) -> Paper:
    found = Paper(table.texts("one_of", needed=True), table.flag("letter", False))
    table.finish()
    return found


def _terms(table: Table, area: str) -> Iterator[Term]:
    begndate, enddate = _days(table)
    source = table.source()
    found = [(key, _term(table, key)) for key in TERMS if table.has(key)]
    if not found:
        table.complain("rule", f"什么也没有规定，可写的项列于句末 / says nothing; write one of {', '.join(TERMS)}")
    for key, value in found:
        own = table.source(f"{key}_source") if table.has(f"{key}_source") else source
        yield Term(_file(table), area, key, value, begndate, enddate, own)
    table.choice()
    table.choices("choices") if table.has("choices") else None
    table.finish()


def _term(table: Table, key: str) -> Any:
    if key in TEXT_TERMS:
        return table.text(key, among=TEXT_TERMS[key])
    if key in FLAG_TERMS:
        return table.flag(key, False)
    if key in NUMBER_TERMS:
        return table.number(key, least=1)
    if key == "unfiled_care":
        return table.prefixes(key, wording.MED_TYPE)
    return table.texts(key, among=CARE_CATEGORIES if key == "categories" else (), needed=True)


def _codes(table: Table, area: str) -> Iterator[OldCode]:
    begndate, enddate = _days(table)
    name, source = table.name("name"), table.source()
    for row in table.tables("rows"):
        yield OldCode(_file(table), area, f"{name}.{row.name('code')}", row.text("is", among=CARE_CATEGORIES), begndate, enddate,
                      row.source() if row.has("source") else source)
        row.finish()
    table.choice()
    table.finish()


def _file(table: Table) -> str:
    """The file of a table, without its ending."""
    return table.where.partition(":")[0].removesuffix(".toml")


def _days(table: Table) -> tuple[date, date | None]:
    begndate, enddate = table.day("from"), table.day_or_none("until")
    if enddate is not None and enddate < begndate:
        table.complain("until", wording.too_early(enddate, begndate))
    return begndate, enddate


def filing_rules(found: list[Row], problems: list[str]) -> FilingRules:
    """The rules of all files, of two of one thing on one day neither would be the rule."""
    for one, other in combinations(found, 2):
        day = max(one.begndate, other.begndate)
        if (one.area, one.name) == (other.area, other.name) and _holds(one, day) and _holds(other, day):
            problems.append(f"{other.file}.toml: {one.name}: 在 {day} 有两条，请让其中一条在此之前终止（`until`），或删去 / "
                            f"is given twice for {day}; let one of them end before (`until`), or remove it")
    return FilingRules(tuple(sorted(found, key=lambda row: row.begndate)))
