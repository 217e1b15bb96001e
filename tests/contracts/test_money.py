"""The one rounding, against Python's decimal and against calculations by hand."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, strategies as st

from contracts.money import round_half_up, times, yuan

AMOUNTS = st.integers(-(10**18), 10**18)


@given(AMOUNTS, st.sampled_from([1, 2, 4, 5, 8, 10, 100, 1000, 10**10]))
def test_rounding_agrees_with_decimal(numerator: int, denominator: int) -> None:
    # These denominators divide a power of ten, so the decimal quotient is exact in 60 digits.
    with localcontext(prec=60):
        exact = Decimal(numerator) / Decimal(denominator)
        assert round_half_up(numerator, denominator) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(AMOUNTS, st.integers(1, 10**12))
def test_rounding_is_nearest_and_away_from_zero_at_the_half(numerator: int, denominator: int) -> None:
    rounded = round_half_up(numerator, denominator)
    assert 2 * abs(rounded * denominator - numerator) <= denominator
    if 2 * abs(rounded * denominator - numerator) == denominator:
        assert abs(rounded) * denominator > abs(numerator)


@given(AMOUNTS, st.integers(1, 10**12))
def test_a_negative_amount_is_the_mirror_of_the_positive(numerator: int, denominator: int) -> None:
    assert round_half_up(-numerator, denominator) == -round_half_up(numerator, denominator)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_that_is_not_positive_is_an_error(denominator: int) -> None:
    with pytest.raises(ValueError, match="denominator must be positive"):
        round_half_up(1, denominator)


@pytest.mark.parametrize(
    ("amount", "ratio", "expected"),
    [
        # The first two are sample messages of the national interface: a pool segment, and a first self-pay.
        (1202848, "0.84", 1010392),  # 12028.48 x 0.84 = 10103.9232 -> 10103.92
        (226, "0.1", 23),  # 2.26 x 0.1 = 0.226 -> 0.23
        (1, "0.5", 1),  # half a fen, up
        (-1, "0.5", -1),  # and its mirror
        (3, "0.15", 0),  # 0.45 fen, down
        (333, "1", 333),
        (333, "0", 0),
        (999_999_999_999, "0.000001", 1_000_000),  # 999999.999999 -> 1000000
    ],
)
def test_times_a_ratio(amount: int, ratio: str, expected: int) -> None:
    assert times(amount, Decimal(ratio)) == expected


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1,234.56"), (-100000000, "-1,000,000.00")],
)
def test_yuan_for_people(amount: int, text: str) -> None:
    assert yuan(amount) == text
