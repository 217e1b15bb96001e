"""A worker's memory over a long run: the real workers, the load of ``make bench`` one claim after the other.

    python -m tests.bench.memory [--claims 1000000] [--json FILE]

Requests are made while they are sent and at most ``AHEAD`` lie unsettled; resident memory of each process in MiB is told every
``EVERY`` requests. A claim takes some 2 kB on the topics, in all, and some 3 kB in Redis. One JSON line a look; nothing is asserted.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psutil

from contracts.envelope import Record
from policies.book import Book, load as load_book
from services.embedded.stack import Stack
from services.generator.load import LEAST_PERSONS, Load as Generated
from services.runtime.settings import Settings
from services.runtime.topics import make_topics
from tests.bench.road.chains import Settled, processes, publish
from tests.bench.road.load import CLAIMS_A_PERSON, records
from tests.bench.road.rulebook import write_rulebook

AHEAD, PIECE, EVERY = 20_000, 5_000, 50_000


def requests(claims: int, book: Book) -> Iterator[Record]:
    """All requests of the load, made when they are asked for."""
    return records(Generated(max(LEAST_PERSONS, claims // CLAIMS_A_PERSON), claims, 1, book).requests())


async def measure(settings: Settings, stack: Stack, folder: Path, claims: int, book: Book) -> list[dict[str, Any]]:
    """What each process held before anything came, and after every ``EVERY`` requests."""
    found, sent, told, source = list[dict[str, Any]](), 0, 0, requests(claims, book)
    with processes("yibao", settings, folder, folder / "none") as running:
        watched = {name: psutil.Process(process.pid) for name, process in running.items()} | {"redis": psutil.Process(stack.redis_pid)}
        async with Settled(settings, running, folder) as settled:
            base, started = await settled.still(), time.monotonic()

            def look(count: int) -> None:
                mib = {name: round(process.memory_info().rss / 2**20) for name, process in watched.items()}
                found.append({"settled": count, "s": round(time.monotonic() - started), "mib": mib})
                print(json.dumps(found[-1]), flush=True)

            look(0)
            while piece := list(islice(source, PIECE)):
                await publish(settings, piece)
                sent += len(piece)
                count = await settled.reached(base + max(0, sent - AHEAD)) - base
                if count - told >= EVERY:
                    told = count
                    look(count)
            await settled.reached(base + sent)
            look(sent)
    return found


def main(claims: int, file: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="yibao-memory-") as name:
        folder = Path(name)
        rulebook = write_rulebook(folder)
        os.environ["YIBAO_RULEBOOK"] = str(rulebook)  # the workers' too
        book = load_book(rulebook)
        with Stack.start(folder / "data") as stack:
            settings = Settings(kafka=stack.kafka, redis=stack.redis)
            asyncio.run(make_topics(settings))
            found = asyncio.run(measure(settings, stack, folder / "logs", claims, book))
    if file is not None:
        file.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    main(given.claims, given.json)
