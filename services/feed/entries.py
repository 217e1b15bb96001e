"""The settlements in a verdict, in order: one of a claim, mirrors and settlements anew of what undoes one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.events.claim import Checked, Claim, Priced, Settled
from contracts.events.reversal import AMOUNTS, Reversed
from contracts.wire import Event
from policies.laws import payable
from policies.reversal.folded import new_bodies
from policies.review.cut import as_settled
from policies.review.inner import as_claim
from policies.verdict import SETTLES


@dataclass(frozen=True, slots=True)
class Entry:
    """One settlement in the books. ``kind``: settled, reversed (``settled`` is the mirror of ``original``) or again; ``booked``: its day
    there."""

    kind: str
    setl_id: str
    omsgid: str
    claim: Claim
    checked: Checked
    priced: Priced
    settled: Any
    booked: date
    init_setl_id: str | None = None
    original: Settled | None = None

    @property
    def sign(self) -> int:
        """What it adds to the number of settlements, and the sign of its lines."""
        return -1 if self.kind == "reversed" else 1

    def named(self, ordinal: int) -> dict[str, Any]:
        return {"setl_id": self.setl_id, "entry": self.kind, "sign": self.sign, "ordinal": ordinal}

    def amounts(self) -> dict[str, int | None]:
        """Every amount of the section, in fen. What is paid by hand exists of reimbursements alone, of their mirrors too: no section of
        what undoes one names it."""
        paid = self.sign * self._payable if self.checked.route == "manual" else None
        return {name: getattr(self.settled, name) for name in AMOUNTS} | {"payable_amt": paid}

    @property
    def _payable(self) -> int:
        """Of a mirror what was paid for the original."""
        return payable(self.original if self.original is not None else self.settled, self.claim.prior)

    def signed(self, count: str) -> Decimal:
        return self.sign * Decimal(count)


def entries_of(event: Event) -> Iterator[Entry]:
    """Nothing for quotes, held claims and refusals: they settle nothing."""
    if event.type in SETTLES:
        body = as_claim(event.body) if event.type == "review.settled" else event.body
        held = getattr(event.body.settled, "held", None)
        omsgid = held.request_id if held is not None else event.attributes.request_id
        yield _entry("settled", event.attributes.id, omsgid, body, body.settled, event.body.request.date if held else body.request.setl_date)
        return
    settled = getattr(event.body, "settled", None)
    if not isinstance(settled, Reversed) or settled.verdict != "reversed":
        return
    day = event.body.request.date
    for one in settled.undone:
        yield _entry("reversed", one.setl_id, one.omsgid, one.original.body, one.mirror, day, original=one.original.settlement)
    for again, body in new_bodies(event.body):
        yield _entry("again", again.setl_id, again.omsgid, body, again.settlement, day, again.init_setl_id)


def _entry(
    kind: str, setl_id: str, omsgid: str, body: Any, settled: Any, day: date, init: str | None = None, original: Settled | None = None
) -> Entry:
    priced = as_settled(body.priced, body.settled)
    return Entry(kind, setl_id, omsgid, body.request, body.checked, priced, settled, day, init, original)
