"""``yibao settle`` on generated claims: JSON in and out, no Kafka, no Redis."""

import time
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count

from contracts.lines import request_record, to_line
from contracts.topics import topic_map
from policies.book import built_in
from policies.road import Road
from services.generator import generate


def offline(claims: int) -> dict[str, float]:
    """Requests that are claims, a second: on one core, and on all cores (each a share of the persons)."""
    count, cores = min(claims, 20_000), cpu_count() or 1
    lines = [line.encode() for line in generate(max(1, count // 5), count, 1, built_in())]
    alone = _settle(lines)
    shares = [[line for line in lines if hash_of(line) % cores == n] for n in range(cores)]
    started = time.perf_counter()
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(_settle, shares))
    together = time.perf_counter() - started
    return {"requests": len(lines), "one_core": round(count / alone), "all_cores": round(count / together), "cores": cores}


def hash_of(line: bytes) -> int:
    """The partition of the line's person."""
    return request_record(line, topic_map().partitions).partition


def _settle(lines: list[bytes]) -> float:
    """Seconds for these lines, each record written as a line."""
    built_in()
    started, road, size = time.perf_counter(), Road(built_in()), 0
    for line in lines:
        for record in road.run(request_record(line, topic_map().partitions)):
            if record.topic == topic_map().road[-1].name:
                size += len(to_line(record))
    return time.perf_counter() - started
