"""Reads a CSV file that a spreadsheet saved, and checks it by whole columns: fast where nothing is wrong.

Each distinct value is looked at once; only where one is wrong are its lines searched. Problems name file, line and column.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from policies.wording import Both


class Form(NamedTuple):
    """What a cell may hold, and how to say it. ``needed``: the column may not be left out."""

    pattern: re.Pattern[str]
    what: Both
    needed: bool = False


Row = Mapping[str, str]
"""Values of one line by column."""
Judge = Callable[[Row], Iterable[str]]
"""What is wrong with some cells of a line taken together."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A file by columns. ``lines``: the number of the line on which each value stands."""

    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]

    def column(self, name: str) -> Sequence[str]:
        """The values of a column; empty ones where the file does not have it."""
        return self.columns.get(name) or [""] * len(self.lines)


NO_CELLS = Cells({}, ())
CHUNK = 1000
"""Rows turned into columns at a time: few lists live at once, which spares the garbage collector."""


def read_cells(name: str, content: bytes, forms: Mapping[str, Form], problems: list[str]) -> Cells:
    """The columns of a CSV file, which must have ``forms``; problems are noted."""
    try:
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""))
        header = next(reader, [])
        if told := _wrong_header(header, forms):
            problems.append(f"{name}:1: {told}")
            return NO_CELLS
        columns: list[list[str]] = [[] for _ in header]
        lines: list[int] = []
        wrong: list[tuple[int, str]] = []
        while chunk := [(row, reader.line_num) for row in islice(reader, CHUNK)]:
            wrong += [
                (line, f"不是 {len(header)} 格，请每列一格，没有值的留空 / "
                       f"has not {len(header)} cells; write one a column, empty where there is no value")
                for row, line in chunk if row and len(row) != len(header)
            ]
            whole = [(row, line) for row, line in chunk if len(row) == len(header)]
            lines += [line for _, line in whole]
            for at, column in enumerate(columns):
                column += [row[at] for row, _ in whole]
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{name}: 无法读取，请存为 UTF-8 编码的 CSV / {error}; save it as CSV in UTF-8")
        return NO_CELLS
    found = Cells(dict(zip(header, columns, strict=True)), lines)
    for column in header:
        wrong += _wrong_cells(found, column, forms[column])
    tell(name, wrong, problems)
    return found


def _wrong_header(header: Sequence[str], forms: Mapping[str, Form]) -> str | None:
    needed = [column for column, form in forms.items() if form.needed]
    if len(set(header)) == len(header) and set(needed) <= set(header) <= set(forms):
        return None
    others = ",".join(column for column in forms if column not in needed)
    return f"缺少必有的列，或有重复、多余的列，应有的列于句末，请改正第一行 / " \
        f"the columns must be {','.join(needed)}{f' and may be {others}' if others else ''}; correct the first line"


def tell(name: str, wrong: Iterable[tuple[int, str]], problems: list[str]) -> None:
    """Notes what is wrong with which line, in the order of lines."""
    problems += [f"{name}:{line}: {what}" for line, what in sorted(wrong)]


def _wrong_cells(cells: Cells, column: str, form: Form) -> list[tuple[int, str]]:
    values = cells.column(column)
    wrong = {value for value in set(values) if not form.pattern.fullmatch(value)}
    if not wrong:
        return []
    return [
        (line, f"{column}: {value!r} 有误，应为：{form.what[0]} / {value!r} is wrong; write {form.what[1]}")
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
