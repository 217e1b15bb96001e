"""The audit of one partition on logs in memory, and once as a process on a real broker."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from contracts.envelope import Record, with_numbers
from contracts.events.audit import AuditFound, RequestDead
from contracts.events.claim import Movement
from contracts.keys import content_hash
from contracts.log import Gap, Kept
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import Book, built_in
from policies.deciding import decide
from policies.road import stage_named
from policies.stage import State
from services.audit.auditor import MAX_WAITING, PATIENCE_S, Auditor
from services.audit.report import Done
from services.audit.writing import MAX_KEY_BYTES
from services.ledger import Moved
from services.ledger.redis import RedisLedger, connect
from services.runtime.exits import DataLost, Lost
from services.runtime.metrics import REGISTRY
from tests.chain import live_requests as live
from tests.chain.road import LiveRoad
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic
from tests.policies import requests as r
from tests.policies.standing import AGAIN, LAST, PARTITION, SETTLED, UNREADABLE, Standing, settled_with, story
from tests.servers import Servers
from tests.services.damaging import Damaging

ROAD = [topic.name for topic in topic_map().road]
LATE_S = 30.0


@dataclass
class Bench:
    """A standing road on logs in memory, the two topics beside it, a ledger and a clock that a test sets."""

    standing: Standing
    store: MemoryStore = field(default_factory=MemoryStore)
    now: float = 0.0

    def __post_init__(self) -> None:
        topics = zip(ROAD, self.standing.topics, strict=True)
        self.topics = [MemoryTopic(name, PARTITION, records) for name, records in topics]
        self.found, self.dead = MemoryTopic("yibao.found", PARTITION), MemoryTopic("yibao.dead", PARTITION)

    def auditor(self, requested: MemoryLog | None = None) -> Auditor:
        logs = [requested or MemoryLog(self.topics[0]), *(MemoryLog(topic) for topic in self.topics[1:])]
        ledger = MemoryLedger(self.store, "audit", PARTITION)
        return Auditor(logs, MemoryLog(self.found), MemoryLog(self.dead), ledger, LATE_S, clock=lambda: self.now)

    async def taken(self) -> Auditor:
        auditor = self.auditor()
        await auditor.takeover()
        return auditor

    async def deliver(self, auditor: Auditor, end: int | None = None, size: int = 5) -> list[Done]:
        """Hands it what stands on yibao.settled, from where it wants to go on."""
        records = self.topics[-1].records[auditor.next_input : end]
        return [await auditor.batch(records[at : at + size]) for at in range(0, len(records), size)]

    async def run(self) -> Auditor:
        auditor = await self.taken()
        await self.deliver(auditor)
        return auditor

    def findings(self) -> list[AuditFound]:
        """What a reader takes who drops a repeated id."""
        by_id = {record.header("ce_id"): record for record in self.found.records}
        return [AuditFound.model_validate_json(record.value) for record in by_id.values()]

    def codes(self) -> list[tuple[int, str]]:
        return [(found.req, found.code) for found in self.findings()]


@pytest.fixture(scope="module")
def book() -> Book:
    return built_in()


@pytest.fixture
def bench(book: Book) -> Bench:
    return Bench(story(book))


def counted(code: str) -> float:
    """How often the metric counted a finding."""
    return REGISTRY.get_sample_value("yibao_findings_total", {"code": code}) or 0


def cash_more(bench: Bench, req: int = LAST) -> None:
    """A fen more in cash than law 2 allows."""
    record = bench.standing.at(4, req)
    bench.standing.alter(4, req, value=settled_with(record, psn_cash_pay=12_345_678))


# --- what is written --------------------------------------------------------------------------------------------------


async def test_a_sound_road_gives_a_copy_of_what_was_unreadable_and_nothing_else(bench: Bench) -> None:
    auditor = await bench.taken()
    done = await bench.deliver(auditor)
    assert sum(one.kept for one in done) == 12 and auditor.req == LAST
    assert (sum(one.dead for one in done), sum(one.found for one in done)) == (1, 0)
    assert bench.found.records == []
    (copy,) = bench.dead.records
    dead = RequestDead.model_validate_json(copy.value)
    assert (dead.req, dead.origin.offset, copy.key) == (UNREADABLE, UNREADABLE, b"P1")
    assert copy.header("ce_type") == b"cn.yibao.request.dead.v1"
    assert copy.header("ce_id") == dead.id.encode()


async def test_a_finding_is_an_event_under_the_persons_key(bench: Bench) -> None:
    cash_more(bench)
    await bench.run()
    (record,) = bench.found.records
    found = AuditFound.model_validate_json(record.value)
    assert (found.code, found.topic, found.req, found.request_id) == ("claim_sum", ROAD[4], LAST, "claim-4")
    assert record.key == b"P1"
    assert record.header("ce_type") == b"cn.yibao.audit.found.v1"
    assert record.header("ce_id") == found.id.encode()


async def test_a_request_without_a_key_is_found_under_its_number(bench: Bench) -> None:
    bench.standing.publish(Record(None, b"{}", r.record("claim.submitted", r.claim()).headers, partition=PARTITION))
    await bench.run()
    assert [record.key for record in bench.dead.records] == [b"P1", b"%d" % (LAST + 1)]


async def test_void_and_odd_records_are_counted_and_no_finding(bench: Bench) -> None:
    record = bench.standing.at(3, LAST)
    bench.standing.add(3, replace(record, headers=with_numbers(record.headers, LAST + 1, LAST + 1, 99)))  # void
    bench.standing.add(4, replace(record, headers=with_numbers(record.headers, LAST + 5, LAST + 1, 0)))  # odd
    bench.standing.fence()
    bench.standing.publish(r.record("account.credited", r.credit(100), "credit-2"))
    done = await bench.deliver(await bench.taken(), size=100)
    assert [(one.kept, one.void, one.odd, one.found) for one in done] == [(13, 1, 1, 0)]
    assert bench.found.records == []


# --- recovery ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", range(1, 14))
async def test_the_state_survives_a_restart_wherever_it_falls(bench: Bench, end: int) -> None:
    cash_more(bench, SETTLED)
    await bench.deliver(await bench.taken(), end)
    auditor = await bench.taken()
    assert auditor.next_input == (end if end > 1 else 0)  # the fence alone is not remembered
    await bench.deliver(auditor)
    assert bench.codes() == [(SETTLED, "claim_sum")]
    assert len(bench.found.records) == len(bench.dead.records) == 1


async def test_an_end_between_telling_and_remembering_says_the_same_again(bench: Bench) -> None:
    cash_more(bench)
    first = await bench.taken()
    snapshot = bench.store.snapshot()
    await bench.deliver(first)
    bench.store.restore(snapshot)
    await bench.run()
    assert len(bench.found.records) == 2 and len(bench.dead.records) == 2
    for topic in (bench.found, bench.dead):
        assert topic.records[0].value == topic.records[1].value
        assert topic.records[0].headers == topic.records[1].headers


async def test_a_wiped_ledger_is_noticed_and_filled_from_the_start_with_the_same_ids(bench: Bench) -> None:
    cash_more(bench)
    auditor = await bench.run()
    before, states = bench.codes(), bench.store.snapshot()
    bench.store.wipe()
    with pytest.raises(Moved):
        await auditor.idle()
    await bench.run()
    assert bench.codes() == before and len(bench.found.records) == 2
    assert bench.store.snapshot() == states


async def test_a_damaged_ledger_is_filled_from_the_start(bench: Bench) -> None:
    cash_more(bench)
    await bench.run()
    before, states = bench.codes(), bench.store.snapshot()
    auditor = bench.auditor()
    auditor._ledger = Damaging(bench.store, "audit", PARTITION)
    await auditor.takeover()
    await bench.deliver(auditor)
    assert bench.codes() == before and bench.store.snapshot() == states


@pytest.mark.parametrize("places", [b"{", b"[]"])
async def test_places_that_cannot_be_read_are_filled_from_the_start(bench: Bench, places: bytes) -> None:
    await bench.run()
    states = bench.store.snapshot()
    bench.store.cells["audit", PARTITION].states["places"] = places
    await bench.run()
    assert bench.store.snapshot() == states


async def test_what_an_earlier_version_of_the_folds_stored_is_made_anew_from_the_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is the same and the position is of it: nothing is told, nobody may trust what is stored."""
    cash_more(bench)
    await bench.run()
    before, states = bench.codes(), bench.store.snapshot()
    person = next(name for name in bench.store.cells["audit", PARTITION].states if name.startswith("p:"))
    bench.store.cells["audit", PARTITION].states[person] = b"{}"
    await bench.taken()
    assert bench.store.cells["audit", PARTITION].states[person] == b"{}"  # of this version: trusted
    monkeypatch.setattr("services.audit.auditor.VERSION", "4")
    await bench.run()
    assert bench.store.cells["audit", PARTITION].position.hash.startswith("4:")
    monkeypatch.undo()
    await bench.run()
    assert bench.codes() == before and bench.store.snapshot() == states


