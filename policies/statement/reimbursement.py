"""The sections of a manual reimbursement (手工报销): the application, its papers and deadline, and what is paid to the person."""

from collections.abc import Iterator

from contracts.events.reimbursement import Papers, Reimbursement, ReimbursementSettled
from contracts.money import yuan
from policies.book import Book
from policies.reimbursement.papers import NAMES
from policies.reimbursement.rules import paper
from policies.statement.paper import Column, Row, Section
from policies.statement.words import Names, Words

TITLES: Names = {
    "reimbursement.settled": ("手工报销结算单", "Statement of a manual reimbursement (手工报销结算单)"),
    "reimbursement.quoted": ("手工报销预结算单（试算，不作为凭证，不影响累计）", "Trial of a manual reimbursement (not binding, moves nothing)"),
    "reimbursement.pending": ("手工报销待补通知", "Manual reimbursement pending: something is still due"),
    "reimbursement.refused": ("手工报销未通过通知", "Manual reimbursement refused"),
    "trial.pending": ("手工报销试算：待补", "Trial of a manual reimbursement: something would still be due"),
    "trial.refused": ("手工报销试算未通过通知", "Trial of a manual reimbursement refused"),
}
SETTLED = ("reimbursement.settled", "reimbursement.quoted")
PAYERS: Names = {
    "self": ("本人", "the patient"), "relative": ("亲属", "a relative"), "employer": ("单位", "the employer"), "school": ("学校", "the school"),
}


def application(asked: Reimbursement, papers: Papers | None, place: str, book: Book | None, say: Words, notes: tuple[str, ...]) -> Section:
    """What was applied for, when and how, with which papers; ``notes``: the texts that ask for it. ``place``: of insurance."""
    pairs = [
        (say("零星报销原因", "reason"), say.name(NAMES, asked.manl_reim_rea)), (say("垫付人", "paid by"), say.name(PAYERS, asked.payer)),
        (say("申请日期", "applied on"), str(asked.appl_date)), (say("申请渠道", "channel"), say.name(NAMES, asked.channel)),
        *([(say("批次号", "batch"), asked.batch_no)] if asked.batch_no else []),
        *([(say("预审", "copies checked first"), say("是", "yes"))] if asked.precheck_flag == "1" else []),
        *([(say("补充的请求", "completes"), asked.completes)] if asked.completes else []),
        *((say(f"发票 {one.invono}", f"invoice {one.invono}"), yuan(one.invo_amt)) for one in asked.invoinfo),
        *(_papers(papers, place, book, say) if papers is not None else ()),
        (say("收款账户登记号", "account reference"), asked.acct_ref),
    ]
    return Section(say("手工报销申请", "The application"), tuple(map(Row, pairs)), notes=notes)


def _papers(papers: Papers, place: str, book: Book | None, say: Words) -> Iterator[tuple[str, str]]:
    def called(code: str) -> str:
        found = paper(book.reimbursement if book is not None else {}, place, code)
        return say.beside(say(found.zh, found.en), code) if found.zh != code else code

    if papers.pending is not None:
        yield say("首次申请日期", "first applied on"), str(papers.appl_date)
    late = say(f"（逾期 {papers.days_late} 天）", f" (days late: {papers.days_late})") if papers.days_late else ""
    yield say("申请期限", "deadline"), (str(papers.deadline) if papers.deadline else say("未定", "none is set")) + late
    yield say("已收材料", "papers there"), say("、", ", ").join(map(called, papers.handed_in)) or say("无", "none")
    for group in papers.missing:
        yield say("缺少材料", "paper missing"), say(" 或 ", " or ").join(map(called, group))
    if papers.until is not None:
        yield say("补齐期限", "to be completed until"), str(papers.until)


def paid(body: ReimbursementSettled, say: Words) -> Section:
    """What the person, who paid the whole bill, gets back, and to which account."""
    settled = body.settled
    parts = [
        (say("基金支付", "funds"), settled.fund_pay_sumamt), (say("个人账户支付", "personal account"), settled.acct_pay),
        (say("定额补贴", "allowance"), settled.allowance_pay),
        (say("已由他处支付", "paid elsewhere before"), settled.payable_amt - settled.fund_pay_sumamt - settled.acct_pay - settled.allowance_pay),
    ]
    shown = [(name, amount) for name, amount in parts if amount or name == parts[0][0]]
    total = Row(
        (say("应付个人", "paid to the person"), yuan(settled.payable_amt)), (say(f"付至账户登记号 {settled.acct_ref}", f"to account reference {settled.acct_ref}"),),
        total=True)
    columns = (Column(say("项目", "item")), Column(say("金额", "amount"), True))
    return Section(say("应付个人（元）", "Paid to the person (yuan)"), (*(Row((name, yuan(amount))) for name, amount in shown), total), columns)
