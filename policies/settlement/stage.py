"""The fourth stage: the benefits of the place of insurance (参保地政策, S001), step by step, to the fen."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from contracts.envelope import Record
from contracts.events.claim import Settled
from contracts.reasons import reason
from contracts.wire import Event, answer, event_of
from policies import VERSION, accumulators
from policies.accumulators import Purse, year_key
from policies.book import Book
from policies.settlement.engine import settle
from policies.settlement.plan import NoRule, Plan
from policies.stage import View

DECIDES = frozenset({"claim.priced", "quote.priced"})


@dataclass(frozen=True, slots=True)
class SettlementStage:
    """Settles priced claims and quotes; keeps the accumulators of the years and the account."""

    book: Book
    name: str = "settlement"
    person: TypeAdapter = TypeAdapter(Purse)
    entry: TypeAdapter = TypeAdapter(dict[str, int])

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in ("claim.priced", "quote.priced", "claim.settled", "account.credited")

    def needs(self, event: Event) -> tuple[str, ...]:
        if event.type in DECIDES:
            plan = self._plan(event)
            return (self._key(event, plan.year_of(event.body.request)),) if plan else ()
        if event.type == "claim.settled":
            return (self._key(event, event.body.settled.year),)
        return ()

    def decide(self, event: Event, view: View) -> Event:
        if event.type not in DECIDES:
            return event
        quoted = event.type == "quote.priced"
        plan = self._plan(event)
        named = {"rulebook": self.book.digest, "policies": VERSION}
        try:
            if plan is None:
                raise NoRule(self._what(event))
            key = self.needs(event)[0]
            verdict = settle(event.body, plan, view.entries.get(key) or {}, view.person or Purse(), **named)
        except NoRule as missing:
            refused = Settled(verdict="refused", reasons=(reason("no_rule", None, detail=str(missing)),), **named)
            return answer(event, "settlement", "quote.refused" if quoted else "claim.refused", refused)
        return answer(event, "settlement", "claim.quoted" if quoted else "claim.settled", verdict)

    def fold(self, view: View, event: Event) -> View:
        if event.type == "account.credited":
            return View(accumulators.credited(view.person, event.body.request))
        if event.type == "claim.settled":
            body = event.body
            key = self._key(event, body.settled.year)
            return accumulators.settled(view, key, body.checked.insured.insutype, body.settled)
        return view

    def _plan(self, event: Event) -> Plan | None:
        return self.book.plan(event.body.checked, event.body.request)

    def _key(self, event: Event, year: int) -> str:
        insured = event.body.checked.insured
        return year_key(year, insured.insuplc_admdvs, insured.insutype)

    def _what(self, event: Event) -> str:
        claim, insured = event.body.request, event.body.checked.insured
        days = f"{claim.begndate}/{claim.setl_date}"
        return f"place {insured.insuplc_admdvs}, insutype {claim.insutype}, med_type {claim.med_type}, {days}"
