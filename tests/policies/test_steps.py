"""Single steps where the plans that are written do not tell two readings apart."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contracts.events.claim import CatalogueFacts, Priced
from policies.book import Book
from policies.select import Row
from policies.settlement.deductible import Deductible
from policies.settlement.plan import NoRule
from policies.settlement.ratio import Linear, Ratio
from policies.settlement.sheet import Origin, Sheet
from tests.policies.requests import claim, model

ORIGIN = Origin("test#1", "T1")


def sheet(open_: int = 100_000, paid: int = 0, admission: int = 1, age: int = 40, **facts: str) -> Sheet:
    priced = Priced(verdict="accepted", rulebook="0" * 64, policies="0.0.0", medfee_sumamt=open_, inscp_scp_amt=open_,
                    catalogue=CatalogueFacts(admdvs="000000", begndate=date(2026, 1, 1), source="example"))
    return Sheet(priced=priced, before={"b.deductible": paid}, facts=facts, benefit="b", age=age, admission=admission,
                 balance=0, use_account=False, open=open_)


@pytest.mark.parametrize(("paid", "due"), [(0, 20_000), (10_000, 20_000), (15_000, 15_000), (30_000, 0), (40_000, 0)])
def test_a_deductible_a_visit_may_have_a_ceiling_a_year(paid: int, due: int) -> None:
    """200 a visit, at most 300 a year: 200, then 100, then none."""
    rule = Deductible(ORIGIN, "visit", (Row((), 20_000),), year_ceiling=30_000)
    assert rule.apply(sheet(paid=paid)).deductible == due


@pytest.mark.parametrize(("admission", "due"), [(1, 40_000), (2, 28_000), (3, 20_000), (9, 20_000)])
def test_a_ladder_of_stays(admission: int, due: int) -> None:
    """400, then 70 %: 280, then 50 %: 200 (the ladder 400 -> 280 -> 200 of worked example W027)."""
    rule = Deductible(ORIGIN, "stay", (Row((), 40_000),), admission=((2, Decimal("0.7")), (3, Decimal("0.5"))))
    assert rule.apply(sheet(admission=admission)).deductible == due


def test_a_line_without_end_stops_at_its_most() -> None:
    rule = Ratio(ORIGIN, linear=Linear(Decimal("0.5"), Decimal("0.01"), Decimal("0.8")))
    assert [rule.apply(sheet(age=age)).pool for age in (0, 29, 30, 31)] == [50_000, 79_000, 80_000, 80_000]


def test_a_missing_row_names_rule_and_facts() -> None:
    rule = Ratio(ORIGIN, rows=(Row((("level", frozenset({"1"})),), 1),))  # type: ignore[arg-type]
    with pytest.raises(NoRule, match=r"test#1: no ratio for .*'level': '2'"):
        rule.apply(sheet(level="2"))


@pytest.mark.parametrize(("day", "holds"), [("2025-12-31", True), ("2026-01-01", False), ("2025-01-01", True), ("2024-12-31", False)])
def test_a_plan_holds_from_its_first_day_to_its_last(book: Book, day: str, holds: bool) -> None:
    (plan,) = book.plans["650200", "310"]
    ended = replace(plan, enddate=date(2025, 12, 31))
    assert ended.in_force(model(claim(day=day))) is holds
