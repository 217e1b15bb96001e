"""Which statement a terminal event gets: settlement and quote in full, facts and money moved in short, refusals with remedies."""

from collections.abc import Callable, Iterator
from typing import Any

from contracts.base import altered
from contracts.events.claim import Claim, ClaimRefused, ClaimSettled
from contracts.money import yuan
from contracts.reasons import Reason
from contracts.wire import SECTIONS, Event
from policies.book import Book
from policies.names import CATEGORIES
from policies.statement import claim, money, reimbursement, reversal, review, year
from policies.statement.bill import bill, fee_list
from policies.statement.paper import Row, Section, Statement
from policies.statement.steps import Steps
from policies.statement.words import BEARS, INSURANCES, OPERATIONS, PERSONS, Names, Words
from policies.verdict import BILLS, QUOTES

TITLES: Names = {
    "claim.settled": ("医疗费用结算单", "Settlement statement (结算单)"),
    "claim.quoted": ("医疗费用预结算单（试算，不作为凭证，不影响累计）", "Trial settlement (预结算; not binding, moves nothing)"),
    "claim.held": ("医疗费用暂缓结算通知（等待人工审核）", "Claim held for review (not settled)"),
    "review.settled": ("医疗费用结算单（审核后）", "Settlement statement after review (结算单)"),
    "review.closed": ("审核不予支付通知", "Claim refused by review"),
    "review.refused": ("审核决定未受理通知", "Decision of a review refused"),
    "claim.refused": ("结算未通过通知", "Claim refused"),
    "quote.refused": ("预结算未通过通知", "Trial settlement refused"),
    "filing.decided": ("异地就医备案结果", "Decision on a filing for care in another place"),
    "enrolment.recorded": ("参保登记回执", "Enrolment recorded"),
    "account.credited": ("个人账户划入回执", "Personal account credited"),
    "request.repeated": ("重复请求通知", "Request repeated"),
    "request.refused": ("请求未受理通知", "Request refused"),
    "request.unreadable": ("请求无法读取通知", "Request unreadable"),
    **money.TITLES, **reimbursement.TITLES, **reversal.TITLES,
}


def statement(event: Event, book: Book | None, lang: str, advance: int | None = None) -> Statement:
    """The statement of a terminal event in ``lang`` (zh or en).

    ``book``: names of places; quotes and choices too if it is the rulebook that decided. ``advance``: fen paid in advance
    (预交金), of which a settlement says what is refunded or due. Raises ValueError for an event that is no verdict, or an
    advance payment on one that settles nothing.
    """
    if event.type not in TITLES:
        raise ValueError(f"{event.type} is not a verdict: only {', '.join(TITLES)} have a statement")
    if advance is not None and event.type not in BILLS:
        raise ValueError(f"{event.type} settles nothing: an advance payment goes with {' or '.join(sorted(BILLS))}")
    say = Words(lang)
    write = _WRITERS.get(event.type, _facts)
    paid = [claim.advance(event.body, advance, say)] if advance is not None else []
    sections = [section for section in (*write(event, book, say), *paid, _named(event, book, say)) if section is not None]
    return Statement(say(*TITLES[event.type]), lang, tuple(sections))


def itemised(event: Event, book: Book | None, lang: str) -> Statement:
    """The fee list (费用清单) of a claim or a quote. Raises ValueError for an event whose lines were not priced."""
    body = review.shown(event.body)
    priced = getattr(body, "priced", None)
    if event.type not in TITLES or priced is None or not priced.lines:
        raise ValueError(f"{event.type} has no fee list: only claims and quotes whose lines were priced have one")
    say = Words(lang)
    body = reversal.fees_of(event.body)
    head = claim.head(body, event.attributes.request_id, book, say)
    notes = tuple(claim.examples(body, say))
    sections = (head, *fee_list(body, priced, say), *((Section("", notes=notes),) if notes else ()))
    return Statement(say("医疗费用清单", "List of fees (费用清单)"), lang, sections)


