"""The fourth stage: the benefits of the place of insurance (参保地政策, S001), step by step, to the fen."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.envelope import Record
from contracts.wire import Event, event_of
from policies import wallet
from policies.accumulators import Purse
from policies.book import Book
from policies.reimbursement import decide as reimbursement
from policies.reversal import kinds as reversal
from policies.review import held
from policies.settlement import claims
from policies.settlement.kinds import Kind
from policies.stage import Codec, Modelled, Plain, View

KINDS: Mapping[str, Kind] = claims.KINDS | held.KINDS | reimbursement.KINDS | reversal.KINDS | wallet.KINDS
"""Every type that is decided here or moves a person's state; all others are forwarded unread."""
PURSE, ENTRY = Modelled(Purse), Plain(dict[str, int] | str)
"""The small part of a person; and numbers by name (accumulators of a year, a stay, an item, a visit), or a text (the user of an
invoice, a pending request, a held claim)."""


@dataclass(frozen=True, slots=True)
class SettlementStage:
    """Settles priced claims and quotes; keeps the accumulators of the years, stays and purses."""

    book: Book
    name: str = "settlement"
    person: Codec = PURSE
    entry: Codec = ENTRY

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in KINDS

    def needs(self, event: Event) -> tuple[str, ...]:
        return KINDS[event.type].needs(event, self.book) if event.type in KINDS else ()

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return KINDS[event.type].looks_up(event, view)

    def decide(self, event: Event, view: View) -> Event:
        kind = KINDS.get(event.type)
        return kind.decide(event, view, self.book) if kind is not None and kind.decide is not None else event

    def fold(self, view: View, event: Event) -> View:
        return KINDS[event.type].fold(view, event) if event.type in KINDS else view
