"""``yibao trace``: the records of one request on all five topics, and whether their chain holds."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any

import typer

from contracts.envelope import Record
from contracts.events.audit import AuditFound
from contracts.keys import content_hash
from contracts.log import number
from contracts.topics import topic_map
from contracts.wire import SECTIONS, wrap
from policies.chain import judge
from policies.judged import Row
from services.cli.console import REFUSED, AsJson, Table, coro, err, fail, kafka_settings, out, print_json
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
    async with Logs(kafka_settings()) as logs:
        with err.status("读取日志 / reading the logs"):
            partitions = partitions_for(psn)
            roads = await found(logs, partitions, wanted, whole=mdtrt or everything)
            void = await _void(logs, partitions, wanted) if everything else []
    if not roads and not void:
        fail(f"{claim}: 五个主题上都没有，请核对编号 / is on none of the five topics; check the id")
    judged = [links(road) for road in roads]
    rows = [[_row(hit, how) for hit, how in zip(road, told, strict=True)] for road, (told, _) in zip(roads, judged, strict=True)]
    findings = [finding for _, found_ in judged for finding in found_]
    if as_json:
        print_json({
            "roads": rows, "void": [_row(hit, "void") for hit in void], "findings": [each.model_dump() for each in findings],
        })
    else:
        _show(claim, rows, [_row(hit, "void") for hit in void])
    if findings or any(row["chain"] == "broken" for road in rows for row in road):
        told = [f"{each.code}: {each.zh} / {each.en}" for each in findings]
        fail("\n".join([*told, "链不成立，请交审计处理 / the chain does not hold: hand this to the audit"]), REFUSED)


async def _void(logs: Logs, partitions: Sequence[int], wanted: Any) -> list[Hit]:
    """Records of the request that do not count: the late word of a worker that had lost the partition."""
    hits = [await scan(logs, place, partitions, wanted, whole=True, void=True) for place in range(1, len(topic_map().road))]
    return [hit for of_topic in hits for hit in of_topic if not hit.kept]


def links(road: Sequence[Hit]) -> tuple[list[str], list[AuditFound]]:
    """How each record follows from the one before, or ``broken``; and what the audit says of this request."""
    req = next((number(hit.record.header("req")) for hit in road if hit.place), -1)
    records = [hit.record for hit in road] + [None] * (len(topic_map().road) - len(road))
    findings = judge(Row(road[0].record.partition, req, tuple(records)), topic_map().partitions).found
    wrong = {finding.topic for finding in findings}
    told = ["request"]
    for before, hit in pairwise(road):
        other = hit.place > 1 and hit.record.header("req") != before.record.header("req")
        broken = other or topic_map().road[hit.place].name in wrong
        told.append("broken" if broken else _how(before.record, hit))
    return told, findings


def _how(before: Record, hit: Hit) -> str:
    """``wrapped``: the request's bytes; ``forwarded``: the same bytes; else the section that the stage appended."""
    if hit.record.value == (wrap(before.value) if hit.place == 1 else before.value):
        return "wrapped" if hit.place == 1 else "forwarded"
    return list(SECTIONS.values())[hit.place - 1]


def _row(hit: Hit, chain: str) -> dict[str, Any]:
    record = hit.record
    headers = {name: (record.header(name) or b"").decode("utf-8", "replace") for name in ("cause", "ce_type", "ce_id")}
    numbers = {name: found if (found := number(record.header(name))) >= 0 else None for name in ("req", "src", "own")}
    return {
        "topic": record.topic, "partition": record.partition, "offset": record.offset, **numbers,
        "type": headers["ce_type"], "id": headers["ce_id"] or None, "time": _time(record.timestamp_ms),
        "bytes": len(record.value), "hash": content_hash(record.value), "cause": headers["cause"] or None,
        "kept": hit.kept, "chain": chain, "verdict": _verdict(record),
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
            out.print(f"结论 / verdict: {rows[-1]['verdict']}")
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
