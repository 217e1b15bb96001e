"""Names that a plan asks for and no map of its place gives: rows that never apply."""

from collections.abc import Iterator
from typing import Any

from policies.book import Book
from policies.maps import NAMES
from policies.prove import steps_of
from policies.select import Row
from policies.settlement.plan import Plan, StepRule

CODES_ELSE = frozenset({"disease", "maternity"})
"""Names that are the codes themselves where the place has no map."""


def unnamed(book: Book, plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Where a plan asks for it (benefit, or rule and table), the selector, and the name that no map gives."""
    given = {name: _given(book, plan.place, name) for name in NAMES}
    for benefit in plan.benefits:
        yield from ((benefit.name, "care", care) for care in sorted(benefit.care - given["care"]))
    for rule in steps_of(plan):
        for where, row in _rows(rule):
            for name, allowed in row.when:
                if isinstance(allowed, frozenset) and name in given and (given[name] or name not in CODES_ELSE):
                    yield from ((where, name, one) for one in sorted(allowed - given[name]))


def _given(book: Book, place: str, name: str) -> frozenset[str]:
    """Every name that a map of the place, else of the nation, gives at some time."""
    maps = book.maps_of(place, name).get(name, ())
    return frozenset(row.value for table in maps if table.rows is not None for row in table.rows.rows)


def _rows(rule: StepRule) -> Iterator[tuple[str, Row[Any]]]:
    for table, rows in rule.tables():
        yield from ((f"{rule.origin.rule} {table}", row) for row in rows.rows)
    if (when := getattr(rule, "when", None)) is not None:
        yield f"{rule.origin.rule} when", when
