"""What manual reimbursement asks for in a place on a day: each rule with its conditions, the nation's where the place has none."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from policies.places import NATION
from policies.reimbursement.papers import NAMES
from policies.reimbursement.rules import VALUES as TABLES, Groups, Limit, Rule, Rules, paper
from policies.select import Row as Conditions
from policies.statement.paper import Column, Row, Section
from policies.statement.selectors import VALUES
from policies.statement.words import INSURANCES, PLACES, Names, Words

TITLES: Names = {
    "materials": ("材料", "papers"), "deadline": ("申请期限", "deadline"), "reason": ("零星报销原因", "reasons"), "channel": ("申请渠道", "channels"),
    "round": ("每月申报", "round of the month"), "precheck": ("预审后的原件", "originals after the check of copies"),
    "completion": ("补齐期限", "completing"),
}
_VALUES: Mapping[str, Names] = {"care": VALUES["care"], "insutype": INSURANCES, "place": PLACES, "reason": NAMES, "channel": NAMES}


def section(rules: Mapping[str, Rules], place: str, day: date, say: Words, cited: Callable[[str], str]) -> Section | None:
    """The rules in force; None where there is none. ``cited`` writes a source and remembers it."""
    areas = ((NATION, say("全国", "everywhere")), (place, say("本地", "here")))
    rows = tuple(
        _row(rule, rules, place, where, say, cited)
        for table in TABLES for area, where in areas if area in rules for rule in _in_force(rules[area].rows[table], day)
    )
    note = say("本地的规则优先于全国的。", "The rules of the place go before those that hold everywhere.")
    columns = tuple(Column(say(*title)) for title in (("规则", "rule"), ("内容", "what holds"), ("适用", "where")))
    return Section(say("手工报销", "Manual reimbursement"), rows, columns, (note,)) if rows else None


def _in_force(rows: tuple[Rule, ...], day: date) -> Iterator[Rule]:
    """Of several with the same conditions the newest; in the order of the file."""
    newest = {rule.row.when: rule for rule in reversed(rows) if rule.begndate <= day}
    return iter(sorted(newest.values(), key=lambda rule: int(rule.where.rpartition("[")[2].rstrip("]"))))


def _row(rule: Rule, rules: Mapping[str, Rules], place: str, where: str, say: Words, cited: Callable[[str], str]) -> Row:
    sources = (say("出处：", "Source: ") + cited(id) for id in rule.sources)
    choice = [say("选择：", "Choice: ") + say.half(rule.choice)] if rule.choice else []
    told = " · ".join(part for part in (where, _when(rule.row, say)) if part)
    return Row((say.name(TITLES, rule.table), _value(rule, rules, place, say), told), (*sources, *choice))


def _when(row: Conditions[Any], say: Words) -> str:
    told = (say.listed(_VALUES[name], (code for code in _VALUES[name] if code in allowed)) for name, allowed in row.when)
    return say("；", "; ").join(told)


def _value(rule: Rule, rules: Mapping[str, Rules], place: str, say: Words) -> str:
    value = rule.row.value
    if rule.table == "materials":
        return _papers(value, rules, place, say)
    if rule.table == "round":
        return say(f"每月 {value} 日前（含当日）", f"up to day {value} of a month")
    if isinstance(value, Limit):
        return limit(value, say)
    return say("受理", "taken") if value else say("不受理", "not taken")


def _papers(groups: Groups, rules: Mapping[str, Rules], place: str, say: Words) -> str:
    named = ([paper(rules, place, code) for code in group] for group in groups)
    return say("；", "; ").join(say(" 或 ", " or ").join(say(one.zh, one.en) for one in group) for group in named)


def limit(found: Limit, say: Words) -> str:
    """``3 个月，或至当年年底，以较晚者为准``."""
    if found.open:
        return say("不设期限", "no limit")
    if found.deadline:
        return say("至申请期限", "until the deadline of the application")
    parts = [say.months(found.months)] if found.months else []
    parts += [say.days(found.days)] if found.days else []
    parts += [say("至当年年底", "to the end of the year")] if found.year_end else []
    later = say("，以较晚者为准", ", whichever is later") if len(parts) > 1 else ""
    return say(" 或 ", " or ").join(parts) + later
