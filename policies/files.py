"""The files of a rulebook: found, read and parsed. What cannot be is told in one line, never passed over in silence.

Reads files: one of the exceptions to "no I/O" that ``tests/tidy/test_architecture.py`` names.
"""

import stat
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

ENDING = ".cases.toml"
"""Of a file of cases."""
MOST_BYTES = 64 * 2**20
"""The largest file that is read."""


def is_rule(name: str) -> bool:
    """Whether a file belongs to the rules: TOML and CSV, in capitals too, but for the cases beside them."""
    return name.lower().endswith((".toml", ".csv")) and not is_cases(name)


def is_cases(name: str) -> bool:
    """Whether a file holds cases."""
    return name.lower().endswith(ENDING)


def folder_of(name: str) -> str:
    """The folder of a file of a place."""
    return name.split("/")[1]


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder that can be reached."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_files(folder: Path, wanted: Callable[[str], bool], problems: list[str]) -> dict[str, bytes]:
    """The contents of the files that are ``wanted``, by their names relative to ``folder``; hidden ones are left out.

    Only regular files are read: a pipe or a device would never end.
    """
    found: dict[str, bytes] = {}
    for path in _files(folder, folder, wanted, problems):
        content = _content(path)
        if isinstance(content, bytes):
            found[_name(folder, path)] = content
        else:
            problems.append(f"{_name(folder, path)}: {content}")
    return dict(sorted(found.items()))


def _files(folder: Path, place: Path, wanted: Callable[[str], bool], problems: list[str]) -> Iterator[Path]:
    """The files under ``place``, a folder within ``folder``. Links to folders are not followed: they may go round."""
    try:
        paths = sorted(path for path in place.iterdir() if not path.name.startswith("."))
    except OSError as error:
        problems.append(f"{_name(folder, place)}: 无法列出其中的文件，请给予读取权限 / cannot be listed ({error.strerror}); allow to read it")
        return
    for path in paths:
        if not is_folder(path):
            yield from [path] if wanted(path.name) else ()
        elif wanted(path.name):
            problems.append(f"{_name(folder, path)}: 是文件夹，请改名，或在此放文件 / is a folder; rename it, or put a file there")
        elif path.is_symlink():
            problems.append(f"{_name(folder, path)}: 是指向文件夹的链接，不予跟随，请直接放置该文件夹 / "
                            "is a link to a folder, which is not followed; put the folder itself there")
        else:
            yield from _files(folder, path, wanted, problems)


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode()


def _content(path: Path) -> bytes | str:
    """What a file holds, or why it cannot be read and what to do."""
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode):
            return "不是普通文件，请在此放普通文件 / is no regular file; put a file there"
        if known.st_size > MOST_BYTES:
            return f"超过 {MOST_BYTES >> 20} MiB，请拆分 / is larger than {MOST_BYTES >> 20} MiB; split it"
        return path.read_bytes()
    except OSError as error:
        return f"无法读取，请放置可读的文件 / cannot be read ({error.strerror}); put a file there that can"


def parsed(name: str, content: bytes | str, problems: list[str]) -> dict[str, Any] | None:
    """The TOML in ``content``, with exact decimals; None where it is none, which is told."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        return tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        problems.append(f"{name}: 不是 UTF-8 编码（第 {error.start + 1} 字节），请存为 UTF-8 / is not UTF-8 (byte {error.start + 1}); save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}: TOML 写法有误，请按所指的行列改正 / {error}; correct the TOML there")
    except RecursionError:
        problems.append(f"{name}: 嵌套过深，请减少括号的层数 / is nested too deep; write fewer brackets within each other")
    except (ValueError, ArithmeticError):
        problems.append(f"{name}: 有位数过多的数，请写小一些 / holds a number of too many digits; write a smaller one")
    return None
