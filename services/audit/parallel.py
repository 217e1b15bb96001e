"""Verification on several cores: a partition is proved from its own records alone, so each is a process's, and the reports add up."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from contracts.events.seal import KeptSeal
from policies.book import Book, built_in, load
from services.audit.sources import opened
from services.audit.verify import Report, Verifier, Window
from services.runtime import garbage
from services.runtime.rulebooks import Rulebooks
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """What to verify, and by what; it goes to another process. ``dump``: its folder, None: the live topics of ``settings``.
    ``rulebook``: its folder, None: the built-in one; ``rulebooks``: where others are kept (``services.runtime.rulebooks``)."""

    dump: Path | None
    settings: Settings | None = None
    rulebook: Path | None = None
    rulebooks: Path | None = None
    window: Window = Window()
    kept: tuple[KeptSeal, ...] = ()
    key: str | None = None


async def verified(work: Work, partitions: Sequence[int], jobs: int, told: Callable[[int], object] = lambda _: None) -> Report:
    """The report of ``partitions``, the same for any number of ``jobs``; ``told`` hears of requests, with several jobs late."""
    report = Report()
    if jobs <= 1 or len(partitions) == 1:
        return await _run(work, partitions, report, told)
    with ProcessPoolExecutor(min(jobs, len(partitions)), get_context("spawn")) as pool:
        waiting = [asyncio.get_running_loop().run_in_executor(pool, one, work, partition) for partition in partitions]
        for done in waiting:
            done.add_done_callback(lambda future: told(future.result().requests) if not future.cancelled() and not future.exception() else None)
        try:
            for found in await asyncio.gather(*waiting):
                report.merge(found)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return report


def one(work: Work, partition: int) -> Report:
    """One partition, in a process of its own."""
    return asyncio.run(_run(work, [partition], Report(), lambda _: None))


async def _run(work: Work, partitions: Sequence[int], report: Report, told: Callable[[int], object]) -> Report:
    source = await opened(work.dump, work.settings, report.add)
    book = _book(work.rulebook, work.rulebooks)
    return await Verifier(source, book, work.window, told, report, work.kept, work.key).run(partitions)


@cache
def _book(rulebook: Path | None, kept: Path | None) -> Book:
    """Loaded once a process. Raises RulebookError."""
    book = load(rulebook) if rulebook is not None else built_in()
    garbage.seldom()
    return Rulebooks(kept).around(book) if kept is not None else book
