"""A second computation: three plans of the rulebook, straight from the text of the rule, over 10,000 random bills each.

Nothing here comes from ``policies.settlement``: yuan as Decimal, a rounding of its own, the state of a person in a few
variables. Every person has ten bills in a row, so that deductibles, limits and numbers of stays go on.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from contracts.events.claim import Settled
from policies import accumulators
from policies.accumulators import Purse
from policies.book import Book
from policies.settlement.engine import Named, settle
from policies.settlement.facts import chosen
from policies.settlement.stage import case_of, keys_of
from policies.stage import View
from tests.policies.patient import priced

PERSONS, BILLS = 1_000, 10
Result = dict[str, Decimal]
HOSPITALS = {"1": "8", "2": "5", "3": "2"}
"""hosp_lv of a provider of each level: 一级甲等, 二级甲等, 三级甲等."""


def cent(amount: Decimal) -> Decimal:
    """To the fen, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def bill(random: Random) -> dict[str, Decimal]:
    """Fees in yuan: often small, sometimes large, sometimes nothing; own expense and first self-pay besides."""
    most = random.choice([1, 100, 1_000, 20_000])
    found = {"in_scope": Decimal(random.randint(0, most * 100)) / 100}
    found |= {name: Decimal(random.choice([0, 0, random.randint(0, 5_000)])) / 100 for name in ("own", "over", "first")}
    return found


def shares(fees: dict[str, Decimal], deductible: Decimal, pool: Decimal, balance: Decimal) -> tuple[Result, Decimal]:
    """What the person pays: of the fees in scope and the first self-pay the account as far as it reaches, the rest in cash."""
    person = fees["in_scope"] - pool + fees["first"]
    account = min(person, balance)
    cash = person - account + fees["own"] + fees["over"]
    return {"act_pay_dedc": deductible, "hifp_pay": pool, "acct_pay": account, "psn_cash_pay": cash}, balance - account


def hengyang(random: Random) -> Iterator[tuple[dict[str, Any], Result]]:
    """S148: 一级及基层不设起付标准 70 %；二级 200 元 60 %；三级 300 元 60 %. S149: 一个自然年度内累计不超过 300 元.

    Read as a top-up: what the year has paid counts. S063: the year is that of the settlement.
    """
    start = {"1": Decimal(0), "2": Decimal(200), "3": Decimal(300)}
    share = {"1": Decimal("0.70"), "2": Decimal("0.60"), "3": Decimal("0.60")}
    paid, balance = defaultdict[int, Decimal](Decimal), Decimal(random.randint(0, 500_000)) / 100
    first = balance
    for _ in range(BILLS):
        level, fees = random.choice("123"), bill(random)
        begin = date(2025, 12, 1) + timedelta(random.randint(0, 60))
        settled = begin + timedelta(random.randint(0, 3))
        due = max(Decimal(0), min(start[level] - paid[settled.year], Decimal(300) - paid[settled.year]))
        deductible = min(due, fees["in_scope"])
        paid[settled.year] += deductible
        pool = cent((fees["in_scope"] - deductible) * share[level])
        result, balance = shares(fees, deductible, pool, balance)
        yield {**fees, "day": begin, "settled": settled, "level": level, "balance": first}, result


def karamay(random: Random) -> Iterator[tuple[dict[str, Any], Result]]:
    """S116: 起付标准一级 20、二级 40、三级 90 元（每次）. S117: 80 %、70 %、60 %. S119: 单次最高 300、800、1300 元.

    S118: 年度最高在职 4000 元、退休 6000 元. Limits count what the pool pays.
    """
    start, share = {"1": 20, "2": 40, "3": 90}, {"1": "0.80", "2": "0.70", "3": "0.60"}
    visit, year = {"1": 300, "2": 800, "3": 1300}, {"11": 4000, "12": 6000}
    psn_type = random.choice(["11", "12"])
    paid, balance = defaultdict[int, Decimal](Decimal), Decimal(random.randint(0, 500_000)) / 100
    first = balance
    for _ in range(BILLS):
        level, fees = random.choice("123"), bill(random)
        begin = date(2025, 12, 1) + timedelta(random.randint(0, 60))
        deductible = min(Decimal(start[level]), fees["in_scope"])
        pool = cent((fees["in_scope"] - deductible) * Decimal(share[level]))
        pool = min(pool, Decimal(visit[level]), Decimal(year[psn_type]) - paid[begin.year])
        paid[begin.year] += pool
        result, balance = shares(fees, deductible, pool, balance)
        yield {**fees, "day": begin, "level": level, "psn_type": psn_type, "balance": first}, result


