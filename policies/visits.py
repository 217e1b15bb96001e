"""Visits: a bill of one is settled directly or paid by hand, never both (entries ``visit:<provider>/<mdtrt_id>``).

Several settlements of a visit by one way are several bills of it. Between the two ways the invoices tell bills apart, and a
reimbursement always names its own; so what matters is a direct settlement that names none. One that names them has no entry
here (``policies.invoices`` sees to it), and neither has a stay, whose own entry says that it was settled.

An entry holds ``direct/<setl_id>`` or ``hand/<setl_id>`` -> 1 of the first MOST settlements, and ``direct/`` or ``hand/`` -> how
many more there are.
"""

from collections.abc import Iterator

from contracts.events.claim import Claim
from contracts.reasons import Reason, reason
from policies.places import MANUAL
from policies.settlement.facts import is_stay
from policies.stage import View

MOST = 16
"""Settlements that an entry names."""
DIRECT, HAND = "direct", "hand"


def keys(claim: Claim) -> tuple[str, ...]:
    """The entry of a claim's visit; none where nothing can be paid both ways."""
    if is_stay(claim.med_type) or (claim.invoinfo and claim.pay_loc != MANUAL):
        return ()
    return (f"visit:{claim.fixmedins_code}/{claim.mdtrt_id}",)


def paid(claim: Claim, view: View) -> tuple[str, ...]:
    """The settlements by which the visit was paid the other way; ``-`` for those that are not named. Needs ``keys(claim)``."""
    held = [name for key in keys(claim) for name in view.entries.get(key) or ()]
    if not held:
        return ()
    other = f"{DIRECT if _way(claim) == HAND else HAND}/"
    return tuple([name.removeprefix(other) or "-" for name in held if name.startswith(other)])


def used(claim: Claim, view: View) -> Iterator[Reason]:
    """Why the visit is not paid this way: it was paid the other way, by the settlement that the reason names."""
    if by := paid(claim, view):
        code = "visit_settled" if _way(claim) == HAND else "visit_reimbursed"
        yield reason(code, "mdtrt_id", mdtrt_id=claim.mdtrt_id, code=claim.fixmedins_code, setl_id=by[0])


def taken(view: View, after: View, claim: Claim, setl_id: str) -> View:
    """``after`` with the visit paid by a settlement. Logs of before this was asked may hold both ways: that fits, too."""
    entries = dict(after.entries)
    for key in keys(claim):
        held = view.entries.get(key) or {}
        name = f"{_way(claim)}/{setl_id if len(held) < MOST else ''}"
        entries[key] = {**held, name: held.get(name, 0) + 1}
    return View(after.person, entries)


def freed(view: View, claim: Claim, setl_id: str) -> View:
    """``view`` without the settlement ``setl_id`` of ``claim``. Needs the entries ``keys(claim)``."""
    entries = dict(view.entries)
    for key in keys(claim):
        held = view.entries.get(key) or {}
        gone = next((name for name in (f"{_way(claim)}/{setl_id}", f"{_way(claim)}/") if name in held), None)
        entries[key] = {name: left for name, count in held.items() if (left := count - (name == gone))}
    return View(view.person, entries)


def _way(claim: Claim) -> str:
    return HAND if claim.pay_loc == MANUAL else DIRECT
