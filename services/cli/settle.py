"""``yibao settle``: the whole road in this process, without Kafka or Redis. The same requests give the same bytes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from contracts.envelope import Record, split_type
from contracts.lines import line_of
from contracts.topics import topic_map
from contracts.wire import Request, event_of
from policies.road import Road
from services.cli.batches import KIND, Batches
from services.cli.console import REFUSED, AsJson, RulebookDir, err, fail, load_book, print_json
from services.cli.lines import RequestFile, SkipBad, as_rows, checked, opened, read
from services.cli.writing import to_file
from services.runtime import garbage

VERDICTS = "verdicts"
TYPES = frozenset(type_.rpartition(".")[0] for topic in topic_map().road[1:] for type_ in topic.types)
"""What the deciding stages write, without versions."""


def settle(
    file: RequestFile,
    rulebook: RulebookDir = None,
    out: Annotated[Path | None, typer.Option(help="输出文件，默认标准输出 / file to write, default: standard output")] = None,
    only: Annotated[str | None, typer.Option(help="只写该类型，或 verdicts（终局结论）/ only this type, or verdicts")] = None,
    skip_bad: SkipBad = False,
    as_json: AsJson = False,
) -> None:
    """在一个进程内走完全程：读请求，写出每一条记录（JSON Lines）。与运行中的链路逐字节相同。

    The whole road in one process: reads requests, writes every record as a JSON line. The same bytes as the live chain.

    最后一行之后处理由结论引出的请求（家庭共济等），文件中已有的不再重复。
    After the last line come the requests that follow from verdicts (family wallet), but for those that the file holds.

    例 / Example: [bold]yibao settle requests.jsonl --only verdicts[/bold]
    """
    wanted = _wanted(only)
    road = Road(load_book(rulebook))
    garbage.seldom()
    counted: Counter[bytes | None] = Counter()
    batches = Batches()
    with opened(file) as stream:
        found = checked(stream, skip_bad)
        with _output(out, file) as sink:
            for record in _records(road, read(stream, found), wanted, batches):
                sink.write(line_of(record, printed=True) + b"\n")
                counted[record.header("ce_type")] += 1
    _report(found.good, found.bad, counted, as_rows(found), batches, out, as_json)
    if found.bad:
        raise typer.Exit(REFUSED)


def _records(road: Road, requests: Iterator[Request], wanted: str | None, batches: Batches) -> Iterator[Record]:
    """The records of all requests, then those of the courier's; reimbursements are counted by batch."""
    last = topic_map().road[-1].name
    for record in chain(road.run_all(requests), road.deliver()):
        if record.topic == last and _type(record.header("ce_type")).startswith(KIND):
            batches.add(event_of(record))
        if wanted is None or (record.topic == last if wanted == VERDICTS else _type(record.header("ce_type")) == wanted):
            yield record


def _wanted(only: str | None) -> str | None:
    """The short name of a type: ``claim.settled`` of ``claim.settled.v1`` or ``cn.yibao.claim.settled.v1``."""
    if only is None or only == VERDICTS or only in TYPES:
        return only
    named = split_type(only) or split_type(f"cn.yibao.{only}")
    if named is not None and named[0] in TYPES and named[1] == 1:
        return named[0]
    fail(f"--only {only}: 没有这个类型，可用 / there is no such type; use one of: {VERDICTS}, {', '.join(sorted(TYPES))}")


def _type(header: bytes | None) -> str:
    named = split_type((header or b"").decode())
    return named[0] if named else ""


@contextmanager
def _output(out: Path | None, source: Path) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears under its name when it is whole."""
    if out is not None:
        with to_file(out, Path("/dev/stdin") if str(source) == "-" else source) as stream:
            yield stream
        return
    stream = typer.get_binary_stream("stdout")
    yield stream
    stream.flush()


def _report(good: int, bad: int, counted: Counter[bytes | None], rows: list, batches: Batches, out: Path | None, as_json: bool) -> None:
    """The summary: on standard output only where the records are not."""
    types = Counter({_type(header): count for header, count in counted.items()})
    if as_json and out is not None:
        counts = {"requests": good, "bad": bad, "written": dict(sorted(types.items())), "bad_lines": rows, "out": out}
        print_json(counts | ({"batches": batches.as_object()} if batches.found else {}))
        return
    told = ", ".join(f"{name} {count}" for name, count in sorted(types.items()))
    err.print(f"请求 / requests {good}，有误 / bad {bad}；写出 / written {types.total()}: {told}", soft_wrap=True)
    if batches.found:
        err.print(batches.table())
