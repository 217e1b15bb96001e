"""What all commands share: what is printed stands there as it is."""

from pathlib import Path

import pytest

from services.cli import console
from services.cli.console import Table, err, out


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
