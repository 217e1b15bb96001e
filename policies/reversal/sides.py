"""What else stands on a settlement and goes with it: quotas of a review, invoices of a reimbursement.

Whoever keeps such an entry adds a Side to ``SIDES``: the keys that it needs for a settlement, and what is left of those
entries once the settlement is taken back, or once one stands in its place. All by the claim alone; no rulebook.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from contracts.events.claim import ClaimSettled

Entries = Mapping[str, Any]


class Side(NamedTuple):
    """``keys(original)``; ``freed(entries, original, setl_id)`` and ``taken(entries, new, setl_id)`` give the changed entries."""

    keys: Callable[[ClaimSettled], tuple[str, ...]]
    freed: Callable[[Entries, ClaimSettled, str], Entries]
    taken: Callable[[Entries, ClaimSettled, str], Entries]


SIDES: tuple[Side, ...] = ()


def keys_of(*bodies: ClaimSettled) -> tuple[str, ...]:
    """The entries beside those of years and stays that these settlements concern."""
    return tuple(key for side in SIDES for body in bodies for key in side.keys(body))


def freed(entries: Entries, original: ClaimSettled, setl_id: str) -> Entries:
    """``entries`` without what the settlement held of them."""
    for side in SIDES:
        entries = {**entries, **side.freed(entries, original, setl_id)}
    return entries


def taken(entries: Entries, new: ClaimSettled, setl_id: str) -> Entries:
    """``entries`` with what the new settlement holds of them."""
    for side in SIDES:
        entries = {**entries, **side.taken(entries, new, setl_id)}
    return entries
