"""The rules of filing of a place and day on paper: who may file with which papers and for how long, and every term."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from contracts.events.filing import CARE_CATEGORIES
from policies.book import Book
from policies.filing_rules import CATEGORIES, TERMS, FilingRule
from policies.names import CATEGORIES as CATEGORY_NAMES, CHANNELS, MATERIALS, Names
from policies.places import Region
from policies.statement.paper import Column, Row, Section
from policies.statement.words import CARE, Words

TOLD: Names = {
    "other_province": ("跨省就医", "care in another province"), "same_province": ("省内异地就医", "care elsewhere in the province"),
    "unit": ("备案到", "filed for"), "chosen_for": ("选定医院限于", "chosen hospitals count for"),
    "home": ("备案期间在参保地", "home meanwhile"), "file_by": ("最迟备案", "filed at the latest"),
    "emergency": ("急诊抢救未备案", "emergency without a filing"), "unfiled": ("未备案的临时外出", "temporary care without a filing"),
    "late": ("出院自费后补备案", "filed late, after self-payment"), "change": ("变更", "a change"), "notice": ("入院前预约", "admission announced"),
    "categories": ("可办类别", "categories taken"), "channels": ("渠道", "channels"), "unfiled_care": ("无需备案的医疗类别", "care that needs no filing"),
    "approved_diseases": ("须事先审核的病种", "diseases to be approved"), "approved_operations": ("须事先审核的手术", "operations to be approved"),
    "approved_stay_days": ("须事先审核的住院天数（超过）", "days of a stay beyond which it is approved"),
    "most_hospitals": ("医院至多（家）", "hospitals, at most"), "changes_a_year": ("每年变更至多（次）", "changes a year, at most"),
    "months_to_change": ("满几个月方可变更", "months before it can be changed"), "months_to_cancel": ("满几个月方可取消", "months before it can be cancelled"),
    "late_days": ("出院后几日内可由医院补录", "days after the discharge in which the hospital may settle"), "reason": ("须写原因", "reason asked for"),
}
SAID: Names = {
    "filed": ("须备案", "has to be filed"), "as_filed": ("视同已备案", "counts as filed"), "unfiled": ("无需备案", "needs no filing"), "place": ("地区内全部联网机构", "the place with all its connected providers"),
    "hospitals": ("选定的医院", "chosen hospitals"), "hospital_a_level": ("每个级别一家医院", "one hospital of each level"),
    "all": ("全部医疗", "all care"), "stays": ("住院", "stays"), "both": ("可以使用", "can be used"),
    "materials": ("可以使用；承诺书办理的，补齐材料后", "can be used; on a letter, once the materials are there"), "locked": ("不能使用", "cannot be used"),
    "settlement": ("出院结算前", "before the settlement"), "admission": ("入院前", "before the admission"),
    "manual": ("手工报销", "claimed by hand"), "direct": ("直接结算", "settled directly"), "amend": ("不再收材料", "asks for no new papers"),
    "anew": ("重新备案", "is a new filing"), "taken": ("受理", "taken"), "required": ("必须", "required"),
}


def filing_sections(book: Book, region: Region, day: date, say: Words, cited: Callable[[str], str]) -> Iterator[Section]:
    """The categories, then the terms, with their sources; nothing where no rule of filing holds on the day."""
    place = region.admdvs
    rules = [rule for name in CATEGORIES if (rule := book.filing.category(place, name, day)) is not None]
    closed = {*CARE_CATEGORIES} - {*book.filing.open_to(place, day)}
    rows = tuple(_category(rule, say, cited) for rule in rules if rule.category not in closed)
    if rows:
        columns = (Column(say("类别", "category")), Column(say("有效期", "validity")), Column(say("材料", "papers")))
        yield Section(say("异地就医备案", "Filing for care elsewhere"), rows, columns)
    terms = tuple(
        Row((say.name(TOLD, key), _value(key, value, say)), (say("出处：", "Source: ") + cited(book.filing.source(place, key, day) or ""),))
        for key in TERMS if (value := book.filing.term(place, key, day)) is not None
    )
    if terms:
        yield Section(say("备案规定", "Terms of filing"), terms)


def _category(rule: FilingRule, say: Words, cited: Callable[[str], str]) -> Row:
    valid = {
        "until_changed": say("变更前长期有效", "until it is changed"), "at_least": say(f"不少于 {rule.months} 个月", f"{say.months(rule.months)} or more"),
        "fixed": say.months(rule.months),
    }[rule.validity]
    papers = [
        say(" 或 ", " or ").join([*(say.name(MATERIALS, one) for one in paper.one_of), *([say("承诺书", "a letter")] if paper.letter else [])])
        for paper in rule.papers
    ]
    only = say("；限", "; only ") + ", ".join(rule.insutypes) if rule.insutypes else ""
    only += say("；职工限退休人员", "; of employees only the retired") if rule.retired else ""
    name = say.name(CATEGORY_NAMES, rule.category) + only
    return Row((name, valid, say("；", "; ").join(papers) or say("无", "none")), (say("出处：", "Source: ") + cited(rule.source),))


def _value(key: str, value: Any, say: Words) -> str:
    if value is True:
        return say("是", "yes")
    if isinstance(value, tuple):
        names = {"categories": CATEGORY_NAMES, "channels": CHANNELS, "unfiled_care": CARE}.get(key, {})
        return say.listed(names, value)
    return say.name(SAID, value) if isinstance(value, str) else str(value)
