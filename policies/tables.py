"""Reads values out of parsed TOML, and says what is wrong with them: file, key, and what to do.

Amounts are written in yuan, as clerks write them; here they become fen, and a third decimal is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from policies.select import CODES, NEVER, NUMBERS, PREFIXED, SELECTORS, Allowed, Prefixes, Row, Rows, clash, interval
from policies.settlement.sheet import Amount, Origin, Share

V = TypeVar("V")

EXAMPLE = "example"
"""The source of invented providers and catalogues; ratios, caps and deductibles never may have it."""


YES_NO = ("yes", "no")
KNOWN: Mapping[str, tuple[str, ...]] = {
    "level": ("village", "community", "1", "2", "3", "4", "9"),
    "status": ("working", "retired", "minor", "adult", "aged", "veteran"),
    "place": ("home", "same_province", "other_province"),
    "care": (
        "outpatient", "emergency", "chronic", "two_diseases", "special_drug", "inpatient", "injury", "day_surgery", "home_bed",
        "pharmacy", "online", "maternity_outpatient", "maternity_inpatient",
    ),
    "filing": (
        "settled_retiree", "long_term_resident", "resident_worker", "referral", "emergency", "other_temporary", "none",
    ),
    "filed": ("yes", "no", "late"),
    "route": ("direct", "manual"),
    "class": ("01", "02", "03"),
    **dict.fromkeys(("away", "emergency", "referral", "online", "injury", "cvlserv", "prescription"), YES_NO),
}
"""The values that selectors with a closed list can have: another one would never apply."""


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

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

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

    def admdvs(self, key: str) -> str:
        found = self.text(key)
        if not re.fullmatch("[0-9]{6}", found):
            self.complain(key, f"{found!r} is no code of a place; write its six digits")
        return found

    def prefixes(self, key: str) -> tuple[str, ...]:
        found = self.texts(key)
        for prefix in found:
            if not re.fullmatch("[0-9]{2,6}", prefix):
                self.complain(key, f"{prefix!r} is no code of a place; write its first 2 to 6 digits")
        return found

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

    def ratio(self, key: str) -> Decimal:
        return self.as_ratio(key, self._get(key, (Decimal, int), None))

    def source(self, key: str = "source") -> str:
        """The table's own source, or that of one of its values, which must be in sources.toml."""
        found = self.text(key)
        if found not in self._sources:
            hint = "name an id of sources.toml, or add the text there"
            self.complain(key, f"{found!r} is not a known source of a value; {hint}")
        return found

    def source_or_example(self) -> str:
        """The source of a provider or a catalogue, which may be invented."""
        return self.text("source") if self._data.get("source") == EXAMPLE else self.source()

    def origin(self, rule: str) -> Origin:
        return Origin(rule, self.source(), self.text("choice", "") or None)

    def tables(self, key: str) -> Iterator["Table"]:
        for number, row in enumerate(self._get(key, list, []) or [], 1):
            if isinstance(row, dict):
                yield Table(row, f"{self.where}: {key}[{number}]", self.problems, self._sources)
            else:
                self.complain(f"{key}[{number}]", f"{row!r} is no table; write keys and values in braces")

    def only(self, key: str) -> "Table":
        """The one table called ``key``; an empty one where it is missing."""
        return Table(self._get(key, dict, None) or {}, f"{self.where}: {key}", self.problems, self._sources)

    def rows(
        self, key: str, name: str, convert: Callable[["Table", str, Any], V], selectors: frozenset[str] = SELECTORS
    ) -> Rows[V]:
        """Rows of conditions and a value called ``name``; complains where two cannot be told apart."""
        rows = [row for table in self.tables(key) if (row := table.row(name, convert, selectors)) is not None]
        if not rows:
            self.complain(key, f"needs at least one row with {name}")
        self.told_apart(key, rows)
        return Rows(rows)

    def told_apart(self, key: str, rows: Sequence[Row[Any]]) -> None:
        """Complains about two rows that can both apply, with an example of facts to which both do."""
        if (found := clash(rows)) is not None:
            first, second, example = found
            case = ", ".join(f"{name}={value}" for name, value in example.items()) or "every case"
            self.complain(key, f"two rows apply to {case} ({first}; {second}); add a condition to one of them")

    def when(self, key: str) -> Row[None] | None:
        """Conditions without a value: ``when = { identity = "poor" }``; None where there are none."""
        if not self.has(key):
            return None
        table = self.only(key)
        found = Row(table.conditions(SELECTORS), None)
        table.finish()
        return found

    def as_amount(self, key: str, value: Any) -> Amount:
        """Yuan as written, or a share of an index: ``yuan = { share = 0.05, of = "average_wage" }``."""
        if not isinstance(value, dict):
            return self.as_fen(key, value)
        table = Table(value, f"{self.where}: {key}", self.problems, self._sources)
        found = Share(table.ratio("share"), table.text("of"))
        table.finish()
        return found

    def amount(self, key: str) -> Amount:
        """The amount under ``key``."""
        return self.as_amount(key, self._get(key, object, None))

    def as_flag(self, key: str, value: Any) -> bool:
        """A flag in a row."""
        if value is not None and not isinstance(value, bool):
            self.complain(key, f"{value!r} is of the wrong kind; write true or false")
        return value is True

    def as_text(self, key: str, value: Any) -> str:
        """A text in a row; empty for None, of which it was told already that it is missing."""
        if value is not None and (not isinstance(value, str) or not value):
            self.complain(key, f"{value!r} is of the wrong kind; write a text in quotes")
        return value if isinstance(value, str) else ""

    def as_fen(self, key: str, value: Any) -> int:
        """Yuan as written, in fen; 0 for None, of which it was told already that it is missing."""
        if value is None:
            return 0
        if not _is_number(value):
            self.complain(key, "needs an amount in yuan, such as 300.00")
            return 0
        fen = Decimal(value) * 100
        if fen != int(fen) or fen < 0:
            self.complain(key, f"{value} is not a whole number of fen from 0 on; write yuan with two decimals")
        return int(fen)

    def as_ratio(self, key: str, value: Any) -> Decimal:
        """A ratio; 0 for None, of which it was told already that it is missing."""
        if value is None:
            return Decimal(0)
        if not _is_number(value) or not 0 <= value <= 1:
            self.complain(key, f"{value} is not a ratio between 0 and 1, such as 0.70")
            return Decimal(0)
        return Decimal(value)

    def finish(self) -> None:
        """Complains about keys that nothing read. A value may name a source of its own beside it: ``<key>_source``."""
        for key in sorted(self._data.keys() - self._read):
            if key.endswith("_source") and key.removesuffix("_source") in self._data:
                self.source(key)
            else:
                self.complain(key, "is not known here; remove it or correct its spelling")

    def row(
        self, name: str, convert: Callable[["Table", str, Any], V], selectors: frozenset[str] = SELECTORS, *also: str
    ) -> Row[V] | None:
        """This table as a row; None where it has no value. ``also``: keys that the caller reads itself."""
        when = self.conditions(selectors)
        value = self._get(name, object, None)
        for key in sorted(self._data.keys() - self._read - set(also)):
            self._read.add(key)
            self.complain(key, f"is no selector; use {', '.join(sorted(selectors))} or {name}")
        return Row(when, convert(self, name, value)) if value is not None else None

    def conditions(self, selectors: frozenset[str]) -> tuple[tuple[str, Allowed], ...]:
        """The conditions that this table states."""
        return tuple((key, self._allowed(key, selectors)) for key in sorted(self._data.keys() & selectors))

    def _allowed(self, key: str, selectors: frozenset[str]) -> Allowed:
        self._read.add(key)
        found = self._data[key]
        values = [str(value) for value in (found if isinstance(found, list) else [found])]
        if not values:
            self.complain(key, "allows nothing; write a value, or remove the condition")
        if selectors is CODES and key in PREFIXED:
            return Prefixes(frozenset(values))
        if key in NUMBERS:
            numbers = interval(values[0]) if len(values) == 1 else None
            if numbers is None:
                self.complain(key, f"{found!r} is no range of numbers; write \">=70\", \"[18,70)\" or 3")
            return numbers or NEVER
        for value in values:
            if key in KNOWN and value not in KNOWN[key]:
                self.complain(key, f"{value!r} never applies; use {', '.join(KNOWN[key])}")
        return frozenset(values)

    def _get(self, key: str, kind: Any, default: Any) -> Any:
        self._read.add(key)
        found = self._data.get(key, default)
        if found is None and default is None:
            self.complain(key, "is missing; add it")
        elif found is not None and not _is_a(found, kind):
            self.complain(key, f"{found!r} is of the wrong kind; write {_KINDS.get(kind, 'a number')}")
            return default
        return found


_KINDS = {
    str: "a text in quotes", int: "a whole number", bool: "true or false", date: "a day such as 2025-01-01",
    list: "a list in brackets", dict: "a table",
}


def _is_a(found: Any, kind: Any) -> bool:
    """Whether a value of TOML is of a kind. In Python a bool is an int, and a time of day is a day."""
    if isinstance(found, bool | datetime):
        return kind is type(found) or kind is object
    return isinstance(found, kind)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
