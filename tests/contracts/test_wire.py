"""The wire: bounds, versions, and values that grow without a byte of the past changing."""

import json
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from contracts.base import Model
from contracts.envelope import Attributes, Record
from contracts.events import BODIES, REQUESTS
from contracts.events.claim import Checked, PersonFacts, Settled, Step
from contracts.events.filing import FiledFiling, FilingFacts, FilingRequest
from contracts.events.request import FiledSeen, FiledUnreadable, RawHeader
from contracts.reasons import REASONS, reason
from contracts.strict import MAX_REASONS, Unreadable, strict_object
from contracts.wire import MAX_REQUEST_BYTES, Request, cut, grow, read_body, to_json, wrap
from tests.contracts.examples import compact, good, opened

GOOD = {example.name: example for example in good()}
ONE_DRUG = GOOD["outpatient-one-drug"].record
FILING_V1 = GOOD["filing-v1-materials-only"]
SECTIONS = ("filed", "checked", "priced", "settled")
HASH = "0" * 64


def refusals(record: Record) -> list[tuple[str, str | None]]:
    outcome = opened(record)
    assert isinstance(outcome, Unreadable)
    return [(reason.code, reason.field) for reason in outcome.reasons]


# --- bounds ---------------------------------------------------------------------------------------


def test_a_request_of_the_largest_size_is_read() -> None:
    padded = ONE_DRUG.value.ljust(MAX_REQUEST_BYTES)
    assert isinstance(opened(replace(ONE_DRUG, value=padded)), Request)


def test_one_byte_more_is_too_large() -> None:
    padded = ONE_DRUG.value.ljust(MAX_REQUEST_BYTES + 1)
    assert refusals(replace(ONE_DRUG, value=padded)) == [("request_too_large", None)]


def test_the_last_allowed_line_is_read() -> None:
    bill = json.loads(ONE_DRUG.value)
    bill["feedetail"] *= 500
    assert isinstance(opened(replace(ONE_DRUG, value=compact(bill))), Request)


def test_no_more_reasons_than_the_bound_are_told() -> None:
    body = json.loads(ONE_DRUG.value) | {f"extra{i}": i for i in range(100)}
    assert len(refusals(replace(ONE_DRUG, value=compact(body)))) == MAX_REASONS


def test_all_faults_of_a_request_are_told_at_once() -> None:
    body = json.loads(ONE_DRUG.value) | {"medfee_sumamt": "76.80", "acct_used_flag": "2", "extra": 1}
    assert refusals(replace(ONE_DRUG, value=compact(body))) == [
        ("fen_not_yuan", "medfee_sumamt"),
        ("invalid_field", "acct_used_flag"),
        ("unknown_field", "extra"),
    ]


def test_trailing_bytes_are_counted_in_bytes() -> None:
    # {"医":1} has 9 bytes (医 has 3), then a blank: what does not belong starts at byte 10.
    with pytest.raises(Unreadable, match="from byte 10"):
        strict_object('{"医":1} {}'.encode())


def test_a_deep_body_is_refused_in_the_same_words_wherever_the_caller_stands() -> None:
    def at_depth(depth: int) -> str:
        if depth:
            return at_depth(depth - 1)
        with pytest.raises(Unreadable) as refused:
            strict_object(b'{"a":' + b"[" * 800 + b"]" * 800 + b"}")
        return str(refused.value)

    assert at_depth(0) == at_depth(400)


def test_a_doubled_key_among_many_is_found_in_linear_time() -> None:
    # A search that counts each of 60,000 names among all the others takes 20 seconds; this one takes 0.1.
    many = ",".join(f'"{i}":1' for i in range(60_000))
    before = process_time()
    with pytest.raises(Unreadable, match="The key 59999 occurs twice"):
        strict_object(f'{{{many},"59999":1}}'.encode())
    assert process_time() - before < 3


# --- identity -------------------------------------------------------------------------------------


def test_an_absent_id_depends_on_the_content_alone() -> None:
    record = GOOD["outpatient-without-id"].record
    one = opened(record)
    same = opened(replace(record, headers=(*record.headers, ("traceparent", b"00-1-1-00"))))
    other = opened(replace(record, value=record.value.replace(b"7680", b"7681")))
    assert one.id == same.id != other.id


# --- versions -------------------------------------------------------------------------------------


def test_a_filing_of_version_1_is_read_as_version_2_without_a_commitment_letter() -> None:
    request = opened(FILING_V1.record)
    assert isinstance(request.body, FilingRequest)
    assert (request.attributes.version, request.body.cmt_flag) == (1, "0")
    assert request.body.materials == ("id_card", "residence_permit")
    assert request.raw == FILING_V1.record.value


def test_version_1_does_not_know_the_field_of_version_2() -> None:
    body = FILING_V1.content["data"] | {"cmt_flag": "1"}
    assert refusals(replace(FILING_V1.record, value=compact(body))) == [("unknown_field", "cmt_flag")]


