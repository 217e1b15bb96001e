"""The result of a what-if on paper, in Chinese or English; amounts in yuan."""

from collections.abc import Iterator
from typing import Any

from contracts.money import yuan
from policies.book import Book
from policies.names import Names
from policies.statement.paper import Column, Row, Section, Statement
from policies.statement.words import CARE, FUNDS, INSURANCES, LEVELS, Words
from services.feed.rows import NOWHERE
from services.whatif.result import Object

TITLE = ("规则草案试算", "What a draft rulebook would pay")
TITLES: Names = {
    "region": ("按参保地", "By place of insurance"), "insutype": ("按险种", "By type of insurance"), "level": ("按医疗机构等级", "By level of the provider"),
    "care": ("按医疗类别", "By type of care"), "age": ("按年龄段", "By age"),
}
AMOUNTS: Names = FUNDS | {
    "fund_pay_sumamt": ("基金支付总额", "all funds"), "allowance_pay": ("定额补贴", "allowances"), "hosp_part_amt": ("医院负担", "providers"),
    "psn_part_amt": ("个人负担", "persons"), "acct_pay": ("其中个人账户", "of it accounts"), "psn_cash_pay": ("其中现金", "of it cash"),
    "act_pay_dedc": ("其中起付线", "of it deductibles"),
}
FILES: Names = {"changed": ("改动", "changed"), "added": ("新增", "added"), "removed": ("缺少", "missing")}
SHOWN_FILES = 8


def paper(found: Object, book: Book, lang: str) -> Statement:
    """The whole report. ``book``: names of places."""
    say = Words(lang)
    sections = [
        _head(found, say), _summary(found, say), _persons(found, say), _amounts(found, say),
        *(_by(name, rows, book, say) for name, rows in found["by"].items()), _deciles(found, say), _verdicts(found, say), _most(found, say),
        _recorded(found, say),
    ]
    return Statement(say(*TITLE), lang, tuple(section for section in sections if section is not None))


def value(dimension: str, code: str, book: Book | None, say: Words) -> str:
    """What a value of a dimension is called."""
    if code in ("", NOWHERE):
        return say("不详", "not known")
    names = {"insutype": INSURANCES, "level": LEVELS, "care": CARE}.get(dimension)
    return say.place(code, book) if dimension == "region" else say.coded(names, code) if names else code


def signed(amount: int) -> str:
    """The change of an amount, in yuan."""
    return f"+{yuan(amount)}" if amount > 0 else yuan(amount)


def bracket(row: Object, say: Words) -> str:
    """``100.00–999.99 less``: how much less or more the persons of a bracket bear, in yuan."""
    least, most = row["least"], row["most"]
    if least == most:
        return say("不变", "the same")
    if least is None or most is None:
        bound = yuan(abs(most if least is None else least))
        return say(f"{'少' if least is None else '多'} {bound} 元以上", f"{bound} or more {'less' if least is None else 'more'}")
    low, high = sorted((abs(least), abs(most)))
    amounts = f"{yuan(low)}–{yuan(high)}"
    return say(f"{'少' if most < 0 else '多'} {amounts} 元", f"{amounts} {'less' if most < 0 else 'more'}")


def _head(found: Object, say: Words) -> Section:
    of = found["rulebooks"]
    rows = [Row((say("现行规则库", "present rulebook"), of["present"])), Row((say("草案", "draft"), of["draft"]))]
    for name, told in FILES.items():
        files = of[name]
        more = say(f"，另有 {len(files) - SHOWN_FILES} 个", f", and {len(files) - SHOWN_FILES} more") if len(files) > SHOWN_FILES else ""
        rows += [Row((say(*told), ", ".join(files[:SHOWN_FILES]) + more))] if files else []
    notes = [say("两个规则库相同。", "The two rulebooks are the same.")] if of["present"] == of["draft"] else []
    if found["sample"] > 1:
        notes.append(say(f"抽样：约 1/{found['sample']} 的人员；以下各数为样本本身，未放大。",
                         f"A sample: about one of {found['sample']} persons; all numbers are the sample's own, not scaled up."))
    return Section("", tuple(rows), notes=tuple(notes))


def _summary(found: Object, say: Words) -> Section:
    settled, funds, own = found["settled"], found["funds"], found["own"]
    rows = [
        (say("请求", "requests"), f"{found['requests']:,}", "", ""),
        (say("其中费用", "of them claims"), f"{found['claims']:,}", "", ""),
        (say("已结算", "settled"), f"{settled['before']:,}", f"{settled['after']:,}", f"{settled['after'] - settled['before']:+,}"),
        (say("基金支出（含定额补贴）", "funds pay (allowances too)"), *_three(funds)),
        (say("个人负担（两者均结算的费用）", "persons bear (of claims settled by both)"), *_three(own)),
    ]
    notes = [_flow(found[name], texts, say) for name, texts in (
        ("newly_settled", ("草案下新结算", "Settled under the draft alone")), ("no_longer_settled", ("草案下不再结算", "No longer settled under the draft")))]
    return Section(say("合计（元）", "In all (yuan)"), tuple(map(Row, rows)), _columns("", say), tuple(notes))


def _flow(flow: Object, texts: tuple[str, str], say: Words) -> str:
    told = f"{say(*texts)}{say('：', ': ')}{flow['claims']:,}"
    if not flow["claims"]:
        return told
    return told + say(f"，总额 {yuan(flow['bill'])}，基金 {signed(flow['funds'])}", f"; billed {yuan(flow['bill'])}, funds {signed(flow['funds'])}")


