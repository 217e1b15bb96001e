"""A dump: the topics of the road as files, and back.

``DIR/<topic>/<partition>/<first>-<last>.jsonl`` holds one record a line (``contracts.exact``); ``DIR/manifest.json`` names each
file with its range, count and SHA-256. A file appears under its name when it is whole, and the manifest names it after
that; so a dump that ended early is gone on with, and its files are never half of what they say.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from contracts.envelope import Record
from contracts.exact import exact_hash, from_exact, to_exact
from services.audit.manifest import MANIFEST, DumpFile, Manifest
from services.runtime.disk import made, write_whole
from services.runtime.exits import DataLost, Misconfigured
from services.runtime.log import Log

FILE_RECORDS, FILE_BYTES, PIECE = 10_000, 64_000_000, 500
READ_BYTES, TOLD = 1 << 20, 5
Told = Callable[[int], object]
"""Is told how many records more are done."""


class DumpDir:
    """A folder with a dump. Raises Misconfigured where it is none that can be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.raw = (folder / MANIFEST).read_bytes()
            self.manifest = Manifest.model_validate_json(self.raw)
        except (OSError, ValueError) as error:
            raise Misconfigured(f"{folder}: 不是转储 / is no dump ({MANIFEST}: {type(error).__name__})") from None
        if wrong := [*self.manifest.wrong()]:
            raise Misconfigured("\n".join([f"{folder}: 清单有误，不是 yibao audit dump 所写 / its manifest is not as yibao audit dump writes it:", *wrong[:TOLD]]))

    def whole(self) -> "DumpDir":
        """This dump, which tells of each partition of each topic. Raises Misconfigured."""
        if lacking := self.manifest.lacking():
            more = " …" if len(lacking) > TOLD else ""
            raise Misconfigured(
                f"{self.folder}: 清单缺 / its manifest lacks {', '.join(lacking[:TOLD])}{more}\n"
                "转储中断则再次运行 yibao audit dump；否则有人删去：取回原来的转储 / "
                "run yibao audit dump again if it ended early; if not, somebody took them out: take the dump from where it was kept as it was")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest: kept elsewhere, it holds the whole dump."""
        return sha256(self.raw).hexdigest()

    @property
    def unnamed(self) -> list[str]:
        """Files of records in the folder that the manifest does not name: nobody reads them."""
        named_there = {one.path for one in self.manifest.files}
        return sorted({path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/*/*.jsonl")} - named_there)

    def wrong(self, one: DumpFile) -> tuple[str, str] | None:
        """What the file says otherwise than the manifest, and what that says: SHA-256 or number of records; None where it is the one
        that the manifest names."""
        digest, lines, last = sha256(), 0, b"\n"
        try:
            with (self.folder / one.path).open("rb") as stream:
                for piece in iter(partial(stream.read, READ_BYTES), b""):
                    digest.update(piece)
                    lines, last = lines + piece.count(b"\n"), piece[-1:]
        except OSError as error:
            return f"{one.path}: {error.strerror}", one.sha256
        if (found := digest.hexdigest()) != one.sha256:
            return found, one.sha256
        lines += last != b"\n"
        return None if lines == one.records else (f"{lines} 条 / records", f"{one.records} 条 / records")

    def records(self, topic: str, partition: int) -> Iterator[Record]:
        """Every record that the files hold, as it stands there. Raises BadLine."""
        for one in self.manifest.of(topic, partition):
            yield from read_file(self.folder, one)


class BadLine(DataLost):
    """A line of a dump that is no record. ``topic``, ``partition``, ``offset``: about where."""

    def __init__(self, one: DumpFile, line: int, why: str) -> None:
        super().__init__(f"{one.path}:{line}: 不是记录 / is no record: {why}")
        self.topic, self.partition, self.offset = one.topic, one.partition, one.first + line - 1


def read_file(folder: Path, one: DumpFile, bad: Callable[[BadLine], object] | None = None) -> Iterator[Record]:
    """The records of one file. ``bad`` is told each line that is none; without it, raises BadLine."""
    try:
        with (folder / one.path).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    yield _read(line, one, number)
                except BadLine as error:
                    if bad is None:
                        raise
                    bad(error)
    except OSError as error:
        raise BadLine(one, 1, error.strerror) from None


def _read(line: bytes, one: DumpFile, number: int) -> Record:
    try:
        return from_exact(line)
    except ValueError as error:
        raise BadLine(one, number, str(error)[:200]) from None


# --- to files ---------------------------------------------------------------------------------------------------------


class Dumping:
    """Writes logs into a folder, or goes on where an earlier run ended."""

    def __init__(self, folder: Path, partitions: int) -> None:
        self.folder = folder
        made(folder)
        if (folder / MANIFEST).exists():
            self.manifest = DumpDir(folder).manifest
        elif any(one for one in folder.iterdir() if not one.name.startswith(".")):
            raise Misconfigured(f"{folder}: 不是转储，也不是空目录 / is neither a dump nor an empty folder")
        else:
            self.manifest = Manifest(partitions=partitions)
            self._save()

    async def log(self, log: Log, name: str, end: int, told: Told = lambda _: None) -> None:
        """Everything of ``log`` (the topic ``name`` of the map) that stands before ``end`` and is not held yet. Raises DataLost."""
        at = self.manifest.next(name, log.partition)
        await self._same(log, name, at)
        if (first := (await log.bounds())[0]) > at:
            raise DataLost(f"{name}/{log.partition}: 自 {first} 起，缺少 {at} 起的记录 / starts at {first}, {at} is needed")
        while at < end and (records := await _until(log, at, end)):
            self.write(records, name)
            told(len(records))
            at = records[-1].offset + 1
        self._empty(name, log.partition)

    def _empty(self, name: str, partition: int) -> None:
        """The manifest says whether the partition is empty, so that one is missed that is taken out."""
        one, others = f"{name}/{partition}", {*(self.manifest.empty or ())} - {f"{name}/{partition}"}
        empty = tuple(sorted(others if self.manifest.of(name, partition) else {*others, one}))
        if empty != self.manifest.empty:
            self.manifest = self.manifest.model_copy(update={"empty": empty})
            self._save()

    async def _same(self, log: Log, name: str, at: int) -> None:
        """The log is the one that the folder's last record came from."""
        held = self.manifest.of(name, log.partition)
        if not held:
            return
        *_, last = read_file(self.folder, held[-1])
        now = await log.read(at - 1, 1)
        if not now or exact_hash(named(now[0], name)) != exact_hash(last):
            raise DataLost(f"{name}/{log.partition}: 第 {at - 1} 条与转储所存不同 / record {at - 1} is not the one that the dump holds")

    def write(self, records: Sequence[Record], name: str) -> None:
        """One file of records that follow each other, and its line in the manifest."""
        lines = b"".join(to_exact(named(record, name)) + b"\n" for record in records)
        one = DumpFile(
            topic=name, partition=records[0].partition, first=records[0].offset, last=records[-1].offset, records=len(records),
            sha256=sha256(lines).hexdigest(),
        )
        write_whole(self.folder / one.path, lines)
        self.manifest = self.manifest.model_copy(update={"files": (*self.manifest.files, one)})
        self._save()

    def _save(self) -> None:
        write_whole(self.folder / MANIFEST, self.manifest.model_dump_json(indent=1).encode() + b"\n")


