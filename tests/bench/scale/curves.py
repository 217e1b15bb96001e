"""What a claim costs against one size at a time, in this process: microseconds of processor time by stage.

Each point: a batch to warm up, then ``REPEATS`` batches; the middle one counts, and the least is told beside it.
"""

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copytree
from statistics import median
from time import process_time
from typing import Any

from contracts.envelope import Record
from policies.book import BUILT_IN, Book, built_in, load
from policies.pricing.read import read_items, read_ranges
from tests.bench.catalogue import RANGES, written
from tests.bench.scale.claims import LINES, PLACE, bill, enrolled, persons
from tests.bench.twins import Twins

REPEATS, BATCH, GROUP = 5, 100, 40
Point = dict[str, Any]
made = cache(written)
CATALOGUE, USUAL = "650000", 10_000
"""Whose catalogue is replaced by one of invented items; how many where nothing else is said."""
LINES_OF, HISTORY, ITEMS, REGIONS = (1, 5, 20, 50, 100, 200), (1, 3, 10, 30, 100, 300, 1000), (100, 1000, 10_000, 100_000), (1, 10, 100, 400)


async def measured(twins: Twins, batches: Sequence[Sequence[Record]]) -> Point:
    """Microseconds a claim by stage and in all; all of them must be settled. The first batch is to warm up."""
    took = [await settled(twins, batch) for batch in batches][1:]
    return told(took, len(batches[0])) | {"bytes_settled": round(sum(len(record.value) for record in twins.verdicts()) / len(batches[0]))}


async def settled(twins: Twins, batch: Sequence[Record]) -> dict[str, float]:
    """Seconds of one batch by stage; all of its claims must be settled."""
    took = await twins.batch(batch)
    unsettled = {record.header("ce_type") for record in twins.verdicts()} - {b"cn.yibao.claim.settled.v1"}
    assert not unsettled, unsettled
    return took


def told(took: Sequence[dict[str, float]], size: int) -> Point:
    """Microseconds a claim of batches of ``size``: by stage, in all, and the least."""
    by_stage = {stage: round(median(one[stage] for one in took) / size * 1e6) for stage in took[0]}
    totals = [sum(one.values()) / size * 1e6 for one in took]
    return {"us": by_stage, "us_all": round(median(totals)), "us_least": round(min(totals))}


async def visits(twins: Twins, items: Sequence[str], lines: int = LINES) -> Point:
    """One visit a person and batch, of ``BATCH`` persons."""
    names = persons(BATCH)
    await twins.batch([enrolled(name) for name in names])
    return await measured(twins, [[bill(name, n, items, lines) for name in names] for n in range(REPEATS + 1)])


def with_items(book: Book, number: int) -> tuple[Book, list[str]]:
    """The rulebook with so many invented items at the place of care; and at most 5,000 of them, from the whole range."""
    problems = list[str]()
    found = read_items("items.csv", made(number), read_ranges("ranges.csv", RANGES.encode(), problems), problems)
    (shipped,) = book.catalogues[CATALOGUE]
    return replace(book, catalogues={**book.catalogues, CATALOGUE: (replace(shipped, items=found),)}), sorted(found)[:: max(1, number // 5000)]


async def lines() -> AsyncIterator[Point]:
    """Lines of a bill."""
    book, items = with_items(built_in(), USUAL)
    for number in LINES_OF:
        yield {"curve": "lines", "x": number, **await visits(await Twins(book).start(), items, number)}


async def history() -> AsyncIterator[Point]:
    """Claims that a person had before. Every batch has one claim of each person; bytes are those of the states that it loads.

    ``us_new``: at the same time, batch by turns, what as many persons cost who have just been enrolled.
    """
    (book, items), (names, *others) = with_items(built_in(), USUAL), batched(persons(GROUP * (len(HISTORY) + 1)), GROUP)
    twins = await Twins(book).start()
    await twins.batch([enrolled(name) for name in names])
    done = 0
    for number, new in zip(HISTORY, others, strict=True):
        while done < number - 1:
            await twins.batch([bill(name, done, items) for name in names])
            done += 1
        await twins.batch([enrolled(name) for name in new])
        both = [[await settled(twins, [bill(name, at + n, items) for name in group]) for group, at in ((names, done), (new, 0))]
                for n in range(REPEATS + 1)]
        done += len(both)
        mine, theirs = zip(*both[1:], strict=True)
        yield {"curve": "history", "x": number, **told(mine, GROUP), "us_new": told(theirs, GROUP)["us_all"],
               "bytes_loaded": _loaded(twins, names[0])}


def batched(found: Sequence[str], size: int) -> list[Sequence[str]]:
    return [found[at : at + size] for at in range(0, len(found), size)]


def _loaded(twins: Twins, psn_no: str) -> dict[str, int]:
    """Bytes of what a decision about the person loads, by stage: the small part, and the year."""
    found = {}
    for stage in twins.steps:
        states = twins.store.cells[stage, 0].states
        mine = (name for name in states if name == f"p:{psn_no}" or name.startswith(f"e:{psn_no}:year"))
        found[stage] = sum(len(states[name]) for name in mine)
    return found


async def catalogue() -> AsyncIterator[Point]:
    """Items of the catalogue of the place of care."""
    for number in ITEMS:
        made(number)  # not to be timed
        started = process_time()
        book, items = with_items(built_in(), number)
        seconds = process_time() - started
        yield {"curve": "catalogue", "x": number, "load_s": round(seconds, 3), **await visits(await Twins(book).start(), items)}


async def regions() -> AsyncIterator[Point]:
    """Places of insurance that the rulebook has, each with a plan, a map of care and providers of its own."""
    for number in REGIONS:
        with tempfile.TemporaryDirectory() as folder:
            codes = list(_places(copytree(BUILT_IN, Path(folder) / "rulebook"), number))
            started = process_time()
            book = load(Path(folder) / "rulebook")
            seconds = process_time() - started
        (book, items), names = with_items(book, USUAL), persons(BATCH)
        twins = await Twins(book).start()
        homes = dict(zip(names, (codes[n % number] for n in range(BATCH)), strict=True))
        await twins.batch([enrolled(name, homes[name]) for name in names])
        batches = [[bill(name, n, items, provider=f"H{homes[name]}00102") for name in names] for n in range(REPEATS + 1)]
        yield {"curve": "regions", "x": number, "load_s": round(seconds, 3), **await measured(twins, batches)}


def _places(rulebook: Path, number: int) -> Iterator[str]:
    """Adds ``number`` places to a rulebook: copies of one that it has, under codes of their own."""
    (source,) = rulebook.glob(f"regions/{PLACE}-*")
    for n in range(number):
        code = f"65{5000 + n}"
        for folder, target in ((source, f"regions/{code}-copy-{n}"), (rulebook / "providers" / PLACE, f"providers/{code}")):
            for path in copytree(folder, rulebook / target).rglob("*.toml"):
                text = path.read_text("utf-8").replace('home = ["6502"]', f'home = ["{code}"]').replace("克拉玛依", f"某地{n}")
                path.write_text(text.replace(PLACE, code).replace("Karamay", f"Place {n}"), "utf-8")
        yield code
