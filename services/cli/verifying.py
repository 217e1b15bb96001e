"""``yibao audit verify`` and ``show``: the road proved from its topics, live or dumped; and one record as it stands."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.events.audit import FINDINGS, AuditFound
from contracts.events.seal import KeptSeal, is_public_key, kept_seal
from contracts.exact import to_exact
from contracts.topics import topic_map
from services.audit.manifest import READ
from services.audit.parallel import Work, verified
from services.audit.sources import DumpSource, LiveSource, opened as source_of
from services.audit.verify import Report, Window
from services.cli.console import (
    CANNOT,
    REFUSED,
    AsJson,
    RulebookDir,
    RulebooksDir,
    Table,
    coro,
    fail,
    kafka_settings,
    load_book,
    moments,
    out,
    print_json,
    printable,
)
from services.cli.dumped import sound_dump, tell_unnamed
from services.cli.dumping import advancing

LIVE, INCOMPLETE = "live", 3
"""The source that is the road itself; and the exit code where nothing is wrong and not everything could be verified."""
SHOWN = 100
MANY = 20_000
"""Requests from which on several processes are worth their start."""

From = Annotated[str | None, typer.Option("--from", help="请求写入时间自（UTC）/ requests written from (UTC)")]
To = Annotated[str | None, typer.Option("--to", help="请求写入时间至（不含）/ requests written before")]
Where = Annotated[str, typer.Argument(metavar="DUMP|live", help="转储目录，或 live（在线主题）/ folder of a dump, or live")]


@coro
async def verify(
    where: Where = LIVE, start: From = None, end: To = None, rulebook: RulebookDir = None, rulebooks: RulebooksDir = None,
    seal: Annotated[Path | None, typer.Option(metavar="FILE", help="另处保存的封存，每行一个 / seals kept elsewhere, one a line")] = None,
    key: Annotated[str | None, typer.Option(metavar="HEX", help="封存须由此公钥签名 / public key that must have signed the seals")] = None,
    manifest: Annotated[str | None, typer.Option(
        metavar="HEX", help="另处保存的清单摘要 / digest of the dump's manifest, kept elsewhere")] = None,
    jobs: Annotated[int | None, typer.Option(
        min=1, max=64, help="几个进程，默认请求多时用全部处理器 / processes; default: where there are many requests, all processors")] = None,
    as_json: AsJson = False,
) -> None:
    """只凭主题证明：没有遗漏、重复、改动、乱序；每个结论按其规则库重新核算。有错退出码 1；无错但未能全部核算，或没有请求可核对，为 3。

    Proves from the topics alone: nothing lost, doubled, altered or out of order; every verdict decided again with the
    rulebook that it names. Ends with 1 where something is wrong, with 3 where nothing is and not all could be verified, or
    there was no request to verify.

    例 / Example: [bold]yibao audit verify audit-2025 --rulebooks rulebooks[/bold]
    """
    settings = kafka_settings() if where == LIVE else None
    rulebook, rulebooks = rulebook or (settings.rulebook if settings else None), rulebooks or (settings.rulebooks if settings else None)
    load_book(rulebook, rulebooks, CANNOT)  # its problems are told here
    work = Work(None if settings else Path(where), settings, rulebook, rulebooks, window(start, end), kept_seals(seal), public_key(key))
    source = await opened(where, Report())
    if manifest is not None:
        _is_manifest(source, manifest)
    started = time.perf_counter()
    with advancing("核对 / verifying", source.requests) as told:
        report = await verified(work, range(topic_map().partitions), jobs or (processors() if source.requests >= MANY else 1), told)
    seconds = time.perf_counter() - started
    if as_json:
        print_json(_as_object(report, seconds, where))
    else:
        _show(report, seconds, where)
    if report.errors:
        raise typer.Exit(REFUSED)
    if report.codes or not report.requests:
        raise typer.Exit(INCOMPLETE)


@coro
async def show(
    where: Where, topic: Annotated[str, typer.Argument(help="主题 / topic")], partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0, help="位置 / offset")],
) -> None:
    """一条记录的全部字节：键、消息头、报文。 / One record with all its bytes: key, headers, value.

    例 / Example: [bold]yibao audit show audit-2025 yibao.settled 3 17[/bold]
    """
    if topic not in READ or partition >= topic_map().partitions:
        fail(f"{topic}/{partition}: 没有这个主题或分区 / there is no such topic or partition")
    source, found = await opened(where, Report()), False
    async for piece in source.pieces(topic, partition):
        for record in piece:
            if record.offset == offset:
                sys.stdout.write(printable(to_exact(record).decode("utf-8", "backslashreplace")) + "\n")
                found = True
    if not found:
        fail(f"{topic}/{partition}: 没有第 {offset} 条 / holds no record {offset}")


async def opened(where: str, report: Report) -> Any:
    """A dump, or the live topics as far as they go now."""
    live = where == LIVE
    source = await source_of(None if live else Path(where), kafka_settings() if live else None, report.add)
    if isinstance(source, DumpSource):
        tell_unnamed(source.dump)
    return source


async def trusted(where: str) -> Any:
    """The same for those who do not verify it: what is not as the dump's manifest says raises DataLost when it is read."""
    return await opened(where, Report()) if where == LIVE else sound_dump(Path(where))


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def kept_seals(file: Path | None) -> tuple[KeptSeal, ...]:
    """The seals in a file, one a line as ``yibao audit seal --print`` prints them. Ends the command where it holds none."""
    if file is None:
        return ()
    try:
        found = tuple(kept_seal(line) for line in file.read_text("utf-8").splitlines() if line.strip())
    except (OSError, ValueError) as error:
        fail(f"{file}: 不是封存 / holds no seals: {error}", CANNOT)
    if not found:
        fail(f"{file}: 没有封存，是空文件 / holds no seals: it is empty", CANNOT)
    if strange := sorted({one.partition for one in found} - {*range(topic_map().partitions)}):
        fail(f"{file}: 没有这些分区 / there are no such partitions: {', '.join(map(str, strange))}", CANNOT)
    return found


