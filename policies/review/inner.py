"""A decision holds the claim that it settled: to laws, statements and reversals it is a settlement like any other."""

from collections.abc import Mapping
from typing import Any

from contracts.base import made
from contracts.events.claim import ClaimSettled


def inner(sections: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sections of the claim that an event settles: its own, or those of the held claim that a decision holds."""
    held = getattr(sections.get("settled"), "held", None)
    if held is None:
        return sections
    return {"request": held.request, "checked": held.checked, "priced": held.priced, "settled": sections["settled"]}


def as_claim(body: Any) -> ClaimSettled:
    """The body of ``claim.settled`` or ``review.settled`` as that of a settled claim."""
    return body if isinstance(body, ClaimSettled) else made(ClaimSettled, **inner(body.__dict__))
