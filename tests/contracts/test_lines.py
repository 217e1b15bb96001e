"""Records as JSON lines: what a file of requests may say, and that a record survives being written."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from contracts.envelope import Headers, Record, stage_headers, with_numbers
from contracts.keys import partition_of
from contracts.lines import MAX_LINE_BYTES, from_line, line_of, line_record, request_record, to_line
from contracts.wire import Unreadable, read_request, to_json
from tests.contracts.examples import PARTITIONS, Example, compact, good
from tests.contracts.test_envelope import ATTRIBUTES, NUMBER

GOOD = {example.name: example for example in good()}
CREDIT = GOOD["account-credit"].content
ONE_DRUG = GOOD["outpatient-one-drug"].content


def refusals(line: bytes) -> list[tuple[str, str | None]]:
    with pytest.raises(Unreadable) as refused:
        request_record(line, PARTITIONS)
    return [(reason.code, reason.field) for reason in refused.value.reasons]


# --- lines of requests ------------------------------------------------------------------------------


def test_source_and_key_are_derived_where_they_are_absent() -> None:
    claim, credit = request_record(compact(ONE_DRUG), PARTITIONS), request_record(compact(CREDIT), PARTITIONS)
    assert (claim.header("ce_source"), claim.key) == (b"/providers/H65020000101", b"P000000001")
    assert (credit.header("ce_source"), credit.key) == (b"/agencies", b"P000000001")
    assert claim.partition == partition_of(b"P000000001", PARTITIONS)


def test_what_is_given_is_kept() -> None:
    event = GOOD["outpatient-with-every-attribute"].content
    record = request_record(compact(event), PARTITIONS)
    assert record.header("ce_time") == event["time"].encode()
    assert record.header("ce_id") == event["id"].encode()
    assert record.header("ce_source") == event["source"].encode()


def test_an_absent_id_stays_absent() -> None:
    assert request_record(GOOD["outpatient-without-id"].line, PARTITIONS).header("ce_id") is None


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"type": None}, "invalid_field", "type"),
        ({"data": [1]}, "invalid_field", "data"),
        ({"id": 7}, "invalid_field", "id"),
        ({"time": 20260305}, "invalid_field", "time"),
        ({"partition": 1}, "unknown_field", "partition"),
        ({"subject": "P000000002"}, "key_mismatch", "key"),
        ({"subject": None}, "key_mismatch", "key"),
        ({"source": {"of": "x"}}, "bad_header", "ce_source"),
        ({"source": "医院"}, "bad_header", "ce_source"),
        ({"specversion": "0.3"}, "bad_header", "specversion"),
    ],
)
def test_a_line_with_a_bad_attribute_is_refused(change: dict[str, Any], code: str, field: str) -> None:
    assert refusals(compact(CREDIT | change)) == [(code, field)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "not_json"),
        (b"\xff", "not_json"),
        (b"[]", "not_object"),
        (b'{"type":"a","type":"b"}', "duplicate_key"),
        (b"{} {}", "trailing_bytes"),
        (b" " * (MAX_LINE_BYTES + 1), "request_too_large"),
    ],
)
def test_a_line_that_is_no_object_is_refused(line: bytes, code: str) -> None:
    assert [found for found, _ in refusals(line)] == [code]


@settings(max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 500), st.integers(0, 20))
def test_any_line_is_accepted_or_refused(between: bytes, start: int, length: int) -> None:
    line = compact(CREDIT)
    try:
        request_record(line[:start] + between + line[start + length :], PARTITIONS)
    except Unreadable as refused:
        assert refused.reasons


def said(publish: Callable[[bytes, int], Record], line: bytes) -> Any:
    """The record that a line publishes, or why it publishes none."""
    try:
        return publish(line, PARTITIONS)
    except Unreadable as refused:
        return [to_json(why) for why in refused.reasons]


def printed_anew(line: bytes, partitions: int) -> Record:
    """The record of a line that is parsed whole and whose data are printed: what every line stands for."""
    record = line_record(line, partitions)
    return read_request(record, record.partition, partitions).record


@pytest.mark.parametrize("example", [example for example in good() if example.line is not None], ids=lambda example: example.name)
def test_a_line_publishes_the_same_however_it_is_spelt(example: Example) -> None:
    line, event = example.line or b"", example.content
    record = request_record(line, PARTITIONS)
    assert record.value == compact(event["data"])
    for other in (json.dumps(event), json.dumps(event, indent=1).replace("\n", ""), json.dumps(dict(reversed(event.items())))):
        assert request_record(other.encode(), PARTITIONS) == record


HEAD, DATA = b'{"type":"cn.yibao.account.credited.v1","id":"c1"', compact(CREDIT["data"])


@pytest.mark.parametrize("line", [
    HEAD + b',"data":' + DATA + b"}",
    HEAD + b',"data":' + DATA + b',"subject":"P000000001"}',
    HEAD + b',"data":' + DATA + b"}}",
    HEAD + b',"data":' + DATA,
    HEAD + b',"data":{"psn_no":"P000000001"},"data":' + DATA + b"}",
    HEAD + b',"data":1,"data":' + DATA + b"}",
    HEAD + b',"id":"c2","data":' + DATA + b"}",
    HEAD + b',"time":{"a":1,"data":' + DATA + b"}}",
    HEAD + b',"extra":"x","data":' + DATA + b"}",
    HEAD + b',"id":7,"data":' + DATA + b"}",
    HEAD + b',"subject":"P2","data":' + DATA + b"}",
    HEAD + b',"data":' + DATA.replace(b'"psn_no":', b'"psn_no":"P1","psn_no":') + b"}",
    HEAD + b',"data":' + DATA.replace(b"P000000001", b"P00000000\\u0031") + b"}",
    HEAD + b',"data":' + re.sub(rb'"crdt_amt":[0-9]+', b'"crdt_amt":-0', DATA) + b"}",
    HEAD + b',"data":' + re.sub(rb'"crdt_amt":[0-9]+', b'"crdt_amt":1.0', DATA) + b"}",
    HEAD + b',"data":' + re.sub(rb'"crdt_amt":[0-9]+', b'"crdt_amt":1e3', DATA) + b"}",
    HEAD + b',"data":' + DATA[:-1] + b',"memo":"a,\x7f:-0"}}',
    HEAD + b',"data":' + DATA[:-1] + ',"memo":"医保"}}'.encode(),
    HEAD + b',"data":' + DATA[:-1] + b',"memo":"\xff"}}',
    HEAD + b',"data":' + DATA[:-1] + b',"memo":"\x01"}}',
    HEAD + b',"source":"' + b"s" * 2000 + b'","data":' + DATA + b"}",
    HEAD.replace(b".v1", b".v9") + b',"data":' + DATA + b"}",
    HEAD.replace(b"credited", b"unheard") + b',"data":' + DATA + b"}",
    HEAD.replace(b'"id":"c1"', b'"specversion":"1.0"') + b',"data":' + DATA + b"}",
])  # fmt: skip
def test_a_line_whose_data_are_taken_as_they_stand_says_what_it_says_when_they_are_printed(line: bytes) -> None:
    assert said(request_record, line) == said(printed_anew, line)


@settings(max_examples=200)
@given(st.sampled_from([example.line for example in good()]), st.binary(max_size=6), st.integers(0, 900), st.integers(0, 12))
def test_any_line_says_what_it_says_when_its_data_are_printed(line: bytes, between: bytes, start: int, length: int) -> None:
    changed = line[:start] + between + line[start + length :]
    assert said(request_record, changed) == said(printed_anew, changed)


def test_an_amount_of_minus_nothing_is_printed_as_it_is_read() -> None:
    line = compact(ONE_DRUG).replace(b'"det_item_fee_sumamt":', b'"det_item_fee_sumamt":-0,"x":')
    value = re.sub(rb'-0,"x":[0-9]+', b"-0", line)
    assert b':-0' in value and b'"det_item_fee_sumamt":0' in request_record(value, PARTITIONS).value


# --- records as lines -------------------------------------------------------------------------------

ROAD_HEADERS = st.builds(
    # A line leaves the trace context out.
    lambda attributes, numbers: with_numbers(stage_headers(attributes._replace(trace=())), *numbers),
    ATTRIBUTES,
    st.tuples(NUMBER, NUMBER, NUMBER),
)
OBJECTS = st.dictionaries(st.text(max_size=6), st.integers() | st.text(max_size=6) | st.none(), max_size=4)
JSON_VALUES = st.builds(
    lambda found, indent, ascii: json.dumps(found, indent=indent, ensure_ascii=ascii).encode(),
    OBJECTS, st.sampled_from([None, 0, 2]), st.booleans(),
)  # fmt: skip
KEYS = st.none() | st.text(max_size=8).map(str.encode) | st.binary(max_size=8)


def assert_survives(record: Record) -> None:
    line = to_line(record)
    assert "\n" not in line and "\r" not in line
    json.loads(line)
    assert from_line(line) == from_line(line.encode() + b"\n") == record


@settings(max_examples=100)
@given(KEYS, JSON_VALUES | st.binary(max_size=40), ROAD_HEADERS, st.integers(-1, 10**12), st.integers(0, 5))
def test_a_record_survives_its_line(
    key: bytes | None, value: bytes, headers: Headers, offset: int, partition: int
) -> None:
    assert_survives(Record(key, value, headers, offset=offset, partition=partition, topic="yibao.settled"))


@pytest.mark.parametrize(
    "value",
    [b'{"request":{"a":1}}', b'{"a":\r1}', b'{"request":{\n "a": 1\r\n}}', '{"医":"\u2028"}'.encode(),
     b'{"data":{"data":1}} ', b" {}", b"", b"not json", b"\xff", b'{"a":NaN}', b'{"a":1}} forged'],
)  # fmt: skip
def test_these_values_survive(value: bytes) -> None:
    assert_survives(Record(b"P1", value, (), offset=3, partition=1, topic="yibao.requested"))


def test_a_value_without_line_breaks_stands_in_its_line_byte_for_byte() -> None:
    value = b'{"request":{ "a" : 1.50 }}'
    assert to_line(Record(b"P1", value, ())).endswith(',"data":' + value.decode() + "}")


@pytest.mark.parametrize(("value", "shown"), [
    (b'{"request":{"a":1}}', b',"data":{"request":{"a":1}}}'),
    (b'{"request":{"a":\n1}}', b',"data_base64":"eyJyZXF1ZXN0Ijp7ImEiOgoxfX0="}'),
    (b'{"request":{"a":\r1}}', b',"data_base64":"eyJyZXF1ZXN0Ijp7ImEiOg0xfX0="}'),
])  # fmt: skip
def test_what_the_road_printed_stands_in_its_line_unless_the_request_has_line_breaks(value: bytes, shown: bytes) -> None:
    """base64 by coreutils: printf '{"request":{"a":\\n1}}' | base64."""
    record = Record(b"P1", value, (), topic="yibao.filed", partition=1)
    assert line_of(record, printed=True) == line_of(record) == b'{"topic":"yibao.filed","partition":1,"subject":"P1"' + shown


def test_every_sign_is_printed_as_json_prints_it() -> None:
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000), 0x1F600]))
    line = to_line(Record(text.encode(), b"{}", ()))
    assert line == f'{{"topic":"","partition":-1,"subject":{json.dumps(text, ensure_ascii=False)},"data":{{}}}}'


def test_a_fence_survives_so_that_a_file_can_be_read_as_a_log() -> None:
    assert_survives(Record(None, b"", (("fence", b"a1b2"),), offset=7, partition=2, topic="yibao.filed"))


def test_numbers_that_are_none_are_shown_as_they_are() -> None:
    line = to_line(Record(b"P1", b"{}", (("req", b"x"), ("src", b"9" * 5000), ("own", b"\xff"))))
    found = json.loads(line)
    assert (found["req"], found["src"], found["own"]) == ("x", "9" * 5000, "\\xff")
