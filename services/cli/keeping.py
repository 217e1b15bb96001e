"""``yibao rules keep`` and ``kept``: rulebooks put where they stay, by digest, for what was decided under them."""

from pathlib import Path
from typing import Annotated

import typer

from policies.book import BUILT_IN, Book
from policies.tables import RulebookError
from services.cli.console import CANNOT, REFUSED, AsJson, RulebooksDir, fail, out, print_json, told_settings
from services.runtime.rulebooks import check, keep as keep_in, kept_in
from services.runtime.settings import HOME, Settings, local_stack

DATA, KEPT = HOME / "data", "rulebooks"
"""The data folder of ``yibao up``, and the folder within where it keeps rulebooks."""


def keep(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", envvar="YIBAO_RULEBOOK", help="规则库目录，默认内置 / rulebook folder, default: the built-in one"),
    ] = None,
    rulebooks: RulebooksDir = None, as_json: AsJson = False,
) -> None:
    """按摘要存放规则库，供日后原样重算；已存放的不再写。`yibao up` 与设有 YIBAO_RULEBOOKS 的工作进程启动时自动存放。

    Keeps a rulebook under its digest, so that what was decided by it can be decided again; one that is kept is not written again.
    `yibao up`, and workers with YIBAO_RULEBOOKS, do so when they start.

    例 / Example: [bold]yibao rules keep my-rulebook[/bold]
    """
    store = where(rulebooks)
    book, new = put(source, store)
    if as_json:
        print_json({"rulebook": book.digest, "folder": store / book.digest, "new": new})
        return
    out.print(f"{'已存放 / kept' if new else '已在 / kept before'}: {store / book.digest}", soft_wrap=True)


def kept(rulebooks: RulebooksDir = None, as_json: AsJson = False) -> None:
    """列出存放的规则库，逐个核对内容与摘要；不符的以 1 退出。

    Lists the rulebooks that are kept, each compared with its digest; ends with 1 where one does not fit.

    例 / Example: [bold]yibao rules kept[/bold]
    """
    store = where(rulebooks)
    found = {digest: _wrong(store / digest) for digest in kept_in(store)}
    if as_json:
        print_json({"folder": store, "rulebooks": [{"rulebook": digest, "wrong": wrong} for digest, wrong in found.items()]})
    else:
        out.print(f"{store}: {len(found)} 套 / rulebooks", soft_wrap=True)
        for digest, wrong in found.items():  # no table: a digest is there to be copied
            out.print(f"{digest}  {wrong or '相符 / fits'}", soft_wrap=True)
    if any(found.values()):
        raise typer.Exit(REFUSED)


def put(source: Path | None, store: Path) -> tuple[Book, bool]:
    """Keeps the rulebook in ``source``, or the built-in one; says what is wrong and ends the command."""
    try:
        return keep_in(source or BUILT_IN, store)
    except RulebookError as error:
        fail("\n".join(["规则库有误 / the rulebook is wrong:", *error.problems]))
    except OSError as error:
        fail(f"{store}: 规则库无法存放，请给出可写的目录 / the rulebook cannot be kept there, give a folder that can be written ({error.strerror})", CANNOT)


def where(given: Path | None) -> Path:
    """The folder of kept rulebooks: the one that is given, that of the local stack, else the one that `yibao up` would use."""
    with told_settings():
        stack = local_stack(Settings().stack)
    return given or (stack.rulebooks if stack is not None else None) or DATA / KEPT


def _wrong(path: Path) -> str:
    try:
        check(path)
    except RulebookError as error:
        return "; ".join(error.problems)
    return ""
