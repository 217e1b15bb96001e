"""States as they lie in Redis: whatever is packed comes back as it was, and what is no packed state is left to whoever reads it."""

import json
import zlib

import pytest
from hypothesis import example, given, strategies as st

from services.ledger.packed import DICTIONARY, LEAST, MARK, MOST, MOST_UNPACKED, WINDOW, packed, unpacked

PURSE = json.dumps({
    "balances": {"310": 103497}, "years": ["year:2025/650200/310"],
    "insuinfo": [{"insuplc_admdvs": "650200", "insutype": "310", "psn_type": "12", "psn_insu_date": "2014-05-01"}],
    "recent": [{"setl_id": f"{n:030x}", "fixmedins_code": "H65020000101", "mdtrt_id": f"V{n}", "begndate": "2025-11-04",
                "enddate": "2025-11-04", "stay": False} for n in range(4)],
    "settlements": 13,
}, separators=(",", ":")).encode()
WRITTEN = (
    bytes.fromhex("010306157a98981819e00816335303a01c712103510bb49dd2f04171af512d00"),
    b'{"balances":{"310":4200},"years":["year:2025/650200/310"],"insuinfo":[{"insuplc_admdvs":"650200","insutype":"310","psn_type":"11",'
    b'"psn_insu_date":"2010-01-01"}],"settlements":2}')
"""A state as this version writes it, and what it says: it must stay readable for as long as there are states."""


@given(st.binary(max_size=3 * MOST))
@example(b"")
@example(MARK)
@example(MARK + b"x" * (2 * MOST))
@example(packed(PURSE))
def test_what_is_packed_comes_back(raw: bytes) -> None:
    assert unpacked(packed(raw)) == raw


def test_what_every_decision_loads_takes_less_than_half() -> None:
    assert LEAST < len(PURSE) < MOST and len(packed(PURSE)) < len(PURSE) / 2
    assert unpacked(PURSE) == PURSE, "as an earlier version wrote it"


@pytest.mark.parametrize("raw", [b"{}", b"x" * (LEAST - 1), b'"' + b"x" * MOST], ids=len)
def test_short_and_long_states_are_left_as_they_are(raw: bytes) -> None:
    assert packed(raw) == raw


def test_what_was_written_stays_readable() -> None:
    stored, state = WRITTEN
    assert unpacked(stored) == state


def test_nothing_is_nothing() -> None:
    assert unpacked(None) is None


def bomb() -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, WINDOW, zdict=DICTIONARY)
    return MARK + deflate.compress(b"0" * (MOST_UNPACKED + 1)) + deflate.flush()


@pytest.mark.parametrize("stored", [MARK + b"no deflate", packed(PURSE)[:-3], packed(PURSE) + b"more", bomb()])
def test_what_was_damaged_is_given_as_it_is_and_is_no_json(stored: bytes) -> None:
    assert unpacked(stored) == stored
    with pytest.raises(ValueError):
        json.loads(stored)
