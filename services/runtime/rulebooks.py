"""Rulebooks that are kept, so that what was decided under one can be decided again: a folder of folders, each named by digest.

A rulebook is put there whole or not at all, and never changed. It is loaded when it is first asked for; one whose files no longer
give the digest of its name, or which cannot be read, is told and counts as not at hand.
"""

import os
import re
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from policies.book import Book, digest_of, load
from policies.files import is_rule, read_files
from policies.tables import RulebookError
from services.runtime.disk import made, renamed, write_whole

DIGEST = re.compile("[0-9a-f]{64}")
MOST_HELD = 4
"""Rulebooks that are held in memory at a time, the last ones asked for; the one that decides is not counted."""


class Altered(RulebookError):
    """What is kept under a digest is not the rulebook of that digest, but of ``digest``."""

    def __init__(self, path: Path, digest: str) -> None:
        self.digest = digest
        super().__init__([
            f"{path}: 内容与其名称（摘要）不符：移走该目录，再用原规则库 yibao rules keep DIR / its files do not give the digest of its "
            "name: move the folder away, then yibao rules keep DIR with the rulebook as it was"])


class Rulebooks(Mapping[str, Book]):
    """The rulebooks in ``folder`` by digest. ``told``: hears what is wrong with one that is there, once."""

    def __init__(self, folder: Path, told: Callable[[str], object] = lambda _: None) -> None:
        self._folder, self._told = folder, told
        self._held: OrderedDict[str, Book] = OrderedDict()
        self._own: dict[str, Book] = {}
        self._altered: dict[str, str] = {}

    def around(self, book: Book) -> Book:
        """``book`` with these at hand; it is one of them from now on, kept or not."""
        found = replace(book, kept=self, altered=self._altered)
        self._own[book.digest] = found
        return found

    def __getitem__(self, digest: str) -> Book:
        if digest in self._own:
            return self._own[digest]
        if digest not in self._held:
            self._held[digest] = self._loaded(digest)
        self._held.move_to_end(digest)
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return self._held[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._own, *kept_in(self._folder)}))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _loaded(self, digest: str) -> Book:
        """Raises KeyError where it is not at hand."""
        path = self._folder / digest
        if not DIGEST.fullmatch(digest) or not path.is_dir():
            raise KeyError(digest)
        try:
            book = load(path)
            if book.digest != digest:
                raise Altered(path, book.digest)
        except RulebookError as error:
            if digest not in self._altered:
                self._told(f"{digest[:12]}: {'; '.join(error.problems)}")
            self._altered[digest] = error.digest if isinstance(error, Altered) else "; ".join(error.problems)
            raise KeyError(digest) from None
        return replace(book, kept=self, altered=self._altered)


def keep(source: Path, folder: Path) -> tuple[Book, bool]:
    """Puts the rulebook in ``source`` into ``folder``; returns it, and whether it is new there.

    Raises RulebookError where it cannot be loaded or something else stands under its digest, OSError where it cannot be written.
    """
    book = load(source)
    target = folder / book.digest
    if target.is_dir():
        check(target)
        return book, False
    made(folder)
    part = folder / f".{book.digest[:12]}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        _copy(source, part)
        check(part, book.digest)
        return book, _named(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def kept_in(folder: Path) -> list[str]:
    """The digests that folders of ``folder`` are named by, right or not."""
    return sorted(path.name for path in folder.iterdir() if DIGEST.fullmatch(path.name)) if folder.is_dir() else []


def check(path: Path, digest: str | None = None) -> None:
    """Whether the files of ``path`` give ``digest``, or its name. Raises RulebookError."""
    problems: list[str] = []
    found = digest_of(read_files(path, is_rule, problems))
    if problems:
        raise RulebookError(problems)
    if found != (digest or path.name):
        raise Altered(path, found)


def _copy(source: Path, part: Path) -> None:
    """The files that the digest covers, on the disk before the folder gets its name."""
    for name, content in read_files(source, is_rule, []).items():
        write_whole(part / name, content)


def _named(part: Path, target: Path) -> bool:
    """Whether the folder got its name; another process may have been first with the same files."""
    try:
        renamed(part, target)
    except OSError:
        if not target.is_dir():
            raise
        check(target)
        return False
    return True
