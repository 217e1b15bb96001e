"""Which statement a terminal event gets: settlement and quote in full, facts and money moved in short, refusals with remedies."""

from collections.abc import Callable
from typing import Any

from contracts.events.claim import ClaimRefused, ClaimSettled
from contracts.money import yuan
from contracts.reasons import Reason
from contracts.wire import SECTIONS, Event
from policies.book import Book
from policies.statement import claim, money, reversal, year
from policies.statement.bill import bill, fee_list
from policies.statement.paper import Row, Section, Statement
from policies.statement.steps import Steps
from policies.statement.words import BEARS, CATEGORIES, INSURANCES, PERSONS, Names, Words

TITLES: Names = {
    "claim.settled": ("医疗费用结算单", "Settlement statement (结算单)"),
    "claim.quoted": ("医疗费用预结算单（试算，不作为凭证，不影响累计）", "Trial settlement (预结算; not binding, moves nothing)"),
    "claim.refused": ("结算未通过通知", "Claim refused"),
    "quote.refused": ("预结算未通过通知", "Trial settlement refused"),
    "filing.decided": ("异地就医备案结果", "Decision on a filing for care in another place"),
    "enrolment.recorded": ("参保登记回执", "Enrolment recorded"),
    "account.credited": ("个人账户划入回执", "Personal account credited"),
    "request.repeated": ("重复请求通知", "Request repeated"),
    "request.refused": ("请求未受理通知", "Request refused"),
    "request.unreadable": ("请求无法读取通知", "Request unreadable"),
    **money.TITLES, **reversal.TITLES,
}


SETTLED = ("claim.settled", "claim.quoted")


def statement(event: Event, book: Book | None, lang: str, advance: int | None = None) -> Statement:
    """The statement of a terminal event in ``lang`` (zh or en).

    ``book``: names of places; quotes and choices too if it is the rulebook that decided. ``advance``: fen paid in advance
    (预交金), of which a settlement says what is refunded or due. Raises ValueError for an event that is no verdict, or an
    advance payment on one that settles nothing.
    """
    if event.type not in TITLES:
        raise ValueError(f"{event.type} is not a verdict: only {', '.join(TITLES)} have a statement")
    if advance is not None and event.type not in SETTLED:
        raise ValueError(f"{event.type} settles nothing: an advance payment goes with {' or '.join(SETTLED)}")
    say = Words(lang)
    write = _WRITERS.get(event.type, _facts)
    paid = [claim.advance(event.body, advance, say)] if advance is not None else []
    sections = [section for section in (*write(event, book, say), *paid, _named(event, book, say)) if section is not None]
    return Statement(say(*TITLES[event.type]), lang, tuple(sections))


def itemised(event: Event, book: Book | None, lang: str) -> Statement:
    """The fee list (费用清单) of a claim or a quote. Raises ValueError for an event whose lines were not priced."""
    priced = getattr(event.body, "priced", None)
    if event.type not in TITLES or priced is None or not priced.lines:
        raise ValueError(f"{event.type} has no fee list: only claims and quotes whose lines were priced have one")
    say = Words(lang)
    body = reversal.fees_of(event.body)
    head = claim.head(body, event.attributes.request_id, book, say)
    notes = tuple(claim.examples(body, say))
    sections = (head, *fee_list(body, priced, say), *((Section("", notes=notes),) if notes else ()))
    return Statement(say("医疗费用清单", "List of fees (费用清单)"), lang, sections)


