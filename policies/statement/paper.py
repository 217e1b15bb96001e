"""A sheet of paper: sections of rows, and its layout as text. A Chinese character is two cells wide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from unicodedata import category, east_asian_width

GAP, INDENT, WIDTH = "  ", "    ", 100
_WIDE, _CLOSING = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f", "，。；：、！？”’）】》,.;:!?)"
_OPENING = "《（“‘【"
_PIECES = re.compile(rf"[{_OPENING}]*[{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+|\s")
"""Where a line may break: at spaces and around Chinese characters, which keep the punctuation that belongs to them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; amounts stand on the right."""

    title: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells, and what is said below them. ``total``: a row that adds up the ones before it."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()
    total: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A table where ``columns`` are given, else rows of a name and a value; ``notes`` stand at its end."""

    title: str
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """The whole sheet. ``lang``: zh or en."""

    title: str
    lang: str
    sections: tuple[Section, ...]


def width_of(text: str) -> int:
    """The width of ``text`` in cells of a terminal."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def as_text(statement: Statement, width: int = WIDTH) -> str:
    """The sheet as lines of text with aligned columns. Only what is said in sentences is wrapped at ``width``."""
    lines = [statement.title, "=" * width_of(statement.title)]
    for section in statement.sections:
        lines += ["", *_section(section, width)]
    return "\n".join(printable(line).rstrip() for line in lines) + "\n"


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells: broken at spaces, and between Chinese characters."""
    lines, line, used = [], "", 0
    for piece in _PIECES.findall(text):
        size = width_of(piece)
        if used + size > width and line.strip():
            lines.append(line.rstrip())
            line, used = "", 0
        if line or not piece.isspace():
            line, used = line + piece, used + size
    return [*lines, line.rstrip()]


def _section(section: Section, width: int) -> Iterator[str]:
    if section.title:
        yield section.title
        yield "-" * width_of(section.title)
    yield from _table(section, width)
    for note in section.notes:
        yield from wrapped(note, width)


def _table(section: Section, width: int) -> Iterator[str]:
    columns = section.columns or (Column(""), Column(""))
    grid = [row.cells for row in section.rows]
    if section.columns:
        grid = [tuple(column.title for column in columns), *grid]
    widths = [max(map(width_of, column)) for column in zip_longest(*grid, fillvalue="")]
    if section.columns:
        yield _line(grid[0], columns, widths)
    for row in section.rows:
        if row.total:
            yield GAP.join("-" * size for size in widths)
        yield _line(row.cells, columns, widths)
        for note in row.notes:
            yield from (INDENT + part for part in wrapped(note, width - len(INDENT)))


def _line(row: tuple[str, ...], columns: tuple[Column, ...], widths: list[int]) -> str:
    return GAP.join(
        _padded(text, size, column.right) for text, column, size in zip(row, columns, widths, strict=False)
    )


def _padded(text: str, size: int, right: bool) -> str:
    space = " " * (size - width_of(text))
    return space + text if right else text + space


def printable(line: str) -> str:
    """Texts may come from a request: no control character of theirs reaches a terminal."""
    return "".join("\N{REPLACEMENT CHARACTER}" if category(sign)[0] == "C" else sign for sign in line)
