"""What all commands share: what is printed stands there as it is."""

from pathlib import Path

import pytest
import typer

from contracts.log import Gap
from services.cli import console
from services.cli.console import CANNOT, SERVERS, Table, err, out
from tests.services.conftest import Run


@pytest.mark.parametrize("text", ["gw:100:1", "claims:100:7", "[bold]x[/bold]"])
def test_ids_are_printed_as_they_are(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``:100:`` is an emoji of rich's, and brackets are its markup: in a line, in a cell, in a title."""
    (table := Table(text, title=text)).add_row(text)
    for one in (out, err):
        one.print(text)
        one.print(table)
    told = capsys.readouterr()
    assert told.out.count(text) == 4 == told.err.count(text)


def test_a_table_that_is_too_wide_goes_on_in_the_next_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    (table := Table("amount", "code")).add_row("1,234,567.89", "H65020000102")
    out.print(table)
    cells = [[cell.strip() for cell in row.split("│")[1:3]] for row in capsys.readouterr().out.splitlines() if row.startswith("│")]
    assert ["".join(column) for column in zip(*cells, strict=True)] == ["1,234,567.89", "H65020000102"]


def test_every_command_prints_such_tables() -> None:
    modules = [path for path in Path(console.__file__).parent.glob("*.py") if "from rich.table import" in path.read_text("utf-8")]
    assert modules == []


@pytest.mark.parametrize("command", [
    ("dead", "list", "--since", "2025-03-06", "--until", "2025-03-05"), ("dead", "list", "--since", "2025-03-06", "--until", "2025-03-06"),
    ("account", "P1", "--since", "2025-03-06", "--as-of", "2025-03-05"),
], ids=" ".join)
def test_two_times_with_nothing_between_them_are_told_by_their_options(run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """Before anybody is asked: no server is there."""
    for name, address in (("KAFKA", "127.0.0.1:1"), ("REDIS", "redis://127.0.0.1:1/0")):
        monkeypatch.setenv(f"YIBAO_{name}", address)
    done = run(*command)
    assert done.exit_code == CANNOT and f"{command[-4]} must lie before {command[-2]}" in done.stderr


def test_a_hole_in_a_topic_ends_a_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    @console.coro
    async def reads() -> None:
        raise Gap(990, 991)

    with pytest.raises(typer.Exit) as ended:
        reads()
    assert ended.value.exit_code == SERVERS
    assert "record 991 came where 990 was expected" in (told := capsys.readouterr().err) and "yibao audit verify says where" in told
