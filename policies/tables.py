"""Reads values out of parsed TOML, and says what is wrong with them: file, key, and what to do.

Amounts are written in yuan, as clerks write them; here they become fen, and a third decimal is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, get_args

from contracts.base import FIRST_DAY, LAST_DAY
from contracts.events.reimbursement import Channel, ManualReason
from policies import wording
from policies.select import CODES, NEVER, NUMBERS, PREFIXED, SELECTORS, Allowed, Prefixes, Row, Rows, clash, interval
from policies.settlement.sheet import Amount, Origin, Share
from policies.values import CODED, MOST, is_a, shown, twice, wrong_choice, wrong_name, wrong_ratio, wrong_text, wrong_yuan

V = TypeVar("V")

UNKNOWN = date.max
"""Stands for a day of which it was told already that it is missing or wrong."""
EXAMPLE = "example"
"""The source of invented providers and catalogues; ratios, caps and deductibles never may have it."""
KNOWN: Mapping[str, tuple[str, ...]] = {
    "level": ("village", "community", "1", "2", "3", "4", "9"),
    "status": ("working", "retired", "minor", "adult", "aged", "resident", "veteran"),
    "place": ("home", "same_province", "other_province"),
    "care": (
        "outpatient", "screening", "emergency", "chronic", "two_diseases", "single_disease", "nucleic_acid_test", "special_drug",
        "inpatient", "injury", "day_surgery", "home_bed", "pharmacy", "online", "maternity_outpatient", "maternity_inpatient",
    ),
    "filing": ("settled_retiree", "long_term_resident", "resident_worker", "referral", "emergency", "other_temporary", "none"),
    "filed": ("yes", "no", "late"),
    "route": ("direct", "manual"),
    "class": ("01", "02", "03"),
    **dict.fromkeys(("away", "emergency", "referral", "online", "injury", "cvlserv", "prescription"), ("yes", "no")),
}
"""The values that selectors with a closed list can have: another one would never apply."""
_CLOSED = {**KNOWN, **CODED, "reason": get_args(ManualReason), "channel": get_args(Channel)}


class RulebookError(ValueError):
    """The rulebook cannot be used. ``problems``: one line each, with file, key and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Table:
    """One TOML table. Reads note problems and go on, so that all of a file's problems are told at once."""

    def __init__(self, data: Mapping[str, Any], where: str, problems: list[str], sources: Mapping[str, Any] | None) -> None:
        """``sources``: those that a value may name; None where they are not known, which was told already."""
        self._data, self.where, self.problems, self._sources = data, where, problems, sources
        self._read: set[str] = set()

    def complain(self, key: str, what: str) -> None:
        self.problems.append(f"{self.where}: {key}: {what}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def has(self, key: str) -> bool:
        return key in self._data

    def lacks(self, key: str) -> bool:
        """Whether nothing stands under ``key``, not even what is wrong."""
        return self._data.get(key) in (None, [])

    def text(self, key: str, default: str | None = None, among: tuple[str, ...] = ()) -> str:
        found = self._get(key, str, default)
        if found and among and self.has(key) and found not in among:
            self.complain(key, wording.unknown(found, among))
        elif self.has(key):
            self._right(key, found, wrong_text)
        return found or ""

    def name(self, key: str, wrong: Callable[[str], str | None] = wrong_name) -> str:
        """What something is called: not empty, on one line, not long."""
        found = self._get(key, str, None)
        self._right(key, found, wrong)
        return found or ""

    def choice(self, key: str = "choice") -> str | None:
        """What was chosen where the text is open, in both languages."""
        if not self.has(key):
            return None
        found = self._get(key, str, None)
        self._right(key, found, wrong_choice)
        return found or None

    def choices(self, key: str) -> tuple[str, ...]:
        found = self.texts(key, ())
        for text in found:
            self._right(key, text, wrong_choice)
        return found

    def _right(self, key: str, found: Any, wrong: Callable[[Any], str | None]) -> bool:
        """Complains about what is wrong with a value; None was told already."""
        told = None if found is None else wrong(found)
        if told is not None:
            self.complain(key, told)
        return told is None

    def texts(
        self, key: str, default: tuple[str, ...] | None = None, among: tuple[str, ...] = (), needed: bool = False,
        code: wording.Both | None = None,
    ) -> tuple[str, ...]:
        """A list of texts, each once. ``needed``: it may not be empty. ``code``: of what each is a code or its first digits."""
        found = self._get(key, list, list(default) if default is not None else None)
        if needed and found == []:
            self.complain(key, wording.empty(among))
        for text in found or ():
            if not isinstance(text, str) or (among and text not in among):
                self.complain(key, wording.unknown_one(text, among))
            elif code is not None and not re.fullmatch("[0-9]{2,6}", text):
                self.complain(key, wording.no_code(text, code))
            elif not text.strip():
                self.complain(key, "有空白文字，请填写或删去 / holds an empty text; write it, or remove it")
        self._once(key, found or [])
        return tuple(text for text in found or () if isinstance(text, str))

    def _once(self, key: str, values: list[Any]) -> None:
        for value in twice(values):
            self.complain(key, wording.listed_twice(shown(value)))

    def admdvs(self, key: str) -> str:
        found = self._get(key, str, None)
        if found is not None and not re.fullmatch("[0-9]{6}", found):
            self.complain(key, f"{shown(found)} 不是区划代码，请写六位数字 / {shown(found)} is no code of a place; write its six digits")
        return found or ""

    def prefixes(self, key: str, code: wording.Both = wording.PLACE) -> tuple[str, ...]:
        """Codes or their first digits, at least one."""
        return self.texts(key, needed=True, code=code)

    def day(self, key: str) -> date:
        """The day under ``key``; UNKNOWN where there is none, which is told. No request names a day outside the calendar."""
        found = self._get(key, date, None) or UNKNOWN
        if found != UNKNOWN and not FIRST_DAY <= found <= LAST_DAY:
            self.complain(key, wording.out_of_range(found, ("日期", "a day"), FIRST_DAY, LAST_DAY))
        return found

    def day_or_none(self, key: str) -> date | None:
        return self.day(key) if self.has(key) else None

    def number(self, key: str, default: int | None = None, least: int = 0) -> int:
        found = self._get(key, int, default)
        if found is not None and not least <= found <= MOST:
            self.complain(key, wording.out_of_range(found, ("整数", "a whole number"), least, MOST))
        return found or 0

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._get(key, bool, default))

    def yuan(self, key: str) -> int:
        return self.as_fen(key, self._get(key, (Decimal, int), None))

    def ratio(self, key: str) -> Decimal:
        return self.as_ratio(key, self._get(key, (Decimal, int), None))

    def source(self, key: str = "source") -> str:
        """The table's own source, or that of one of its values, which must be in sources.toml."""
        found = self._get(key, str, None)
        if found is not None and self._sources is not None and found not in self._sources:
            self.complain(key, wording.no_source(found))
        return found or ""

    def source_or_example(self) -> str:
        """The source of a provider or a catalogue, which may be invented."""
        return self.text("source") if self._data.get("source") == EXAMPLE else self.source()

    def origin(self, rule: str) -> Origin:
        own = (self.source(key) for key in sorted(self._data) if key.endswith("_source") and key.removesuffix("_source") in self._data)
        return Origin(rule, self.source(), self.choice(), tuple(dict.fromkeys(own)))

    def tables(self, key: str) -> Iterator["Table"]:
        for number, row in enumerate(self._get(key, list, []) or [], 1):
            if isinstance(row, dict):
                yield Table(row, f"{self.where}: {key}[{number}]", self.problems, self._sources)
            else:
                self.complain(f"{key}[{number}]", f"{shown(row)} 不是表，请在花括号里写键和值 / {shown(row)} is no table; write keys and values in braces")

    def only(self, key: str) -> "Table":
        """The one table called ``key``. Where it is missing an empty one, of whose keys nothing more is told."""
        found = self._get(key, dict, None)
        return Table(found or {}, f"{self.where}: {key}", [] if found is None else self.problems, self._sources)

    def rows(
        self, key: str, name: str, convert: Callable[["Table", str, Any], V], selectors: frozenset[str] = SELECTORS, ordered: bool = False
    ) -> Rows[V]:
        """Rows of conditions and a value called ``name``; complains where two cannot be told apart, unless their order does."""
        rows = [row for table in self.tables(key) if (row := table.row(name, convert, selectors)) is not None]
        if self.lacks(key):
            self.complain(key, f"至少要有一行写明 {name} / needs at least one row with {name}")
        self.told_apart(key, () if ordered else rows)
        return Rows(rows)

    def told_apart(self, key: str, rows: Sequence[Row[Any]]) -> None:
        """Complains about two rows that can both apply, with an example of facts to which both do."""
        if (found := clash(rows)) is not None:
            first, second, example = found
            self.complain(key, wording.ambiguous(first, second, ", ".join(f"{name}={value}" for name, value in example.items())))

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
            self.complain(key, wording.wrong_kind(value, bool))
        return value is True

    def as_name(self, key: str, value: Any) -> str:
        """A name in a row; empty for None, of which it was told already that it is missing."""
        if value is not None and not isinstance(value, str):
            self.complain(key, wording.wrong_kind(value, str))
            return ""
        self._right(key, value, wrong_name)
        return value or ""

    def as_fen(self, key: str, value: Any) -> int:
        """Yuan as written, in fen; 0 for None, of which it was told already that it is missing."""
        return int(Decimal(value) * 100) if self._right(key, value, wrong_yuan) and value is not None else 0

    def as_ratio(self, key: str, value: Any) -> Decimal:
        """A ratio; 0 for None, of which it was told already that it is missing."""
        return Decimal(value) if self._right(key, value, wrong_ratio) and value is not None else Decimal(0)

    def finish(self) -> None:
        """Complains about keys that nothing read. A value may name a source of its own beside it: ``<key>_source``."""
        for key in sorted(self._data.keys() - self._read):
            if key.endswith("_source") and key.removesuffix("_source") in self._data:
                self.source(key)
            else:
                self.complain(key, "这里没有这个键，请删去或改正拼写 / is not known here; remove it or correct its spelling")

    def row(
        self, name: str, convert: Callable[["Table", str, Any], V], selectors: frozenset[str] = SELECTORS, *also: str
    ) -> Row[V] | None:
        """This table as a row; None where it has no value. ``also``: keys that the caller reads itself."""
        when = self.conditions(selectors)
        value = self._get(name, object, None)
        for key in sorted(self._data.keys() - self._read - set(also)):
            self._read.add(key)
            self.complain(key, f"不是条件，可用的列于句末 / is no selector; use {', '.join(sorted(selectors))} or {name}")
        return Row(when, convert(self, name, value)) if value is not None else None

    def conditions(self, selectors: frozenset[str]) -> tuple[tuple[str, Allowed], ...]:
        """The conditions that this table states."""
        return tuple((key, self._allowed(key, selectors)) for key in sorted(self._data.keys() & selectors))

    def _allowed(self, key: str, selectors: frozenset[str]) -> Allowed:
        self._read.add(key)
        found = self._data[key]
        given = found if isinstance(found, list) else [found]
        if not given:
            self.complain(key, "没有任何取值，请写上，或删去该条件 / allows nothing; write a value, or remove the condition")
        self._once(key, given)
        if key in NUMBERS:
            numbers = interval(str(given[0])) if len(given) == 1 else None
            if numbers is None:
                self.complain(key, wording.no_range(found, '">=70"、"[18,70)" 或 3', '">=70", "[18,70)" or 3'))
            return numbers or NEVER
        values = frozenset(self.as_name(key, value) for value in given)
        for value in sorted(values - {""}):
            if key in _CLOSED and value not in _CLOSED[key]:
                self.complain(key, wording.not_among(value, "永远不会适用", "never applies", _CLOSED[key]))
        return Prefixes(values) if selectors is CODES and key in PREFIXED else values

    def _get(self, key: str, kind: Any, default: Any) -> Any:
        self._read.add(key)
        found = self._data.get(key, default)
        if found is None and default is None:
            self.complain(key, wording.MISSING)
        elif found is not None and not is_a(found, kind):
            self.complain(key, wording.wrong_kind(found, kind))
            return default
        return found
