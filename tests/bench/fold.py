"""What folding a stage's own log anew costs the processor, without servers: the log and the ledger are in memory.

    python -m tests.bench.fold [--stage settlement] [--records 20000] [--mix recovery]

``mix``: ``recovery`` is that of ``tests.bench.recovery``; ``bench``, ``all`` and ``day`` are the generator's, of 1,000 persons.
The ledger packs what it is given, as that in Redis does; neither Kafka nor Redis is counted. The best of some runs, in
microseconds a record.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from contracts.envelope import Record, with_numbers
from contracts.lines import request_record
from contracts.topics import topic_map
from policies.book import built_in
from policies.road import STAGES, Road, stage_named
from services.generator import MIXES, generate
from services.ledger import Position
from services.ledger.packed import packed, unpacked
from services.runtime import garbage
from services.runtime.step import Step
from tests.bench.recovery import FENCE, PARTITIONS, VISITS, decided, life, named, upstream
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic

RUNS, PERSONS, SEED = 5, 1000, 1


class Packing(MemoryLedger):
    """Does what the ledger in Redis does beside sending."""

    async def load(self, expected: Position, fields: Sequence[str]) -> dict[str, bytes | None]:
        return {name: unpacked(name, raw) for name, raw in (await super().load(expected, fields)).items()}

    async def apply(self, expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
        await super().apply(expected, new, {name: raw and packed(name, raw) for name, raw in writes.items()})


def generated(stage: str, mix: str, first: bool) -> Iterator[Record]:
    """What the stage writes for requests of a mix, all on one partition."""
    road, topic = Road(built_in()), topic_map().of_stage(stage)[1].name
    requests = (request_record(line.encode(), PARTITIONS) for line in generate(PERSONS, 10**9, SEED, mix=mix))
    verdicts = (record for request in requests for record in road.run(request) if record.topic == topic)
    for req, found in enumerate(verdicts):
        yield Record(found.key, found.value, with_numbers(found.headers, req, req if first else req + 1, 0))


async def folded(stage: str, records: list[Record]) -> tuple[float, int]:
    """Seconds of the processor, and fields of the states."""
    first, book, store = stage == next(iter(STAGES)), built_in(), MemoryStore()
    inp, out = MemoryTopic("inp"), MemoryTopic("out")
    inp.add([*([] if first else [FENCE]), *upstream(len(records))])
    out.add([FENCE, *records])
    ledger = Packing(store, stage, 0)
    step = Step(stage_named(stage, book), book.digest, PARTITIONS, MemoryLog(inp), MemoryLog(out), ledger, first)
    started = time.process_time()
    await step.takeover()
    assert step.replayed == len(records) + 2
    return time.process_time() - started, len(store.cells[stage, 0].states)


def main(given: argparse.Namespace) -> None:
    first = given.stage == next(iter(STAGES))
    if given.mix == "recovery":
        records = list(named(decided(given.stage, life(VISITS)), first, given.records))
    else:
        records = list(islice(generated(given.stage, given.mix, first), given.records))
    garbage.seldom()
    runs = [asyncio.run(folded(given.stage, records)) for _ in range(RUNS)]
    size = sum(len(record.value) for record in records) // len(records)
    print(f"{given.stage}, {given.mix}: {min(runs)[0] / len(records) * 1e6:.1f} us a record of {size} bytes, {runs[0][1]} fields")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fold", description=__doc__)
    parser.add_argument("--stage", default="settlement", choices=list(STAGES))
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--mix", default="recovery", choices=["recovery", *MIXES])
    main(parser.parse_args())
