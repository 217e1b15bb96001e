"""How much is worked on at once: bytes count, not records."""

import asyncio
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError

from services.runtime.exits import Exit, Unreachable
from services.runtime.guard import guard
from services.runtime.kafka import KafkaLog
from services.runtime.portions import BREATH_BYTES, HANDED, PORTION_BYTES, Breath, handed
from services.runtime.settings import Settings
from tests.services.test_step import MARY, Stand, claim, enrolment

ONE, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)


class Fetched:
    """In the place of a consumer: what it holds of two partitions, handed out as aiokafka does; behind it ``failing``."""

    def __init__(self, one: int, other: int = 0, size: int = 1, failing: Exception | None = None) -> None:
        self._held = {ONE: [self._record(size) for _ in range(one)], OTHER: [self._record(size) for _ in range(other)]}
        self._failing = failing
        self.asked: list[int] = []

    def _record(self, size: int) -> Any:
        return SimpleNamespace(value=bytes(size), number=next(NUMBERS))

    async def getmany(self, *places: TopicPartition, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        self.asked.append(max_records)
        found: dict[TopicPartition, list[Any]] = {}
        for place, held in self._held.items():
            if taken := held[: max_records - sum(map(len, found.values()))]:
                found[place], self._held[place] = taken, held[len(taken) :]
        if not found and (failing := self._failing) is not None:
            self._failing = None
            raise failing
        return found


NUMBERS = count()


@pytest.mark.parametrize("one", [1, HANDED, 5 * HANDED + 1, 500])
async def test_small_records_are_handed_out_up_to_their_number(one: int) -> None:
    fetched = Fetched(one, 500)
    found, behind = await handed(fetched.getmany, timeout_ms=100, max_records=500)
    assert behind is None and {place: len(records) for place, records in found.items()} == {ONE: one} | ({OTHER: 500 - one} if one < 500 else {})
    numbers = [record.number for records in found.values() for record in records]
    assert numbers == sorted(numbers) and max(fetched.asked) <= HANDED


@pytest.mark.parametrize("size", [PORTION_BYTES // 100, PORTION_BYTES])
async def test_large_ones_are_handed_out_up_to_their_bytes(size: int) -> None:
    found, _ = await handed(Fetched(500, size=size).getmany, timeout_ms=100, max_records=500)
    assert sum(len(record.value) for record in found[ONE]) < PORTION_BYTES + HANDED * size


async def test_what_fails_behind_records_is_raised_when_they_were_worked_on() -> None:
    """Some errors are told once: raised in the place of the records, it would lose them; forgotten, the record that it is about."""
    fetched, ended = Fetched(3, failing=NoOffsetForPartitionError()), list[Exit]()
    guard(fetched, "t", lambda: None, lambda code, why: ended.append(code), lambda on: None)  # type: ignore[arg-type]
    assert [len((await fetched.getmany(timeout_ms=1, max_records=500)).get(ONE, ())) for _ in range(2)] == [3, 0] and not ended
    fetched._held[ONE] = [fetched._record(1)]
    assert len((await fetched.getmany(timeout_ms=1, max_records=500))[ONE]) == 1


async def test_an_error_behind_records_ends_the_process_once_they_were_worked_on() -> None:
    fetched, ended = Fetched(3, failing=KafkaError()), list[Exit]()
    guard(fetched, "t", lambda: None, lambda code, why: ended.append(code), lambda on: None)  # type: ignore[arg-type]
    assert len((await fetched.getmany(timeout_ms=1, max_records=500))[ONE]) == 3 and not ended
    waiting = asyncio.create_task(fetched.getmany(timeout_ms=1, max_records=500))
    await asyncio.sleep(0)
    assert len(ended) == 1
    waiting.cancel()


async def test_records_before_a_failed_reading_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client stands behind the three that it gave when it failed; who asks again, from the same place, is given them."""
    log, fetched, sought = KafkaLog(Settings(kafka="none:1", redis="redis://none"), None, "t", 0), Fetched(3, failing=KafkaError()), list[int]()
    monkeypatch.setattr(fetched, "seek", lambda place, offset: sought.append(offset), raising=False)
    log._reader, log._at = fetched, 7  # type: ignore[assignment]  # behind a reading that ended there
    for _ in range(2):
        with pytest.raises(Unreachable):
            await log.read(7, 500)
        fetched._failing = KafkaError()
    assert sought == [7], "the first time it stands there"


async def test_others_have_a_turn_while_much_is_decided() -> None:
    turns, breath = 0, Breath()

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    for _ in range(100):
        assert await breath.after(BREATH_BYTES // 10, "done") == "done"
    beside.cancel()
    assert turns == 10  # a hundred tenths


async def test_a_batch_is_written_in_portions_and_each_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts may be ten thousand times as large as their requests: no more of them are held than a portion, and what is written is
    what one portion would have been."""
    logs = []
    for most in (PORTION_BYTES, 1, 1500):
        monkeypatch.setattr("services.runtime.step.PORTION_BYTES", most)
        stand = Stand()
        stand.inp("filing").add([enrolment(MARY), *(claim(MARY, number, 10_000) for number in range(9))])
        step = stand.step()
        await step.takeover()
        applied, apply = list[int](), step._apply
        step._apply = lambda *of, apply=apply, applied=applied: applied.append(of[2]) or apply(*of)  # type: ignore[method-assign]
        done = await step.batch(stand.inp("filing").records)
        assert (done.kept, done.req, await stand.ledger("filing").position()) == (10, 9, step._position)
        logs.append(([record.value for record in stand.out("filing").records[1:]], len(applied), applied[-1]))
    values = logs[0][0]
    assert [found for found, _, _ in logs] == [values] * 3 and {last for _, _, last in logs} == {11}  # a fence, ten verdicts
    assert [times for _, times, _ in logs][:2] == [1, 10] and 1 < logs[2][1] < 10
