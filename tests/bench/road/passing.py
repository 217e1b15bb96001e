"""The limit of client and broker here: a process that passes batches of bytes on, as large as the real stage's, and no more.

    python -m tests.bench.road.passing STAGE

The same partitions, groups and guarantee (idempotent, acks=all, offsets committed behind what was acknowledged). The
environment says where the growth by type of request stands (``BENCH_GROWTH``). The stage ``audit`` reads all topics.
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
PAD = b" " * 65_536


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
    table = json.loads(Path(os.environ["BENCH_GROWTH"]).read_text())
    place = STAGES.index(stage) if stage in STAGES else 0
    while True:
        found = await consumer.getmany(timeout_ms=100, max_records=settings.max_batch)
        if logs:
            await asyncio.gather(*(
                logs[at.partition].append([_grown(record_of(raw), table, place) for raw in raws]) for at, raws in found.items()))
        if found:
            await consumer.commit({at: raws[-1].offset + 1 for at, raws in found.items()})


def _grown(record: Record, table: dict[str, list[int]], place: int) -> Record:
    more = table.get((record.header("ce_type") or b"").decode(), (0, 0, 0, 0))[place]
    return Record(record.key, record.value + PAD[:more], record.headers)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1]))
