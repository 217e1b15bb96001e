"""Which way is open: settlement at the provider, by the agency after self-payment (手工报销), or none.

Each reason says whether the way by hand stays open: ``open``, open ``after`` what it asks for, or ``closed`` (rulebook
``national/entitlement.toml``, ``[[route]]``). A reason that no text names closes it.
"""

from collections.abc import Iterable

from contracts.events.claim import Claim
from contracts.reasons import Reason, reason
from policies.entitlement.rules import Nation
from policies.places import MANUAL

STATED = ("network_failure", "system_fault", "no_credential", "self_paid")
"""What a request to be paid by hand may state as its reason beyond what the rules find themselves (manl_reim_rea)."""


def route_of(claim: Claim, reasons: Iterable[Reason], nation: Nation) -> str:
    """``direct``, ``manual`` or ``none``."""
    against = [one.code for one in reasons]
    if not against:
        return "manual" if claim.pay_loc == MANUAL else "direct"
    known = {code: manual for code, manual, _ in nation.routes}
    return "manual" if all(known.get(code, "closed") != "closed" for code in against) else "none"


def stated(claim: Claim) -> list[Reason]:
    """The reason that a request to be paid by hand states itself."""
    code = getattr(claim, "manl_reim_rea", None)
    return [reason(code, "manl_reim_rea")] if claim.pay_loc == MANUAL and code in STATED else []
