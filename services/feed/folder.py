"""The folder of a feed: which rows are in it, and how they get there whole or not at all.

    DIR/settlements/day=2026-11-27/region=650200/0-000000000000-000000000499.parquet
    DIR/.progress/0.json      how far partition 0 came, and the files of its last piece
    DIR/.staging/0/           files of a piece that is being written

A *piece* is what a range of offsets of one partition gives: some files, named by partition, first and last offset. They are
written aside; then the place behind the piece is written with their names, in one step; then they get their own names. A
process that ends before that step leaves files aside that are thrown away and written again; one that ends after it
leaves files that the next one only names. So a reader sees no row twice, and no row that goes away.
"""

import fcntl
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from services.feed.columns import SCHEMA, TABLES
from services.feed.parquet import write
from services.runtime.disk import made, renamed, synced, write_whole

Rows = Mapping[tuple[str, str, str], Iterable[tuple[Any, ...]]]
"""The rows of a piece by table, day and region."""


NAMED = re.compile(r"[a-z]+/day=[0-9-]{10}/region=[0-9]{6}/[0-9]+-([0-9]{12,})-[0-9]{12,}\.parquet")
"""What the files of pieces are called; within: the first offset."""


class Place(BaseModel):
    """How far a partition came: the next offset, what ``kept`` must know there, and the files of the last piece.

    ``last``: the hash of the record below ``next``, by which another log is told from this one; ``held``: how many files the
    partition has in all tables, those of the last piece included (None: written before they were counted).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    partition: int
    next: int = 0
    fence: int = -1
    req: int = -1
    src: int = -1
    last: str = ""
    files: tuple[str, ...] = ()
    held: int | None = None
    tables: int = SCHEMA


class Unfit(Exception):
    """The folder cannot be gone on with: used by another process, made by something else, or damaged."""


class Folder:
    """One feed's folder, locked for this process. Raises Unfit."""

    def __init__(self, path: Path, source: str) -> None:
        self.path, self._source = path, source
        self._progress, self._staging = path / ".progress", path / ".staging"
        made(self._progress)
        self._lock = (path / ".lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise Unfit(f"{path}: 另一个进程正在写入 / another process writes into it") from None

    def close(self) -> None:
        self._lock.close()

    def place(self, partition: int) -> Place:
        """Where to go on. Ends what an earlier process left undone."""
        place = self._read(partition) or Place(source=self._source, partition=partition)
        self._check(place)
        self._name(place)
        shutil.rmtree(self._aside(partition), ignore_errors=True)
        return place.model_copy(update={"held": self._counted(place)})

    def commit(self, place: Place, first: int, rows: Rows) -> Place:
        """Writes the piece from ``first`` to ``place``, whole or not at all; returns the place with its files."""
        aside = self._aside(place.partition)
        made(aside)
        files = []
        for (table, day, region), values in rows.items():
            name = f"{table}/day={day}/region={region}/{place.partition}-{first:012}-{place.next - 1:012}.parquet"
            write(aside / _flat(name), table, list(values))
            synced(aside / _flat(name))
            files.append(name)
        synced(aside)
        held = place.held + len(files) if place.held is not None else None
        place = place.model_copy(update={"files": tuple(files), "held": held})
        write_whole(self._progress / f"{place.partition}.json", place.model_dump_json().encode())  # the one step by which a piece is there
        self._name(place)
        return place

    def _name(self, place: Place) -> None:
        """Gives the files of the last piece their names, those that have them not yet."""
        for name in place.files:
            source, target = self._aside(place.partition) / _flat(name), self.path / name
            if source.exists():
                renamed(source, target)

    def _counted(self, place: Place) -> int:
        """How many files the partition has. Raises Unfit where they are not those that were written."""
        found = [path for table in TABLES for path in (self.path / table).rglob(f"{place.partition}-*.parquet")]
        for path in found:
            named = NAMED.fullmatch(path.relative_to(self.path).as_posix())
            if named is None:
                raise Unfit(f"{path}: 不是本命令写的文件，查询会把它算进去：请移到别处 / is no file of this command, and readers would count it: "
                            "move it elsewhere")
            if int(named[1]) >= place.next:
                raise Unfit(f"{self.path}: 有进度之外的文件，请换一个目录重来 / holds files beyond its progress: begin again in another folder")
        if place.held is not None and len(found) != place.held:
            raise Unfit(
                f"{self.path}: 分区 {place.partition} 写过 {place.held} 个文件，现有 {len(found)} 个：请恢复原样，或换一个目录重来 / of partition "
                f"{place.partition} {place.held} files were written, and {len(found)} are there: put them back as they were, or begin again "
                f"in another folder")
        return len(found)

    def _read(self, partition: int) -> Place | None:
        path = self._progress / f"{partition}.json"
        try:
            return Place.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            raise Unfit(f"{path}: 已损坏，请换一个目录重来 / is damaged: begin again in another folder") from None

    def _check(self, place: Place) -> None:
        if place.tables != SCHEMA:
            raise Unfit(f"{self.path}: 表的版本为 {place.tables}，本程序为 {SCHEMA}，请换一个目录 / holds tables of version {place.tables}, this is {SCHEMA}: use another folder")
        if place.source != self._source:
            raise Unfit(f"{self.path}: 来自 {place.source}，不是 {self._source}，请换一个目录 / was fed from {place.source}, not {self._source}: use another folder")

    def _aside(self, partition: int) -> Path:
        return self._staging / str(partition)


def _flat(name: str) -> str:
    return name.replace("/", "+")
