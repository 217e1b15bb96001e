"""The bounded types of fields: what they take and what they refuse, in JSON."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

from contracts.base import Count, Day, Fen, Price, PsnNo, Ratio, SignedFen, Text, ratio_text

STRICT = ConfigDict(strict=True)
"""As the models have it."""


def takes(type_: Any, value: Any) -> bool:
    """Whether ``value``, written as JSON, is taken by the strict type."""
    try:
        TypeAdapter(type_, config=STRICT).validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (Fen, [0, 1, 999_999_999_999], [-1, 10**12, 1.0, "1", True, None]),
        (SignedFen, [-999_999_999_999, 0, 999_999_999_999], [-(10**12), 10**12, -1.5]),
        (Price, ["0", "0.226", "9999999999.999999"], ["-1", "1.", ".5", "1e3", "1.0000001", "12345678901"]),
        (Price, [], ["１", 1, 1.5, None]),
        (Count, ["1", "-1", "2.5000", "-0.0001"], ["+1", "1.00001", "123456789", "1\n", ""]),
        (Ratio, ["0", "1", "0.85", "1.000000"], ["1.1", "1.01", "-0.1", "0.1234567", "85%"]),
        (PsnNo, ["P000000001", "a_b-c", "x" * 30], ["", "x" * 31, "P 1", "P1\n", "张三"]),
        (Text, ["个人账户", "x" * 500], ["", "x" * 501, "a\0b", "a\nb", "\x7f"]),
        (Day, ["1900-01-01", "2024-02-29", "2099-12-31"], ["1899-12-31", "2100-01-01", "2026-02-29"]),
        (Day, [], ["20260305", "2026-3-5", "2026-03-05T00:00:00", "2026-03-05 ", "２０２６-03-05"]),
        (Day, [], ["1772668800", 1772668800, 0]),  # Unix times
    ],
)
def test_bounds(type_: Any, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if not takes(type_, value)] == []
    assert [value for value in bad if takes(type_, value)] == []


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_day_reads_back_as_it_was_written(day: date) -> None:
    adapter = TypeAdapter(Day, config=STRICT)
    assert adapter.validate_json(adapter.dump_json(day)) == day
    assert adapter.validate_python(day) == day


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.70", "0.7"), ("1.00", "1"), ("0", "0"), ("0.000001", "0.000001"), ("0.805", "0.805")],
)
def test_a_ratio_is_written_plainly(value: str, text: str) -> None:
    assert ratio_text(Decimal(value)) == text
    assert takes(Ratio, text)
