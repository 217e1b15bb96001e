"""The door for bytes lets in a request or says why not. Whatever comes, nothing else ever happens."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings, strategies as st

from contracts.envelope import Headers, Record
from contracts.reasons import REASONS
from contracts.strict import MAX_REASONS
from contracts.wire import Request, Unreadable, to_json
from tests.contracts.examples import PARTITIONS, good, opened

GOOD = {example.name: example.record for example in good()}
ONE_DRUG = GOOD["outpatient-one-drug"]

ANY_TEXT = st.text(st.characters(), max_size=8)
"""Lone surrogates too, which JSON can spell and UTF-8 cannot."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
TOKENS = st.sampled_from(
    [*(b"%c" % sign for sign in b'{}[],:"-\\\n\x00\xff'), b"null", b"NaN", b"1e999", b"1.5", b'"\\ud800"',
     b"\xe5\x8c\xbb", b'"psn_no":', b'"a":1,"a":1,', b"9" * 5000, b"[" * 300]
)
GOOD_RECORDS = st.sampled_from(list(GOOD.values()))


@st.composite
def mutated(draw: st.DrawFn) -> Record:
    """A good example with some of its bytes dropped, doubled or replaced."""
    record = draw(GOOD_RECORDS)
    value = record.value
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(value)))
        end = min(len(value), start + draw(st.integers(0, 12)))
        between = draw(st.sampled_from([b"", value[start:end] * 2]) | TOKENS | st.binary(max_size=4))
        value = value[:start] + between + value[end:]
    return replace(record, value=value)


@st.composite
def regrown(draw: st.DrawFn) -> Record:
    """A good example in which one field, at any depth, was dropped, added, or given any JSON as its value."""
    record = draw(GOOD_RECORDS)
    body = json.loads(record.value)
    at, name = draw(st.sampled_from(list(places(body))))
    how = draw(st.sampled_from(["drop", "set", "add"]))
    if how == "drop":
        del at[name]
    elif how == "set" or isinstance(at, list):
        at[name] = draw(JSON)
    else:
        at[draw(ANY_TEXT)] = draw(JSON)
    return replace(record, value=json.dumps(body).encode())


def places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in ``body`` that holds a value: the object or array, and the name or index in it."""
    for name, value in body.items() if isinstance(body, dict) else enumerate(body):
        yield body, name
        if isinstance(value, dict | list):
            yield from places(value)


HEADER_NAMES = st.sampled_from(["ce_specversion", "ce_type", "ce_source", "ce_id", "ce_time", "traceparent"])
TYPES = [b"cn.yibao.claim.submitted.v1", b"cn.yibao.claim.submitted.v999", b"cn.yibao.claim.settled.v1"]
HEADER_VALUES = st.none() | st.binary(max_size=80) | st.sampled_from([b"1.0", b"/agencies", *TYPES])
HEADERS = st.lists(st.tuples(HEADER_NAMES | st.text(max_size=8), HEADER_VALUES), max_size=40).map(tuple)


def assert_opened_or_refused(record: Record) -> None:
    outcome = opened(record)
    if isinstance(outcome, Request):
        assert outcome.psn_no.encode() == record.key
        assert outcome.raw == record.value
        return
    assert 1 <= len(outcome.reasons) <= MAX_REASONS
    for told in outcome.reasons:
        assert told.code in REASONS
        json.loads(to_json(told))


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(value: bytes) -> None:
    assert isinstance(opened(replace(ONE_DRUG, value=value)), Unreadable)


@settings(max_examples=200)
@given(JSON, st.booleans())
def test_random_json_is_refused(value: Any, ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    outcome = opened(replace(ONE_DRUG, value=text))
    assert isinstance(outcome, Unreadable)
    assert_opened_or_refused(replace(ONE_DRUG, value=text))


@settings(max_examples=300)
@given(mutated())
def test_mutated_bytes_are_opened_or_refused(record: Record) -> None:
    assert_opened_or_refused(record)


@settings(max_examples=300)
@given(regrown())
def test_mutated_fields_are_opened_or_refused(record: Record) -> None:
    assert_opened_or_refused(record)


@settings(max_examples=150)
@given(HEADERS, st.booleans(), st.none() | st.binary(max_size=20), st.integers(0, PARTITIONS - 1))
def test_random_headers_and_keys_are_opened_or_refused(
    headers: Headers, after_good_ones: bool, key: bytes | None, partition: int
) -> None:
    first = ONE_DRUG.headers if after_good_ones else ()
    assert_opened_or_refused(Record(key, ONE_DRUG.value, (*first, *headers), partition=partition))
