"""``yibao rules``: looks after a rulebook: checks it whole, shows the benefits of a place, begins a new region."""

from pathlib import Path
from typing import Annotated

import typer

from policies.book import BUILT_IN, Book, load
from policies.cases import Case, load_cases
from policies.check import problems, unused
from policies.tables import RulebookError
from services.cli.console import REFUSED, AsJson, err, out, print_json

rules = typer.Typer(no_args_is_help=True, help="规则库：检查、查看、新建参保地。 / The rulebook: check it, show a place, begin a new one.")

Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", envvar="YIBAO_RULEBOOK", help="规则库目录，默认内置 / rulebook folder, default: the built-in one")
]


@rules.command()
def check(folder: Folder = None, as_json: AsJson = False) -> None:
    """检查规则库：能否加载、时间有无空档、算例是否相符、每一行有无算例、出处是否用到。有问题时以 1 退出。

    Checks a rulebook: whether it can be loaded, gaps in time, the cases, a case for every row, unused sources. Each line
    names file, key, what is wrong and what to do. Exit code 1 where something has to be mended.

    例 / Example: [bold]yibao rules check my-rulebook[/bold]
    """
    where = folder or BUILT_IN
    book, cases, wrong = _read(where)
    warnings: list[str] = []
    if book is not None:
        wrong = problems(book, cases)
        warnings = unused(book, _texts(where))
    if as_json:
        print_json({
            "rulebook": book.digest if book else None, "plans": _plans(book), "cases": len(cases), "problems": wrong, "warnings": warnings,
        })
    else:
        _tell(where, book, cases, wrong, warnings)
    if wrong:
        raise typer.Exit(REFUSED)


def _read(folder: Path) -> tuple[Book | None, tuple[Case, ...], list[str]]:
    """The rulebook and its cases, as far as they can be read, and why the rest cannot."""
    book, cases, wrong = None, (), []
    try:
        book = load(folder)
    except RulebookError as error:
        wrong += error.problems
    try:
        cases = load_cases(folder)
    except RulebookError as error:
        book, wrong = None, wrong + error.problems
    return book, cases, wrong


def _texts(folder: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(folder.rglob("*.toml")) if path.relative_to(folder) != Path("sources.toml")]


def _plans(book: Book | None) -> int:
    return sum(len(versions) for versions in book.plans.values()) if book else 0


def _tell(folder: Path, book: Book | None, cases: tuple[Case, ...], wrong: list[str], warnings: list[str]) -> None:
    for line in wrong:
        out.print(line, style="red", soft_wrap=True)
    for line in warnings:
        out.print(f"提醒 / note: {line}", style="yellow", soft_wrap=True)
    if wrong:
        err.print(f"{folder}: 有 {len(wrong)} 处要改 / {len(wrong)} to mend", style="red", soft_wrap=True)
        return
    assert book is not None
    out.print(
        f"规则库无误 / the rulebook is right: {_plans(book)} 个方案 / plans, {len(cases)} 个算例 / cases, "
        f"{len(book.sources)} 个出处 / sources, 摘要 / digest {book.digest[:12]}", soft_wrap=True,
    )
