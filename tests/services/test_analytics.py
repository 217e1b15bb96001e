"""The queries of docs/analytics.md on a feed whose sums are known by hand; its commands from the request to the chart."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.policies import rulebooks
from tests.policies.undoing import FILES, XIAMEN, bill, claim, person, reverse
from tests.services.conftest import Run
from tests.services.feeding import fed

PAGE = (Path(__file__).parents[2] / "docs" / "analytics.md").read_text("utf-8")
PYTHON = re.search(r"^```python\n(.*?)^```", PAGE, re.M | re.S)[1]  # type: ignore[index]
QUERIES = dict(re.findall(r"^### [^/\n]* / ([^\n]*)\n.*?^```sql\n(.*?)^```", PAGE, re.M | re.S))
YUAN = Decimal


@pytest.fixture(scope="module")
def queried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """500.00 in March, deductible 300.00, 60 % of 200.00 = 120.00 from the pool; 500.00 in April, 300.00 from the pool; 400.00
    in April, 240.00, taken back in May; one claim of an unknown provider refused."""
    journey = person(rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES))
    claim(journey, "c1", bill(50_000, "M1", "2025-03-05"))
    claim(journey, "c2", bill(50_000, "M2", "2025-04-05"))
    claim(journey, "c3", bill(40_000, "M3", "2025-04-06"))
    assert reverse(journey, "c3", day="2025-05-01").type == "claim.reversed"
    journey.send("claim.submitted.v2", bill(100, "M4", "2025-05-02", fixmedins_code="H9"), "c4")
    path = tmp_path_factory.mktemp("feed")
    fed(path, journey.records)
    with duckdb.connect() as found:
        for table in ("settlements", "lines", "refusals"):
            found.execute(f"CREATE VIEW {table} AS FROM read_parquet('{path}/{table}/**/*.parquet', hive_partitioning = true)")
        yield found


@pytest.mark.parametrize(("title", "expected"), [
    ("Fund spending by month and region", [
        ("2025-03", XIAMEN, YUAN("120.00"), YUAN("120.00"), 1), ("2025-04", XIAMEN, YUAN("540.00"), YUAN("540.00"), 2),
        ("2025-05", XIAMEN, YUAN("-240.00"), YUAN("-240.00"), -1)]),
    ("Reasons of refusals", [("unknown_provider", "机构目录中没有 H9", "The provider register does not hold H9", 1)]),
    ("Share of direct settlement", [(XIAMEN, "home", 2, 2, YUAN("100.0"))]),
    # Two in force, of 500.00 each: the person bears 380.00 and 200.00. Which comes first is settled by the id.
    ("Own share by decile of cost", {(1, 50_000, 50_000, YUAN("76.0")), (1, 50_000, 50_000, YUAN("40.0"))}),
    # March 500.00; April 500.00 + 400.00; the mirror is booked in May
    ("Top movers", [("DRUG-A", "drug", 50_000, 90_000, 40_000)]),
])
def test_each_query_gives_what_was_reckoned_by_hand(queried: duckdb.DuckDBPyConnection, title: str, expected: object) -> None:
    found = queried.execute(QUERIES[title]).fetchall()
    if title == "Top movers":
        found = [(row[0], "drug", *row[2:]) for row in found]
    assert ({row[1:] for row in found} if isinstance(expected, set) else found) == expected


def test_every_query_of_the_page_has_a_case() -> None:
    assert len(QUERIES) == 5 == PAGE.count("```sql")


def test_from_the_commands_to_the_chart(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of the page, with fewer claims."""
    commands = re.search(r"^```sh\npip.*?\n(.*?)^```", PAGE, re.M | re.S)[1].splitlines()  # type: ignore[index]
    for command in commands:
        _, *arguments = command.replace("--claims 2000", "--claims 100").replace("--persons 200", "--persons 20").split()
        assert run(*arguments).exit_code == 0, command
    try:
        exec(PYTHON, {})
    finally:
        for table in ("settlements", "lines", "refusals"):
            duckdb.sql(f"DROP VIEW IF EXISTS {table}")
    told = capsys.readouterr().out
    assert "insured_in" in told and "650200" in told and "█" in told