async def _until(log: Log, at: int, end: int) -> list[Record]:
    """The records of one file: so many from ``at`` on, so many bytes, and none from ``end`` on."""
    found: list[Record] = []
    size = 0
    while len(found) < FILE_RECORDS and size < FILE_BYTES and at < end:
        records = [one for one in await log.read(at, min(PIECE, FILE_RECORDS - len(found))) if one.offset < end]
        if not records:
            break
        found += records
        size += sum(len(record.value) for record in records)
        at = records[-1].offset + 1
    return found


def named(record: Record, name: str) -> Record:
    """The record under the topic's name on the map, whatever prefix its road has."""
    return Record(record.key, record.value, record.headers, record.offset, record.partition, name, record.timestamp_ms)


# --- and back ---------------------------------------------------------------------------------------------------------


async def load(dump: DumpDir, log: Log, name: str, told: Told = lambda _: None) -> None:
    """Every record of the dump onto a log that is empty, or that holds the beginning of it. Raises DataLost.

    Fences and void records too: ``own`` and ``src`` name offsets, so each record must have the offset that it had.
    """
    start = (await log.bounds())[1]
    piece: list[Record] = []
    expected = 0
    for record in dump.records(name, log.partition):
        if record.offset != expected:
            raise DataLost(f"{name}/{log.partition}: 缺第 {expected} 条，不能原样装入 / {expected} is missing, offsets could not be kept")
        expected += 1
        if record.offset == start - 1:
            await _begins(log, name, record)
        if record.offset >= start:
            piece.append(record)
        if len(piece) == PIECE:
            await _append(log, name, piece, told)
            piece = []
    if start > expected:
        raise DataLost(f"{name}/{log.partition}: 已有 {start} 条，转储只有 {expected} 条 / holds {start}, the dump {expected}")
    await _append(log, name, piece, told)


async def _begins(log: Log, name: str, record: Record) -> None:
    standing = await log.read(record.offset, 1)
    if not standing or exact_hash(named(standing[0], name)) != exact_hash(record):
        raise DataLost(f"{name}/{log.partition}: 已有别的记录 / holds other records already")


async def _append(log: Log, name: str, records: Sequence[Record], told: Told) -> None:
    if not records:
        return
    places = await log.append(records)
    if places != [record.offset for record in records]:
        raise DataLost(f"{name}/{log.partition}: 有人同时写入，请清空主题后重新装入 / somebody else writes here; empty the topics and load again")
    told(len(records))
