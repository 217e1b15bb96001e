"""Law 3 from settlement to settlement: what a verdict names as before must be what the last one left behind.

The audit folds what stands on the road, right or wrong: after a verdict that does not fit, the next one is compared
with what that verdict says, so that one false record is found once and what was built on it is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from contracts.envelope import Attributes, Record
from contracts.events import BODIES
from contracts.wire import Event, event_of
from policies.accumulators import Purse, credited, year_key
from policies.judged import Judged
from policies.stage import State, View

FOLLOWED = frozenset({"claim.settled", "claim.quoted", "account.credited"})
"""Types that name or move a state."""


def followed(judged: Judged, attributes: Attributes, value: bytes, sections: dict[str, Any]) -> Event | None:
    """The terminal event, if its state can be followed. The person is the request's, whatever the key became."""
    if attributes.type not in FOLLOWED:
        return None
    if attributes.type != "account.credited":
        settled = sections["settled"]
        parts = (sections["checked"].insured, settled.year, settled.accumulators, settled.account)
        if any(part is None for part in parts):
            judged.tell("verdict_differs", -1, detail=f"{attributes.type} without accumulators")
            return None
    body = BODIES[attributes.type].model_construct(**sections)
    return Event(attributes, sections["request"].psn_no.encode(), value, body, headers=())


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
    settled, insutype = event.body.settled, event.body.checked.insured.insutype
    key = _year(event)
    known = view.entries[key] or {}
    if settled.accumulators.before != known:
        yield "before_differs", settled.accumulators.before, known, key
    balance, purse = settled.account.before.get("balc", 0), view.person or Purse()
    if balance != purse.balance(insutype):
        yield "balance_differs", balance, purse.balance(insutype), insutype


@dataclass(frozen=True, slots=True)
class Followed:
    """The audit's own state, in the shape of a stage, so that ``State`` and the ledger keep it: purses and years."""

    name: str = "audit"
    person: TypeAdapter[Any] = TypeAdapter(Purse)
    entry: TypeAdapter[Any] = TypeAdapter(dict[str, int])

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in FOLLOWED

    def needs(self, event: Event) -> tuple[str, ...]:
        return () if event.type == "account.credited" else (_year(event),)

    def decide(self, event: Event, view: View) -> Event:
        return event

    def fold(self, view: View, event: Event) -> View:
        """What the event says is after, whatever was before; a quote moves nothing."""
        if event.type == "account.credited":
            return View(credited(view.person, event.body.request))
        if event.type == "claim.quoted":
            return view
        settled, insutype = event.body.settled, event.body.checked.insured.insutype
        balances = (view.person or Purse()).balances | {insutype: settled.account.after.get("balc", 0)}
        return View(Purse(balances=balances), {_year(event): dict(settled.accumulators.after)})


def _year(event: Event) -> str:
    insured = event.body.checked.insured
    return year_key(event.body.settled.year, insured.insuplc_admdvs, insured.insutype)
