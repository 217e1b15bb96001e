"""What a verdict moves: accumulators of years and stays, accounts and family wallets. The sums over all rows are the state."""

from collections.abc import Iterator
from typing import Any

from contracts.events.claim import Movement
from contracts.wire import Event
from policies.settlement.entries import entry_keys
from policies.verdict import SETTLES
from services.feed.entries import Entry, entries_of
from services.feed.wording import unit_of

Moved = tuple[str | None, str, str, Movement]
"""The settlement, the purse, its key, and the movement."""


def movements_of(event: Event) -> Iterator[dict[str, Any]]:
    """A row for each name that a verdict moves; of what takes back settlements the sums over all of them."""
    if event.type == "account.credited":
        asked = event.body.request
        yield _row(None, "account", asked.insutype, "balc", None, asked.crdt_amt, None)
        return
    for setl_id, purse, key, moved in _moved(event):
        for name, amount in moved.movement.items():
            of, what = (name, "balc") if purse == "wallet" else (key, name)
            if amount:
                yield _row(setl_id, purse, of, what, moved.before.get(name, 0), amount, moved.after.get(name, 0))


def _moved(event: Event) -> Iterator[Moved]:
    if event.type in SETTLES:
        yield from _settled(next(entries_of(event)))
        return
    settled = getattr(event.body, "settled", None)
    of_all = getattr(settled, "moved", None)
    if of_all is not None:
        for key, moved in of_all.entries.items():
            purse, _, rest = key.partition(":")
            yield None, purse, rest, moved
        yield from ((None, "account", insutype, moved) for insutype, moved in of_all.accounts.items())
        if of_all.wallet is not None:
            yield None, "wallet", "", of_all.wallet
    elif event.type in ("account.debited", "wallet.shared") and settled.account is not None:
        yield None, "account", event.body.request.insutype, settled.account
    elif event.type == "wallet.credited" and settled.wallet is not None:
        yield None, "wallet", "", settled.wallet


def _settled(entry: Entry) -> Iterator[Moved]:
    settled = entry.settled
    year, *stay = entry_keys(entry.claim, entry.checked, settled.year)
    found = ((year, settled.accumulators), *((key, settled.stay) for key in stay))
    for key, moved in found:
        purse, _, rest = key.partition(":")
        if moved is not None:
            yield entry.setl_id, purse, rest, moved
    if settled.account is not None:
        yield entry.setl_id, "account", entry.checked.insured.insutype, settled.account
    if settled.wallet is not None:
        yield entry.setl_id, "wallet", "", settled.wallet


def _row(setl_id: str | None, purse: str, key: str, name: str, before: int | None, amount: int, after: int | None) -> dict[str, Any]:
    unit = unit_of(purse, name)
    return {
        "setl_id": setl_id, "purse": purse, "key": key, "name": name, "unit": unit, "before": before, "movement": amount,
        "after": after, "movement_yuan": amount if unit == "fen" else None,
    }
