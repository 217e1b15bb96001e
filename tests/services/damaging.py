"""A ledger in memory that stands as one in Redis may: with keys that somebody changed by hand."""

from services.ledger import Damaged, Position
from tests.memory import MemoryLedger


class Damaging(MemoryLedger):
    """A ledger that is found damaged until it is repaired."""

    damaged = True

    async def position(self) -> Position:
        if self.damaged:
            raise Damaged("position", "state", "its field req is missing")
        return await super().position()

    async def repair(self, damage: Damaged) -> None:
        self.damaged = False
        self._store.wipe()
