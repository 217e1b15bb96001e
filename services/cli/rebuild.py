"""``yibao rebuild``: throws away what Redis holds, so that the workers fold it anew; ``--check`` compares instead."""

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

import typer

from contracts.topics import topic_map
from contracts.wire import SECTIONS
from services.cli.console import (
    CANNOT,
    REFUSED,
    AsJson,
    DryRun,
    Table,
    Yes,
    confirmed,
    coro,
    err,
    fail,
    found_settings,
    out,
    print_json,
    printable,
)
from services.cli.refold import AUDIT, Compared, compared, log_of
from services.ledger.base import Damaged, Moved, Position
from services.ledger.redis import RedisLedger, connect
from services.runtime.settings import Settings

STAGES = (*SECTIONS, AUDIT)
FOLDED_A_SECOND = 5_000
"""Records that one worker folds in a takeover, roughly: docs/operations.md says how it was measured."""
TRIES, PAUSE_S = 50, 0.05


@coro
async def rebuild(
    stage: Annotated[str | None, typer.Argument(help="阶段，默认全部 / stage, default: all")] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="只此分区 / only this partition")] = None,
    check: Annotated[bool, typer.Option("--check", help="只比较 Redis 与日志的折叠，不改动 / only compare Redis with the fold of the log")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """丢弃 Redis 中的状态与位置，由工作进程从日志重新折叠；结论不变，期间该分区的请求等待。

    Throws away states and positions in Redis; the workers fold them anew from the log. No verdict changes; requests of the
    partitions wait meanwhile. Workers that run notice within a second and end with code 3, which starts them again.

    例 / Example: [bold]yibao rebuild settlement --dry-run[/bold], [bold]yibao rebuild --check[/bold]
    """
    if stage is not None and stage not in STAGES:
        fail(f"{stage}: 没有可重建的状态；阶段为 / holds nothing in Redis; stages: {', '.join(STAGES)}", CANNOT)
    if partition is not None and partition >= topic_map().partitions:
        fail(f"{partition}: 分区为 0 到 {topic_map().partitions - 1} / partitions are 0 to {topic_map().partitions - 1}", CANNOT)
    settings = found_settings()
    places = [(s, p) for s in ([stage] if stage else STAGES) for p in ([partition] if partition is not None else range(topic_map().partitions))]
    async with aclosing(connect(settings.redis, socket_timeout_seconds=60)) as redis:
        ledgers = {place: RedisLedger(redis, *place, settings.prefix) for place in places}
        if check:
            await _check(settings, ledgers, as_json)
        else:
            await _rebuild(settings, ledgers, yes, dry_run, as_json)


Ledgers = dict[tuple[str, int], RedisLedger]


async def _check(settings: Settings, ledgers: Ledgers, as_json: bool) -> None:
    """One after the other: each holds the states of its partition twice while it is compared."""
    found = []
    with err.status("折叠日志并比较 / folding the logs and comparing"):
        for (stage, partition), ledger in ledgers.items():
            found.append(await compared(settings, ledger, stage, partition))
    if as_json:
        print_json({"differing": sum(one.differing for one in found), "checked": [_row(one) for one in found]})
    else:
        _show(found)
    if wrong := [one for one in found if one.differing]:
        lines = [f"{one.stage}/{one.partition}: {printable(text)}" for one in wrong for text in one.wrong]
        fail("\n".join([*lines, "重建：yibao rebuild STAGE --partition N / rebuild these"]), REFUSED)


def _show(found: list[Compared]) -> None:
    table = Table("阶段 / stage", "分区 / partition", "位置 / pos", "记录 / records", "字段 / fields", "不同 / differing", title="Redis = fold(log)?")
    for one in found:
        values = (one.partition, one.position.pos, one.records, one.fields, one.differing)
        table.add_row(one.stage, *map(str, values), style="red" if one.differing else None)
    out.print(table)
    seconds, records = sum(one.seconds for one in found), sum(one.records for one in found)
    out.print(f"{records} 条记录，{seconds:.1f} 秒 / {records} records in {seconds:.1f} s")


def _row(one: Compared) -> dict[str, Any]:
    return {
        "stage": one.stage, "partition": one.partition, "pos": one.position.pos, "records": one.records, "fields": one.fields,
        "seconds": round(one.seconds, 3), "differing": one.differing, "wrong": one.wrong,
    }


async def _rebuild(settings: Settings, ledgers: Ledgers, yes: bool, dry_run: bool, as_json: bool) -> None:
    sizes = dict(zip(ledgers, await asyncio.gather(*(_size(settings, *place) for place in ledgers)), strict=True))
    most = max(sum(size for (stage, _), size in sizes.items() if stage == one) for one in {stage for stage, _ in sizes})
    told = (
        f"丢弃 {len(sizes)} 个分区的状态；共重放 {sum(sizes.values())} 条记录，最大的阶段一个进程约 {most / FOLDED_A_SECOND:.0f} 秒，期间请求等待。 / "
        f"Throws away the states of {len(sizes)} partitions; {sum(sizes.values())} records are folded again, by one process about "
        f"{most / FOLDED_A_SECOND:.0f} s for the largest stage; requests wait meanwhile."
    )
    if not as_json:
        out.print(told, soft_wrap=True)
    if not dry_run:
        confirmed("继续？ / go on?", yes)
        for ledger in ledgers.values():
            await discarded(ledger)
    if as_json:
        print_json({"dry_run": dry_run, "records": {f"{stage}/{p}": size for (stage, p), size in sizes.items()}})
    elif not dry_run:
        out.print("已丢弃；进度见 yibao status，完成后用 yibao rebuild --check 核对 / done; see yibao status, then yibao rebuild --check")


async def _size(settings: Settings, stage: str, partition: int) -> int:
    log = log_of(settings, stage, partition)
    try:
        first, end = await log.bounds()
    finally:
        await log.close()
    return end - first


async def discarded(ledger: RedisLedger) -> Position:
    """Deletes states and position together, between two batches of a worker that runs; the position that there was."""
    for _ in range(TRIES):
        try:
            position = await ledger.position()
            await ledger.discard(position)
            return position
        except Damaged as damage:
            await ledger.repair(damage)
        except Moved:
            await asyncio.sleep(PAUSE_S)
    fail(f"{ledger.position_key}: 一直在变动，请重试 / keeps moving, try again", REFUSED)
