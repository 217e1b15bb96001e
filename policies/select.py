"""Values that depend on conditions: rows such as ``{ level = "2", age = ">=70", yuan = 200.00 }``.

A row applies where all its conditions hold. One row beats another only if its conditions imply the other's; two rows
that can both apply and of which neither implies the other are an error when the rulebook is loaded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

V = TypeVar("V")
Facts = Mapping[str, Any]

LARGEST = 10**9
NUMBERS = frozenset({"age", "admission", "years", "fetus"})
"""Selectors whose facts are whole numbers: completed years of age, number of the admission in the year, completed years
of continuous insurance, children born."""
SELECTORS = NUMBERS | {
    "insutype", "status", "level", "hosp_lv", "fee_class", "provider", "care", "disease", "maternity", "identity", "place",
    "filing", "filed", "away", "emergency", "referral", "route", "online", "injury", "cvlserv",
}
"""What may select a value; README.md of the rulebook says what each is."""
LINE_SELECTORS = frozenset({"class", "item_type", "item_kind", "prescription"})
"""What may select a fee line besides."""
CODES = frozenset({
    "med_type", "dedc_hosp_lv", "hosp_lv", "medins_type", "fee_class", "psn_type", "psn_idet_type", "dise_codg", "matn_type",
    "insutype", "pay_loc",
})
"""Codes of the national interface, which maps translate."""
PREFIXED = frozenset({"med_type", "psn_type", "psn_idet_type", "dise_codg", "matn_type"})
"""Of them those whose later digits only say more: a condition holds for all codes that begin with it."""
_INTERVAL = re.compile(r"([\[(])\s*(\d{1,9})?\s*,\s*(\d{1,9})?\s*([\])])")
_BOUND = re.compile(r"(<=|>=|<|>)?\s*(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Interval:
    """Whole numbers from ``low`` to ``high``, both included."""

    low: int
    high: int

    def __contains__(self, value: Any) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high

    def __le__(self, other: "Interval") -> bool:
        return other.low <= self.low and self.high <= other.high

    def __and__(self, other: "Interval") -> "Interval":
        return Interval(max(self.low, other.low), min(self.high, other.high))

    def __bool__(self) -> bool:
        return self.low <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return str(self.low)
        return f">={self.low}" if self.high == LARGEST else f"[{self.low},{self.high}]"


NEVER = Interval(1, 0)
"""Holds for no number."""


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Codes that begin with one of these."""

    of: frozenset[str]

    def __contains__(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith(tuple(self.of))

    def __le__(self, other: "Prefixes") -> bool:
        return all(code in other for code in self.of)

    def __and__(self, other: "Prefixes") -> "Prefixes":
        return Prefixes(frozenset(code for code in self.of if code in other) | frozenset(code for code in other.of if code in self))

    def __bool__(self) -> bool:
        return bool(self.of)

    def __str__(self) -> str:
        return "|".join(sorted(self.of))


Allowed = frozenset[str] | Interval | Prefixes


def interval(text: str) -> Interval | None:
    """``[18,70)``, ``(70,)``, ``>=70``, ``<60`` or ``3`` as whole numbers; None where it is none of these or holds nothing."""
    if (found := _INTERVAL.fullmatch(text.strip())) is not None:
        left, low, high, right = found.groups()
        first = int(low) + (left == "(") if low else 0
        last = int(high) - (right == ")") if high else LARGEST
        return Interval(first, last) or None
    if (found := _BOUND.fullmatch(text.strip())) is None:
        return None
    sign, number = found[1], int(found[2])
    low, high = {
        None: (number, number), ">=": (number, LARGEST), ">": (number + 1, LARGEST), "<=": (0, number), "<": (0, number - 1),
    }[sign]
    return Interval(low, high) or None


@dataclass(frozen=True, slots=True)
class Row(Generic[V]):
    """A value and the conditions under which it applies: selector -> values allowed."""

    when: tuple[tuple[str, Allowed], ...]
    value: V

    def applies(self, facts: Facts) -> bool:
        return all(name in facts and facts[name] in allowed for name, allowed in self.when)

    def implies(self, other: "Row[V]") -> bool:
        mine = dict(self.when)
        return all(name in mine and mine[name] <= allowed for name, allowed in other.when)  # type: ignore[operator]

    def clashes(self, other: "Row[V]") -> bool:
        """Both can apply to one case, and it is not clear which of them is meant."""
        return all(self.met(other).values()) and self.implies(other) == other.implies(self)

    def met(self, other: "Row[V]") -> dict[str, Allowed]:
        """What both rows allow, selector by selector."""
        found = dict(self.when)
        for name, allowed in other.when:
            found[name] = found[name] & allowed if name in found else allowed  # type: ignore[operator]
        return found

    def chosen_by(self, facts: Facts) -> dict[str, str]:
        """The facts that this row asks for, as texts: why it was chosen."""
        return {name: str(facts[name]) for name, _ in self.when}

    def __str__(self) -> str:
        return " ".join(f"{name}={_shown(allowed)}" for name, allowed in self.when) or "always"


class Rows(Generic[V]):
    """Rows of one value. Remembers which row applied to which facts: the same few persons and places come again."""

    __slots__ = ("_known", "names", "rows")
    REMEMBERED = 4096

    def __init__(self, rows: Sequence[Row[V]]) -> None:
        self.rows = tuple(rows)
        self.names = tuple(sorted({name for row in self.rows for name, _ in row.when}))
        self._known: dict[Any, Row[V] | None] = {}

    def pick(self, facts: Facts) -> Row[V] | None:
        """The most special row that applies, or None."""
        names = self.names
        asked = facts.get(names[0]) if len(names) == 1 else tuple([facts.get(name) for name in names])
        found = self._known.get(asked, self)
        return self._selected(asked, facts) if found is self else found  # type: ignore[return-value]

    def _selected(self, asked: Any, facts: Facts) -> Row[V] | None:
        """The row that applies to facts that nobody has asked for yet."""
        if len(self._known) >= self.REMEMBERED:
            self._known.clear()
        found = self._known[asked] = select(self.rows, facts)
        return found

    def __bool__(self) -> bool:
        return bool(self.rows)


def select(rows: Sequence[Row[V]], facts: Facts) -> Row[V] | None:
    """The most special row that applies, or None."""
    found: Row[V] | None = None
    for row in rows:
        if row.applies(facts) and (found is None or row.implies(found)):
            found = row
    return found


def clash(rows: Sequence[Row[V]]) -> tuple[Row[V], Row[V], dict[str, str]] | None:
    """Two rows between which nothing decides, and an example of facts to which both apply."""
    for i, first in enumerate(rows):
        for second in rows[i + 1 :]:
            if first.clashes(second):
                return first, second, _example(first, second)
    return None


def _example(first: Row[V], second: Row[V]) -> dict[str, str]:
    return {name: _one(values) for name, values in sorted(first.met(second).items())}


def _one(allowed: Allowed) -> str:
    if isinstance(allowed, Interval):
        return str(allowed.low)
    return min(allowed.of if isinstance(allowed, Prefixes) else allowed)


def _shown(allowed: Allowed) -> str:
    return "|".join(sorted(allowed)) if isinstance(allowed, frozenset) else str(allowed)
