"""Undoing a settlement (反结算): ``reversal.requested`` -> ``claim.reversed``, ``reversal.refused`` or ``reversal.repeated``.

``correction.requested`` undoes and settles anew in one request (退费重结): its new claim is checked and priced on the way,
``correction.checked`` -> ``correction.priced`` -> ``claim.corrected``, or ``correction.refused``. ``undo.requested`` takes
back a request whose outcome is unknown (冲正, 2601): ``request.undone`` where it never arrived, else ``claim.undone``,
``undo.refused`` or ``undo.repeated``. Nothing is changed: what was settled stands, and its mirror stands behind it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, create_model, model_validator

from contracts.base import Admdvs, Code, Day, Flag, Hash, Model, PsnNo, RequestId, SignedFen, Text, Wrong, described as of, made
from contracts.events.claim import Checked, Claim, ClaimSettled, Priced, Settled
from contracts.events.section import Section
from contracts.events.written import Movement
from contracts.reasons import Reason

Why = Literal["wrong_settlement", "wrong_charges", "refund", "supplement"]
"""结算信息有误 (S047), 多收、少收或项目错误 (S046), 患者因故需退费 (S047), 垫付后补录 (S046)."""


class Asker(Model):
    """Who asks that something is undone, when and why."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    fixmedins_code: of(Code | None, "定点医药机构编号", "the provider that asks: the one that settled") = None
    setl_optins: of(Admdvs | None, "经办机构", "the agency that asks: that of the place of insurance") = None
    date: of(Day, "申请日期", "day of the request")
    reason: of(Why, "原因", "why: wrong_settlement, wrong_charges, refund or supplement")
    memo: of(Text | None, "备注", "note") = None

    @model_validator(mode="after")
    def _one_asks(self) -> "Asker":
        if (self.fixmedins_code is None) == (self.setl_optins is None):
            raise Wrong(
                "fixmedins_code 与 setl_optins 须填且只填一个：由其中一方申请", "give either fixmedins_code or setl_optins: one of them asks")
        return self


class Reversal(Asker):
    """The request ``cn.yibao.reversal.requested.v1`` (2208, 2305)."""

    setl_id: of(Code | None, "结算ID", "the settlement, by its id") = None
    omsgid: of(RequestId | None, "原发送方报文ID", "the settlement, by the id of the claim's request") = None
    invo_prnt_flag: of(Flag, "发票打印标志", "the invoice was printed: 0 no, 1 yes") = "0"
    cascade: of(Flag, "连带撤销标志", "reverse the later settlements too, and settle them again: 0 no, 1 yes (agency only)") = "0"

    @model_validator(mode="after")
    def _one_name(self) -> "Reversal":
        if (self.setl_id is None) == (self.omsgid is None):
            raise Wrong("setl_id 与 omsgid 须填且只填一个，以指明结算", "give either setl_id or omsgid: one of them names the settlement")
        return self


class Correction(Reversal):
    """The request ``cn.yibao.correction.requested.v1``: the settlement is reversed, and ``claim`` settled in its place."""

    claim: of(Claim, "更正后的费用", "the bill as it should have been, at the dates of the settlement")

    @model_validator(mode="after")
    def _same_person(self) -> "Correction":
        if self.claim.psn_no != self.psn_no:
            raise Wrong("claim.psn_no 与 psn_no 不是同一人", "claim.psn_no is another person than psn_no")
        return self


class Undo(Asker):
    """The request ``cn.yibao.undo.requested.v1`` (2601): the outcome of ``omsgid`` is not known, nothing of it shall stand."""

    omsgid: of(RequestId, "原发送方报文ID", "id of the request to be undone")


def claim_of(request: Any) -> Claim:
    """The claim in a request: the request itself, or the one that a correction holds."""
    return request.claim if isinstance(request, Correction) else request


AMOUNTS = tuple(name for name, field in Settled.model_fields.items() if field.annotation is int)
"""The fields of a settlement that hold fen."""
Mirror = create_model("Mirror", __base__=Settled, __module__=__name__, **{  # type: ignore[call-overload]
    name: (Annotated[SignedFen, Field(description=Settled.model_fields[name].description)], 0) for name in AMOUNTS})
