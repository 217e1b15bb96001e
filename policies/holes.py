"""Numbers that a table of rows forgets: rows for ages below 60 and from 61 on leave 60 without a value.

What lies below the first row or above the last may be left out on purpose; what lies between two rows hardly ever is.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from policies.select import NUMBERS, Allowed, Interval, Prefixes, Row, select

Hole = tuple[str, Interval, dict[str, Any]]
"""The selector, the numbers, and an example of facts to which no row applies."""


def holes(rows: Sequence[Row[Any]]) -> Iterator[Hole]:
    """The holes between rows that differ in one number alone, unless another row covers them."""
    for name in sorted(NUMBERS):
        for others, numbers in _alike(rows, name).items():
            for hole in _between(numbers):
                facts = {**{other: _one(allowed) for other, allowed in others}, name: hole.low}
                if select(rows, facts) is None:
                    yield name, hole, facts


def _alike(rows: Sequence[Row[Any]], name: str) -> dict[tuple[tuple[str, Allowed], ...], list[Interval]]:
    """What rows say of a number, by their other conditions."""
    found: dict[tuple[tuple[str, Allowed], ...], list[Interval]] = {}
    for row in rows:
        if isinstance(numbers := dict(row.when).get(name), Interval):
            found.setdefault(tuple(pair for pair in row.when if pair[0] != name), []).append(numbers)
    return found


def _between(numbers: list[Interval]) -> Iterator[Interval]:
    ordered = sorted(numbers, key=lambda one: one.low)
    for number, (_, after) in enumerate(pairwise(ordered), 1):
        if hole := Interval(max(one.high for one in ordered[:number]) + 1, after.low - 1):
            yield hole


def _one(allowed: Allowed) -> Any:
    return allowed.low if isinstance(allowed, Interval) else min(allowed.of if isinstance(allowed, Prefixes) else allowed)
