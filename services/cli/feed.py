"""``yibao feed``: the verdicts of the road as flat Parquet files for analysts."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.envelope import BadHeaders, Record
from contracts.lines import from_line
from contracts.log import Gap
from contracts.topics import topic_map
from services.cli.console import CANNOT, AsJson, coro, err, fail, kafka_settings, out, print_json
from services.cli.lines import opened
from services.cli.past import NOW, day_of
from services.runtime.exits import DataLost, Misconfigured

if TYPE_CHECKING:
    from services.feed.folder import Folder
    from services.feed.lane import Lane

SETTLED = topic_map().road[-1].name
MAX_BYTES = 34_000_000
"""A line of the largest record, its bytes in base64."""


def feed(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="目标目录 / folder that is fed")],
    once: Annotated[bool, typer.Option("--once", help="到日志当前末尾即结束 / end at the ends that the logs have now")] = False,
    file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE|DUMP", help="读 yibao settle 的输出（- 为标准输入）或 yibao audit dump 的目录 / read what yibao settle wrote (- is standard input), or a dump")
    ] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="文件中记录的日期，默认今天 / day of the records of a file, default: today")
    ] = None,
    every: Annotated[int, typer.Option(min=1, max=86_400, help="至多多少秒写一次 / seconds until what waits is written")] = 60,
    as_json: AsJson = False,
) -> None:
    """把终局结论写成按日期与参保地分区的 Parquet 文件；可中断、可续，每条恰好一次。

    Writes the verdicts as Parquet files by day (the day on which the broker took them) and place of insurance: settlements,
    lines, steps, refusals, filings, movements. Stop it whenever you like; started again it goes on where it was.

    例 / Example: [bold]yibao feed analytics --once[/bold]
    """
    try:
        from services.feed.folder import Folder, Unfit
    except ModuleNotFoundError as missing:
        if missing.name != "pyarrow":
            raise
        fail('缺少 pyarrow，请安装：/ pyarrow is missing, install it:  pip install "yibao[feed]"', CANNOT)
    found = None if file is not None else kafka_settings()
    try:
        into = Folder(folder, "file" if found is None else found.topic(SETTLED))
        try:
            lanes = _of_file(file, into, day) if file is not None else _of_road(into, once, every)
        finally:
            into.close()
    except Gap as gap:
        fail(f"{file or found.topic(SETTLED)}: {_skipped(gap)}", CANNOT)
    except DataLost as error:
        fail(f"{file or found.topic(SETTLED)}: {error}", CANNOT)
    except (Unfit, Misconfigured) as error:
        fail(str(error), CANNOT)
    except OSError as error:
        fail(f"{folder}: 无法写入 / cannot be written ({error.strerror or error})", CANNOT)
    _report(folder, lanes, as_json)


def _of_road(folder: "Folder", once: bool, every: int) -> "list[Lane]":
    from services.feed.follow import follow

    seen: dict[int, Lane] = {}

    @coro
    async def run() -> "list[Lane]":
        return await follow(kafka_settings(), folder, once, every, lambda lane: seen.update({lane.place.partition: lane}))

    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        if not once:
            err.print("正在跟随，Ctrl-C 结束 / following; Ctrl-C ends it")
        return run()
    return [*seen.values()]


def _of_file(file: Path, folder: "Folder", day: datetime | None) -> "list[Lane]":
    from services.cli.dumped import sound_dump
    from services.feed.follow import from_records, from_source

    on = day.date() if day else day_of(NOW)
    if file.is_dir():
        return asyncio.run(from_source(sound_dump(file), folder, on))
    with opened(file) as stream:
        try:
            lanes = from_records(_records(file, stream), folder, on)
        except ValueError as error:
            fail(f"{file}: 其中的记录不是结论 / holds a record that is no verdict: {error}")
    if not lanes:
        fail(f"{file}: 其中没有终局结论；请用 yibao settle FILE --only verdicts 写出 / holds no verdict; write them with yibao settle FILE --only verdicts")
    return lanes


def _skipped(gap: Gap) -> str:
    return (f"缺第 {gap.expected} 条，其后是第 {gap.got} 条；目录中已有的不变。文件请用 yibao settle 重新写全，转储与主题先用 yibao audit verify 核对 / "
            f"record {gap.expected} is missing, {gap.got} came in its place; what is in the folder stays. Write a file anew, whole, with "
            f"yibao settle; verify a dump or the topics first with yibao audit verify")


def _records(file: Path, stream: object) -> Iterator[Record]:
    """The records of a file, line by line. A line that is none ends the command; what is in the folder stays."""
    number = 0
    while line := stream.readline(MAX_BYTES):  # type: ignore[attr-defined]
        number += 1
        if not line.strip():
            continue
        try:
            yield from_line(line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadHeaders) as error:
            fail(f"{file}: 第 {number} 行不是记录（yibao settle 的输出）/ line {number} is no record as yibao settle writes it: {error}")


def _report(folder: Path, lanes: "list[Lane]", as_json: bool) -> None:
    """What this run added."""
    counted = Counter(verdicts=0, rows=0)
    for lane in lanes:
        counted.update(verdicts=lane.records, rows=lane.rows)
    if as_json:
        print_json({"folder": folder, **counted, "next": {lane.place.partition: lane.place.next for lane in lanes}})
    else:
        out.print(f"结论 / verdicts {counted['verdicts']}，行 / rows {counted['rows']} → {folder}")
