"""Ids that follow from a rulebook, and later requests that name them, where requests are decided again under another one.

The id of a held claim, and of a settlement, is derived from the bytes before it, and those name the rulebook. Under another one
the same claim has another id, and what a person decided about it, or its reversal, would miss it. So each road takes what a
request names for what the same request of a claim became on it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from contracts.base import altered
from contracts.envelope import Record
from contracts.wire import Event, event_of
from policies.verdict import REVERSALS
from services.feed.entries import entries_of

NAMES = ("held_id", "setl_id")
"""The fields of requests that hold such an id."""
DIRECT = {"claim.held": "held", "claim.settled": "settled", "reimbursement.settled": "settled"}
"""Verdicts whose own id it is, and what it is of."""
INDIRECT = REVERSALS | {"review.settled"}


class Named(NamedTuple):
    """An id that a verdict gave. ``kind``: held or settled; ``claim``: the person and the id of the claim's request."""

    kind: str
    claim: tuple[str, str]
    id: str


def named_in(event: Event) -> Iterator[Named]:
    """The ids that a terminal event gives."""
    if event.type in DIRECT:
        yield Named(DIRECT[event.type], (event.psn_no, event.attributes.request_id), event.attributes.id)
    elif event.type in INDIRECT:
        yield from (Named("settled", (event.psn_no, one.omsgid), one.setl_id) for one in entries_of(event) if one.kind != "reversed")


def recorded_in(verdict: Record) -> tuple[Named, ...]:
    """Those of a recorded verdict; none where it cannot be read."""
    try:
        return tuple(named_in(event_of(verdict)))
    except ValueError:
        return ()


class Ids:
    """What the ids that requests name are on one road."""

    def __init__(self) -> None:
        self._own: dict[tuple[str, tuple[str, str]], str] = {}
        self._is: dict[str, str] = {}

    def learn(self, given: Iterable[Named], own: Iterable[Named]) -> None:
        """``given``: the ids by which later requests name what a request became; ``own``: those that it has on this road."""
        for kind, claim, id in own:
            self._own[kind, claim] = id
        for kind, claim, id in given:
            if (mine := self._own.get((kind, claim))) is not None and mine != id:
                self._is[id] = mine

    def on_this_road(self, asked: Any) -> Any:
        """A request's body that names what is on this road; the same object where it names nothing else."""
        named = {name: mine for name in NAMES if (mine := self._is.get(getattr(asked, name, None) or "")) is not None}
        return altered(asked, **named) if named else asked
