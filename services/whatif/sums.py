"""Sums over the rows of a what-if, by pyarrow: each shard's, then those of all shards. Amounts in fen."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from services.whatif.columns import DIMENSIONS, SUMMED

PERSON = ("own_before", "own_change", "fund_change", "settled_before")
FLOW = ("verdict_before", "verdict_after", "settled_before", "settled_after")
TABLES = {"by": (DIMENSIONS, SUMMED), "persons": (("psn_no",), PERSON), "flows": (FLOW, ("claims", "bill", "fund_change", "own_change"))}
"""What is summed, by name: over what, and which columns."""
STEPS = (1, 10_000, 100_000, 1_000_000)
"""Bounds of the brackets of what a person gains or loses, in fen: up to 100, 1,000, 10,000 yuan, and more."""
TENTHS = 10
Row = dict[str, Any]


def of_rows(rows: pa.Table) -> dict[str, pa.Table]:
    """The sums of one shard."""
    return {name: grouped(rows, keys, summed) for name, (keys, summed) in TABLES.items()}


def together(parts: Sequence[dict[str, pa.Table]]) -> dict[str, pa.Table]:
    """The sums of all shards, in the order of their keys."""
    return {name: grouped(pa.concat_tables(part[name] for part in parts), keys, summed) for name, (keys, summed) in TABLES.items()}


def grouped(rows: pa.Table, keys: Sequence[str], summed: Sequence[str]) -> pa.Table:
    """Sums by ``keys``, under their own names, in the order of the keys; what is null counts as nothing."""
    found = rows.group_by([*keys], use_threads=False).aggregate([(name, "sum") for name in summed])
    found = found.rename_columns([name.removesuffix("_sum") for name in found.column_names]).select([*keys, *summed])
    filled = pa.table([pc.fill_null(found[name], 0) if name in summed else found[name] for name in found.column_names], found.column_names)
    return filled.sort_by([(key, "ascending") for key in keys])


def by(table: pa.Table, dimension: str) -> list[Row]:
    """The sums by one dimension."""
    return grouped(table, (dimension,), SUMMED).to_pylist()


def total(table: pa.Table) -> Row:
    """The sums of all rows."""
    return {name: pc.sum(table[name]).as_py() or 0 for name in SUMMED}


def deciles(persons: pa.Table) -> list[Row]:
    """Ten groups of equal size of those who have a settlement, by what they bear under the present rulebook, the least first."""
    ranked = persons.filter(pc.greater(persons["settled_before"], 0)).sort_by([("own_before", "ascending"), ("psn_no", "ascending")])
    bounds = [number * ranked.num_rows // TENTHS for number in range(TENTHS + 1)]
    found = [(number, ranked.slice(first, behind - first)) for number, (first, behind) in enumerate(zip(bounds, bounds[1:], strict=False), 1)]
    return [{"decile": number, "least": pc.min(part["own_before"]).as_py(), "most": pc.max(part["own_before"]).as_py(), **told(part)}
            for number, part in found if part.num_rows]


def told(persons: pa.Table) -> Row:
    """Persons in all, those who bear less and more, and how much; in fen."""
    change = persons["own_change"]
    less, more = persons.filter(pc.less(change, 0)), persons.filter(pc.greater(change, 0))
    return {
        "persons": persons.num_rows, "less": less.num_rows, "more": more.num_rows,
        **{f"{name}_amount": pc.sum(part["own_change"]).as_py() or 0 for name, part in (("less", less), ("more", more))},
        **{name: pc.sum(persons[name]).as_py() or 0 for name in ("own_before", "own_change", "fund_change")},
    }


def brackets(persons: pa.Table) -> list[Row]:
    """How many bear so much less or more: amounts from ``least`` to ``most``, both included, in fen; None: no bound."""
    rising = [*zip(STEPS, [bound - 1 if bound else None for bound in (*STEPS[1:], 0)], strict=True)]
    falling = [(-most if most is not None else None, -least) for least, most in reversed(rising)]
    found = []
    for least, most in (*falling, (0, 0), *rising):
        within = persons["own_change"]
        keep = pc.and_(pc.greater_equal(within, least if least is not None else -(2**62)), pc.less_equal(within, most if most is not None else 2**62))
        found.append({"least": least, "most": most, "persons": pc.sum(pc.cast(keep, pa.int64())).as_py() or 0})
    return found
