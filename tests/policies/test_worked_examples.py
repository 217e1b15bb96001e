"""Published worked examples, rebuilt as plans, through the whole road, compared step by step with their arithmetic."""

from pathlib import Path
from typing import Any

import pytest

from contracts.events.claim import Settled
from tests.policies.requests import Journey, claim, credit, enrolment, last_section, line, spell
from tests.policies.rulebooks import FILES, PLAN, loaded

PROVIDER = "H35020000103"


def plan(deductible: str, ratio: str, care: str, per: str) -> str:
    """A plan with one deductible and one ratio for everybody."""
    head, _, steps = FILES[PLAN].partition("[[step]]")
    steps = steps.replace('[{ level = "2", yuan = 500.00 }, { level = "3", yuan = 1000.00 }]', f"[{{ yuan = {deductible} }}]")
    steps = steps.replace('[{ level = "2", of = 0.92 }, { level = "3", of = 0.90 }]', f"[{{ of = {ratio} }}]")
    return head.replace('["21"]', f'["{care}"]') + "[[step]]" + steps.replace('per = "stay"', f'per = "{per}"')


def settle(folder: Path, rules: str, *lines: dict[str, Any], balance: int = 0, **more: Any) -> Settled:
    journey = Journey(loaded(folder, {PLAN: rules}))
    journey.send("enrolment.recorded", enrolment(spell("350200")))
    if balance:
        journey.send("account.credited", credit(balance), id="credit-1")
    event = journey.send("claim.submitted", claim(*lines, fixmedins_code=PROVIDER, **more))
    assert event.type == "claim.settled", last_section(event).reasons
    return event.body.settled


def steps(settled: Settled) -> list[tuple[str, int, int]]:
    return [(step.kind, step.base, step.amount) for step in settled.steps]


def test_w001_heilongjiang_first_self_pay_then_deductible_then_ratio(tmp_path: Path) -> None:
    """老郭: care 2000, 甲 3000, 乙 5000 of which 10 % first; 1300 first, 80 %.

    3000 + 5000 x 90 % + 2000 = 9500; 9500 - 1300 = 8200; 8200 x 80 % = 6560; he pays 1300 + 500 + 1640 = 3440.
    """
    bill = [line(200_000, "CARE"), line(300_000, "DRUG-A", "2"), line(500_000, "DRUG-B", "3")]
    settled = settle(tmp_path, plan("1300.00", "0.80", "21", "stay"), *bill, med_type="21")
    assert steps(settled) == [
        ("scope", 1_000_000, 950_000), ("deductible", 950_000, 130_000), ("ratio", 820_000, 656_000),
        ("account", 344_000, 0), ("cash", 344_000, 344_000),
    ]
    assert (settled.hifp_pay, settled.psn_part_amt, settled.psn_cash_pay) == (656_000, 344_000, 344_000)


def test_w009_xiamen_the_account_pays_what_it_has_then_cash(tmp_path: Path) -> None:
    """12000 in all, 11000 in scope; 1000 first, 90 %: (11000 - 1000) x 90 % = 9000; 12000 - 9000 = 3000; 1500 + 1500."""
    bill = [line(1_100_000, "CARE"), line(100_000, "DRUG-C", "2")]
    settled = settle(tmp_path, FILES[PLAN], *bill, med_type="21", balance=150_000, acct_used_flag="1")
    assert steps(settled) == [
        ("scope", 1_200_000, 1_100_000), ("deductible", 1_100_000, 100_000), ("ratio", 1_000_000, 900_000),
        ("account", 200_000, 150_000), ("cash", 300_000, 150_000),
    ]
    assert (settled.psn_part_amt, settled.acct_pay, settled.psn_cash_pay) == (300_000, 150_000, 150_000)
    assert settled.account is not None and settled.account.after == {"balc": 0}


def test_w004_yangzhou_the_account_pays_the_deductible_too(tmp_path: Path) -> None:
    """1500 in scope; 600 first, 65 %: 900 x 65 % = 585; 1500 - 585 = 915 from the account; 2760 - 915 = 1845 left."""
    settled = settle(tmp_path, plan("600.00", "0.65", "11", "year"), line(150_000, "CARE"), balance=276_000, acct_used_flag="1")
    assert steps(settled) == [
        ("scope", 150_000, 150_000), ("deductible", 150_000, 60_000), ("ratio", 90_000, 58_500),
        ("account", 91_500, 91_500), ("cash", 91_500, 0),
    ]
    assert settled.account is not None and settled.account.after == {"balc": 184_500}


@pytest.mark.parametrize(("amount", "first", "pool"), [(50_000, 5_000, 31_500)])
def test_w060_two_diseases_first_self_pay_then_ratio(tmp_path: Path, amount: int, first: int, pool: int) -> None:
    """乙 500, 10 % first is 50; 450 x 70 % = 315."""
    settled = settle(tmp_path, plan("0.00", "0.70", "11", "visit"), line(amount, "DRUG-B"))
    assert (settled.medfee_sumamt - settled.inscp_scp_amt, settled.hifp_pay) == (first, pool)