"""The exact mirror of a settlement: every amount, each step and each movement with the other sign; law 3."""


class Original(Model):
    """A settled claim within another verdict. Its parts have names of their own: none is a section of that verdict."""

    claim: Claim
    eligibility: of(Checked, "资格", "its section checked")
    pricing: of(Priced, "费用拆分", "its section priced")
    settlement: of(Settled, "结算", "its section settled")

    @classmethod
    def of_event(cls, body: ClaimSettled) -> "Original":
        return made(cls, claim=body.request, eligibility=body.checked, pricing=body.priced, settlement=body.settled)

    @property
    def body(self) -> ClaimSettled:
        return made(ClaimSettled, request=self.claim, checked=self.eligibility, priced=self.pricing, settled=self.settlement)


class Undone(Model):
    """A settlement that is taken back: what it was, and its mirror."""

    setl_id: of(Code, "原结算ID", "the settlement")
    omsgid: of(RequestId, "原发送方报文ID", "id of the claim's request")
    number: of(int, "次序", "its place among the settlements of the person, from 1 on")
    original: Original
    mirror: Mirror  # type: ignore[valid-type]


class Again(Model):
    """A settlement in the place of one that was taken back. It stands at the original's place and dates."""

    init_setl_id: of(Code, "原结算ID", "the settlement that it replaces")
    setl_id: of(Code, "结算ID", "the new settlement")
    omsgid: of(RequestId, "原发送方报文ID", "id of the claim's request")
    number: of(int, "次序", "its place among the settlements of the person")
    settlement: Settled
    owed: of(dict[str, int], "差额（分）", "new less old: fund_pay_sumamt, acct_pay, psn_cash_pay, in fen")


class Moved(Model):
    """What a reversal moves in all: entries of the state by their key, accounts by type of insurance, the family wallet."""

    entries: dict[str, Movement] = {}
    accounts: dict[str, Movement] = {}
    wallet: Movement | None = None


class Reversed(Section):
    """The section ``settled`` of a reversal, a correction or an undo."""

    version: of(Literal[1], "段版本", "version of the section") = 1
    verdict: Literal["reversed", "refused", "repeated"]
    reasons: tuple[Reason, ...] = ()
    sources: of(tuple[str, ...], "依据", "sources of the limits that were looked at") = ()
    undone: of(tuple[Undone, ...], "撤销的结算", "what is taken back, the last one first") = ()
    again: of(tuple[Again, ...], "重新结算", "what is settled in its place, in order") = ()
    moved: Moved | None = None


class FiledUndone(Model):
    """The section ``filed`` of an undo whose request never arrived."""

    version: Literal[1] = 1
    verdict: Literal["undone"] = "undone"
    reasons: tuple[Reason, ...] = ()
    first_hash: of(Hash, "撤销请求摘要", "hash of the first undo of this request")


class ReversalRequested(Model):
    """``reversal.requested`` on the road."""

    request: Reversal


class ReversalDecided(Model):
    """``claim.reversed``, ``reversal.refused`` and ``reversal.repeated``."""

    request: Reversal
    settled: Reversed


class CorrectionRequested(Model):
    """``correction.requested`` on the road."""

    request: Correction


class CorrectionChecked(Model):
    """``correction.checked``."""

    request: Correction
    checked: Checked


class CorrectionPriced(Model):
    """``correction.priced``."""

    request: Correction
    checked: Checked
    priced: Priced


class CorrectionDecided(Model):
    """``claim.corrected``, and ``correction.refused``, whose last section says why."""

    request: Correction
    checked: Checked
    priced: Priced | None = None
    settled: Reversed | None = None


class UndoRequested(Model):
    """``undo.requested`` on the road."""

    request: Undo


class UndoDecided(Model):
    """``claim.undone``, ``undo.refused`` and ``undo.repeated``."""

    request: Undo
    settled: Reversed


class RequestUndone(Model):
    """``request.undone``: the request never arrived, and will be refused if it does."""

    request: Undo
    filed: FiledUndone
