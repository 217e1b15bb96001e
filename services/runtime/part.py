"""What the shell runs in each partition, and what it logs of it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from contracts.envelope import Record


class Report(Protocol):
    """What a batch did: a dataclass whose fields are the log line. ``kept``: how many records counted."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    kept: int


class Part(Protocol):
    """What a worker does in one partition. ``takeover`` first; after an exception it is done for."""

    replayed: int

    @property
    def next_input(self) -> int:
        """The offset to go on from."""

    async def takeover(self) -> None:
        """Finds the place to go on from."""

    async def batch(self, records: Sequence[Record]) -> Report:
        """Works on records of the input, in order."""

    async def idle(self) -> None:
        """Each second, whether there is traffic or not."""
