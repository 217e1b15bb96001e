"""Published worked examples, each as a small plan, compared step by step with their arithmetic: the rulebook in ``worked``."""

import re
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from contracts.money import PRICE_PLACES
from policies.book import Book, load
from policies.cases import Case, PlanCase, load_cases
from policies.check import problems, unused
from policies.pricing.item import Item, Ratios
from policies.pricing.line import Bill, price_line
from policies.pricing.terms import scaled, terms_of
from policies.prove import differences, settle_case

FOLDER = Path(__file__).parent / "worked"
CASES = load_cases(FOLDER)
NOT_COMPUTED = {"W042"}
"""The waiting period of contribution: eligibility decides it, no settlement computes it (quotes.toml says so)."""


@pytest.fixture(scope="module")
def worked() -> Book:
    return load(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published_example(case: Case, worked: Book) -> None:
    assert differences(case, worked) == []


def test_every_example_is_computed_step_by_step_or_says_why_not(worked: Book) -> None:
    published = {id for id in worked.sources if re.fullmatch(r"W\d{3}", id)}
    computed = {case.name.partition(":")[0] for case in CASES}
    assert len(published) == 13 and computed == published - NOT_COMPUTED
    assert set(re.findall(r'id = "(W\d+)"', (FOLDER / "quotes.toml").read_text("utf-8"))) == NOT_COMPUTED
    assert all(visit.expect.get("steps") for case in CASES if isinstance(case, PlanCase) for visit in case.visits)


def test_nothing_is_left_to_mend(worked: Book) -> None:
    texts = [path.read_text("utf-8") for path in FOLDER.rglob("*.toml") if path.name != "sources.toml"]
    assert problems(worked, CASES) == [] and unused(worked, texts) == []


@pytest.mark.parametrize(("example", "share", "first", "rest"), [
    ("W001", "0.10", 50_000, 450_000),        # 乙类药 5000: 先行自付 500, 5000 x 90% = 4500
    ("W011: 李阿姨", "0.01", 1_000, 99_000),   # 乙类药 1000: 先自付 1% = 10
    ("W014", "0.03", 60_000, 1_940_000),      # 乙类药 20000: 先自付 3% = 600
    ("W060", "0.10", 5_000, 45_000),          # 乙类药 500: 先自付 10% = 50, 剩余 450
])
def test_the_first_self_pay_of_the_examples_is_computed_too(example: str, share: str, first: int, rest: int) -> None:
    """Cases begin behind the pricing and are given the parts of a line: the published share makes them of its amount."""
    (case,) = (case for case in CASES if isinstance(case, PlanCase) and case.name.startswith(example))
    ((billed, given),) = ((billed, line) for billed, line in zip(
        case.visits[0].body.request.feedetail, case.visits[0].body.priced.lines, strict=True) if line.chrgitm_lv == "02")
    terms = terms_of(Item("B", "乙类药", "02", Ratios(Decimal(share))), "3", case.visits[0].body.request.insutype)
    priced = price_line(billed.__dict__, scaled(billed.pric, PRICE_PLACES), terms, cast(Bill, None))
    assert (priced.preselfpay_amt, priced.inscp_scp_amt) == (given.preselfpay_amt, given.inscp_scp_amt) == (first, rest)


def test_w004_what_stays_on_the_account(worked: Book) -> None:
    """2760 - 915 = 1845."""
    (case,) = (case for case in CASES if isinstance(case, PlanCase) and case.name.startswith("W004"))
    ((_, verdict),) = settle_case(case, worked)
    assert not isinstance(verdict, str) and verdict.account is not None and verdict.account.after == {"balc": 184_500}


def test_a_wrong_step_is_found(worked: Book) -> None:
    """The comparison is not blind: W015 with a fen more in its first band."""
    (case,) = (case for case in CASES if isinstance(case, PlanCase) and case.name.startswith("W015: 150000"))
    kind, base, amount = case.visits[0].expect["steps"][0]
    case.visits[0].expect["steps"][0] = (kind, base, amount + 1)
    found = differences(case, worked)
    case.visits[0].expect["steps"][0] = (kind, base, amount)
    assert len(found) == 1 and "steps" in found[0]
