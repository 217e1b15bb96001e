"""What a place of insurance asks of a manual reimbursement: papers, deadlines, reasons, channels. Data, dated, with sources.

``national/reimbursement.toml`` holds for every place; ``regions/<admdvs>-<name>/reimbursement.toml`` goes before it, table by
table, wherever one of its rows applies. The rules in force on the last day of care decide. Each row has ``from``, ``source``
(and ``choice``; the value may name one more, ``<value>_source``), its conditions (``care``, ``insutype``, ``place``, ``reason``, ``channel``) and the value of its table::

    [[paper]]       code, zh, en                     what a paper is called; the only table without a source
    [[materials]]   papers = ["invoice_original | invoice_stamped_copy", "fee_list"]    all of them; of one with | any is enough
    [[deadline]]    within = { months = 3 }          from the last day of care; or days, year_end, open; of several the latest
    [[reason]]      accepted = true                  for the reasons in `reason`
    [[channel]]     accepted = true                  for the channels in `channel`
    [[round]]       until_day = 5                    handed in from the first to this day of a month
    [[precheck]]    originals = { days = 30 }        copies are checked first; the originals then have so long, or deadline = true
    [[completion]]  within = { open = true }         how long a pending application may be completed, from the first application
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from contracts.base import LAST_DAY
from policies import wording
from policies.calendar import add_months
from policies.places import NATION
from policies.select import Facts, Row, select
from policies.tables import Table
from policies.values import shown

SELECTORS = frozenset({"care", "insutype", "place", "reason", "channel"})
Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something is possible. ``deadline``: as long as the application itself."""

    months: int = 0
    days: int = 0
    year_end: bool = False
    open: bool = False
    deadline: bool = False

    def last(self, day: date, deadline: date | None = None) -> date | None:
        """The last day; None where there is none. ``day`` itself does not count (Civil Code, articles 201 and 202)."""
        if self.open or self.deadline:
            return deadline if self.deadline else None
        found = [add_months(day, self.months)] if self.months else []
        found += [day + timedelta(days=self.days)] if self.days else []
        return min(LAST_DAY, max([*found, *([date(day.year, 12, 31)] if self.year_end else [])]))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table. ``where``: its file, table and number, as the loader counts."""

    table: str
    where: str
    begndate: date
    sources: tuple[str, ...]
    choice: str | None
    row: Row[Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper is called."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one place, or of the nation; ``rows`` by table, the newest first."""

    file: str = ""
    rows: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    papers: Mapping[str, Paper] = field(default_factory=dict)

    def asked(self) -> list[str]:
        """The codes of all papers that its materials ask for."""
        groups = (group for rule in self.rows.get("materials", ()) for group in rule.row.value)
        return [*dict.fromkeys(code for group in groups for code in group if code)]

    def pick(self, table: str, facts: Facts, day: date) -> Rule | None:
        """The most special row that applies on ``day``; of two with the same conditions the newer."""
        in_force = {rule.row.when: rule for rule in reversed(self.rows.get(table, ())) if rule.begndate <= day}
        found = select([rule.row for rule in in_force.values()], facts)
        return in_force[found.when] if found is not None else None


def pick(rules: Mapping[str, Rules], place: str, table: str, facts: Facts, day: date) -> Rule | None:
    """The row of the place, else of the nation."""
    for area in (place, NATION):
        if area in rules and (found := rules[area].pick(table, facts, day)) is not None:
            return found
    return None


def paper(rules: Mapping[str, Rules], place: str, code: str) -> Paper:
    """What a paper is called there, else in the nation."""
    for area in (place, NATION):
        if area in rules and code in rules[area].papers:
            return rules[area].papers[code]
    return Paper(code, code, code)


def read_places(files: Iterable[tuple[str, Table]], problems: list[str]) -> dict[str, Rules]:
    """The rules of all files by place of insurance, the nation's under NATION; problems are noted."""
    found = {NATION if name.startswith("national/") else name.split("/")[1][:6]: read_rules(file) for name, file in files}
    for rules in found.values():
        problems += (f"{rules.file}: materials: {shown(code)} 没有名称，请补上写明 code、zh、en 的 [[paper]] / "
                     f"{shown(code)} has no name; add a [[paper]] with its code, zh and en"
                     for code in rules.asked() if code not in rules.papers and code not in found.get(NATION, Rules()).papers)
    return found


