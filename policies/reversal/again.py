"""Takes settlements back, the last one first, and settles claims in their place, in order: one decision, one record.

What is settled again has the facts, dates, rulebook and account choice of its first decision, and the balances of its own
day: what came into a purse later is not spent by it. It is decided as if what is undone had never been.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts.base import made
from contracts.events.claim import ClaimPriced, ClaimSettled, Movement, Settled
from contracts.events.reversal import Again, Moved, Original, Reversed, Undone
from contracts.keys import derived_id
from contracts.money import yuan
from contracts.reasons import Bilingual, Reason, reason
from policies import accumulators, once
from policies.accumulators import Purse
from policies.book import Book
from policies.reversal import sides
from policies.reversal.history import Done
from policies.reversal.mirror import mirror_of, moving, taken_from
from policies.settlement import claims
from policies.settlement.entries import entry_keys
from policies.stage import View

OWED = ("fund_pay_sumamt", "acct_pay", "psn_cash_pay")
Sums = Mapping[str, int]


@dataclass(frozen=True)
class Running:
    """The state while settlements go and come. ``entries``: years and stays; the rest is what balances have moved by so far."""

    entries: Mapping[str, Sums]
    accounts: Sums = field(default_factory=dict)
    wallet: Sums = field(default_factory=dict)

    def holding(self, more: Mapping[str, Sums]) -> "Running":
        return replace(self, entries={**more, **self.entries})

    def put(self, keys: Sequence[str], year: Movement | None, stay: Movement | None) -> "Running":
        after = {key: moved.after for key, moved in zip(keys, (year, stay), strict=False) if moved is not None}
        return replace(self, entries={**self.entries, **after})

    def paid(self, insutype: str, settled: Settled, sign: int = 1) -> "Running":
        """With what a settlement moved of the purses; ``sign`` -1: without it."""
        account = {insutype: sign * _moves(settled.account).get("balc", 0)}
        wallet = {who: sign * amount for who, amount in _moves(settled.wallet).items()}
        return replace(self, accounts=_sum(self.accounts, account), wallet=_sum(self.wallet, wallet))

    def without(self, insutype: str, settled: Settled) -> "Running":
        return self.paid(insutype, settled, -1)


def affected(target: Done, later: Sequence[Done], new: ClaimPriced | None) -> list[Done]:
    """The later settlements that may come out otherwise: those that share a year, a stay or a purse with what changes."""
    touched = {*target.keys, *_purses(target.body.settled.acct_pay, target.body), *(_purses(1, new) if new is not None else ())}
    found = []
    for one in later:
        mine = {*one.keys, *_purses(1, one.body)}
        if mine & touched:
            touched |= mine
            found.append(one)
    return found


def _purses(paid: int, body: ClaimPriced) -> Iterator[str]:
    """The purses that a claim looks at, where it has ``paid`` from them or might."""
    claim = body.request
    if paid and claim.acct_used_flag != "0":
        yield f"account:{claim.insutype}"
    if paid and claim.acct_used_flag == "2":
        yield "wallet"


def take_back(gone: Sequence[Done], view: View) -> tuple[list[Undone], Running]:
    """The mirrors of ``gone``, the last one first, and the state without them."""
    purse = view.person or Purse()
    running = Running({key: view.entries.get(key) or {} for done in gone for key in done.keys})
    found = []
    for done in reversed(gone):
        settled, insutype = done.body.settled, done.body.checked.insured.insutype
        year, *stay = done.keys
        moved = {
            "accumulators": taken_from(running.entries[year], settled.accumulators),
            "stay": taken_from(running.entries[stay[0]], settled.stay) if stay else None,
            "account": _purse_back({"balc": purse.balance(insutype) + running.accounts.get(insutype, 0)}, settled.account),
            "wallet": _purse_back(_sum(purse.shared(), running.wallet), settled.wallet),
        }
        running = running.put(done.keys, moved["accumulators"], moved["stay"]).without(insutype, settled)
        found.append(made(
            Undone, setl_id=done.setl_id, omsgid=done.omsgid, number=done.number, original=Original.of_event(done.body),
            mirror=mirror_of(settled, moved)))
    return found, running


def settle_again(
    gone: Sequence[Done], new: ClaimPriced | None, by: str, running: Running, beside: View, book: Book
) -> tuple[list[Again], Running]:
    """Settlements in the places of ``gone``: of the first one ``new``, or none; of the others what they were decided from.

    ``by``: the id of the request; ``beside``: entries of other kinds, without those of ``gone``. Raises NotAgain.
    """
    found, shift = list[Again](), Running({})
    for done in gone:
        was, insutype, first = done.body.settled, done.body.checked.insured.insutype, done is gone[0]
        hand, shift = _hand(was, insutype, shift), shift.without(insutype, was)
        body = new if first else done.body
        if body is not None:
            settled = _reviewed(body, hand, running, beside, book) if first else _as_first(done, hand, running, book)
            shift, running = shift.paid(insutype, settled), running.put(entry_keys(
                body.request, body.checked, settled.year), settled.accumulators, settled.stay).paid(insutype, settled)
            found.append(_again(done, settled, by if first else done.omsgid, by))
            beside = _holding(beside, body, found[-1])
    return found, running


def _holding(beside: View, body: ClaimPriced, new: Again) -> View:
    """``beside`` with what the new settlement holds. Raises NotAgain where one before it took an invoice of its, or its visit."""
    if used := [*once.used(body.request, beside)]:
        raise NotAgain(*used)
    whole = made(ClaimSettled, request=body.request, checked=body.checked, priced=body.priced, settled=new.settlement)
    return sides.taken(beside, whole, new.setl_id)


class NotAgain(Exception):
    """A claim that cannot be settled again, with the reasons."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(reasons[0].en)
        self.reasons = reasons


