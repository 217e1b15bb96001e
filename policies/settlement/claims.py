"""Claims and quotes in settlement: decided by the benefits of the place of insurance, folded by what the verdict moved."""

from contracts.events.claim import Checked, Claim, ClaimPriced, Settled
from contracts.reasons import reason
from contracts.wire import Event, answer
from policies import VERSION, accumulators
from policies.accumulators import Purse
from policies.book import Book
from policies.reversal import history
from policies.settlement.engine import Named, settle
from policies.settlement.entries import entry_keys
from policies.settlement.facts import chosen, facts_of
from policies.settlement.kinds import Kind
from policies.settlement.plan import Benefit, Plan, day_of
from policies.settlement.sheet import Case, NoRule, Refusal
from policies.settlement.stays import crossed_year, goes_on
from policies.stage import View


def decide(event: Event, view: View, book: Book) -> Event:
    """``claim.settled`` or ``claim.quoted``, or the refusal."""
    quoted = event.type == "quote.priced"
    verdict = settled(event.body, view, book)
    done = verdict.verdict == "settled"
    type = ("claim.quoted" if quoted else "claim.settled") if done else ("quote.refused" if quoted else "claim.refused")
    return answer(event, "settlement", type, verdict)


def settled(body: ClaimPriced, view: View, book: Book) -> Settled:
    """The verdict on a priced claim, from its own facts, the view and the rulebook."""
    named = Named(book.digest, VERSION)
    try:
        found = chosen(book, body.checked, body.request)
        if found is None:
            raise NoRule(_what(body))
        keys = keys_of(body.request, body.checked, found[1])
        return settle(case_of(book, body, found, keys, view), found[0], found[1], named)
    except Refusal as missing:
        why = reason(missing.code, missing.field, **missing.facts)
        return Settled(verdict="refused", reasons=(why,), rulebook=named.rulebook, policies=named.policies)


def needs(event: Event, book: Book) -> tuple[str, ...]:
    """The entries of a priced claim."""
    return needs_of(event.body, book)


def needs_of(body: ClaimPriced, book: Book) -> tuple[str, ...]:
    """The entries of a priced claim: the year's, and that of the stay; none where no rule will be found."""
    try:
        found = chosen(book, body.checked, body.request)
    except NoRule:
        return ()
    return keys_of(body.request, body.checked, found[1]) if found else ()


def moved(event: Event, book: Book) -> tuple[str, ...]:
    """The entries that a settled claim moves."""
    return entry_keys(event.body.request, event.body.checked, event.body.settled.year)


def fold(view: View, event: Event) -> View:
    """The state after ``claim.settled``. Raises DoesNotFit."""
    body = event.body
    key, *stay = entry_keys(body.request, body.checked, body.settled.year)
    after = accumulators.settled(view, key, stay[0] if stay else None, body.checked.insured.insutype, body.settled)
    purse, found_again = history.remembered(after.person, event)
    return View(purse, {**after.entries, **found_again})


KINDS = {
    "claim.priced": Kind(needs=needs, decide=decide),
    "quote.priced": Kind(needs=needs, decide=decide),
    "claim.settled": Kind(needs=moved, fold=fold),
}


def keys_of(claim: Claim, checked: Checked, benefit: Benefit) -> tuple[str, ...]:
    """The entries that deciding a claim needs: the year's, and that of the stay."""
    return entry_keys(claim, checked, benefit.year_of(claim))


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


def _what(body: ClaimPriced) -> str:
    claim, insured = body.request, body.checked.insured
    place = insured.insuplc_admdvs if insured is not None else "-"
    return f"place {place}, insutype {claim.insutype}, med_type {claim.med_type}, {claim.begndate}/{claim.setl_date}"
