"""Settled claims as texts: whatever is packed comes back, and a damaged text is told."""

import pytest
from hypothesis import given, strategies as st

from policies.reversal.packing import packed, unpacked


@given(st.binary(max_size=5000))
def test_what_is_packed_comes_back(value: bytes) -> None:
    assert unpacked(packed(value)) == value


KEPT = b'{"request":{"psn_no":"P1","insutype":"310"},"settled":{"version":2,"verdict":"settled","account":{"before":{"balc":5}}}}'


def test_a_kept_text_is_read_for_ever() -> None:
    """Ledgers hold such texts: another dictionary reads this one otherwise, and needs a higher FOLDS."""
    assert unpacked("KLUv/SB4HQEAMDE1fX19fQgArCuDPIIDZEGgGXCD+uAG7oA27BR61xD1CQI=") == KEPT


@pytest.mark.parametrize("text", ["", "AAAA", "!", packed(b"a settled claim")[:-4]])
def test_a_damaged_text_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        unpacked(text)