async def test_a_state_that_cannot_be_decoded_is_thrown_away_and_filled_from_the_start(bench: Bench) -> None:
    await bench.run()
    states = bench.store.snapshot()
    bench.store.wipe()
    first = await bench.taken()
    await bench.deliver(first, 8)
    for name in bench.store.cells["audit", PARTITION].states:
        if name != "places":
            bench.store.cells["audit", PARTITION].states[name] = b"{"
    with pytest.raises(Lost, match="the ledger was discarded"):
        await bench.deliver(first)
    await bench.run()
    assert bench.store.snapshot() == states and not bench.found.records


async def test_two_auditors_of_one_partition_do_not_both_move_the_ledger(bench: Bench) -> None:
    frozen = await bench.taken()
    await bench.deliver(frozen, 6)
    await bench.run()
    with pytest.raises(Moved):
        await bench.deliver(frozen)


async def test_a_topic_made_anew_is_told_and_read_from_the_start(bench: Bench, book: Book) -> None:
    await bench.run()
    other = Bench(Standing(book), bench.store)
    other.standing.publish(r.record("enrolment.recorded", r.enrolment(psn_no="P1", brdy="1970-01-01")))
    auditor = await other.run()
    assert auditor.req == 0
    told = other.findings()
    assert {(found.code, found.topic) for found in told} == {("history_changed", name) for name in ROAD}
    assert {found.found for found in told if found.topic == ROAD[4]} == {"ends at 2"}


