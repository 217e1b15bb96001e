"""Personal account (个人账户) and family wallet (家庭共济): they pay what the person bears, as far as the plan lets them and
the balance reaches; then cash. Both are persons' money, never a fund's.

``acct_used_flag`` is obeyed: 0 none, 1 the own account, 2 the family's. Where the region says so (``with_family``), the own
account pays first under 2 too. The wallet's purses pay in the order in which their sharers were bound.
Example (W009): the person bears 3,000 of 12,000, balance 1,500: account 1,500, cash 1,500.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.select import Rows
from policies.settlement.sheet import Case, Origin, Sheet, step


@dataclass(frozen=True, slots=True)
class Account:
    """``pays``: the parts that the account may pay."""

    origin: Origin
    pays: tuple[str, ...]
    with_family: bool = False
    kind: str = "account"
    after_pool: bool = True

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield from ()

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        allowed, balance = sheet.uncovered(self.pays), case.purse.balance(case.claim.insutype) - sheet.account
        flag = case.claim.acct_used_flag
        used = flag == "1" or (flag == "2" and self.with_family)
        paid = min(allowed, balance) if used else 0
        facts = {"balance": str(balance), "used": "1" if used else "0", "pays": ",".join(self.pays)}
        written = step(self.kind, self.origin, allowed, paid, None, facts)
        return sheet.but(
            account=sheet.account + paid, covered=sheet.covers(self.pays, paid), steps=(*sheet.steps, written)
        )


@dataclass(frozen=True, slots=True)
class FamilyWallet:
    """``pays``: the parts that the wallet may pay."""

    origin: Origin
    pays: tuple[str, ...]
    kind: str = "wallet"
    after_pool: bool = True

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        yield from ()

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        allowed = sheet.uncovered(self.pays)
        holds = {sharer: balance - sheet.wallet.get(sharer, 0) for sharer, balance in case.purse.shared().items()}
        left, taken = allowed if case.claim.acct_used_flag == "2" else 0, dict(sheet.wallet)
        for sharer, balance in holds.items():
            paid = min(left, balance)
            if paid:
                taken[sharer] = taken.get(sharer, 0) + paid
                left -= paid
        facts = {
            "balance": str(sum(holds.values())), "used": "1" if case.claim.acct_used_flag == "2" else "0",
            "pays": ",".join(self.pays), "sharers": str(len(holds)),
        }
        all_paid = sum(taken.values()) - sum(sheet.wallet.values())
        written = step(self.kind, self.origin, allowed, all_paid, None, facts)
        return sheet.but(wallet=taken, covered=sheet.covers(self.pays, all_paid), steps=(*sheet.steps, written))
