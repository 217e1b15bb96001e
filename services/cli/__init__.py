"""The command line. Libraries are imported when a command needs them, so that a missing extra is said in one line."""

import os
import sys
from contextlib import suppress
from typing import NoReturn

CANNOT, INTERRUPTED = 2, 130
MISSING = """\
yibao: 缺少命令行所需的库（{name}）。请安装：  pip install "yibao[services]"
yibao: the libraries of the command line are missing ({name}). Install:  pip install "yibao[services]"
"""
CLOSED = "yibao: 标准输出已关闭，请重定向到文件 / standard output is closed, redirect it into a file\n"
UNUSABLE = "{where}: 无法读写（{why}），请查看路径、权限与磁盘空间 / cannot be read or written ({why}): look at the path, its rights and the disk\n"
OUTPUT = "标准输出或临时文件 / standard output or a temporary file"


def main() -> None:
    """The console script ``yibao``. Ends quietly with 130 on Ctrl-C, and where nobody reads on, as if everything had been read.

    What no command foresees of local files, standard output among them, is told and ends with 2.
    """
    try:
        _take_any_encoding()
        try:
            _run()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except BrokenPipeError as closed:
        _end(closed.__context__.code if isinstance(closed.__context__, SystemExit) else 0)
    except OSError as error:
        _end(CANNOT, UNUSABLE.format(where=error.filename or OUTPUT, why=error.strerror or error))
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # rich and typer end with 1 then
            _end(0)
        raise


def _take_any_encoding() -> None:
    """Signs that the encoding of an output lacks are printed as ``?``."""
    if sys.stdout is None:
        _end(CANNOT, CLOSED)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="replace")


def _run() -> None:
    try:
        from services.cli.app import app
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("contracts", "policies", "services"):
            raise
        _end(CANNOT, MISSING.format(name=missing.name))
    app()


def _end(code: object, message: str = "") -> NoReturn:
    """What is still to be written goes nowhere: it could not be written before, or nobody reads it."""
    with suppress(OSError, AttributeError):  # without standard error there is nobody to tell
        sys.stderr.write(message)
        sys.stderr.flush()
    with suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
