"""``review.decided``: a person of the agency decides a held claim; it ends as ``review.settled``, ``closed`` or ``refused``.

The claim is settled once, at the decision's place on the road, with its own dates. The verdict holds the whole held
claim, so that it can be decided again from its own record.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.base import Code, Day, Model, MoreThanNothing, PsnNo, RequestId, Text, Wrong, described as of
from contracts.events.claim import MAX_LINES, Checked, Claim, Priced, Settled
from contracts.events.finding import Bearer


class DecidedLine(Model):
    """One line that the person cuts. ``amt``: so much of it; absent: all of it that refunds have left."""

    feedetl_sn: of(Code, "费用明细流水号", "number of the line")
    bears: of(Bearer, "承担方", "who bears it: patient or provider")
    amt: of(MoreThanNothing | None, "扣减金额（分）", "amount cut, in fen") = None


class ReviewDecision(Model):
    """The request ``cn.yibao.review.decided.v1``."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    held_id: of(Code, "暂缓结论编号", "id of the claim.held event")
    decision: of(Literal["release", "cut", "refuse"], "决定", "settle as billed, cut lines, or settle nothing")
    lines: of(Annotated[tuple[DecidedLine, ...], Field(max_length=MAX_LINES)], "扣减明细", "lines that are cut") = ()
    opter: of(Code, "经办人编号", "reference to who decided; no name")
    date: of(Day, "决定日期", "day of the decision")
    memo: of(Text | None, "说明", "note") = None

    @model_validator(mode="after")
    def _cuts_name_lines(self) -> "ReviewDecision":
        if bool(self.lines) != (self.decision == "cut"):
            raise Wrong("lines 在决定为 cut 时必填，其他决定不填", "lines must be given where the decision is cut, and only there")
        if len({line.feedetl_sn for line in self.lines}) < len(self.lines):
            raise Wrong("lines 中同一明细出现两次", "lines names a line twice")
        return self


class HeldClaim(Model):
    """The held claim whole: its ids, its request in the newest version, and its sections (under names that no section has)."""

    id: of(Code, "暂缓结论编号", "id of the claim.held event")
    request_id: of(RequestId, "请求编号", "id of the claim's own request")
    claim: Claim
    claim_checked: Checked
    claim_priced: Priced
    claim_held: Settled


class Decided(Settled):
    """The section ``settled`` of a decision: that of the claim as it was settled, and the claim itself."""

    verdict: Literal["settled", "closed", "refused"]  # type: ignore[assignment]
    held: of(HeldClaim | None, "暂缓的费用", "the claim that was decided") = None
    first: of(RequestId | None, "首次决定", "request id of the decision that stands, where there is one already") = None


class ReviewRequested(Model):
    """``review.decided`` on its way."""

    request: ReviewDecision


class ReviewSettled(Model):
    """``review.settled``: the claim is settled. ``review.closed``: it is refused for good. ``review.refused``: nothing is decided."""

    request: ReviewDecision
    settled: Decided
