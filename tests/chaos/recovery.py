"""How long the road needs after a fault: until all that had been published when it struck is settled."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from services.cli.progress import positions
from services.runtime.settings import Settings
from tests.chaos.publisher import Publisher

LOOK_S = 0.25


@dataclass(slots=True)
class Open:
    """A fault that the road has not got over: when it struck, and the ends of yibao.requested then."""

    kind: str
    struck: float
    ends: tuple[int, ...]


class Recovery:
    """``longest``: seconds by kind. Where faults overlap, each counts from its own beginning."""

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._settings, self._publisher = settings, publisher
        self._open: list[Open] = []
        self.longest: dict[str, float] = {}
        self.settled: Sequence[int] = ()

    def struck(self, kind: str) -> None:
        self._open.append(Open(kind, monotonic(), tuple(self._publisher.ends)))

    async def watch(self) -> None:
        """Never ends."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Closes what is over. Redis that is away or wiped says nothing."""
        try:
            self.settled = [position.req for position in (await positions(self._settings, ("settlement",)))[0]]
        except Exception:
            return
        for one in list(self._open):
            if all(req >= end - 1 for req, end in zip(self.settled, one.ends, strict=True)):
                self._open.remove(one)
                self.longest[one.kind] = round(max(self.longest.get(one.kind, 0), monotonic() - one.struck), 1)

    @property
    def left(self) -> list[str]:
        """Kinds that the road has not got over."""
        return sorted({one.kind for one in self._open})
