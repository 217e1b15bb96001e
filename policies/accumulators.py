"""Accumulators of a person and year, and the balance of the personal account: the state of settlement.

Accumulators start anew on 1 January, the balance carries over (S066). They are kept for each year, place of insurance
and type of insurance under ``year:<year>/<place>/<insutype>``. Names are ``<benefit>.<what>``:

| name | unit | is |
|---|---|---|
| ``outpatient.deductible`` | fen | deductible paid for outpatient care |
| ``outpatient.inscp_scp_amt`` | fen | fees in scope |
| ``outpatient.hifp_pay`` | fen | paid by the pool |
| ``inpatient.deductible``, ``inpatient.inscp_scp_amt``, ``inpatient.hifp_pay`` | fen | the same for stays |
| ``inpatient.admissions`` | count | stays settled |
"""

from collections.abc import Mapping

from contracts.base import Model
from contracts.events.account import AccountCredit
from contracts.events.claim import Movement, Settled
from policies.laws import check_movement
from policies.stage import DoesNotFit, View


class Purse(Model):
    """The small part of a person: the personal account (个人账户) in fen by type of insurance, and which years there are."""

    balances: dict[str, int] = {}
    years: tuple[str, ...] = ()

    def balance(self, insutype: str) -> int:
        return self.balances.get(insutype, 0)

    def moved(self, insutype: str, amount: int) -> "Purse":
        balances = {**self.balances, insutype: self.balance(insutype) + amount} if amount else self.balances
        return Purse(balances=balances, years=self.years)

    def with_year(self, key: str) -> "Purse":
        """So that an inquiry finds the entries of all years without looking at other persons'."""
        return self if key in self.years else Purse(balances=self.balances, years=(*self.years, key))


def year_key(year: int, place: str, insutype: str) -> str:
    """The entry that holds the accumulators of a year."""
    return f"year:{year}/{place}/{insutype}"


def movement(before: Mapping[str, int], moved: Mapping[str, int]) -> Movement:
    """``before`` and what moves, with the sum; names that neither holds are left out. Law 3 is checked."""
    names = sorted({*before, *moved})
    after = {name: before.get(name, 0) + moved.get(name, 0) for name in names}
    found = Movement(before=dict(before), movement={k: v for k, v in sorted(moved.items()) if v}, after=after)
    check_movement(found)
    return found


def credited(purse: Purse | None, credit: AccountCredit) -> Purse:
    """The purse after a credit."""
    return (purse or Purse()).moved(credit.insutype, credit.crdt_amt)


def settled(view: View, key: str, insutype: str, verdict: Settled) -> View:
    """The state after a settlement. Raises DoesNotFit where the state is not the one that the verdict names."""
    purse: Purse = view.person or Purse()
    moved, account = verdict.accumulators, verdict.account
    if moved is None or account is None:
        return view
    if moved.before != (view.entries.get(key) or {}):
        raise DoesNotFit(f"{key}: the verdict says before {moved.before}, the state is {view.entries.get(key)}")
    if account.before.get("balc", 0) != purse.balance(insutype):
        raise DoesNotFit(f"account {insutype}: the verdict says {account.before}, the state is {purse.balances}")
    check_movement(moved)
    check_movement(account)
    paid = account.movement.get("balc", 0)
    after = purse.with_year(key)
    return View(after.moved(insutype, paid) if paid else after, {key: dict(moved.after)})