def public_key(text: str | None) -> str | None:
    """The public key that is demanded. Ends the command where it is none."""
    if text is not None and not is_public_key(text):
        fail(f"{printable(text)}: 不是公钥，应为 yibao audit key 所显示的 / is no public key as yibao audit key prints it", CANNOT)
    return text


def window(start: str | None, end: str | None) -> Window:
    """The times that are asked for. Ends the command where there are none, or none between them."""
    return Window(*moments(start, end, ("--from", "--to")))


def command_of(one: AuditFound, where: str) -> str:
    """What shows the record that a finding is about."""
    return f"yibao audit show {where} {one.topic} {one.partition} {one.offset}"


def _is_manifest(source: DumpSource | LiveSource, digest: str) -> None:
    """Ends the command where the dump's manifest is not the one whose digest was kept."""
    if isinstance(source, LiveSource):
        fail("--manifest: 在线主题没有清单 / live topics have no manifest", CANNOT)
    if (found := source.dump.digest) != digest.strip().lower():
        fail(f"{source.dump.folder}: 清单摘要为 {found}，不是 {printable(digest)}：转储已改动，或此后续存过 / the digest of its manifest is {found}: "
             "the dump was altered, or gone on with since", REFUSED)


def _as_object(report: Report, seconds: float, where: str) -> dict[str, Any]:
    records = sum(report.records.values())
    return {
        "requests": report.requests, "records": dict(report.records), "fences": report.fences, "void": report.void, "odd": report.odd,
        "decided_again": report.again, "undecidable": dict(report.undecidable),
        "seals": report.seals, "signed": report.signed, "seals_by_seconds": report.cut, "seals_beside": report.beside, "unsealed": report.unsealed,
        "codes": dict(report.codes), "errors": report.errors,
        "seconds": round(seconds, 3), "records_a_second": round(records / seconds) if seconds else 0,
        "found": [{**one.model_dump(), "command": command_of(one, where)} for one in report.found],
    }


def _show(report: Report, seconds: float, where: str) -> None:
    for one in report.found[:SHOWN]:
        style = "red" if one.severity == "error" else "yellow"
        out.print(f"{one.code}: {one.topic}/{one.partition} {one.offset}", style=style)
        lines = [one.zh, one.en]
        if one.found or one.expected:
            lines += [f"实际 / found:    {one.found}", f"应为 / expected: {one.expected}"]
        out.print(printable("\n".join(f"  {line}" for line in [*lines, command_of(one, where)])), soft_wrap=True)
    if (more := report.codes.total() - min(SHOWN, len(report.found))) > 0:
        out.print(f"… 另有 / and {more} more")
    out.print(_table(report, seconds))
    if report.errors:
        out.print("不成立 / does not hold", style="red")
    elif not report.requests:
        out.print("没有请求可核对：主题或转储是空的，或所给的时间里没有 / there is no request to verify: topics or dump are empty, or hold none of the "
                  "times that are given", style="yellow", soft_wrap=True)
    elif report.codes:
        out.print("没有发现错误，但未能全部核对 / nothing is wrong, and not everything could be verified", style="yellow")
    else:
        out.print("成立 / holds", style="green")


def _table(report: Report, seconds: float) -> Table:
    records = sum(report.records.values())
    table = Table(show_header=False)
    for name, value in (
        ("请求 / requests", report.requests), ("记录 / records", records),
        ("栅栏 / fences", report.fences), ("无效记录 / void records", report.void),
        ("重新核算的结论 / verdicts decided again", report.again),
        ("无法核算 / could not be decided again", report.undecidable.total()),
        ("封存，其中已验签 / seals, of them with a signature that holds", f"{report.seals}, {report.signed}"),
        ("按条数，按秒数，链外 / by requests, by seconds, beside the chain", f"{report.seals - report.cut - report.beside}, {report.cut}, {report.beside}"),
        ("尚未封存的请求 / requests not sealed yet", report.unsealed),
        ("发现 / findings", ", ".join(f"{code} {count} ({FINDINGS[code].severity})" for code, count in sorted(report.codes.items())) or 0),
        ("用时 / time", f"{seconds:.1f} s, {records / seconds if seconds else 0:,.0f} 条/秒 records/s"),
    ):
        table.add_row(name, f"{value:,}" if isinstance(value, int) else value)
    return table
