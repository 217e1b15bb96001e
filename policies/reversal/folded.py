"""The state after a reversal, a correction or an undo: by what its verdict moved, without a rulebook; and the laws on it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from contracts.base import made
from contracts.events.claim import ClaimPriced, ClaimSettled, Movement, Settled
from contracts.events.reversal import Again, Correction, Reversed, Undone
from contracts.wire import Event
from policies import accumulators
from policies.accumulators import Purse
from policies.laws import LawBroken, check_movement
from policies.reversal import history, sides
from policies.reversal.mirror import check_mirror
from policies.review.cut import check_settled_claim
from policies.settlement.entries import entry_keys
from policies.stage import View


def needs(event: Event, *_: object) -> tuple[str, ...]:
    """The entries that a verdict moved."""
    settled: Reversed = event.body.settled
    entries = tuple(settled.moved.entries) if settled.moved is not None else ()
    return entries + sides.keys_of(*(one.original.body for one in settled.undone), *(body for _, body in new_bodies(event.body)))


def fold(view: View, event: Event) -> View:
    """The state after the verdict. Raises DoesNotFit."""
    settled: Reversed = event.body.settled
    assert settled.moved is not None
    entries: dict[str, Any] = {key: accumulators.after(key, moved, view.entries.get(key)) for key, moved in settled.moved.entries.items()}
    beside = sides.keys_of(*(one.original.body for one in settled.undone), *(body for _, body in new_bodies(event.body)))
    found = View(_purse(view.person or Purse(), settled), {key: view.entries.get(key) for key in beside})
    for one in settled.undone:
        found = sides.freed(found, one.original.body, one.setl_id)
    for again, body in new_bodies(event.body):
        found = sides.taken(found, body, again.setl_id)
    return View(found.person, {**entries, **found.entries, **_history(event)})


def _purse(purse: Purse, settled: Reversed) -> Purse:
    moved = settled.moved
    assert moved is not None
    for insutype, account in moved.accounts.items():
        purse = accumulators.moved(purse, insutype, account, None)
    purse = accumulators.moved(purse, "", None, moved.wallet)
    for key, entry in moved.entries.items():
        purse = purse.with_stay(key, bool(entry.after.get("open"))) if key.startswith("stay:") else purse.with_year(key)
    return purse


def _history(event: Event) -> dict[str, str]:
    """What is known of the settlements that went and of those in their places."""
    by, found = event.attributes.request_id, dict[str, str]()
    for one in event.body.settled.undone:
        found |= history.taken_back(one.number, one.setl_id, by)
    for again, body in new_bodies(event.body):
        entries = history.replaced(again.number, again.setl_id, again.omsgid, body)
        if again.omsgid == by:  # the claim of a correction was never a request of its own
            del entries[history.asked_key(by)]
        found |= entries
    return found


def new_bodies(body: Any) -> Iterator[tuple[Again, ClaimSettled]]:
    """Each settlement in the place of another, whole: its claim is the original's, or that of the correction."""
    settled: Reversed = body.settled
    originals = {one.setl_id: one.original.body for one in settled.undone}
    corrected = settled.undone[-1].setl_id if settled.undone and isinstance(body.request, Correction) else None
    for again in settled.again:
        whole = correction_of(body) if again.init_setl_id == corrected else originals[again.init_setl_id]
        yield again, made(ClaimSettled, request=whole.request, checked=whole.checked, priced=whole.priced, settled=again.settlement)


def correction_of(body: Any) -> ClaimPriced:
    """The claim of a correction, checked and priced."""
    return made(ClaimPriced, request=body.request.claim, checked=body.checked, priced=body.priced)


# --- law 3 ------------------------------------------------------------------------------------------------------------


def check_reversed(body: Any) -> None:
    """Laws 2 and 3: each mirror exact, each new settlement lawful, and all that moves the sum of both."""
    settled: Reversed = body.settled
    if settled.verdict != "reversed" or settled.moved is None:
        if settled.undone or settled.again or settled.moved is not None or settled.verdict == "reversed":
            raise LawBroken(3, f"a reversal with the verdict {settled.verdict} moves something, or one that reverses moves nothing")
        return
    for one in settled.undone:
        check_mirror(one.mirror, one.original.settlement)
    new = list(new_bodies(body))
    for _, whole in new:
        check_settled_claim(whole.priced, whole.settled)
    due = _sums(settled.undone, new)
    found = dict(_named(settled))
    for name in sorted({*due, *found}):
        if due[name] != found.get(name, 0):
            raise LawBroken(3, f"{name} moves by {found.get(name, 0)}; mirrors and new settlements by {due[name]}")


def _sums(undone: tuple[Undone, ...], new: list[tuple[Again, ClaimSettled]]) -> Counter[str]:
    due: Counter[str] = Counter()
    for settled, body in (*((one.mirror, one.original.body) for one in undone), *((whole.settled, whole) for _, whole in new)):
        for name, amount in _moves(settled, body):
            due[name] += amount
    return due


def _moves(settled: Settled, body: ClaimPriced) -> Iterator[tuple[str, int]]:
    year, *stay = entry_keys(body.request, body.checked, settled.year)
    named = {year: settled.accumulators, f"account {body.checked.insured.insutype}": settled.account, "wallet": settled.wallet}
    for where, moved in (named | ({stay[0]: settled.stay} if stay else {})).items():
        yield from _of(where, moved)


def _named(settled: Reversed) -> Iterator[tuple[str, int]]:
    moved = settled.moved
    assert moved is not None
    accounts = {f"account {insutype}": account for insutype, account in moved.accounts.items()}
    for where, one in {**moved.entries, **accounts, "wallet": moved.wallet}.items():
        if one is not None:
            check_movement(one)
        yield from _of(where, one)


def _of(where: str, moved: Movement | None) -> Iterator[tuple[str, int]]:
    if moved is not None:
        yield from ((f"{where} {name}", amount) for name, amount in moved.movement.items())
