"""2,000 requests while workers are killed and frozen, Redis is wiped and dead workers' batches arrive late."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from contracts.envelope import Record, with_numbers
from contracts.log import Kept
from tests.chain.live_requests import LEVELS, busy_road, psn_no_in
from tests.chain.road import PARTITIONS, REQUESTED, STAGES, LiveRoad
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

COUNT, PHASE, CHUNK = 2_000, 250, 50
"""Requests in all; how many are published around each fault; how many at a time."""
PACE_S = 0.2
ALL = set(range(PARTITIONS))
PERSONS = [psn_no_in(partition, number) for partition in range(PARTITIONS) for number in range(8)]


class Publishing:
    """Publishes in the background, phase by phase: each fault falls into the middle of a phase."""

    def __init__(self, road: LiveRoad, requests: Sequence[Record]) -> None:
        self.road, self.requests, self.settled = road, requests, -PARTITIONS
        self._phases = asyncio.Semaphore(0)
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        for start in range(0, len(self.requests), CHUNK):
            if start % PHASE == 0:
                await self._phases.acquire()
            await self.road.publish(self.requests[start : start + CHUNK])
            await asyncio.sleep(PACE_S)

    async def middle(self) -> None:
        """Begins a phase, and waits until settlement has got further than ever."""
        self._phases.release()

        async def further() -> bool:
            return sum(await self.road.reqs("settlement")) > self.settled

        await self.road.until("more settlements", further)
        self.settled = sum(await self.road.reqs("settlement"))

    async def rest(self) -> None:
        """Publishes what is left."""
        assert not self.task.done(), "the last fault should come before the last request"
        for _ in range(len(self.requests) // PHASE):
            self._phases.release()
        await self.task


async def test_one_verdict_a_request_whatever_happens(road: LiveRoad) -> None:
    requests = busy_road(COUNT, PERSONS, seed=7)
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0", "settlement-1")
    publishing = Publishing(road, requests)
    for name in ("filing-0", "eligibility-0", "pricing-0", "settlement-0"):
        await publishing.middle()
        road.workers.kill(name)
        road.workers.start(name)
    await publishing.middle()
    await late_batches(road)
    await publishing.middle()
    assert await road.wipe() > 0
    await publishing.middle()
    await frozen_past_its_session(road, "settlement-1", "settlement-0")
    await publishing.rest()
    await road.complete()

    assert sum((await road.ends(REQUESTED))[REQUESTED]) == COUNT
    kept = await check_records(road)
    await check_states(road, kept)
    last = {topic: [part[-1].header("req") for part in parts] for topic, parts in kept.items()}
    assert len({tuple(numbers) for numbers in last.values()}) == 1
    await check_accumulators(road, requests)


# --- faults -----------------------------------------------------------------------------------------------------------


async def late_batches(road: LiveRoad) -> None:
    """What workers that lost their partitions could still write lands after the new owners' fences, and counts for nothing."""
    for topic in ("yibao.filed", "yibao.settled"):
        await road.until(f"a new owner on {topic}", lambda topic=topic: has_an_old_owner(road, topic))
        late = []
        for part in await road.read(topic):
            place = Kept()
            kept = [r for r in part if place.feed(r.offset, r.headers)]
            old = [r.offset for r in part if r.header("fence") is not None and r.offset < place.fence]
            late += forged(kept[-1], place, old) if kept else []
        await road.append(topic, late)
        assert await void(road, topic) >= len(late) > 0


async def has_an_old_owner(road: LiveRoad, topic: str) -> bool:
    """Whether some partition was taken over from a worker that had decided something."""
    parts = await road.read(topic)
    owners = [{r.header("own") for r in part if r.header("own") is not None} for part in parts]
    fences = [sum(r.header("fence") is not None for r in part) for part in parts]
    return any(own and count > 1 for own, count in zip(owners, fences, strict=True))


