"""The family wallet (家庭共济): one person's account pays for the care of a relative.

``wallet.requested`` -> ``wallet.shared`` or ``wallet.refused`` on the sharer's road. For each sharing the courier
publishes ``wallet.credited`` on the user's road: it ends as ``wallet.credited``, or as ``wallet.returned``, and then the
courier credits the amount back to the sharer.
"""

from typing import Literal

from contracts.base import Admdvs, Code, Day, Model, MoreThanNothing, PsnNo, described as of
from contracts.events.account import AccountMoved
from contracts.events.enrolment import Spell
from contracts.events.section import Section
from contracts.events.written import Movement
from contracts.reasons import Reason

Kin = Literal["spouse", "parent", "child", "sibling", "grandparent", "grandchild"]
"""配偶, 父母, 子女, 兄弟姐妹, 祖父母和外祖父母, 孙子女和外孙子女 (S143): what the user is to the sharer."""


class WalletRequest(Model):
    """The request ``cn.yibao.wallet.requested.v1``. Its ``id`` is required: two equal sharings may both be meant."""

    psn_no: of(PsnNo, "共济人人员编号", "the sharer, whose account pays")
    insutype: of(Code, "险种类型", "type of insurance whose account it is")
    user_psn_no: of(PsnNo, "被共济人人员编号", "the relative who uses the money")
    kin: of(Kin, "亲属关系", "what the user is to the sharer")
    user_insuplc_admdvs: of(Admdvs, "被共济人参保地医保区划", "the user's place of insurance, as the agency knows it")
    amt: of(MoreThanNothing, "共济金额（分）", "amount shared, in fen")
    date: of(Day, "共济日期", "day of the sharing")


class WalletCredit(Model):
    """The request ``cn.yibao.wallet.credited.v1``, which the courier publishes. Its ``id`` is derived from the sharing."""

    psn_no: of(PsnNo, "被共济人人员编号", "the user, whose wallet is filled")
    sharer: of(PsnNo, "共济人人员编号", "the sharer, whose account paid")
    insutype: of(Code, "险种类型", "type of insurance whose account paid")
    insuplc_admdvs: of(Admdvs, "共济人参保地医保区划", "the sharer's place of insurance, whose rules apply")
    amt: of(MoreThanNothing, "共济金额（分）", "amount shared, in fen")
    date: of(Day, "共济日期", "day of the sharing")
    shar_id: of(Code, "共济事件编号", "id of the wallet.shared event")


class WalletShare(AccountMoved):
    """The section ``settled`` of a sharing, on the sharer's road."""

    insured: of(Spell | None, "共济人参保信息", "the sharer's insurance, whose place has the rule") = None
    source: of(str | None, "规则来源", "source of the rule applied") = None


class WalletFilled(Section):
    """The section ``settled`` of a credit to the wallet, on the user's road."""

    version: of(Literal[1], "段版本", "version of the section") = 1
    verdict: Literal["settled", "returned"]
    reasons: tuple[Reason, ...] = ()
    insured: of(Spell | None, "被共济人参保信息", "the user's insurance by which the money may be used") = None
    source: of(str | None, "规则来源", "source of the rule applied") = None
    wallet: of(Movement | None, "家庭共济", "what each sharer's purse held before, movement, after") = None


class WalletRequested(Model):
    """``wallet.requested`` on its way."""

    request: WalletRequest


class WalletShared(Model):
    """``wallet.shared``: the sharer's account has paid."""

    request: WalletRequest
    settled: WalletShare


class WalletRefused(Model):
    """``wallet.refused``: nothing moves."""

    request: WalletRequest
    settled: WalletShare


class WalletCredited(Model):
    """``wallet.credited``: on its way, and with its section once the wallet is filled."""

    request: WalletCredit
    settled: WalletFilled | None = None


class WalletReturned(Model):
    """``wallet.returned``: the wallet takes nothing, the amount goes back to the sharer."""

    request: WalletCredit
    settled: WalletFilled
