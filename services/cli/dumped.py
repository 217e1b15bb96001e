"""A dump in the place of the live logs, for those who look a request up."""

from pathlib import Path
from typing import Any

from contracts.envelope import Record
from contracts.topics import topic_map
from services.audit.dump import TOLD, DumpDir, read_file
from services.audit.sources import DumpSource, sound
from services.cli.console import err
from services.cli.search import Logs
from services.runtime.exits import DataLost


def sound_dump(folder: Path) -> DumpSource:
    """The dump for those who do not verify it. Raises Misconfigured; DataLost when what is read is not as its manifest says."""
    source = sound(folder)
    tell_unnamed(source.dump)
    return source


def tell_unnamed(dump: DumpDir) -> None:
    """Says on standard error which files of records the manifest does not name: who looks into the folder sees them, and nothing reads them."""
    if there := dump.unnamed:
        more = " …" if len(there) > TOLD else ""
        err.print(
            f"{dump.folder}: 清单未列，不读 / not named by its manifest, not read: {', '.join(there[:TOLD])}{more}\n"
            "转储中断所留；否则清单被改过：核对另处保存的清单摘要 / left by a dump that ended early; if not, the manifest was changed: "
            "compare it with the digest that was kept elsewhere", style="yellow", soft_wrap=True)


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
