"""What every ledger does, refuses and raises. One ledger serves one stage and one partition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

#: Fields that one call may name. A server takes a million words in a command, a field that is written is two of them. What a worker
#: does at once has a few megabytes, and whatever names a field (an invoice, a line) takes forty bytes of them and more.
MAX_FIELDS = 400_000

#: Owner, pos, hash, and the whole position that the states say they belong to, as texts: what is compared. In what was
#: found, None stands for one that is missing.
Compared = tuple[str | None, str | None, str | None, str | None]

#: The field of the states that holds a copy of the position: without it, or with another one, they are not its states.
BOUND = "position"


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
    def text(self) -> str:
        """All five in one text, as the states hold it."""
        return f"{self.owner} {self.pos} {self.req} {self.src} {self.hash}"

    @property
    def compared(self) -> tuple[str, str, str, str]:
        """What is compared, as it is stored: texts, so that no comparison rounds a number."""
        return str(self.owner), str(self.pos), self.hash, self.text


class Moved(Exception):
    """Somebody else wrote, wiped or rolled back: position or states are not the expected ones. Nothing was written."""

    def __init__(self, stage: str, partition: int, expected: Compared, found: Compared) -> None:
        super().__init__(
            f"the ledger of stage {stage}, partition {partition} has moved: expected {_shown(expected)}, "
            f"found {_shown(found)}; end this worker, the next one takes over from the log"
        )
        self.stage, self.partition, self.expected, self.found = stage, partition, expected, found


class Damaged(Exception):
    """The stored position cannot be read, or the states are not its own: nobody can say which records they hold.

    ``raw``: what was found (owner, pos, req, src, hash, copy in the states; empty where missing), for ``repair``.
    """

    def __init__(self, position_key: str, state_key: str, what: str, raw: tuple[bytes, ...] = ()) -> None:
        super().__init__(
            f"{position_key} is damaged: {what}; delete both keys (UNLINK {position_key} {state_key}), "
            "the worker then rebuilds them from the log"
        )
        self.position_key, self.state_key, self.what, self.raw = position_key, state_key, what, raw


class Ledger(Protocol):
    """States by field, and their position. Every call but ``position`` and ``read`` compares before it acts.

    ``expected`` is compared with the stored position, and with the copy of it that the states hold; Moved is raised if
    they differ, and then nothing has changed. A call names at most MAX_FIELDS fields, none of them empty (ValueError).
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

    async def repair(self, damage: Damaged) -> None:
        """Deletes states and position together if they still are as ``damage`` found them."""
        ...

    async def read(self, fields: Sequence[str]) -> dict[str, bytes | None]:
        """The states of ``fields`` without comparing: for inquiries, never for decisions."""
        ...


def check_fields(fields: Sequence[str]) -> None:
    """Refuses what one call cannot name (ValueError)."""
    if len(fields) > MAX_FIELDS:
        raise ValueError(f"{len(fields)} fields in one call, at most {MAX_FIELDS}: give the worker fewer records at a time")
    if BOUND in fields:
        raise ValueError(f"{BOUND} is the ledger's own field: name the state otherwise")
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
    owner, pos, record_hash, bound = ("missing" if part is None else part for part in compared)
    return f"owner {owner}, pos {pos}, hash {record_hash}, states of ({bound})"
