"""Law 3 from settlement to settlement: what a verdict names as before must be what the last one left behind.

The audit folds what stands on the road, right or wrong: after a verdict that does not fit, the next one is compared
with what that verdict says, so that one false record is found once and what was built on it is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from contracts.base import altered, made
from contracts.envelope import Attributes, Record
from contracts.events import BODIES
from contracts.events.claim import Claim, Movement
from contracts.keys import content_hash
from contracts.wire import Event, event_of, to_json
from policies import invoices, once, visits
from policies.accumulators import Purse, stay_key, year_key
from policies.judged import Judged
from policies.reversal.folded import new_bodies
from policies.reversal.history import NONE, setl_key
from policies.reversal.kinds import DONE
from policies.review.inner import as_claim, held_key, held_of, inner
from policies.settlement.facts import is_stay
from policies.settlement.stage import Entry
from policies.stage import State, View

MOVES = frozenset({"account.debited", "wallet.shared", "wallet.credited"})
"""Types that move a purse and no accumulators: what a verdict of theirs must hold is an account or a wallet."""
SETTLES = frozenset({"claim.settled", "review.settled", "reimbursement.settled"})
QUOTES = frozenset({"claim.quoted", "reimbursement.quoted"})
"""Types that settle a bill (its own, or the held one that a decision holds), and those that would: they move nothing."""
HELD = frozenset({"claim.held", "review.closed"})
REVERSALS = frozenset(DONE.values())
FOLLOWED = MOVES | SETTLES | QUOTES | HELD | REVERSALS | {"account.credited"}
"""Types that name or move a state."""


def followed(judged: Judged, attributes: Attributes, value: bytes, sections: dict[str, Any]) -> Event | None:
    """The terminal event, if its state can be followed. The person is the request's, whatever the key became."""
    if attributes.type not in FOLLOWED:
        return None
    if any(part is None for part in _parts(attributes.type, inner(sections))):
        judged.tell("verdict_differs", -1, detail=f"{attributes.type} without what it moves")
        return None
    body = BODIES[attributes.type].model_construct(**sections)
    return Event(attributes, sections["request"].psn_no.encode(), value, body, headers=())


def _parts(type: str, sections: dict[str, Any]) -> tuple[object, ...]:
    """What an event of ``type`` must hold so that its state can be followed."""
    settled = sections.get("settled")
    if type == "account.credited":
        return ()
    if type in HELD:
        return (settled,) if type == "claim.held" else (settled.held,)
    if type in REVERSALS:
        return (settled.moved,)
    if type in MOVES:
        return (_named(settled, "wallet" if type == "wallet.credited" else "account"),)
    held = (sections["checked"].insured, settled.year, settled.accumulators, settled.account)
    stays = settled.version > 1 and is_stay(sections["request"].med_type)  # version 1 did not name the stay
    return (*held, settled.stay) if stays else held


def compare(judged: Judged, state: State) -> None:
    """Tells where the event names another state before than the one known, and folds it."""
    event = judged.event
    if event is None:
        return
    for code, found, expected, detail in differences(state.view(event), event):
        judged.tell(code, -1, found, expected, detail)
    state.fold(event)


def differences(view: View, event: Event) -> Iterator[tuple[str, object, object, str]]:
    """Code, value found, value expected and detail of each state that the event names otherwise than ``view``."""
    if event.type == "account.credited":
        return
    settled, purse = event.body.settled, view.person or Purse()
    yield from _before(view, event)
    gone = {one.setl_id for one in settled.undone} if event.type in REVERSALS else set()
    for key in _invoices(event):
        if (user := view.entries[key]) and user not in gone:
            yield "invoice_used_twice", event.attributes.id, user, key
    yield from _visits(view, event)[1]
    for insutype, account in _accounts(event).items():
        if account.before.get("balc", 0) != purse.balance(insutype):
            yield "balance_differs", account.before.get("balc", 0), purse.balance(insutype), insutype
    if (wallet := _wallet(event)) is not None and wallet.before != purse.shared():
        yield "balance_differs", wallet.before, purse.shared(), "wallet"
    for one in settled.undone if event.type in REVERSALS else ():
        if (found := _hash(one.original.body)) != (known := view.entries[setl_key(one.setl_id)]):
            yield "original_differs", found, known, one.setl_id


def _invoices(event: Event) -> tuple[str, ...]:
    """The entries of the invoices of the bills that the event settles or takes back."""
    return tuple(dict.fromkeys(key for _, claim in _bills(event) for key in invoices.keys(claim)))


def _visits(view: View, event: Event) -> tuple[View, list[tuple[str, object, object, str]]]:
    """The state after what the event pays of visits and takes back, and what it pays that was paid the other way."""
    found = list[tuple[str, object, object, str]]()
    for one in event.body.settled.undone if event.type in REVERSALS else ():
        view = visits.freed(view, one.original.claim, one.setl_id)
    for id, claim in _bills(event):
        if id != invoices.FREE:
            found += [("visit_paid_twice", id, by, key) for key in visits.keys(claim) for by in visits.paid(claim, view)]
            view = visits.taken(view, view, claim, id)
    return view, found


