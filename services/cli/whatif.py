"""``yibao whatif``: what a draft rulebook would pay on the same requests, beside the present one."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from errno import ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.reasons import Reason
from contracts.topics import topic_map
from contracts.wire import Unreadable
from policies.book import BUILT_IN
from policies.statement import as_text
from policies.tables import RulebookError
from services.audit.verify import Report
from services.cli.console import CANNOT, REFUSED, AsJson, Lang, coro, err, fail, kafka_settings, load_book, out, print_json
from services.cli.lines import SkipBad, numbered, opened as opened_file, tell
from services.cli.verifying import LIVE, Where, opened

if TYPE_CHECKING:
    from services.whatif.asked import Requests
    from services.whatif.draft import Books
    from services.whatif.rows import Chosen
    from services.whatif.run import Found
    from services.whatif.shards import Shards

TOLD = 50
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Draft = Annotated[Path, typer.Option("--rulebook", metavar="DRAFT", help=(
    "草案：整套规则库，或只有改动的文件（目录，或一个文件）/ the draft: a whole rulebook, or only the files that change (a folder, or one file)"))]
Present = Annotated[Path | None, typer.Option(
    "--present", metavar="DIR", envvar="YIBAO_RULEBOOK", help="现行规则库，默认内置 / the present rulebook, default: the built-in one")]
Requested = Annotated[Path | None, typer.Option(
    "--requests", metavar="FILE", help="请求文件（JSON Lines），- 为标准输入 / requests as JSON lines instead, - is standard input")]
From = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="记账日期自 / booked from this day on")]
To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="记账日期至（含）/ booked until this day, included")]
Region = Annotated[str | None, typer.Option(help="参保地代码或其开头 / place of insurance, or how its code begins")]
Person = Annotated[str | None, typer.Option(metavar="PSN_NO", help="只看该人员 / only this person")]
Out = Annotated[Path | None, typer.Option(
    "--out", metavar="DIR", help="写入报告、图表与全部变化的费用 / write report, charts and every changed claim into this folder")]
Sheets = Annotated[bool, typer.Option("--statements", help="并列打印变化最大的费用的两份结算单 / print both statements of the claims that change most")]
Sample = Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="只算约 1/N 的人员，数字不放大 / only about one of N persons; numbers are not scaled up")]
Cores = Annotated[int, typer.Option(min=1, max=256, help="进程数，默认全部核 / processes, default: all cores")]


@dataclass(frozen=True, slots=True)
class Form:
    """How the result is told, and where it is written."""

    lang: str
    folder: Path | None
    sheets: bool
    as_json: bool
    sample: int


def whatif(
    draft: Draft, where: Where = LIVE, file: Requested = None, present: Present = None, start: From = None, end: To = None,
    region: Region = None, person: Person = None, folder: Out = None, sheets: Sheets = False, cores: Cores = CORES,
    sample: Sample = 1, lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh, skip_bad: SkipBad = False, as_json: AsJson = False,
) -> None:
    """同样的请求，按现行规则库与草案各算一遍（累计在内）：谁多付，谁少付，差多少。只读，不写入任何主题。

    The same requests under the present rulebook and under a draft, accumulators included: who pays more, who less, and how
    much. It only reads: no consumer group, no producer.

    例 / Example: [bold]yibao whatif --rulebook draft --requests requests.jsonl --out result[/bold]
    """
    _libraries(folder is not None)
    from services.whatif.rows import Chosen

    if file is not None and where != LIVE:
        fail(f"--requests 与 {where} 只能用一个 / use either --requests or {where}", CANNOT)
    if present is None and file is None and where == LIVE:
        present = kafka_settings().rulebook
    load_book(present)
    books = _books(present or BUILT_IN, draft)
    chosen = Chosen(start.date() if start else None, end.date() if end else None, region, person, sample)
    with _requests(file) as given, tempfile.TemporaryDirectory(prefix="yibao-whatif-") as scratch:
        begun = time.perf_counter()
        with _room():
            shards = _parted(given, where, chosen, Path(scratch))
            found = _decided(shards, books, chosen, cores, skip_bad)
        seconds = time.perf_counter() - begun
        _tell(found, books, Form(lang.value, folder, sheets, as_json, sample), Speed(found.claims, found.requests, seconds, min(cores, len(shards.paths))))
    if found.bad:
        raise typer.Exit(REFUSED)


@dataclass(frozen=True, slots=True)
class Speed:
    """What was decided in how many seconds, reading included, on how many processes."""

    claims: int
    requests: int
    seconds: float
    cores: int

    def as_object(self) -> dict[str, Any]:
        return {"seconds": round(self.seconds, 2), "claims_a_second": round(self.claims / self.seconds), "cores": self.cores}

    def __str__(self) -> str:
        rate = f"{self.claims / self.seconds:,.0f}"
        return (f"{self.claims:,} 件费用（{self.requests:,} 个请求）按两个规则库核算 / claims ({self.requests:,} requests) under two rulebooks: "
                f"{self.seconds:.1f} s, {rate} 件/秒 claims/s, {self.cores} 核 cores")


def _libraries(files: bool) -> None:
    """Says what to install before anything begins."""
    try:
        import pyarrow  # noqa: F401

        if files:
            import matplotlib  # noqa: F401
    except ModuleNotFoundError as missing:
        if missing.name not in ("pyarrow", "matplotlib"):
            raise
        fail(f'缺少 {missing.name}，请安装：/ {missing.name} is missing, install it:  pip install "yibao[feed,charts]"', CANNOT)


def _books(present: Path, draft: Path) -> "Books":
    from services.whatif.draft import books

    try:
        return books(present, draft)
    except RulebookError as error:
        fail("\n".join([f"{draft}: 草案有误，没有试算 / the draft is wrong, nothing was decided:", *error.problems]))


@contextmanager
def _requests(file: Path | None) -> Iterator["Requests | None"]:
    """The requests of a file, which can be read twice."""
    from services.whatif.asked import FileRequests

    if file is None:
        yield None
        return
    with opened_file(file) as stream:

        def lines() -> Iterator[tuple[int, bytes, int]]:
            stream.seek(0)
            return numbered(stream)

        yield FileRequests(lines)


@contextmanager
def _room() -> Iterator[None]:
    """Says it where the folder for temporary files has none left for the parted requests."""
    try:
        yield
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        fail(f"{tempfile.gettempdir()}: 空间不足，请用 TMPDIR 指定更大的临时目录 / is full; name a larger folder with TMPDIR", CANNOT)


@coro
async def _parted(given: "Requests | None", where: str, chosen: "Chosen", scratch: Path) -> "Shards":
    """The requests of a file, else those of a dump or of the live topics, as shards. A dump must be what its manifest names."""
    from services.whatif.asked import RecordedRequests
    from services.whatif.run import parted

    report = Report()
    requests = given or RecordedRequests(await opened(where, report), range(topic_map().partitions))
    with _progress("读取 / reading", None) as told:
        shards = await parted(requests, chosen, scratch, told)
    if report.errors:
        fail(f"{where}: 与其清单不符，先核对 / is not what its manifest names; verify it first: yibao audit verify {where}")
    if not sum(shards.counts):
        fail("没有请求 / there is no request")
    return shards


def _decided(shards: "Shards", books: "Books", chosen: "Chosen", cores: int, skip_bad: bool) -> "Found":
    from services.whatif.run import BadLines, ProcessDied, decided

    try:
        with _progress("试算 / deciding", sum(shards.counts)) as told:
            found = decided(shards, books, chosen, cores, skip_bad, told)
    except BadLines as bad:
        _bad(bad.lines)
        fail("有误的行，没有得出结果；改正后重来，或加 --skip-bad 跳过 / bad lines, nothing was concluded; correct them, or leave them out with --skip-bad")
    except ProcessDied as died:
        fail(str(died), CANNOT)
    _bad(found.bad)
    return found


def _bad(lines: Sequence[tuple[int, tuple[Reason, ...]]]) -> None:
    for number, reasons in sorted(lines)[:TOLD]:
        tell(number, Unreadable(*reasons))
    if len(lines) > TOLD:
        err.print(f"… 另有 {len(lines) - TOLD} 行有误 / more bad lines: {len(lines) - TOLD}", style="red")


def _tell(found: "Found", books: "Books", form: Form, speed: Speed) -> None:
    from services.whatif.pairs import side_by_side, statements
    from services.whatif.paper import paper
    from services.whatif.result import result

    told = result(found, books, form.sample)
    sheets = statements(found.most, books, form.lang) if form.sheets or form.folder is not None else []
    if form.folder is not None:
        _write(form.folder, found, told, books, sheets, form.lang)
    if form.as_json:
        more = {"statements": [{"request_id": id, "before": asdict(one), "after": asdict(other)} for id, one, other in sheets]} if form.sheets else {}
        print_json(told | more | {"speed": speed.as_object()})
        return
    out.print(as_text(paper(told, books.draft, form.lang)), soft_wrap=True, end="")
    for one in sheets if form.sheets else ():
        out.print("\n" + "\n".join(side_by_side(one, form.lang, out.width)), soft_wrap=True)
    err.print(str(speed), soft_wrap=True)


def _write(folder: Path, found: "Found", told: dict[str, Any], books: "Books", sheets: list, lang: str) -> None:
    from services.whatif.files import write

    try:
        written = write(folder, told, books, sheets, found.changed, lang)
    except OSError as error:
        fail(f"{folder}: 无法写入，请给出可写的位置 / cannot be written, give a place that can ({error.strerror})")
    err.print(f"{folder}: {', '.join(path.name for path in written)}", soft_wrap=True)


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error with the time that is left, and what moves it."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)
