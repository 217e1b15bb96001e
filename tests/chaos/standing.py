"""Where tasks stand that do not end: a run says it instead of waiting for ever without a word."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LEAVE_S = 10.0


async def end(tasks: Iterable[asyncio.Task[Any]], patience: float = 0.0) -> None:
    """Waits ``patience`` seconds for tasks to end by themselves, then cancels them and waits, but not for ever.

    What they raise is their own affair. A client library that loses a cancellation is told of and left.
    """
    found = list(tasks)
    _, left = await asyncio.wait(found, timeout=patience)
    for task in left:
        task.cancel()
    done, left = await asyncio.wait(found, timeout=LEAVE_S)
    for task in done:
        task.cancelled() or task.exception()
    for task in left:
        print(f"does not end when it is cancelled: {where(task)}", file=sys.stderr, flush=True)


def where(task: asyncio.Task[Any]) -> str:
    """The coroutines that a task waits in, from the outermost on: ``name file:line > name file:line``."""
    at: Any = task.get_coro()
    places = []
    while at is not None:
        frame = getattr(at, "cr_frame", None) or getattr(at, "gi_frame", None)
        if frame is not None:
            places.append(f"{frame.f_code.co_name} {Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
        at = getattr(at, "cr_await", None) or getattr(at, "gi_yieldfrom", None)
    return " > ".join(places)
