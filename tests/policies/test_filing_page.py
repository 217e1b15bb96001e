"""docs/filing.md: each request of docs/filing.jsonl ends as its table says."""

import re
from pathlib import Path

import pytest

from contracts.keys import derived_id
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from policies.names import CATEGORIES, CHANNELS, MATERIALS, Names
from policies.road import Road
from policies.statement import as_text, statement
from tests.contracts.examples import Example, good
from tests.policies.requests import codes, last_section

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "filing.md").read_text("utf-8")
REQUESTS = (DOCS / "filing.jsonl").read_bytes().splitlines()
TOLD = re.findall(r"^\| ([a-f][0-9]) \| [^|]+ \| (\w+) ?(?:`([\w, ]+)`)? \|", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[str, str]]:
    """Verdict and codes by the id of the request, but for enrolments."""
    road, found = Road(built_in()), {}
    for request in REQUESTS:
        event = event_of([*road.run(request_record(request, topic_map().partitions))][-1])
        if event.type != "enrolment.recorded":
            section = last_section(event)
            found[event.attributes.request_id] = section.verdict, ", ".join(codes(section))
    return found


def test_each_request_ends_as_the_table_says(verdicts: dict[str, tuple[str, str]]) -> None:
    assert len(TOLD) == len(REQUESTS) - 6, "all but the enrolments"
    assert {id: (verdict, why) for id, verdict, why in TOLD} == verdicts


def test_the_statements_shown_are_those_printed() -> None:
    """Without the digest, which changes with any rule."""
    road, shown = Road(built_in()), re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    sheets = []
    for request in REQUESTS:
        event = event_of([*road.run(request_record(request, topic_map().partitions))][-1])
        sheets += [as_text(statement(event, built_in(), lang)).partition("\n规则库摘要")[0].partition("\nrulebook ")[0].rstrip() for lang in ("zh", "en")]
    assert len(shown) == 4
    for text in shown:
        assert text.rstrip() in sheets


@pytest.mark.parametrize(("field", "names"), [("category", CATEGORIES), ("materials", MATERIALS), ("dcla_souc", CHANNELS)])
def test_the_codes_are_those_that_have_names(field: str, names: Names) -> None:
    (row,) = re.findall(rf"^\| `{field}` \| (.+) \|$", PAGE, re.MULTILINE)
    assert row.split("；") == [f"`{code}` {zh} / {en}" for code, (zh, en) in names.items()]


@pytest.mark.parametrize("example", [one for one in good() if ".filing.requested." in one.content["type"]], ids=lambda one: one.name)
def test_an_example_of_a_filing_uses_these_codes(example: Example) -> None:
    data = example.content["data"]
    assert {*data.get("materials", ())} <= MATERIALS.keys() and {data.get("dcla_souc", "app")} <= CHANNELS.keys()


def test_the_number_of_a_filing_follows_from_its_request() -> None:
    assert derived_id("a2", "P-ZZ-1") in PAGE
