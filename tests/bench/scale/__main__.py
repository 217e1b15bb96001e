"""What a claim costs, and what a person takes, against every size that grows: one JSON line a point.

    python -m tests.bench.scale [--only lines,history,catalogue,regions,persons,redis] [--persons 10000,100000,1000000] [--json FILE]

Processor time of this process (``time.process_time``), in microseconds a claim: others on the machine disturb it less than
they disturb seconds. ``persons`` and ``redis`` start a Valkey of their own. Nothing is asserted.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from tests.bench.scale import curves, stored
from tests.bench.scale.curves import Point


async def _redis(people: int = 2000, claims: int = 16_000) -> AsyncIterator[Point]:
    for point in stored.bytes_of_a_person(people, claims):
        yield {"curve": "redis", **point}


async def main(given: argparse.Namespace) -> None:
    parts: dict[str, Callable[[], AsyncIterator[Point]]] = {
        "lines": curves.lines, "history": curves.history, "catalogue": curves.catalogue, "regions": curves.regions,
        "persons": lambda: stored.against_persons(given.persons), "redis": _redis,
    }
    found = []
    for name in given.only or parts:
        async for point in parts[name]():
            found.append(point)
            print(json.dumps(point, ensure_ascii=False), flush=True)
    if given.json is not None:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--persons", type=_numbers, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--json", type=Path)
    asyncio.run(main(parser.parse_args()))
