"""Which records of the road count: each case is a small log written by hand."""

import pytest
from hypothesis import given, strategies as st

from contracts.envelope import Headers, Record
from contracts.log import Gap, Kept, kept, number

FENCE: Headers = (("fence", b"id"),)


def said(own: int, req: int, src: int) -> Headers:
    return (("ce_id", b"1"), ("req", b"%d" % req), ("src", b"%d" % src), ("own", b"%d" % own))


def log(*headers: Headers, first: int = 0) -> list[Record]:
    return [Record(b"P1", b"{}", tuple(pairs), offset=offset) for offset, pairs in enumerate(headers, first)]


def offsets(records: list[Record], place: Kept | None = None) -> list[int]:
    return [record.offset for record in kept(records, place)]


def test_records_of_the_fence_in_force_count() -> None:
    place = Kept()
    assert offsets(log(FENCE, said(0, 0, 0), said(0, 1, 1)), place) == [1, 2]
    assert place == Kept(next=3, fence=0, req=1, src=1, fences=1)


def test_before_any_fence_nothing_counts() -> None:
    place = Kept()
    assert offsets(log(said(0, 0, 0), (("own", b"-1"), ("req", b"0"), ("src", b"0"))), place) == []
    assert (place.void, place.req) == (2, -1)


def test_the_late_batch_of_an_old_owner_is_void() -> None:
    # 0 fence A; 1 A's; 2 fence B; 3 and 4 A's late batch; 5 B decides request 1 itself
    place = Kept()
    records = log(FENCE, said(0, 0, 0), FENCE, said(0, 1, 1), said(0, 2, 2), said(2, 1, 1))
    assert offsets(records, place) == [1, 5]
    assert place == Kept(next=6, fence=2, req=1, src=1, void=2, fences=2)


def test_a_record_that_names_a_fence_to_come_is_void() -> None:
    assert offsets(log(FENCE, said(2, 0, 0), FENCE, said(2, 0, 0))) == [3]


def test_a_fence_alone_changes_neither_number_nor_source() -> None:
    place = Kept()
    assert offsets(log(FENCE, said(0, 0, 7), FENCE, FENCE, said(3, 1, 8)), place) == [1, 4]
    assert (place.req, place.src, place.fences) == (1, 8, 3)


def test_a_wrong_number_of_the_right_owner_is_odd_and_stops_nothing() -> None:
    # request 2 comes where 1 is due, then 0 again, then 1
    place = Kept()
    assert offsets(log(FENCE, said(0, 0, 0), said(0, 2, 2), said(0, 0, 0), said(0, 1, 1)), place) == [1, 4]
    assert (place.odd, place.void) == (2, 0)


def test_a_source_that_is_no_number_is_odd() -> None:
    place = Kept()
    assert offsets(log(FENCE, (("req", b"0"), ("own", b"0"), ("src", b"x"))), place) == []
    assert (place.odd, place.req, place.src) == (1, -1, -1)


def test_a_skipped_offset_is_an_error() -> None:
    records = log(FENCE, said(0, 0, 0)) + log(said(0, 1, 1), first=3)
    with pytest.raises(Gap, match="record 3 came where 2 was expected") as gap:
        offsets(records)
    assert (gap.value.expected, gap.value.got) == (2, 3)


def test_a_lower_offset_is_dropped_and_counted_nowhere() -> None:
    place = Kept()
    records = log(FENCE, said(0, 0, 0), said(0, 1, 1))
    assert offsets(records, place) == [1, 2]
    before = (place.next, place.req, place.void, place.odd, place.fences)
    assert offsets(records, place) == []
    assert (place.next, place.req, place.void, place.odd, place.fences) == before


def test_reading_goes_on_from_a_place() -> None:
    place = Kept(next=5, fence=3, req=7, src=20)
    assert offsets(log(said(3, 8, 21), said(3, 9, 22), first=5), place) == [5, 6]


GARBAGE: list[Headers] = [
    (),
    (("own", None), ("req", None), ("src", None)),
    (("own", b""), ("req", b""), ("src", b"")),
    (("own", b"\xff\xfe"), ("req", b"0"), ("src", b"0")),
    (("own", "٠".encode()), ("req", b"0"), ("src", b"0")),  # an Arabic zero is no zero here
    (("own", b"0" * 19), ("req", b"0"), ("src", b"0")),
    (("own", b" 0"), ("req", b"0"), ("src", b"0")),
    (("own", b"+0"), ("req", b"0"), ("src", b"0")),
    (("own", b"-1"), ("req", b"0"), ("src", b"0")),
]


@pytest.mark.parametrize("headers", GARBAGE)
def test_garbage_is_void(headers: Headers) -> None:
    place = Kept()
    assert offsets(log(FENCE, headers, said(0, 0, 0)), place) == [2]
    assert place.void == 1


def test_a_fence_header_without_a_value_is_no_fence() -> None:
    place = Kept()
    assert offsets(log(FENCE, (("fence", None),), said(0, 0, 0)), place) == [2]
    assert (place.fence, place.fences, place.void) == (0, 1, 1)


NAMES = st.sampled_from(["fence", "own", "req", "src", "ce_id"])
VALUES = st.none() | st.binary(max_size=4) | st.sampled_from([b"0", b"1", b"2"])
ANY_HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6).map(tuple)


@given(st.lists(ANY_HEADERS, max_size=12))
def test_any_log_without_a_gap_is_read_to_its_end(headers: list[Headers]) -> None:
    place = Kept()
    found = offsets(log(*headers), place)
    assert place.next == len(headers)
    assert place.req == len(found) - 1
    assert len(found) + place.fences + place.void + place.odd == len(headers)


@given(st.integers(0, 10**18 - 1))
def test_a_number_reads_back(value: int) -> None:
    assert number(b"%d" % value) == value


@pytest.mark.parametrize("text", [b"00", b"01", b"000000000000000007", b"-0", b"+1", b" 1", b"1 ", b"1_0", "²".encode(), b"1" * 19, b"", None])
def test_what_no_stage_writes_is_no_number(text: bytes | None) -> None:
    assert number(text) == -2


@given(st.binary(max_size=20))
def test_a_number_is_written_in_one_way(text: bytes) -> None:
    assert number(text) in (-2, int(text) if text.isdigit() and b"%d" % int(text) == text else -2)
