"""``yibao trace``: the records of one request on all five topics, and whether their chain holds."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from contracts.envelope import Record
from contracts.keys import content_hash
from contracts.topics import topic_map
from contracts.wire import SECTIONS, cut, wrap
from services.cli.console import REFUSED, AsJson, coro, err, fail, found_settings, out, print_json
from services.cli.search import Hit, Logs, by_id, by_visit, found, partitions_for, scan

SHORT = 12


@coro
async def trace(
    claim: Annotated[str, typer.Argument(help="请求编号或事件编号（--mdtrt：就诊编号）/ id of the request or of an event (--mdtrt: of the visit)")],
    mdtrt: Annotated[bool, typer.Option("--mdtrt", help="参数是就诊编号 mdtrt_id / the argument is an mdtrt_id")] = False,
    psn: Annotated[str | None, typer.Option(help="只找该人员的分区 / look only in this person's partition")] = None,
    everything: Annotated[bool, typer.Option("--all", help="读完所有日志，也列无效的记录 / read all logs whole, void records too")] = False,
    as_json: AsJson = False,
) -> None:
    """一个请求在五个主题上的记录：偏移、编号、时间、摘要，以及因果链是否成立。

    The records of one request on the five topics: offsets, numbers, times, hashes, and whether the chain holds.

    例 / Example: [bold]yibao trace li-2-outpatient-level2[/bold]
    """
    wanted = by_visit(claim) if mdtrt else by_id(claim)
    async with Logs(found_settings()) as logs:
        with err.status("读取日志 / reading the logs"):
            partitions = partitions_for(psn)
            roads = await found(logs, partitions, wanted, whole=mdtrt or everything)
            void = await _void(logs, partitions, wanted) if everything else []
    if not roads and not void:
        fail(f"{claim}: 五个主题上都没有，请核对编号 / is on none of the five topics; check the id")
    rows = [[_row(hit, road[at - 1] if at else None) for at, hit in enumerate(road)] for road in roads]
    if as_json:
        print_json({"roads": rows, "void": [_row(hit, None) for hit in void]})
    else:
        _show(claim, rows, [_row(hit, None) for hit in void])
    if any(row["chain"] == "broken" for road in rows for row in road):
        fail("因果链不成立，请交审计处理 / the chain does not hold: hand this to the audit", REFUSED)


async def _void(logs: Logs, partitions: Sequence[int], wanted: Any) -> list[Hit]:
    """Records of the request that do not count: the late word of a worker that had lost the partition."""
    hits = [await scan(logs, place, partitions, wanted, whole=True, void=True) for place in range(1, len(topic_map().road))]
    return [hit for of_topic in hits for hit in of_topic if not hit.kept]


def link(before: Record, record: Record, place: int) -> str:
    """How ``record`` follows from ``before`` (law 4): ``wrapped``, ``forwarded``, the section that was added, or ``broken``."""
    cause, raw = (record.header("cause") or b"").decode("ascii", "replace"), before.value
    if record.header("req") != before.header("req") and place > 1:
        return "broken"
    if place == 1:
        if record.value == wrap(raw) and cause == content_hash(raw):
            return "wrapped"
        if cut(record.value, "filed") == wrap(None) and cause == content_hash(raw):
            return "filed"
        raw = wrap(raw)
    elif record.value == raw and cause == (before.header("cause") or b"").decode("ascii", "replace"):
        return "forwarded"
    section = list(SECTIONS.values())[place - 1]
    return section if cut(record.value, section) == raw and cause == content_hash(raw) else "broken"


def _row(hit: Hit, before: Hit | None) -> dict[str, Any]:
    record = hit.record
    headers = {name: (record.header(name) or b"").decode("utf-8", "replace") for name in ("req", "src", "own", "cause", "ce_type", "ce_id")}
    numbers = {name: int(headers[name]) if headers[name].isdigit() else None for name in ("req", "src", "own")}
    chain = link(before.record, record, hit.place) if before else ("request" if hit.place == 0 else "")
    return {
        "topic": record.topic, "partition": record.partition, "offset": record.offset, **numbers,
        "type": headers["ce_type"], "id": headers["ce_id"] or None, "time": _time(record.timestamp_ms),
        "bytes": len(record.value), "hash": content_hash(record.value), "cause": headers["cause"] or None,
        "kept": hit.kept, "chain": chain if hit.kept else "void", "verdict": _verdict(record),
    }


def _verdict(record: Record) -> str | None:
    """The verdict of the last section, with its reason codes."""
    try:
        last = list(json.loads(record.value).values())[-1]
        codes = ", ".join(why["code"] for why in last.get("reasons", ()))
        return f"{last['verdict']}: {codes}" if codes else last["verdict"]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def _time(timestamp_ms: int) -> str | None:
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds") if timestamp_ms >= 0 else None


def _show(claim: str, roads: list[list[dict[str, Any]]], void: list[dict[str, Any]]) -> None:
    for rows in roads:
        out.print(_table(claim, rows))
        if all(row["chain"] != "broken" for row in rows):
            out.print("链成立：每条记录的起因是上一条的摘要 / the chain holds: each cause is the hash of the record before")
        last = topic_map().road[len(rows) - 1]
        if len(rows) < len(topic_map().road):
            out.print(f"尚未到终局，走到 {last.name} / not settled yet, it has come to {last.name}")
        elif rows[-1]["verdict"]:
            out.print(f"结论 / verdict: {rows[-1]['verdict']}", markup=False)
    if void:
        out.print(_table("无效的记录 / void records", void))


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    """Two lines a record, so that it fits a narrow terminal."""
    table = Table(title=title, show_lines=True)
    for names in ("主题 / topic\n分区/偏移", "req\nsrc/own", "类型 / type\n时间 / UTC", "摘要 / hash\n起因 / cause", "链\nchain"):
        table.add_column(names, overflow="fold")
    for row in rows:
        numbers = "" if row["req"] is None else f"{row['req']}\n{row['src']}/{row['own']}"
        style = "red" if row["chain"] == "broken" else "dim" if not row["kept"] else None
        table.add_row(
            f"{row['topic']}\n{row['partition']}/{row['offset']}", numbers,
            f"{row['type'].removeprefix('cn.yibao.')}\n{(row['time'] or '')[:23]}",
            f"{row['hash'][:SHORT]}\n{(row['cause'] or '')[:SHORT]}", row["chain"], style=style,
        )
    return table
