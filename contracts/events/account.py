"""``account.credited``: money comes into the personal account (个人账户划入)."""

from typing import Annotated

from pydantic import Field

from contracts.base import Code, Day, Model, PsnNo, Text, described as of
from contracts.money import MAX_FEN


class AccountCredit(Model):
    """The request ``cn.yibao.account.credited.v1``. Its ``id`` is required: two equal credits may both be meant."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    insutype: of(Code, "险种类型", "type of insurance whose account it is")
    crdt_amt: of(Annotated[int, Field(gt=0, le=MAX_FEN)], "划入金额（分）", "amount credited, in fen")
    crdt_date: of(Day, "划入日期", "day of the credit")
    memo: of(Text | None, "备注", "note") = None


class AccountCredited(Model):
    """``account.credited`` on the road."""

    request: AccountCredit
