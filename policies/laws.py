"""The laws of money, asserted when a claim is decided and again when it is read. A breach is an error, never a correction."""

from operator import itemgetter

from contracts.base import HELD
from contracts.events.account import AccountDebit, AccountMoved
from contracts.events.bill import Prior
from contracts.events.claim import Movement, Priced, PricedLine, Settled
from contracts.events.reimbursement import Reimbursed, Reimbursement
from contracts.events.wallet import WalletCredit, WalletFilled, WalletRequest


class LawBroken(AssertionError):
    """A law does not hold. ``law`` is its number in the design: 1 line, 2 claim, 3 state, 4 chain."""

    def __init__(self, law: int, what: str) -> None:
        super().__init__(f"law {law}: {what}")
        self.law, self.what = law, what


FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay")
NEVER_NEGATIVE = ("hifp_pay", "fund_pay_sumamt", "psn_part_amt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay")
_funds = itemgetter(*FUNDS)


_of_line = itemgetter(
    "det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")


def check_line(line: PricedLine) -> tuple[int, ...]:
    """Law 1 on a line, no part with another sign than the line, and the provider's share within what is not in scope.

    Gives what it looked at: the amount, its four parts, and the provider's share.
    """
    amount, own, over, first, scope, provider = found = _of_line(line.__dict__)
    if own + over + first + scope != amount:
        raise LawBroken(1, f"line {line.feedetl_sn}: amount and its four parts differ: {amount} and {own + over + first + scope}")
    if (amount > 0 and (own < 0 or over < 0 or first < 0 or scope < 0)) or (amount < 0 < max(own, over, first, scope)):
        raise LawBroken(1, f"line {line.feedetl_sn}: a part has another sign than the line")
    if provider and (provider * amount < 0 or abs(provider) > abs(own + over)):
        raise LawBroken(1, f"line {line.feedetl_sn}: the provider's share is more than what is own expense or over the ceiling")
    return found


_PARTS = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")
_parts = itemgetter(*_PARTS)
_parts_of_line = itemgetter("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")


def check_priced(priced: Priced, total: int) -> None:
    """Law 1 on a claim: the total is the sum of the lines, each part the sum of its lines."""
    parts = _parts(priced.__dict__)
    _equal(1, total, priced.medfee_sumamt, "total billed and total priced")
    _equal(1, priced.medfee_sumamt, sum(parts[:4]), "total and its four parts")
    of_lines = tuple(map(sum, zip(*map(_parts_of_line, map(HELD, priced.lines)), strict=True))) or (0,) * len(_PARTS)
    if parts != of_lines:
        for name, part, lines in zip(_PARTS, parts, of_lines, strict=True):
            _equal(1, part, lines, f"{name} and its lines")


def check_settled(settled: Settled, priced: Priced) -> None:
    """Laws 2 and 3 on a settled claim. Its fields are read where they lie: an attribute of a model is some 300 instructions."""
    s, p = settled.__dict__, priced.__dict__
    total, funds, person, provider = s["medfee_sumamt"], s["fund_pay_sumamt"], s["psn_part_amt"], s["hosp_part_amt"]
    in_scope, account, family = s["inscp_scp_amt"], s["acct_pay"], s["acct_mulaid_pay"]
    _equal(1, total, p["medfee_sumamt"], "total settled and total priced")
    _equal(1, in_scope, p["inscp_scp_amt"], "in scope settled and in scope priced")
    _equal(2, total, funds + person + provider, "total, funds + person + provider")
    _equal(2, funds, sum(_funds(s)), "all funds and their sum")
    _equal(2, person, account + s["psn_cash_pay"], "person, account + cash")
    for name in NEVER_NEGATIVE:
        if s[name] < 0:
            raise LawBroken(2, f"{name} falls below zero ({s[name]})")
    if family > account:
        raise LawBroken(2, "the family wallet paid more than the account of which it is a part")
    if s["act_pay_dedc"] > in_scope:
        raise LawBroken(2, "the deductible is more than what is in scope")
    if s["hifp_pay"] > in_scope and s["hifp_pay"] > in_scope + guaranteed(settled):
        raise LawBroken(2, "the pool pays more than what is in scope")
    _equal(2, provider, p["hosp_part_amt"], "the provider's part, settled and priced")
    if s["psn_parts"]:
        _equal(2, person, sum(s["psn_parts"].values()), "the person's part and its causes")
    for name in ("accumulators", "account", "wallet", "stay"):
        if s[name] is not None:
            check_movement(s[name])
    if s["account"] is not None:
        _equal(3, -s["account"].movement.get("balc", 0), account - family, "account movement and acct_pay")
    if s["wallet"] is not None:
        _equal(3, -sum(s["wallet"].movement.values()), family, "wallet movement and acct_mulaid_pay")


