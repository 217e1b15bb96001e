"""Reads values out of parsed TOML, and says what is wrong with them: file, key, and what to do.

Amounts are written in yuan, as clerks write them; here they become fen, and a third decimal is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from policies.select import SELECTORS, Row, clash
from policies.settlement.sheet import Origin

V = TypeVar("V")

EXAMPLE = "example"
"""The source of invented providers and catalogues; ratios, caps and deductibles never may have it."""


class RulebookError(ValueError):
    """The rulebook cannot be used. ``problems``: one line each, with file, key and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Table:
    """One TOML table. Reads note problems and go on, so that all of a file's problems are told at once."""

    def __init__(self, data: Mapping[str, Any], where: str, problems: list[str], sources: Mapping[str, Any]) -> None:
        self._data, self.where, self.problems, self._sources = data, where, problems, sources
        self._read: set[str] = set()

    def complain(self, key: str, what: str) -> None:
        self.problems.append(f"{self.where}: {key}: {what}")

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, default: str | None = None, among: tuple[str, ...] = ()) -> str:
        found = self._get(key, str, default)
        if among and found not in among:
            self.complain(key, f"{found!r} is unknown; use one of {', '.join(among)}")
        return found or ""

    def texts(self, key: str, default: tuple[str, ...] | None = None, among: tuple[str, ...] = ()) -> tuple[str, ...]:
        found = self._get(key, list, list(default) if default is not None else None) or []
        for text in found:
            if not isinstance(text, str) or (among and text not in among):
                self.complain(key, f"{text!r} is unknown; use {', '.join(among) or 'texts'}")
        return tuple(text for text in found if isinstance(text, str))

    def day(self, key: str) -> date:
        return self._get(key, date, None) or date.max

    def day_or_none(self, key: str) -> date | None:
        return self._get(key, date, None) if self.has(key) else None

    def number(self, key: str, default: int | None = None) -> int:
        return self._get(key, int, default) or 0

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._get(key, bool, default))

    def yuan(self, key: str) -> int:
        return self.as_fen(key, self._get(key, (Decimal, int), None))

    def decimal(self, key: str) -> Decimal:
        return Decimal(self._get(key, (Decimal, int), None) or 0)

    def source(self) -> str:
        """The table's own source, which must be in sources.toml."""
        found = self.text("source")
        if found not in self._sources:
            hint = "name an id of sources.toml, or add the text there"
            self.complain("source", f"{found!r} is not a known source of a value; {hint}")
        return found

    def origin(self, rule: str) -> Origin:
        return Origin(rule, self.source(), self.text("choice", "") or None)

    def tables(self, key: str) -> Iterator["Table"]:
        for number, row in enumerate(self._get(key, list, []) or []):
            yield Table(row, f"{self.where}: {key}[{number + 1}]", self.problems, self._sources)

    def only(self, key: str) -> "Table":
        """The one table called ``key``; an empty one where it is missing."""
        return Table(self._get(key, dict, None) or {}, f"{self.where}: {key}", self.problems, self._sources)

    def rows(self, key: str, name: str, convert: Callable[[str, Any], V]) -> tuple[Row[V], ...]:
        """Rows of conditions and a value called ``name``; complains where two cannot be told apart."""
        rows = tuple(self._row(table, name, convert) for table in self.tables(key))
        if not rows:
            self.complain(key, f"needs at least one row with {name}")
        if (found := clash(rows)) is not None:
            self.complain(key, f"two rows apply to {found[2] or 'every case'}; add a condition to one of them")
        return rows

    def as_fen(self, key: str, value: Any) -> int:
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            self.complain(key, "needs an amount in yuan, such as 300.00")
            return 0
        fen = Decimal(value) * 100
        if fen != int(fen) or fen < 0:
            self.complain(key, f"{value} is not a whole number of fen from 0 on; write yuan with two decimals")
        return int(fen)

    def as_ratio(self, key: str, value: Any) -> Decimal:
        if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 0 <= value <= 1:
            self.complain(key, f"{value!r} is not a ratio between 0 and 1, such as 0.70")
            return Decimal(0)
        return Decimal(value)

    def finish(self) -> None:
        """Complains about keys that nothing read."""
        for key in sorted(self._data.keys() - self._read):
            self.complain(key, "is not known here; remove it or correct its spelling")

    def _row(self, table: "Table", name: str, convert: Callable[[str, Any], V]) -> Row[V]:
        when = []
        for key, allowed in sorted(table._data.items()):
            if key in SELECTORS:
                values = allowed if isinstance(allowed, list) else [allowed]
                when.append((key, frozenset(str(value) for value in values)))
            elif key != name:
                table.complain(key, f"is no selector; use {', '.join(sorted(SELECTORS))} or {name}")
        if name not in table._data:
            table.complain(name, "is missing in this row")
        return Row(tuple(when), convert(f"{table.where}: {name}", table._data.get(name)))

    def _get(self, key: str, kind: Any, default: Any) -> Any:
        self._read.add(key)
        found = self._data.get(key, default)
        if found is None and default is None:
            self.complain(key, "is missing")
        elif found is not None and (not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool)):
            self.complain(key, f"{found!r} is of the wrong kind")
            return default
        return found
