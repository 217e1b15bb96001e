"""Values that depend on conditions: rows such as ``{ level = "2", yuan = 200.00 }``.

A row applies where all its conditions hold. One row beats another only if its conditions imply the other's; two rows
that can both apply and of which neither implies the other are an error when the rulebook is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")

SELECTORS = frozenset({"level", "hosp_lv", "status", "insutype", "place", "care"})
"""``level`` 起付线医院等级, ``hosp_lv`` 医院等级, ``status`` working or retired, ``insutype`` 险种, ``place`` home,
same_province or other_province, ``care`` 医疗类别."""


@dataclass(frozen=True, slots=True)
class Row(Generic[V]):
    """A value and the conditions under which it applies: selector -> values allowed."""

    when: tuple[tuple[str, frozenset[str]], ...]
    value: V

    def applies(self, facts: Mapping[str, str]) -> bool:
        return all(facts.get(name) in allowed for name, allowed in self.when)

    def implies(self, other: "Row[V]") -> bool:
        mine = dict(self.when)
        return all(name in mine and mine[name] <= allowed for name, allowed in other.when)

    def clashes(self, other: "Row[V]") -> bool:
        """Both can apply to one case, and it is not clear which of them is meant."""
        mine, theirs = dict(self.when), dict(other.when)
        both = all(mine[name] & theirs[name] for name in mine.keys() & theirs.keys())
        return both and self.implies(other) == other.implies(self)


def select(rows: Sequence[Row[V]], facts: Mapping[str, str]) -> Row[V] | None:
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
    allowed: dict[str, frozenset[str]] = dict(first.when)
    for name, values in second.when:
        allowed[name] = allowed.get(name, values) & values
    return {name: min(values) for name, values in sorted(allowed.items())}
