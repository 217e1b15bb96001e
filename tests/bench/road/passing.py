"""The limit of client and broker here: a process that passes batches of bytes on, as large as the real stage's, and no more.

    python -m tests.bench.road.passing STAGE

The same partitions, groups and guarantee (idempotent, acks=all, offsets committed behind what was acknowledged). The
environment says where the growth by type of request stands (``BENCH_GROWTH``), and beside it a text that values grow by: what real
stages wrote, so that it compresses as theirs. The stage ``audit`` reads all topics.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from contracts.envelope import Record
from contracts.topics import topic_map
from services.runtime.kafka import FETCH_BYTES, KafkaLog, make_producer, record_of
from services.runtime.settings import Settings

STAGES = ("filing", "eligibility", "pricing", "settlement")
TEXT = ".text"


class Growing:
    """Records grow by as many bytes as the real stage's do, each by the next ones of the text, and round again."""

    def __init__(self, table: dict[str, list[int]], text: bytes, place: int) -> None:
        self._table, self._text, self._place, self._at = table, text, place, 0

    def grown(self, record: Record) -> Record:
        more = self._table.get((record.header("ce_type") or b"").decode(), (0, 0, 0, 0))[self._place]
        if self._at + more > len(self._text):
            self._at = 0
        self._at += more
        return Record(record.key, record.value + self._text[self._at - more : self._at], record.headers)


async def main(stage: str) -> None:
    settings = Settings()
    topics = topic_map()
    names = [topic.name for topic in topics.road] if stage == "audit" else [topics.of_stage(stage)[0].name]
    consumer = AIOKafkaConsumer(
        *(settings.topic(name) for name in names), bootstrap_servers=settings.kafka, group_id=settings.group(stage),
        enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=FETCH_BYTES, fetch_max_wait_ms=100,
    )
    producer = make_producer(settings, f"pass-{stage}")
    await producer.start()
    await consumer.start()
    out = None if stage == "audit" else settings.topic(topics.of_stage(stage)[1].name)
    logs = {p: KafkaLog(settings, producer, out, p) for p in range(topics.partitions)} if out else {}
    path = Path(os.environ["BENCH_GROWTH"])
    growing = Growing(json.loads(path.read_text()), path.with_suffix(TEXT).read_bytes(), STAGES.index(stage) if stage in STAGES else 0)
    while True:
        found = await consumer.getmany(timeout_ms=100, max_records=settings.max_batch)
        if logs:
            await asyncio.gather(*(
                logs[at.partition].append([growing.grown(record_of(raw)) for raw in raws]) for at, raws in found.items()))
        if found:
            await consumer.commit({at: raws[-1].offset + 1 for at, raws in found.items()})


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1]))
