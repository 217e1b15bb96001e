"""A folder that is fed, read back as rows."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from contracts.envelope import Record
from services.feed.folder import Folder
from services.feed.follow import from_records

DAY = date(2026, 11, 27)
SETTLED = "yibao.settled"


def fed(path: Path, records: Sequence[Record]) -> list[int]:
    """Feeds a folder from the records of a road; the verdicts that each partition added."""
    folder = Folder(path, "file")
    try:
        return [lane.records for lane in from_records(records, folder, DAY)]
    finally:
        folder.close()


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table that a reader sees, in the order of partition, request and place within the verdict."""
    found = [row for file in (path / table).rglob("*.parquet") for row in pq.ParquetFile(file).read().to_pylist()]
    return sorted(found, key=lambda row: (row["partition"], row["req"], row.get("ordinal", 0), row.get("number", 0), row.get("feedetl_sn", "")))


def picked(path: Path, table: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows(path, table)]