def zhengzhou(random: Random) -> Iterator[tuple[dict[str, Any], Result]]:
    """S086: 三级甲等 1200 元/次，年内二次入院减半. S087: (75 + 年龄 × 0.2) %. S061: 以出院日期整体计入当年.

    A stay settled in between is charged once and counts as an admission in the year of its first settlement; age at admission.
    """
    born = date(random.randint(1920, 2020), random.randint(1, 12), random.randint(1, 28))
    stays, balance = defaultdict[int, int](int), Decimal(random.randint(0, 500_000)) / 100
    first, due, number = balance, Decimal(0), 0
    begin = date(2024, 12, random.randint(1, 20))
    goes_on, end = False, begin
    for _ in range(BILLS):
        if not goes_on:
            number += 1
            begin = end + timedelta(random.randint(0, 60))
        end = max(begin, end) + timedelta(random.randint(1, 15))
        if not goes_on:
            stays[end.year] += 1
            due = Decimal(1200) if stays[end.year] == 1 else Decimal(600)
        goes_on = random.random() < 0.3
        fees = bill(random)
        age = begin.year - born.year - ((begin.month, begin.day) < (born.month, born.day))
        deductible = min(due, fees["in_scope"])
        due -= deductible
        pool = cent((fees["in_scope"] - deductible) * min(Decimal(100), Decimal(75) + Decimal(age) / 5) / 100)
        result, balance = shares(fees, deductible, pool, balance)
        yield {**fees, "day": begin, "end": end, "level": "3", "psn_type": "15", "brdy": born, "balance": first, "med_type": "21",
               "stay": f"S{number}", "interim": goes_on}, result


@pytest.mark.parametrize(("place", "insutype", "computed"), [("430400", "310", hengyang), ("650200", "310", karamay), ("410100", "390", zhengzhou)])
def test_the_engine_and_the_straight_calculation_agree(book: Book, place: str, insutype: str, computed: Any) -> None:
    random = Random(20260305)
    compared = paid = 0
    for _ in range(PERSONS):
        view = View(None, {})
        for visit, expected in computed(random):
            if view.person is None:
                view = View(Purse(balances={insutype: int(visit["balance"] * 100)}), {})
            settled, view = decided(book, place, insutype, visit, view)
            found = {name: Decimal(getattr(settled, name)) / 100 for name in expected}
            assert found == expected, (visit, settled.steps)
            compared, paid = compared + 1, paid + (settled.hifp_pay > 0)
    assert compared == PERSONS * BILLS and paid > compared // 3


def decided(book: Book, place: str, insutype: str, visit: dict[str, Any], view: View) -> tuple[Settled, View]:
    """The engine's verdict and the state after it, without JSON."""
    fen = {name: int(visit[name] * 100) for name in ("in_scope", "own", "over", "first")}
    body = priced(**{**visit, **fen}, insuplc=place, insutype=insutype, acct_used="1", hosp_lv=HOSPITALS[visit["level"]])
    found = chosen(book, body.checked, body.request)
    assert found is not None
    keys = keys_of(body.request, body.checked, found[1])
    settled = settle(case_of(book, body, found, keys, view), found[0], found[1], Named(book.digest, "0"))
    after = accumulators.settled(view, keys[0], keys[1] if len(keys) > 1 else None, insutype, settled)
    return settled, View(after.person, {**view.entries, **after.entries})
