"""One module an event: its versions and its upcasts. This table is the register of all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contracts.base import Model
from contracts.events.account import AccountCredit, AccountCredited, AccountDebit, AccountDebited, AccountRefused
from contracts.events.audit import AuditFound, RequestDead
from contracts.events.claim import ClaimChecked, ClaimPriced, ClaimRefused, ClaimSettled, ClaimSubmitted, ClaimV1, unchanged
from contracts.events.direct import DirectClaim
from contracts.events.enrolment import Enrolment, EnrolmentRecorded, EnrolmentV1
from contracts.events.filing import FilingDecided, FilingRequest, FilingRequested, FilingRequestV1, FilingRequestV2, upcast_v1
from contracts.events.reimbursement import (
    Reimbursement,
    ReimbursementChecked,
    ReimbursementPriced,
    ReimbursementRefused,
    ReimbursementRequested,
    ReimbursementSettled,
)
from contracts.events.request import RequestRefused, RequestRepeated, RequestUnreadable
from contracts.events.reversal import (
    Correction,
    CorrectionChecked,
    CorrectionDecided,
    CorrectionPriced,
    CorrectionRequested,
    RequestUndone,
    Reversal,
    ReversalDecided,
    ReversalRequested,
    Undo,
    UndoDecided,
    UndoRequested,
)
from contracts.events.review import ReviewDecision, ReviewRequested, ReviewSettled
from contracts.events.seal import ChainSealed
from contracts.events.wallet import (
    WalletCredit,
    WalletCredited,
    WalletRefused,
    WalletRequest,
    WalletRequested,
    WalletReturned,
    WalletShared,
)


@dataclass(frozen=True, slots=True)
class RequestType:
    """A type of request: its models by version, and the upcasts, each one version up. ``newest``: its newest version.

    ``id_of``: the field of which its id has to be derived, so that what it names happens once.
    """

    versions: dict[int, type[Model]]
    upcasts: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    id_required: bool = False
    id_of: str | None = None
    newest: int = field(init=False)
    _other_form: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        newest = max(self.versions)
        changed = max((version for version, upcast in self.upcasts.items() if upcast is not unchanged), default=0)
        object.__setattr__(self, "newest", newest)
        object.__setattr__(self, "_other_form", frozenset(range(1, changed + 1)))

    def same_form(self, version: int) -> bool:
        """Whether the newest model reads a body of ``version`` as it stands."""
        return version not in self._other_form


REQUESTS: dict[str, RequestType] = {
    "enrolment.recorded": RequestType({1: EnrolmentV1, 2: Enrolment}, {1: unchanged}),
    "account.credited": RequestType({1: AccountCredit}, id_required=True),
    "account.debited": RequestType({1: AccountDebit}, id_required=True),
    "wallet.requested": RequestType({1: WalletRequest}, id_required=True),
    "wallet.credited": RequestType({1: WalletCredit}, id_required=True, id_of="shar_id"),
    "filing.requested": RequestType(
        {1: FilingRequestV1, 2: FilingRequestV2, 3: FilingRequest}, {1: upcast_v1, 2: unchanged}),
    "claim.submitted": RequestType({1: ClaimV1, 2: DirectClaim}, {1: unchanged}),
    "quote.requested": RequestType({1: ClaimV1, 2: DirectClaim}, {1: unchanged}),
    "reimbursement.requested": RequestType({1: Reimbursement}),
    "trial.requested": RequestType({1: Reimbursement}),
    "review.decided": RequestType({1: ReviewDecision}),
    "reversal.requested": RequestType({1: Reversal}),
    "correction.requested": RequestType({1: Correction}),
    "undo.requested": RequestType({1: Undo}),
}

BODIES: dict[str, type[Model]] = {
    "enrolment.recorded": EnrolmentRecorded,
    "account.credited": AccountCredited,
    "account.debited": AccountDebited,
    "account.refused": AccountRefused,
    "wallet.requested": WalletRequested,
    "wallet.shared": WalletShared,
    "wallet.refused": WalletRefused,
    "wallet.credited": WalletCredited,
    "wallet.returned": WalletReturned,
    "filing.requested": FilingRequested,
    "filing.decided": FilingDecided,
    "claim.submitted": ClaimSubmitted,
    "claim.checked": ClaimChecked,
    "claim.priced": ClaimPriced,
    "claim.settled": ClaimSettled,
    "claim.held": ClaimSettled,
    "claim.refused": ClaimRefused,
    "quote.requested": ClaimSubmitted,
    "quote.checked": ClaimChecked,
    "quote.priced": ClaimPriced,
    "claim.quoted": ClaimSettled,
    "quote.refused": ClaimRefused,
    "reimbursement.requested": ReimbursementRequested,
    "reimbursement.checked": ReimbursementChecked,
    "reimbursement.priced": ReimbursementPriced,
    "reimbursement.settled": ReimbursementSettled,
    "reimbursement.pending": ReimbursementSettled,
    "reimbursement.refused": ReimbursementRefused,
    "trial.requested": ReimbursementRequested,
    "trial.checked": ReimbursementChecked,
    "trial.priced": ReimbursementPriced,
    "reimbursement.quoted": ReimbursementSettled,
    "trial.pending": ReimbursementSettled,
    "trial.refused": ReimbursementRefused,
    "review.decided": ReviewRequested,
    "review.settled": ReviewSettled,
    "review.closed": ReviewSettled,
    "review.refused": ReviewSettled,
    "reversal.requested": ReversalRequested,
    "claim.reversed": ReversalDecided,
    "reversal.refused": ReversalDecided,
    "reversal.repeated": ReversalDecided,
    "correction.requested": CorrectionRequested,
    "correction.checked": CorrectionChecked,
    "correction.priced": CorrectionPriced,
    "claim.corrected": CorrectionDecided,
    "correction.refused": CorrectionDecided,
    "undo.requested": UndoRequested,
    "claim.undone": UndoDecided,
    "undo.refused": UndoDecided,
    "undo.repeated": UndoDecided,
    "request.undone": RequestUndone,
    "request.unreadable": RequestUnreadable,
    "request.repeated": RequestRepeated,
    "request.refused": RequestRefused,
}
"""The whole value of a record of the road, by the name of its type (all in version 1)."""

BESIDE: dict[str, type[Model]] = {
    "audit.found": AuditFound,
    "request.dead": RequestDead,
    "chain.sealed": ChainSealed,
}
"""The whole value of a record beside the road, by the name of its type (all in version 1)."""
