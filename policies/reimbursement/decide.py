"""Manual reimbursement in settlement: the application judged, then the benefits of the place of insurance as for a claim.

What is pending moves nothing but its own entry, ``pending:<request id>``, by which a later request completes it.
"""

from collections.abc import Iterable

from contracts.base import made
from contracts.events.reimbursement import Papers, Pending, Reimbursed, ReimbursementPriced
from contracts.reasons import Reason
from contracts.wire import Event, answer, to_json
from policies import VERSION
from policies.book import Book
from policies.laws import check_payable, payable
from policies.reimbursement.papers import Application, application, judge, kept
from policies.review.inner import as_claim
from policies.settlement import claims
from policies.settlement.facts import care_of
from policies.settlement.kinds import Kind
from policies.settlement.sheet import NoRule
from policies.stage import View


def decide(event: Event, view: View, book: Book) -> Event:
    """``reimbursement.settled``, ``.pending`` or ``.refused``; of a trial ``reimbursement.quoted``, ``trial.pending`` or ``.refused``."""
    kind, verdict = event.type.partition(".")[0], reimbursed(event.body, view, book)
    if verdict.verdict == "settled":
        return answer(event, "settlement", "reimbursement.settled" if kind == "reimbursement" else "reimbursement.quoted", verdict)
    return answer(event, "settlement", f"{kind}.{verdict.verdict}", verdict)


def reimbursed(body: ReimbursementPriced, view: View, book: Book) -> Reimbursed:
    """The verdict, from the request's own facts, the view and the rulebook. Refused with all reasons, before anything is pending."""
    settled = claims.settled(body, view, book, quoted=True)  # what review finds is told; the agency decides about it at once
    asked = _asked(body, book)
    if asked is None:
        return _unpaid("refused", settled.reasons, None, book)
    found = judge(asked, book.reimbursement, _before(asked, view))
    if refusals := (*found.refusals, *settled.reasons):
        return _unpaid("refused", refusals, found.papers, book)
    if found.pending:
        return _unpaid("pending", found.pending, found.papers, book)
    verdict = made(Reimbursed, **settled.__dict__ | {
        "papers": found.papers, "payable_amt": payable(settled, body.request.prior), "acct_ref": body.request.acct_ref})
    check_payable(body.request, verdict)
    return verdict


def needs(event: Event, book: Book) -> tuple[str, ...]:
    """The entries of a priced claim, that of the pending request that is completed, and its own if it stays pending."""
    completes = event.body.request.completes
    return (*claims.needs(event, book), *([_key(completes)] if completes is not None else ()), *own(event, book))


def own(event: Event, book: Book) -> tuple[str, ...]:
    """The entry that a pending request leaves."""
    return (_key(event.attributes.request_id),)


def paid(view: View, event: Event) -> View:
    """The state after ``reimbursement.settled``. Raises DoesNotFit."""
    body = as_claim(event.body)
    return claims.numbered(claims.folded(view, event.attributes.id, body), event, body)


def fold(view: View, event: Event) -> View:
    """The state after ``reimbursement.pending``: what is kept of it until it is completed."""
    body, id = event.body, event.attributes.request_id
    asked = _as_kept(body)
    return View(view.person, {**view.entries, _key(id): to_json(kept(asked, body.settled.papers, id)).decode()})


KINDS = {
    "reimbursement.priced": Kind(needs=needs, decide=decide),
    "trial.priced": Kind(needs=needs, decide=decide),
    "reimbursement.settled": Kind(needs=claims.moved, fold=paid),
    "reimbursement.pending": Kind(needs=own, fold=fold),
}


def _asked(body: ReimbursementPriced, book: Book) -> Application | None:
    """The application; None where the place has no name for the care, for which the claim is refused."""
    try:
        return application(body.request, body.checked, care_of(book, body.checked, body.request))
    except NoRule:
        return None


def _as_kept(body: ReimbursementPriced) -> Application:
    return application(body.request, body.checked, care="")


def _before(asked: Application, view: View) -> Pending | None:
    text = view.entries.get(_key(asked.completes)) if asked.completes is not None else None
    return Pending.model_validate_json(text) if text else None


def _unpaid(verdict: str, reasons: Iterable[Reason], papers: Papers | None, book: Book) -> Reimbursed:
    return Reimbursed(verdict=verdict, reasons=tuple(reasons), papers=papers, rulebook=book.digest, policies=VERSION)  # type: ignore[arg-type]


def _key(request_id: str) -> str:
    return f"pending:{request_id}"
