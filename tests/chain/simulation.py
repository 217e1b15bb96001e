"""The four deciding stages on in-memory twins under a seeded scheduler: no servers, no clock, no event loop.

Each worker is a coroutine that runs the real ``Step``; the scheduler resumes one at a time. Between any two operations
on a log or a ledger it may kill or freeze the worker, start a second one, wipe, roll back or exchange the ledger,
deliver what dead workers had sent, or hand a worker other records than the ones it asked for. Everything random comes
from the seed, so a run can be repeated exactly.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from contracts.log import Gap, Kept
from contracts.topics import topic_map
from policies.book import Book
from policies.road import STAGES, stage_named
from services.ledger.base import Moved, Position
from services.runtime import replay as replay_module, step as step_module
from services.runtime.exits import DataLost, Lost
from services.runtime.step import Step
from tests.chain.simulation_faults import Faults
from tests.chain.simulation_requests import PARTITION, PARTITIONS, requests
from tests.chain.simulation_twins import GappyLog, GappyTopic, KeptTopic, Later, PausedLedger, SentLog, pause
from tests.chain.simulation_world import Place, Worker, books, replaced
from tests.memory import Cell, MemoryLedger

FAULTY_TICKS, MOST_TICKS = 850, 10_000
CALM_REQUESTS = 4
"""Requests that are published after the last fault."""
REPLAY_RECORDS = 3
"""Small, so that a takeover can be interrupted between two pieces."""


@dataclass(frozen=True)
class Variant:
    """The code under test. Tests of the test put weakened classes here."""

    step: type[Step] = Step
    kept: type[Kept] = Kept
    ledger: type[MemoryLedger] = MemoryLedger


class Failed(AssertionError):
    """A run that went wrong: its seed, why, and what happened last."""

    def __init__(self, seed: int, why: str, trace: Sequence[tuple[object, ...]]) -> None:
        super().__init__(f"seed {seed}: {why}\nlast events:\n  " + "\n  ".join(" ".join(map(str, one)) for one in trace[-40:]))
        self.seed, self.why = seed, why


class Simulation:
    """One run. ``run`` ends when every request has its verdict; what it left behind is then to be checked."""

    def __init__(self, seed: int, variant: Variant | None = None, faulty: bool = True) -> None:
        self.seed, self.variant, self.rng = seed, variant or Variant(), Random(seed)
        self.asked = requests(self.rng, self.rng.randint(15, 20))
        self.faults = Faults(self.rng, foreign() if faulty else {}, self._start)
        self.faulty, self._wiped = faulty, not faulty
        first, *others = (topic.name for topic in topic_map().road)
        self.requested = GappyTopic(first, PARTITION)
        self.topics = [self.requested, *(KeptTopic(name, PARTITION) for name in others)]
        self.places = [Place(n, i, o) for n, i, o in zip(STAGES, self.topics, self.topics[1:], strict=False)]
        self.ticks = self._published = 0
        self.trace: list[tuple[object, ...]] = []
        """What happened, in words: each begins with the tick."""
        self.ends: Counter[str] = Counter()
        self.lost: str | None = None
        """A stage that cannot go on, and says so: neither log nor ledger holds what it needs any longer."""

    @property
    def cells(self) -> dict[str, Cell]:
        """The ledgers that there are, by stage."""
        return {place.name: place.cell for place in self.places if place.cell is not None}

    def run(self) -> "Simulation":
        """Runs to the end. Raises Failed where a worker meets what must not be, or nothing moves any more."""
        fixed = SimpleNamespace(uuid4=lambda: UUID(int=self.rng.getrandbits(128)))
        told = SimpleNamespace(warning=self._told, error=self._told_error)
        names = {"uuid": fixed, "log": told, "Kept": self.variant.kept, "REPLAY_RECORDS": REPLAY_RECORDS}
        with replaced(step_module, **names), replaced(replay_module, Meanwhile=Later):
            try:
                while not self._finished():
                    self.tick()
            except Exception as error:
                raise Failed(self.seed, f"{type(error).__name__}: {error}", self.trace) from error
            finally:
                for worker in (worker for place in self.places for worker in place.workers):
                    worker.life.close()
        return self

    def tick(self) -> None:
        """One turn: perhaps a fault, a request, a delivery; then one worker goes on to its next operation."""
        self.ticks += 1
        if self.ticks > MOST_TICKS:
            raise RuntimeError(f"stuck: last numbers {[place.seen.req for place in self.places]} of {len(self.asked)}")
        if self.faulty and (what := self.faults.strike(self.places, self.ticks)):
            self.note("fault", *what)
        if self.faulty and self.ticks == FAULTY_TICKS:
            self._calm()
        self._publish()
        self._deliver()
        place = self.places[int(self.rng.random() * len(self.places))]
        if place.current is None:
            self._start(place)
        worker = place.workers[int(self.rng.random() * len(place.workers))]
        if worker.frozen:
            worker.frozen -= 1
        else:
            self._resume(place, worker)

    def note(self, *what: object) -> None:
        self.trace.append((self.ticks, *what))

    def _told(self, what: str, **_: Any) -> None:
        self.note("told:", what)

    def _told_error(self, what: str, **about: Any) -> None:
        raise RuntimeError(f"a worker says {what}: {about}")

    # --- workers ----------------------------------------------------------------------------------------------------

    def _start(self, place: Place) -> None:
        place.started += 1
        worker = Worker(f"{place.name}#{place.started}")
        worker.life = self._life(place, worker, self.rng.choice(books()))
        place.workers.append(worker)
        place.current = worker
        self.note(worker.name, "starts")

    async def _life(self, place: Place, worker: Worker, book: Book) -> None:
        """What the shell of a worker does with its step."""
        inp, out = GappyLog(place.inp), SentLog(place.out, worker.queue, worker.offsets, self.rng)
        ledger = PausedLedger(self.variant.ledger(place.store, place.name, PARTITION), place.out)
        stage, first = stage_named(place.name, book), place is self.places[0]
        step = self.variant.step(stage, book.digest, PARTITIONS, inp, out, ledger, first)
        await step.takeover()
        while True:
            await pause("poll")
            records = await inp.read(self._asked_from(step), self.rng.randint(1, 6))
            if records:
                worker.rested = False
                await step.batch(records)
            elif self.rng.random() < 0.3:
                await step.idle()
                worker.rested = True

    def _asked_from(self, step: Step) -> int:
        """Where a fetch starts: now and then behind or beyond the place that was sought."""
        if self.faulty and self.rng.random() < 0.06:
            return max(0, step.next_input + self.rng.choice((-3, -1, 1, 2)))
        return step.next_input

    def _resume(self, place: Place, worker: Worker) -> None:
        try:
            self.note(worker.name, worker.life.send(None))
        except (Lost, Moved, Gap, DataLost) as end:
            self.ends[type(end).__name__] += 1
            self.note(worker.name, "ends:", type(end).__name__, str(end))
            place.bury(worker, self.faults.late(self.ticks))
            if isinstance(end, DataLost):
                self._believe_lost(place, end)

    def _believe_lost(self, place: Place, end: DataLost) -> None:
        """For good only where the logs no longer reach back to the ledger; else the next worker goes on."""
        if not place.topics_cut:
            raise RuntimeError(f"{place.name}: nothing was cut, and it says {end}") from end
        if not place.reaches_back:
            self.lost = f"{place.name}: {end}"

    # --- the world --------------------------------------------------------------------------------------------------

    def _publish(self) -> None:
        """The last requests wait for the calm. Some come in transactions, whose markers are gaps of offsets."""
        due = len(self.asked) - (CALM_REQUESTS if self.faulty else 0)
        if self._published < due and self.rng.random() < (0.024 if self.faulty else 0.05):
            asked = self.asked[self._published]
            self.requested.add([asked.record])
            if self.rng.random() < 0.2:
                self.requested.skip(1)
            self.note("request", self._published, asked.kind)
            self._published += 1

    def _deliver(self) -> None:
        """The broker stores one piece of what somebody has sent; that of the dead late, that of the frozen slowly."""
        waiting = [(place, worker) for place in self.places for worker in place.workers if worker.queue]
        waiting += [(place, worker) for place in self.places for worker in place.dead if worker.queue]
        if not waiting:
            return
        place, worker = waiting[int(self.rng.random() * len(waiting))]
        if self.ticks >= worker.late_until and self.rng.random() < (0.1 if worker.frozen else 0.3):
            offsets = place.store_piece(worker)
            self.note(worker.name, "stored at", offsets, "(dead)" if worker in place.dead else "")

    def _calm(self) -> None:
        """No more faults: one worker a stage stays; what the others had sent is still to come."""
        self.faulty = False
        for place in self.places:
            for worker in list(place.workers):
                worker.frozen, worker.rested = 0, False
                if worker is not place.current:
                    place.bury(worker, self.faults.late(self.ticks))
        self.note("calm")

    def _finished(self) -> bool:
        """All is decided on all topics, nothing under way, and every worker has looked at its ledger since. Or it is lost."""
        if self.lost is not None:
            return True
        if self.faulty or self._published < len(self.asked):
            return False
        for place in self.places:
            if place.current is None or not place.current.rested:
                return False
        if not all(place.seen.req == len(self.asked) - 1 and not place.senders() for place in self.places):
            return False
        if not self._wiped:
            self._last_wipe()
            return False
        return True

    def _last_wipe(self) -> None:
        """Once more when all is decided: without traffic, only a worker that looks can notice."""
        self._wiped = True
        self.note("last wipe")
        for place in self.places:
            place.store.wipe()
            for worker in place.workers:
                worker.rested = False


@cache
def foreign() -> dict[str, list[Cell]]:
    """Ledgers of the stages of another run, without faults, as they stood after each write."""
    other = _Watched()
    other.run()
    return other.found


class _Watched(Simulation):
    """Keeps a copy of each ledger whenever it has moved."""

    def __init__(self) -> None:
        super().__init__(-1, faulty=False)
        self.found: dict[str, list[Cell]] = {place.name: [] for place in self.places}

    def tick(self) -> None:
        super().tick()
        for name, cell in self.cells.items():
            cells = self.found[name]
            if cell.position != (cells[-1].position if cells else Position()):
                cells.append(Cell(cell.position, dict(cell.states)))
