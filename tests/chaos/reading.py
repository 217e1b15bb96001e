"""What is left when a run is over: topics and states, one partition at a time."""

import asyncio

from contracts.envelope import Record
from contracts.log import kept
from contracts.topics import topic_map
from policies.book import Book
from policies.road import STAGES
from services.ledger.redis import RedisLedger, connect
from services.runtime.kafka import KafkaLog
from services.runtime.log import whole
from services.runtime.settings import Settings
from tests.chaos.check import Found, Partition, carried_over, check, told_dead, unreadable_of
from tests.chaos.publisher import identified

PARTITIONS = topic_map().partitions


async def checked(settings: Settings, book: Book, acknowledged: set[tuple[bytes | None, bytes | None, int]]) -> Found:
    """Everything that is wrong. ``book``: knows all that decided; ``acknowledged``: what the run has published."""
    found = Found()
    letters: list[Record] = []
    requested: set[tuple[bytes | None, bytes | None]] = set()
    unreadable: set[tuple[int, int]] = set()
    there: set[tuple[bytes | None, bytes | None, int]] = set()
    for number in range(PARTITIONS):
        part = await partition(settings, number)
        there.update(identified(part.road[0]))
        requested.update((record.key, record.header("ce_id")) for record in part.road[0])
        unreadable.update(unreadable_of(number, kept(part.road[-1])))
        letters += await asyncio.to_thread(check, part, book, found)
    found.tell("lost", "acknowledged requests that are not on yibao.requested", len(acknowledged - there))
    found.letters = carried_over(letters, requested, found)
    told_dead(await _topic(settings, "yibao.dead"), unreadable, found)
    for record in await _topic(settings, "yibao.found"):
        found.tell("audit", record.value[:400].decode("utf-8", "replace"))
    return found


async def partition(settings: Settings, number: int) -> Partition:
    """One partition, whole."""
    redis = connect(settings.redis, socket_timeout_seconds=30)
    try:
        road = await asyncio.gather(*(_read(settings, topic.name, number) for topic in topic_map().road))
        ledgers = {stage: RedisLedger(redis, stage, number, settings.prefix) for stage in STAGES}
        found = {stage: await ledger.snapshot() for stage, ledger in ledgers.items()}
    finally:
        await redis.aclose()
    return Partition(number, road, {s: states for s, (_, states) in found.items()}, {s: at for s, (at, _) in found.items()})


async def _topic(settings: Settings, name: str) -> list[Record]:
    parts = await asyncio.gather(*(_read(settings, name, number) for number in range(PARTITIONS)))
    return [record for part in parts for record in part]


async def _read(settings: Settings, name: str, number: int) -> list[Record]:
    log = KafkaLog(settings, None, settings.topic(name), number)
    try:
        return [record async for record in whole(log)]
    finally:
        await log.close()