def _settled(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    body: ClaimSettled = review.shown(event.body)
    quoted, deciding = event.type in QUOTES, _deciding(book, body.settled.rulebook)
    sections = [claim.head(body, _asked_as(event), book, say), review.decision(event.body, event.attributes.request_id, say)]
    sections += [*_applied(event, book, say), review.findings(body, say), bill(body, say, short=quoted)]
    sections += [Steps(body, deciding, say).section(), claim.shares(body, say), claim.person(body, say)]
    sections += [reimbursement.paid(body, say)] if event.type in reimbursement.SETTLED else []
    return sections if quoted else [*sections, year.accumulators(body, say), year.stay(body, say), year.room(body, deciding, say)]


def _asked_as(event: Event) -> str:
    """The request id of the claim: of a decision that of the claim that it decided."""
    held = getattr(getattr(event.body, "settled", None), "held", None)
    return held.request_id if held is not None else event.attributes.request_id


def _held(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    """A claim that waits, or that a person refused: nothing was settled."""
    body: ClaimSettled = review.shown(event.body)
    note = say(f"医疗费总额 {yuan(body.request.medfee_sumamt)} 元，本次未结算。", f"Total {yuan(body.request.medfee_sumamt)} yuan: not settled.")
    held = getattr(event.body.settled, "held", None)
    found = review.findings(body if held is None else altered(body, settled=held.claim_held), say)
    sections = [claim.head(body, _asked_as(event), book, say), review.decision(event.body, event.attributes.request_id, say), bill(body, say)]
    return [*sections, found, reasons(_last(event).reasons, say, note)]


def _undecided(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    return [review.decision(event.body, event.attributes.request_id, say), reasons(_last(event).reasons, say)]


def _refused(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    """Refused, or pending: nothing is paid."""
    body: ClaimRefused = event.body
    total = body.request.medfee_sumamt
    note = say(f"医疗费总额 {yuan(total)} 元，本次未结算。", f"Total {yuan(total)} yuan: not settled.")
    head = claim.head(body, event.attributes.request_id, book, say)
    return [head, *_applied(event, book, say), reasons(_last(event).reasons, say, note)]


def _applied(event: Event, book: Book | None, say: Words) -> list[Section]:
    """The application of a manual reimbursement, with the texts and choices by which it was judged."""
    if event.type not in reimbursement.TITLES:
        return []
    body, insured = event.body, event.body.checked.insured
    papers = body.settled.papers if body.settled is not None else None
    deciding = _deciding(book, _last(event).rulebook)
    notes = [_cited(id, deciding, say) for id in papers.sources] if papers is not None else []
    notes += [say("原文未尽，规则库的选择：", "Left open by the text, chosen by the rulebook: ") + say.half(text) for text in papers.choices] if papers else []
    place = insured.insuplc_admdvs if insured is not None else ""
    return [reimbursement.application(body.request, papers, place, book, say, tuple(notes))]


def _filing(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    asked, filed = event.body.request, event.body.filed
    pairs = [
        (say("请求编号", "request id"), event.attributes.request_id),
        (say("人员编号", "person"), asked.psn_no),
        (say("险种", "insurance"), say.coded(INSURANCES, asked.insutype)),
    ]
    if asked.oper != "file":
        pairs.append((say("办理事项", "asked for"), say.name(OPERATIONS, asked.oper)))
    pairs += _as_it_stands(asked, filed, book, say)
    pairs.append((say("结论", "verdict"), say.name(_VERDICTS, filed.verdict)))
    number = filed.filing.trt_dcla_detl_sn if filed.filing else asked.trt_dcla_detl_sn
    if number:
        pairs.append((say("备案编号", "number"), number))
    if filed.ended is not None:
        pairs.append((say(f"备案 {filed.ended.trt_dcla_detl_sn}", f"filing {filed.ended.trt_dcla_detl_sn}"),
                      say(f"至 {filed.ended.enddate} 止", f"ends on {filed.ended.enddate}")))
    if filed.means and filed.means["home"] != "both":
        pairs.append((say("备案期间在参保地", "home meanwhile"), say.name(HOME, filed.means["home"])))
    notes = (_cited(filed.source, _deciding(book, filed.rulebook), say),) if filed.source else ()
    return [Section("", tuple(map(Row, pairs)), notes=notes), reasons(filed.reasons, say)]


def _as_it_stands(asked: Any, filed: Any, book: Book | None, say: Words) -> Iterator[tuple[str, str]]:
    """Category, place, hospitals and days: of the filing, or as far as they were asked for."""
    filing = filed.filing or filed.ended
    if filing is not None:
        yield say("参保地", "insured in"), say.place(filing.insuplc_admdvs, book)
    if (category := filing.category if filing else asked.category) is not None:
        yield say("备案类别", "category"), say.name(CATEGORIES, category)
    if (area := filing.mdtrtarea_admdvs if filing else asked.mdtrtarea_admdvs) is not None:
        yield say("就医地", "place of care"), say.place(area, book)
    if hospitals := filing.hospitals if filing else asked.fixmedins_codes:
        yield say("医疗机构", "hospitals"), ", ".join(hospitals)
    first = filing.begndate if filing else asked.begndate
    yield say("有效期", "valid"), days(first, filing.enddate if filing else asked.enddate, filing is not None, say)


def days(first: Any, last: Any, decided: bool, say: Words) -> str:
    """From when until when; without a last day a filing is in force until it is changed, and a request has left it open."""
    if last is not None:
        return f"{first} {say('至', 'to')} {last}"
    return say(f"{first} 起，变更前长期有效", f"{first} until changed") if decided else say(f"{first} 起，未填截止日", f"{first} on, no last day given")


_VERDICTS: Names = {"accepted": ("已办理", "accepted"), "pending": ("待补正", "pending: materials are missing"), "refused": ("未通过", "refused")}
HOME: Names = {
    "both": ("可以就医结算", "can be used"),
    "after_materials": ("材料补齐后方可就医结算", "can be used once the materials are handed in"), "locked": ("不能结算", "cannot be used"),
}


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
    if event.type == "request.unreadable" and (sent := event.body.filed.sent("ce_id")) is not None:
        pairs.append((say("发送方的编号（ce_id）", "id that the sender gave (ce_id)"), sent.decode("utf-8", "replace")))
    section = _last(event)
    return [Section("", tuple(map(Row, pairs))), reasons(section.reasons, say) if section is not None else None]


def _spell(spell: Any, book: Book | None, say: Words) -> str:
    parts = [say.place(spell.insuplc_admdvs, book), say.coded(INSURANCES, spell.insutype), say.coded(PERSONS, spell.psn_type)]
    begin, end = spell.psn_insu_date, spell.paus_insu_date
    parts.append(say(f"自 {begin} 起", f"from {begin}") + (say(f"，{end} 起停保", f", ends before {end}") if end else ""))
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
    body = review.shown(event.body)
    notes = list(claim.examples(body, say)) if hasattr(body, "checked") and isinstance(body.request, Claim) else []
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
    return book.named(digest) if book is not None else None


def _last(event: Event) -> Any:
    """The last section that a stage appended; None for a fact that was only forwarded."""
    found = [getattr(event.body, name, None) for name in SECTIONS.values()]
    return next((section for section in reversed(found) if section is not None), None)


_WRITERS: dict[str, Callable[[Event, Book | None, Words], list[Any]]] = {
    **dict.fromkeys(BILLS, _settled), "claim.refused": _refused, "quote.refused": _refused,
    **{type: _refused for type in reimbursement.TITLES if type not in BILLS},
    "claim.held": _held, "review.closed": _held, "review.refused": _undecided,
    "filing.decided": _filing, **dict.fromkeys(money.TITLES, _money), **dict.fromkeys(reversal.TITLES, _undone),
}