def read_rules(file: Table) -> Rules:
    """The rules of one file; problems are noted in the table."""
    papers = [Paper(row.text("code"), row.name("zh"), row.name("en")) for row in _finished(file.tables("paper"))]
    for code in sorted({one.code for one in papers if [two.code for two in papers].count(one.code) > 1}):
        file.complain("paper", f"{code} 命名了两次，请删去一个 / {code} is named twice; remove one")
    rows = {table: _sorted(_rows(file, table, *VALUES[table])) for table in VALUES}
    for table, found in rows.items():
        for one, other in combinations(found, 2):
            _tell_apart(file, table, one, other)
    file.finish()
    return Rules(file.where, rows, {one.code: one for one in papers})


def _finished(rows: Iterable[Table]) -> Iterator[Table]:
    """Each row, and once it was read what is not known in it."""
    for row in rows:
        yield row
        row.finish()


def _rows(file: Table, table: str, name: str, convert: Callable[[Table, str, Any], Any]) -> Iterator[Rule]:
    for row in file.tables(table):
        begndate, choice, also = row.day("from"), row.choice(), f"{name}_source"
        sources = (row.source(), *([row.source(also)] if row.has(also) else []))
        if (found := row.row(name, convert, SELECTORS)) is not None:
            yield Rule(table, row.where, begndate, sources, choice, found)
        row.finish()


def _sorted(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.begndate, reverse=True))


def _tell_apart(file: Table, table: str, one: Rule, other: Rule) -> None:
    """Two rows that can both apply and of which neither is meant; a later version of the same conditions is none."""
    if one.row.when == other.row.when:
        if one.begndate == other.begndate:
            file.complain(table, wording.twice_from(one.begndate, str(one.row)))
    elif one.row.clashes(other.row):
        file.complain(table, f"有两行可能同时适用（{one.row}; {other.row}），请给其中一行补上条件 / "
                             f"two rows can both apply ({one.row}; {other.row}); add a condition to one of them")


def _groups(table: Table, key: str, value: Any) -> Groups:
    texts = value if isinstance(value, list) and all(isinstance(one, str) for one in value) else None
    groups = tuple(tuple(part.strip() for part in text.split("|")) for text in texts or ())
    if not groups or not all(part for group in groups for part in group):
        table.complain(key, f"{shown(value)} 不是材料清单，写法见句末 / "
                            f"{shown(value)} is no list of papers; write [\"invoice_original | invoice_stamped_copy\", \"fee_list\"]")
    return groups


def _limit(table: Table, key: str, value: Any) -> Limit:
    if not isinstance(value, dict):
        table.complain(key, f"{shown(value)} 不是期限，写法见句末 / "
                            f"{shown(value)} is no limit; write {{ months = 3 }}, {{ days = 30 }}, {{ year_end = true }} or {{ open = true }}")
        return Limit(open=True)
    row = table.only(key)
    found = Limit(
        months=row.number("months", 0, 1) if row.has("months") else 0, days=row.number("days", 0, 1) if row.has("days") else 0,
        year_end=row.flag("year_end", False), open=row.flag("open", False), deadline=row.flag("deadline", False))
    row.finish()
    if (found.open or found.deadline) == bool(found.months or found.days or found.year_end) or (found.open and found.deadline):
        row.complain("open", "期限或不限，或与申请期限相同，或为若干月、若干日、年底，请只写一种 / "
                             "a limit is either open, as long as the deadline, or of months, days or the end of the year; write one")
        return Limit(open=True)
    return found


def _day(table: Table, key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 28:
        table.complain(key, f"{shown(value)} 不是每月都有的日子，请写 1 至 28 的整数 / "
                            f"{shown(value)} is no day that every month has; write a whole number from 1 to 28")
        return 28
    return value


VALUES: Mapping[str, tuple[str, Callable[[Table, str, Any], Any]]] = {
    "materials": ("papers", _groups), "deadline": ("within", _limit), "reason": ("accepted", Table.as_flag),
    "channel": ("accepted", Table.as_flag), "round": ("until_day", _day), "precheck": ("originals", _limit),
    "completion": ("within", _limit),
}
"""The tables, what the value of each is called, and how it is read."""
