"""The step under a seeded scheduler of faults: YIBAO_SIMULATION_SEEDS runs (500 where it is not set), each checked.

A failure names its seed and the last events; ``checked(seed)`` repeats it. Each guard of the protocol is then taken
away in turn, to show that these runs would notice.
"""

import os
from collections import Counter

import pytest

from tests.chain.simulation import Failed, Simulation
from tests.chain.simulation_check import ENDS, checked
from tests.chain.simulation_weakened import WEAKENED, Weakened

SEEDS = int(os.environ.get("YIBAO_SIMULATION_SEEDS", "500"))
PIECE = 50
SEARCHED = 200
"""Seeds that are tried where the one named no longer catches a weakened variant."""
TRIPWIRE_SEEDS = 25
"""Seeds that are shown to end well without a tripwire."""


@pytest.mark.parametrize("first", range(0, SEEDS, PIECE))
def test_every_run_ends_as_its_requests_say(first: int) -> None:
    for seed in range(first, min(first + PIECE, SEEDS)):
        checked(seed)


def test_the_same_seed_gives_the_same_run() -> None:
    one, other = Simulation(7).run(), Simulation(7).run()
    assert one.trace == other.trace
    assert [topic.records for topic in one.topics] == [topic.records for topic in other.topics]
    assert one.cells == other.cells
    assert one.trace != Simulation(8).run().trace


def test_the_runs_meet_what_they_are_for() -> None:
    events: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for seed in range(30):
        run = checked(seed)
        events += run.ends
        events["void"] += sum(place.seen.void for place in run.places)
        events["of the dead"] += sum(line[-1] == "(dead)" for line in run.trace)
        events["of other ratios"] += len({_rulebook(record.value) for record in run.topics[-1].records}) - 1
        events.update(str(line[2]) for line in run.trace if line[1] == "fault")
        events["lost"] += run.lost is not None
        types.update((record.header("ce_type") or b"").decode() for record in run.topics[-1].records)
    faults = {"kill", "zombie", "freeze", "wipe", "save", "roll_back", "exchange", "cut", "lost"}
    assert faults | {"Lost", "Moved", "Gap", "void", "of the dead", "of other ratios"} <= events.keys()
    assert all(events.values())
    assert {f"cn.yibao.{name}.v1" for names in ENDS.values() for name in names} <= types.keys()


@pytest.mark.parametrize("weak", [one for one in WEAKENED if one.caught_by is not None], ids=lambda one: one.name)
def test_a_missing_guard_is_noticed(weak: Weakened) -> None:
    seeds = [weak.caught_by or 0, *range(SEARCHED)]
    found = next((seed for seed in seeds if _fails(seed, weak)), None)
    assert found is not None, f"{weak.name}: no seed below {SEARCHED} notices"


@pytest.mark.parametrize("weak", [one for one in WEAKENED if one.caught_by is None], ids=lambda one: one.name)
def test_a_missing_tripwire_changes_nothing(weak: Weakened) -> None:
    assert weak.why
    for seed in range(TRIPWIRE_SEEDS):
        checked(seed, weak.variant)


def _fails(seed: int, weak: Weakened) -> bool:
    try:
        checked(seed, weak.variant)
    except Failed:
        return True
    return False


def _rulebook(value: bytes) -> bytes:
    return value.partition(b'"rulebook":"')[2][:64]
