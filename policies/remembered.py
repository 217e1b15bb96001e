"""What was found before is remembered, up to a bound: the same few come again and again."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

V = TypeVar("V")
MOST = 16_384


class Remembered(dict[Any, V]):
    """``remembered[key]`` is ``find(key)``, found once. Where there is MOST of it all is dropped, so that memory stays bounded."""

    def __init__(self, find: Callable[[Any], V]) -> None:
        super().__init__()
        self._find = find

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process finds for itself."""
        return Remembered, (self._find,)

    def __missing__(self, key: Hashable) -> V:
        found = self._find(key)
        if len(self) >= MOST:
            self.clear()
        self[key] = found
        return found
