"""Work that goes on while something else is done."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Meanwhile:
    """One piece of work beside its caller's. It has ended before the next one begins, and before the block is left.

    Where an error leaves the block it is called off, and ended all the same: nothing is done behind the caller's back.
    """

    def __init__(self) -> None:
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Meanwhile":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.ended()
        elif self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def begin(self, work: Callable[..., Coroutine[Any, Any, None]], *given: Any) -> None:
        """``work`` of what is ``given``, when the one before has ended. Raises what that raised."""
        await self.ended()
        self._work = asyncio.create_task(work(*given))

    async def ended(self) -> None:
        """Waits for the work that was begun. Raises what it raises."""
        work, self._work = self._work, None
        if work is not None:
            await work
