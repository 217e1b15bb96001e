"""Settled claims as texts: whatever is packed comes back, and a damaged text is told."""

from base64 import b64encode

import pytest
from hypothesis import given, strategies as st
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor

from policies.reversal.history import plain
from policies.reversal.packing import _DICTIONARY, all_packed, packed, unpacked


@given(st.binary(max_size=5000))
def test_what_is_packed_comes_back(value: bytes) -> None:
    assert unpacked(packed(value)) == value


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_many_at_once_are_the_same_texts(values: list[bytes]) -> None:
    assert all_packed(values) == [packed(value) for value in values]


KEPT = b'{"request":{"psn_no":"P1","insutype":"310"},"settled":{"version":2,"verdict":"settled","account":{"before":{"balc":5}}}}'


def test_a_kept_text_is_read_for_ever() -> None:
    """Ledgers hold such texts: another dictionary reads this one otherwise, and needs a higher FOLDS."""
    assert unpacked("KLUv/SB4HQEAMDE1fX19fQgArCuDPIIDZEGgGXCD+uAG7oA27BR61xD1CQI=") == KEPT


@pytest.mark.parametrize("text", ["", "AAAA", "!", packed(b"a settled claim")[:-4]])
def test_a_damaged_text_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        unpacked(text)


def entry(text: str) -> bytes:
    return f'"S1 M1 2 {text}"'.encode()


def test_what_another_compressor_wrote_is_the_same_entry() -> None:
    known = ZstdCompressionDict(_DICTIONARY, dict_type=DICT_TYPE_RAWCONTENT)
    other = b64encode(ZstdCompressor(level=19, dict_data=known, write_dict_id=False).compress(KEPT * 5)).decode()
    assert other != packed(KEPT * 5), "or nothing is tested"
    assert plain(entry(other)) == plain(entry(packed(KEPT * 5)))
    assert plain(entry(packed(KEPT * 5))) != plain(entry(packed(KEPT * 4)))
    assert plain(entry(other)) != plain(entry(other).replace(b"M1", b"M2"))


@pytest.mark.parametrize("raw", [b"", b'"-"', b'{"balances":{"310":5}}', b'"3 M7"', b'{"a": 1}'])
def test_any_other_entry_is_compared_as_it_stands(raw: bytes) -> None:
    assert plain(raw) == raw