def forged(record: Record, place: Kept, old_fences: Iterable[int]) -> list[Record]:
    """Another word on requests that are decided, or are next: by old owners, and in the new one's name but stale."""
    said = record.value.replace(b'"', b"'")
    numbers = [(req, own) for own in old_fences for req in (place.req + 1, place.req, 0)]
    numbers += [(place.req, place.fence), (0, place.fence)]
    return [
        replace(record, value=said, headers=with_numbers(record.headers, req, place.src, own), offset=-1)
        for req, own in numbers
    ]


async def void(road: LiveRoad, topic: str) -> int:
    """How many records of a topic do not count, fences aside."""
    places = [Kept() for _ in range(PARTITIONS)]
    for place, part in zip(places, await road.read(topic), strict=True):
        for record in part:
            place.feed(record.offset, record.headers)
    return sum(place.void + place.odd for place in places)


async def frozen_past_its_session(road: LiveRoad, name: str, other: str) -> None:
    """One of two replicas sleeps until the other has every partition, then wakes and finds that it has lost its own."""
    await road.until(f"{name} has partitions", lambda: road.workers.taken(name))
    road.workers.freeze(name)
    await road.until(f"{other} has all partitions", lambda: road.workers.taken(other) == ALL)
    road.workers.wake(name)


# --- the same sums, worked out from the requests alone ----------------------------------------------------------------

FIRST = {"1": 2_000, "2": 4_000, "3": 9_000}
PERCENT = {"1": 80, "2": 70, "3": 60}
A_VISIT = {"1": 30_000, "2": 80_000, "3": 130_000}
A_YEAR = {"11": 400_000, "12": 600_000}
LEVEL_OF = {provider: level for level, provider in LEVELS.items()}


def recomputed(requests: Iterable[Record]) -> dict[str, dict[str, int]]:
    """Sums a person in fen: Karamay, employees, outpatient (deductible 20/40/90 yuan, 80/70/60 %, 300/800/1300 a visit,
    4,000 or 6,000 a year), one line wholly in scope. What was sent before, cannot be read or names no provider is nothing.
    """
    psn_type, sums, ids = {}, {}, set()
    for record in requests:
        try:
            said = json.loads(record.value)
        except ValueError:
            continue
        id = (said["psn_no"], record.header("ce_id"))
        if id in ids:
            continue
        ids.add(id)
        psn_no = said["psn_no"]
        mine = sums.setdefault(psn_no, {"deductible": 0, "in_scope": 0, "pool": 0, "balance": 0})
        if "insuinfo" in said:
            psn_type[psn_no] = said["insuinfo"][0]["psn_type"]
        elif "crdt_amt" in said:
            mine["balance"] += said["crdt_amt"]
        elif level := LEVEL_OF.get(said["fixmedins_code"]):
            fee = said["medfee_sumamt"]
            deductible = min(fee, FIRST[level])
            share = ((fee - deductible) * PERCENT[level] + 50) // 100  # half a fen is rounded up
            pool = min(share, A_VISIT[level], A_YEAR[psn_type[psn_no]] - mine["pool"])
            mine["deductible"] += deductible
            mine["in_scope"] += fee
            mine["pool"] += pool
            if said["acct_used_flag"] == "1":
                mine["balance"] -= min(mine["balance"], fee - pool)
    return sums


async def check_accumulators(road: LiveRoad, requests: Sequence[Record]) -> None:
    """Redis says of every person what the requests add up to."""
    wanted = recomputed(requests)
    assert sorted(wanted) == sorted(PERSONS)
    assert any(w["pool"] == A_YEAR["11"] for w in wanted.values()), "somebody should reach the limit of the year"
    states = {name: json.loads(raw) for part in await road.states(STAGES[-1]) for name, raw in part.items()}
    for psn_no, want in wanted.items():
        year = states[f"e:{psn_no}:year:2025/650200/310"]
        found = {
            "deductible": year["outpatient.deductible"], "in_scope": year["outpatient.inscp_scp_amt"],
            "pool": year["outpatient.hifp_pay"], "balance": states[f"p:{psn_no}"]["balances"]["310"],
        }
        assert found == want, psn_no
