"""What all commands share: output, errors, settings, and running async code."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from errno import EBADF, EDQUOT, EFBIG, EIO, ENOSPC, EPIPE
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer
from pydantic import ValidationError
from redis.exceptions import RedisError
from rich import table
from rich.console import Console, OverflowMethod, RenderableType

from contracts.log import Gap
from policies.book import Book, built_in, load
from policies.tables import RulebookError
from services.ledger.base import Damaged
from services.runtime.exits import Ending, Exit, Misconfigured
from services.runtime.remedies import of_redis
from services.runtime.rulebooks import Rulebooks, kept_in
from services.runtime.settings import KAFKA, REDIS, NoStack, Settings, settings, what_is_wrong


class Paper(Console):
    """Prints what it is given as it stands. Where nobody reads on, the command ends quietly, with the code that it would have had."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class Table(table.Table):
    """A table that never cuts: what is too wide for the terminal, or for the 80 columns of a file, goes on in the next line."""

    def add_column(self, header: RenderableType = "", *args: Any, overflow: OverflowMethod = "fold", **named: Any) -> None:
        super().add_column(header, *args, overflow=overflow, **named)


out = Paper()
err = Paper(stderr=True)


OF_FILES = frozenset({EPIPE, ENOSPC, EDQUOT, EFBIG, EIO, EBADF})
"""Errors of what is written or read locally that name no file."""
DONE, REFUSED, CANNOT, SERVERS = 0, 1, 2, 4

P = ParamSpec("P")
T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")]

RulebookDir = Annotated[
    Path | None,
    typer.Option(
        "--rulebook", metavar="DIR", envvar="YIBAO_RULEBOOK", help="规则库目录，默认内置 / rulebook folder, default: the built-in one"),
]


RulebooksDir = Annotated[
    Path | None,
    typer.Option(
        "--rulebooks", metavar="DIR", envvar="YIBAO_RULEBOOKS",
        help="按摘要存放规则库的目录（yibao rules keep） / folder where rulebooks are kept by digest (yibao rules keep)"),
]


class Lang(StrEnum):
    """Language of what is printed."""

    zh = "zh"
    en = "en"


def fail(message: str, code: int = REFUSED) -> NoReturn:
    """Says what is wrong, on standard error, and ends with ``code``."""
    err.print(message, style="red", soft_wrap=True)
    raise typer.Exit(code)


def print_json(found: Any) -> None:
    """One JSON document on standard output, not wrapped; with escapes where its encoding lacks a sign."""
    text = json.dumps(found, ensure_ascii=False, default=str)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(found, default=str)
    sys.stdout.write(text + "\n")


def print_file(text: str) -> None:
    """What is to be kept as a file, on standard output: UTF-8, as it says of itself, whatever the terminal's encoding."""
    stream = typer.get_binary_stream("stdout")
    stream.write(text.encode())
    stream.flush()


Yes = Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只说明会做什么，不做 / only say what would be done")]


def confirmed(question: str, yes: bool) -> None:
    """Asks on standard error before something is changed; ends the command unless it is wanted."""
    if not yes and not typer.confirm(question, err=True):
        fail("没有改动 / nothing was changed")


def moment(text: str | None) -> int | None:
    """Milliseconds of an ISO time; without a zone it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text}: 时间写作 2025-03-05T08:30 或带时区 / write a time as 2025-03-05T08:30, with or without a zone", CANNOT)
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def moments(start: str | None, end: str | None, names: tuple[str, str]) -> tuple[int | None, int | None]:
    """Both of ``moment``. Ends the command where there is no time between them; ``names``: of the two options."""
    found = moment(start), moment(end)
    if found[0] is not None and found[1] is not None and found[0] >= found[1]:
        fail(f"{names[0]} 须早于 {names[1]} / {names[0]} must lie before {names[1]}", CANNOT)
    return found


def printable(text: str) -> str:
    """``text`` without anything that a terminal would obey: such characters come escaped."""
    return "".join(sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode() for sign in text)


def load_book(folder: Path | None, kept: Path | None = None, code: int = REFUSED) -> Book:
    """The rulebook in ``folder``, or the built-in one; ``kept``: where others are at hand. Its problems are printed line by line and
    end the command with ``code``: CANNOT where REFUSED says that what was looked at is wrong."""
    if kept is not None and not kept_in(kept):
        fail(f"{kept}: 没有存放规则库，可用 / holds no rulebooks; keep one: yibao rules keep DIR --rulebooks {kept}", code)
    try:
        book = load(folder) if folder else built_in()
        return Rulebooks(kept, lambda what: err.print(what, style="red", soft_wrap=True)).around(book) if kept else book
    except RulebookError as error:
        fail("\n".join(["规则库有误 / the rulebook is wrong:", *error.problems]), code)


def found_settings(*needs: str) -> Settings:
    """The settings; without the addresses that are needed (default: both) the command ends with 2 and says what to do."""
    with told_settings():
        return settings(needs) if needs else settings()


def kafka_settings() -> Settings:
    """Those with the address of Kafka: a gateway, an auditor or an analyst has none of Redis."""
    return found_settings(*KAFKA)


def redis_settings() -> Settings:
    """Those with the address of Redis, for who asks nothing else."""
    return found_settings(*REDIS)


@contextmanager
def told_settings() -> Iterator[None]:
    """Ends the command with 2 where settings are wrong or addresses are missing, and names them."""
    try:
        yield
    except NoStack as missing:
        fail(str(missing), CANNOT)
    except ValidationError as error:
        fail(f"设置有误 / settings are wrong: {what_is_wrong(error)}", CANNOT)


def _is_local(error: Exception) -> bool:
    """Whether it is about a file or standard output, which are told once for all commands, and not about a connection."""
    return isinstance(error, OSError) and (error.filename is not None or error.errno in OF_FILES)


def coro(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Makes an async command an ordinary one; servers that do not answer end it with 4. Raises OSError where a local file is the reason."""

    @wraps(command)
    def run(*args: P.args, **named: P.kwargs) -> T:
        try:
            return asyncio.run(command(*args, **named))
        except Misconfigured as error:
            fail(str(error), CANNOT)
        except Gap as gap:
            fail(f"{gap}; 何处见 yibao audit verify / yibao audit verify says where", SERVERS)
        except (Ending, Damaged, RedisError, OSError) as error:
            if _is_local(error):
                raise
            found = of_redis(error) if isinstance(error, RedisError) else error
            code = getattr(found, "code", Exit.UNREACHABLE)
            where = "服务没有应答 / servers do not answer: " if code is Exit.UNREACHABLE else ""
            fail(f"{where}{found}", CANNOT if code is Exit.CONFIGURATION else SERVERS)

    return run
