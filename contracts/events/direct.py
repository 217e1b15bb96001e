"""The door of claims: what is settled with the provider. Bills that the person paid are claimed as reimbursements."""

from typing import Any

from pydantic import field_validator

from contracts.base import Wrong, described as of
from contracts.events.claim import Claim


class DirectClaim(Claim):
    """The requests ``cn.yibao.claim.submitted.v2`` and ``cn.yibao.quote.requested.v2``: settled with the provider."""

    pay_loc: of(str, "支付地点", "2 the provider, 5 an internet hospital", pattern="^[25]$") = "2"

    @field_validator("pay_loc", mode="before")
    @classmethod
    def _direct(cls, value: Any) -> Any:
        if value == "1":
            raise Wrong(
                "手工报销（1）请用 cn.yibao.reimbursement.requested.v1 申请",
                "manual reimbursement (1) is requested as cn.yibao.reimbursement.requested.v1")
        return value
