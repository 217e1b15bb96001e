"""What is said of a rulebook in several places, in Chinese and English: ``中文 / English``. Where it is stands in front of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from policies.values import shown

Both = tuple[str, str]
"""A word in Chinese and in English."""
PLACE: Both = ("区划", "a place")
MED_TYPE: Both = ("医疗类别（med_type）", "a type of care (med_type)")
MISSING = "缺少这一项，请补上 / is missing; add it"
_KINDS: dict[Any, Both] = {
    str: ("加引号的文字", "a text in quotes"), int: ("整数", "a whole number"), bool: (" true 或 false", "true or false"),
    date: ("日期，如 2025-01-01", "a day such as 2025-01-01"), list: ("方括号括起的列表", "a list in brackets"), dict: ("表", "a table"),
}
_NUMBER: Both = ("数", "a number")


def wrong_kind(value: Any, kind: Any) -> str:
    """Of a value that is not of the ``kind`` that is asked for."""
    zh, en = _KINDS.get(kind, _NUMBER)
    return f"{shown(value)} 类型不对，请写{zh} / {shown(value)} is of the wrong kind; write {en}"


def unknown(value: Any, among: Sequence[str]) -> str:
    """Of a value that is none of those that can be written."""
    return f"没有 {shown(value)} 这个取值，可用的取值列于句末 / {shown(value)} is unknown; use one of {', '.join(among)}"


def unknown_one(value: Any, among: Sequence[str]) -> str:
    """The same of one in a list."""
    zh = f"没有 {shown(value)} 这个取值，可用的取值列于句末" if among else f"{shown(value)} 不是文字，请写文字"
    return f"{zh} / {shown(value)} is unknown; use {', '.join(among) or 'texts'}"


def empty(among: Sequence[str]) -> str:
    """Of a list that needs something."""
    if not among:
        return "为空，请至少写一项 / is empty; write at least one"
    return f"为空，请至少写一项，可用的取值列于句末 / is empty; write at least one of {', '.join(among)}"


def no_code(value: Any, of: Both) -> str:
    """Of what is neither a code nor its first digits."""
    return f"{shown(value)} 不是{of[0]}代码，请写代码的前 2 至 6 位 / {shown(value)} is no code of {of[1]}; write its first 2 to 6 digits"


def no_source(value: Any) -> str:
    """Of the id of a source that is not listed."""
    zh, en = "请写 sources.toml 中的编号，或把原文补到那里", "name an id of sources.toml, or add the text there"
    return f"{shown(value)} 不是已列出的出处，{zh} / {shown(value)} is not a known source of a value; {en}"


def out_of_range(value: Any, what: Both, least: Any, most: Any) -> str:
    """Of a day or a number outside its bounds."""
    return f"{shown(value)} 超出范围，请写 {least} 至 {most} 的{what[0]} / {shown(value)} is out of range; write {what[1]} from {least} to {most}"


def not_among(value: Any, zh: str, en: str, usable: Sequence[str]) -> str:
    """Of a value that is not what it should be, with those that are."""
    return f"{shown(value)} {zh}，可用的列于句末 / {shown(value)} {en}; use {', '.join(usable)}"


def no_range(value: Any, zh: str, en: str) -> str:
    """Of what is no range of whole numbers, with examples of some."""
    return f"{shown(value)} 不是数值范围，请写 {zh} / {shown(value)} is no range of numbers; write {en}"


def listed_twice(what: str) -> str:
    """Of what a list has more than once."""
    return f"{what} 重复列出，请删去多余的 / {what} is listed twice; remove one"


def before(last: date, first: date) -> str:
    """Of an end before its beginning, either of which may be wrong."""
    return f"{last} 早于 {first}，请改正其中之一 / {last} lies before {first}; correct one of the two"


def too_early(last: date, first: date) -> str:
    """Of an end before its beginning."""
    return f"{last} 早于 {first}，请写更晚的日期 / {last} lies before {first}; write a later day"


def twice_from(day: date, what: str = "") -> str:
    """Of what begins twice on one day, and is not named in front."""
    zh, en = (f"{what} 自", f"{what} is") if what else ("自", "is")
    return f"{zh} {day} 起有两个，请删去一个，或另写一个 `from` / {en} given twice from {day}; remove one, or give it another `from`"


def two_rules(places: str, day: date, then: Both) -> str:
    """Of places that have two rules from one day on."""
    return f"{places} 自 {day} 起有两条规则，请{then[0]} / {places} has two rules from {day}; {then[1]}"


def elsewhere(place: str, folder: str) -> str:
    """Of a rule for a place that does not lie in that of its folder."""
    return f"{place} 不在文件夹所属的 {folder} 之内，请把该规则移到它自己的文件夹 / " \
        f"{place} lies outside {folder}, the place of the folder; move the rule to a folder of its own"


def no_case(file: str) -> str:
    """Of a rule or row that no case asks for."""
    return f"没有算例用到，请在 {file} 中写一个 / no case uses it; write one in {file}"


def not_beyond(file: str) -> str:
    """Of a limit that no case reaches."""
    return f"没有算例超过该限额，请在 {file} 中写一个 / no case goes beyond it; write one in {file}"


def never_paid(file: str) -> str:
    """Of a guaranteed share up to which no case pays."""
    return f"没有算例按该保底支付，请在 {file} 中写一个 / no case is paid up to it; write one in {file}"


def otherwise(case: str, zh: str, en: str) -> str:
    """Of a case that comes out otherwise than it says."""
    return f"{case}: {zh}，请重新核算，再改正算例或规则 / {en}; work it out again, then correct the case or the rule"


def differs(case: str, name: str, found: Any, said: Any) -> str:
    """The same of one value."""
    return otherwise(case, f"{name} 得出 {found}，算例写的是 {said}", f"{name} is {found}, the case says {said}")


def ambiguous(first: object, second: object, case: str) -> str:
    """Of two rows between which nothing decides, with facts to which both apply."""
    return f"{case or '任何情形'} 同时适用两行（{first}; {second}），请给其中一行补上条件 / " \
        f"two rows apply to {case or 'every case'} ({first}; {second}); add a condition to one of them"


def not_of_folder(place: str) -> str:
    """Of a place that a file names and its folder does not."""
    return f"{place} 不是文件夹所属的地方，请改正其中之一 / {place} is not the place of the folder; correct one of the two"


def benefits_alike(name: str) -> str:
    """Of a benefit whose name another one of the plan has too."""
    return f"benefit {name} 出现两次，请给其中一个另取名称 / benefit {name} is given twice; name one of them otherwise"


NO_FOLDER = "没有这个文件夹，请给出含 sources.toml 和 regions/ 的文件夹 / there is no such folder; give one with sources.toml and regions/"
NO_PLACE = "不是参保地，文件夹名须以六位区划代码开头 / is no place; begin its name with the six digits of the place"
UNREAD = "没有读取这个名称的文件，请按 README.md 改名，或删去 / nothing reads a file of this name; rename it as README.md says, or remove it"
SCOPE_AND_CASH: Both = (
    "各方案第一步和最后一步的出处写在其中，请补上", "the first and the last step of every plan have their sources there; add it")
