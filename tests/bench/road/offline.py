"""``yibao settle`` on the load: JSON in and out, no Kafka, no Redis."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from pathlib import Path

from contracts.lines import line_of, read_line, request_record
from contracts.topics import topic_map
from policies.book import load
from policies.road import Road
from services.generator.load import LEAST_PERSONS, Load
from services.runtime import garbage
from tests.bench.road.load import CLAIMS_A_PERSON, lines

Lines = Sequence[bytes]


def offline(claims: int, rulebook: Path) -> dict[str, float]:
    """Requests that are claims, a second: on one core, and on all cores (each a share of the persons)."""
    count, cores = min(claims, 20_000), cpu_count() or 1
    generated = Load(max(LEAST_PERSONS, count // CLAIMS_A_PERSON), count, 1, load(rulebook))
    needed, timed = list(lines(generated.needed())), list(lines(generated.load()))
    alone = _settle(rulebook, needed, timed)
    shares = [[_share(part, n, cores) for part in (needed, timed)] for n in range(cores)]
    with ProcessPoolExecutor(cores) as pool:
        together = max(pool.map(_settle, [rulebook] * cores, *zip(*shares, strict=True)))
    return {"requests": len(timed), "one_core": round(count / alone), "all_cores": round(count / together), "cores": cores}


def _share(requests: Lines, number: int, of: int) -> Lines:
    """The lines of the persons of some partitions."""
    return [line for line in requests if request_record(line, topic_map().partitions).partition % of == number]


def _settle(rulebook: Path, needed: Lines, timed: Lines) -> float:
    """Seconds for the timed lines, each verdict written as a line."""
    road = Road(load(rulebook))
    garbage.seldom()  # as yibao settle does
    _written(road, needed)
    started = time.perf_counter()
    _written(road, timed)
    return time.perf_counter() - started


def _written(road: Road, requests: Lines) -> None:
    for record in road.run_all(read_line(line, topic_map().partitions) for line in requests):
        if record.topic == topic_map().road[-1].name:
            line_of(record, printed=True)
