"""Where an auditor reads the topics of the road: the files of a dump, or the live topics, which are only read."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Protocol

from contracts.envelope import Record
from contracts.events.audit import AuditFound, finding
from contracts.topics import topic_map
from services.audit.dump import PIECE, BadLine, DumpDir, named, read_file
from services.audit.manifest import READ, ROAD
from services.runtime.exits import DataLost
from services.runtime.kafka import KafkaLog
from services.runtime.settings import Settings

Ends = dict[tuple[str, int], int]
"""Where each partition of each topic ends."""


class Source(Protocol):
    """Where records come from: a dump, the live topics, or memory."""

    def pieces(self, topic: str, partition: int) -> AsyncGenerator[Sequence[Record], None]:
        """The records of a partition in the order in which they stand, piece by piece, under the topic's name of the map."""


class DumpSource:
    """The files of a dump. ``add`` is told each file that is not the one that the manifest names, and each line that is none."""

    def __init__(self, dump: DumpDir, add: Callable[[AuditFound], object] = lambda _: None) -> None:
        self.dump, self._add = dump, add

    @property
    def requests(self) -> int:
        """How many there are, for a progress bar."""
        return sum(one.records for one in self.dump.manifest.files if one.topic == ROAD[0])

    async def pieces(self, topic: str, partition: int) -> AsyncGenerator[Sequence[Record], None]:
        """Every record of the files, in the order of the files."""
        for one in self.dump.manifest.of(topic, partition):
            if (wrong := self.dump.wrong(one)) is not None:
                self._add(finding("file_changed", topic, partition, one.first, -1, None, *wrong, detail=one.path))
            piece: list[Record] = []
            try:
                for record in read_file(self.dump.folder, one, self._bad):
                    piece.append(record)
                    if len(piece) == PIECE:
                        yield piece
                        piece = []
            except BadLine as error:
                self._bad(error)
            yield piece

    def _bad(self, error: BadLine) -> None:
        self._add(finding("unparsed", error.topic, error.partition, error.offset, -1, None, detail=str(error)))


def sound(dump: Path) -> DumpSource:
    """The dump in a folder, for those who do not verify it: what is not as its manifest says raises DataLost. Raises Misconfigured."""
    def wrong(found: AuditFound) -> None:
        raise DataLost(f"{found.zh}\n{found.en}")

    return DumpSource(DumpDir(dump).whole(), wrong)


class LiveSource:
    """The topics of a road, up to where they ended when ``bounded`` was called. Opens no producer and joins no group."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ends: Ends = {}
        self.requests = 0

    async def bounded(self, upto: Ends | None = None) -> "LiveSource":
        """Asks where the topics end, where that is not given."""
        self._ends = upto if upto is not None else await ends(self._settings)
        self.requests = sum(end for (name, _), end in self._ends.items() if name == ROAD[0])
        return self

    async def pieces(self, topic: str, partition: int) -> AsyncGenerator[Sequence[Record], None]:
        log = KafkaLog(self._settings, None, self._settings.topic(topic), partition)
        at, end = 0, self._ends[topic, partition]
        try:
            while at < end and (records := await log.read(at, PIECE)):
                yield [named(record, topic) for record in records if record.offset < end]
                at = records[-1].offset + 1
        finally:
            await asyncio.shield(log.close())


async def opened(
    dump: Path | None, settings: Settings | None, add: Callable[[AuditFound], object], upto: Ends | None = None
) -> DumpSource | LiveSource:
    """The dump in a folder, or the live topics as far as they go now, or to ``upto``. Raises Misconfigured."""
    if dump is not None:
        return DumpSource(DumpDir(dump).whole(), add)
    assert settings is not None
    return await LiveSource(settings).bounded(upto)


async def ends(settings: Settings) -> Ends:
    """Where each log of READ ends, in its order. The last topic is asked first, its partitions at one time: what one of them holds, also
    of another's money, has its causes below these ends."""
    found: Ends = {}
    for name in reversed(READ):
        log = KafkaLog(settings, None, settings.topic(name), 0)
        try:
            found = {(name, partition): end for partition, end in (await log.ends(range(topic_map().partitions))).items()} | found
        finally:
            await log.close()
    return found
