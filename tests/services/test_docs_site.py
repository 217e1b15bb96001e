"""What docs/build.py makes of the contract and of links; the tools that make pages of it are those of ``make docs``."""

import importlib.util
import json
from pathlib import Path

import pytest

from contracts.schemas import documents, topics_document
from contracts.topics import topic_map

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("build", ROOT / "docs" / "build.py")
assert SPEC is not None and SPEC.loader is not None
build = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(build)


def test_the_page_of_topics_names_all_and_links_to_every_schema() -> None:
    page = build.topics_page(json.loads(topics_document()))
    for topic in topic_map().all:
        assert f"## {topic.name}\n" in page and f"写 / writers: {', '.join(topic.makers)}。" in page
    linked = {line.partition("](schemas/")[2].removesuffix(".md)") for line in page.splitlines() if line.startswith("- [")}
    never_published = {"filing.requested.v1"}  # the first stage decides a filing at once
    assert linked == {name.removesuffix(".json") for name in documents()} - never_published


@pytest.mark.parametrize(("text", "expected"), [
    ("see [a](a.md) and [b](../b.py)", "see [a](a.md) and b"),
    ("[a](docs/a.md#x), [web](https://example.org/a), [here](#here)", "[a](a.md#x), [web](https://example.org/a), [here](#here)"),
])
def test_links_to_what_is_no_page_become_text(text: str, expected: str) -> None:
    assert build.page(text, {"a.md"}) == expected
