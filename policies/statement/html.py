"""A sheet as one HTML page that needs nothing else: it prints on A4, and everything in it is escaped."""

from collections.abc import Iterable, Iterator
from html import escape

from policies.statement.paper import Column, Row, Section, Statement, printable

WIDE = 9
"""From so many columns on the page lies on its side."""
STYLE = """
body { font: 14px/1.5 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; }
article + article { break-before: page; }
h1 { font-size: 1.5em; text-align: center; }
h2 { font-size: 1.1em; margin: 1.5em 0 .3em; break-after: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .15em .5em; text-align: left; vertical-align: top; font-weight: normal; }
thead th { border-bottom: 1px solid; font-weight: bold; }
tbody th { white-space: nowrap; width: 1%; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.total td { border-top: 1px solid; font-weight: bold; }
.note td, p { color: #444; font-size: .9em; }
.note td { padding-left: 2em; }
p { margin: .3em 0; }
tr { break-inside: avoid; }
@media print { body { font-size: 9pt; margin: 0; max-width: none; padding: 0; } .note td, p { color: #000; } }
"""


def as_html(*statements: Statement) -> str:
    """The sheets as one page, each on paper of its own, in the language of the first. Raises ValueError without any."""
    if not statements:
        raise ValueError("a page needs at least one statement")
    wide = any(len(section.columns) >= WIDE for one in statements for section in one.sections)
    return page(statements[0].title, statements[0].lang, (line for one in statements for line in sheet(one)), wide)


def page(title: str, lang: str, body: Iterable[str], wide: bool = False, style: str = "") -> str:
    """A page around lines of HTML that are safe already. ``wide``: printed on A4 on its side; ``style``: more of it."""
    size = f"@page {{ size: A4{' landscape' if wide else ''}; margin: 12mm; }}"
    lines = [
        "<!DOCTYPE html>", f'<html lang="{_LANGUAGES[lang]}">', "<head>", '<meta charset="utf-8"/>',
        '<meta name="viewport" content="width=device-width"/>', f"<title>{_told(title)}</title>",
        f"<style>{STYLE}{size}{style}\n</style>", "</head>", "<body>", *body,
    ]
    return "\n".join([*lines, "</body>", "</html>"]) + "\n"


def sheet(statement: Statement) -> Iterator[str]:
    """One statement as lines of HTML."""
    yield f'<article lang="{_LANGUAGES[statement.lang]}">'
    yield f"<h1>{_told(statement.title)}</h1>"
    for section in statement.sections:
        yield from _section(section)
    yield "</article>"


def _section(section: Section) -> Iterator[str]:
    yield "<section>"
    if section.title:
        yield f"<h2>{_told(section.title)}</h2>"
    if section.rows:
        yield "<table>"
        yield from _head(section.columns)
        yield "<tbody>"
        for row in section.rows:
            yield from _row(row, section.columns)
        yield "</tbody>"
        yield "</table>"
    yield from (f"<p>{_told(note)}</p>" for note in section.notes)
    yield "</section>"


def _head(columns: tuple[Column, ...]) -> Iterator[str]:
    if columns:
        cells = "".join(f'<th scope="col"{_right(column)}>{_told(column.title)}</th>' for column in columns)
        yield f"<thead><tr>{cells}</tr></thead>"


def _row(row: Row, columns: tuple[Column, ...]) -> Iterator[str]:
    """The cells, and below them a row for each note. Without columns the first cell names the others."""
    if columns:
        filled = (*row.cells, *[""] * (len(columns) - len(row.cells)))
        cells = "".join(f"<td{_right(column)}>{_told(cell)}</td>" for cell, column in zip(filled, columns, strict=True))
    else:
        name, *values = row.cells
        cells = f'<th scope="row">{_told(name)}</th>' + "".join(f"<td>{_told(value)}</td>" for value in values)
    yield f'<tr class="total">{cells}</tr>' if row.total else f"<tr>{cells}</tr>"
    span = len(columns) or len(row.cells)
    yield from (f'<tr class="note"><td colspan="{span}">{_told(note)}</td></tr>' for note in row.notes)


def _right(column: Column) -> str:
    return ' class="n"' if column.right else ""


def _told(text: str) -> str:
    return escape(printable(text))


_LANGUAGES = {"zh": "zh-CN", "en": "en"}
