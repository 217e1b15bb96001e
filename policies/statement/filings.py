"""A person's filings on paper: one part a filing, with what is due and what to do."""

from collections.abc import Iterator
from datetime import date

from policies.book import Book
from policies.filings import Standing
from policies.names import CATEGORIES, Names
from policies.statement.paper import Row, Section, Statement
from policies.statement.verdict import HOME, days
from policies.statement.words import INSURANCES, Words

STATES: Names = {
    "in_force": ("有效", "in force"), "on_letter": ("有效，承诺书未兑现", "in force on a letter that is not redeemed"),
    "pending": ("待补正，补齐前不算备案", "pending: counts for nothing until the materials are there"), "not_yet": ("尚未开始", "not begun"),
    "ended": ("已到期", "ended"), "changed": ("已变更为另一条备案", "ended: changed to another filing"),
    "cancelled": ("已取消", "cancelled"), "broken": ("承诺未履行，已终止", "ended: the letter was broken"),
}
MADE: Names = {"in_time": ("及时", "in time"), "late": ("补办", "late")}


def filings(psn_no: str, found: list[Standing], day: date, book: Book, lang: str) -> Statement:
    """The sheet of all filings of ``psn_no`` as they stand on ``day``."""
    say = Words(lang)
    head = Section("", (Row((say("人员编号", "person"), psn_no)), Row((say("日期", "on"), str(day)))))
    none = [Section("", notes=(say("没有备案。", "There are no filings."),))] if not found else []
    parts = [Section(one.filing.trt_dcla_detl_sn, tuple(map(Row, _pairs(one, book, say))), notes=tuple(_due(one, say))) for one in found]
    return Statement(say("异地就医备案", "Filings for care in another place"), lang, (head, *none, *parts))


def _pairs(one: Standing, book: Book, say: Words) -> Iterator[tuple[str, str]]:
    filing = one.filing
    yield say("状态", "state"), say.name(STATES, one.state)
    yield say("备案类别", "category"), say.beside(say.name(CATEGORIES, filing.category), filing.category)
    yield say("险种、参保地", "insurance"), f"{say.coded(INSURANCES, filing.insutype)}{say('，', ', ')}{say.place(filing.insuplc_admdvs, book)}"
    yield say("就医地", "place of care"), say.place(filing.mdtrtarea_admdvs, book)
    if filing.hospitals:
        yield say("医疗机构", "hospitals"), ", ".join(filing.hospitals)
    ends = say.beside("", say.name(STATES, filing.closed)) if filing.closed is not None and one.state in ("in_force", "on_letter", "not_yet") else ""
    yield say("有效期", "valid"), f"{days(filing.begndate, filing.enddate, True, say)}{ends}"
    if one.changes or one.most is not None:
        most = say(f"，至多 {one.most}", f", at most {one.most}") if one.most is not None else ""
        yield say("当年变更次数", "changes this year"), f"{one.changes}{most}"
    if one.means is not None:
        yield say("比例按类别", "ratios by"), say.beside(say.name(CATEGORIES, one.means["category"]), say.name(MADE, one.means["made"]))
        yield say("备案期间在参保地", "home meanwhile"), say.name(HOME, one.means["home"])


def _due(one: Standing, say: Words) -> Iterator[str]:
    for why in one.missing:
        yield say(why.zh, why.en)
        yield say("办法：", "What to do: ") + say(why.remedy_zh, why.remedy_en)
