"""Things by their keys, each group in the order of its start."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

K, V = TypeVar("K", bound=Hashable), TypeVar("V")


def groups(found: Iterable[V], key: Callable[[V], K], start: Callable[[V], Any]) -> dict[K, tuple[V, ...]]:
    """``found`` by ``key``, each group in the order of ``start``."""
    by_key: dict[K, list[V]] = {}
    for item in sorted(found, key=start):
        by_key.setdefault(key(item), []).append(item)
    return {name: tuple(items) for name, items in by_key.items()}


def newest(group: Sequence[Any], day: date) -> Any:
    """The last one of a group in the order of ``begndate`` that began by ``day``; None where none had."""
    for one in reversed(group):
        if one.begndate <= day:
            return one
    return None
