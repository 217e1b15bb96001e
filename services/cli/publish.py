"""``yibao publish``: requests from a file onto ``yibao.requested``, all of them good, each acknowledged."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from contracts.envelope import Record, request_attributes
from contracts.topics import topic_map
from services.cli.await_verdicts import Awaited, Verdict, verdict_rows
from services.cli.batches import Batches
from services.cli.console import (
    CANNOT,
    REFUSED,
    SERVERS,
    AsJson,
    Table,
    Yes,
    confirmed,
    coro,
    err,
    fail,
    kafka_settings,
    out,
    print_json,
)
from services.cli.lines import Checked, RequestFile, SkipBad, as_rows, checked, good, opened
from services.runtime.ending import limited
from services.runtime.exits import Ending, Misconfigured, Unreachable
from services.runtime.kafka import KafkaLog, make_producer, started
from services.runtime.settings import Settings
from services.runtime.topics import check_topics

PIECE = 500
"""Records of one partition that are sent with one wait."""
SHOWN = 5


@dataclass(slots=True)
class Published:
    """What was published: by type, by partition, and ids (partition, id): all of them only where somebody wants them."""

    every_id: bool = False
    types: Counter[str] = field(default_factory=Counter)
    partitions: Counter[int] = field(default_factory=Counter)
    ids: list[tuple[int, str]] = field(default_factory=list)

    @property
    def so_far(self) -> str:
        """What is said where it ends before all was published."""
        return (f"已确认 {self.types.total()} 条；重新发布同一文件是安全的，已处理的会答以 repeated / acknowledged: {self.types.total()}; "
                f"to publish the same file again is safe: what was decided is answered as repeated")

    def add(self, record: Record) -> None:
        asked = request_attributes(record.headers)
        self.types[asked.type] += 1
        self.partitions[record.partition] += 1
        if self.every_id or len(self.ids) < SHOWN:
            self.ids.append((record.partition, asked.request_id(record.value)))


@coro
async def publish(
    file: RequestFile,
    skip_bad: SkipBad = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不发布 / only check, publish nothing")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="等到全部终局结论 / wait for all terminal verdicts")] = False,
    limit: Annotated[float, typer.Option("--limit", min=1, help="等待的秒数上限 / seconds to wait at most")] = 60.0,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """检查整个文件，再按顺序发布；有误的行指出行号与字段，整个文件不发布。在终端上先询问。

    Checks the whole file, then publishes it in order; a bad line is named with its number and field and stops it all.
    On a terminal it asks first.

    例 / Example: [bold]yibao publish requests.jsonl --wait[/bold]
    """
    done, verdicts = Published(every_id=wait or as_json), None
    with opened(file) as stream:
        lines = checked(stream, skip_bad)
        if dry_run:
            for record in good(stream, lines):
                done.add(record)
        else:
            settings = kafka_settings()
            if problems := await check_topics(settings):
                fail("\n".join(problems), CANNOT)
            if sys.stdin is not None and sys.stdin.isatty():  # whoever pipes or schedules it has decided already
                confirmed(f"发布 {lines.good} 个请求到 {settings.kafka}？ / publish to {settings.kafka} (requests: {lines.good})?", yes)
            waiting = Awaited(settings) if wait else None
            try:
                if waiting:
                    await waiting.start()
                await send(settings, good(stream, lines), lines.good, done)
                verdicts = await waiting.all(done.ids, limit) if waiting else None
            except asyncio.CancelledError:  # Ctrl-C
                err.print(f"已中断 / interrupted\n{done.so_far}", style="red", soft_wrap=True)
                raise
            finally:
                if waiting:
                    await waiting.close()
    _report(done, lines, verdicts, dry_run, as_json)
    _end(done, lines, verdicts, limit)


async def send(settings: Settings, requests: Iterable[Record], total: int, done: Published) -> None:
    """Sends in pieces; the order within a partition is that of the file."""
    producer = make_producer(settings, "publish")
    columns = (TextColumn("发布 / publishing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        await started(producer, settings)
        name = settings.topic(topic_map().road[0].name)
        logs = [KafkaLog(settings, producer, name, p) for p in range(topic_map().partitions)]
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("publish", total=total)
            for piece in pieces(requests):
                await asyncio.gather(*(logs[p].append(records) for p, records in piece.items()))
                for record in (record for records in piece.values() for record in records):
                    done.add(record)
                bar.update(task, completed=done.types.total())
    except (Ending, KafkaError, TimeoutError, OSError) as error:
        kind = Misconfigured if isinstance(error, Misconfigured) else Unreachable
        raise kind(f"{error or type(error).__name__}\n{done.so_far}") from None
    finally:
        await limited(producer.stop())


def pieces(requests: Iterable[Record]) -> Iterable[dict[int, list[Record]]]:
    """By partition, handed on when one of them has a piece together."""
    piece: dict[int, list[Record]] = {}
    for record in requests:
        of_partition = piece.setdefault(record.partition, [])
        of_partition.append(record)
        if len(of_partition) >= PIECE:
            yield piece
            piece = {}
    if piece:
        yield piece


def _report(done: Published, lines: Checked, verdicts: list[Verdict] | None, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json(_as_object(done, lines, verdicts, dry_run))
        return
    table = Table("类型 / type", "条数 / requests", title="只检查，未发布 / only checked" if dry_run else "已发布 / published")
    for name, count in sorted(done.types.items()):
        table.add_row(name, str(count))
    out.print(table)
    spread = ", ".join(f"p{p}: {count}" for p, count in sorted(done.partitions.items()))
    out.print(f"共 / in all {done.types.total()} ({spread})；有误 / bad {lines.bad}")
    shown = ", ".join(id for _, id in done.ids[:SHOWN])
    out.print(f"请求编号 / request ids: {shown}{' …' if done.types.total() > SHOWN else ''}", soft_wrap=True)
    if verdicts is not None:
        out.print(verdict_rows(verdicts))
        if (batches := _batches(verdicts)).found:
            out.print(batches.table())


def _as_object(done: Published, lines: Checked, verdicts: list[Verdict] | None, dry_run: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "dry_run": dry_run, "published": 0 if dry_run else done.types.total(), "checked": lines.good, "bad": lines.bad,
        "bad_lines": as_rows(lines), "types": dict(sorted(done.types.items())),
        "partitions": {str(p): count for p, count in sorted(done.partitions.items())}, "ids": [id for _, id in done.ids],
    }
    if verdicts is None:
        return found
    return {**found, "verdicts": [verdict.as_object() for verdict in verdicts], "batches": _batches(verdicts).as_object()}


def _batches(verdicts: list[Verdict]) -> Batches:
    found = Batches()
    for verdict in verdicts:
        found.add(verdict.event)
    return found


def _end(done: Published, lines: Checked, verdicts: list[Verdict] | None, limit: float) -> None:
    if verdicts is not None and len(verdicts) < len(done.ids):
        missing = len(done.ids) - len(verdicts)
        fail(
            f"{limit:g} 秒内还有 {missing} 个请求没有终局结论；用 yibao status 看积压 / requests without a verdict within "
            f"{limit:g} s: {missing}; see what waits with yibao status", SERVERS,
        )
    if lines.bad:
        raise typer.Exit(REFUSED)
