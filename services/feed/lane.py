"""One partition on its way into the folder: records that count become rows, rows become pieces."""

from collections.abc import Iterable
from datetime import date, datetime

from contracts.envelope import CHINA, Record
from contracts.log import Gap, Kept, number
from contracts.wire import event_of
from services.feed.columns import TABLES
from services.feed.folder import Folder, Place
from services.feed.rows import rows_of
from services.runtime.exits import DataLost
from services.runtime.log import record_hash

PIECE_ROWS, PIECE_RECORDS = 10_000, 5_000
"""A piece ends when it holds so many rows, or was made from so many records: memory is bounded, and so is what is read again."""
NAMES = {table: tuple(column.name for column in columns) for table, columns in TABLES.items()}


class Lane:
    """``day``: the day of records that no broker has dated, as those of a file.

    ``records`` and ``rows``: how many verdicts and rows this lane has added to the folder; ``seen``: the offset behind the last
    record that its source had, those included that the folder holds already.
    """

    def __init__(self, folder: Folder, partition: int, day: date | None = None) -> None:
        self._folder, self._day = folder, day
        self.place = folder.place(partition)
        self._kept = Kept(next=self.place.next, fence=self.place.fence, req=self.place.req, src=self.place.src)
        self._last = self.place.last
        self._start()
        self.records = self.rows = self.seen = 0

    @property
    def next(self) -> int:
        """The offset that comes next; what is below ``place.next`` is in the folder."""
        return self._kept.next

    @property
    def waiting(self) -> int:
        """Records that were read and are not in the folder yet."""
        return self._kept.next - self.place.next

    def check(self, below: Record | None) -> None:
        """``below``: the record under the place. Raises DataLost where it is not the one that was read."""
        if below is None or record_hash(below) != self.place.last:
            raise DataLost(
                f"分区 {self.place.partition} 第 {self.place.next - 1} 条不是此目录写入时的那一条：来源是否截断、重建或改动过？请换一个目录重来 / "
                f"partition {self.place.partition}: record {self.place.next - 1} is not the one that this folder was fed with; was "
                f"the topic truncated or made anew, or the file changed? Begin again in another folder"
            )

    def ended(self) -> None:
        """The source has no more. Raises DataLost where it ends before the place: what the folder holds was not compared with it."""
        if self.seen < self.place.next:
            raise DataLost(
                f"分区 {self.place.partition}: 止于 {self.seen}，目录已到 {self.place.next}：是否另一套主题的转储，或另一个文件？请换一个目录 / "
                f"partition {self.place.partition}: it ends at {self.seen}, and the folder stands at {self.place.next}; is it another "
                f"road's dump, or another file? Use another folder")

    def take(self, records: Iterable[Record]) -> None:
        """Adds the rows of those that count. Writes a piece whenever one is full. Raises Gap."""
        for record in records:
            if self._counts(record):
                self._add(record)
            self._last = record_hash(record)
            if self._held >= PIECE_ROWS or self.waiting >= PIECE_RECORDS:
                self.flush()

    def flush(self) -> None:
        """Writes what waits, if anything does."""
        if not self.waiting:
            return
        kept = self._kept
        place = Place(
            source=self.place.source, partition=self.place.partition, next=kept.next, fence=kept.fence, req=kept.req, src=kept.src,
            last=self._last, held=self.place.held)
        self.place = self._folder.commit(place, self.place.next, self._rows)
        self.records, self.rows = self.records + self._told, self.rows + self._held
        self._start()

    def _start(self) -> None:
        self._rows: dict[tuple[str, str, str], list[tuple]] = {}
        self._told = self._held = 0

    def _counts(self, record: Record) -> bool:
        """Records of `yibao settle` have no offsets and no fences: their number is their place, and all of them count."""
        kept = self._kept
        if record.offset >= 0:
            return kept.feed(record.offset, record.headers)
        req = number(record.header("req"))
        if req != kept.next:
            raise Gap(kept.next, req)
        kept.next, kept.req = req + 1, req
        return True

    def _add(self, record: Record) -> None:
        day = self._day_of(record).isoformat()
        self._told += 1
        for table, region, row in rows_of(event_of(record), record.partition, self._kept.req):
            self._rows.setdefault((table, day, region), []).append(tuple(row[name] for name in NAMES[table]))
            self._held += 1

    def _day_of(self, record: Record) -> date:
        if record.timestamp_ms >= 0:
            return datetime.fromtimestamp(record.timestamp_ms / 1000, CHINA).date()
        assert self._day is not None, "records of a file come with a day"
        return self._day
