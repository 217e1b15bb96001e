"""What each stage may add to an event: the types that it makes of others, its section, and the verdict in it."""

from functools import cache
from types import NoneType
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

from contracts.events import BODIES

SEEN = frozenset({"request.repeated", "request.refused"})
DUE: dict[str, dict[str, frozenset[str]]] = {
    "filing": {
        **dict.fromkeys((
            "enrolment.recorded", "account.credited", "account.debited", "wallet.requested", "wallet.credited",
            "claim.submitted", "quote.requested", "reimbursement.requested", "trial.requested", "review.decided", "reversal.requested",
            "correction.requested"), SEEN),
        "undo.requested": SEEN | {"request.undone"},
        "filing.requested": SEEN | {"filing.decided"},
    },
    "eligibility": {
        "claim.submitted": frozenset({"claim.checked", "claim.refused"}),
        "quote.requested": frozenset({"quote.checked", "quote.refused"}),
        "reimbursement.requested": frozenset({"reimbursement.checked", "reimbursement.refused"}),
        "trial.requested": frozenset({"trial.checked", "trial.refused"}),
        "correction.requested": frozenset({"correction.checked", "correction.refused"}),
    },
    "pricing": {
        "claim.checked": frozenset({"claim.priced", "claim.refused"}),
        "quote.checked": frozenset({"quote.priced", "quote.refused"}),
        "reimbursement.checked": frozenset({"reimbursement.priced", "reimbursement.refused"}),
        "trial.checked": frozenset({"trial.priced", "trial.refused"}),
        "correction.checked": frozenset({"correction.priced", "correction.refused"}),
    },
    "settlement": {
        "claim.priced": frozenset({"claim.settled", "claim.held", "claim.refused"}),
        "quote.priced": frozenset({"claim.quoted", "quote.refused"}),
        "reimbursement.priced": frozenset({"reimbursement.settled", "reimbursement.pending", "reimbursement.refused"}),
        "trial.priced": frozenset({"reimbursement.quoted", "trial.pending", "trial.refused"}),
        "review.decided": frozenset({"review.settled", "review.closed", "review.refused"}),
        "reversal.requested": frozenset({"claim.reversed", "reversal.refused", "reversal.repeated"}),
        "correction.priced": frozenset({"claim.corrected", "correction.refused"}),
        "undo.requested": frozenset({"claim.undone", "undo.refused", "undo.repeated"}),
        "account.debited": frozenset({"account.debited", "account.refused"}),
        "wallet.requested": frozenset({"wallet.shared", "wallet.refused"}),
        "wallet.credited": frozenset({"wallet.credited", "wallet.returned"}),
    },
}
"""What a stage may make of a type by a section of its own. Everything else it forwards."""

_PROMISED = {
    "checked": "accepted", "priced": "accepted", "settled": "settled", "quoted": "settled",
    "debited": "settled", "shared": "settled", "credited": "settled", "returned": "returned",
    "refused": "refused", "repeated": "repeated", "pending": "pending", "held": "held", "closed": "closed",
    "reversed": "reversed", "corrected": "reversed",
}
_OF_TYPE = {"claim.undone": "reversed", "request.undone": "undone"}


@cache
def promised(type: str) -> str | None:
    """The verdict that the last word of a type promises; None where it promises none (``filing.decided``)."""
    return _OF_TYPE.get(type) or _PROMISED.get(type.rpartition(".")[2])


def grown_by(before: bytes, value: bytes, name: str) -> bytes | None:
    """The bytes of the section ``name`` by which ``value`` is longer than ``before``; None where it is not so."""
    if len(value) <= len(before):
        return None
    start, head = len(before) - 1, _head(name)
    if not value.startswith(before[:-1]) or not value.startswith(head, start) or not value.endswith(b"}"):
        return None
    return value[start + len(head) : -1]


@cache
def _head(name: str) -> bytes:
    """What stands between the bytes of the cause and the section ``name``."""
    return f',"{name}":'.encode()


@cache
def section_model(type: str, name: str) -> SchemaValidator | None:
    """What parses the section ``name`` of an event of ``type``; None where such an event has none."""
    fields: dict[str, Any] = BODIES[type].model_fields
    if name not in fields:
        return None
    annotation = fields[name].annotation
    return TypeAdapter(next(one for one in (*get_args(annotation), annotation) if one is not NoneType)).validator
