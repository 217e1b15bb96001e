"""What the documents point at exists: links, headings, files, and every command line of yibao."""

import re
import shlex
from itertools import takewhile

import pytest
import typer
from typer.core import TyperGroup

from services.cli.app import app
from tests.tidy.tree import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "policies" / "rulebook").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?yibao +(.*)$", re.M)
USAGE = typer.BadParameter.__base__
"""What a command raises whose arguments it does not understand."""
MODULE = re.compile(r"python -m ((?:contracts|policies|services|tests)[.\w]*\w)")
PLACE = re.compile(r"`((?:contracts|policies|services|tests|docs|monitoring)/[\w./*{}-]+)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def commands(text: str) -> list[list[str]]:
    """The arguments of each command in the blocks of a page, without comments and where its output goes."""
    found = [shlex.split(line, comments=True) for _, block in BLOCK.findall(text) for line in COMMAND.findall(block)]
    return [[*takewhile(lambda word: word not in (">", ">>", "|"), words)] for words in found]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in LINK.findall(text_of(name)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / name).parent / path if path else ROOT / name
        assert found.exists(), f"{name}: {target}"
        assert not anchor or anchor in slugs(found.read_text("utf-8")), f"{name}: no heading {anchor} in {path or name}"


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name: str) -> None:
    for place in PLACE.findall(text_of(name)):
        assert any(ROOT.glob(place.rstrip("/"))), f"{name} names {place}"


def misunderstood(args: list[str]) -> str | None:
    """What is wrong with the arguments of a command, None where nothing is."""
    command, rest = typer.main.get_command(app), args
    while isinstance(command, TyperGroup):
        if not rest or rest[0] not in command.commands:
            return "no such command"
        command, rest = command.commands[rest[0]], rest[1:]
    try:
        command.make_context("yibao", [*rest])
    except USAGE as error:
        return error.format_message()
    return None


@pytest.mark.parametrize("name", [name for name in NAMES if commands(text_of(name))])
def test_every_command_line_is_understood(name: str) -> None:
    wrong = {shlex.join(args): told for args in commands(text_of(name)) if (told := misunderstood(args)) is not None}
    assert not wrong, f"{name}: {wrong}"


@pytest.mark.parametrize("line", ["nonsense", "rules nonsense", "status --nonsense", "rules show", "settle"])
def test_a_command_line_that_is_not_understood_is_found(line: str) -> None:
    assert misunderstood(line.split()) is not None


@pytest.mark.parametrize("module", sorted({module for name in NAMES for module in MODULE.findall(text_of(name))}))
def test_every_module_that_is_to_be_run_does_something(module: str) -> None:
    path = ROOT / module.replace(".", "/")
    alone = path.with_suffix(".py")
    assert '__name__ == "__main__"' in alone.read_text("utf-8") if alone.is_file() else (path / "__main__.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_no_page_installs_from_an_index(name: str) -> None:
    """The package is on none: it is installed from a checkout."""
    assert not re.search(r"pip install [^\n`]*\byibao\b", text_of(name))


def test_the_readmes_name_every_page() -> None:
    for readme in ("README.md", "README.zh-CN.md"):
        named = set(LINK.findall(text_of(readme)))
        assert {name for name in NAMES if name.startswith("docs/")} <= named, readme


def test_commands_are_found() -> None:
    assert commands("```\n.venv/bin/yibao up   # keeps\n$ A=b yibao dead list --limit 3 > dead.txt\n```\n") == [
        ["up"], ["dead", "list", "--limit", "3"]]
    assert len(commands(text_of("README.md"))) > 15
