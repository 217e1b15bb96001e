"""What becomes of a request that could not be read: its id, its line, and what publishes it again."""

import base64
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.envelope import Record, request_attributes
from contracts.keys import derived_id
from contracts.topics import topic_map
from contracts.wire import Unreadable, read_request
from policies.intake import intake
from policies.judged import Judged, Row, dead_copy
from services.cli.again import edited, line_of, lines, new_id, unchanged
from services.cli.console import printable
from services.cli.letters import Letter
from tests.chain.live_requests import credit, enrolment
from tests.policies.requests import claim, record

PSN = "N00001"
GOOD = credit(PSN, 100)


def with_header(record: Record, name: str, value: bytes | None) -> Record:
    kept = tuple(pair for pair in record.headers if pair[0] != name)
    return replace(record, headers=kept if value is None else (*kept, (name, value)))


def letter(record: Record) -> Letter:
    """The audit's copy of ``record``, as it writes it."""
    event = intake(record, record.partition, topic_map().partitions)
    judged = Judged(Row(record.partition, 7, (record,)), request_id=event.attributes.request_id)
    return Letter(dead_copy(judged, replace(record, offset=12), event.body.filed), record.partition, 3, 0)


CUT_OFF = replace(GOOD, value=GOOD.value[:-1])
YUAN = replace(GOOD, value=GOOD.value.replace(b'"crdt_amt":100', b'"crdt_amt":"1.00"'))
NO_ID = with_header(CUT_OFF, "ce_id", None)


def test_a_given_id_stays_so_that_the_senders_own_try_and_ours_are_one() -> None:
    assert new_id(letter(CUT_OFF), CUT_OFF) == f"{PSN}-credit-0"
    assert new_id(letter(YUAN), YUAN) == f"{PSN}-credit-0"


@pytest.mark.parametrize("bad", [NO_ID, with_header(CUT_OFF, "ce_id", b"with blanks"), with_header(CUT_OFF, "ce_id", b"\xff")])
def test_without_one_it_is_derived_from_the_verdict(bad: Record) -> None:
    """Sent twice, the same bytes are one request: their copies have ids of their own, what replaces them has one."""
    again = replace(letter(bad), offset=4)
    assert new_id(letter(bad), bad) == new_id(again, bad) == derived_id("request.dead", letter(bad).dead.request_id)


def test_the_line_holds_the_body_where_it_is_an_object_and_names_what_it_replaces() -> None:
    text, raw = line_of(letter(YUAN), YUAN)
    line = json.loads(text)
    assert raw is None and line["data"]["crdt_amt"] == "1.00"
    assert (line["type"], line["replaces"], line["id"]) == ("cn.yibao.account.credited.v1", letter(YUAN).id, f"{PSN}-credit-0")
    text, raw = line_of(letter(CUT_OFF), CUT_OFF)
    assert raw == CUT_OFF.value and json.loads(text)["data"] == {}


def test_an_edited_line_is_a_request_that_can_be_read_and_names_the_verdict() -> None:
    (replaces, event), = lines(io.BytesIO(line_of(letter(YUAN), YUAN)[0].encode()))
    event["data"]["crdt_amt"] = 100
    record = edited(letter(YUAN), YUAN, event)
    assert replaces == letter(YUAN).id
    assert read_request(record, record.partition, topic_map().partitions).body.crdt_amt == 100
    assert record.header("ce_replaces") == letter(YUAN).dead.request_id.encode()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"id": "another"}, "id"), ({"data": {"psn_no": PSN}}, "insutype"), ({"type": ""}, "ce_type"), ({"more": 1}, "more")],
)
def test_an_edited_line_that_is_wrong_is_told_by_its_field(change: dict[str, Any], field: str) -> None:
    (_, event), = lines(io.BytesIO(line_of(letter(YUAN), YUAN)[0].encode()))
    event["data"]["crdt_amt"] = 100
    with pytest.raises(Unreadable) as told:
        edited(letter(YUAN), YUAN, event | change)
    assert field in [why.field for why in told.value.reasons]


def test_a_line_that_names_no_copy_is_refused() -> None:
    with pytest.raises(Unreadable) as told:
        list(lines(io.BytesIO(b'{"type":"cn.yibao.account.credited.v1","data":{}}')))
    assert told.value.reasons[0].field == "replaces"


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, partition=(GOOD.partition + 1) % topic_map().partitions),  # misrouted
        replace(GOOD, key=None),
        replace(GOOD, key=b"somebody else"),
    ],
)
def test_what_was_wrong_outside_the_body_is_right_when_it_is_published_again(bad: Record) -> None:
    record = unchanged(letter(bad), bad)
    assert (record.key, record.partition, record.value) == (GOOD.key, GOOD.partition, GOOD.value)
    assert request_attributes(record.headers).id == f"{PSN}-credit-0"


def test_a_request_without_an_id_is_one_with_its_senders_next_try() -> None:
    """Misrouted, and published again by both: the same bytes have the same id, so the second is answered as repeated."""
    partitions = topic_map().partitions
    right = record("claim.submitted", claim())
    wrong = replace(right, partition=(right.partition + 1) % partitions)
    ours = unchanged(letter(wrong), wrong)
    assert ours.header("ce_id") is None and ours.partition == right.partition
    assert read_request(ours, ours.partition, partitions).id == read_request(right, right.partition, partitions).id


@pytest.mark.parametrize("bad", [CUT_OFF, YUAN, with_header(GOOD, "ce_source", None), with_header(GOOD, "ce_type", b"x")])
def test_what_still_cannot_be_read_is_not_published(bad: Record) -> None:
    with pytest.raises(Unreadable):
        unchanged(letter(bad), bad)


def test_the_trace_goes_on() -> None:
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    bad = with_header(replace(enrolment(PSN), key=None), "traceparent", trace)
    assert unchanged(letter(bad), bad).header("traceparent") == trace


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    assert printable("医保\x1b[2J\r\n\x07") == "医保\\x1b[2J\\r\n\\x07"
    assert base64.b64decode(letter(replace(GOOD, value=b"\x1b")).dead.raw_base64) == b"\x1b"
