"""Tables of the demo: verdicts, refusals, accumulators, last numbers."""

from rich.box import SIMPLE_HEAD

from contracts.money import yuan
from contracts.wire import SECTIONS, Event
from policies.book import Book
from policies.statement.words import CARE, Words
from services.cli.console import Table

ZH, EN = Words("zh"), Words("en")


def verdict_table(events: list[Event], book: Book) -> Table:
    """One row a claim or quote: who, where, what, and who pays."""
    table = Table(title="结算 / settlements (元 / yuan)", box=SIMPLE_HEAD, show_lines=True, padding=(0, 1, 0, 0))
    for name in ("请求、人员\nrequest, person", "就医地 → 参保地\ncare → insured"):
        table.add_column(name, overflow="fold")
    for name in ("总额、基金\ntotal, funds", "账户、现金\naccount, cash"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("结论\nverdict", overflow="fold")
    for event in events:
        if not event.type.startswith(("claim.", "quote.")):
            continue
        claim, settled = event.body.request, getattr(event.body, "settled", None)
        paid = settled is not None and settled.verdict == "settled"
        amounts = [yuan(n) for n in (settled.fund_pay_sumamt, settled.acct_pay, settled.psn_cash_pay)] if paid else ["", "", ""]
        table.add_row(
            f"{event.attributes.request_id}\n{claim.psn_no}",
            f"{places(event, book)}\n{ZH.coded(CARE, claim.med_type)}\n{EN.coded(CARE, claim.med_type)}",
            f"{yuan(claim.medfee_sumamt)}\n{amounts[0]}", f"{amounts[1]}\n{amounts[2]}",
            told(event).replace(" / ", "\n"), style=None if paid else "yellow",
        )
    return table


def refusal_table(events: list[Event]) -> Table:
    """One row a reason: what was refused, why, and what to do."""
    table = Table(title="拒绝与原因 / refusals", show_lines=True)
    for name in ("请求 / request", "原因 / reason", "办法 / remedy"):
        table.add_column(name, overflow="fold")
    for event in events:
        for why in reasons(event):
            table.add_row(event.attributes.request_id, f"{why.zh}\n{why.en}", f"{why.remedy_zh}\n{why.remedy_en}")
    return table


def number_table(numbers: dict[str, list[int]]) -> Table:
    """The last kept number of each partition: equal on all topics when every request has its one verdict."""
    width = max(map(len, numbers.values()), default=0)
    table = Table("主题 / topic", *(f"p{p}" for p in range(width)), title="各分区末号 / last kept req a partition")
    for name, row in numbers.items():
        table.add_row(name, *map(str, row))
    return table


def places(event: Event, book: Book) -> str:
    """``place of care -> place of insurance`` as far as the event knows them."""
    checked = event.body.checked
    care = checked.provider.admdvs if checked.provider else "?"
    if checked.insured is None:
        return f"{care} → ?"
    region = book.regions.get(checked.insured.insuplc_admdvs)
    return f"{care} → {region.zh if region else checked.insured.insuplc_admdvs}"


def told(event: Event) -> str:
    """The verdict in a word or two."""
    words = {
        "claim.settled": "已结算 / settled", "claim.quoted": "试算 / quoted", "claim.refused": "拒绝 / refused",
        "claim.held": "暂缓 / held", "review.settled": "审核后已结算 / settled", "review.closed": "审核不予支付 / refused",
        "review.refused": "决定未受理 / refused",
        "quote.refused": "试算拒绝 / refused", "request.repeated": "重复 / repeated", "request.refused": "冲突 / conflict",
        "request.unreadable": "无法读取 / unreadable", "enrolment.recorded": "已登记 / recorded",
        "account.credited": "已划入 / credited", "account.debited": "已转出 / debited", "account.refused": "未转出 / refused",
        "wallet.shared": "已共济 / shared", "wallet.refused": "未共济 / refused",
        "reimbursement.settled": "已报销 / reimbursed", "reimbursement.quoted": "报销试算 / quoted",
        "reimbursement.pending": "报销待补 / pending", "reimbursement.refused": "报销拒绝 / refused",
        "trial.pending": "试算待补 / pending", "trial.refused": "试算拒绝 / refused",
        "claim.reversed": "已撤销 / reversed", "claim.corrected": "已更正 / corrected", "claim.undone": "已冲正 / undone",
        "reversal.refused": "未撤销 / refused", "correction.refused": "未更正 / refused", "undo.refused": "未冲正 / refused",
        "reversal.repeated": "此前已撤销 / repeated", "undo.repeated": "此前已冲正 / repeated", "request.undone": "未到达，已冲正 / undone",
        "wallet.credited": "共济到账 / received", "wallet.returned": "共济退回 / returned",
    }
    if event.type == "filing.decided":
        return {"accepted": "备案通过 / accepted", "pending": "备案待补正 / pending"}.get(event.body.filed.verdict, "备案拒绝 / refused")
    return words.get(event.type, event.type)


def reasons(event: Event) -> list:
    """The reasons of a verdict, from its last section."""
    sections = [getattr(event.body, name, None) for name in SECTIONS.values()]
    last = [section for section in sections if section is not None]
    return list(getattr(last[-1], "reasons", ())) if last else []
