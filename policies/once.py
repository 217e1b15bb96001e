"""What is paid once: an invoice, and a visit by one of its two ways. For all that settles, undoes or settles again."""

from collections.abc import Iterator

from contracts.events.claim import Claim
from contracts.reasons import Reason
from policies import invoices, visits
from policies.stage import View


def keys(claim: Claim) -> tuple[str, ...]:
    """The entries of a claim's invoices and of its visit."""
    return (*invoices.keys(claim), *visits.keys(claim))


def used(claim: Claim, view: View) -> Iterator[Reason]:
    """What of the claim was paid before. Needs the entries ``keys(claim)``."""
    yield from invoices.used(claim, view)
    yield from visits.used(claim, view)


def taken(view: View, after: View, claim: Claim, setl_id: str) -> View:
    """``after`` with the claim paid by ``setl_id``. Raises DoesNotFit."""
    return visits.taken(view, invoices.taken(view, after, claim, setl_id), claim, setl_id)


def freed(view: View, claim: Claim, setl_id: str) -> View:
    """``view`` without the settlement ``setl_id`` of ``claim``."""
    return visits.freed(invoices.freed(view, claim, setl_id), claim, setl_id)
