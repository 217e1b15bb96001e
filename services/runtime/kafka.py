"""Kafka as logs: one idempotent producer, and readers that never skip silently."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch

from contracts.envelope import Record
from contracts.topics import Topic, topic_map
from services.runtime.exits import Ending, Misconfigured, Unreachable
from services.runtime.points import reach
from services.runtime.portions import Records, handed
from services.runtime.remedies import of_kafka
from services.runtime.security import client_security, refused
from services.runtime.settings import Settings
from services.runtime.tolerant import read_any_header_name

T = TypeVar("T")

BATCH_BYTES = 1_000_000
COMPRESSED_BYTES = 64_000
"""A batch of fewer is written as it is: for a few records client and broker compress and expand longer than they save."""
KNOWN_S = 2.0
"""How long a broker that answers may not know of a topic that another one has just made."""
FETCH_BYTES = 17_825_792
"""More than the largest record: a fetch always makes progress."""


def record_of(raw: ConsumerRecord) -> Record:
    """A record as aiokafka delivers it, as the rest of the project sees it."""
    value = raw.value if raw.value is not None else b""
    return Record(raw.key, value, tuple(raw.headers), raw.offset, raw.partition, raw.topic, raw.timestamp)


def make_producer(settings: Settings, client: str) -> AIOKafkaProducer:
    """An idempotent producer (acks=all). It is never used again after an error."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka, client_id=client, enable_idempotence=True, acks="all", linger_ms=0,
        max_batch_size=BATCH_BYTES, max_request_size=FETCH_BYTES, request_timeout_ms=int(settings.send_timeout_s * 1000),
        **client_security(settings),
    )


def make_reader(
    settings: Settings, client: str, committed: bool = False, fetch_bytes: int = FETCH_BYTES, wait_ms: int = 100,
    min_bytes: int = 1,
) -> AIOKafkaConsumer:
    """A consumer without a group, for assigned partitions. A record larger than ``fetch_bytes`` comes alone.

    Less than ``min_bytes`` comes after ``wait_ms``: fewer, larger answers for a reader whom nobody waits for.
    """
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, client_id=client, group_id=None, enable_auto_commit=False,
        auto_offset_reset="none", max_partition_fetch_bytes=fetch_bytes, fetch_max_bytes=2 * fetch_bytes,
        fetch_max_wait_ms=wait_ms, fetch_min_bytes=min_bytes, isolation_level="read_committed" if committed else "read_uncommitted",
        **client_security(settings),
    )


async def started(client: AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient, settings: Settings) -> None:
    """Starts it. Raises Misconfigured where a broker refuses who it says it is or is itself not trusted, Unreachable in time."""
    try:
        async with asyncio.timeout(settings.send_timeout_s):
            await client.start()
    except (KafkaError, TimeoutError, OSError) as error:
        if (why := await refused(settings)) is not None:
            raise Misconfigured(f"Kafka {settings.kafka}: {why}") from None
        raise Unreachable(f"Kafka {settings.kafka} 没有应答，核对地址与 TLS、SASL 的设置 / does not answer; see the address and the "
                          f"settings of TLS and SASL ({type(error).__name__})") from None


