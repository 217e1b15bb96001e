"""``yibao review``: which claims wait, what is printed of them, and what a decision publishes."""

import pytest
from rich.console import Console

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.topics import topic_map
from services.cli.review import _cut, _request, waiting_table
from services.cli.waiting import Waiting, paired
from tests.policies.requests import PERSON, RESTRICTED, Journey, claim, insured, line
from tests.services.conftest import Run


def decision(held_id: str, to: str = "release") -> dict[str, object]:
    return {"psn_no": PERSON, "held_id": held_id, "decision": to, "opter": "OP-1", "date": "2026-03-09"}


def journey(*decisions: str) -> tuple[Journey, list[Waiting]]:
    """A drug handed out on one day once more than the decisions are; those of the held claims that are decided."""
    found = insured()
    held = [found.send("claim.submitted", claim(line(30_000, RESTRICTED), mdtrt_id=f"M{n}"), id=f"c{n}") for n in range(4)][1:]
    for event, to in zip(held, decisions, strict=False):
        found.send("review.decided.v1", decision(event.attributes.id, to), id=f"d-{event.attributes.request_id}")
    return found, list(paired(_interesting(found.records)))


def _interesting(records: list[Record]) -> list[Record]:
    types = {b"cn.yibao.claim.held.v1", b"cn.yibao.review.settled.v1", b"cn.yibao.review.closed.v1"}
    return [record for record in records if record.topic == "yibao.settled" and record.header("ce_type") in types]


def test_what_waits_is_held_and_neither_settled_nor_closed() -> None:
    _, found = journey("release", "refuse")
    told = [(one.held.attributes.request_id, one.decided.attributes.request_id if one.decided else None) for one in found]
    assert told == [("c1", "d-c1"), ("c2", "d-c2"), ("c3", None)]


def test_a_row_names_person_amounts_and_rules() -> None:
    _, found = journey("refuse")
    console = Console(width=140, record=True)
    console.print(waiting_table(found))
    text = console.export_text()
    for part in (found[0].id, PERSON, "H65020000101", "2026-03-05", "300.00", "同日重复开药", "d-c1"):
        assert part in text
    assert found[1].as_object() == {
        "held_id": found[1].id, "request_id": "c2", "psn_no": PERSON, "fixmedins_code": "H65020000101", "setl_date": "2026-03-05",
        "medfee_sumamt": 30_000, "rules": ["same-drug-same-day"], "vola_amt": 30_000, "decided_by": None}


@pytest.mark.parametrize(("text", "expected"), [
    ("1:provider", {"feedetl_sn": "1", "bears": "provider"}),
    ("12:patient:100.01", {"feedetl_sn": "12", "bears": "patient", "amt": 10_001}),
    ("1:provider:100", {"feedetl_sn": "1", "bears": "provider", "amt": 10_000}),
    ("1:provider:0.5", {"feedetl_sn": "1", "bears": "provider", "amt": 50}),
])
def test_a_cut_is_read(text: str, expected: dict[str, object]) -> None:
    assert _cut(text) == expected


@pytest.mark.parametrize("text", ["1", "1:fund", ":patient", "1:patient:1.234", "1:patient:x", "1:patient:-1"])
def test_a_cut_that_is_none_is_told(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception) as caught:
        _cut(text)
    assert getattr(caught.value, "exit_code", None) == 1 and f"--cut {text}" in capsys.readouterr().err


def test_the_request_is_checked_before_it_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert _request(decision("abc")) == request_record(
        b'{"type":"cn.yibao.review.decided.v1","data":{"psn_no":"P1","held_id":"abc","decision":"release","opter":"OP-1","date":"2026-03-09"}}',
        topic_map().partitions)
    with pytest.raises(Exception) as caught:
        _request(decision("abc", "perhaps"))
    assert getattr(caught.value, "exit_code", None) == 1 and "decision" in capsys.readouterr().err


@pytest.mark.parametrize("args", [("list",), ("show", "x"), ("decide", "x", "release", "--by", "OP-1")])
def test_without_a_stack_it_says_what_to_do(run: Run, args: tuple[str, ...]) -> None:
    result = run("review", *args)
    assert result.exit_code == 2 and "yibao up" in result.output