def _settled(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    body: ClaimSettled = event.body
    quoted = event.type == "claim.quoted"
    deciding = _deciding(book, body.settled.rulebook)
    sections = [claim.head(body, event.attributes.request_id, book, say), bill(body, say, short=quoted)]
    sections += [Steps(body, deciding, say).section(), claim.shares(body, say), claim.person(body, say)]
    return sections if quoted else [*sections, year.accumulators(body, say), year.stay(body, say), year.room(body, deciding, say)]


def _refused(event: Event, book: Book | None, say: Words) -> list[Section]:
    body: ClaimRefused = event.body
    total = body.request.medfee_sumamt
    note = say(f"医疗费总额 {yuan(total)} 元，本次未结算。", f"Total {yuan(total)} yuan: not settled.")
    return [claim.head(body, event.attributes.request_id, book, say), reasons(_last(event).reasons, say, note)]


def _filing(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    asked, filed = event.body.request, event.body.filed
    filing = filed.filing
    end = (filing.enddate if filing else asked.enddate) or say("变更前长期有效" if filing else "未填", "until changed" if filing else "not given")
    pairs = [
        (say("请求编号", "request id"), event.attributes.request_id),
        (say("人员编号", "person"), asked.psn_no),
        (say("险种", "insurance"), say.coded(INSURANCES, asked.insutype)),
        (say("备案类别", "category"), say.name(CATEGORIES, asked.category)),
        (say("就医地", "place of care"), say.place(asked.mdtrtarea_admdvs, book)),
        (say("有效期", "valid"), f"{asked.begndate} {say('至', 'to')} {end}"),
        (say("结论", "verdict"), say("已备案", "accepted") if filing else say("未通过", "refused")),
    ]
    if filing is not None:
        pairs.insert(3, (say("参保地", "insured in"), say.place(filing.insuplc_admdvs, book)))
        pairs.append((say("备案编号", "number"), filing.trt_dcla_detl_sn))
    notes = (_cited(filed.source, _deciding(book, filed.rulebook), say),) if filed.source else ()
    return [Section("", tuple(map(Row, pairs)), notes=notes), reasons(filed.reasons, say)]


def _money(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    settled = event.body.settled
    source = getattr(settled, "source", None)
    notes = (_cited(source, _deciding(book, settled.rulebook), say),) if source else ()
    return [money.facts(event, book, say, notes), money.purses(event, say), reasons(settled.reasons, say)]


def _undone(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    section = _last(event)
    cited = tuple(_cited(id, _deciding(book, section.rulebook), say) for id in getattr(section, "sources", ()))
    return [*reversal.sections(event, book, say), reasons(section.reasons, say), Section("", notes=cited) if cited else None]


def _facts(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    """Facts that travel the road, and requests that were not taken up."""
    pairs = [(say("请求编号", "request id"), event.attributes.request_id)]
    request = event.body.request
    if event.type == "account.credited":
        pairs += [
            (say("人员编号", "person"), request.psn_no), (say("险种", "insurance"), say.coded(INSURANCES, request.insutype)),
            (say("划入金额（元）", "amount (yuan)"), yuan(request.crdt_amt)), (say("划入日期", "date"), str(request.crdt_date)),
        ]
    elif event.type == "enrolment.recorded":
        pairs.append((say("人员编号", "person"), request.psn_no))
        pairs += [(say("参保", "insured"), _spell(spell, book, say)) for spell in request.insuinfo]
    elif event.psn_no:
        pairs.append((say("消息键", "key"), event.psn_no))
    section = _last(event)
    return [Section("", tuple(map(Row, pairs))), reasons(section.reasons, say) if section is not None else None]


def _spell(spell: Any, book: Book | None, say: Words) -> str:
    parts = [say.place(spell.insuplc_admdvs, book), say.coded(INSURANCES, spell.insutype), say.coded(PERSONS, spell.psn_type)]
    begin, end = spell.psn_insu_date, spell.paus_insu_date
    parts.append(say(f"自 {begin} 起", f"from {begin}") + (say(f"，{end} 停保", f", ends before {end}") if end else ""))
    parts += [
        say(f"欠费 {gap.begndate} 至 {gap.enddate or '今'}", f"arrears {gap.begndate} to {gap.enddate or 'now'}") for gap in spell.arrears
    ]
    return say("，", ", ").join(parts)


def reasons(found: tuple[Reason, ...], say: Words, note: str = "") -> Section | None:
    """Each reason, what to do about it, and who bears the amount until then."""
    if not found:
        return None
    rows = tuple(_reason(number, why, say) for number, why in enumerate(found, 1))
    return Section(say("原因与办法", "Reasons and remedies"), rows, notes=(note,) if note else ())


def _reason(number: int, why: Reason, say: Words) -> Row:
    where = say(f"，字段 {why.field}", f", field {why.field}") if why.field else ""
    bears = say.name(BEARS, why.bears)
    return Row((str(number), say(why.zh, why.en)), (
        say("办法：", "What to do: ") + say(why.remedy_zh, why.remedy_en),
        say(f"金额承担：{bears}（原因代码 {why.code}{where}）", f"Who bears the amount: {bears} (reason {why.code}{where})"),
    ))


def _named(event: Event, book: Book | None, say: Words) -> Section | None:
    """What decided: rulebook and program; and plain words where data is invented or the rulebook is not at hand."""
    section = _last(event)
    digest = getattr(section, "rulebook", None)
    if digest is None:
        return None
    pairs = [(say("规则库摘要", "rulebook"), digest), (say("决策程序版本", "policies"), section.policies)]
    notes = list(claim.examples(event.body, say)) if isinstance(event.body, ClaimSettled | ClaimRefused) else []
    if _deciding(book, digest) is None:
        notes.append(say(
            "手边没有作出决定的规则库，引文与选择从略。", "The rulebook that decided is not at hand: quotes and choices are left out."
        ))
    return Section("", tuple(map(Row, pairs)), notes=tuple(notes))


def _cited(id: str, book: Book | None, say: Words) -> str:
    source = book.sources.get(id) if book else None
    text = f"《{source.title}》{say('：', ': ')}“{source.quote}”" if source else ""
    return say(f"依据 [{id}]{text}", f"Source [{id}] {text}".rstrip())


def _deciding(book: Book | None, digest: str) -> Book | None:
    return book if book is not None and book.digest == digest else None


def _last(event: Event) -> Any:
    """The last section that a stage appended; None for a fact that was only forwarded."""
    found = [getattr(event.body, name, None) for name in SECTIONS.values()]
    return next((section for section in reversed(found) if section is not None), None)


_WRITERS: dict[str, Callable[[Event, Book | None, Words], list[Any]]] = {
    "claim.settled": _settled, "claim.quoted": _settled, "claim.refused": _refused, "quote.refused": _refused,
    "filing.decided": _filing, **dict.fromkeys(money.TITLES, _money), **dict.fromkeys(reversal.TITLES, _undone),
}