async def test_a_record_changed_after_it_was_audited_is_told(bench: Bench) -> None:
    await bench.run()
    cash_more(bench)
    before = counted("claim_sum"), counted("history_changed")
    await bench.run()
    assert sorted(bench.codes()) == [(LAST, "claim_sum"), (LAST, "history_changed")]
    assert (counted("claim_sum"), counted("history_changed")) == (before[0] + 1, before[1] + 1)


async def test_a_log_without_its_beginning_ends_the_worker(bench: Bench) -> None:
    bench.topics[2].first = 3
    with pytest.raises(DataLost, match="starts at 3"):
        await bench.taken()


async def test_a_skipped_offset_ends_the_worker(bench: Bench) -> None:
    auditor = await bench.taken()
    with pytest.raises(Gap, match=f"^yibao.settled/{PARTITION}: "):
        await auditor.batch(bench.topics[4].records[2:5])


class Marked(MemoryLog):
    """yibao.requested with a transaction's marker at offset 1; ``skips`` reads jump over one record more."""

    skips = 0

    async def bounds(self) -> tuple[int, int]:
        return 0, self._topic.records[-1].offset + 1

    async def read(self, offset: int, limit: int) -> list[Record]:
        found = [record for record in self._topic.records if record.offset >= offset]
        self.skips -= 1
        return found[:limit] if self.skips < 0 else found[1 : limit + 1]


def marked(book: Book) -> Bench:
    """Three requests at the offsets 0, 2 and 3."""
    bench = Bench(Standing(book))
    for number in (1, 2, 3):
        bench.standing.publish(r.record("account.credited", r.credit(100), f"credit-{number}"))
    for req in (1, 2):
        filed = bench.standing.at(1, req)
        bench.standing.alter(1, req, headers=with_numbers(filed.headers, req, req + 1, 0))
        bench.standing.alter(0, req, offset=req + 1)
    return bench


async def test_a_gap_in_the_requests_is_believed_if_a_fresh_read_shows_it(book: Book) -> None:
    bench = marked(book)
    auditor = bench.auditor(Marked(bench.topics[0]))
    await auditor.takeover()
    await bench.deliver(auditor)
    await auditor.idle()
    assert auditor.req == 2 and bench.codes() == []
    again = bench.auditor(Marked(bench.topics[0]))
    await again.takeover()
    assert again.next_input == 4 and bench.codes() == []


async def test_a_gap_in_the_requests_that_a_fresh_read_fills_ends_the_worker(book: Book) -> None:
    bench = marked(book)
    log = Marked(bench.topics[0])
    auditor = bench.auditor(log)
    await auditor.takeover()
    log.skips = 1
    with pytest.raises(Gap):
        await bench.deliver(auditor)


# --- completeness -----------------------------------------------------------------------------------------------------


