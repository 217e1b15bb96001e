"""What every ledger does, refuses and raises. One ledger serves one stage and one partition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

#: Fields that one call may name. It bounds the time in which one script keeps the server from everybody else.
MAX_FIELDS = 10_000

#: Owner, pos and hash as texts: what is compared. In what was found, None stands for one that is missing.
Compared = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Position:
    """How far the projection has read the stage's own output log. The default is that of an empty projection.

    ``owner``: offset of the latest fence below ``pos`` (-1: none). ``pos``: the next offset to read. ``req``:
    the last kept request number (-1: none). ``src``: its source offset, one topic upstream. ``hash``: the
    record hash of the record at ``pos`` - 1 ("-": none yet).
    """

    owner: int = -1
    pos: int = 0
    req: int = -1
    src: int = -1
    hash: str = "-"

    @property
    def compared(self) -> tuple[str, str, str]:
        """Owner, pos and hash as they are stored: texts, so that no comparison rounds a number."""
        return str(self.owner), str(self.pos), self.hash


class Moved(Exception):
    """Somebody else wrote, wiped or rolled back: owner, pos or hash is another. Nothing was written."""

    def __init__(self, stage: str, partition: int, expected: Compared, found: Compared) -> None:
        super().__init__(
            f"the ledger of stage {stage}, partition {partition} has moved: expected {_shown(expected)}, "
            f"found {_shown(found)}; end this worker, the next one takes over from the log"
        )
        self.stage, self.partition, self.expected, self.found = stage, partition, expected, found


class Damaged(Exception):
    """The stored position cannot be read, so nobody can say which records the states hold."""

    def __init__(self, position_key: str, state_key: str, what: str) -> None:
        super().__init__(
            f"{position_key} is damaged: {what}; delete both keys (UNLINK {position_key} {state_key}), "
            "the worker then rebuilds them from the log"
        )
        self.position_key, self.state_key, self.what = position_key, state_key, what


class Ledger(Protocol):
    """States by field, and their position. Every call but ``position`` and ``read`` compares before it acts.

    Owner, pos and hash of ``expected`` are compared with what is stored; Moved is raised if one differs, and
    then nothing has changed. A call names at most MAX_FIELDS fields, none of them empty (ValueError).
    """

    async def position(self) -> Position:
        """The stored position; ``Position()`` if there is none. Raises Damaged."""
        ...

    async def load(self, expected: Position, fields: Sequence[str]) -> dict[str, bytes | None]:
        """The states of ``fields``, None where there is none. No fields: only compares. Raises Moved."""
        ...

    async def apply(self, expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
        """Writes the states (None deletes the field) and the position ``new``, all or nothing. Raises Moved.

        ``new.pos`` must lie above ``expected.pos`` (ValueError): only then is a repeated call sure to be
        refused.
        """
        ...

    async def discard(self, expected: Position) -> None:
        """Deletes all states and the position together. Raises Moved."""
        ...

    async def read(self, fields: Sequence[str]) -> dict[str, bytes | None]:
        """The states of ``fields`` without comparing: for inquiries, never for decisions."""
        ...


def check_fields(fields: Sequence[str]) -> None:
    """Refuses what one call cannot name (ValueError)."""
    if len(fields) > MAX_FIELDS:
        raise ValueError(f"{len(fields)} fields in one call, at most {MAX_FIELDS}: split the call")
    if "" in fields:
        raise ValueError("a field has no name: every state needs one")


def check_apply(expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
    """Refuses an ``apply`` that would not mean the same in every ledger (ValueError, TypeError)."""
    if new.pos <= expected.pos:
        raise ValueError(f"new pos {new.pos} must lie above {expected.pos}: apply each record once")
    check_fields(list(writes))
    for field, value in writes.items():
        if value is not None and type(value) is not bytes:
            raise TypeError(f"the state of {field} is {type(value).__name__}: give bytes, or None to delete")


def _shown(compared: Compared) -> str:
    owner, pos, record_hash = ("missing" if part is None else part for part in compared)
    return f"owner {owner}, pos {pos}, hash {record_hash}"
