"""A file of requests on real Kafka and Redis: the same bytes as in one process, whatever happens to the workers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from contracts.envelope import Record
from contracts.lines import request_record
from policies.book import built_in
from policies.road import Road
from services.generator import generate
from services.ledger.redis import RedisLedger, connect
from services.runtime.exits import Exit
from tests.chain.live_requests import busy_road, enrolment, psn_no_in, request, undoing, visit
from tests.chain.road import PARTITIONS, REQUESTED, STAGE_TOPICS, STAGES, LiveRoad, Partitions
from tests.chain.truth import check_records, check_states
from tests.contracts.examples import good

pytestmark = [pytest.mark.live, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

ALL = tuple(f"{stage}-0" for stage in STAGES)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settled(road: LiveRoad) -> AsyncIterator[LiveRoad]:
    """The road with all its workers, after a mixed file."""
    await road.run(*ALL)
    await road.publish(mixed_file())
    await road.complete()
    yield road


def mixed_file() -> list[Record]:
    """The good examples, stays in another province before and after the filing, visits that are undone, visits with what goes
    wrong, and generated claims of four places.
    """
    persons = [psn_no_in(partition, number) for partition in range(PARTITIONS) for number in range(3)]
    by_hand = [example.record for example in good()] + in_another_province("P410100A")
    generated = [request_record(line.encode(), PARTITIONS) for line in generate(persons=40, claims=300, seed=3)]
    return by_hand + held_and_decided("P650200R") + undoing("P650200U") + busy_road(200, persons, seed=11) + generated


def held_and_decided(psn_no: str) -> list[Record]:
    """A drug handed out three times on one day: the second and the third claim are held, one is released, one refused."""
    line = {"feedetl_sn": "1", "fee_ocur_date": "2025-03-05", "med_list_codg": "XL01XEC303B001030300003",
            "det_item_fee_sumamt": 50_000, "cnt": "1", "pric": "500.00"}
    found = [enrolment(psn_no), *(
        visit(psn_no, f"{psn_no}-{number}", 50_000, feedetail=[line], diseinfo=[{"diag_code": "C92.100"}]) for number in range(3))]
    road = Road(built_in())
    last = [list(road.run(record))[-1] for record in found]
    for number, decision in ((2, "release"), (3, "refuse"), (2, "refuse")):
        held_id = (last[number].header("ce_id") or b"").decode()
        found.append(request(
            "review.decided.v1", psn_no=psn_no, held_id=held_id, decision=decision, opter="OP-1", date="2025-03-09"))
    return found


def in_another_province(psn_no: str) -> list[Record]:
    """An employee of 郑州: refused for want of a filing, then filed, a quote, and the stay."""
    spell = {"insuplc_admdvs": "410100", "insutype": "310", "psn_type": "11", "psn_insu_date": "2001-01-01"}
    stay = {
        "psn_no": psn_no, "insutype": "310", "fixmedins_code": "H11010500001", "med_type": "21",
        "begndate": "2025-03-01", "enddate": "2025-03-09", "setl_date": "2025-03-09", "acct_used_flag": "0",
        "medfee_sumamt": 2_000_000, "feedetail": [{
            "feedetl_sn": "1", "fee_ocur_date": "2025-03-02", "med_list_codg": "XA02BCA101A010010100001",
            "det_item_fee_sumamt": 2_000_000, "cnt": "10", "pric": "2000",
        }],
    }
    filing = {
        "psn_no": psn_no, "insutype": "310", "category": "long_term_resident", "mdtrtarea_admdvs": "110000",
        "begndate": "2025-02-28", "cmt_flag": "1",
    }
    return [
        request("enrolment.recorded.v1", psn_no=psn_no, brdy="1963-01-02", gend="2", insuinfo=[spell]),
        request("claim.submitted.v1", "stay-1", mdtrt_id="Z1", **stay),
        request("filing.requested.v2", "filing-1", **filing),
        request("quote.requested.v1", "quote-1", mdtrt_id="Z1", **stay),
        request("claim.submitted.v1", "stay-2", mdtrt_id="Z1", **stay),
    ]


async def offsets(road: LiveRoad) -> list[list[list[int]]]:
    """Where the records that count lie: equal before and after means that none was written again."""
    return [[[r.offset for r in part] for part in await road.kept(topic)] for topic in STAGE_TOPICS]


async def everything(road: LiveRoad) -> dict[str, Partitions]:
    kept = await check_records(road)
    await check_states(road, kept)
    return kept


async def test_topics_and_states_are_those_of_one_process(settled: LiveRoad) -> None:
    kept = await everything(settled)
    types = {r.header("ce_type").decode() for part in kept["yibao.settled"] for r in part}
    wanted = (
        "claim.settled", "claim.refused", "claim.quoted", "quote.refused", "filing.decided", "enrolment.recorded",
        "account.credited", "account.debited", "wallet.refused", "wallet.returned", "request.unreadable", "request.repeated",
        "request.refused", "reimbursement.settled", "reimbursement.pending", "reimbursement.quoted",
        "claim.held", "review.settled", "review.closed", "review.refused",
        "claim.reversed", "reversal.refused", "reversal.repeated", "claim.corrected", "correction.refused", "claim.undone",
        "undo.refused", "undo.repeated", "request.undone",
    )
    assert types == {f"cn.yibao.{type}.v1" for type in wanted}


async def test_nothing_waits(settled: LiveRoad) -> None:
    for stage in STAGES:
        async def none_waits(stage: str = stage) -> bool:
            return await settled.lag(stage) == 0

        await settled.until(f"{stage}: lag 0", none_waits)


async def test_workers_stop_in_time_and_a_restart_changes_nothing(settled: LiveRoad) -> None:
    before = await offsets(settled)
    for name, (code, seconds) in settled.workers.stop().items():
        assert (name, code) == (name, Exit.STOPPED)
        assert seconds < 10, name
    await settled.run(*ALL)
    assert await offsets(settled) == before
    await everything(settled)
    psn_no = psn_no_in(2, 7)
    await settled.publish([enrolment(psn_no), visit(psn_no, "after-restart", 10_000)])
    await settled.complete()
    kept = await everything(settled)
    assert [len(part) for part in kept["yibao.settled"]] == (await settled.ends(REQUESTED))[REQUESTED]


@pytest.mark.parametrize("number, codec", [*enumerate(("gzip", "snappy", "lz4", "zstd"))])
async def test_a_gateway_compresses_as_it_likes(settled: LiveRoad, number: int, codec: str) -> None:
    psn_no = psn_no_in(4, 20 + number)
    requests = [enrolment(psn_no), *(visit(psn_no, f"{codec}-{visited}", 10_000) for visited in range(3))]
    topic = settled.settings.topic(REQUESTED)
    async with AIOKafkaProducer(bootstrap_servers=settled.settings.kafka, compression_type=codec, linger_ms=100) as producer:
        await asyncio.gather(*[
            await producer.send(topic, r.value, r.key, r.partition, headers=list(r.headers)) for r in requests])
    await settled.complete()
    kept = await everything(settled)
    types = [r.header("ce_type") for r in kept["yibao.settled"][4] if r.key == psn_no.encode()]
    assert types == [b"cn.yibao.enrolment.recorded.v1"] + [b"cn.yibao.claim.settled.v1"] * 3


async def test_states_come_back_after_redis_is_wiped(settled: LiveRoad) -> None:
    before = await offsets(settled)
    assert await settled.wipe() > 0
    await settled.complete()
    assert await offsets(settled) == before
    await everything(settled)


async def test_a_redis_damaged_in_part_changes_no_verdict(settled: LiveRoad) -> None:
    """States lost alone, positions rolled back alone, numbers changed by hand, a state cut short: each is built anew."""
    psn_no = psn_no_in(0, 9)
    old = [enrolment(psn_no), *(visit(psn_no, f"damaged-{number}", 10_000) for number in range(3))]
    await settled.publish(old)
    await settled.complete()
    redis = connect(settled.settings.redis)
    try:
        filing, settlement = (RedisLedger(redis, stage, 0, settled.settings.prefix) for stage in ("filing", "settlement"))
        eligibility, pricing = (RedisLedger(redis, stage, 0, settled.settings.prefix) for stage in ("eligibility", "pricing"))
        held = await redis.dump(settlement.position_key)
        await settled.publish([visit(psn_no, "damaged-3", 10_000)])
        await settled.complete()
        await redis.unlink(filing.state_key)
        await redis.restore(settlement.position_key, 0, held, replace=True)
        await redis.hset(pricing.position_key, "src", 0)
        await redis.hset(eligibility.state_key, f"p:{psn_no}", b'{"brdy":')
    finally:
        await redis.aclose()
    await settled.publish([*old, visit(psn_no, "damaged-4", 10_000)])
    await settled.complete()
    kept = await everything(settled)
    last = [r.header("ce_type") for r in kept["yibao.settled"][0] if r.key == psn_no.encode()][-5:]
    assert last == [b"cn.yibao.request.repeated.v1"] * 4 + [b"cn.yibao.claim.settled.v1"]
