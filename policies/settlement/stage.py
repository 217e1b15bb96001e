"""The fourth stage: the benefits of the place of insurance (参保地政策, S001), step by step, to the fen."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from contracts.envelope import Record
from contracts.events.claim import Checked, Claim, ClaimPriced, Settled
from contracts.reasons import reason
from contracts.wire import Event, answer, event_of
from policies import VERSION, accumulators, wallet
from policies.accumulators import Purse, stay_key, year_key
from policies.book import Book
from policies.settlement.engine import Named, settle
from policies.settlement.facts import chosen, facts_of, is_stay
from policies.settlement.plan import Benefit, Plan, day_of
from policies.settlement.sheet import Case, NoRule, Refusal
from policies.settlement.stays import crossed_year, goes_on
from policies.stage import View

DECIDES = frozenset({"claim.priced", "quote.priced"})
TOUCHES = DECIDES | wallet.TOUCHES | {"claim.settled"}


@dataclass(frozen=True, slots=True)
class SettlementStage:
    """Settles priced claims and quotes; keeps the accumulators of the years, open stays and the purses."""

    book: Book
    name: str = "settlement"
    person: TypeAdapter = TypeAdapter(Purse)
    entry: TypeAdapter = TypeAdapter(dict[str, int])

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in TOUCHES

    def needs(self, event: Event) -> tuple[str, ...]:
        if event.type in DECIDES:
            try:
                found = chosen(self.book, event.body.checked, event.body.request)
            except NoRule:
                return ()
            return keys_of(event.body.request, event.body.checked, found[1]) if found else ()
        if event.type == "claim.settled":
            return entry_keys(event.body.request, event.body.checked, event.body.settled.year)
        return ()

    def decide(self, event: Event, view: View) -> Event:
        if event.type in wallet.DECIDES:
            return wallet.decide(event, view, self.book)
        if event.type not in DECIDES:
            return event
        quoted = event.type == "quote.priced"
        named = Named(self.book.digest, VERSION)
        try:
            found = chosen(self.book, event.body.checked, event.body.request)
            if found is None:
                raise NoRule(self._what(event))
            verdict = settle(case_of(self.book, event.body, found, keys_of(event.body.request, event.body.checked, found[1]), view), found[0], found[1], named)
        except Refusal as missing:
            why = reason(missing.code, missing.field, **missing.facts)
            refused = Settled(verdict="refused", reasons=(why,), rulebook=named.rulebook, policies=named.policies)
            return answer(event, "settlement", "quote.refused" if quoted else "claim.refused", refused)
        return answer(event, "settlement", "claim.quoted" if quoted else "claim.settled", verdict)

    def fold(self, view: View, event: Event) -> View:
        if event.type in wallet.TOUCHES:
            return wallet.fold(view, event)
        if event.type == "claim.settled":
            body = event.body
            key, *stay = self.needs(event)
            return accumulators.settled(view, key, stay[0] if stay else None, body.checked.insured.insutype, body.settled)
        return view

    def _what(self, event: Event) -> str:
        claim, insured = event.body.request, event.body.checked.insured
        days = f"{claim.begndate}/{claim.setl_date}"
        return f"place {insured.insuplc_admdvs}, insutype {claim.insutype}, med_type {claim.med_type}, {days}"


def keys_of(claim: Claim, checked: Checked, benefit: Benefit) -> tuple[str, ...]:
    """The entries that deciding a claim needs: the year's, and that of the stay."""
    return entry_keys(claim, checked, benefit.year_of(claim))


def entry_keys(claim: Claim, checked: Checked, year: int) -> tuple[str, ...]:
    """The entries that a settlement moves."""
    insured = checked.insured
    assert insured is not None, "only eligible claims are settled"
    year_entry = year_key(year, insured.insuplc_admdvs, insured.insutype)
    return (year_entry, stay_key(claim.fixmedins_code, claim.mdtrt_id)) if is_stay(claim.med_type) else (year_entry,)


def case_of(book: Book, body: ClaimPriced, found: tuple[Plan, Benefit, str], keys: tuple[str, ...], view: View) -> Case:
    """The case that a benefit decides: the facts of the event, and what the state holds of the person."""
    plan, benefit, care = found
    claim = body.request
    stay = (view.entries.get(keys[1]) or {}) if len(keys) > 1 else {}
    went_on = goes_on(stay, claim, benefit)
    return Case(
        body=body, benefit=benefit.name, facts=facts_of(book, body.checked, claim, benefit, care),
        before=view.entries.get(keys[0]) or {}, stay=stay, went_on=went_on,
        crossed=went_on and crossed_year(stay, claim, benefit), purse=view.person or Purse(),
        indexes=book.indexes_on(plan.place, day_of(claim, benefit.dated_by)),
    )
