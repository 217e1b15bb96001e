"""Receipts of what moves an account or a wallet alone: debits, sharings, credits to the wallet, and what went back."""

from collections.abc import Iterator
from typing import Any

from contracts.events.claim import Movement
from contracts.money import yuan
from contracts.wire import Event
from policies.book import Book
from policies.names import KINDRED
from policies.statement.paper import Column, Row, Section
from policies.statement.words import INSURANCES, Names, Words

TITLES: Names = {
    "account.debited": ("个人账户转出回执", "Personal account debited"),
    "account.refused": ("个人账户转出未通过通知", "Debit of the personal account refused"),
    "wallet.shared": ("家庭共济回执（共济人）", "Family wallet: shared by the account holder (家庭共济)"),
    "wallet.refused": ("家庭共济未通过通知", "Family wallet: sharing refused (家庭共济)"),
    "wallet.credited": ("家庭共济到账回执（被共济人）", "Family wallet: received by the relative (家庭共济)"),
    "wallet.returned": ("家庭共济退回通知", "Family wallet: returned to the sharer (家庭共济)"),
}


def facts(event: Event, book: Book | None, say: Words, notes: tuple[str, ...] = ()) -> Section:
    """Who, to or from whom, how much and when."""
    asked = event.body.request
    pairs = [
        (say("请求编号", "request id"), event.attributes.request_id), (say("人员编号", "person"), asked.psn_no),
        *_parties(asked, book, say), (say("险种", "insurance"), say.coded(INSURANCES, asked.insutype)),
        (say("金额（元）", "amount (yuan)"), yuan(asked.amt)), (say("日期", "date"), str(asked.date)),
    ]
    return Section("", tuple(map(Row, pairs)), notes=notes)


def purses(event: Event, say: Words) -> Section | None:
    """The account, or each sharer's part of the wallet: before, movement, after (law 3); None where nothing moves."""
    settled = event.body.settled
    account, wallet = getattr(settled, "account", None), getattr(settled, "wallet", None)
    rows = [Row((say("个人账户余额", "balance of the account"), *_moved("balc", account)))] if account else []
    rows += [Row((say(f"共济人 {who}", f"from {who}"), *_moved(who, wallet))) for who in sorted(wallet.after)] if wallet else []
    columns = [Column(say("项目", "item"))]
    columns += [Column(say(*names), True) for names in (("之前", "before"), ("本次", "movement"), ("之后", "after"))]
    return Section(say("账户（元）", "Account (yuan)"), tuple(rows), tuple(columns)) if rows else None


def _parties(asked: Any, book: Book | None, say: Words) -> Iterator[tuple[str, str]]:
    if hasattr(asked, "user_psn_no"):
        yield say("被共济人", "shared with"), asked.user_psn_no
        yield say("亲属关系", "kin"), say.name(KINDRED, asked.kin)
        yield say("被共济人参保地", "relative insured in"), say.place(asked.user_insuplc_admdvs, book)
    if hasattr(asked, "sharer"):
        yield say("共济人", "shared by"), asked.sharer
        yield say("共济事件", "sharing"), asked.shar_id


def _moved(name: str, found: Movement) -> tuple[str, ...]:
    return tuple(yuan(part.get(name, 0)) for part in (found.before, found.movement, found.after))
