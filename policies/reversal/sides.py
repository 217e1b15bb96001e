"""What else stands on a settlement and goes with it: what it paid once (invoices, a visit), and what reviews remember of it.

A Side says which entries it needs for a settlement, and how the state looks once the settlement is taken back, or once one
stands in its place. All by the settled claim alone; no rulebook.
"""

from collections.abc import Callable
from typing import NamedTuple

from contracts.events.claim import ClaimSettled
from policies import once
from policies.review import memory
from policies.settlement.facts import is_stay
from policies.stage import View


class Side(NamedTuple):
    """``keys(original)``; ``freed(view, original, setl_id)`` and ``taken(view, new, setl_id)`` give the state afterwards."""

    keys: Callable[[ClaimSettled], tuple[str, ...]]
    freed: Callable[[View, ClaimSettled, str], View]
    taken: Callable[[View, ClaimSettled, str], View]


def _use(view: View, body: ClaimSettled, setl_id: str) -> View:
    return once.taken(view, view, body.request, setl_id)


def _remember(view: View, body: ClaimSettled, setl_id: str) -> View:
    return memory.remember(view, setl_id, body.request, is_stay(body.request.med_type), body.settled.review)


SIDES: tuple[Side, ...] = (
    Side(lambda body: once.keys(body.request), lambda view, body, setl_id: once.freed(view, body.request, setl_id), _use),
    Side(lambda body: memory.keys_kept(body.settled.review),
         lambda view, body, setl_id: memory.taken_back(view, setl_id, body.settled.review), _remember),
)


def keys_of(*bodies: ClaimSettled) -> tuple[str, ...]:
    """The entries beside those of years and stays that these settlements concern."""
    return tuple(key for side in SIDES for body in bodies for key in side.keys(body))


def freed(view: View, original: ClaimSettled, setl_id: str) -> View:
    """``view`` without what the settlement held."""
    for side in SIDES:
        view = side.freed(view, original, setl_id)
    return view


def taken(view: View, new: ClaimSettled, setl_id: str) -> View:
    """``view`` with what the new settlement holds."""
    for side in SIDES:
        view = side.taken(view, new, setl_id)
    return view
