"""Persons' money that no claim moves: debits of the account, and the family wallet (家庭共济).

Decided in settlement, where the purses are. A sharing is checked on the sharer's road against the rule of the sharer's
place of insurance (``policies.family``; 江西: S141 to S143), and the credit that the courier makes of it on the user's
road against what is known of the user there. Whatever cannot be taken goes back: money is moved, never lost.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from contracts.base import altered
from contracts.events.account import AccountDebit, AccountMoved
from contracts.events.claim import Movement
from contracts.events.enrolment import Spell
from contracts.events.wallet import WalletCredit, WalletFilled, WalletRequest, WalletShare
from contracts.money import yuan
from contracts.reasons import Reason, no_rule, reason
from contracts.wire import Event, answer
from policies import VERSION, accumulators
from policies.accumulators import MAX_WALLETS, Purse
from policies.book import Book
from policies.family import FamilyRule
from policies.filing import spell_on
from policies.names import KINDRED, called, listed
from policies.settlement.kinds import Kind
from policies.stage import View

REFUSALS: Mapping[str, tuple[str, str, Any]] = {
    "account.debited": ("account.refused", "refused", AccountMoved),
    "wallet.requested": ("wallet.refused", "refused", WalletShare),
    "wallet.credited": ("wallet.returned", "returned", WalletFilled),
}


def refuse(event: Event, digest: str, reasons: tuple[Reason, ...], **facts: Any) -> Event:
    """The verdict that moves nothing; for a credit to the wallet it sends the money back."""
    type, verdict, section = REFUSALS[event.type]
    return answer(event, "settlement", type, section(
        verdict=verdict, reasons=reasons, rulebook=digest, policies=VERSION, **facts))


def fold(view: View, event: Event) -> View:
    """The purse after an event of KINDS that left settlement. Raises DoesNotFit."""
    purse, request = view.person or Purse(), event.body.request
    if event.type == "enrolment.recorded":
        return View(altered(purse, insuinfo=request.insuinfo))
    if event.type == "account.credited":
        return View(purse.moved(request.insutype, request.crdt_amt))
    settled = event.body.settled
    moved = accumulators.moved(
        purse, request.insutype, getattr(settled, "account", None), getattr(settled, "wallet", None))
    return View(moved)


def debit(event: Event, view: View, book: Book) -> Event:
    """``account.debited``: the balance suffices, or nothing moves."""
    request: AccountDebit = event.body.request
    purse = view.person or Purse()
    if reasons := tuple(_short(purse, request)):
        return refuse(event, book.digest, reasons)
    return answer(event, "settlement", "account.debited", AccountMoved(
        verdict="settled", account=_out_of(purse, request), rulebook=book.digest, policies=VERSION))


def share(event: Event, view: View, book: Book) -> Event:
    """``wallet.requested`` on the sharer's road."""
    request: WalletRequest = event.body.request
    purse = view.person or Purse()
    insured = spell_on([spell for spell in purse.insuinfo if spell.insutype == request.insutype], request.date)
    rule = _rule(book, insured, request)
    if reasons := (*_sharer(request, purse, insured, rule), *_short(purse, request)):
        return refuse(event, book.digest, reasons, insured=insured)
    return answer(event, "settlement", "wallet.shared", WalletShare(
        verdict="settled", insured=insured, source=rule.source if rule else None, account=_out_of(purse, request),
        rulebook=book.digest, policies=VERSION))


def fill(event: Event, view: View, book: Book) -> Event:
    """``wallet.credited`` on the user's road: the wallet takes it, or it is returned."""
    request: WalletCredit = event.body.request
    purse = view.person or Purse()
    rule = book.family(request.insuplc_admdvs, request.date)
    insured = _insured(purse, rule, request.date) if rule else None
    reasons = tuple(_user(request, purse, insured, rule))
    if reasons:
        return refuse(event, book.digest, reasons, insured=insured)
    wallet = accumulators.movement(purse.shared(), {request.sharer: request.amt})
    return answer(event, "settlement", "wallet.credited", WalletFilled(
        verdict="settled", insured=insured, source=rule.source if rule else None, wallet=wallet,
        rulebook=book.digest, policies=VERSION))