def without(bench: Bench, place: int, req: int) -> None:
    """One record of a topic is gone, and the others have moved up."""
    gone = bench.standing.at(place, req).offset
    records = bench.topics[place].records
    records[:] = [replace(record, offset=at) for at, record in enumerate(records[:gone] + records[gone + 1 :])]


async def test_a_request_that_does_not_arrive_is_told_once_and_in_time(bench: Bench) -> None:
    without(bench, 4, AGAIN)
    before = counted("late")
    auditor = await bench.run()
    await auditor.idle()
    bench.now = LATE_S - 1
    await auditor.idle()
    assert bench.codes() == []
    bench.now = LATE_S
    for _ in range(3):
        await auditor.idle()
    (found,) = bench.findings()
    assert (found.code, found.topic, found.req, found.severity) == ("late", ROAD[3], AGAIN, "warning")
    assert "yibao.settled, 30 s" in found.en and found.request_id == "claim-2"
    assert len(bench.found.records) == 1 and counted("late") == before + 1


@pytest.mark.parametrize("place", [1, 2, 3, 4])
async def test_the_stage_that_stands_still_is_the_one_that_is_named(bench: Bench, place: int) -> None:
    for later in range(place, 5):
        bench.topics[later].records[:] = bench.topics[later].records[: SETTLED + 1]
    auditor = await bench.run()
    await auditor.idle()
    bench.now = LATE_S
    await auditor.idle()
    assert [(found.topic, found.req, found.code) for found in bench.findings()] == [(ROAD[place - 1], SETTLED, "late")]


async def test_a_finding_has_room_beside_the_longest_key(bench: Bench) -> None:
    """A key may fill the whole record of a request, and yibao.found takes no larger one: the audit could never say that it is late."""
    for place in (0, 1):
        records, at = bench.topics[place].records, bench.standing.at(place, SETTLED).offset
        records[at] = replace(records[at], key=b"K" * topic_map().road[0].max_message_bytes)
    for later in (2, 3, 4):
        bench.topics[later].records[:] = bench.topics[later].records[: SETTLED + 1]
    auditor = await bench.run()
    await auditor.idle()
    bench.now = LATE_S
    await auditor.idle()
    assert bench.findings() and max(len(record.key or b"") for record in bench.found.records) <= MAX_KEY_BYTES


async def test_what_stands_on_the_topic_unread_is_not_late(bench: Bench) -> None:
    auditor = await bench.taken()
    await auditor.idle()
    bench.now = 10 * LATE_S
    await auditor.idle()
    assert bench.codes() == []
    await bench.deliver(auditor)
    await auditor.idle()
    assert bench.codes() == [] and auditor.req == LAST


async def test_the_time_upstream_counts_from_when_this_process_saw_it(bench: Bench) -> None:
    bench.topics[4].records[:] = bench.topics[4].records[: SETTLED + 1]
    first = await bench.run()
    await first.idle()
    bench.now = LATE_S - 1
    second = await bench.run()
    await second.idle()
    bench.now = LATE_S
    await second.idle()
    assert bench.codes() == []


async def test_a_record_gone_from_the_middle_leaves_what_follows_without_a_cause(bench: Bench) -> None:
    without(bench, 2, AGAIN)  # what follows on yibao.checked has the wrong numbers now
    auditor = await bench.run()
    assert auditor.req == AGAIN - 1 and bench.codes() == []
    bench.now = PATIENCE_S
    await auditor.idle()
    assert auditor.req == LAST
    assert set(bench.codes()) == {(req, "no_cause") for req in range(AGAIN, LAST + 1)}
    assert {found.topic for found in bench.findings()} == {ROAD[3]}


async def test_a_cause_that_is_seen_a_little_later_is_waited_for(bench: Bench) -> None:
    late = bench.topics[3].records[AGAIN + 1 :]
    del bench.topics[3].records[AGAIN + 1 :]
    auditor = await bench.run()
    assert auditor.req == AGAIN - 1
    bench.topics[3].records += late
    bench.now = PATIENCE_S - 1
    await auditor.idle()
    assert auditor.req == LAST and bench.codes() == []


async def test_what_waits_is_bounded(bench: Bench) -> None:
    """Records that nothing upstream explains are not held for ever: above the bound they are judged as they are."""
    template, last = bench.standing.at(4, 0), bench.topics[4].records[-1]
    auditor = await bench.run()
    for req in range(LAST + 1, LAST + 1 + MAX_WAITING + 100):
        bench.standing.add(4, replace(template, headers=with_numbers(template.headers, req, last.offset, 0)))
    await bench.deliver(auditor, size=500)
    assert auditor.req > LAST
    assert {code for _, code in bench.codes()} == {"no_cause"}


