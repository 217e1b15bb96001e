"""Claims and quotes in settlement: decided by the benefits of the place of insurance, folded by what the verdict moved."""

from collections.abc import Iterable

from contracts.base import made
from contracts.events.claim import Checked, Claim, ClaimPriced, ClaimSettled, Reviewed, Settled
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer
from policies import VERSION, accumulators, once
from policies.accumulators import Purse
from policies.book import Book
from policies.reversal import history
from policies.review import find as review
from policies.review.bill import Bill
from policies.review.cut import with_cuts
from policies.review.memory import dispensed, item_key, keys_kept, recent, remember
from policies.settlement.engine import Named, settle
from policies.settlement.entries import entry_keys
from policies.settlement.facts import facts_of, is_stay
from policies.settlement.ground import Ground, ground_kept, ground_of
from policies.settlement.kinds import Kind
from policies.settlement.plan import Benefit, Plan
from policies.settlement.sheet import Case, NoRule, Refusal
from policies.settlement.stays import crossed_year, goes_on
from policies.stage import View

MAX_HELD = 16
"""Claims of one person that may wait for a person's decision."""


def decide(event: Event, view: View, book: Book) -> Event:
    """``claim.settled``, ``claim.held`` or ``claim.quoted``, or the refusal."""
    quoted = event.type == "quote.priced"
    verdict = settled(event.body, view, book, quoted, event)
    done = verdict.verdict != "refused"
    type = ("claim.quoted" if done else "quote.refused") if quoted else f"claim.{verdict.verdict}"
    return answer(event, "settlement", type, verdict)


def settled(body: ClaimPriced, view: View, book: Book, quoted: bool = False, event: Event | None = None) -> Settled:
    """The verdict on a priced claim, from its own facts, the view and the rulebook. A quote is never held.

    What was paid before (an invoice, the visit by hand) is told beside what the benefit refuses. ``event``: of which the claim is
    the body, so that what was found when its entries were named is not looked for again.
    """
    used = [*once.used(body.request, view)]
    verdict = _settled(body, view, book, quoted, event)
    if not used:
        return verdict
    return refused((*used, *verdict.reasons) if verdict.verdict == "refused" else used, book)


def _settled(body: ClaimPriced, view: View, book: Book, quoted: bool, event: Event | None) -> Settled:
    try:
        ground = ground_kept(event, book) if event is not None else ground_of(body, book)
        bill = bill_of(body, ground, view)
        what = review.found(ground.asked.rules, bill)
        held = "" if quoted or not what.findings else ", ".join(one.rule_id for one in what.holds)
        if held and len((view.person or Purse()).held) >= MAX_HELD:
            raise Refusal("too_many_held", None, limit=MAX_HELD)
        told = review.reviewed(bill, ground.asked, ground.compared, what)
        verdict = benefits(with_cuts(body, what.lines), ground.found, view, book, ground.sums, told)
        return _held(verdict, held) if held else verdict
    except Refusal as missing:
        return refused([reason(missing.code, missing.field, **missing.facts)], book)


def again(body: ClaimPriced, reviewed: Reviewed | None, view: View, book: Book) -> Settled:
    """The verdict on a claim that was settled before, with what review said of it then."""
    try:
        ground, lines = ground_of(body, book), reviewed.lines or () if reviewed is not None else ()
        return benefits(with_cuts(body, lines), ground.found, view, book, ground.sums, reviewed)
    except Refusal as missing:
        return refused([reason(missing.code, missing.field, **missing.facts)], book)


def benefits(
    body: ClaimPriced, found: tuple[Plan, Benefit, str], view: View, book: Book, keys: tuple[str, ...], told: Reviewed | None = None
) -> Settled:
    """What the benefit pays. ``keys``: the entries of the year and of the stay; ``told``: what review says of it. Raises Refusal."""
    return settle(case_of(book, body, found, keys, view), found[0], found[1], Named(book.digest, VERSION), told)


