"""``python -m tests.chain.simulate --seeds 10000``: that many simulated runs, each checked; the seeds that fail, with their ends.

``--bugs`` takes each guard of the protocol away in turn and says which seed notices first.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.chain.simulation import Failed
from tests.chain.simulation_check import checked
from tests.chain.simulation_weakened import WEAKENED

PIECE = 50
SEARCHED = 400
"""Seeds that are tried for a bug."""


def main() -> int:
    """0 where every run ended as it must, or where every bug that can be noticed was."""
    parser = argparse.ArgumentParser(prog="python -m tests.chain.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--bugs", action="store_true")
    given = parser.parse_args()
    started = time.monotonic()
    with ProcessPoolExecutor(given.processes) as pool:
        if given.bugs:
            return _bugs(pool)
        pieces = [range(at, min(at + PIECE, given.first + given.seeds)) for at in range(given.first, given.first + given.seeds, PIECE)]
        failed = [text for found in pool.map(_failures, pieces) for text in found]
    seconds = time.monotonic() - started
    print("\n".join(failed))
    print(f"{given.seeds} seeds, {len(failed)} failed, {seconds:.1f} s, {given.seeds / seconds:.0f} a second")
    return 1 if failed else 0


def _bugs(pool: ProcessPoolExecutor) -> int:
    missed = 0
    for weak, seed in zip(WEAKENED, pool.map(partial(_noticed, range(SEARCHED)), range(len(WEAKENED))), strict=True):
        tripwire = weak.caught_by is None
        missed += seed is None and not tripwire
        print(f"{'-' if seed is None else seed:>5}  {weak.name}{' (tripwire)' if tripwire else ''}", flush=True)
    return 1 if missed else 0


def _noticed(seeds: Iterable[int], number: int) -> int | None:
    """The first seed whose run goes wrong without that guard."""
    for seed in seeds:
        try:
            checked(seed, WEAKENED[number].variant)
        except Failed:
            return seed
    return None


def _failures(seeds: Iterable[int]) -> list[str]:
    found = []
    for seed in seeds:
        try:
            checked(seed)
        except Failed as failed:
            found.append(str(failed))
    return found


if __name__ == "__main__":
    sys.exit(main())
