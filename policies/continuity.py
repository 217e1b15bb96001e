"""Law 3 from settlement to settlement: what a verdict names as before must be what the last one left behind.

The audit folds what stands on the road, right or wrong: after a verdict that does not fit, the next one is compared
with what that verdict says, so that one false record is found once and what was built on it is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.base import altered
from contracts.envelope import Attributes, Record
from contracts.events.claim import Claim
from contracts.events.reversal import Undone
from contracts.wire import Event, event_of
from policies import invoices, once, visits
from policies.accumulators import Purse
from policies.judged import Judged
from policies.reversal.history import NONE, setl_key
from policies.review.inner import inner, named
from policies.settlement.facts import is_stay
from policies.settlement.stage import ENTRY, PURSE
from policies.stage import Codec, State, View
from policies.verdict import HELD, MOVES, QUOTES, REVERSALS, SETTLES, Facts, Verdict, facts_of, hash_of

FOLLOWED = MOVES | SETTLES | QUOTES | HELD | REVERSALS | {"account.credited"}
"""Types that name or move a state."""
NOBODY = Purse()
"""The purse of a person of whom nothing is known."""


def followed(judged: Judged, attributes: Attributes, value: bytes, sections: dict[str, Any], texts: Mapping[str, bytes]) -> Verdict | None:
    """The terminal event, if its state can be followed. ``texts``: see ``Verdict``."""
    if attributes.type not in FOLLOWED:
        return None
    if any(part is None for part in _parts(attributes.type, inner(sections))):
        judged.tell("verdict_differs", -1, detail=f"{attributes.type} without what it moves")
        return None
    return Verdict(attributes, value, sections, texts)


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
        return (named(settled, "wallet" if type == "wallet.credited" else "account"),)
    held = (sections["checked"].insured, settled.year, settled.accumulators, settled.account)
    stays = settled.version > 1 and is_stay(sections["request"].med_type)  # version 1 did not name the stay
    return (*held, settled.stay) if stays else held


def compare(judged: Judged, state: State) -> None:
    """Tells where the event names another state before than the one known, and folds it."""
    event = judged.event
    if event is None:
        return
    view = state.view(event)
    for code, found, expected, detail in differences(view, event):
        judged.tell(code, -1, found, expected, detail)
    state.put(state.folded(event, view))


Difference = tuple[str, object, object, str]


def differences(view: View, event: Event) -> Iterator[Difference]:
    """Code, value found, value expected and detail of each state that the event names otherwise than ``view``."""
    facts, purse, undone = facts_of(event), view.person or NOBODY, _undone(event)
    for key, moved in facts.moved.items():
        if moved.before != (known := view.entries[key] or {}):
            yield "before_differs", moved.before, known, key
    yield from _used_twice(view, event, facts.bills)
    yield from _paid_twice(view, facts.bills, undone)
    for insutype, account in facts.accounts.items():
        if account.before.get("balc", 0) != purse.balance(insutype):
            yield "balance_differs", account.before.get("balc", 0), purse.balance(insutype), insutype
    if facts.wallet is not None and facts.wallet.before != purse.shared():
        yield "balance_differs", facts.wallet.before, purse.shared(), "wallet"
    for one in undone:
        if (found := hash_of(one.original.body)) != (known := view.entries[setl_key(one.setl_id)]):
            yield "original_differs", found, known, one.setl_id


def _used_twice(view: View, event: Event, bills: Sequence[tuple[str, Claim]]) -> Iterator[Difference]:
    """The invoices of the bills that the event settles or takes back, and that another settlement uses."""
    keys = dict.fromkeys(key for _, claim in bills for key in invoices.keys(claim))
    gone = {one.setl_id for one in _undone(event)} if keys else ()
    for key in keys:
        if (user := view.entries[key]) and user not in gone:
            yield "invoice_used_twice", event.attributes.id, user, key


def _undone(event: Event) -> tuple[Undone, ...]:
    """The settlements that the event takes back."""
    return event.body.settled.undone if event.type in REVERSALS else ()


def _paid_twice(view: View, bills: Sequence[tuple[str, Claim]], undone: Sequence[Undone]) -> Iterator[Difference]:
    """The visits of the bills that were paid the other way, once what is taken back is no longer paid."""
    for one in undone:
        view = visits.freed(view, one.original.claim, one.setl_id)
    settled = [(id, claim) for id, claim in bills if id != invoices.FREE]
    for place, (id, claim) in enumerate(settled, 1):
        for by in visits.paid(claim, view):
            yield from (("visit_paid_twice", id, by, key) for key in visits.keys(claim))
        if place < len(settled):
            view = visits.taken(view, view, claim, id)


@dataclass(frozen=True, slots=True)
class Followed:
    """The audit's own state, in the shape of a stage, so that ``State`` and the ledger keep it: purses, years, invoices, visits,
    and of each settlement in force its hash."""

    name: str = "audit"
    person: Codec = PURSE
    entry: Codec = ENTRY

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in FOLLOWED

    def needs(self, event: Event) -> tuple[str, ...]:
        facts = facts_of(event)
        bills = dict.fromkeys([key for _, claim in facts.bills for key in once.keys(claim)])
        return (*facts.moved, *bills, *[setl_key(one.setl_id) for one in _undone(event)])

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return ()

    def decide(self, event: Event, view: View) -> Event:
        return event

    def fold(self, view: View, event: Event) -> View:
        """What the event says is after, whatever was before; a quote moves nothing."""
        purse = view.person or NOBODY
        if event.type == "account.credited":
            return View(purse.moved(event.body.request.insutype, event.body.request.crdt_amt))
        if event.type in QUOTES:
            return view
        facts = facts_of(event)
        after = {insutype: account.after.get("balc", 0) for insutype, account in facts.accounts.items()}
        if after:
            purse = altered(purse, balances={**purse.balances, **after})
        if facts.wallet is not None:
            purse = purse.with_wallets(facts.wallet.after)
        entries: dict[str, Any] = {key: dict(moved.after) for key, moved in facts.moved.items()}
        for id, claim in facts.bills:
            entries |= dict.fromkeys(invoices.keys(claim), id)
        return View(purse, entries | _visited(view, event, facts) | _settlements(event, facts))


def _visited(view: View, event: Event, facts: Facts) -> Mapping[str, Any]:
    """The entries of visits after the event."""
    if not (keys := [key for _, claim in facts.bills for key in visits.keys(claim)]):
        return {}
    seen = View(None, {key: view.entries.get(key) for key in keys})
    for one in _undone(event):
        seen = visits.freed(seen, one.original.claim, one.setl_id)
    for id, claim in facts.bills:
        if id != invoices.FREE:
            seen = visits.taken(seen, seen, claim, id)
    return seen.entries


def _settlements(event: Event, facts: Facts) -> dict[str, str]:
    """The hash of each settlement that the event puts in force; NONE for what it takes back."""
    gone = {setl_key(one.setl_id): NONE for one in _undone(event)}
    return gone | {setl_key(id): found for id, found in facts.settled.items()}