def _persons(found: Object, say: Words) -> Section:
    persons = found["persons"]
    rows = [
        (say("负担减少", "bear less"), f"{persons['less']['persons']:,}", signed(persons["less"]["amount"])),
        (say("负担增加", "bear more"), f"{persons['more']['persons']:,}", signed(persons["more"]["amount"])),
        (say("不变", "the same"), f"{persons['same']:,}", ""),
    ]
    rows += [(f"  {bracket(row, say)}", f"{row['persons']:,}", "") for row in persons["brackets"] if row["persons"] and row["least"] != row["most"]]
    columns = (Column(""), Column(say("人数", "persons"), True), Column(say("金额（元）", "amount (yuan)"), True))
    return Section(say("谁多付，谁少付", "Who bears more, who less"), tuple(map(Row, rows)), columns)


def _amounts(found: Object, say: Words) -> Section:
    rows = [(say(*AMOUNTS[row["name"]]), *_three(row)) for row in found["amounts"] if row["before"] or row["after"]]
    return Section(say("谁支付（元）", "Who pays (yuan)"), tuple(map(Row, rows)), _columns("", say))


def _by(name: str, rows: list[Object], book: Book, say: Words) -> Section | None:
    cells = [(value(name, row["value"], book, say), f"{row['claims']:,}", *_three(row["funds"]), signed(row["own"]["change"])) for row in rows]
    first, *rest = _columns("", say)
    columns = (first, Column(say("费用", "claims"), True), *rest, Column(say("个人变化", "persons"), True))
    return Section(say(*TITLES[name]), tuple(map(Row, cells)), columns) if cells else None


def _deciles(found: Object, say: Words) -> Section | None:
    rows = [
        (str(row["decile"]), f"{row['persons']:,}", f"{yuan(row['least'])}–{yuan(row['most'])}", yuan(row["own_before"]), signed(row["own_change"]),
         signed(row["fund_change"]), f"{row['less']:,}", f"{row['more']:,}") for row in found["deciles"]]
    titles = (("个人负担", "they bear"), ("合计", "in all"), ("变化", "change"), ("基金变化", "funds"), ("少付", "less"), ("多付", "more"))
    columns = (Column(say("组", "decile")), Column(say("人数", "persons"), True), *(Column(say(*title), True) for title in titles))
    return Section(say("按个人负担十分位（元）", "By decile of what persons bear (yuan)"), tuple(map(Row, rows)), columns) if rows else None


def _verdicts(found: Object, say: Words) -> Section | None:
    rows = [(row["before"], row["after"], f"{row['requests']:,}") for row in found["verdicts"]]
    columns = (Column(say("现行", "present")), Column(say("草案", "draft")), Column(say("请求", "requests"), True))
    return Section(say("结论不同的请求", "Requests with another verdict"), tuple(map(Row, rows)), columns) if rows else None


def _most(found: Object, say: Words) -> Section | None:
    rows = [
        (row["request_id"], row["day"], yuan(row["bill"]), signed(row["fund_change"]), "" if row["own_change"] is None else signed(row["own_change"]),
         "" if row["verdict_before"] == row["verdict_after"] else f"{row['verdict_before']} → {row['verdict_after']}") for row in found["most"]]
    titles = (("总额", "bill"), ("基金变化", "funds"), ("个人变化", "person"))
    columns = (Column(say("请求", "request")), Column(say("日期", "day")), *(Column(say(*title), True) for title in titles), Column(say("结论", "verdict")))
    return Section(say("变化最大的费用（元）", "Claims that change most (yuan)"), tuple(map(Row, rows)), columns) if rows else None


def _recorded(found: Object, say: Words) -> Section | None:
    of = found["recorded"]
    if of is None:
        return None
    rows = [
        Row((say("现行规则库重算与记录相同", "decided again as recorded"), f"{of['same']:,}")),
        Row((say("与记录不同", "otherwise than recorded"), f"{of['differing']:,}")),
        Row((say("记录由其他规则库作出", "recorded under other rulebooks"), f"{of['of_other_rulebooks']:,}")),
    ]
    told = [Row((f"  {row['request_id']}", f"{row['recorded']} → {row['now']}: " + _amounts_told(row))) for row in of["told"]]
    note = say("基准是以现行规则库对同样请求的重新核算，不是记录中的金额。", "What the draft is compared with are the same requests decided again under the present rulebook, not the recorded amounts.")
    return Section(say("与记录相比", "Beside the record"), (*rows, *told), notes=(note,) if of["differing"] else ())


def _amounts_told(row: Object) -> str:
    return ", ".join(f"{name} {yuan(row[name][0])} → {yuan(row[name][1])}" for name in ("fund_pay_sumamt", "acct_pay", "psn_cash_pay") if len(set(row[name])) > 1)


def _three(row: Object) -> tuple[str, str, str]:
    return yuan(row["before"]), yuan(row["after"]), signed(row["change"])


def _columns(first: str, say: Words) -> tuple[Column, ...]:
    titles: Iterator[Any] = iter((("现行", "present"), ("草案", "draft"), ("变化", "change")))
    return (Column(first), *(Column(say(*title), True) for title in titles))
