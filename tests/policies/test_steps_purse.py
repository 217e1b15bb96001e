"""The personal account and the family wallet: which parts they pay, in which order, and what their flag says. Amounts in fen."""

from typing import Any

import pytest

from tests.policies.patient import Patient, benefit, plan, written

STEPS = ('"deductible"\nper = "visit"\namount = [{ yuan = 100.00 }]', '"ratio"\nratio = [{ of = 0.60 }]',
         '"cap"\nper = "visit"\namount = [{ yuan = 400.00 }]')
BILL: dict[str, Any] = {"in_scope": 100_000, "own": 1_000, "over": 2_000, "first": 3_000}
"""1,000: 100 first, 900 x 60 % = 540, at most 400; own share 360, over the cap 140; 60 outside: 660 for the person."""
ALL = '["deductible", "coinsurance", "over_cap", "first_selfpay", "over_ceiling", "own_expense"]'


def account(pays: str = ALL, more: str = "") -> str:
    return f'"account"\npays = {pays}\n{more}'


def wallet(pays: str = ALL) -> str:
    return f'"wallet"\npays = {pays}'


@pytest.mark.parametrize(("pays", "paid"), [
    ('["deductible"]', 10_000), ('["coinsurance"]', 36_000), ('["over_cap"]', 14_000), ('["first_selfpay"]', 3_000),
    ('["over_ceiling"]', 2_000), ('["own_expense"]', 1_000), ('["not_covered"]', 0), (ALL, 66_000),
])
def test_which_parts_the_account_pays(pays: str, paid: int) -> None:
    found = Patient(*STEPS, account(pays), balance=1_000_000).visit(**BILL, acct_used="1")
    assert (found.hifp_pay, found.acct_pay, found.psn_cash_pay) == (40_000, paid, 66_000 - paid)
    assert found.psn_part_amt == 66_000  # who pays changes nothing in what the person bears


@pytest.mark.parametrize(("balance", "paid"), [(0, 0), (1, 1), (65_999, 65_999), (66_000, 66_000), (66_001, 66_000)])
def test_it_pays_what_it_holds(balance: int, paid: int) -> None:
    person = Patient(*STEPS, account(), balance=balance)
    assert person.visit(**BILL, acct_used="1").acct_pay == paid
    assert person.purse.balance("310") == balance - paid


HOLDS: dict[str, Any] = {"balance": 20_000, "wallets": {"B": 10_000, "A": 50_000}}


@pytest.mark.parametrize(("flag", "with_family", "own", "shared"), [
    ("0", "false", 0, {}), ("1", "false", 20_000, {}), ("2", "false", 0, {"B": 10_000, "A": 50_000}),
    ("0", "true", 0, {}), ("1", "true", 20_000, {}), ("2", "true", 20_000, {"B": 10_000, "A": 36_000}),
])
def test_the_flag_is_obeyed_and_purses_pay_in_bound_order(flag: str, with_family: str, own: int, shared: dict[str, int]) -> None:
    """660 to pay. Flag 2: B was bound first and gives its 100, A 500 at most; with the own account first: 200, 100, 360."""
    found = Patient(*STEPS, account(more=f"with_family = {with_family}"), wallet(), **HOLDS).visit(**BILL, acct_used=flag)
    assert found.wallet is not None and found.wallet.movement == {who: -amount for who, amount in shared.items()}
    assert found.acct_pay - found.acct_mulaid_pay == own and found.acct_mulaid_pay == sum(shared.values())


def test_a_part_of_one_fen_is_paid_once() -> None:
    """0.01 of the deductible, which the account pays: nothing of it is left for the wallet."""
    found = Patient(*STEPS, account(more="with_family = true"), wallet(), **HOLDS).visit(1, acct_used="2")
    assert (found.acct_pay, found.acct_mulaid_pay, found.psn_cash_pay) == (1, 0, 0)


def test_the_wallet_pays_only_what_the_account_left_of_its_parts() -> None:
    """Account 200 of the deductible's 100 and the own share's 360; wallet on the own share: 460 - 200 less the deductible's
    100 that is paid already: 360 - 100 = 260."""
    both = '["deductible", "coinsurance"]'
    found = Patient(*STEPS, account(both, "with_family = true"), wallet('["coinsurance"]'), **HOLDS).visit(**BILL, acct_used="2")
    assert (found.acct_pay, found.acct_mulaid_pay, found.psn_cash_pay) == (46_000, 26_000, 20_000)


def test_a_second_step_of_account_or_wallet_finds_what_the_first_left() -> None:
    """Balance 200: 100 for the deductible, then 100 of the own share's 360. The wallet 600: 260 of it, then 200 elsewhere."""
    person = Patient(*STEPS, account('["deductible"]', "with_family = true"), account('["coinsurance"]', "with_family = true"),
                     wallet('["coinsurance"]'), wallet(), **HOLDS)
    found = person.visit(**BILL, acct_used="2")
    assert [amount for _, _, amount in written(found)[3:]] == [10_000, 10_000, 26_000, 20_000]
    assert (found.acct_pay, found.psn_cash_pay) == (66_000, 0)
    assert person.purse.balance("310") == 0 and person.purse.shared() == {"B": 0, "A": 14_000}


def test_account_and_wallet_come_behind_every_fund() -> None:
    """Critical illness 50 % of 360 = 180: the account pays the other 180 of the own share."""
    critical = '"supplement"\nname = "critical"\nfund = "hifmi_pay"\nper = "year"\nof = ["coinsurance"]\nband = [{ of = 0.50 }]'
    found = Patient(*STEPS, critical, account('["coinsurance"]'), balance=1_000_000).visit(**BILL, acct_used="1")
    assert (found.hifmi_pay, found.acct_pay, found.psn_cash_pay) == (18_000, 18_000, 30_000)
    problems: list[str] = []
    plan(benefit(*STEPS[:1], account(), *STEPS[1:]), problems=problems)
    assert problems == ["plan: benefit[1]: step: a step of the pool stands behind a supplement or an account; put it before them"]


def test_the_balance_carries_over_the_year_the_accumulators_do_not() -> None:
    person = Patient(*STEPS, account(), balance=100_000)
    found = [person.visit(**BILL, acct_used="1", day=day) for day in ("2026-12-31", "2027-01-01")]
    assert [one.acct_pay for one in found] == [66_000, 34_000]
    assert found[1].accumulators is not None and found[1].accumulators.before == {}


def test_the_part_of_the_provider_is_nobodys_else() -> None:
    """Over the ceiling 20, of which the provider bears 15: the person bears 5, the account pays them."""
    found = Patient(*STEPS, account('["over_ceiling"]'), balance=1_000).visit(100_000, over=2_000, by_provider=1_500, acct_used="1")
    assert (found.hosp_part_amt, found.psn_parts["over_ceiling"], found.acct_pay) == (1_500, 500, 500)
    own = Patient(*STEPS, account('["own_expense"]'), balance=1_000).visit(100_000, own=2_000, by_provider=2_000, acct_used="1")
    assert (own.hosp_part_amt, own.acct_pay) == (2_000, 0) and "own_expense" not in own.psn_parts