def _hand(was: Settled, insutype: str, shift: Running) -> Purse:
    """What the purses held on the day, had everything before been as it is now."""
    held = was.wallet.before if was.wallet is not None else {}
    balance = was.account.before.get("balc", 0) if was.account is not None else 0
    purse = Purse(balances={insutype: max(0, balance + shift.accounts.get(insutype, 0))})
    return purse.with_wallets({who: max(0, held[who] + shift.wallet.get(who, 0)) for who in held})


def _reviewed(body: ClaimPriced, hand: Purse, running: Running, beside: View, book: Book) -> Settled:
    """The claim of a correction, settled like any other; whoever corrects has looked at it, so it is not held. Raises NotAgain."""
    recent = beside.person.recent if beside.person is not None else ()
    view = View(hand.model_copy(update={"recent": recent}), {**beside.entries, **running.entries})
    settled = claims.settled(body, view, book, quoted=True)
    if settled.verdict != "settled":
        raise NotAgain(*settled.reasons)
    return settled


def _as_first(done: Done, hand: Purse, running: Running, book: Book) -> Settled:
    """A settlement decided again by the rulebook that it had, with the review that it had. Raises NotAgain."""
    was = done.body.settled
    deciding = book.named(was.rulebook)
    if deciding is None:
        raise NotAgain(reason("other_rulebook", was.rulebook, setl_id=done.setl_id, rulebook=was.rulebook[:12]))
    body = made(ClaimPriced, request=done.body.request, checked=done.body.checked, priced=done.body.priced)
    settled = claims.again(body, was.review, View(hand, running.entries), deciding)
    if settled.verdict != "settled":
        raise NotAgain(reason("not_again", None, setl_id=done.setl_id, why=settled.reasons[0].code), *settled.reasons)
    return settled


def _again(done: Done, settled: Settled, omsgid: str, by: str) -> Again:
    was = done.body.settled
    return made(
        Again, init_setl_id=done.setl_id, setl_id=derived_id(by, "claim.settled", done.setl_id), omsgid=omsgid,
        number=done.number, settlement=settled, owed={name: getattr(settled, name) - getattr(was, name) for name in OWED})


def lacked(settled: Reversed) -> tuple[str, ...]:
    """The digests of the rulebooks that a verdict says were not at hand."""
    return tuple(why.field for why in settled.reasons if why.code == "other_rulebook" and why.field)


def moved_in_all(undone: Sequence[Undone], view: View, running: Running) -> Moved:
    """What leaves the state as ``running`` has it. Raises NotAgain where a balance would fall below zero."""
    purse = view.person or Purse()
    entries = {key: _between(view.entries.get(key) or {}, after) for key, after in running.entries.items()}
    accounts = {one.original.eligibility.insured.insutype for one in undone}
    moved = {name: _purse({"balc": purse.balance(name)}, {"balc": running.accounts.get(name, 0)}, name) for name in sorted(accounts)}
    wallet = _purse(purse.shared(), running.wallet, "wallet") if purse.wallets else None
    return made(Moved, entries=entries, accounts=moved, wallet=wallet)


def _between(before: Sums, after: Sums) -> Movement:
    return moving(before, {name: after.get(name, 0) - before.get(name, 0) for name in {**before, **after}})


def _purse_called(name: str) -> Bilingual:
    """The wallet, or the account under a type of insurance."""
    wallet = Bilingual("家庭共济", "the family wallet")
    return wallet if name == "wallet" else Bilingual(f"险种 {name} 的个人账户", f"the account under {name}")


def _purse(before: Sums, moved: Sums, what: str) -> Movement:
    for name, amount in moved.items():
        if before.get(name, 0) + amount < 0:
            raise NotAgain(reason("balance_spent", None, what=_purse_called(what), balance=yuan(before.get(name, 0) + amount)))
    return accumulators.movement(before, moved)


def _purse_back(before: Sums, moved: Movement | None) -> Movement | None:
    """A purse after what was taken from it came back; every sharer keeps the place."""
    if moved is None:
        return None
    return accumulators.movement(before, {name: -amount for name, amount in moved.movement.items()})


def _moves(moved: Movement | None) -> Sums:
    return moved.movement if moved is not None else {}


def _sum(one: Sums, other: Sums) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}
