"""The rules by which a settlement may be undone: what must go first, until when, and what stands in the way.

``national/reversal.toml`` and ``regions/<admdvs>-<name>/reversal.toml`` hold ``[[reversal]]`` tables, each in force from a day
(of the request) until the next one's. A region's table takes the place of the nation's, table by table::

    from = 2020-01-01
    [reversal.order]            later settlements go first: those of the person, or of the same ``provider`` and type of ``care``
    within = ["provider", "care"]
    [reversal.days]             at most so many days after a date of the claim
    limit = 30
    since = "enddate"
    [reversal.month]            only in the calendar month of that date
    since = "setl_date"
    [reversal.year]             so many days after the last day of the year in which the claim is counted
    limit = 0
    [reversal.invoice]          once the invoice is printed: for these reasons only
    reasons = ["refund"]

Each of the inner tables has a source. ``binds`` says whom a limit binds: ``provider``, ``agency``, or both where absent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, get_args

from contracts.events.reversal import Why
from policies.groups import newest
from policies.places import NATION
from policies.settlement.read import DATES
from policies.tables import Table

RULES = "(national|regions/[^/]+)/reversal[.]toml"
"""The files of the rulebook that hold them."""
ASKERS = ("provider", "agency")
WITHIN = ("provider", "care")
REASONS: tuple[str, ...] = get_args(Why)


@dataclass(frozen=True, slots=True)
class Limit:
    """One rule. ``value``: days; ``since``: a date of the claim; ``names``: of the order or of reasons."""

    source: str
    binds: tuple[str, ...] = ASKERS
    value: int = 0
    since: str = "setl_date"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReversalRule:
    """The rules of a place from a day on. None: the nation's hold, or there is no such limit."""

    place: str
    begndate: date
    order: Limit | None = None
    days: Limit | None = None
    month: Limit | None = None
    year: Limit | None = None
    invoice: Limit | None = None

    def under(self, own: "ReversalRule") -> "ReversalRule":
        """What ``own`` says, and these rules where it says nothing."""
        return replace(self, **{one.name: said for one in fields(own) if (said := getattr(own, one.name)) is not None})


def read_reversals(file: Table, name: str) -> Iterator[tuple[str, ReversalRule]]:
    """The rules in the file ``name``, each with it; problems are noted in the table."""
    place = name.split("/")[1][:6] if name.startswith("regions/") else NATION
    for row in file.tables("reversal"):
        found = {name: read(table) for name, read in READ.items() for table in _inner(row, name)}
        yield name, ReversalRule(place, row.day("from"), **found)
        row.finish()
    file.finish()


def _inner(row: Table, name: str) -> Iterator[Table]:
    if row.has(name):
        table = row.only(name)
        yield table
        table.finish()


def _common(table: Table) -> dict[str, Any]:
    table.choice()
    return {"source": table.source(), "binds": table.texts("binds", ASKERS, ASKERS, True)}


READ: Mapping[str, Any] = {
    "order": lambda table: Limit(**_common(table), names=table.texts("within", (), WITHIN)),
    "days": lambda table: Limit(**_common(table), value=table.number("limit"), since=table.text("since", among=DATES)),
    "month": lambda table: Limit(**_common(table), since=table.text("since", among=DATES)),
    "year": lambda table: Limit(**_common(table), value=table.number("limit")),
    "invoice": lambda table: Limit(**_common(table), names=table.texts("reasons", (), REASONS)),
}


def rule_on(found: Mapping[str, tuple[ReversalRule, ...]], place: str, day: date) -> ReversalRule | None:
    """The rule of a place of insurance on ``day``, completed by the nation's; None where neither has one."""
    own, nation = (newest(found.get(area, ()), day) for area in (place, NATION))
    return nation.under(own) if own is not None and nation is not None else own or nation
