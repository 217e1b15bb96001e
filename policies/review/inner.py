"""A decision holds the claim that it settled: to laws, statements and reversals it is a settlement like any other."""

from collections.abc import Mapping
from typing import Any

from contracts.base import made
from contracts.events.claim import ClaimSettled
from contracts.events.review import HeldClaim
from contracts.wire import Event


def named(section: Any, name: str) -> Any:
    """What a section holds under ``name``; None where there is none, or no such field: ``getattr`` takes 2 microseconds for those."""
    return section.__dict__.get(name) if section is not None else None


def inner(sections: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sections of the claim that an event settles: its own, or those of the held claim that a decision holds."""
    held = named(sections.get("settled"), "held")
    if held is None:
        return sections
    return {"request": held.claim, "checked": held.claim_checked, "priced": held.claim_priced, "settled": sections["settled"]}


def as_claim(body: Any) -> ClaimSettled:
    """The body of ``claim.settled`` or ``review.settled`` as that of a settled claim."""
    return body if isinstance(body, ClaimSettled) else made(ClaimSettled, **inner(body.__dict__))


def held_key(id: str) -> str:
    """The entry of a held claim in the state of settlement."""
    return f"held:{id}"


def held_of(event: Event) -> HeldClaim:
    """The held claim of ``claim.held``, or the one that a decision holds."""
    body = event.body
    if not isinstance(body, ClaimSettled):
        return body.settled.held
    return made(
        HeldClaim, id=event.attributes.id, request_id=event.attributes.request_id, claim=body.request,
        claim_checked=body.checked, claim_priced=body.priced, claim_held=body.settled,
    )
