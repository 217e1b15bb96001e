"""Reads records whose header names are not UTF-8, which the broker takes from any client.

aiokafka 0.14 fails on such a name each time the record is fetched, so that one record would stop its partition for
ever. When that has happened once, the process reads with aiokafka's Python classes, and such names come escaped.
"""

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.legacy_records import _LegacyRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class _Bytes(bytearray):
    """Bytes that decode whatever they hold; slices too."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Bytes(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")


class _Batch(_DefaultRecordBatchPy):
    def __iter__(self) -> "_Batch":
        super().__iter__()
        self._buffer = _Bytes(self._buffer)
        return self


class _Records(_MemoryRecordsPy):
    def next_batch(self, *args: Any) -> Any:
        piece = self._next_slice
        batch = super().next_batch(*args)
        legacy = batch is None or isinstance(batch, _LegacyRecordBatchPy) or batch.magic < 2
        return batch if legacy or piece is None else _Batch(piece)


def read_any_header_name() -> None:
    """From now on, in this process. Slower, so it is only called after the first failure."""
    fetcher.MemoryRecords = _Records
