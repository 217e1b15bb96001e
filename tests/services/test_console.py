"""What all commands share: what is printed stands there as it is."""

import pytest
from rich.table import Table

from services.cli.console import err, out


@pytest.mark.parametrize("text", ["gw:100:1", "claims:100:7", "[bold]x[/bold]"])
def test_ids_are_printed_as_they_are(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``:100:`` is an emoji of rich's, and brackets are its markup: in a line, in a cell, in a title."""
    (table := Table(text, title=text)).add_row(text)
    for console in (out, err):
        console.print(text)
        console.print(table)
    told = capsys.readouterr()
    assert told.out.count(text) == 4 == told.err.count(text)
