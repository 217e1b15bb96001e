"""``yibao audit dump`` and ``load``: the topics of the road to files, and onto an empty road."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from contracts.topics import topic_map
from services.audit.dump import DumpDir, Dumping, load
from services.audit.manifest import READ
from services.audit.sources import ends
from services.cli.console import AsJson, DryRun, Yes, confirmed, coro, err, fail, kafka_settings, out, print_json
from services.runtime.ending import limited
from services.runtime.kafka import KafkaLog, make_producer, started
from services.runtime.settings import Settings

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="转储目录 / folder of the dump")]


@coro
async def dump(folder: Dir, as_json: AsJson = False) -> None:
    """把五个主题与封存逐字节存为文件；中断后再次运行即可续存。

    The five topics and the seals to files, byte for byte; goes on where an earlier run ended.

    例 / Example: [bold]yibao audit dump audit-2025[/bold]
    """
    settings, dumping = kafka_settings(), Dumping(folder, topic_map().partitions)
    upto = await ends(settings)
    with advancing("转储 / dumping", sum(max(0, end - dumping.manifest.next(*at)) for at, end in upto.items())) as told:
        for (name, partition), end in upto.items():
            await _with(settings, name, partition, lambda log, name=name, end=end: dumping.log(log, name, end, told))
    found = DumpDir(folder)
    records = sum(one.records for one in found.manifest.files)
    if as_json:
        print_json({"records": records, "files": len(found.manifest.files), "manifest": found.digest})
        return
    out.print(f"记录 / records {records}，文件 / files {len(found.manifest.files)}")
    out.print(f"清单摘要（请另处保存）/ digest of the manifest (keep it elsewhere): {found.digest}", soft_wrap=True)


@coro
async def load_(folder: Dir, yes: Yes = False, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """把转储装入空的主题，偏移不变；栅栏与无效记录也装入，因为记录以偏移互指。先询问。

    A dump onto empty topics, offsets unchanged; fences and void records too, since records name each other by offset.
    Asks first.

    例 / Example: [bold]yibao audit load audit-2025[/bold]
    """
    settings, found = kafka_settings(), DumpDir(folder).whole()
    wrong = [(one, what) for one in found.manifest.files if (what := found.wrong(one)) is not None]
    if wrong:
        fail("\n".join(f"{one.path}: 与清单不符 / is not what the manifest names: {what[0]}" for one, what in wrong))
    records = sum(one.records for one in found.manifest.files)
    if dry_run:
        _told(records, as_json, "未装入：转储与清单相符 / nothing was loaded: the dump is what its manifest names")
        return
    confirmed(f"把 {records} 条记录装入 {settings.kafka} 的空主题？ / load {records} records onto the empty topics of {settings.kafka}?", yes)
    producer = make_producer(settings, "load")
    try:
        await started(producer, settings)
        with advancing("装入 / loading", records) as told:
            for name in READ:
                for partition in range(topic_map().partitions):
                    await _with(settings, name, partition, lambda log, name=name: load(found, log, name, told), producer)
    finally:
        await limited(producer.stop())
    _told(records, as_json, "时间为装入的时间，各环节启动后自行接管 / the times are those of loading; the stages take over when they start")


def _told(records: int, as_json: bool, what: str) -> None:
    if as_json:
        print_json({"records": records})
    else:
        out.print(f"记录 / records {records}。{what}")


@contextmanager
def advancing(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar, and what moves it."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


async def _with(
    settings: Settings, name: str, partition: int, work: Callable[[KafkaLog], Coroutine[Any, Any, None]], producer: Any = None
) -> None:
    log = KafkaLog(settings, producer, settings.topic(name), partition)
    try:
        await work(log)
    finally:
        await asyncio.shield(log.close())
