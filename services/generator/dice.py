"""Chance that is the same in every run and on every platform."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


class Dice:
    """Draws from a seed. Only ``Random.random()`` is used: Python keeps its sequence for a seed from version to version."""

    def __init__(self, seed: int, draw: Callable[[], float] | None = None) -> None:
        self._draw = draw or Random(seed).random

    @classmethod
    def of(cls, seed: int, number: int) -> "Dice":
        """The dice of one of many things, such as a person: at hand at once, whatever was drawn before."""
        return cls(0, _split_mix(seed << 32 ^ number))

    def below(self, limit: int) -> int:
        """0 to ``limit`` - 1."""
        return int(self._draw() * limit)

    def between(self, low: int, high: int) -> int:
        """``low`` to ``high``, both included."""
        return low + int(self._draw() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """One of ``choices``."""
        return choices[int(self._draw() * len(choices))]

    def happens(self, per_mille: int) -> bool:
        """True in ``per_mille`` of 1,000 draws."""
        return self._draw() * 1000 < per_mille

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """``values`` in another order."""
        left = list(values)
        for last in range(len(left) - 1, 0, -1):
            other = int(self._draw() * (last + 1))
            left[last], left[other] = left[other], left[last]
        return left


def deck(weights: Sequence[tuple[T, int]]) -> tuple[T, ...]:
    """Each value as often as its weight says, to ``pick`` from."""
    return tuple(value for value, weight in weights for _ in range(weight))


def _split_mix(state: int) -> Callable[[], float]:
    """SplitMix64 (Steele, Lea, Flood 2014): 0 <= x < 1 in steps of 2**-53. Costs nothing to begin, unlike ``Random``."""

    def draw() -> float:
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
        return ((mixed ^ mixed >> 31) >> 11) * 2.0**-53

    return draw
