"""Invoices: each is paid once, whatever claim it comes with (entries ``invoice:<number>`` of settlement's state).

An entry holds the ``setl_id`` by which the invoice was used; empty once that settlement was taken back. Claims without invoices
have no entry and cost nothing here.
"""

from collections import Counter
from collections.abc import Iterator

from contracts.events.claim import Claim
from contracts.money import yuan
from contracts.reasons import Reason, reason
from policies.stage import DoesNotFit, View

FREE = ""


def keys(claim: Claim) -> tuple[str, ...]:
    """The entries of a claim's invoices."""
    return tuple([_key(invoice.invono) for invoice in claim.invoinfo]) if claim.invoinfo else ()


def wrong(claim: Claim) -> Iterator[Reason]:
    """What is wrong with the invoices of a bill by themselves: one twice, or a sum that is not the bill's."""
    if not claim.invoinfo:
        return
    times = Counter(invoice.invono for invoice in claim.invoinfo)
    yield from (reason("invoice_twice", "invoinfo", invono=number) for number, found in times.items() if found > 1)
    total = sum(invoice.invo_amt for invoice in claim.invoinfo)
    if total != claim.medfee_sumamt:
        yield reason("invoice_sum", "invoinfo", sum=yuan(total), total=yuan(claim.medfee_sumamt))


def used(claim: Claim, view: View) -> Iterator[Reason]:
    """The invoices that an earlier settlement has used, which the reason names."""
    for place, invoice in enumerate(claim.invoinfo):
        if setl_id := view.entries.get(_key(invoice.invono)):
            yield reason("invoice_used", f"invoinfo.{place}.invono", invono=invoice.invono, setl_id=setl_id)


def taken(view: View, after: View, claim: Claim, setl_id: str) -> View:
    """``after`` with the invoices of a settlement in use by it. Raises DoesNotFit where ``view`` holds another user."""
    if not claim.invoinfo:
        return after
    for key in keys(claim):
        if view.entries.get(key):
            raise DoesNotFit(f"{key}: settlement {setl_id} uses it, and so does {view.entries[key]}")
    return View(after.person, {**after.entries, **dict.fromkeys(keys(claim), setl_id)})


def freed(view: View, claim: Claim, setl_id: str) -> View:
    """``view`` without the settlement ``setl_id`` of ``claim``: the invoices that it used may be used again.

    Needs the entries ``keys(claim)``. What another settlement uses stays.
    """
    mine = [key for key in keys(claim) if view.entries.get(key) == setl_id]
    return View(view.person, {**view.entries, **dict.fromkeys(mine, FREE)})


def _key(invono: str) -> str:
    return f"invoice:{invono}"
