"""``yibao generate``: any number of requests from a seed, as JSON lines."""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from services.cli.console import AsJson, RulebookDir, Table, err, fail, load_book, out, print_json
from services.cli.writing import to_file
from services.generator import MAX_PERSONS, MAX_SEED, MIXES, generate as lines_of

Mix = Enum("Mix", {name: name for name in MIXES}, type=str)  # type: ignore[misc]
DAY = Mix("day")


def generate(
    persons: Annotated[int, typer.Option(min=1, max=MAX_PERSONS, help="最多人数 / at most so many persons")] = 200,
    claims: Annotated[int, typer.Option(min=0, help="结算请求数 / claims")] = 2000,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="种子 / seed: same seed, same bytes")] = 1,
    mix: Annotated[Mix, typer.Option(help="配比 / what is generated: day; bench (speed); all (every type of request)")] = DAY,
    file: Annotated[Path | None, typer.Option("--out", help="写入文件（否则标准输出） / file, else standard output")] = None,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """按种子生成请求（JSON 行，可交给 yibao publish 或 settle）：参数相同，字节相同。

    Generates requests from a seed, as JSON lines for `yibao publish` or `yibao settle`: same arguments, same bytes.
    With --out a summary is printed (--json: as JSON). What persons and accounts need, quotes, interim settlements and
    repeated requests come on top of the claims. What each mix holds, and why: docs/generate.md.

    例 / Example: [bold]yibao generate --persons 500 --claims 5000 --seed 7 --out requests.jsonl[/bold]
    """
    try:
        lines = _known(lines_of(persons, claims, seed, load_book(rulebook), mix.value))
    except ValueError as bad:
        fail(f"参数不合适 / these numbers do not fit: {bad}")
    if file is None:
        stream = typer.get_binary_stream("stdout")
        stream.writelines(line.encode() + b"\n" for line in lines)
        stream.flush()
        return
    counted: Counter[str] = Counter()
    with to_file(file) as stream:
        told = track(_counting(lines, counted), "生成 / generating", total=None, console=err, transient=True)
        stream.writelines(line.encode() + b"\n" for line in told)
    if as_json:
        print_json({"file": str(file), "requests": counted.total(), "types": dict(sorted(counted.items()))})
    else:
        out.print(_table(counted, file))


def _known(lines: Iterator[str]) -> Iterator[str]:
    """The lines; a rulebook without the places, providers or catalogues that they need ends the command."""
    try:
        yield from lines
    except LookupError as missing:
        fail(f"规则库不足以生成请求 / the rulebook lacks what generated requests need: {missing.args[0]}")


def _counting(lines: Iterable[str], counted: Counter[str]) -> Iterator[str]:
    for line in lines:
        counted[line.split('"', 4)[3]] += 1  # every generated line begins with its type
        yield line


def _table(counted: Counter[str], file: Path) -> Table:
    table = Table("类型 / type", "数量 / count", title=str(file), show_footer=True)
    table.columns[0].footer, table.columns[1].footer = "合计 / in all", str(counted.total())
    table.columns[1].justify = "right"
    for name, count in sorted(counted.items()):
        table.add_row(name, str(count))
    return table
