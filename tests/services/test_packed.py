"""States as they lie in Redis: whatever is packed comes back as it was, and what is no packed state is left to whoever reads it."""

import json

import pytest
from hypothesis import example, given, strategies as st

from policies.compressing import MOST_EXPANDED, Compressing
from services.ledger.packed import DICTIONARY, LEAST, MARK, packed, unpacked

SMALL, ENTRY = "p:P1", "e:P1:done:1"
PURSE = json.dumps({
    "balances": {"310": 103497}, "years": ["year:2025/650200/310"],
    "insuinfo": [{"insuplc_admdvs": "650200", "insutype": "310", "psn_type": "12", "psn_insu_date": "2014-05-01"}],
    "recent": [{"setl_id": f"{n:030x}", "fixmedins_code": "H65020000101", "mdtrt_id": f"V{n}", "begndate": "2025-11-04",
                "enddate": "2025-11-04", "stay": False} for n in range(4)],
    "settlements": 13,
}, separators=(",", ":")).encode()
WRITTEN = (
    bytes.fromhex("0128b52ffd20b11d0100807b34323036353032363530323030327d050013e50030b268d9b125d1d87a2ebc7505"),
    b'{"balances":{"310":4200},"years":["year:2025/650200/310"],"insuinfo":[{"insuplc_admdvs":"650200","insutype":"310","psn_type":"11",'
    b'"psn_insu_date":"2010-01-01"}],"settlements":2}')
"""A state as this version writes it, and what it says: it must stay readable for as long as there are states."""


@given(st.sampled_from([SMALL, ENTRY]), st.binary(max_size=3000))
@example(SMALL, b"")
@example(SMALL, MARK)
@example(ENTRY, MARK + b"x" * 3000)
@example(SMALL, packed(SMALL, PURSE))
@example(ENTRY, packed(SMALL, PURSE))
def test_what_is_packed_comes_back(name: str, raw: bytes) -> None:
    assert unpacked(name, packed(name, raw)) == raw


def test_what_every_decision_loads_takes_less_than_half() -> None:
    assert len(packed(SMALL, PURSE)) < len(PURSE) / 2
    assert unpacked(SMALL, PURSE) == PURSE, "as an earlier version wrote it"


@pytest.mark.parametrize(("name", "raw"), [(SMALL, b"{}"), (SMALL, b"x" * (LEAST - 1)), (ENTRY, PURSE)])
def test_short_states_and_entries_are_left_as_they_are(name: str, raw: bytes) -> None:
    assert packed(name, raw) == raw


def test_what_was_written_stays_readable() -> None:
    stored, state = WRITTEN
    assert unpacked(SMALL, stored) == state


def test_nothing_is_nothing() -> None:
    assert unpacked(SMALL, None) is None


def bomb() -> bytes:
    return MARK + Compressing(DICTIONARY).compressed(b"0" * (MOST_EXPANDED + 1))


@pytest.mark.parametrize("stored", [MARK + b"no frame", packed(SMALL, PURSE)[:-3], packed(SMALL, PURSE) + b"more", bomb()])
def test_what_was_damaged_is_given_as_it_is_and_is_no_json(stored: bytes) -> None:
    assert unpacked(SMALL, stored) == stored
    with pytest.raises(ValueError):
        json.loads(stored)
