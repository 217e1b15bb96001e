"""What a simulated run consists of: processes, stages with their logs and ledgers, and two rulebooks."""

import tempfile
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

from contracts.envelope import Record
from contracts.log import Kept
from policies.book import BUILT_IN, Book, load
from services.ledger.base import Position
from services.runtime.log import folded_hash
from tests.chain.simulation_requests import PARTITION
from tests.chain.simulation_twins import KeptTopic
from tests.memory import Cell, MemoryStore, Snapshot

OTHER_RATIOS = {
    "430400-hengyang/outpatient-310.toml": ("of = 0.60", "of = 0.50"),
    "419900-henan/inpatient-310.toml": ("start = 0.75", "start = 0.70"),
}


@dataclass(eq=False)
class Worker:
    """One process: its coroutine, what it has sent and nobody has stored yet, and the offsets of what was stored.

    ``frozen``: the turns for which it does not move. ``late_until``: the tick before which nothing arrives that a dead
    one had sent. ``rested``: nothing was left to do, and the ledger was as it had left it.
    """

    name: str
    queue: deque[list[Record]] = field(default_factory=deque)
    offsets: list[int] = field(default_factory=list)
    frozen: int = 0
    late_until: int = 0
    rested: bool = False
    life: Coroutine[Any, Any, None] = field(init=False)


@dataclass(eq=False)
class Place:
    """One stage: its logs, its ledger, its workers. ``seen`` reads the output as every reader should."""

    name: str
    inp: KeptTopic
    out: KeptTopic
    store: MemoryStore = field(default_factory=MemoryStore)
    saved: Snapshot | None = None
    seen: Kept = field(default_factory=Kept)
    workers: list[Worker] = field(default_factory=list)
    current: Worker | None = None
    dead: list[Worker] = field(default_factory=list)
    started: int = 0

    @property
    def cell(self) -> Cell | None:
        """What the ledger holds, or None."""
        return self.store.cells.get((self.name, PARTITION))

    @property
    def topics_cut(self) -> bool:
        """Whether the beginning of one of its logs is gone."""
        return self.inp.retained > 0 or self.out.retained > 0

    @property
    def reaches_back(self) -> bool:
        """Whether the logs still hold what the next worker needs, if it stays as it is."""
        below = self.cell.position.pos - 1 if self.cell is not None else 0
        if self.cell is not None and not self.is_of_this_log(self.cell.position):
            below = 0
        return below >= self.out.retained and self.seen.src >= self.inp.retained

    def is_of_this_log(self, position: Position) -> bool:
        """Whether the record below the position is the one that it names."""
        records = self.out.records
        return 0 < position.pos <= len(records) and folded_hash(records[position.pos - 1]) == position.hash

    def senders(self) -> list[Worker]:
        """Workers, living or dead, that have sent what nobody has stored yet."""
        return [worker for worker in (*self.workers, *self.dead) if worker.queue]

    def bury(self, worker: Worker, late_until: int) -> None:
        """The process is gone; what it had sent may still arrive."""
        worker.life.close()
        worker.frozen, worker.late_until = 0, late_until
        self.workers.remove(worker)
        self.dead = [one for one in (*self.dead, worker) if one.queue]
        if self.current is worker:
            self.current = None

    def store_piece(self, worker: Worker) -> list[int]:
        """The log takes the next piece of what ``worker`` has sent."""
        offsets = self.out.add(worker.queue.popleft())
        worker.offsets += offsets
        for offset in offsets:
            self.seen.feed(offset, self.out.records[offset].headers)
        return offsets


@cache
def books() -> tuple[Book, Book]:
    """The rulebook of the package and one of other ratios for two plans, both without review: each claim is settled or refused."""
    with tempfile.TemporaryDirectory() as folder:
        found = copytree(BUILT_IN, Path(folder) / "same"), other_rulebook(Path(folder))
        for rulebook in found:
            (rulebook / "national" / "review.toml").unlink()
        same, other = map(load, found)
        return same, other


def other_rulebook(folder: Path) -> Path:
    """A copy of the rulebook in ``folder``, with other ratios for two plans."""
    other = copytree(BUILT_IN, folder / "rulebook")
    for name, (old, new) in OTHER_RATIOS.items():
        path = other / "regions" / name
        text = path.read_text("utf-8")
        assert old in text, f"{name} no longer says {old!r}: choose another change"
        path.write_text(text.replace(old, new), "utf-8")
    return other


@contextmanager
def replaced(module: Any, **names: Any) -> Iterator[None]:
    """``module`` with other values for some of its names."""
    before = {name: getattr(module, name) for name in names}
    try:
        for name, value in names.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
