"""What bad input gets on the real broker: a verdict with its reason, while its neighbours in the same batch settle."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from contracts.envelope import Record
from contracts.keys import partition_of
from contracts.topics import topic_map
from policies.book import built_in
from policies.road import Road
from services.runtime.exits import Misconfigured
from tests.chain.live_requests import PARTITIONS, enrolment, psn_no_in, visit
from tests.chain.road import REQUESTED, STAGES, LiveRoad, Partitions
from tests.chain.truth import check_records, check_states
from tests.contracts.examples import bad

pytestmark = [pytest.mark.live, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

BAD = "P000000001"
HOME = partition_of(BAD.encode(), PARTITIONS)
FEE, POOL, CASH = 5_000, 2_400, 2_600
"""A neighbour's visit at level 1: (50.00 - 20) x 80 % = 24.00 from the pool, 50.00 - 24.00 = 26.00 in cash."""


@dataclass(frozen=True)
class Case:
    """One bad request and the reason that it must get."""

    name: str
    record: Record
    code: str
    type: str = "request.unreadable"


def cases() -> list[Case]:
    """Every bad example of the contracts, and what only later stages, or the size, can find fault with."""
    unreadable = [Case(e.name, e.record, e.content["expect"]["code"]) for e in bad()]
    claim = visit(BAD, "bad-1", 10_000)
    large = replace(claim, value=claim.value + b" " * (300 * 1024 - len(claim.value)))
    refused = "claim.refused"
    return [
        *unreadable,
        Case("body of 300 KiB", large, "request_too_large"),
        Case("null value", replace(claim, value=None), "not_json"),  # type: ignore[arg-type]  # as Kafka allows
        Case("header that is null and no attribute's", _with_header(visit(psn_no_in(HOME, 5), "x", 1), "x", None),
             "unknown_person", refused),
        Case("unknown person", visit(psn_no_in(HOME, 6), "bad-2", 10_000), "unknown_person", refused),
        Case("unknown provider", visit(BAD, "bad-3", 10_000, fixmedins_code="H65020009999"), "unknown_provider", refused),
        Case("service date without a rule", visit(BAD, "bad-4", 10_000, begndate="2024-12-30", enddate="2024-12-30",
             setl_date="2024-12-31"), "no_rule", refused),
        Case("lines that do not add up", visit(BAD, "bad-5", 10_000, medfee_sumamt=10_001), "sum_mismatch", refused),
        Case("the same id and body again", enrolment(BAD), "repeated", "request.repeated"),
        Case("the same id with another body", _conflict(), "id_conflict", "request.refused"),
    ]


def _with_header(record: Record, name: str, value: bytes | None) -> Record:
    return replace(record, headers=(*record.headers, (name, value)))


def _conflict() -> Record:
    """The id of the enrolment, and another body."""
    other = enrolment(BAD, "12")
    assert other.header("ce_id") == enrolment(BAD).header("ce_id") and other.value != enrolment(BAD).value
    return other


CASES = {case.name: case for case in cases()}
ASKED_FOR = {
    "not_json", "trailing_bytes", "duplicate_key", "invalid_field", "fen_not_yuan", "unknown_type", "unknown_version",
    "unknown_field", "missing_header", "null_header", "key_absent", "key_mismatch", "misrouted", "request_too_large",
    "unknown_person", "unknown_provider", "no_rule", "sum_mismatch", "repeated", "id_conflict",
}


@dataclass(frozen=True)
class Published:
    """What was published, by partition: in order, with a good neighbour before and after each bad request."""

    records: list[list[Record]]
    good: list[list[Record]]
    places: dict[str, tuple[int, int]]
    """Where each case lies: partition and number."""


def published() -> Published:
    records: list[list[Record]] = [[] for _ in range(PARTITIONS)]
    good: list[list[Record]] = [[] for _ in range(PARTITIONS)]
    places = {}

    def add(record: Record) -> None:
        records[record.partition].append(record)
        good[record.partition].append(record)

    for partition in range(PARTITIONS):
        add(enrolment(psn_no_in(partition)))
        add(visit(psn_no_in(partition), f"good-{partition}", FEE))
    add(enrolment(BAD))
    for number, case in enumerate(CASES.values()):
        partition = case.record.partition
        places[case.name] = partition, len(records[partition])
        records[partition].append(case.record)
        add(visit(psn_no_in(partition), f"good-{partition}-{number}", FEE))
    return Published(records, good, places)


