"""Reads a CSV file that a spreadsheet saved, and checks it by whole columns: fast where nothing is wrong.

Each distinct value is looked at once; only where one is wrong are its lines searched. Problems name file, line and column.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Form(NamedTuple):
    """What a cell may hold, and how to say it. ``needed``: the column may not be left out."""

    pattern: re.Pattern[str]
    what: str
    needed: bool = False


Row = Mapping[str, str]
Judge = Callable[[Row], Iterable[str]]
"""What is wrong with some cells of a line taken together."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The lines of a file. ``columns``: where in a row each column stands; ``lines``: the number of each row's line."""

    columns: Mapping[str, int]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]

    def column(self, name: str) -> Sequence[str]:
        """The values of a column; empty ones where the file does not have it."""
        at = self.columns.get(name)
        return [row[at] for row in self.rows] if at is not None else [""] * len(self.rows)

    def row(self, row: Sequence[str]) -> dict[str, str]:
        """A row by column."""
        return {name: row[at] for name, at in self.columns.items()}


NO_CELLS = Cells({}, (), ())


def read_cells(name: str, content: bytes, forms: Mapping[str, Form], problems: list[str]) -> Cells:
    """The lines of a CSV file whose columns have ``forms``; problems are noted."""
    try:
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""))
        header = next(reader, [])
        numbered = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{name}: {error}; save it as CSV in UTF-8")
        return NO_CELLS
    needed = [column for column, form in forms.items() if form.needed]
    if len(set(header)) != len(header) or not set(needed) <= set(header) <= set(forms):
        others = ",".join(column for column in forms if column not in needed)
        besides = f" and may be {others}" if others else ""
        problems.append(f"{name}:1: the columns must be {','.join(needed)}{besides}; correct the first line")
        return NO_CELLS
    whole = [(line, row) for line, row in numbered if len(row) == len(header)]
    found = Cells({column: at for at, column in enumerate(header)}, [row for _, row in whole], [line for line, _ in whole])
    wrong = [
        (line, f"has not {len(header)} cells; write one a column, empty where there is no value")
        for line, row in numbered if len(row) != len(header)
    ]
    for column in header:
        wrong += _wrong_cells(found, column, forms[column])
    tell(name, wrong, problems)
    return found


def tell(name: str, wrong: Iterable[tuple[int, str]], problems: list[str]) -> None:
    """Notes what is wrong with which line, in the order of lines."""
    problems += [f"{name}:{line}: {what}" for line, what in sorted(wrong)]


def _wrong_cells(cells: Cells, column: str, form: Form) -> list[tuple[int, str]]:
    values = cells.column(column)
    wrong = {value for value in set(values) if not form.pattern.fullmatch(value)}
    if not wrong:
        return []
    return [
        (line, f"{column}: {value!r} is wrong; write {form.what}")
        for line, value in zip(cells.lines, values, strict=True) if value in wrong
    ]


def wrong_rows(cells: Cells, columns: Sequence[str], judge: Judge) -> list[tuple[int, str]]:
    """What ``judge`` finds wrong with the values of ``columns`` taken together; each combination is judged once."""
    together = list(zip(*(cells.column(column) for column in columns), strict=True))
    wrong = {
        values: told for values in set(together) if (told := tuple(judge(dict(zip(columns, values, strict=True)))))
    }
    if not wrong:
        return []
    pairs = zip(cells.lines, together, strict=True)
    return [(line, what) for line, values in pairs if values in wrong for what in wrong[values]]
