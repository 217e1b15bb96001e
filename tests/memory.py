"""The log and the ledger in memory: twins of those on Kafka and Redis, of the same meaning, for tests without servers.

No operation of the ledger awaits anything, so each is as atomic as a script in Redis: tasks change places only between calls.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts.envelope import Record
from services.ledger.base import Damaged, Moved, Position, check_apply, check_fields


@dataclass(slots=True)
class MemoryTopic:
    """The records of one partition, shared by every MemoryLog on it."""

    name: str
    partition: int = 0
    records: list[Record] = field(default_factory=list)
    first: int = 0

    def add(self, records: Sequence[Record]) -> list[int]:
        start = self.first + len(self.records)
        numbered = [
            replace(r, offset=start + i, partition=self.partition, topic=self.name) for i, r in enumerate(records)
        ]
        self.records += numbered
        return [r.offset for r in numbered]


class MemoryLog:
    """The twin of KafkaLog: the same meaning, no server."""

    def __init__(self, topic: MemoryTopic) -> None:
        self._topic, self.topic, self.partition = topic, topic.name, topic.partition

    async def bounds(self) -> tuple[int, int]:
        await asyncio.sleep(0)
        return self._topic.first, self._topic.first + len(self._topic.records)

    async def end(self) -> int:
        return (await self.bounds())[1]

    async def read(self, offset: int, limit: int) -> list[Record]:
        await asyncio.sleep(0)
        start = max(0, offset - self._topic.first)
        return self._topic.records[start : start + limit]

    async def append(self, records: Sequence[Record]) -> list[int]:
        await asyncio.sleep(0)
        return self._topic.add(records)


@dataclass(slots=True)
class Cell:
    """Position and states of one stage and partition."""

    position: Position = Position()
    states: dict[str, bytes] = field(default_factory=dict)


#: The cells by stage and partition.
Cells = dict[tuple[str, int], Cell]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a store held at one moment. Later writes do not change it; it can be restored repeatedly."""

    cells: Cells


class MemoryStore:
    """What the server is to RedisLedger: shared by several ledgers, and it can be wiped or rolled back."""

    def __init__(self) -> None:
        self.cells: Cells = {}

    def wipe(self) -> None:
        self.cells = {}

    def snapshot(self) -> Snapshot:
        return Snapshot(_copy(self.cells))

    def restore(self, snapshot: Snapshot) -> None:
        self.cells = _copy(snapshot.cells)


class MemoryLedger:
    """The ``Ledger`` of one stage and partition on a store in memory."""

    def __init__(self, store: MemoryStore, stage: str, partition: int) -> None:
        self._store, self._stage, self._partition = store, stage, partition

    async def position(self) -> Position:
        return self._cell().position

    async def load(self, expected: Position, fields: Sequence[str]) -> dict[str, bytes | None]:
        check_fields(fields)
        states = self._compare(expected).states
        return {name: states.get(name) for name in fields}

    async def apply(self, expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
        check_apply(expected, new, writes)
        cell = self._compare(expected)
        for name, value in writes.items():
            if value is None:
                cell.states.pop(name, None)
            else:
                cell.states[name] = value
        cell.position = new
        self._store.cells[self._stage, self._partition] = cell

    async def discard(self, expected: Position) -> None:
        self._compare(expected)
        self._store.cells.pop((self._stage, self._partition), None)

    async def repair(self, damage: Damaged) -> None:
        """Nothing: position and states are one here."""

    async def read(self, fields: Sequence[str]) -> dict[str, bytes | None]:
        check_fields(fields)
        states = self._cell().states
        return {name: states.get(name) for name in fields}

    def _cell(self) -> Cell:
        """Looked up at each call, since the store may have been wiped; an absent one is not created."""
        return self._store.cells.get((self._stage, self._partition)) or Cell()

    def _compare(self, expected: Position) -> Cell:
        cell = self._cell()
        if cell.position.compared != expected.compared:
            raise Moved(self._stage, self._partition, expected.compared, cell.position.compared)
        return cell


def _copy(cells: Cells) -> Cells:
    return {key: Cell(cell.position, dict(cell.states)) for key, cell in cells.items()}
