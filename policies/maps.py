"""What the place of insurance calls things: dated tables from codes of the national interface to the names that its plans
use, and dated indexes (average wage, disposable income) of which amounts may be a share.

``maps.toml`` of a region, else of the nation::

    [[map]]
    name = "level"                 # care, level, disease, identity, maternity, status
    from = 2020-01-01
    source = "S105"
    rows = [{ dedc_hosp_lv = "1", medins_type = "village", is = "village" }, { dedc_hosp_lv = "1", is = "1" }]

A code that no row names is refused where the plan asks for it, never guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from policies import wording
from policies.groups import newest
from policies.places import NATION
from policies.select import CODES, Row, Rows
from policies.tables import KNOWN, Table
from policies.values import shown

NAMES = ("care", "level", "disease", "identity", "maternity", "status")


@dataclass(frozen=True, slots=True)
class Dated:
    """A map or the value of an index, in force from a day until the next one of its name."""

    name: str
    begndate: date
    source: str
    rows: Rows[str] | None = None
    fen: int = 0


Names = Mapping[str, tuple[Dated, ...]]
NOTHING: Names = {}


def read_maps(file: Table) -> Iterator[Dated]:
    """The maps of a file."""
    for table in file.tables("map"):
        name = table.text("name", among=NAMES)
        rows = table.rows("rows", "is", Table.as_name, CODES, ordered=name == "identity")
        for row in rows.rows:
            if name in KNOWN and row.value and row.value not in KNOWN[name]:
                table.complain("rows", f"{shown(row.value)} 不是可用的 {name}，可用的列于句末 / "
                                       f"{shown(row.value)} is no {name}; use one of {', '.join(KNOWN[name])}")
        if name != "identity" and any(code == "psn_idet_type" for row in rows.rows for code, _ in row.when):
            table.complain("rows", "psn_idet_type 只用于 name = identity 的映射，一人可有几种身份；请写在那里，方案按 identity 选值 / "
                                   "psn_idet_type stands in the map identity alone, for a person may have several; "
                                   "write it there, and let plans select by identity")
        for number, behind, before in _shadowed(rows.rows) if name == "identity" else ():
            table.complain(f"rows[{number}]", f"{behind} 永远不会适用：排在前面的 {before} 已包括其全部人员，请移到它的前面 / "
                           f"{behind} never applies, for {before} stands before it and takes all its persons; put it before")
        table.choice()
        yield Dated(name, table.day("from"), table.source(), rows=rows)
        table.finish()
    file.finish()


def _shadowed(rows: Sequence[Row[str]]) -> Iterator[tuple[int, Row[str], Row[str]]]:
    """Rows behind one that holds for all that they hold for, where the first one that matches wins: number, row and the one before."""
    for number, row in enumerate(rows, 1):
        if (before := next((one for one in rows[: number - 1] if row.implies(one)), None)) is not None:
            yield number, row, before


def read_indexes(file: Table) -> Iterator[Dated]:
    """The values of indexes in a file."""
    for table in file.tables("index"):
        yield Dated(table.name("name"), table.day("from"), table.source(), fen=table.yuan("yuan"))
        table.finish()
    file.finish()


def by_name(found: Iterator[Dated], where: str, problems: list[str]) -> dict[str, tuple[Dated, ...]]:
    """Maps or indexes by name, in the order of their days."""
    groups: dict[str, list[Dated]] = {}
    for item in sorted(found, key=lambda item: item.begndate):
        groups.setdefault(item.name, []).append(item)
    for name, items in groups.items():
        problems += [
            f"{where}: {name}: {wording.twice_from(one.begndate)}"
            for one, other in pairwise(items) if one.begndate == other.begndate
        ]
    return {name: tuple(items) for name, items in groups.items()}


def on(names: Names, name: str, day: date) -> Dated | None:
    """What holds under ``name`` on ``day``."""
    return newest(names.get(name, ()), day)


def of_place(maps: Mapping[str, Names], place: str, name: str) -> Names:
    """The maps of a place of insurance, where it has one called ``name``, else the nation's; empty where neither has."""
    for area in (place, NATION):
        if name in (found := maps.get(area, NOTHING)):
            return found
    return NOTHING


def held(maps: Mapping[str, Names], key: tuple[str, str, date]) -> Dated | None:
    """What holds for a place of insurance, under a name, on a day."""
    place, name, day = key
    return on(of_place(maps, place, name), name, day)
