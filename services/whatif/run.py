"""A what-if from requests to its result: parted by persons, decided by all cores, summed. Bounded: no more than shards are held."""

import pickle
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from contracts.reasons import Reason
from services.runtime.processes import given, new_processes
from services.whatif import sums, work
from services.whatif.asked import Requests
from services.whatif.draft import Books
from services.whatif.reach import Reach, reach
from services.whatif.rows import Chosen
from services.whatif.shards import Kin, Shards
from services.whatif.work import Part

Told = Callable[[int], object]
"""Is told how many requests more are decided."""


@dataclass(slots=True)
class Found(Part):
    """What all shards give. ``changed``: files of the changed claims, in the order of the shards."""

    changed: list[Path] = field(default_factory=list)


class BadLines(Exception):
    """Lines of a file are no requests, and they were not to be left out. ``lines``: number and reasons."""

    def __init__(self, lines: Sequence[tuple[int, tuple[Reason, ...]]]) -> None:
        super().__init__(f"{len(lines)} bad lines")
        self.lines = lines


class ProcessDied(Exception):
    """A process ended before its work was done, mostly for want of memory."""


async def parted(requests: Requests, chosen: Chosen, folder: Path, told: Told = lambda _: None) -> Shards:
    """The requests as shards in ``folder``, read twice: who belongs together is known at the end only. ``told``: requests read."""
    kin, count = Kin(), 0
    async for asked in requests.each(recorded=False):
        kin.read(asked)
        count += 1
        told(1)
    wanted = kin.of(chosen.person) if chosen.person is not None else None
    with Shards(folder, count) as shards:
        async for asked in requests.each(recorded=True):
            asked = asked._replace(kin=kin.of(requests.person(asked)))
            if chosen.takes(asked.kin, wanted):
                shards.add(asked)
            told(1)
    return shards


def decided(shards: Shards, books: Books, chosen: Chosen, cores: int, skip_bad: bool, told: Told = lambda _: None) -> Found:
    """Decides the shards on ``cores`` processes; the result does not depend on how many. Raises BadLines, ProcessDied."""
    found, parts, ready = Found(), list[dict[str, pa.Table]](), (pickle.dumps((books.present, books.draft)), reach(books), chosen)
    try:
        with _workers(min(cores, len(shards.paths)), ready) as results:
            for path, count, part in zip(shards.paths, shards.counts, results(shards.paths), strict=True):
                if part.bad and not skip_bad:
                    raise BadLines(part.bad)
                found.add(part)
                parts.append(part.tables)
                found.changed.append(path.with_suffix(".parquet"))
                told(count)
    except BrokenProcessPool:
        raise ProcessDied("一个进程中途结束（多为内存不足）；用 --cores 减少进程 / a process ended early, mostly for want of memory; use fewer with --cores") from None
    found.tables = sums.together(parts)
    return found


@contextmanager
def _workers(cores: int, ready: tuple[bytes, Reach, Chosen]) -> Iterator[Callable[[Sequence[Path]], Iterator[Part]]]:
    """What maps shards to parts in their order: in this process, or in ``cores`` new ones, which inherit nothing."""
    if cores < 2:
        work.start(*ready)
        yield lambda paths: map(work.work, paths)
        return
    pool = new_processes(cores, work.start_process, *ready)
    try:
        yield lambda paths: _mapped(pool, paths)
    finally:
        pool.shutdown(cancel_futures=True)


def _mapped(pool: ProcessPoolExecutor, paths: Sequence[Path]) -> Iterator[Part]:
    waiting = deque(given(pool, work.work, paths))
    while waiting:
        yield waiting.popleft().result()
