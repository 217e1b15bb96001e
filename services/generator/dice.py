"""Chance that is the same in every run and on every platform."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from a seed. Only ``Random.random()`` is used: Python keeps its sequence for a seed from version to version."""

    def __init__(self, seed: int) -> None:
        self._draw = Random(seed).random

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


def deck(weights: Sequence[tuple[T, int]]) -> tuple[T, ...]:
    """Each value as often as its weight says, to ``pick`` from."""
    return tuple(value for value, weight in weights for _ in range(weight))
