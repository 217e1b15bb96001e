"""The requests of docs/reimbursement.md end as it says; what it shows is what is printed."""

import re
from functools import cache
from pathlib import Path

import pytest

from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import built_in
from policies.reimbursement.papers import NAMES
from policies.road import Road
from policies.statement import as_text, statement
from services.cli.batches import Batches

PAGE = (Path(__file__).parents[2] / "docs" / "reimbursement.md").read_text("utf-8")
SHOWN = [text for kind, text in re.findall(r"^```(\w*)\n(.*?)\n```$", PAGE, re.M | re.S) if not kind]
SETL_ID = re.compile(r"\b[0-9a-f]{30}\b")
"""It follows from the rulebook, so another one gives another id."""


@cache
def verdicts() -> dict[str, Event]:
    """The terminal event of each request of the page, by request id."""
    road, found = Road(built_in()), {}
    for line in re.findall(r"^\{.*\}$", PAGE, re.M):
        event = event_of([*road.run(request_record(line.encode(), topic_map().partitions))][-1])
        found[event.attributes.request_id] = event
    return found


@cache
def printed() -> str:
    sheets = (as_text(statement(event, built_in(), lang)) for event in verdicts().values() for lang in ("zh", "en"))
    return SETL_ID.sub("ID", "\n".join(sheets))


@pytest.mark.parametrize(("id", "end", "payable"), [
    ("r-1", "reimbursement.pending", 0),
    ("r-2", "reimbursement.settled", 182_00),     # (300.00 - 40.00) x 70 %
    ("r-3", "reimbursement.refused", 0),          # with its price, before settlement: the invoices do not add up
    ("r-4", "reimbursement.refused", 0),
    ("r-5", "reimbursement.refused", 0),
    ("r-6", "reimbursement.settled", 7_877_20),   # born 1980-06-15, 44 on 2025-03-01: (10,000.00 - 600.00) x 83.8 %
    ("r-7", "reimbursement.settled", 130_00),     # 200.00 x 65 %
    ("r-8", "reimbursement.pending", 0),
    ("r-9", "reimbursement.refused", 0),
])
def test_the_requests_end_as_told(id: str, end: str, payable: int) -> None:
    event = verdicts()[id]
    assert event.type == end
    assert (event.body.settled.payable_amt if event.body.settled else 0) == payable


def test_what_is_shown_is_what_is_printed() -> None:
    sheets = [block for block in SHOWN if "yibao" not in block.split("\n")[0] and "batches" not in block]
    assert len(sheets) == 16
    for block in sheets:
        for piece in SETL_ID.sub("ID", block).split("\n...\n"):
            assert f"\n{piece}\n" in f"\n{printed()}", piece


def test_the_sums_of_the_batch_are_as_shown() -> None:
    batches = Batches()
    for event in verdicts().values():
        batches.add(event)
    assert batches.as_object() == {"SCHOOL-2025-09": {"settled": 1, "pending": 1, "refused": 0, "payable_amt": 130_00}}
    assert "SCHOOL-2025-09        1        1        0           130.00" in PAGE


def test_every_reason_is_listed_with_its_source() -> None:
    """The table of the page against the rulebook."""
    rows = {code: source for code, source in re.findall(r"^\| `(\w+)` \|.*\| (S\d{3}).*\|$", PAGE, re.M)}
    rules = [rule for place in built_in().reimbursement.values() for rule in place.rows["reason"]]
    named = {(code, rule.sources[0]) for rule in rules for name, codes in rule.row.when if name == "reason" for code in codes}  # type: ignore[union-attr]
    assert rows.keys() == {code for code, _ in named} <= NAMES.keys()
    assert set(rows.items()) <= named
