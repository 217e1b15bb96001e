"""On paper: a settlement taken back (the mirror), what was settled in its place, and who owes whom what of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contracts.base import made
from contracts.events.claim import ClaimRefused
from contracts.events.reversal import Correction, Moved, Reversed, Undone
from contracts.money import yuan
from contracts.wire import Event
from policies.book import Book
from policies.reversal.folded import new_bodies
from policies.statement import claim
from policies.statement.bill import bill
from policies.statement.paper import Column, Row, Section, Statement
from policies.statement.steps import KINDS, Steps
from policies.statement.words import FUNDS, Names, Words
from policies.statement.year import moved_cells, moved_columns, stay_rows

TITLES: Names = {
    "claim.reversed": ("撤销结算单（反结算）", "Reversal statement (反结算)"),
    "claim.corrected": ("更正结算单（退费重结）", "Correction statement (退费重结)"),
    "claim.undone": ("冲正结算单", "Undo statement (冲正)"),
    "request.undone": ("冲正回执：原请求未到达", "Undone: the request had not arrived (冲正)"),
    "reversal.refused": ("撤销结算未通过通知", "Reversal refused"),
    "correction.refused": ("更正结算未通过通知", "Correction refused"),
    "undo.refused": ("冲正未通过通知", "Undo refused"),
    "reversal.repeated": ("重复撤销通知", "Reversed already"),
    "undo.repeated": ("重复冲正通知", "Undone already"),
}
REASONS: Names = {
    "wrong_settlement": ("结算信息有误", "the settlement was wrong"), "wrong_charges": ("多收、少收或项目错误", "wrong charges or items"),
    "refund": ("患者退费", "refund to the patient"), "supplement": ("补录", "settled late"),
}
PAID = (*FUNDS, "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay", "hosp_part_amt", "medfee_sumamt", "allowance_pay")
AMOUNT: Names = {
    **FUNDS, "fund_pay_sumamt": ("基金支付合计", "all funds"), "acct_pay": ("个人账户支付（含家庭共济）", "account, the family wallet included"),
    "acct_mulaid_pay": ("其中家庭共济", "of it the family wallet"), "psn_cash_pay": ("个人现金支付", "cash"),
    "hosp_part_amt": ("医药机构负担", "provider"), "medfee_sumamt": ("医疗费总额", "total"), "allowance_pay": ("定额补贴", "allowance"),
}


def sections(event: Event, book: Book | None, say: Words) -> list[Section | None]:
    """What is said of a verdict before its reasons: who asked, what went, what came in its place, what moved."""
    settled = getattr(event.body, "settled", None)
    found: list[Section | None] = [_asked(event, book, say)]
    if not isinstance(settled, Reversed) or settled.moved is None:
        return found
    for one in reversed(settled.undone):
        found += [_taken_back(one, book, say), _mirror(one, say), _steps(one, say)]
    if isinstance(event.body.request, Correction):
        (_, body), *_ = new_bodies(event.body)
        deciding = book.named(body.settled.rulebook) if book is not None else None
        found += [bill(body, say), Steps(body, deciding, say).section(), claim.shares(body, say), claim.person(body, say)]
    return [*found, _owed(settled, say), *_moved(settled.moved, book, say)]


def marked(sheet: Statement, gone: Mapping[str, str]) -> Statement:
    """The sheet with a notice at its head where settlements that it tells of were taken back later: ``gone``, by which request."""
    say = Words(sheet.lang)
    notes = tuple(say(
        f"注意：结算 {setl_id} 后来已被请求 {by} 撤销，以下内容不再有效；撤销与重新结算的内容见 yibao explain {by}",
        f"Note: settlement {setl_id} was taken back later, by the request {by}, and is no longer in force. What was taken back, "
        f"and what was settled in its place, is shown by yibao explain {by}") for setl_id, by in gone.items())
    return replace(sheet, sections=(Section("", notes=notes), *sheet.sections)) if notes else sheet


def fees_of(body: Any) -> Any:
    """The body whose fees are listed: a correction's claim stands within its request."""
    if not isinstance(body.request, Correction):
        return body
    return made(ClaimRefused, request=body.request.claim, checked=body.checked, priced=body.priced, settled=None)


def _asked(event: Event, book: Book | None, say: Words) -> Section:
    asked = event.body.request
    agency = say.place(asked.setl_optins, book) if asked.setl_optins is not None else ""
    pairs = [
        (say("请求编号", "request id"), event.attributes.request_id),
        (say("人员编号", "person"), asked.psn_no),
        (say("申请方", "asked by"), say(f"经办机构 {agency}", f"agency of {agency}") if agency else str(asked.fixmedins_code)),
        (say("原结算", "settlement"), getattr(asked, "setl_id", None) or say(f"请求 {asked.omsgid} 的结算", f"of request {asked.omsgid}")),
        (say("申请日期", "date"), str(asked.date)),
        (say("原因", "reason"), say.name(REASONS, asked.reason)),
    ]
    return Section("", tuple(map(Row, pairs)))


