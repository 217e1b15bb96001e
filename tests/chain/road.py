"""A road of its own on the shared servers: topics, workers, and what can be asked of it from outside."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.envelope import Record
from contracts.log import kept
from contracts.topics import topic_map
from services.cli.progress import positions
from services.ledger.redis import RedisLedger, connect
from services.runtime.kafka import KafkaLog, make_producer, make_reader, record_of
from services.runtime.settings import Settings
from services.runtime.topics import admin_of, make_topics
from tests.chain.workers import Workers
from tests.servers import Servers

STAGES = ("filing", "eligibility", "pricing", "settlement")
PARTITIONS = topic_map().partitions
REQUESTED, *STAGE_TOPICS = (topic.name for topic in topic_map().road)
POLL_S = 0.1
PATIENCE_S = 60
"""On a busy machine a group is slow to form. Nothing waits longer than it has to: every wait polls."""

Partitions = list[list[Record]]
"""The records of a topic, partition by partition."""


class LiveRoad:
    """Settings with a prefix, the topics of the map under it, and workers as processes."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.ours = servers.ours
        self.settings = Settings(
            kafka=servers.kafka, redis=servers.redis, road=f"t{uuid.uuid4().hex[:8]}-",
            session_timeout_ms=servers.session_timeout_ms,
        )
        s = self.settings
        self.workers = Workers(
            {
                "YIBAO_KAFKA": s.kafka, "YIBAO_REDIS": s.redis, "YIBAO_ROAD": s.road, "YIBAO_LOG_FORMAT": "json",
                "YIBAO_LOG_LEVEL": "info", "YIBAO_SESSION_TIMEOUT_MS": str(s.session_timeout_ms),
            },
            folder,
        )

    async def create(self) -> None:
        """Makes the topics."""
        await make_topics(self.settings)

    async def close(self) -> None:
        """Stops the workers; on servers that stay, removes what is the road's."""
        self.workers.stop()
        if not self.ours:
            await self.wipe()
            async with admin_of(self.settings) as admin:
                await admin.delete_topics([self.settings.topic(topic.name) for topic in topic_map().all])

    # --- Kafka ------------------------------------------------------------------------------------------------------

    async def publish(self, records: Iterable[Record]) -> None:
        """Requests, each to its own partition, in order."""
        await self.append(REQUESTED, records)

    async def append(self, topic: str, records: Iterable[Record]) -> None:
        """Records as they are, each to the partition that it names: all of a partition in one call of the client."""
        parts: dict[int, list[Record]] = {}
        for record in records:
            parts.setdefault(record.partition, []).append(record)
        producer = make_producer(self.settings, "test")
        await producer.start()
        try:
            name = self.settings.topic(topic)
            await asyncio.gather(
                *(KafkaLog(self.settings, producer, name, p).append(part) for p, part in parts.items())
            )
        finally:
            await producer.stop()

    async def read(self, topic: str) -> Partitions:
        """Every record of a topic, from its first to its end as of now."""
        async with self._reader() as reader:
            places = [TopicPartition(self.settings.topic(topic), p) for p in range(PARTITIONS)]
            reader.assign(places)
            for place, first in (await reader.beginning_offsets(places)).items():
                reader.seek(place, first)
            ends, found = await reader.end_offsets(places), [[] for _ in places]
            deadline = time.monotonic() + 20
            while any([await reader.position(place) < ends[place] for place in places]):
                assert time.monotonic() < deadline, f"{topic} could not be read"
                for place, raws in (await reader.getmany(timeout_ms=200, max_records=2000)).items():
                    found[place.partition] += [record_of(raw) for raw in raws if raw.offset < ends[place]]
        return found

    async def kept(self, topic: str) -> Partitions:
        """Those records of a stage's topic that count."""
        return [list(kept(part)) for part in await self.read(topic)]

    async def ends(self, *topics: str) -> dict[str, list[int]]:
        """The next offset of each partition of topics."""
        async with self._reader() as reader:
            places = [TopicPartition(self.settings.topic(topic), p) for topic in topics for p in range(PARTITIONS)]
            found = await reader.end_offsets(places)
        return {t: [found[TopicPartition(self.settings.topic(t), p)] for p in range(PARTITIONS)] for t in topics}

    async def lag(self, stage: str) -> int:
        """How many records of its input a stage has not committed yet; all of them where it has committed nothing."""
        topic = topic_map().of_stage(stage)[0].name
        ends = (await self.ends(topic))[topic]
        async with admin_of(self.settings) as admin:
            committed = await admin.list_consumer_group_offsets(self.settings.group(stage))
        done = {place.partition: meta.offset for place, meta in committed.items()}
        return sum(end - max(0, done.get(p, 0)) for p, end in enumerate(ends))

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[AIOKafkaConsumer]:
        reader = make_reader(self.settings, "test")
        await reader.start()
        try:
            yield reader
        finally:
            await reader.stop()

    # --- Redis ------------------------------------------------------------------------------------------------------

    async def reqs(self, stage: str) -> list[int]:
        """The last number of each partition that a stage has applied, as Redis says."""
        return [position.req for position in (await positions(self.settings))[STAGES.index(stage)]]

    async def states(self, stage: str) -> list[dict[str, bytes]]:
        """The states of a stage, partition by partition."""
        redis = connect(self.settings.redis)
        try:
            ledgers = [RedisLedger(redis, stage, p, self.settings.prefix) for p in range(PARTITIONS)]
            return [(await ledger.snapshot())[1] for ledger in ledgers]
        finally:
            await redis.aclose()

    async def wipe(self) -> int:
        """Deletes the road's keys, and no others; how many there were."""
        redis = connect(self.settings.redis)
        try:
            keys = [key async for key in redis.scan_iter(f"{self.settings.prefix}:*", count=1000)]
            return await redis.unlink(*keys) if keys else 0
        finally:
            await redis.aclose()

    # --- waiting ----------------------------------------------------------------------------------------------------

    async def until(self, what: str, true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Polls until ``true()`` (or what it awaits) holds, reviving workers meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            self.workers.revive()
            found = true()
            if await found if asyncio.iscoroutine(found) else found:
                return
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s\n{self.workers.tails()}"
            await asyncio.sleep(POLL_S)

    async def run(self, *names: str) -> None:
        """Starts workers and waits until their stages own every partition."""
        self.workers.start(*names)
        for stage in {name.partition("-")[0] for name in names}:
            await self.until(f"takeover of {stage}", lambda stage=stage: self.owned(stage) == set(range(PARTITIONS)))

    def owned(self, stage: str) -> set[int]:
        """The partitions that the running workers of a stage have taken over."""
        return set().union(*(self.workers.taken(name) for name in self.workers.running if name.startswith(stage)))

    async def complete(self, seconds: float = PATIENCE_S) -> None:
        """Waits until every stage has applied the last request of every partition."""
        last = [end - 1 for end in (await self.ends(REQUESTED))[REQUESTED]]

        async def all_there() -> bool:
            return all([position.req for position in row] == last for row in await positions(self.settings))

        await self.until(f"requests up to {last} on all stages", all_there, seconds)
