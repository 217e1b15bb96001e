"""A table's rows as one Parquet file: the schema of its columns, and exact amounts in yuan from those in fen."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from services.feed.columns import SCHEMA, TABLES, Column

TYPES = {
    "text": pa.string(), "day": pa.date32(), "flag": pa.bool_(), "int": pa.int64(), "fen": pa.int64(), "yuan": pa.decimal128(19, 2),
    "ratio": pa.decimal128(7, 6), "count": pa.decimal128(12, 4), "price": pa.decimal128(16, 6),
}
DECIMALS = frozenset({"ratio", "count", "price"})
COMPRESSION = "zstd"


def expanded(column: Column) -> tuple[Column, ...]:
    """The columns of the file: an amount stands there in fen and in yuan."""
    if column.kind != "fen":
        return (column,)
    yuan = Column(f"{column.name}_yuan", "yuan", f"{column.zh}（元）", f"{column.en}, in yuan")
    return Column(column.name, "fen", f"{column.zh}（分）", f"{column.en}, in fen"), yuan


def typed(column: Column) -> pa.Field:
    """The field of a column, which says what it means in both languages."""
    return pa.field(column.name, TYPES[column.kind], metadata={"zh": column.zh, "en": column.en})


def schema_of(table: str) -> pa.Schema:
    """The schema of a table's files."""
    fields = [typed(one) for column in TABLES[table] for one in expanded(column)]
    return pa.schema(fields, metadata={"table": table, "schema": str(SCHEMA)})


SCHEMAS = {table: schema_of(table) for table in TABLES}


def write(path: Path, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Writes ``rows`` (values in the order of the table's columns; at least one)."""
    arrays: list[pa.Array] = []
    for column, values in zip(TABLES[table], zip(*rows, strict=True), strict=True):
        arrays += _arrays(column, values)
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMAS[table]), path, compression=COMPRESSION)


def _arrays(column: Column, values: Sequence[Any]) -> list[pa.Array]:
    if column.kind == "fen":
        fen = pa.array(values, pa.int64())
        return [fen, in_yuan(fen)]
    if column.kind == "yuan":
        return [in_yuan(pa.array(values, pa.int64()))]
    if column.kind in DECIMALS:
        return [pa.array([None if value is None else Decimal(value) for value in values], TYPES[column.kind])]
    return [pa.array(values, TYPES[column.kind])]


def in_yuan(fen: pa.Array) -> pa.Array:
    """The same integers read with two decimal places."""
    whole = fen.cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(TYPES["yuan"], len(whole), whole.buffers(), whole.null_count, whole.offset)
