"""Held claims: kept in the state of settlement under their id until a person's ``review.decided`` settles or closes them.

The entry ``held:<id>`` is the whole claim as text; afterwards it is the request id of the decision, for good, so that a
second decision is answered with the first. The claim is settled once, at the decision's place on the road, by what its own
record says of it and by the state and the rulebook of then.
"""

from collections.abc import Iterator

from contracts.base import altered, made
from contracts.events.claim import ClaimPriced, PricedLine, Reviewed, Settled
from contracts.events.review import Decided, HeldClaim, ReviewDecision
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer, to_json
from policies import VERSION, once
from policies.accumulators import Purse
from policies.book import Book
from policies.review.bill import Bill
from policies.review.cut import Cut, cut_lines, with_cuts
from policies.review.inner import as_claim, held_key, held_of
from policies.review.memory import keys_kept
from policies.settlement.claims import benefits, folded, numbered
from policies.settlement.entries import entry_keys
from policies.settlement.facts import chosen, is_stay
from policies.settlement.kinds import Kind
from policies.settlement.sheet import Refusal
from policies.stage import BadState, View


def hold(view: View, event: Event) -> View:
    """The state after ``claim.held``: an entry that nothing has named before, so that it is written without being loaded."""
    claim, purse = held_of(event), view.person or Purse()
    return View(altered(purse, held=(*purse.held, claim.id)), {held_key(claim.id): to_json(claim).decode()})


def waiting(view: View, id: str) -> HeldClaim | None:
    """The held claim ``id`` where it waits. Raises BadState."""
    text = view.entries.get(held_key(id))
    try:
        return HeldClaim.model_validate_json(text) if text is not None and text.startswith("{") else None
    except (AttributeError, ValueError) as error:
        raise BadState(f"held claim {id} cannot be decoded: {type(error).__name__}") from None


def looks_up(event: Event, view: View) -> tuple[str, ...]:
    """The entries that settling the held claim moves, by what its own record says."""
    claim = waiting(view, event.body.request.held_id)
    return _moved(claim) if claim is not None else ()


def decide(event: Event, view: View, book: Book) -> Event:
    """``review.settled``, ``review.closed``, or ``review.refused`` where nothing is decided."""
    asked: ReviewDecision = event.body.request
    text, claim = view.entries.get(held_key(asked.held_id)), waiting(view, asked.held_id)
    if text is None:
        return _refused(event, book, reason("unknown_held", "held_id", id=asked.held_id))
    if claim is None:
        return _refused(event, book, reason("decided_before", "held_id", id=asked.held_id, first=text), first=text)
    if asked.decision == "refuse":
        why = reason("refused_by_review", None, opter=asked.opter)
        return _answer(event, "closed", made(Decided, version=2, verdict="closed", reasons=(why,), held=claim, **_named(book)))
    bill = Bill(claim.claim, claim.claim_checked, claim.claim_priced, "", is_stay(claim.claim.med_type))
    if reasons := (*_wrong(asked, bill), *once.used(claim.claim, view)):
        return _refused(event, book, *reasons)
    try:
        return _answer(event, "settled", _settled(asked, claim, bill, view, book))
    except Refusal as missing:
        return _refused(event, book, reason(missing.code, missing.field, **missing.facts), held=claim)


def decided(event: Event, *_: object) -> tuple[str, ...]:
    """The entries that a decision moves."""
    claim = event.body.settled.held
    return (held_key(claim.id), *(_moved(claim) if event.type == "review.settled" else ()))


def fold(view: View, event: Event) -> View:
    """The state after ``review.settled`` or ``review.closed``. Raises DoesNotFit."""
    claim = event.body.settled.held
    after, body = view, as_claim(event.body)
    if event.type == "review.settled":
        after = numbered(folded(view, event.attributes.id, body), event, body, claim.request_id)
    purse = after.person or Purse()
    left = tuple(id for id in purse.held if id != claim.id)
    return View(altered(purse, held=left), {**view.entries, **after.entries, held_key(claim.id): event.attributes.request_id})


KINDS = {
    "claim.held": Kind(fold=hold),
    "review.decided": Kind(needs=lambda event, book: (held_key(event.body.request.held_id),), looks_up=looks_up, decide=decide),
    "review.settled": Kind(needs=decided, fold=fold),
    "review.closed": Kind(needs=decided, fold=fold),
}


def _settled(asked: ReviewDecision, claim: HeldClaim, bill: Bill, view: View, book: Book) -> Decided:
    """The claim by the rules' cuts and the person's; of a line that both cut the person's. Raises Refusal."""
    body = made(ClaimPriced, request=claim.claim, checked=claim.claim_checked, priced=claim.claim_priced)
    found = chosen(book, claim.claim_checked, claim.claim)
    year = entry_keys(claim.claim, claim.claim_checked, found[1].year_of(claim.claim)) if found is not None else ()
    if found is None or not set(year) <= view.entries.keys():
        raise Refusal("held_rules_changed", "held_id", plan=claim.claim_held.plan, year=claim.claim_held.year)
    lines = _cut(asked, claim, bill)
    verdict = benefits(with_cuts(body, lines), found, view, book, year)
    review = claim.claim_held.review or Reviewed()
    told = made(Reviewed, **{**review.__dict__, "lines": lines or None})
    return made(Decided, **{**verdict.__dict__, "review": told, "held": claim, "first": None})


def _cut(asked: ReviewDecision, claim: HeldClaim, bill: Bill) -> tuple[PricedLine, ...]:
    by_rule = {line.feedetl_sn: line for line in (claim.claim_held.review.lines or () if claim.claim_held.review else ())}
    places = {one.line.feedetl_sn: one for one in bill.charged}
    cuts = [Cut(places[of.feedetl_sn].place, of.amt or places[of.feedetl_sn].amount, of.bears) for of in asked.lines]
    by_person = {line.feedetl_sn: line for line in cut_lines(bill, cuts)}
    both = by_rule | by_person
    return tuple(both[line.feedetl_sn] for line in claim.claim_priced.lines if line.feedetl_sn in both)


def _wrong(asked: ReviewDecision, bill: Bill) -> Iterator[Reason]:
    """What is wrong with the lines that a decision cuts."""
    left = {one.line.feedetl_sn: one.amount for one in bill.charged}
    for place, of in enumerate(asked.lines):
        if of.feedetl_sn not in left:
            yield reason("cut_unknown_line", f"lines.{place}.feedetl_sn", sn=of.feedetl_sn)
        elif of.amt is not None and of.amt > left[of.feedetl_sn]:
            yield reason("cut_too_much", f"lines.{place}.amt", sn=of.feedetl_sn, amt=of.amt, left=left[of.feedetl_sn])


def _moved(claim: HeldClaim) -> tuple[str, ...]:
    settled: Settled = claim.claim_held
    assert settled.year is not None, "a held claim names its year"
    return (*entry_keys(claim.claim, claim.claim_checked, settled.year), *keys_kept(settled.review), *once.keys(claim.claim))


def _refused(event: Event, book: Book, *reasons: Reason, held: HeldClaim | None = None, first: str | None = None) -> Event:
    return _answer(event, "refused", made(Decided, version=2, verdict="refused", reasons=reasons, held=held, first=first, **_named(book)))


def _answer(event: Event, verdict: str, section: Decided) -> Event:
    return answer(event, "settlement", f"review.{verdict}", section)


def _named(book: Book) -> dict[str, str]:
    return {"rulebook": book.digest, "policies": VERSION}
