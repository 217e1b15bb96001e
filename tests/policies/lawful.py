"""The laws of money, written out again, so that a mistake in ``policies.laws`` does not hide one in the steps."""

from collections.abc import Mapping

from contracts.events.claim import Priced, Settled
from policies.accumulators import Purse

FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay")
PARTS = {"fulamt_ownpay_amt": "fulamt_ownpay_amt", "overlmt_selfpay": "overlmt_amt", "preselfpay_amt": "preselfpay_amt",
         "inscp_scp_amt": "inscp_scp_amt"}


def lawful(settled: Settled, priced: Priced, before: Mapping[str, int], purse: Purse) -> None:
    """Laws 1 to 3 of a settlement, from the priced claim, the accumulators and the purse before."""
    law_1(priced)
    law_2(settled, priced)
    law_3(settled, before, purse)


def law_1(priced: Priced) -> None:
    for one in priced.lines:
        parts = [getattr(one, name) for name in PARTS.values()]
        assert one.det_item_fee_sumamt == sum(parts)
        assert all(part * one.det_item_fee_sumamt >= 0 for part in parts)
    for of_claim, of_line in PARTS.items():
        assert getattr(priced, of_claim) == sum(getattr(one, of_line) for one in priced.lines) >= 0
    assert priced.medfee_sumamt == sum(getattr(priced, name) for name in PARTS)


def law_2(settled: Settled, priced: Priced) -> None:
    funds = {name: getattr(settled, name) for name in FUNDS}
    assert settled.medfee_sumamt == priced.medfee_sumamt == settled.fund_pay_sumamt + settled.psn_part_amt + settled.hosp_part_amt
    assert settled.fund_pay_sumamt == sum(funds.values()) <= settled.medfee_sumamt and min(funds.values()) >= 0
    assert settled.psn_part_amt == settled.acct_pay + settled.psn_cash_pay == sum(settled.psn_parts.values())
    assert all(amount > 0 for amount in settled.psn_parts.values())
    assert 0 <= settled.hifp_pay <= priced.inscp_scp_amt - settled.act_pay_dedc + _guaranteed(settled)
    assert settled.act_pay_dedc <= priced.inscp_scp_amt
    assert min(settled.act_pay_dedc, settled.acct_mulaid_pay, settled.psn_cash_pay, settled.reduced_amt, settled.allowance_pay) >= 0
    assert settled.acct_mulaid_pay <= settled.acct_pay and settled.hosp_part_amt == priced.hosp_part_amt
    assert sum(part.fund_payamt for part in settled.setldetail) == settled.fund_pay_sumamt + settled.acct_pay
    assert (settled.steps[0].kind, settled.steps[0].amount) == ("scope", priced.inscp_scp_amt)
    assert (settled.steps[-1].kind, settled.steps[-1].amount) == ("cash", settled.psn_cash_pay)


def _guaranteed(settled: Settled) -> int:
    """What a guarantee lets the pool pay of what is not in scope, here or elsewhere."""
    written = [one for one in settled.steps if one.kind in ("guarantee", "prior") and "fund" not in one.facts]
    return sum(one.amount if one.kind == "guarantee" else int(one.facts.get("guaranteed", 0)) for one in written)


def law_3(settled: Settled, before: Mapping[str, int], purse: Purse) -> None:
    moved, account = settled.accumulators, settled.account
    assert moved is not None and moved.before == before and account is not None
    for one in (moved, account, settled.stay, settled.wallet):
        if one is not None:
            names = {*one.before, *one.movement, *one.after}
            assert all(one.after.get(name, 0) == one.before.get(name, 0) + one.movement.get(name, 0) >= 0 for name in names)
    (balance,) = purse.balances.values()
    own = settled.acct_pay - settled.acct_mulaid_pay
    assert (account.before["balc"], account.after["balc"]) == (balance, balance - own)
    shared = settled.wallet.movement if settled.wallet is not None else {}
    assert -sum(shared.values()) == settled.acct_mulaid_pay
