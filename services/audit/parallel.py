"""Verification on several cores: a partition is proved from its own records alone, so each is a process's, and the reports add up."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from contracts.events.seal import KeptSeal
from contracts.topics import topic_map
from policies.book import Book, built_in, load
from services.audit.sources import Ends, ends, opened
from services.audit.verify import Report, Verifier, Window
from services.runtime import garbage
from services.runtime.processes import given, new_processes
from services.runtime.rulebooks import Rulebooks
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """What to verify, and by what; it goes to another process. ``dump``: its folder, None: the live topics of ``settings``.
    ``rulebook``: its folder, None: the built-in one; ``rulebooks``: where others are kept (``services.runtime.rulebooks``); ``upto``:
    where the live topics end for whoever reads them."""

    dump: Path | None
    settings: Settings | None = None
    rulebook: Path | None = None
    rulebooks: Path | None = None
    window: Window = Window()
    kept: tuple[KeptSeal, ...] = ()
    key: str | None = None
    upto: Ends | None = None


async def verified(work: Work, partitions: Sequence[int], jobs: int, told: Callable[[int], object] = lambda _: None) -> Report:
    """The report of ``partitions``, the same for any number of ``jobs``; ``told`` hears of requests, with several jobs late."""
    if work.settings is not None and work.dump is None:
        work = replace(work, upto=await ends(work.settings))  # the same for all jobs: one that begins late reads no further
    report = await _verified(work, partitions, jobs, told)
    return report.whole() if len(partitions) == topic_map().partitions else report


async def _verified(work: Work, partitions: Sequence[int], jobs: int, told: Callable[[int], object]) -> Report:
    report = Report()
    if jobs <= 1 or len(partitions) == 1:
        return await _run(work, partitions, report, told)
    with tempfile.TemporaryDirectory(prefix="yibao-verify-") as folder, new_processes(min(jobs, len(partitions)), _shelved, folder) as pool:
        waiting = [asyncio.wrap_future(future) for future in given(pool, partial(one, work), partitions)]
        for done in waiting:
            done.add_done_callback(lambda future: told(future.result().requests) if not future.cancelled() and not future.exception() else None)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)  # interrupted, it cancels nothing: see ``given``
            for found in [done.result() for done in waiting if done.done()]:
                report.merge(found)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return report


def _shelved(folder: str) -> None:
    """What this process shelves (``Shelf``) lies in ``folder``, which is removed however the process ends."""
    tempfile.tempdir = folder


def one(work: Work, partition: int) -> Report:
    """One partition, in a process of its own."""
    return asyncio.run(_run(work, [partition], Report(), lambda _: None))


async def _run(work: Work, partitions: Sequence[int], report: Report, told: Callable[[int], object]) -> Report:
    source = await opened(work.dump, work.settings, report.add, work.upto)
    book = _book(work.rulebook, work.rulebooks)
    return await Verifier(source, book, work.window, told, report, work.kept, work.key).run(partitions)


@cache
def _book(rulebook: Path | None, kept: Path | None) -> Book:
    """Loaded once a process. Raises RulebookError."""
    book = load(rulebook) if rulebook is not None else built_in()
    garbage.seldom()
    return Rulebooks(kept).around(book) if kept is not None else book
