"""What a what-if leaves in a folder: the result, a page, charts, and every changed claim as CSV and Parquet."""

import json
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from policies.statement.html import page, sheet
from services import charts
from services.feed.parquet import COMPRESSION
from services.whatif.columns import SCHEMA, WRITTEN
from services.whatif.draft import Books
from services.whatif.figures import figures
from services.whatif.pairs import HEADS, Sheets
from services.whatif.paper import TITLE, paper
from services.whatif.result import Object

OF_FILES = pa.schema([SCHEMA.field(name) for name in WRITTEN])
STYLE = """
body { max-width: 96em; }
svg { max-width: 100%; height: auto; overflow: visible; }
svg text { font-family: "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif !important; }
figure { margin: 1.5em 1em 1.5em 6em; break-inside: avoid; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 2em; break-before: page; }
.pair > h1 { grid-column: 1 / 3; margin-bottom: 0; }
.pair article { break-before: auto; font-size: .8em; min-width: 0; overflow-x: auto; }
"""


def write(folder: Path, found: Object, books: Books, sheets: Sequence[Sheets], changed: Sequence[Path], lang: str) -> list[Path]:
    """Writes all files, each whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [*figures(found, books.draft)]
    writers: dict[str, Callable[[Path], object]] = {
        "result.json": lambda path: path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8"),
        "report.html": lambda path: path.write_text(as_page(found, books, sheets, drawn, lang), "utf-8"),
        **{f"{chart.name}.png": lambda path, chart=chart: charts.png(chart, path, lang) for chart in drawn},
        "changed.csv": lambda path: _csv(path, changed), "changed.parquet": lambda path: _parquet(path, changed),
    }
    for name, writer in writers.items():
        part = folder / f".{name}.part"
        try:
            writer(part)
            part.replace(folder / name)
        finally:
            part.unlink(missing_ok=True)
    return [folder / name for name in writers]


def as_page(found: Object, books: Books, sheets: Sequence[Sheets], drawn: Sequence[charts.Bars], lang: str) -> str:
    """One page that needs nothing else: the report in both languages, the charts, and the statements of what changes most."""
    return page(TITLE[0] if lang == "zh" else TITLE[1], lang, _body(found, books, sheets, drawn, lang), wide=True, style=STYLE)


def _body(found: Object, books: Books, sheets: Sequence[Sheets], drawn: Sequence[charts.Bars], lang: str) -> Iterator[str]:
    first, second = ("zh", "en") if lang == "zh" else ("en", "zh")
    yield from sheet(paper(found, books.draft, first))
    yield from (f"<figure>{charts.svg(chart)}</figure>" for chart in drawn)
    yield from sheet(paper(found, books.draft, second))
    for id, *both in sheets:
        yield f'<section class="pair"><h1>{escape(id)}: {" | ".join(HEADS[lang])}</h1>'
        for one in both:
            yield from sheet(one)
        yield "</section>"


def _csv(path: Path, changed: Sequence[Path]) -> None:
    with pc.CSVWriter(path, OF_FILES) as writer:
        for part in changed:
            writer.write_table(pq.read_table(part))


def _parquet(path: Path, changed: Sequence[Path]) -> None:
    with pq.ParquetWriter(path, OF_FILES, compression=COMPRESSION) as writer:
        for part in changed:
            if (table := pq.read_table(part)).num_rows:
                writer.write_table(table)
