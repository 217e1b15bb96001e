"""Accumulators of a person and year, open stays, and the purses: the state of settlement.

Accumulators start anew on 1 January, balances carry over (S066). They are kept for each year, place of insurance and
type of insurance under ``year:<year>/<place>/<insutype>``, a stay under ``stay:<provider>/<mdtrt_id>``. All values are
whole numbers: fen, counts, or a day as its ordinal. Names are made from those of the rulebook:

| name | unit | is |
|---|---|---|
| ``<benefit>.deductible`` | fen | deductible paid in the year for this benefit |
| ``<benefit>.inscp_scp_amt`` | fen | fees in scope |
| ``<benefit>.hifp_pay`` | fen | paid by the pool |
| ``<benefit>.admissions`` | count | stays counted as admissions |
| ``<benefit>.banded`` | fen | what bands that go on over the year have measured |
| ``<benefit>.last_deductible``, ``<benefit>.last_enddate`` | fen, day | the last stay: deductible charged, day of discharge |
| ``deductible.<name>`` | fen | deductible paid under a name that benefits share, or for treatments charged once a year |
| ``cap.<name>`` | fen | what a cap with a name of its own has counted: fees or payments; by disease ``cap.<name>.<disease>`` |
| ``cap.<benefit>.<counts>`` | fen | the same of a cap without one, on fees or by disease |
| ``<supplement>.base``, ``<supplement>.paid`` | fen | what a supplement (critical illness, assistance ...) has counted and paid |
| ``<supplement>.zero_claim_used`` | count | 1 once the bonus for years without a claim was used |

A stay holds ``deductible``, ``fees``, ``paid``, ``banded``, ``settlements`` and ``admission`` (its number in the year); where
there is any, ``due`` (what is still due of its deductible), ``credited`` (what counts of the stay before a transfer), ``apart`` (of
``paid`` what no cap counts), ``fixed`` (what was paid of a fixed sum), ``<supplement>.base`` and ``<supplement>.paid`` (of one by visit),
under a cap on fees ``shared`` (the fees that the pool shared), under a guarantee ``costs`` (the whole bill) or ``<fund>.funded``
(what all funds up to it paid) and, while it is open, ``insured`` (place and type of insurance, as digits).
"""

from collections.abc import Mapping

from contracts.base import Model, PsnNo, altered, holding
from contracts.events.claim import Movement, Settled
from contracts.events.enrolment import Spell
from contracts.events.finding import Recent
from policies.laws import check_movement
from policies.stage import DoesNotFit, View

MAX_WALLETS = 16


class Wallet(Model):
    """What one sharer put into the person's family wallet (家庭共济), in fen."""

    sharer: PsnNo
    balc: int


class Purse(Model):
    """The small part of a person: the personal account (个人账户) in fen by type of insurance, the family wallet in the
    order in which its sharers were bound (each by its first credit), which years there are, the insurances, which stays are
    open after an interim settlement, days of care that reviews compare with, ids of claims that are held, and how many
    settlements there were."""

    balances: dict[str, int] = {}
    years: tuple[str, ...] = ()
    wallets: tuple[Wallet, ...] = ()
    insuinfo: tuple[Spell, ...] = ()
    stays: tuple[str, ...] = ()
    recent: tuple[Recent, ...] = ()
    held: tuple[str, ...] = ()
    settlements: int = 0

    def balance(self, insutype: str) -> int:
        return self.balances.get(insutype, 0)

    def moved(self, insutype: str, amount: int) -> "Purse":
        if not amount:
            return self
        return altered(self, balances={**self.balances, insutype: self.balance(insutype) + amount})

    def with_year(self, key: str) -> "Purse":
        """So that an inquiry finds the entries of all years without looking at other persons'."""
        return self if key in self.years else altered(self, years=(*self.years, key))

    def with_stay(self, key: str, open_: bool) -> "Purse":
        """So that an inquiry finds the stays that go on; those that ended are found by their own key alone."""
        if (key in self.stays) == open_:
            return self
        stays = (*self.stays, key) if open_ else tuple(stay for stay in self.stays if stay != key)
        return altered(self, stays=stays)

    def shared(self) -> dict[str, int]:
        """What each sharer's wallet holds, in bound order."""
        return {wallet.sharer: wallet.balc for wallet in self.wallets}

    def with_wallets(self, holds: Mapping[str, int]) -> "Purse":
        """The purse whose wallets hold these amounts; a sharer that is new is bound last."""
        bound = dict.fromkeys((*self.shared(), *holds))
        return altered(self, wallets=tuple(Wallet(sharer=who, balc=holds[who]) for who in bound))


def year_key(year: int, place: str, insutype: str) -> str:
    """The entry that holds the accumulators of a year."""
    return f"year:{year}/{place}/{insutype}"


def stay_key(fixmedins_code: str, mdtrt_id: str) -> str:
    """The entry that holds a stay."""
    return f"stay:{fixmedins_code}/{mdtrt_id}"


def movement(before: Mapping[str, int], moved: Mapping[str, int]) -> Movement:
    """``before`` and what moves, with the sum; names that neither holds are left out. Law 3 is checked."""
    shown, after, negative = {}, {}, False
    for name in sorted({**before, **moved}):
        amount = moved.get(name)
        held = after[name] = before.get(name, 0) + (amount or 0)
        if amount:
            shown[name] = amount
        negative = negative or held < 0
    found = holding(Movement, {"before": {**before}, "movement": shown, "after": after})
    if negative:  # the rest of law 3 holds by the line that makes ``after``
        check_movement(found)
    return found


def settled(view: View, key: str, stay: str | None, insutype: str, verdict: Settled) -> View:
    """The state after a settlement. Raises DoesNotFit where the state is not the one that the verdict names."""
    purse: Purse = view.person or Purse()
    accumulators, account = verdict.accumulators, verdict.account
    if accumulators is None or account is None:
        return view
    entries = {key: after(key, accumulators, view.entries.get(key))}
    if stay is not None and verdict.stay is not None:
        entries[stay] = after(stay, verdict.stay, view.entries.get(stay))
        purse = purse.with_stay(stay, bool(verdict.stay.after.get("open")))
    return View(moved(purse, insutype, account, verdict.wallet).with_year(key), entries)


def moved(purse: Purse, insutype: str, account: Movement | None, wallet: Movement | None) -> Purse:
    """The purse after what a verdict moved in it. Raises DoesNotFit where it is not the one that the verdict names."""
    if account is not None:
        if account.before.get("balc", 0) != purse.balance(insutype):
            raise DoesNotFit(f"account {insutype}: the verdict says {account.before}, the state is {purse.balances}")
        check_movement(account)
        purse = purse.moved(insutype, account.movement.get("balc", 0))
    if wallet is not None:
        if wallet.before != purse.shared():
            raise DoesNotFit(f"wallet: the verdict says {wallet.before}, the state is {purse.shared()}")
        check_movement(wallet)
        purse = purse.with_wallets(wallet.after)
    return purse


def after(key: str, moved: Movement, state: Mapping[str, int] | None) -> dict[str, int]:
    """The entry after what a verdict moved in it. Raises DoesNotFit where it is not the one that the verdict names."""
    if moved.before != (state or {}):
        raise DoesNotFit(f"{key}: the verdict says before {moved.before}, the state is {state}")
    check_movement(moved)
    return dict(moved.after)
