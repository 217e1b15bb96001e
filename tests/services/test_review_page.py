"""docs/review.md is run: its claim is held as it shows, and released for what is worked out by hand. Ids follow the rulebook."""

import json
import re
from pathlib import Path

from contracts.lines import request_record
from contracts.topics import topic_map
from policies.statement import as_text, statement
from tests.policies.requests import Journey

PAGE = (Path(__file__).parents[2] / "docs" / "review.md").read_text("utf-8")
ID = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{30})\b")


def requests() -> list[str]:
    (block,) = re.findall(r"```json\n(.*?)\n```", PAGE, re.S)
    return block.splitlines()


def published(journey: Journey, line: str):
    return journey.publish(request_record(line.encode(), topic_map().partitions))


def test_the_claim_is_held_and_released_as_shown() -> None:
    journey = Journey()
    _, first, held = [published(journey, line) for line in requests()]
    assert (first.type, held.type) == ("claim.settled", "claim.held")
    shown = PAGE[PAGE.index("Claim held for review"):PAGE.index("$ yibao review decide")]
    printed = as_text(statement(held, journey.book, "en"))
    assert ID.sub("ID", shown).strip() == ID.sub("ID", printed).strip()
    (told,) = re.findall(r"^\{.*review.decided.*\}$", PAGE, re.M)
    asked = json.loads(told)["data"] | {"held_id": held.attributes.id}
    event = journey.send("review.decided", {**{k: v for k, v in asked.items() if k != "lines"}, "decision": "release"})
    # 625.00 - 120.00 = 505.00; - 90.00 = 415.00; x 60 % = 249.00; 625.00 - 249.00 = 376.00
    assert event.type == "review.settled" and (event.body.settled.hifp_pay, event.body.settled.psn_cash_pay) == (249_00, 376_00)


def test_the_cut_that_is_shown_can_be_read() -> None:
    (told,) = re.findall(r"^\{.*review.decided.*\}$", PAGE, re.M)
    event = published(Journey(), told)
    assert event.type == "review.refused" and event.body.request.lines[0].amt == 100_01, "100.01 yuan; no such claim is held here"
