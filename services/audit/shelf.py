"""States on disk while a log is verified, so that memory stays flat however many persons there are.

One SQLite file in a folder for temporary files, without journal: it is thrown away with the run.
"""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class Shelf:
    """Fields of states by the name of what they belong to. Used as a context; afterwards nothing is left of it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="yibao-verify-")
        self._base = sqlite3.connect(Path(self._folder.name) / "states.sqlite", isolation_level=None)
        for line in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000", "locking_mode=EXCLUSIVE"):
            self._base.execute(f"PRAGMA {line}")
        self._base.execute("CREATE TABLE state (owner TEXT, name TEXT, value BLOB, PRIMARY KEY (owner, name)) WITHOUT ROWID")

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()
        self._folder.cleanup()

    def of(self, owner: str) -> "Fields":
        return Fields(self._base, owner)

    def put(self, owner: str, fields: Mapping[str, bytes]) -> None:
        """Keeps ``fields``; earlier values of theirs are replaced."""
        self._base.execute("BEGIN")
        self._base.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", [(owner, name, raw) for name, raw in fields.items()])
        self._base.execute("COMMIT")

    def clear(self) -> None:
        """Forgets everything: another partition begins."""
        self._base.execute("DELETE FROM state")


class Fields(Mapping[str, bytes]):
    """The fields of one owner, read when they are asked for."""

    def __init__(self, base: sqlite3.Connection, owner: str) -> None:
        self._base, self._owner = base, owner

    def __getitem__(self, name: str) -> bytes:
        if (found := self.get(name)) is None:
            raise KeyError(name)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Most names are asked for before anything is known of them; that of ``Mapping`` raises and catches each time."""
        found = self._base.execute("SELECT value FROM state WHERE owner = ? AND name = ?", (self._owner, name)).fetchone()
        return found[0] if found is not None else default

    def __iter__(self) -> Iterator[str]:
        return (name for (name,) in self._base.execute("SELECT name FROM state WHERE owner = ? ORDER BY name", (self._owner,)))

    def __len__(self) -> int:
        return self._base.execute("SELECT count(*) FROM state WHERE owner = ?", (self._owner,)).fetchone()[0]
