"""What does not end is left, and told with the place where it stands."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import FunctionType

import pytest

from tests.chaos import standing
from tests.chaos.standing import end, where


async def deaf() -> None:
    """Loses its first cancellation, as a client library may."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    await asyncio.sleep(60)


async def outer() -> None:
    await deaf()


def line(work: FunctionType, number: int) -> str:
    return f"{work.__name__} {Path(__file__).name}:{work.__code__.co_firstlineno + number}"


OUTER = line(outer, 1)


async def test_what_loses_a_cancellation_is_told_of_and_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(standing, "LEAVE_S", 0.1)
    good, bad = asyncio.create_task(asyncio.sleep(60)), asyncio.create_task(outer())
    await asyncio.sleep(0)
    await end([good, bad])
    assert good.cancelled() and not bad.done()
    told = capsys.readouterr().err
    assert f"{OUTER} > {line(deaf, 4)} > sleep tasks.py:" in told and told.count("\n") == 1
    bad.cancel()
    await asyncio.wait([bad])


async def test_what_ends_in_time_is_not_cancelled_and_what_it_raises_is_no_error_here() -> None:
    async def fails() -> None:
        await asyncio.sleep(0.01)
        raise OSError("away")

    await end([task := asyncio.create_task(fails())], patience=5)
    assert not task.cancelled() and isinstance(task.exception(), OSError)


async def test_a_place_names_each_coroutine_from_the_outermost_on() -> None:
    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    assert where(task).startswith(f"{OUTER} > {line(deaf, 3)} > sleep tasks.py:")
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([task])
