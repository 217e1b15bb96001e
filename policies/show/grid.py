"""Rows of conditions as a table: levels across and one selector down where that says it all, else a list in words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policies.select import LARGEST, Allowed, Interval, Row, Rows, select
from policies.statement.paper import Column, Row as Line
from policies.statement.selectors import SELECTORS, VALUES
from policies.statement.words import Names, Words
from policies.tables import KNOWN

ACROSS = "level"
UNITS: Names = {
    "age": (" 周岁", " years"), "years": (" 年", " years"), "admission": (" 次", ""), "fetus": (" 个", ""),
}
Cell = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table on paper: its columns and lines; ``name`` where a step has several."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    name: str = ""


def grid(rows: Rows[Any], cell: Cell, unit: str, say: Words, name: str = "") -> Grid:
    """``rows`` as a table. ``cell`` writes a value, ``unit`` says what the values are."""
    down = _down(rows.rows)
    if down is None:
        alone = say("所有情形", "all cases")
        words = (conditions(row, say) if row.when or rows.rows[1:] else alone for row in rows.rows)
        lines = tuple(Line((told, cell(row.value))) for told, row in zip(words, rows.rows, strict=True))
        return Grid((Column(say("条件", "where")), Column(unit, True)), lines, name)
    columns, levels = _levels([rows], unit, say)
    firsts = sorted(dict.fromkeys(dict(row.when).get(down) for row in rows.rows), key=_order)
    cells = [tuple(_at(rows, level, down, allowed, cell) for level in levels) for allowed in firsts]
    if not down:
        return Grid(tuple(columns), (Line(cells[0]),), name)
    lines = tuple(Line((_first(down, allowed, say), *row)) for allowed, row in zip(firsts, cells, strict=True))
    return Grid((Column(say.name(SELECTORS, down)), *columns), lines, name)


def band_grid(bands: Sequence[tuple[str, Rows[Any]]], cell: Cell, say: Words, name: str = "") -> Grid:
    """Bands down; levels across where nothing else selects, else each with its conditions."""
    ratio, first = say("比例", "ratio"), Column(say("费用段（元）", "band (yuan)"))
    selectors = {name for _, rows in bands for row in rows.rows for name, _ in row.when}
    if selectors - {ACROSS}:
        lines = tuple(Line((told, conditions(row, say), cell(row.value))) for told, rows in bands for row in rows.rows)
        return Grid((first, Column(say("条件", "where")), Column(ratio, True)), lines, name)
    columns, levels = _levels([rows for _, rows in bands], ratio, say)
    lines = tuple(Line((told, *(_at(rows, level, "", None, cell) for level in levels))) for told, rows in bands)
    return Grid((first, *columns), lines, name)


def conditions(row: Row[Any], say: Words) -> str:
    """``人员：退休，年龄：70 周岁及以上``; what a row without conditions holds for."""
    return say("，", ", ").join(_condition(name, allowed, say) for name, allowed in row.when) or say("其他情形", "otherwise")


def _condition(name: str, allowed: Allowed, say: Words) -> str:
    return f"{say.name(SELECTORS, name)}{say('：', ': ')}{_allowed(name, allowed, say)}"


def _allowed(name: str, allowed: Allowed, say: Words) -> str:
    if isinstance(allowed, Interval):
        unit = say.name(UNITS, name)
        if allowed.low == allowed.high:
            return f"{allowed.low}{unit}"
        if allowed.high == LARGEST:
            return say(f"{allowed.low}{unit}及以上", f"{allowed.low}{unit} or more")
        return say(f"{allowed.low} 至 {allowed.high}{unit}", f"{allowed.low} to {allowed.high}{unit}")
    codes = sorted(allowed if isinstance(allowed, frozenset) else allowed.of, key=lambda code: _rank(name, code))
    return say("、", ", ").join(say.name(VALUES.get(name, {}), code) for code in codes)


def _rank(name: str, code: str) -> tuple[int, int, str]:
    known = KNOWN.get(name, ())
    return (known.index(code) if code in known else len(known), len(code), code)


def _down(rows: Sequence[Row[Any]]) -> str | None:
    """The one selector beside the level, empty where there is none; None where a matrix would not say it all."""
    others = {name for row in rows for name, _ in row.when} - {ACROSS}
    if len(rows) == 1 or len(others) > 1:
        return None
    down = min(others, default="")
    found = [*{allowed: None for row in rows for name, allowed in row.when if name == down}]
    apart = not any(one & other for i, one in enumerate(found) for other in found[i + 1 :])  # type: ignore[operator]
    return down if apart else None


def _levels(tables: Sequence[Rows[Any]], unit: str, say: Words) -> tuple[list[Column], list[str | None]]:
    """A column a level that is named, and one for all others where a row does not ask for it."""
    rows = [dict(row.when).get(ACROSS) for table in tables for row in table.rows]
    named: list[str | None] = [level for level in KNOWN[ACROSS] if any(allowed and level in allowed for allowed in rows)]
    columns = [Column(say.name(VALUES[ACROSS], level or ""), True) for level in named]
    if None in rows:
        named.append(None)
        columns.append(Column(say("其他级别", "other levels") if columns else unit, True))
    return columns, named


def _at(rows: Rows[Any], level: str | None, down: str, allowed: Allowed | None, cell: Cell) -> str:
    """The value at a level and a condition; a dash where no row applies: a claim there is refused."""
    facts = {ACROSS: level} if level is not None else {}
    if allowed is not None:
        facts[down] = _one(allowed)
    found = select(rows.rows, facts)
    return "—" if found is None else cell(found.value)


def _one(allowed: Allowed) -> Any:
    if isinstance(allowed, Interval):
        return allowed.low
    return min(allowed if isinstance(allowed, frozenset) else allowed.of)


def _order(allowed: Allowed | None) -> tuple[bool, int]:
    """Ages as they grow, names as they are written, what holds for all others last."""
    return allowed is None, allowed.low if isinstance(allowed, Interval) else 0


def _first(down: str, allowed: Allowed | None, say: Words) -> str:
    return _allowed(down, allowed, say) if allowed is not None else say("其他", "others")


def notes_of(rows: Rows[Any], cell: Cell, say: Words) -> Iterator[str]:
    """Each row as a sentence, for a small table beside a large one."""
    for row in rows.rows:
        yield f"{conditions(row, say)}{say('：', ': ')}{cell(row.value)}"