def _taken_back(one: Undone, book: Book | None, say: Words) -> Section:
    head = claim.head(one.original.body, one.omsgid, book, say)
    return Section(say(f"撤销的结算 {one.setl_id}", f"Taken back: settlement {one.setl_id}"), head.rows, notes=tuple(claim.examples(one.original.body, say)))


def _mirror(one: Undone, say: Words) -> Section:
    was, mirror = one.original.settlement, one.mirror
    rows = tuple(
        Row((say.name(AMOUNT, name), yuan(getattr(was, name)), yuan(getattr(mirror, name))), total=name in ("fund_pay_sumamt", "medfee_sumamt"))
        for name in PAID if getattr(was, name) or name in ("fund_pay_sumamt", "psn_cash_pay", "medfee_sumamt")
    )
    notes = (say(
        "账户支付退回账户，家庭共济支付退回共济余额（按共济人分别记，不退到其个人账户），现金退还本人，基金支付退回基金。",
        "What the account paid goes back to it, what the family wallet paid to the wallet (each sharer's part to that part, not to the "
        "sharer's account), cash to the person, the funds' to the funds."),)
    columns = (Column(say("项目", "item")), Column(say("原结算", "settled"), True), Column(say("撤销", "taken back"), True))
    return Section(say("各方退回（元）", "What goes back (yuan)"), rows, columns, notes)


def _steps(one: Undone, say: Words) -> Section:
    """Each step with the other sign; what chose its value stands in the statement of the settlement."""
    rows = tuple(
        Row((str(number), say.name(KINDS, step.kind), yuan(step.base), yuan(step.amount)), (say(f"规则 {step.rule}", f"Rule {step.rule}"),))
        for number, step in enumerate(one.mirror.steps, 1))
    columns = (Column("#", True), Column(say("步骤", "step")), Column(say("基数", "from"), True), Column(say("结果", "result"), True))
    return Section(say("逐步冲回（元）", "Steps taken back (yuan)"), rows, columns)


def _owed(settled: Reversed, say: Words) -> Section | None:
    """Each settlement in the place of another, and what changes between person and fund."""
    if not settled.again:
        return None
    rows = tuple(
        Row((again.init_setl_id, again.setl_id, *(yuan(again.owed[name]) for name in ("fund_pay_sumamt", "acct_pay", "psn_cash_pay"))),
            (_who_owes(again.owed["psn_cash_pay"], say),))
        for again in settled.again)
    columns = (
        Column(say("原结算", "old")), Column(say("新结算", "new")), Column(say("基金差额", "funds"), True),
        Column(say("账户差额", "account"), True), Column(say("现金差额", "cash"), True))
    return Section(say("重新结算的差额（元，新减旧）", "Settled again: what changes (yuan, new less old)"), rows, columns)


def _who_owes(cash: int, say: Words) -> str:
    if not cash:
        return say("现金不补不退。", "No cash is due.")
    if cash > 0:
        return say(f"参保人补交现金 {yuan(cash)}。", f"The person pays {yuan(cash)} more in cash.")
    return say(f"退还参保人现金 {yuan(-cash)}。", f"The person gets {yuan(-cash)} back in cash.")


def _moved(moved: Moved, book: Book | None, say: Words) -> Iterator[Section]:
    for key, found in moved.entries.items():
        kind, _, rest = key.partition(":")
        if kind == "year":
            year, place, insutype = rest.split("/")
            title = say(f"{year} 年度累计（元），{say.place(place, book)}，{insutype}", f"Accumulators of {year} (yuan), {say.place(place, book)}, {insutype}")
            rows = [Row((say.accumulator(name), *moved_cells(name, found))) for name in sorted({*found.before, *found.after})]
        else:
            title = say(f"住院累计（元），{rest}", f"The stay (yuan), {rest}")
            rows = [*stay_rows(found, say)]
        yield Section(title, tuple(rows), moved_columns(say("累计项目", "accumulator"), say))
    rows = [Row((say(f"个人账户余额（{name}）", f"balance of the account ({name})"), *moved_cells("balc", one))) for name, one in moved.accounts.items()]
    if moved.wallet is not None:
        rows += [Row((say(f"共济人 {who}", f"from {who}"), *moved_cells(who, moved.wallet))) for who in sorted(moved.wallet.after)]
    yield Section(say("账户（元）", "Account (yuan)"), tuple(rows), moved_columns(say("项目", "item"), say))
