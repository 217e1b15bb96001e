"""What may happen to a stage between any two operations of its workers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from tests.chain.simulation_requests import PARTITION
from tests.chain.simulation_world import Place
from tests.memory import Cell

LATE_TICKS = (0, 30, 100, 200, 400)
"""How long the last words of a dead worker may take."""
CUT = 0.25
"""Of so many runs the logs lose their beginnings. A ledger that is lost then, too, ends the run, as it should."""


class Faults:
    """Strikes at random. Each run draws some of the kinds and a rate, so that runs differ in kind.

    ``foreign``: ledgers of another log, by stage. ``start``: starts a worker of a stage.
    """

    def __init__(self, rng: Random, foreign: Mapping[str, Sequence[Cell]], start: Callable[[Place], None]) -> None:
        self._rng, self._foreign, self._start = rng, foreign, start
        self.places: Sequence[Place] = ()
        kinds = (
            self.kill, self.kill, self.kill, self.zombie, self.zombie, self.freeze, self.wipe, self.save,
            self.roll_back, self.exchange,
        )
        self._mix = rng.sample(kinds, rng.randint(3, len(kinds)))
        if rng.random() < CUT:
            self._mix.append(self.cut)
        self._rate = rng.choice((0.007, 0.015, 0.03))

    def strike(self, places: Sequence[Place], tick: int) -> tuple[str, str] | None:
        """Perhaps one fault; what it was, and where."""
        if self._rng.random() >= self._rate:
            return None
        self.places = places
        place, kind = self._rng.choice(places), self._rng.choice(self._mix)
        kind(place, tick)
        return kind.__name__, place.name

    def late(self, tick: int) -> int:
        """When the last words of a worker that ends now begin to arrive."""
        return tick + self._rng.choice(LATE_TICKS)

    def kill(self, place: Place, tick: int) -> None:
        """One that waits for an answer rather than another; a part of what it sent is lost from the end."""
        if place.workers:
            worker = self._rng.choice([one for one in place.workers if one.queue] or place.workers)
            for _ in range(self._rng.randint(0, len(worker.queue))):
                worker.queue.pop()
            place.bury(worker, self.late(tick))

    def zombie(self, place: Place, tick: int) -> None:
        """A second worker starts; the first one goes on, at once or when it wakes."""
        if place.current is not None and len(place.workers) < 3:
            place.current.frozen = self._rng.choice((0, 0, 20, 80, 200))
            self._start(place)

    def freeze(self, place: Place, tick: int) -> None:
        if place.workers:
            self._rng.choice(place.workers).frozen = self._rng.choice((20, 80))

    def wipe(self, place: Place, tick: int) -> None:
        place.store.wipe()

    def save(self, place: Place, tick: int) -> None:
        place.saved = place.store.snapshot()

    def roll_back(self, place: Place, tick: int) -> None:
        if place.saved is not None:
            place.store.restore(place.saved)

    def cut(self, place: Place, tick: int) -> None:
        """The beginning of the input is gone, as far as nobody who reads as it should needs it: the decider's word on it, and
        the ledger of whoever wrote it, lie behind."""
        before = next((one for one in self.places if one.out is place.inp), None)
        behind = place.seen.src
        if before is not None:
            behind = min(behind, before.cell.position.pos - 1 if before.cell is not None else 0)
        place.inp.retained = max(place.inp.retained, min(behind, self._rng.randint(0, max(0, behind))))

    def exchange(self, place: Place, tick: int) -> None:
        """The ledger of another log. In the worst case it stands at the same place, and only the hash tells."""
        other, mine = self._rng.choice(self._foreign[place.name]), place.cell
        position = other.position
        if mine is not None and self._rng.random() < 0.7:
            position = replace(position, owner=mine.position.owner, pos=mine.position.pos)
        place.store.cells[place.name, PARTITION] = Cell(position, dict(other.states))