KINDS = {
    "account.debited": Kind(decide=debit, fold=fold), "wallet.requested": Kind(decide=share), "wallet.credited": Kind(decide=fill, fold=fold),
    "account.credited": Kind(fold=fold), "wallet.shared": Kind(fold=fold), "enrolment.recorded": Kind(fold=fold),
}
"""What needs the purse; none needs another entry."""


def _rule(book: Book, insured: Spell | None, request: WalletRequest) -> FamilyRule | None:
    rule = book.family(insured.insuplc_admdvs, request.date) if insured else None
    return rule if rule and rule.insutype == request.insutype else None


def _sharer(request: WalletRequest, purse: Purse, insured: Spell | None, rule: FamilyRule | None) -> Iterator[Reason]:
    if request.user_psn_no == request.psn_no:
        yield reason("shared_with_self", "user_psn_no")
    if not purse.insuinfo:
        yield reason("unknown_person", "psn_no", psn_no=request.psn_no)
    elif insured is None:
        yield reason("not_insured", "insutype", date=request.date, insutype=request.insutype)
    elif rule is None:
        yield _no_rule(insured.insuplc_admdvs, request.insutype, request.date)
    else:
        yield from _relative(request, rule)


def _relative(request: WalletRequest, rule: FamilyRule) -> Iterator[Reason]:
    if request.kin not in rule.kin:
        yield reason("kin_not_allowed", "kin", kin=called(KINDRED, request.kin), allowed=listed(called(KINDRED, one) for one in rule.kin))
    if not request.user_insuplc_admdvs.startswith(rule.scope):
        yield reason("wallet_elsewhere", "user_insuplc_admdvs", place=request.user_insuplc_admdvs)


def _user(request: WalletCredit, purse: Purse, insured: Spell | None, rule: FamilyRule | None) -> Iterator[Reason]:
    if rule is None:
        yield _no_rule(request.insuplc_admdvs, request.insutype, request.date)
    elif not purse.insuinfo:
        yield reason("unknown_person", "psn_no", psn_no=request.psn_no)
    elif insured is None:
        yield reason("not_insured_in_year", "psn_no", year=request.date.year)
    if request.sharer not in purse.shared() and len(purse.wallets) >= MAX_WALLETS:
        yield reason("wallet_full", "sharer", limit=MAX_WALLETS)


def _insured(purse: Purse, rule: FamilyRule, day: date) -> Spell | None:
    """The user's insurance by which the money may be used: on the day or, where the rule says so, in its year; the newest."""
    first, last = (date(day.year, 1, 1), date(day.year, 12, 31)) if rule.insured_in_year else (day, day)
    found = [spell for spell in purse.insuinfo if spell.insuplc_admdvs.startswith(rule.scope) and _touches(spell, first, last)]
    return max(found, key=lambda spell: spell.psn_insu_date) if found else None


def _touches(spell: Spell, first: date, last: date) -> bool:
    return spell.psn_insu_date <= last and (spell.paus_insu_date is None or first < spell.paus_insu_date)


def _short(purse: Purse, request: AccountDebit | WalletRequest) -> Iterator[Reason]:
    balance = purse.balance(request.insutype)
    if request.amt > balance:
        yield reason("insufficient_balance", "amt", balance=yuan(balance), amt=yuan(request.amt))


def _out_of(purse: Purse, request: AccountDebit | WalletRequest) -> Movement:
    return accumulators.movement({"balc": purse.balance(request.insutype)}, {"balc": -request.amt})


def _no_rule(place: str, insutype: str, day: date) -> Reason:
    return no_rule(
        None, f"家庭共济，参保地 {place}，险种 {insutype}，{day}", f"family wallet, place {place}, insutype {insutype}, {day}")