def refused(reasons: Iterable[Reason], book: Book) -> Settled:
    """The verdict on a claim that cannot be settled."""
    return made(Settled, verdict="refused", reasons=tuple(reasons), rulebook=book.digest, policies=VERSION)


def bill_of(body: ClaimPriced, ground: Ground, view: View) -> Bill:
    """What the rules of the place of care look at."""
    claim, stay = body.request, is_stay(body.request.med_type)
    earlier = dispensed(view, ground.compared), recent(view, claim, stay)
    return Bill(claim, body.checked, body.priced, ground.found[2], stay, *earlier, ground.items)


def _held(verdict: Settled, rules: str) -> Settled:
    """The claim waits for a person; nothing moves. Plan, benefit and year say where it will be looked for."""
    return made(
        Settled, version=2, rulebook=verdict.rulebook, policies=verdict.policies, verdict="held",
        reasons=(reason("held_for_review", None, rules=rules),), plan=verdict.plan, benefit=verdict.benefit, year=verdict.year,
        age=verdict.age, medfee_sumamt=verdict.medfee_sumamt, review=verdict.review,
    )


def needs(event: Event, book: Book) -> tuple[str, ...]:
    """The entries of a priced claim."""
    try:
        return _keys(event.body.request, ground_kept(event, book))
    except NoRule:
        return once.keys(event.body.request)


def needs_of(body: ClaimPriced, book: Book) -> tuple[str, ...]:
    """The same of a claim that is not the body of its event."""
    try:
        return _keys(body.request, ground_of(body, book))
    except NoRule:
        return once.keys(body.request)


def _keys(claim: Claim, ground: Ground) -> tuple[str, ...]:
    """Where a rule was found the year's, that of the stay, and those of items that a rule of review compares; those of its
    invoices and its visit."""
    return (*ground.sums, *map(item_key, ground.compared), *once.keys(claim))


def moved(event: Event, book: Book) -> tuple[str, ...]:
    """The entries that a settled claim moves."""
    body = event.body
    claim, settled = body.request, body.settled
    return (*entry_keys(claim, body.checked, settled.year), *keys_kept(settled.review), *once.keys(claim))


def fold(view: View, event: Event) -> View:
    """The state after ``claim.settled``. Raises DoesNotFit."""
    return numbered(folded(view, event.attributes.id, event.body), event)


def numbered(after: View, event: Event, body: ClaimSettled | None = None, omsgid: str | None = None) -> View:
    """The state with the settlement kept under its number, so that it can be taken back. ``body``: the settled claim where the
    event is not ``claim.settled``; ``omsgid``: the claim's request, where that is not the event's."""
    purse, kept = history.remembered(after.person, event, body, omsgid)
    return View(purse, {**after.entries, **kept})


def folded(view: View, setl_id: str, body: ClaimSettled) -> View:
    """The state after the settlement ``setl_id``. Raises DoesNotFit."""
    claim, checked, settled = body.request, body.checked, body.settled
    key, *stay = entry_keys(claim, checked, settled.year)
    after = accumulators.settled(view, key, stay[0] if stay else None, checked.insured.insutype, settled)
    after, review = once.taken(view, after, claim, setl_id), settled.review
    if review is None:
        return after
    return remember(View(after.person, {**view.entries, **after.entries}), setl_id, claim, is_stay(claim.med_type), review)


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
    insured = body.checked.insured
    went_on = insured is not None and goes_on(stay, claim, insured, benefit)
    return Case(
        body=body, benefit=benefit.name, counted_on=benefit.counted_on(claim), facts=facts_of(book, body.checked, claim, benefit, care),
        before=view.entries.get(keys[0]) or {}, stay=stay, went_on=went_on,
        crossed=went_on and crossed_year(stay, claim, benefit), purse=view.person or Purse(),
        indexes=book.indexes_on(plan.place, benefit.dated_on(claim)),
    )
