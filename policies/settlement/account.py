"""Personal account (个人账户): pays the person's part as far as the plan lets it and the balance reaches; then cash."""

from dataclasses import dataclass

from policies.settlement.sheet import Origin, Sheet, step

PARTS = ("deductible", "coinsurance", "over_cap", "first_selfpay", "over_ceiling", "own_expense")


@dataclass(frozen=True, slots=True)
class Account:
    """``pays``: the parts that the account may pay."""

    origin: Origin
    pays: tuple[str, ...]
    kind: str = "account"

    def apply(self, sheet: Sheet) -> Sheet:
        allowed = sum(_part(sheet, name) for name in self.pays)
        paid = min(allowed, sheet.balance) if sheet.use_account else 0
        facts = {"balance": str(sheet.balance), "used": "1" if sheet.use_account else "0", "pays": ",".join(self.pays)}
        return sheet.with_step(step(self.kind, self.origin, allowed, paid, None, **facts), account=sheet.account + paid)


def _part(sheet: Sheet, name: str) -> int:
    return {
        "deductible": sheet.deductible,
        "coinsurance": sheet.coinsurance,
        "over_cap": sheet.over_cap,
        "first_selfpay": sheet.priced.preselfpay_amt,
        "over_ceiling": sheet.priced.overlmt_selfpay,
        "own_expense": sheet.priced.fulamt_ownpay_amt,
    }[name]