def _before(view: View, event: Event) -> Iterator[tuple[str, object, object, str]]:
    for key, moved in moved_entries(event).items():
        known = view.entries[key] or {}
        if moved.before != known:
            yield "before_differs", moved.before, known, key


@dataclass(frozen=True, slots=True)
class Followed:
    """The audit's own state, in the shape of a stage, so that ``State`` and the ledger keep it: purses, years, invoices, visits,
    and of each settlement in force its hash."""

    name: str = "audit"
    person: TypeAdapter[Any] = TypeAdapter(Purse)
    entry: TypeAdapter[Any] = TypeAdapter(Entry)

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in FOLLOWED

    def needs(self, event: Event) -> tuple[str, ...]:
        undone = event.body.settled.undone if event.type in REVERSALS else ()
        bills = dict.fromkeys(key for _, claim in _bills(event) for key in once.keys(claim))
        return (*moved_entries(event), *bills, *(setl_key(one.setl_id) for one in undone))

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return ()

    def decide(self, event: Event, view: View) -> Event:
        return event

    def fold(self, view: View, event: Event) -> View:
        """What the event says is after, whatever was before; a quote moves nothing."""
        purse = view.person or Purse()
        if event.type == "account.credited":
            return View(purse.moved(event.body.request.insutype, event.body.request.crdt_amt))
        if event.type in QUOTES:
            return view
        after = {insutype: account.after.get("balc", 0) for insutype, account in _accounts(event).items()}
        if after:
            purse = altered(purse, balances={**purse.balances, **after})
        if (wallet := _wallet(event)) is not None:
            purse = purse.with_wallets(wallet.after)
        used = {key: id for id, claim in _bills(event) for key in invoices.keys(claim)}
        seen = {key: view.entries.get(key) for _, claim in _bills(event) for key in visits.keys(claim)}
        paid = _visits(View(None, seen), event)[0].entries if seen else {}
        return View(purse, {key: dict(moved.after) for key, moved in moved_entries(event).items()} | used | paid | _settlements(event))


def _settlements(event: Event) -> dict[str, str]:
    """The hash of each settlement that the event puts in force; NONE for what it takes back."""
    if event.type in SETTLES:
        return {setl_key(event.attributes.id): _hash(as_claim(event.body))}
    if event.type not in REVERSALS:
        return {}
    gone = {setl_key(one.setl_id): NONE for one in event.body.settled.undone}
    return gone | {setl_key(again.setl_id): _hash(body) for again, body in new_bodies(event.body)}


def _hash(body: Any) -> str:
    return content_hash(to_json(body))


def _named(settled: Any, name: str) -> Movement | None:
    """The movement ``name`` of a section; None where it has none."""
    return getattr(settled, name, None)


def _accounts(event: Event) -> dict[str, Movement]:
    """What the verdict moves of accounts, by type of insurance."""
    if event.type in HELD:
        return {}
    if event.type in REVERSALS:
        return event.body.settled.moved.accounts
    account = _named(event.body.settled, "account")
    insutype = as_claim(event.body).checked.insured.insutype if event.type in SETTLES | QUOTES else event.body.request.insutype
    return {insutype: account} if account is not None else {}


def _wallet(event: Event) -> Movement | None:
    return event.body.settled.moved.wallet if event.type in REVERSALS else _named(event.body.settled, "wallet")


def _bills(event: Event) -> Iterator[tuple[str, Claim]]:
    """The settlement and the claim by which invoices are used; empty for what is taken back, which comes first."""
    if event.type in SETTLES | QUOTES:
        yield event.attributes.id, as_claim(event.body).request
    elif event.type in REVERSALS:
        yield from ((invoices.FREE, one.original.claim) for one in event.body.settled.undone)
        yield from ((again.setl_id, body.request) for again, body in new_bodies(event.body))


def moved_entries(event: Event) -> dict[str, Movement]:
    """What a verdict on a claim moves, by the entry that holds it: accumulators of the year, the stay, and the held claim."""
    if event.type in REVERSALS:
        return event.body.settled.moved.entries
    if event.type == "claim.held":
        return {held_key(event.attributes.id): made(Movement, before={}, movement={}, after=_mark(event))}
    if event.type not in SETTLES | QUOTES | HELD:
        return {}
    closed = {} if not event.type.startswith("review.") else {
        held_key(held_of(event).id): made(Movement, before=_mark(event), movement={}, after={})}
    if event.type == "review.closed":
        return closed
    body = as_claim(event.body)
    claim, insured, settled = body.request, body.checked.insured, body.settled
    moved = {year_key(settled.year, insured.insuplc_admdvs, insured.insutype): settled.accumulators, **closed}
    return moved | ({stay_key(claim.fixmedins_code, claim.mdtrt_id): settled.stay} if settled.stay is not None else {})


def _mark(event: Event) -> dict[str, int]:
    """The held claim as a number, so that a decision is compared with what was held without keeping it twice."""
    return {"mark": int(content_hash(to_json(held_of(event)))[:15], 16)}
