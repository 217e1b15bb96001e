"""CloudEvents attributes <-> Kafka headers."""

import pytest
from hypothesis import given, strategies as st

from contracts.envelope import (
    PROTOCOL_HEADERS,
    Attributes,
    BadHeaders,
    Headers,
    Record,
    comparable,
    join_type,
    request_attributes,
    request_headers,
    split_type,
    stage_attributes,
    stage_headers,
    with_numbers,
)

NAMES = st.from_regex(r"[a-z]{1,12}\.[a-z]{1,12}", fullmatch=True)
VERSIONS = st.integers(1, 999)
IDS = st.from_regex(r"[A-Za-z0-9._:/-]{1,64}", fullmatch=True)
TRACE = st.sampled_from([(), (("traceparent", b"00-1-2-01"),), (("traceparent", b"a"), ("tracestate", b"b"))])
ATTRIBUTES = st.builds(
    Attributes, type=NAMES, version=VERSIONS, id=IDS, source=IDS, time=st.none() | IDS, request_id=IDS,
    request_type=NAMES, request_version=VERSIONS, request_source=IDS, cause=IDS, trace=TRACE,
)  # fmt: skip
NUMBER = st.integers(0, 10**18)
CLAIM = request_headers("cn.yibao.claim.submitted.v1", "/providers/H1", "klmy-1", "2026-03-05T10:15:30Z")


@given(ATTRIBUTES)
def test_attributes_read_back_from_their_headers(attributes: Attributes) -> None:
    assert stage_attributes(stage_headers(attributes)) == attributes


@given(ATTRIBUTES, NUMBER, NUMBER, NUMBER)
def test_numbers_change_no_attribute(attributes: Attributes, req: int, src: int, own: int) -> None:
    assert stage_attributes(with_numbers(stage_headers(attributes), req, src, own)) == attributes


@given(NAMES, VERSIONS)
def test_a_type_reads_back(name: str, version: int) -> None:
    assert split_type(join_type(name, version)) == (name, version)


@pytest.mark.parametrize(
    "text",
    [
        "", "claim.submitted.v1", "xcn.yibao.claim.submitted.v1", "cn.yibao.claim.v1",
        "cn.yibao.claim.submitted", "cn.yibao.claim.submitted.v0", "cn.yibao.claim.submitted.v01",
        "cn.yibao.claim.submitted.v1000", "cn.yibao.Claim.submitted.v1", "cn.yibao.claim.submitted.v1\n",
        "cn.yibao.claim.submitted.v١",
    ],
)  # fmt: skip
def test_what_is_no_type(text: str) -> None:
    assert split_type(text) is None


def test_new_numbers_take_the_place_of_old_ones() -> None:
    first = with_numbers((("ce_id", b"1"), ("traceparent", b"t")), req=4, src=9, own=2)
    assert first == (("ce_id", b"1"), ("traceparent", b"t"), ("req", b"4"), ("src", b"9"), ("own", b"2"))
    again = with_numbers(first, req=4, src=11, own=3)
    assert again == (("ce_id", b"1"), ("traceparent", b"t"), ("req", b"4"), ("src", b"11"), ("own", b"3"))
    assert sum(name in PROTOCOL_HEADERS for name, _ in again) == 3


def test_two_runs_are_compared_without_places_owners_and_traces() -> None:
    one = with_numbers((("ce_id", b"1"), ("traceparent", b"t"), ("tracestate", b"s")), req=4, src=9, own=2)
    two = with_numbers((("ce_id", b"1"), ("traceparent", b"u")), req=4, src=11, own=3)
    assert comparable(one) == comparable(two) == [("ce_id", b"1"), ("req", b"4")]
    assert comparable(with_numbers(one, req=5, src=9, own=2)) != comparable(one)


def test_what_a_gateway_publishes_is_read() -> None:
    found = request_attributes(CLAIM)
    assert (found.type, found.version, found.id) == ("claim.submitted", 1, "klmy-1")
    assert (found.source, found.time) == ("/providers/H1", "2026-03-05T10:15:30Z")


def test_foreign_headers_are_let_through_unread_and_the_trace_is_carried() -> None:
    trace: Headers = (("traceparent", b"00-1-2-01"), ("tracestate", b"n" * 513))
    found = request_attributes((*CLAIM, ("x-note", b"\xff"), ("x-note", b"2"), ("x-null", None), *trace))
    assert found.trace == (("traceparent", b"00-1-2-01"),)


@pytest.mark.parametrize(
    ("headers", "code", "field"),
    [
        ((*CLAIM[:1], *CLAIM[2:]), "missing_header", "ce_type"),
        ((*CLAIM[:2], ("ce_source", None)), "null_header", "ce_source"),
        ((("ce_specversion", b"0.3"), *CLAIM[1:]), "bad_header", "ce_specversion"),
        ((*CLAIM, ("ce_id", b"klmy-2")), "bad_header", "ce_*"),
        ((*CLAIM, *((f"n{i}", b"") for i in range(28))), "bad_header", "*"),  # 5 + 28 = 33 headers
        ((*CLAIM, ("long", b"x" * 1025)), "bad_header", "long"),
        ((*CLAIM[:3], ("ce_id", b"a b")), "bad_header", "ce_id"),
    ],
)
def test_headers_that_cannot_be_believed(headers: Headers, code: str, field: str) -> None:
    with pytest.raises(BadHeaders) as bad:
        request_attributes(headers)
    assert (bad.value.code, bad.value.field) == (code, field)


def test_a_record_gives_the_last_header_of_a_name_as_every_reader_does() -> None:
    record = Record(b"k", b"{}", (("a", b"1"), ("a", b"2"), ("b", None)))
    assert (record.header("a"), record.header("b"), record.header("c")) == (b"2", None, None)