class KafkaLog:
    """One partition of one topic. Reading opens a consumer of its own; ``close`` ends it."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer | None, topic: str, partition: int, **fetch: int) -> None:
        """``fetch``: ``fetch_bytes``, ``wait_ms`` and ``min_bytes`` of its reader."""
        self.topic, self.partition, self._fetch = topic, partition, fetch
        self._settings, self._producer = settings, producer
        self._place = TopicPartition(topic, partition)
        self._reader: AIOKafkaConsumer | None = None
        self._at = -1

    async def bounds(self) -> tuple[int, int]:
        """First offset and end. Of requests (``committed_alone``) the end is the last stable offset."""
        reader = await self._open()
        first = await self._timed(reader.beginning_offsets([self._place]))
        return first[self._place], await self.end()

    async def end(self) -> int:
        """The end alone: one question to the broker instead of two."""
        return (await self.ends([self.partition]))[self.partition]

    async def ends(self, partitions: Iterable[int]) -> dict[int, int]:
        """Where these partitions of the topic end, by one question: at one time, as far as a broker can tell."""
        reader = await self._open()
        found = await self._timed(reader.end_offsets([TopicPartition(self.topic, partition) for partition in partitions]))
        return {place.partition: end for place, end in found.items()}

    async def offset_at(self, ms: int) -> int:
        """The first record that the broker took at ``ms`` or later; the end where there is none."""
        reader = await self._open()
        found = (await self._timed(reader.offsets_for_times({self._place: ms})))[self._place]
        return found.offset if found is not None else (await self.bounds())[1]

    async def read(self, offset: int, limit: int) -> list[Record]:
        """Records from ``offset`` on. Raises DataLost where the log no longer holds ``offset``, Unreachable in time."""
        reader = await self._open()
        if self._at != offset:
            reader.seek(self._place, offset)
        self._at = -1  # whatever fails from here on, the reader may stand behind records that nobody was given
        deadline = asyncio.get_running_loop().time() + self._settings.send_timeout_s
        while asyncio.get_running_loop().time() < deadline:
            try:
                found = await self._timed(self._handed(reader, limit))
            except UnicodeDecodeError:
                read_any_header_name()
                reader.seek(self._place, offset)
                continue
            records = [record_of(raw) for raw in found.get(self._place, ())]
            if records:
                self._at = records[-1].offset + 1
                return records
            reached = max(offset, await self._timed(reader.position(self._place)))  # behind markers of transactions
            if reached >= (await self._timed(reader.end_offsets([self._place])))[self._place]:
                self._at = offset
                return []
        raise Unreachable(f"{self.topic}/{self.partition}: {self._settings.send_timeout_s} 秒内没有等到第 {offset} 条 / no record at {offset} within "
                          f"{self._settings.send_timeout_s} s")

    async def _handed(self, reader: AIOKafkaConsumer, limit: int) -> Records:
        found, failed = await handed(reader.getmany, self._place, timeout_ms=500, max_records=limit)
        if failed is not None:
            raise failed
        return found

    async def append(self, records: Sequence[Record]) -> list[int]:
        """All records, in order, each batch of the client's with one acknowledgement. Any error is the producer's last."""
        if self._producer is None:
            raise RuntimeError(f"{self.topic}/{self.partition} was opened for reading only")
        sent: list[tuple[int, Any]] = []
        producer, codec, count = self._producer, self._codec(records), 0
        batch = BatchBuilder(BATCH_BYTES, codec)
        for record in records:
            if not _put(batch, record):
                sent.append((count, await self._timed(producer.send_batch(batch, self.topic, partition=self.partition))))
                batch, count = BatchBuilder(BATCH_BYTES, codec), 0
                _put(batch, record)
            count += 1
        sent.append((count, await self._timed(producer.send_batch(batch, self.topic, partition=self.partition))))
        reach("batch.sent")
        places = await self._timed(asyncio.gather(*(future for _, future in sent)))
        return [
            meta.offset + number for meta, (count, _) in zip(places, sent, strict=True) for number in range(count)
        ]

    def _codec(self, records: Sequence[Record]) -> int:
        """How a batch of them is compressed. What is too large for the topic is not, so that the broker refuses it."""
        topic = _topic(self.topic)
        if self._settings.compression == "none" or (topic is not None and topic.uncompressed):
            return DefaultRecordBatch.CODEC_NONE
        sizes = [len(record.value or b"") for record in records]
        worth = sum(sizes) >= COMPRESSED_BYTES and max(sizes) <= _most_bytes(topic)
        return DefaultRecordBatch.CODEC_ZSTD if worth else DefaultRecordBatch.CODEC_NONE

    async def close(self) -> None:
        """Ends the reader, if there is one."""
        if self._reader is not None:
            reader, self._reader = self._reader, None
            await reader.stop()

    async def _open(self) -> AIOKafkaConsumer:
        if self._reader is None:
            client = f"read-{self.topic}-{self.partition}"
            reader = make_reader(self._settings, client, committed_alone(self.topic), **self._fetch)
            self._reader = reader  # whatever comes, close ends it
            await started(reader, self._settings)
            reader.assign([self._place])
            try:  # reads of a topic that this user may not see would be tried again until they time out; this says why at once
                await self._timed(reader._client._wait_on_metadata(self.topic))
            except Unreachable:
                await self._timed(known(reader, self.topic))
                raise
            self._at = -1
        return self._reader

    async def _timed(self, work: Awaitable[T]) -> T:
        """``work`` within the time limit; what goes wrong becomes a named end. An idempotent batch never expires itself."""
        try:
            async with asyncio.timeout(self._settings.send_timeout_s):
                return await work
        except TimeoutError:
            raise Unreachable(f"{self.topic}: {self._settings.send_timeout_s} 秒内没有应答 / Kafka did not answer within {self._settings.send_timeout_s} s "
                              f"({self.topic})") from None
        except KafkaError as error:
            raise named(error, f"{self.topic}/{self.partition}") from error


async def known(reader: AIOKafkaConsumer, *topics: str) -> None:
    """Whether the broker knows these. Raises UnknownTopicOrPartitionError, TopicAuthorizationFailedError; not in time where it does not
    answer."""
    for topic in sorted(set(topics) - await reader.topics()):
        with suppress(TimeoutError):
            async with asyncio.timeout(KNOWN_S):
                await reader._client._wait_on_metadata(topic)
                continue
        raise UnknownTopicOrPartitionError(topic)


def named(error: KafkaError, where: str) -> Ending:
    """A Kafka error as the end that it means for a worker."""
    return of_kafka(error, where, _most_bytes(_topic(where)))


def _topic(where: str) -> Topic | None:
    """The topic of the map that ``where`` (topic/partition, with the prefix of its road) is of."""
    name = where.partition("/")[0]
    return next((topic for topic in topic_map().all if name.endswith(topic.name)), None)


def committed_alone(topic: str) -> bool:
    """Whether readers of ``topic`` (with the prefix of its road) see of transactions only what was committed: that of the requests,
    which gateways may publish so. What was aborted is no request, for nobody; no other topic has transactions."""
    return _topic(topic) is topic_map().road[0]


def _most_bytes(topic: Topic | None) -> int:
    return topic.max_message_bytes if topic is not None else FETCH_BYTES


def _put(batch: Any, record: Record) -> bool:
    return batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers)) is not None
