"""docs/eligibility.md: every refusal that it lists happens, with the message that it shows, and its remedy opens the way."""

from functools import cache
from pathlib import Path

import pytest

from contracts.events.claim import Checked
from contracts.lines import request_record
from contracts.reasons import REASONS
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from policies.road import Road
from tests.tidy.tree import modules, strings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "eligibility.md").read_text("utf-8")


@cache
def verdicts() -> dict[str, Checked]:
    """What eligibility says of each claim of the file, by its id."""
    road, found = Road(built_in()), {}
    topic = topic_map().of_stage("eligibility")[1].name
    for line in (DOCS / "eligibility.jsonl").read_bytes().splitlines():
        for record in road.run(request_record(line, topic_map().partitions)):
            if record.topic == topic and (event := event_of(record)).type.endswith((".checked", ".refused")):
                found[event.attributes.request_id] = event.body.checked
    return found


REFUSED = [id for id in verdicts() if id.startswith("no-")]


@pytest.mark.parametrize("id", REFUSED)
def test_the_refusal_is_the_one_that_is_shown(id: str) -> None:
    told = {one.code: one for one in verdicts()[id].reasons}[id.removeprefix("no-")]
    assert f"| `{id}` | {told.zh}<br>{told.en} | {told.remedy_zh}<br>{told.remedy_en} |" in PAGE


@pytest.mark.parametrize("id", REFUSED)
def test_after_the_remedy_it_passes(id: str) -> None:
    found = verdicts()[id.replace("no-", "ok-")]
    assert found.verdict == "accepted" and found.route in ("direct", "manual")


def test_every_claim_of_the_file_is_one_of_a_pair() -> None:
    assert set(verdicts()) == {f"{way}-{id.removeprefix('no-')}" for id in REFUSED for way in ("no", "ok")}
    assert len(REFUSED) == PAGE.count("| `no-")


def test_every_reason_that_eligibility_gives_is_on_the_page() -> None:
    stage = [*modules("policies/entitlement"), *(path for path in modules("policies") if path.name in ("eligibility.py", "filed.py", "routes.py"))]
    given = REASONS.keys() & {text for path in stage for _, text in strings(path)}
    assert len(given) > 30 and [code for code in given if f"`{code}`" not in PAGE and f"`no-{code}`" not in PAGE] == []
