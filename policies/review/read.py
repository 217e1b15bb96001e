"""Reads ``review.toml`` of the nation or of a place of care: ``[review]`` says by which text that place reviews, ``[[rule]]`` the rules."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations

from policies import wording
from policies.review.age import Age
from policies.review.bed_days import BedDays
from policies.review.both_ways import BothWays
from policies.review.diagnosis import Diagnosed
from policies.review.duplicate import Duplicate
from policies.review.level import Level
from policies.review.overlap import Overlap
from policies.review.price import Price
from policies.review.quantity import Quantity
from policies.review.readmission import Readmission
from policies.review.repeat import Repeat
from policies.review.rule import Head, Rule
from policies.review.sex import SEXES, Sex
from policies.review.unbundling import Unbundling
from policies.select import interval
from policies.tables import KNOWN, Table
from policies.values import wrong_code

EFFECTS, BEARERS = ("note", "cut", "hold"), ("patient", "provider")
MOST_RULES, MOST_ITEMS, MOST_DAYS = 500, 1_000, 366
"""Of a file; of a rule; how long anything is remembered."""
UNCUT = frozenset({"readmission", "both_ways"})
"""Kinds that find no line."""


def read_review(file: Table) -> tuple[Rule, ...]:
    """The rules of a file; problems are noted in the table."""
    head = file.only("review")
    head.source()
    head.choice()
    head.finish()
    found = [rule for table in file.tables("rule") if (rule := _rule(table)) is not None]
    if len(found) > MOST_RULES:
        file.complain("rule", f"有 {len(found)} 条规则，最多 {MOST_RULES} 条 / holds {len(found)} rules; write at most {MOST_RULES}")
    for told in _overlaps(found):
        file.complain("rule", told)
    file.finish()
    return tuple(found)


def _rule(table: Table) -> Rule | None:
    kind = table.text("kind", among=tuple(_KINDS))
    head = _head(table, kind)
    rule = _KINDS[kind](table, head) if kind in _KINDS else None
    if rule is not None:
        table.finish()
    return rule


def _head(table: Table, kind: str) -> Head:
    effect, begndate, enddate = table.text("effect", among=EFFECTS), table.day("from"), table.day_or_none("until")
    bears = table.text("bears", among=BEARERS) if effect == "cut" else None
    if effect == "cut" and kind in UNCUT:
        table.complain("effect", f"{kind} 不针对费用明细，无可扣减，请写 note 或 hold / {kind} finds no lines that could be cut; write note or hold")
    if enddate is not None and enddate < begndate:
        table.complain("until", wording.before(enddate, begndate))
    return Head(
        id=_code(table, "id"), zh=table.name("zh"), en=table.name("en"), effect=effect, bears=bears,
        care=frozenset(table.texts("care", (), KNOWN["care"])), items=_codes(table, "items", needed=False),
        begndate=begndate, enddate=enddate, source=table.source_or_example(), choice=table.choice(),
    )


def _code(table: Table, key: str) -> str:
    found = table.name(key)
    if found and (wrong := wrong_code(found)):
        table.complain(key, wrong)
    return found


def _codes(table: Table, key: str, needed: bool = True) -> tuple[str, ...]:
    """Codes or their first signs."""
    found = table.texts(key, None if needed else (), needed=needed)
    for code in found:
        if code.strip() and (wrong := wrong_code(code)):
            table.complain(key, wrong)
    if len(found) > MOST_ITEMS:
        table.complain(key, f"列了 {len(found)} 项，最多 {MOST_ITEMS} 项 / lists {len(found)}; write at most {MOST_ITEMS}")
    return found


def _days(table: Table, key: str = "days", least: int = 1) -> int:
    found = table.number(key, least=least)
    if found > MOST_DAYS:
        table.complain(key, f"{found} 过大：更早的就医不再保留，最多 {MOST_DAYS} / "
                            f"{found} is too much: nothing is remembered longer; write at most {MOST_DAYS}")
    return found


def _listed(table: Table, head: Head) -> Head:
    """A kind that must name its items."""
    if not head.items and table.lacks("items"):
        table.complain("items", "缺少项目，请按代码或其前几位列出 / is missing; list the items, by code or first signs")
    return head


def _quantity(table: Table, head: Head) -> Rule:
    return Quantity(_listed(table, head), _days(table))


def _repeat(table: Table, head: Head) -> Rule:
    return Repeat(_listed(table, head), _days(table, least=0), table.flag("elsewhere", False))


def _duplicate(table: Table, head: Head) -> Rule:
    return Duplicate(head)


def _sex(table: Table, head: Head) -> Rule:
    return Sex(_listed(table, head), table.text("gend", among=SEXES))


def _age(table: Table, head: Head) -> Rule:
    written = table.text("age")
    ages = interval(written)
    if written and ages is None:
        table.complain("age", wording.no_range(written, '">=18"、"[0,14)" 或 "3"', '">=18", "[0,14)" or "3"'))
    return Age(_listed(table, head), ages.low if ages else 0, ages.high if ages else 0)


def _diagnosis(table: Table, head: Head) -> Rule:
    return Diagnosed(_listed(table, head), _codes(table, "diagnoses"))


def _level(table: Table, head: Head) -> Rule:
    return Level(_listed(table, head), table.texts("levels", among=("1", "2", "3"), needed=True))


def _bed_days(table: Table, head: Head) -> Rule:
    return BedDays(_listed(table, head), table.number("grace", 0))


def _price(table: Table, head: Head) -> Rule:
    ceiling = table.yuan("yuan") if table.has("yuan") else None
    return Price(_listed(table, head) if ceiling is not None else head, ceiling, table.number("percent", 100, least=100))


def _unbundling(table: Table, head: Head) -> Rule:
    return Unbundling(_listed(table, head), _codes(table, "within"))


def _overlap(table: Table, head: Head) -> Rule:
    return Overlap(head, table.flag("visits", False))


def _readmission(table: Table, head: Head) -> Rule:
    return Readmission(head, _days(table, least=0), table.flag("same_provider", True))


def _both_ways(table: Table, head: Head) -> Rule:
    return BothWays(head)


_KINDS: dict[str, Callable[[Table, Head], Rule]] = {
    "quantity": _quantity, "repeat": _repeat, "duplicate": _duplicate, "sex": _sex, "age": _age, "diagnosis": _diagnosis,
    "level": _level, "bed_days": _bed_days, "price": _price, "unbundling": _unbundling, "overlap": _overlap,
    "readmission": _readmission, "both_ways": _both_ways,
}
KINDS = tuple(_KINDS)


def _overlaps(rules: Sequence[Rule]) -> Iterator[str]:
    """Two versions of a rule that are in force on one day: neither would be the rule."""
    for one, other in combinations(rules, 2):
        if one.head.id == other.head.id and one.head.begndate <= (other.head.enddate or date.max) and (
            other.head.begndate <= (one.head.enddate or date.max)
        ):
            first = max(one.head.begndate, other.head.begndate)
            yield f"{one.head.id} 在 {first} 有两条，请给其中一条写 `until`，或另取 id / " \
                f"{one.head.id} is given twice for {first}; give one an `until`, or another id"
