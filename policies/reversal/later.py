"""The settlements behind one that is to be undone: which of them stand on it, and must go first (后进先出)."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.events.claim import Movement
from policies.places import care_kind
from policies.reversal.history import Done, done_at, done_key
from policies.reversal.rules import Limit

MAX_LATER = 50
"""Settlements behind one that are looked at; more is refused."""
SHARED = ("deductible", "cap")
"""Kinds of steps whose accumulators several benefits may share: ``deductible.<name>``, ``cap.<name>``."""
LAST = (".last_deductible", ".last_enddate")
"""Ends of the names of accumulators that hold a last value, not a sum: what came later has replaced it."""


def behind(entries: Mapping[str, object], number: int, settlements: int) -> list[Done]:
    """The settlements in force behind a place, in their order."""
    return [done for at in range(number + 1, settlements + 1) if (done := done_at(entries, at)) is not None]


def keys_behind(number: int, settlements: int) -> tuple[str, ...]:
    """The entries of a place and of those behind it; none where there are too many."""
    if settlements - number > MAX_LATER:
        return (done_key(number),)
    return tuple(done_key(at) for at in range(number, settlements + 1))


def blocking(done: Done, later: Sequence[Done], order: Limit) -> list[Done]:
    """The later settlements that must be undone before ``done``, the last one first."""
    return [one for one in reversed(later) if _blocks(one, done, order)]


def _blocks(later: Done, done: Done, order: Limit) -> bool:
    shared = {*_moves(later), *_stood_on(later)} & set(_moves(done))
    if not shared:
        return False
    always = any(name.startswith("stay:") or name.endswith(LAST) for name in shared)
    return always or _within(later, done, order)


def _within(later: Done, done: Done, order: Limit) -> bool:
    """Whether the order of the region reaches from one settlement to the other."""
    one, other = later.body.request, done.body.request
    return ("provider" not in order.names or one.fixmedins_code == other.fixmedins_code) and (
        "care" not in order.names or care_kind(one.med_type) == care_kind(other.med_type))


def _moves(done: Done) -> Iterator[str]:
    """The names of accumulators and balances that a settlement moved."""
    settled, insutype = done.body.settled, done.body.checked.insured.insutype
    year, *stay = done.keys
    yield from (f"{year} {name}" for name in _names(settled.accumulators))
    yield from (f"account {insutype} {name}" for name in _names(settled.account))
    yield from (f"wallet {name}" for name in _names(settled.wallet))
    yield from stay


def _stood_on(later: Done) -> Iterator[str]:
    """The names of shared accumulators that a settlement went by, where one was full already it moved nothing of it, those of quarters
    and months where its own steps counted in them; and of last values of its benefit, which it left where it ended earlier."""
    settled, (year, *_) = later.body.settled, later.keys
    held = settled.accumulators.before if settled.accumulators is not None else {}
    kinds = (*[f"{step.kind}." for step in settled.steps if step.kind in SHARED], *[f"{settled.benefit}{name}" for name in LAST])
    times = {"", *(step.facts["period"] for step in settled.steps if "period" in step.facts)}
    return iter([f"{year} {name}" for name, amount in held.items() if amount and name.startswith(kinds) and name.partition("#")[2] in times])


def _names(moved: Movement | None) -> Iterator[str]:
    return iter([name for name, amount in moved.movement.items() if amount]) if moved is not None else iter(())