def guaranteed(settled: Settled) -> int:
    """What the pool paid to a guaranteed share of the costs, of what is not in scope too; here, or elsewhere."""
    of_pool = (step for step in settled.steps if step.kind == "guarantee" and "fund" not in step.facts)
    return sum(step.amount for step in of_pool) + sum(int(step.facts.get("guaranteed", 0)) for step in settled.steps if step.kind == "prior")


def check_moved(request: AccountDebit | WalletRequest | WalletCredit, settled: AccountMoved | WalletFilled) -> None:
    """Law 3 on a verdict that moves an account or a wallet alone: by the amount of the request, or nothing at all."""
    account, wallet = getattr(settled, "account", None), getattr(settled, "wallet", None)
    to_wallet = isinstance(request, WalletCredit)
    due = {} if settled.verdict != "settled" else {request.sharer: request.amt} if to_wallet else {"balc": -request.amt}
    for found, moved, what in ((account, {} if to_wallet else due, "account"), (wallet, due if to_wallet else {}, "wallet")):
        if (found.movement if found else {}) != moved:
            raise LawBroken(3, f"{what} movement and amt differ: {found.movement if found else {}} and {moved}")
        if found is not None:
            check_movement(found)


def payable(settled: Settled, prior: Prior | None) -> int:
    """What a person who paid the whole bill gets: funds, account and allowance, less what other agencies paid already."""
    before = sum([getattr(prior, name, None) or 0 for name in FUNDS])
    return settled.fund_pay_sumamt + settled.acct_pay + settled.allowance_pay - before


def check_payable(request: Reimbursement, settled: Reimbursed) -> None:
    """Law 2 on a manual reimbursement: what is paid to the person, to the account that was named; nothing unless it is settled."""
    done = settled.verdict == "settled"
    _equal(2, settled.payable_amt, payable(settled, request.prior) if done else 0, "the amount payable and what is paid for the bill")
    if settled.acct_ref != (request.acct_ref if done else None):
        raise LawBroken(2, f"paid to {settled.acct_ref}, the request names {request.acct_ref}")


def check_movement(movement: Movement) -> None:
    """Law 3: after = before + movement, nothing below zero."""
    before, moved, after = movement.before, movement.movement, movement.after
    for name in {*before, *moved, *after}:
        if not 0 <= after.get(name, 0) == before.get(name, 0) + moved.get(name, 0):
            raise _moved_wrong(movement)


def _moved_wrong(movement: Movement) -> LawBroken:
    """Law 3 on the first name, in their order, of which it does not hold."""
    before, moved, after_all = movement.before, movement.movement, movement.after
    for name in sorted({*before, *moved, *after_all}):
        after, sum_ = after_all.get(name, 0), before.get(name, 0) + moved.get(name, 0)
        if after != sum_:
            return LawBroken(3, f"{name}: after and before + movement differ: {after} and {sum_}")
        if after < 0:
            return LawBroken(3, f"{name} falls below zero ({after})")
    raise AssertionError("there is a name of which law 3 does not hold")


def _equal(law: int, left: int, right: int, what: str) -> None:
    if left != right:
        raise LawBroken(law, f"{what} differ: {left} and {right}")