def test_what_version_2_checks_is_checked_after_the_upcast() -> None:
    body = FILING_V1.content["data"] | {"enddate": "2026-03-19"}  # begndate is 2026-03-20
    assert refusals(replace(FILING_V1.record, value=compact(body))) == [("invalid_field", "*")]


def test_a_decided_filing_of_version_1_is_read_as_version_2_and_keeps_its_bytes() -> None:
    section = FiledFiling(rulebook=HASH, policies="0.1.0", verdict="accepted", facts=FilingFacts())
    value = grow(wrap(FILING_V1.record.value), "filed", section)
    body = read_body(attributes("filing.decided", request_type="filing.requested", request_version=1), value)
    assert (body.request.cmt_flag, body.filed) == ("0", section)
    assert FILING_V1.record.value in value


def test_each_older_version_has_one_upcast() -> None:
    for name, known in REQUESTS.items():
        assert sorted(known.upcasts) == sorted(known.versions)[:-1], name
        assert sorted(known.versions) == list(range(1, known.newest + 1)), name


# --- growing and cutting --------------------------------------------------------------------------

TEXT = st.text(max_size=6)
REASON = st.builds(reason, st.sampled_from(sorted(REASONS)), st.none() | TEXT, detail=TEXT)
STEP = st.builds(
    Step, kind=TEXT, rule=TEXT, source=TEXT, base=st.integers(), amount=st.integers(),
    facts=st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip
RAW_HEADER = st.builds(RawHeader, name=TEXT, value_base64=st.none() | TEXT)
SECTION = st.one_of(
    st.builds(FiledSeen, verdict=st.just("refused"), reasons=st.tuples(REASON), first_hash=st.just(HASH)),
    st.builds(
        FiledUnreadable, reasons=st.tuples(REASON), headers=st.lists(RAW_HEADER, max_size=3).map(tuple),
        key_base64=st.none() | TEXT, size=st.integers(0), sha256=st.just(HASH), raw_base64=TEXT,
    ),
    st.builds(
        Checked, rulebook=st.just(HASH), policies=st.just("0.1.0"), verdict=st.just("accepted"),
        facts=st.just(PersonFacts()), reasons=st.tuples(REASON),
    ),
    st.builds(
        Settled, rulebook=st.just(HASH), policies=st.just("0.1.0"), verdict=st.just("settled"),
        steps=st.lists(STEP, max_size=3).map(tuple),
    ),
)  # fmt: skip
SCALAR = st.none() | st.integers() | TEXT
RAW = st.none() | st.dictionaries(TEXT, SCALAR | st.lists(SCALAR, max_size=2), max_size=3).map(
    lambda body: json.dumps(body, indent=1).encode()
)


@settings(max_examples=100)
@given(RAW, st.lists(SECTION, min_size=1, max_size=4))
def test_cutting_undoes_growing(raw: bytes | None, sections: list[Model]) -> None:
    values = [wrap(raw)]
    for name, section in zip(SECTIONS, sections, strict=False):
        values.append(grow(values[-1], name, section))
        assert values[-1].startswith(values[-2][:-1])
    for name, before, after in reversed(list(zip(SECTIONS, values, values[1:], strict=False))):
        assert cut(after, name) == before


@settings(max_examples=100)
@given(SECTION)
def test_a_section_reads_back_as_it_was_written(section: Model) -> None:
    assert type(section).model_validate_json(to_json(section)) == section


def test_the_last_section_is_cut_even_where_the_request_has_a_field_of_that_name() -> None:
    before = wrap(b'{"a":1,"filed":2}')
    seen = FiledSeen(verdict="refused", reasons=(), first_hash=HASH)
    assert cut(grow(before, "filed", seen), "filed") == before


def test_what_is_absent_is_left_out() -> None:
    told = reason("not_object")
    assert told.field is None and b'"field"' not in to_json(told)
    assert to_json(RawHeader(name="ce_id")) == b'{"name":"ce_id"}'


def test_the_request_lies_in_its_record_byte_for_byte() -> None:
    raw = b'{ "a" : 1,\n "b":[ ] }'
    assert wrap(raw) == b'{"request":' + raw + b"}"
    assert wrap(None) == b'{"request":null}'


def test_where_there_is_no_section_there_is_nothing_to_cut() -> None:
    assert [cut(wrap(ONE_DRUG.value), name) for name in SECTIONS] == [None] * 4


def test_no_field_within_a_body_is_called_like_a_section() -> None:
    # cut() looks for the last one of that name: a field of the same name inside a section would mislead it.
    for name, model in BODIES.items():
        for part in model.model_json_schema().get("$defs", {}).values():
            assert not {"request", *SECTIONS} & part.get("properties", {}).keys(), (name, part["title"])


def attributes(type: str, request_type: str, request_version: int) -> Attributes:
    return Attributes(
        type=type, version=1, id="1", source="/yibao/filing", time=None, request_id="1",
        request_type=request_type, request_version=request_version, request_source="/agencies", cause=HASH,
    )  # fmt: skip
