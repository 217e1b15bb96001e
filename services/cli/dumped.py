"""A dump in the place of the live logs, for those who look a request up."""

from typing import Any

from contracts.envelope import Record
from contracts.topics import topic_map
from services.audit.dump import DumpDir, read_file
from services.cli.search import Logs
from services.runtime.exits import DataLost


class DumpedLog:
    """One partition of one topic of a dump, as it is read of a log."""

    def __init__(self, dump: DumpDir, topic: str, partition: int) -> None:
        self._dump, self.topic, self.partition = dump, topic, partition

    async def bounds(self) -> tuple[int, int]:
        """Where the files begin and end."""
        return 0, self._dump.manifest.next(self.topic, self.partition)

    async def read(self, at: int, limit: int) -> list[Record]:
        """The records from ``at`` on, to the end of the file that they lie in if that holds more than ``limit``. Raises DataLost where
        the file is not the one that the manifest names."""
        for one in self._dump.manifest.of(self.topic, self.partition):
            if one.last >= at:
                if self._dump.wrong(one) is not None:
                    raise DataLost(f"{one.path}: 与清单不符，先用 yibao audit verify 核对 / is not as the manifest says; verify it first")
                return [record for record in read_file(self._dump.folder, one) if record.offset >= at]
        return []


class DumpedLogs(Logs):
    """The topics of the road in a dump."""

    def __init__(self, dump: DumpDir) -> None:
        self._dump = dump

    def at(self, place: int, partition: int) -> Any:
        return DumpedLog(self._dump, topic_map().road[place].name, partition)

    async def close(self) -> None:
        """Nothing is open between two reads."""
