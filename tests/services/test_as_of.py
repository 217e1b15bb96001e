"""The account at a time that has passed, folded from the topics."""

from dataclasses import replace

import pytest

from policies.book import built_in
from services.cli.as_of import account_as_of
from services.ledger import Position
from tests.policies.standing import CREDITED, ENROLLED, LAST, PARTITION, SETTLED, Standing, story
from tests.services.test_verify import Memory


@pytest.fixture(scope="module")
def standing() -> Standing:
    """The broker took the record with offset n of each topic at n seconds; request r is offset r + 1 of a stage's topic."""
    found = story(built_in())
    found.topics = [[replace(record, timestamp_ms=1000 * record.offset) for record in topic] for topic in found.topics]
    return found


@pytest.mark.parametrize("req, balances, deductible", [
    (ENROLLED - 1, {}, None), (ENROLLED, {}, None), (CREDITED, {"310": 50_000}, None),
    (SETTLED, {"310": 46_400}, 2_000),        # 100.00: (100 - 20) x 80 % = 64.00 from the pool (S116, S117), 36.00 from the account
    (SETTLED + 2, {"310": 40_800}, 4_000),    # 200.00: 144.00 from the pool, 56.00 from the account
    (LAST, {"310": 40_800}, 6_000),           # 300.00: 224.00 from the pool, the rest in cash
])
async def test_what_stood_then_is_told(standing: Standing, req: int, balances: dict[str, int], deductible: int | None) -> None:
    found = await account_as_of(Memory(standing.topics), "P1", 1000 * (req + 1))
    assert found.balances == balances
    assert [year.accumulators["outpatient.deductible"] for year in found.years] == ([deductible] if deductible else [])
    assert found.known == (req >= ENROLLED)
    assert found.position == Position(owner=0, pos=req + 2, req=req, src=req + 1 if req >= 0 else -1)  # a fence stands before the first, upstream too
    assert found.partition == PARTITION


async def test_a_moment_before_is_not_yet(standing: Standing) -> None:
    found = await account_as_of(Memory(standing.topics), "P1", 1000 * (CREDITED + 1) - 1)
    assert found.balances == {}


async def test_only_the_year_that_is_asked_for(standing: Standing) -> None:
    for year, count in ((2026, 1), (2025, 0)):
        assert len((await account_as_of(Memory(standing.topics), "P1", 10**9, year)).years) == count