@dataclass(frozen=True)
class After:
    """The road after the batch: what was published, what is kept on yibao.settled, and the workers' pids before."""

    road: LiveRoad
    batch: Published
    settled: Partitions
    pids: dict[str, int]

    def verdict(self, name: str) -> Record:
        partition, number = self.batch.places[name]
        return self.settled[partition][number]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def after(road: LiveRoad) -> AsyncIterator[After]:
    """All of it lies on the topic before a worker starts, so that each partition is one batch."""
    batch = published()
    await road.publish(record for part in batch.records for record in part)
    road.workers.start(*(f"{stage}-0" for stage in STAGES))
    pids = road.workers.pids()
    await road.complete()
    yield After(road, batch, await road.kept("yibao.settled"), pids)


@pytest.mark.parametrize("name", CASES)
async def test_the_verdict_says_why(after: After, name: str) -> None:
    record, case = after.verdict(name), CASES[name]
    assert record.header("ce_type") == f"cn.yibao.{case.type}.v1".encode()
    assert record.key == case.record.key
    told = list(json.loads(record.value).values())[-1]["reasons"]
    assert case.code in {reason["code"] for reason in told}
    for reason in told:
        assert all(reason[text] for text in ("zh", "en", "remedy_zh", "remedy_en", "bears"))


async def test_every_kind_of_bad_input_is_among_them() -> None:
    assert {case.code for case in CASES.values()} >= ASKED_FOR


async def test_neighbours_settle_as_if_nothing_had_been_between_them(after: After) -> None:
    bad_places = set(after.batch.places.values())
    for partition, good in enumerate(after.batch.good):
        alone = Road(built_in())
        wanted = [list(alone.run(record))[-1] for record in good]
        found = [r for number, r in enumerate(after.settled[partition]) if (partition, number) not in bad_places]
        assert [(r.key, r.value) for r in found] == [(r.key, r.value) for r in wanted]
        visits = [json.loads(r.value)["settled"] for r in found if r.header("ce_type") == b"cn.yibao.claim.settled.v1"]
        assert len(visits) == len(good) - (2 if partition == HOME else 1)  # all but the enrolments
        assert {(v["hifp_pay"], v["psn_cash_pay"]) for v in visits} == {(POOL, CASH)}


async def test_it_was_one_batch_a_partition(after: After) -> None:
    batches = after.road.workers.told("filing-0", "batch")
    received = [(line["partition"], line["received"]) for line in batches]
    assert sorted(received) == [(p, len(records)) for p, records in enumerate(after.batch.records)]


async def test_the_workers_live(after: After) -> None:
    after.road.workers.revive()
    assert after.road.workers.pids() == after.pids
    assert after.road.workers.ended == []


async def test_the_road_and_its_states_are_those_of_one_process(after: After) -> None:
    await check_states(after.road, await check_records(after.road))


async def test_10_mb_are_refused_when_published(after: After) -> None:
    limit = topic_map().named(REQUESTED).max_message_bytes
    claim = visit(BAD, "bad-10-mb", 10_000)
    before = await after.road.ends(REQUESTED)
    with pytest.raises(Misconfigured, match=f"{limit}"):
        await after.road.publish([replace(claim, value=claim.value + b" " * 10_000_000)])
    assert await after.road.ends(REQUESTED) == before


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_what_is_small_only_as_long_as_it_is_compressed_is_refused_too(after: After, codec: str) -> None:
    """Else each worker that reads it would expand it, whenever it starts: 10 MB here, gigabytes where somebody means it."""
    claim, before = visit(BAD, "bad-small", 10_000), await after.road.ends(REQUESTED)
    topic = after.road.settings.topic(REQUESTED)
    async with AIOKafkaProducer(
        bootstrap_servers=after.road.settings.kafka, compression_type=codec, max_batch_size=2**24, max_request_size=2**24
    ) as gateway:
        with pytest.raises(MessageSizeTooLargeError):
            await gateway.send_and_wait(
                topic, claim.value + b" " * 10_000_000, claim.key, claim.partition, headers=list(claim.headers))
    assert await after.road.ends(REQUESTED) == before
