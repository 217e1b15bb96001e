"""Compressed bytes: what is no whole frame of a stated, bounded size is told, whatever stands in it."""

import struct

import pytest
from hypothesis import given, strategies as st
from zstandard import ZstdCompressionParameters, ZstdCompressor

from policies.compressing import MOST_EXPANDED, Compressing

KNOWN = Compressing(b'{"request":{"psn_no":"P"}}')
FRAME = KNOWN.compressed(b'{"request":{"psn_no":"P1"}}')
UNSIZED = ZstdCompressor(compression_params=ZstdCompressionParameters(write_content_size=False)).compress(b"P" * 50)
SIZE = 5
"""Where a short frame states its size: behind magic number (4) and descriptor (1), RFC 8878, 3.1.1."""


def stating(size: int) -> bytes:
    """FRAME with another size in its head."""
    return FRAME[:SIZE] + bytes([size]) + FRAME[SIZE + 1 :]


@given(st.binary(max_size=2000))
def test_what_is_compressed_comes_back(raw: bytes) -> None:
    assert KNOWN.expanded(KNOWN.compressed(raw)) == raw


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_many_at_once_are_the_same_bytes(raws: list[bytes]) -> None:
    assert KNOWN.all_compressed(raws) == [KNOWN.compressed(raw) for raw in raws]


def test_the_most_comes_back_and_one_more_is_told() -> None:
    most = b"0" * MOST_EXPANDED
    assert KNOWN.expanded(KNOWN.compressed(most)) == most
    with pytest.raises(ValueError, match="too large"):
        KNOWN.expanded(KNOWN.compressed(most + b"0"))


@pytest.mark.parametrize("stored", [
    b"", b"no frame", FRAME[:3], FRAME[:-1], FRAME + b"x", FRAME + FRAME, KNOWN.compressed(b"") + b"x", stating(0), stating(26),
    stating(28), UNSIZED, struct.pack("<II", 0x184D2A50, 3) + b"abc", struct.pack("<II", 0x184D2A50, 3) + b"abc" + FRAME,
], ids=["nothing", "no frame", "head", "cut", "more", "two", "more than nothing", "says 0", "says less", "says more", "no size",
        "skippable", "behind a skippable one"])
def test_what_is_no_whole_frame_of_a_stated_size_is_told(stored: bytes) -> None:
    with pytest.raises(ValueError):
        KNOWN.expanded(stored)


def test_the_size_of_the_frame_stands_where_these_tests_change_it() -> None:
    assert FRAME[SIZE] == len(b'{"request":{"psn_no":"P1"}}') == 27 and stating(27) == FRAME
