"""Money in integer fen (分), and the one rounding of the project.

Every amount is an ``int`` of fen, on the wire too. Ratios, prices and counts are exact decimals and never floats.
Half-up to the fen, away from zero for negative amounts, so that a reversal is the exact mirror of what it reverses.
"""

from decimal import Decimal
from functools import lru_cache

MAX_FEN = 10**12 - 1
"""The largest amount accepted from outside: 9,999,999,999.99 yuan."""

PRICE_PLACES = 6
COUNT_PLACES = 4


def round_half_up(numerator: int, denominator: int = 1) -> int:
    """``numerator / denominator`` rounded half-up to a whole number, symmetric around zero. The one rounding."""
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, not {denominator}")
    whole, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        whole += 1
    return whole if numerator >= 0 else -whole


def times(amount: int, ratio: Decimal) -> int:
    """``amount`` fen times an exact ``ratio``, rounded half-up to the fen."""
    numerator, denominator = _fraction(ratio)
    return round_half_up(amount * numerator, denominator)


@lru_cache(maxsize=1024)
def _fraction(ratio: Decimal) -> tuple[int, int]:
    """A ratio in lowest terms; the same few come again and again."""
    return ratio.as_integer_ratio()


def yuan(amount: int) -> str:
    """Fen as yuan for people: ``123456 -> '1,234.56'``."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d}"
