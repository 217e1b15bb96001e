"""Seals by seconds: what waits is sealed though the partition is idle, once, wherever workers end; and verification takes both."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from contracts.envelope import Record
from contracts.events.seal import ChainSealed
from contracts.topics import topic_map
from contracts.wire import to_json
from policies.book import Book, built_in
from policies.seal import begun
from services.audit.auditor import Auditor
from services.audit.sealing import Sealing, last_seal, seal_record
from services.audit.verify import Verifier
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic
from tests.policies.standing import PARTITION, Standing, story
from tests.services.test_seals import seals
from tests.services.test_verify import Memory, codes

EVERY, SECONDS, REQUESTS = 5, 60.0, 12


class Killed(Exception):
    """The worker ends here, as kill -9 ends it."""


class Dying(MemoryLog):
    """A log whose writer is killed after ``left`` acknowledgements more: before it knows of the last one, or before it writes."""

    def __init__(self, topic: MemoryTopic, left: int, written: bool) -> None:
        super().__init__(topic)
        self._left, self._written = left, written

    async def append(self, records: Sequence[Record]) -> list[int]:
        self._left -= 1
        if self._left < 0 and not self._written:
            raise Killed
        places = await super().append(records)
        if self._left < 0:
            raise Killed
        return places


class World:
    """The twelve requests of the story, a ledger, the topic of seals and a clock."""

    def __init__(self, standing: Standing) -> None:
        self.standing, self.store, self.now = standing, MemoryStore(), 0.0
        self.sealed = MemoryTopic("yibao.sealed", PARTITION)
        self.topics = [MemoryTopic(topic.name, PARTITION, records) for topic, records in zip(topic_map().road, standing.topics, strict=True)]

    async def worker(self, log: MemoryLog | None = None, sealing: Sealing | None = None) -> Auditor:
        beside = [MemoryLog(MemoryTopic(name, PARTITION)) for name in ("yibao.found", "yibao.dead")]
        ledger = MemoryLedger(self.store, "audit", PARTITION)
        sealed = (log or MemoryLog(self.sealed), sealing or Sealing(EVERY, None, SECONDS))
        auditor = Auditor([MemoryLog(one) for one in self.topics], *beside, ledger, 3600, clock=lambda: self.now, sealed=sealed)
        await auditor.takeover()
        return auditor

    async def deliver(self, auditor: Auditor, requests: int) -> None:
        """Settled records up to that many requests; a fence stands before the first."""
        await auditor.batch(self.topics[-1].records[auditor.next_input : requests + 1])

    async def wait(self, auditor: Auditor, seconds: float) -> None:
        self.now += seconds
        await auditor.idle()

    def ranges(self) -> list[tuple[int, int, str | None]]:
        return [(one.first, one.last, one.cut) for one in seals(self.sealed)]

    def chain(self) -> None:
        """Each names the one before it."""
        found = seals(self.sealed)
        assert [one.previous for one in found] == [None, *(one.hash for one in found[:-1])]


@pytest.fixture(scope="module")
def book() -> Book:
    return built_in()


@pytest.fixture
def world(book: Book) -> World:
    return World(story(book))


async def test_what_waits_in_an_idle_partition_is_sealed(world: World) -> None:
    auditor = await world.worker()
    await world.deliver(auditor, 3)
    await world.wait(auditor, SECONDS - 1)
    assert world.ranges() == []
    await world.wait(auditor, 1)
    assert world.ranges() == [(0, 2, "seconds")]
    await world.wait(auditor, 10 * SECONDS)
    assert world.ranges() == [(0, 2, "seconds")], "nothing waits"
    await world.deliver(auditor, 8)
    assert world.ranges() == [(0, 2, "seconds"), (3, 4, None)], "number 4 ends an interval, and 5 to 7 wait since now"
    await world.wait(auditor, SECONDS - 1)
    await world.deliver(auditor, REQUESTS)
    assert world.ranges()[2:] == [(5, 9, None)]
    await world.wait(auditor, SECONDS - 1)
    assert len(world.ranges()) == 3, "10 and 11 have waited less than that"
    await world.wait(auditor, 1)
    assert world.ranges()[3:] == [(10, 11, "seconds")]
    world.chain()


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("left", range(5))
async def test_each_request_is_in_one_seal_wherever_the_worker_is_killed(world: World, left: int, written: bool) -> None:
    """Seals come with a batch, with time alone, with a batch again; the worker is killed at each, before or after it is written."""
    killed = False
    log: MemoryLog = Dying(world.sealed, left, written)
    auditor = await world.worker(log)
    for step in (3, SECONDS, 7, SECONDS, REQUESTS, SECONDS):
        while True:
            try:
                await (world.wait(auditor, step) if isinstance(step, float) else world.deliver(auditor, step))
                break
            except Killed:
                killed = True
                auditor = await world.worker()
                if isinstance(step, float) and not written:
                    world.now += 1  # the next worker counts from when it came
    assert killed == (left < len(seals(world.sealed)) + (not written))
    ranges = world.ranges()
    assert [first for first, *_ in ranges] == [0, *(last + 1 for _, last, _ in ranges[:-1])] and ranges[-1][1] == REQUESTS - 1
    world.chain()
    assert await reported(world) == ([], len(ranges), 0)


async def reported(world: World) -> tuple[list[tuple[str, str, int]], int, int]:
    """Findings, seals that hold, requests that are not sealed."""
    report = await Verifier(Memory([*world.standing.topics, world.sealed.records]), world.standing.book).run([PARTITION])
    assert report.cut == sum(1 for _, _, cut in world.ranges() if cut)
    return codes(report), report.seals - report.beside, report.unsealed


async def test_a_wiped_ledger_writes_no_seal_again(world: World) -> None:
    auditor = await world.worker()
    await world.deliver(auditor, 3)
    await world.wait(auditor, SECONDS)
    world.store.wipe()
    auditor = await world.worker()
    await world.deliver(auditor, REQUESTS)
    assert world.ranges() == [(0, 2, "seconds"), (3, 4, None), (5, 9, None)]
    assert await reported(world) == ([], 3, 2)


async def test_the_late_seal_of_a_worker_that_was_frozen_stands_beside_the_chain(world: World) -> None:
    """It had decided to seal 0 to 2 and was frozen; another one took over and sealed 0 to 4. It is true, and it does not count."""
    late, sealing = MemoryTopic("yibao.sealed", PARTITION), Sealing(EVERY, None, SECONDS)
    frozen = await world.worker(MemoryLog(late), sealing)
    await world.deliver(frozen, 3)
    auditor = await world.worker()
    await world.deliver(auditor, 6)
    world.sealed.add([seal_record(seal) for seal in sealing.overdue(PARTITION, SECONDS)])
    assert late.records == []
    assert world.ranges() == [(0, 4, None), (0, 2, "seconds")]
    auditor = await world.worker()
    await world.deliver(auditor, REQUESTS)
    assert world.ranges()[2:] == [(5, 9, None)]
    found = seals(world.sealed)
    assert found[2].previous == found[0].hash
    report = await Verifier(Memory([*world.standing.topics, world.sealed.records]), world.standing.book).run([PARTITION])
    assert (codes(report), report.seals, report.beside, report.cut, report.unsealed) == ([], 3, 1, 0, 2)


async def test_a_seal_that_claims_more_than_there_is_or_is_of_another_partition_does_not_stop_the_sealing(world: World) -> None:
    auditor = await world.worker()
    await world.deliver(auditor, 5)
    (true,) = seals(world.sealed)
    forged = true.model_copy(update={"first": 5, "last": 10**9})
    other = true.model_copy(update={"first": 5, "last": 9, "partition": PARTITION + 1})
    strangers = [replace(world.sealed.records[0], value=to_json(seal)) for seal in (forged, other)]
    world.sealed.add([*strangers, Record(b"0", b"no seal", ())])
    head = await last_seal(MemoryLog(world.sealed), len(world.topics[-1].records))
    assert head is not None and head.hash == true.hash
    auditor = await world.worker()
    await world.deliver(auditor, REQUESTS)
    last = ChainSealed.model_validate_json(world.sealed.records[-1].value)
    assert (last.first, last.last, last.previous) == (5, 9, true.hash)


@pytest.mark.parametrize("raw", [None, b"no tally", to_json(begun(3, None))])
def test_what_the_ledger_does_not_hold_begins_behind_the_last_request(raw: bytes | None) -> None:
    sealing = Sealing(EVERY)
    sealing.go_on(raw, 6, None, 0)
    assert sealing.tally == begun(7, None)
    head = ChainSealed(partition=0, first=0, last=8, topics=(), root="0" * 64, paid={}, moved={})
    sealing.go_on(raw, 6, head, 0)
    assert sealing.tally == begun(9, head.hash)