async def test_idle_reads_ahead_and_loses_nothing(bench: Bench) -> None:
    auditor = await bench.taken()
    for end in range(1, len(bench.topics[4].records) + 1):
        await auditor.idle()
        await bench.deliver(auditor, end)
    assert auditor.req == LAST and bench.codes() == []


# --- on a real broker -------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def road(servers: Servers, tmp_path: Path) -> AsyncIterator[LiveRoad]:
    found = LiveRoad(servers, tmp_path)
    await found.create()
    yield found
    await found.close()


async def audited(road: LiveRoad) -> list[int]:
    """The last request that the audit has judged in each partition."""
    redis = connect(road.settings.redis)
    try:
        ledgers = [RedisLedger(redis, "audit", p, road.settings.prefix) for p in range(topic_map().partitions)]
        return [(await ledger.position()).req for ledger in ledgers]
    finally:
        await redis.aclose()


async def up_to_the_end(road: LiveRoad) -> bool:
    return await audited(road) == [end - 1 for end in (await road.ends(ROAD[0]))[ROAD[0]]]


async def values(road: LiveRoad, topic: str) -> list[bytes]:
    return [record.value for part in await road.read(topic) for record in part]


def forged_settlement(priced: Record, own: int, book: Book) -> Record:
    """The verdict on a priced claim by somebody who knows all rules but claims another past: 10.00 yuan of deductible."""
    stage, event = stage_named("settlement", book), event_of(priced)
    state = State(stage, strict=False)
    decided = decide(stage, event, state, book.digest)
    moved: Movement = decided.body.settled.accumulators
    past = {"outpatient.deductible": 1000}
    after = {**moved.after, "outpatient.deductible": moved.movement["outpatient.deductible"] + 1000}
    record = Record(priced.key, decided.value, decided.headers, partition=priced.partition)
    value = settled_with(record, moved.model_copy(update={"before": past, "after": after}))
    req = int(priced.header("req") or b"")
    return replace(record, value=value, headers=with_numbers(record.headers, req, priced.offset, own))


@pytest.mark.live
async def test_a_sound_road_and_a_forged_record_on_a_real_broker(road: LiveRoad, book: Book) -> None:
    """200 requests and 3 that cannot be read: three copies and no finding. Then a forged settlement: one finding."""
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0", "audit-0")
    persons = [f"A{number}" for number in range(40)]
    sound = [live.enrolment(person) for person in persons]
    sound += [live.visit(person, f"{person}-{n}", 10_000 * n, account=True) for n in range(1, 5) for person in persons]
    unreadable = [replace(sound[n], value=sound[n].value + b"}") for n in (0, 1, 2)]
    await road.publish([*sound, *unreadable])
    await road.until("the audit of 203 requests", lambda: up_to_the_end(road))
    assert len(sound) == 200
    dead = [RequestDead.model_validate_json(value) for value in await values(road, "yibao.dead")]
    assert sorted(one.sha256 for one in dead) == sorted(content_hash(one.value) for one in unreadable)
    assert await values(road, "yibao.found") == []

    road.workers.stop("settlement-0")
    partition = live.enrolment("A0").partition
    claim = live.visit("A0", "A0-forged", 50_000)
    await road.publish([claim])
    end = (await road.ends(ROAD[0]))[ROAD[0]][partition]
    await road.until("the claim on yibao.priced", lambda: last_req(road, ROAD[3], partition, end - 1))
    place = Kept()
    for record in (await road.read(ROAD[4]))[partition]:
        place.feed(record.offset, record.headers)
    priced = (await road.kept(ROAD[3]))[partition][-1]
    await road.append(ROAD[4], [forged_settlement(priced, place.fence, book)])
    await road.until("the audit of the forged record", lambda: up_to_the_end(road))
    (found,) = [AuditFound.model_validate_json(value) for value in await values(road, "yibao.found")]
    assert (found.code, found.req, found.partition, found.topic) == ("before_differs", end - 1, partition, ROAD[4])
    assert "'outpatient.deductible': 1000" in found.found
    codes = road.workers.stop()
    assert {name: code for name, (code, _) in codes.items()} == dict.fromkeys(codes, 0)
    assert max(seconds for _, seconds in codes.values()) < 10
    assert road.workers.ended == []


async def last_req(road: LiveRoad, topic: str, partition: int, req: int) -> bool:
    return len((await road.kept(topic))[partition]) == req + 1
