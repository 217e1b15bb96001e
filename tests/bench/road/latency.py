"""From publication to the terminal verdict at a steady rate, by the times at which the broker appended the records."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.envelope import Record
from contracts.log import kept, number
from contracts.topics import topic_map
from services.embedded.stack import Stack
from services.runtime.kafka import KafkaLog, make_producer
from services.runtime.log import whole
from services.runtime.settings import Settings
from services.runtime.topics import make_topics
from tests.bench.road.chains import Settled, processes, publish, until_audited

TICK_S = 0.01
STEADY_S = 2
"""So long at the rate before anything is timed: until then the broker compiles what small batches need of it."""
Spread = dict[str, float]


def latency(stack: Stack, road: str, folder: Path, warm_up: Sequence[Record], timed: Sequence[Record], rate: int, growth: Path) -> dict[str, Spread]:
    """Milliseconds by stage, and ``total``: p50, p95, p99 and the most, at ``rate`` requests a second. Whole milliseconds."""
    settings = Settings(kafka=stack.kafka, redis=stack.redis, road=road)
    asyncio.run(make_topics(settings))
    with processes("yibao", settings, folder, growth) as running:
        return asyncio.run(_measured(settings, running, folder, warm_up, timed, rate))


async def _measured(settings: Settings, running: Mapping, folder: Path, warm_up: Sequence[Record], timed: Sequence[Record], rate: int) -> dict[str, Spread]:
    async with Settled(settings, running, folder) as settled:
        before_it = await settled.still()
        await publish(settings, warm_up)
        base = await settled.reached(before_it + len(warm_up))
        await until_audited(settings, settled)  # a steady rate: nobody still works off the warm-up
        await _steadily(settings, timed, rate)
        await settled.reached(base + len(timed))
    return await _spreads(settings, len(warm_up) + min(rate * STEADY_S, len(timed) // 2))


async def _steadily(settings: Settings, requests: Sequence[Record], rate: int) -> None:
    producer = make_producer(settings, "bench-steady")
    await producer.start()
    name = settings.topic(topic_map().road[0].name)
    logs = [KafkaLog(settings, producer, name, p) for p in range(topic_map().partitions)]
    started, sent, waiting = time.monotonic(), 0, set[asyncio.Task[list[int]]]()
    try:
        while sent < len(requests):
            due = min(len(requests), int((time.monotonic() - started) * rate) + 1)
            together: dict[int, list[Record]] = {}
            for request in requests[sent:due]:
                together.setdefault(request.partition, []).append(request)
            for partition, records in together.items():
                task = asyncio.create_task(logs[partition].append(records))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            sent = due
            await asyncio.sleep(TICK_S)
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


async def _spreads(settings: Settings, skipped: int) -> dict[str, Spread]:
    """The times of each request on the five topics; the first ones are left out."""
    topics, times = [topic.name for topic in topic_map().road], dict[tuple[int, int], list[int]]()
    for place, name in enumerate(topics):
        for p in range(topic_map().partitions):
            log = KafkaLog(settings, None, settings.topic(name), p)
            records = [record async for record in whole(log)]
            await log.close()
            for req, record in enumerate(records if place == 0 else kept(records)):
                at = req if place == 0 else number(record.header("req"))
                times.setdefault((p, at), []).append(record.timestamp_ms)
    rows = sorted(times.values())[skipped:]
    assert all(len(row) == len(topics) for row in rows), "every request is on every topic"
    stages = ("filing", "eligibility", "pricing", "settlement")
    found = {stage: _spread([row[n + 1] - row[n] for row in rows]) for n, stage in enumerate(stages)}
    return found | {"total": _spread([row[-1] - row[0] for row in rows])}


def _spread(values: list[int]) -> Spread:
    values.sort()
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]  # noqa: E731
    return {"p50": at(0.50), "p95": at(0.95), "p99": at(0.99), "max": values[-1]}
