"""Publishes as a gateway does: at a pace, in chunks, and the same chunk again until it is acknowledged."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from aiokafka import AIOKafkaProducer

from contracts.envelope import Record
from contracts.topics import topic_map
from services.runtime.exits import Ending
from services.runtime.kafka import KafkaLog, make_producer, started
from services.runtime.settings import Settings
from tests.chaos.standing import end

REQUESTED = topic_map().road[0].name
TICK_S, AGAIN_S = 0.25, 0.3
REMEMBERED = 500


class Publisher:
    """``ends``: behind the last acknowledged request of each partition. ``recent``: some of what was published last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None
        self.ends = [0] * topic_map().partitions
        self.acknowledged: set[tuple[bytes | None, bytes | None, int]] = set()
        self.published = self.again = 0
        self.recent: deque[Record] = deque(maxlen=REMEMBERED)

    async def run(self, records: Iterator[Record], count: int, seconds: float) -> None:
        """``count`` records within ``seconds``, evenly; longer where the server is away."""
        started, sent = asyncio.get_running_loop().time(), 0
        while sent < count:
            due = min(count, int((asyncio.get_running_loop().time() - started) / seconds * count) + 1)
            chunk = list(islice(records, due - sent))
            if chunk:
                sent += len(chunk)
                await self.publish(chunk)
                self.recent.extend(chunk)
            elif due > sent:
                return
            await asyncio.sleep(TICK_S)

    async def publish(self, records: Sequence[Record]) -> None:
        """All of them; again and again until each is acknowledged, so that some lie there twice."""
        parts: dict[int, list[Record]] = {}
        for record in records:
            parts.setdefault(record.partition, []).append(record)
        async with self._lock:
            while True:
                try:
                    producer = await self._started()
                    await asyncio.gather(*(self._append(producer, p, part) for p, part in parts.items()))
                    self.published += len(records)
                    return
                except (Ending, OSError, TimeoutError):
                    self.again += 1
                    await self.stop()
                    await asyncio.sleep(AGAIN_S)

    async def stop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stopped(producer)

    async def _append(self, producer: AIOKafkaProducer, partition: int, records: Sequence[Record]) -> None:
        offsets = await KafkaLog(self._settings, producer, REQUESTED, partition).append(records)
        self.ends[partition] = max(self.ends[partition], offsets[-1] + 1)
        self.acknowledged.update(identified(records))

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = make_producer(self._settings, "chaos")
            try:
                await started(producer, self._settings)
            except Ending:
                await _stopped(producer)
                raise
            self._producer = producer
        return self._producer


async def _stopped(producer: AIOKafkaProducer) -> None:
    await end([asyncio.create_task(producer.stop())], patience=2)


def identified(records: Iterable[Record]) -> Iterator[tuple[bytes | None, bytes | None, int]]:
    """What a record on yibao.requested is known by: key, id, and its bytes."""
    return ((record.key, record.header("ce_id"), hash(record.value or b"")) for record in records)
