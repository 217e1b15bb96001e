"""Files of requests, one JSON line each: checked whole before the first line is used, and read without holding them."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from contracts.envelope import Record
from contracts.lines import MAX_LINE_BYTES, read_line
from contracts.reasons import reason
from contracts.topics import topic_map
from contracts.wire import Request, Unreadable
from services.cli.console import CANNOT, err, fail

SPOOLED_BYTES = 8 * 1024 * 1024
TOLD = 50
"""Bad lines that are told one by one; the rest is counted."""

RequestFile = Annotated[Path, typer.Argument(help="请求文件（JSON Lines），- 为标准输入 / requests as JSON lines, - is standard input")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="跳过有误的行，最后以 1 退出 / leave bad lines out and end with 1")]


@dataclass(slots=True)
class Checked:
    """What a whole file holds: good lines, bad lines, and why (of the first ones)."""

    good: int = 0
    bad: int = 0
    told: list[tuple[int, Unreadable]] = field(default_factory=list)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, or standard input, so that it can be read twice: what cannot be rewound is copied to disk first."""
    if str(path) == "-" and sys.stdin is None:
        fail("标准输入已关闭，请给出文件或接上管道 / standard input is closed, give a file or connect a pipe", CANNOT)
    try:
        source = nullcontext(typer.get_binary_stream("stdin")) if str(path) == "-" else path.open("rb")
    except OSError as error:
        fail(f"{path}: 无法读取，请给出可读的文件 / cannot be read, give a file that can ({error.strerror})")
    with source as stream:
        if stream.seekable():
            yield stream
            return
        with tempfile.SpooledTemporaryFile(SPOOLED_BYTES) as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            yield copy  # type: ignore[misc]


def requests(stream: BinaryIO) -> Iterator[tuple[int, Request | Unreadable]]:
    """Each line that is not blank with its number: the request it publishes, or why it is none."""
    partitions = topic_map().partitions
    for number, line, size in numbered(stream):
        if not line and size <= MAX_LINE_BYTES:
            continue
        try:
            if size > MAX_LINE_BYTES + 2:
                raise Unreadable(reason("request_too_large", None, size=size, limit=MAX_LINE_BYTES))
            yield number, read_line(line, partitions)
        except Unreadable as bad:
            yield number, bad


def checked(stream: BinaryIO, skip_bad: bool) -> Checked:
    """Checks the whole file and tells bad lines; ends the command if there are any and they are not to be left out."""
    found = Checked()
    for number, line in requests(stream):
        if isinstance(line, Request):
            found.good += 1
            continue
        found.bad += 1
        if len(found.told) < TOLD:
            found.told.append((number, line))
            tell(number, line)
        elif not skip_bad:
            fail(
                f"… 有误的行超过 {TOLD}，不再检查，一行也没有使用 / more than {TOLD} bad lines: the rest was not checked, "
                f"nothing of the file was used"
            )
    if found.bad > len(found.told):
        err.print(f"… 另有 {found.bad - len(found.told)} 行有误 / more bad lines: {found.bad - len(found.told)}", style="red")
    if not found.good and not found.bad:
        fail("文件中没有请求：每行一个 JSON 对象 / there is no request in this file: one JSON object a line")
    stream.seek(0)
    if found.bad and not skip_bad:
        fail(
            f"{found.bad} 行有误，一行也没有使用；改正后重来，或加 --skip-bad 跳过 / {found.bad} bad lines, nothing of "
            f"the file was used; correct them, or leave them out with --skip-bad"
        )
    return found


def good(stream: BinaryIO, expected: Checked) -> Iterator[Record]:
    """The good lines of a file that was checked. Ends the command if the file is no longer the one that was checked."""
    return (request.record for request in read(stream, expected))


def read(stream: BinaryIO, expected: Checked) -> Iterator[Request]:
    """``good``, with what was read of each line: whoever decides it need not read it again."""
    found = Checked()
    for _, line in requests(stream):
        if isinstance(line, Request):
            found.good += 1
            yield line
        else:
            found.bad += 1
    if (found.good, found.bad) != (expected.good, expected.bad):
        fail("文件在读取期间被改动，请重来 / the file was changed while it was read; start again")


def as_rows(found: Checked) -> list[dict[str, Any]]:
    """The bad lines that are told, for JSON."""
    return [{"line": number, "reasons": [why.model_dump() for why in bad.reasons]} for number, bad in found.told]


def tell(number: int, bad: Unreadable) -> None:
    """Says on standard error what is wrong with a line, and what to do."""
    for why in bad.reasons:
        where = f"{why.field}: " if why.field else ""
        err.print(f"第 {number} 行 / line {number}: {where}{why.code}", style="bold red", soft_wrap=True)
        err.print(f"  {why.zh}。{why.remedy_zh}\n  {why.en}. {why.remedy_en}", soft_wrap=True)


def numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes, int]]:
    """Number, stripped bytes and size of each line; of one that is too long only the beginning is held."""
    number = 0
    while head := stream.readline(MAX_LINE_BYTES + 2):
        number, tail, size = number + 1, head, len(head)
        while not tail.endswith(b"\n") and (tail := stream.readline(MAX_LINE_BYTES)):
            size += len(tail)
        yield number, head.strip(), size
