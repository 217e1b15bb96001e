"""``reimbursement.requested`` -> ``.checked`` -> ``.priced`` -> ``reimbursement.settled``, ``.pending`` or ``.refused``, and a trial.

Manual reimbursement (手工报销, 零星报销): the patient paid in full and claims from the agency of the place of insurance, with
invoices and papers. Everything of a claim, in fen, and what only this route asks for.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.base import Code, Day, Fen, Flag, Model, RequestId, Wrong, described as of
from contracts.events.bill import Invoice
from contracts.events.claim import MAX_INVOICES, Checked, Claim, Priced, Settled

MAX_MATERIALS = 32
ManualReason = Literal[
    "emergency_not_filed", "provider_not_connected", "network_failure", "in_arrears", "not_filed", "system_fault", "no_credential",
    "student_at_home", "provider_not_chosen", "self_paid",
]
"""急诊未备案, 机构未联网, 网络不通, 欠费封锁, 出院结算时未备案, 系统故障, 无就诊凭证, 学生寒暑假或实习在户籍地, 未在选定医院, 先行自费: why it was not
settled directly (manl_reim_rea; the national interface names the field and publishes no list of codes). Each is a code of
``contracts.reasons``, by which eligibility tells the same."""
Payer = Literal["self", "relative", "employer", "school"]
Channel = Literal["window", "mail", "online", "employer", "school"]
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
_LIKE_AN_ACCOUNT = re.compile(r"[0-9]{9}")


class Reimbursement(Claim):
    """The requests ``cn.yibao.reimbursement.requested.v1`` and ``cn.yibao.trial.requested.v1`` (moves nothing)."""

    pay_loc: of(Literal["1"], "支付地点", "1: the agency pays") = "1"
    late_setl_flag: of(Literal["0"], "补录标志", "0: late settlement by the provider is a claim") = "0"
    manl_reim_rea: of(ManualReason, "零星报销原因", "why it was not settled directly")
    payer: of(Payer, "垫付人", "who paid the bill")
    appl_date: of(Day, "申请日期", "day of the application")
    channel: of(Channel, "申请渠道", "how it was handed in")
    materials: of(Annotated[tuple[Code, ...], Field(max_length=MAX_MATERIALS)], "报销材料", "papers handed in, by the rulebook's codes")
    acct_ref: of(Reference, "收款账户登记号", "to which account, by the reference that the agency keeps: no account number")
    invoinfo: of(Annotated[tuple[Invoice, ...], Field(min_length=1, max_length=MAX_INVOICES)], "发票信息", "invoices of this bill")
    batch_no: of(Code | None, "批次号", "batch of the employer or the school") = None
    precheck_flag: of(Flag, "预审标志", "sent in as copies for a check beforehand: 0 no, 1 yes") = "0"
    completes: of(RequestId | None, "补充的请求", "id of the pending request that this one completes") = None

    @model_validator(mode="after")
    def _as_applied_for(self) -> "Reimbursement":
        if not self.enddate <= self.appl_date <= self.setl_date:
            raise Wrong("enddate、appl_date、setl_date 须按此先后顺序", "enddate, appl_date and setl_date must be in this order")
        if _LIKE_AN_ACCOUNT.search(self.acct_ref):
            raise Wrong(
                "acct_ref 像是账号；请填经办机构登记该账户的编号",
                "acct_ref looks like an account number; send the reference under which the agency keeps the account")
        if missing := [invoice.invono for invoice in self.invoinfo if invoice.invo_chk is None]:
            raise Wrong(
                f"发票 {missing[0]} 缺少 invo_chk；手工报销的每张发票都要校验码",
                f"invo_chk is missing for invoice {missing[0]}; a reimbursement needs the check code of each")
        return self


class Pending(Model):
    """What is kept of a pending request until another one completes it."""

    request_id: of(RequestId, "请求编号", "the pending request")
    fixmedins_code: Code
    mdtrt_id: Code
    enddate: of(Day, "结束（出院）日期", "last day of the care")
    appl_date: of(Day, "首次申请日期", "day of the first application, by which the deadline is kept")
    materials: of(tuple[Code, ...], "已收材料", "papers that are there") = ()
    until: of(Day | None, "补齐期限", "last day on which it may be completed; absent: none is set") = None


class Papers(Model):
    """The facts by which the application was judged: what was handed in, when, and what the place asks for."""

    appl_date: of(Day, "首次申请日期", "day of the first application")
    deadline: of(Day | None, "申请期限", "last day for the application; absent: none is set") = None
    days_late: of(int, "逾期天数", "days after it") = 0
    handed_in: of(tuple[Code, ...], "已收材料", "papers that are there, those of the pending request too") = ()
    missing: of(tuple[tuple[Code, ...], ...], "缺少材料", "papers that are missing; of each group one is enough") = ()
    until: of(Day | None, "补齐期限", "last day on which it may be completed; absent: none is set") = None
    pending: of(Pending | None, "被补充的请求", "the pending request that this one completes") = None
    sources: of(tuple[str, ...], "来源", "sources of the rules applied") = ()
    choices: of(tuple[str, ...], "选择", "what was chosen where a text leaves something open") = ()


class Reimbursed(Settled):
    """The section ``settled`` of a reimbursement. Pending moves nothing and holds no amounts."""

    verdict: Literal["settled", "refused", "pending"]
    papers: of(Papers | None, "申请依据", "the facts by which the application was judged") = None
    payable_amt: of(Fen, "应付本人金额", "paid to the person: funds, account and allowance, less what other agencies paid already") = 0
    acct_ref: of(Reference | None, "收款账户登记号", "to which account it is paid") = None


class ReimbursementRequested(Model):
    """``reimbursement.requested`` and ``trial.requested`` on the road."""

    request: Reimbursement


class ReimbursementChecked(Model):
    """``reimbursement.checked`` and ``trial.checked``."""

    request: Reimbursement
    checked: Checked


class ReimbursementPriced(Model):
    """``reimbursement.priced`` and ``trial.priced``."""

    request: Reimbursement
    checked: Checked
    priced: Priced


class ReimbursementSettled(Model):
    """``reimbursement.settled``, ``reimbursement.quoted``, ``reimbursement.pending`` and ``trial.pending``."""

    request: Reimbursement
    checked: Checked
    priced: Priced
    settled: Reimbursed


class ReimbursementRefused(Model):
    """``reimbursement.refused`` and ``trial.refused``: the last section says why."""

    request: Reimbursement
    checked: Checked
    priced: Priced | None = None
    settled: Reimbursed | None = None
