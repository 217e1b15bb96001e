"""What the shell runs in each partition, and what it logs of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from contracts.envelope import Record


class Report(Protocol):
    """What a batch did: a dataclass whose fields are the log line. ``kept``: how many records counted."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    kept: int


def told(report: Report) -> dict[str, Any]:
    """What a report says, by field. Nothing is copied: ``asdict`` copies deeply, ten times as dear, and a batch may hold one request."""
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a part has seen since its takeover. ``pos``: where its projection stands; ``end``: of the log that it follows.

    ``unreadable``: how many of the last requests are; None where no brake looks at them. ``read``: the input offset behind what was
    read, where that lies beyond the place to go on from: nothing behind that place counts.
    """

    fences: int = 0
    void: int = 0
    pos: int = 0
    end: int = 0
    unreadable: int | None = None
    read: int = 0


class Part(Protocol):
    """What a worker does in one partition. ``takeover`` first; after an exception it is done for."""

    replayed: int

    @property
    def next_input(self) -> int:
        """The offset to go on from."""

    @property
    def seen(self) -> Seen:
        """For the metrics."""

    async def takeover(self) -> None:
        """Finds the place to go on from."""

    async def batch(self, records: Sequence[Record]) -> Report:
        """Works on records of the input, in order."""

    async def idle(self) -> None:
        """Each second, whether there is traffic or not."""
