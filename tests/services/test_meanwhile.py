"""Work beside its caller's: one at a time, ended with its block, its errors told."""

import asyncio

import pytest

from contracts.envelope import Record
from services.ledger import Position
from services.runtime.meanwhile import Meanwhile
from tests.chain.simulation_twins import GappyLog
from tests.memory import MemoryLedger
from tests.services.test_step import MARY, Stand, claim, enrolment


class Noted:
    """Says when its work begins and ends; one that is called off does not end."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def work(self, name: str, fails: bool = False) -> None:
        self.told.append(f"{name} begins")
        await asyncio.sleep(0.01)
        self.told.append(f"{name} ends")
        if fails:
            raise ValueError(name)


async def test_one_ends_before_the_next_begins_and_all_before_the_block_is_left() -> None:
    noted = Noted()
    async with Meanwhile() as beside:
        await beside.begin(noted.work, "a")
        await asyncio.sleep(0)
        noted.told.append("other work")
        await beside.begin(noted.work, "b")
    assert noted.told == ["a begins", "other work", "a ends", "b begins", "b ends"]


@pytest.mark.parametrize("asked", ["begin", "ended", "leave"])
async def test_what_it_raises_is_raised_where_its_end_is_waited_for(asked: str) -> None:
    noted = Noted()
    with pytest.raises(ValueError, match="a"):
        async with Meanwhile() as beside:
            await beside.begin(noted.work, "a", True)
            if asked == "begin":
                await beside.begin(noted.work, "b")
            if asked == "ended":
                await beside.ended()
    assert noted.told == ["a begins", "a ends"]


@pytest.mark.parametrize("fails", [False, True])
async def test_it_is_called_off_where_an_error_leaves_the_block(fails: bool) -> None:
    noted = Noted()
    with pytest.raises(KeyError):
        async with Meanwhile() as beside:
            await beside.begin(noted.work, "a", fails)
            await asyncio.sleep(0)
            raise KeyError
    await asyncio.sleep(0.03)
    assert noted.told == ["a begins"]


async def test_it_is_called_off_with_its_caller() -> None:
    noted = Noted()

    async def caller() -> None:
        async with Meanwhile() as beside:
            await beside.begin(noted.work, "a")
            await beside.ended()

    task = asyncio.create_task(caller())
    await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0.03)
    assert noted.told == ["a begins"]


async def test_a_takeover_folds_a_piece_while_the_ledger_applies_the_last(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads one ahead, and loads for a piece before the one before it is applied."""
    monkeypatch.setattr("services.runtime.step.REPLAY_RECORDS", 2)
    monkeypatch.setattr("services.runtime.replay.TURN", 1)
    monkeypatch.setattr("services.runtime.replay.reach", lambda point: told.append(point.removeprefix("takeover.")))
    told: list[str] = []

    class Slow(MemoryLedger):
        async def load(self, expected: Position, fields: list[str]) -> dict[str, bytes | None]:
            told.append("load")
            return await super().load(expected, fields)

        async def apply(self, expected: Position, new: Position, writes: dict[str, bytes | None]) -> None:
            told.append("apply")
            async with asyncio.timeout(10):
                while told.count("folded") < min(3, 1 + told.count("apply")):  # another piece is folded meanwhile
                    await asyncio.sleep(0.001)
            await super().apply(expected, new, writes)
            told.append("applied")

    class Told(GappyLog):
        async def read(self, offset: int, limit: int) -> list[Record]:
            await asyncio.sleep(0)
            if limit == 2:
                told.append("read")
            return await super().read(offset, limit)

    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000), claim(MARY, 2, 30_000))
    right = stand.states("settlement")
    stand.store.wipe()
    step = stand.step("settlement", Told(stand.out("settlement")))
    step._ledger = Slow(stand.store, "settlement", stand.out("settlement").partition)
    told.clear()
    await step.takeover()
    assert stand.states("settlement") == right
    assert told == [
        "read", "load", "read",  # the first piece, and the second one
        "load", "folded",  # the first is folded, while what the second needs is loaded
        "apply", "folded", "applied",  # the second, while the first is applied
        "folded", "apply", "applied", "apply", "applied",  # the fence, of which nothing is loaded
    ]


@pytest.fixture
def stand() -> Stand:
    return Stand()
