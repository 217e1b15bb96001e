"""The benches of scale and recovery, at their smallest: what they measure is what they say."""

import pytest

from contracts.topics import topic_map
from policies.book import built_in
from policies.road import stage_named
from services.runtime.step import Step
from tests.bench import recovery
from tests.bench.scale import curves
from tests.bench.scale.stored import kind_of
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic

SMALL = {"REPEATS": 1, "BATCH": 4, "GROUP": 3, "USUAL": 100, "LINES_OF": (1, 3), "HISTORY": (1, 3), "ITEMS": (100,), "REGIONS": (2,)}


@pytest.mark.parametrize("name", ["lines", "history", "catalogue", "regions"])
async def test_every_claim_of_a_point_is_settled_and_each_stage_costs_something(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for constant, value in SMALL.items():
        monkeypatch.setattr(curves, constant, value)
    points = [point async for point in getattr(curves, name)()]  # each refuses to go on where a claim is not settled
    assert [point["curve"] for point in points] == [name] * len(points) and points
    for point in points:
        assert all(point["us"].values()) and point["us_least"] <= point["us_all"]


async def test_a_takeover_folds_as_many_lives_as_there_are_names() -> None:
    """Two persons of ten records and half a third: their states differ by the name alone."""
    template = recovery.decided("settlement", recovery.life(recovery.VISITS))
    topics = {name: MemoryTopic(name) for name in ("yibao.priced", "yibao.settled")}
    topics["yibao.priced"].add([recovery.FENCE, *recovery.upstream(25)])
    topics["yibao.settled"].add([recovery.FENCE, *recovery.named(template, first=False, count=25)])
    store, book = MemoryStore(), built_in()
    logs = (MemoryLog(topic) for topic in topics.values())
    step = Step(stage_named("settlement", book), book.digest, topic_map().partitions, *logs, MemoryLedger(store, "settlement", 0), False)
    await step.takeover()
    assert (step.replayed, step.next_input) == (1 + 25 + 1, 26), "fence, records, its own fence"
    states = store.cells["settlement", 0].states
    lives = [{kind_of(name): raw.replace(psn_no.encode(), b"-") for name, raw in states.items() if name in (f"p:{psn_no}", f"e:{psn_no}:year:2025/650200/310")}
             for psn_no in ("T00000000", "T00000001", "T00000002")]
    assert lives[0].keys() == {"p", "year"} and lives[0] == lives[1] and lives[2]["p"] not in (lives[0]["p"], b"")
