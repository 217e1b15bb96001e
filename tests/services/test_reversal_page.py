"""docs/reversal.md is run: its requests are settled, and what it shows is what is printed. Ids follow the rulebook's digest."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.lines import request_record
from contracts.topics import topic_map
from policies.statement import as_text, statement
from tests.policies.requests import Journey

PAGE = (Path(__file__).parents[2] / "docs" / "reversal.md").read_text("utf-8")
ID = re.compile(r"\b[0-9a-f]{30}\b")


def blocks(kind: str, text: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)\n```", text, re.DOTALL)


def parts() -> Iterator[tuple[str, str, str]]:
    """Each part that has requests: its title, the example's four lines and its own, and the rest of its text."""
    first, *more = PAGE.split("\n## ")[1:]
    (example,) = blocks("json", first)
    for part in more:
        if own := blocks("json", part):
            yield part.partition("\n")[0], f"{example}\n{own[0]}", part


@pytest.mark.parametrize(("title", "requests", "text"), [*parts()], ids=[title for title, _, _ in parts()])
def test_what_a_part_shows_is_what_is_printed(title: str, requests: str, text: str) -> None:
    journey, printed = Journey(), ""
    for line in requests.splitlines():
        event = journey.publish(request_record(line.encode(), topic_map().partitions))
        printed += "".join(as_text(statement(event, journey.book, lang)) for lang in ("zh", "en"))
    known = {ID.sub("ID", line) for line in printed.splitlines()}
    shown = [line for block in blocks("text", text) for line in block.splitlines() if line]
    assert shown, title
    missing = [line for line in shown if ID.sub("ID", line) not in known]
    assert not missing, missing


def test_the_page_names_every_type() -> None:
    for topic in topic_map().road:
        for name in topic.types:
            if re.match("reversal|correction|undo|claim[.](reversed|corrected|undone)|request[.]undone", name):
                assert name.removesuffix(".v1") in PAGE or name.endswith(("checked.v1", "priced.v1")), name


def test_the_requests_are_json() -> None:
    assert [json.loads(line)["id"] for block in blocks("json", PAGE) for line in block.splitlines()][:4] == ["e1", "m1", "visit-1", "visit-2"]
