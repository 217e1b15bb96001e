"""A file that a command writes: whole or as it was before; what is no regular file is written as it is."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from stat import S_IMODE
from threading import current_thread, main_thread
from typing import BinaryIO, NoReturn

from services.cli.console import CANNOT, fail


@contextmanager
def to_file(file: Path, source: Path | None = None) -> Iterator[BinaryIO]:
    """A stream into ``file``, which gets its name, and the mode that it had, when all is written: whoever reads it never sees half.

    Through a symbolic link its target is written; a device or a pipe is written directly. ``source``: what is read meanwhile, which
    ends the command where it is the same file. So does what cannot be written.
    """
    if source is not None and file.exists() and source.exists() and file.samefile(source):
        fail(f"{file}: 既是输入又是输出，请写到另一个文件 / is the input and the output, write to another file", CANNOT)
    try:
        if file.exists() and not file.is_file():
            with file.open("wb") as stream:
                yield stream
        else:
            with _aside(file.resolve()) as stream:
                yield stream
    except OSError as error:
        fail(f"{file}: 无法写入，请给出可写的位置 / cannot be written, give a place that can ({error.strerror})")


@contextmanager
def _aside(file: Path) -> Iterator[BinaryIO]:
    """A hidden file beside ``file`` that takes its name at the end; gone if it does not come to that, on SIGTERM too."""
    part = file.with_name(f".{file.name}.{getpid()}.part")
    try:
        with _ended_by_sigterm(), part.open("wb") as stream:
            if file.exists():
                part.chmod(S_IMODE(file.stat().st_mode))
            yield stream
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the process as an error does, so that what is half done is taken away."""
    if current_thread() is not main_thread():  # handlers belong to the main thread
        yield
        return

    def end(number: int, _: object) -> NoReturn:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
