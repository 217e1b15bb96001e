"""``account.credited``: money comes into the personal account (个人账户划入); ``account.debited``: balance is moved out.

A debit is decided in settlement: the balance suffices and moves, or ``account.refused`` says why nothing does.
"""

from typing import Literal

from contracts.base import Code, Day, Model, MoreThanNothing, PsnNo, Text, described as of
from contracts.events.section import Section
from contracts.events.written import Movement
from contracts.reasons import Reason


class AccountCredit(Model):
    """The request ``cn.yibao.account.credited.v1``. Its ``id`` is required: two equal credits may both be meant."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    insutype: of(Code, "险种类型", "type of insurance whose account it is")
    crdt_amt: of(MoreThanNothing, "划入金额（分）", "amount credited, in fen")
    crdt_date: of(Day, "划入日期", "day of the credit")
    memo: of(Text | None, "备注", "note") = None


class AccountCredited(Model):
    """``account.credited`` on the road."""

    request: AccountCredit


class AccountDebit(Model):
    """The request ``cn.yibao.account.debited.v1``: balance moved out, as with the insurance. Its ``id`` is required."""

    psn_no: of(PsnNo, "人员编号", "insured person")
    insutype: of(Code, "险种类型", "type of insurance whose account it is")
    amt: of(MoreThanNothing, "转出金额（分）", "amount moved out, in fen")
    date: of(Day, "转出日期", "day of the debit")
    memo: of(Text | None, "备注", "note") = None


class AccountMoved(Section):
    """The section ``settled`` of a debit. Law 3: the account moves by the amount, or not at all."""

    version: of(Literal[1], "段版本", "version of the section") = 1
    verdict: Literal["settled", "refused"]
    reasons: tuple[Reason, ...] = ()
    account: of(Movement | None, "个人账户", "balance before, movement, after") = None


class AccountDebited(Model):
    """``account.debited``: on its way, and with its section once it is decided."""

    request: AccountDebit
    settled: AccountMoved | None = None


class AccountRefused(Model):
    """``account.refused``: a debit that moves nothing."""

    request: AccountDebit
    settled: AccountMoved
