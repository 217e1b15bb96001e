"""Money that goes from one person's road to another's: what arrives there was sent, once, as it was sent.

A partition is judged from its own records, and a letter of the courier mostly lies in another one than the verdict that asks for it.
So both sides are gathered while partitions are verified, and compared when all of them are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from pydantic import ValidationError

from contracts.envelope import BadHeaders, Record, join_type
from contracts.events.audit import AuditFound, finding
from contracts.topics import topic_map
from policies.courier import carried, is_letter
from policies.judged import Row, shown

CREDIT = join_type("wallet.credited", 1).encode()
ANSWERED = b"cn.yibao.request."
"""Begins the types that answer a request without effect: repeated, refused, unreadable."""
Place = tuple[int, int, int, str]


@dataclass(slots=True)
class Letters:
    """``due``: the letters that verdicts ask for; ``came``: those that took effect, with partition, offset, number and id of each.

    Some 200 bytes a letter. One that is due and has not come is still on its way.
    """

    due: set[bytes] = field(default_factory=set)
    came: dict[bytes, Place] = field(default_factory=dict)

    def follow(self, row: Row, told: bool) -> None:
        """Takes what a request and its verdict say; ``told``: a letter that came is of interest."""
        requested, terminal = row.records[0], row.records[-1]
        if terminal is None:
            return
        try:
            letter = carried(terminal)
        except (BadHeaders, ValidationError, ValueError):  # told where the verdict is judged
            letter = None
        if letter is not None:
            self.due.add(_name(letter))
        took_effect = not (terminal.header("ce_type") or ANSWERED).startswith(ANSWERED)
        if told and took_effect and requested is not None and (is_letter(requested) or requested.header("ce_type") == CREDIT):
            self.came[_name(requested)] = row.partition, requested.offset, row.req, shown(requested.header("ce_id") or b"")

    def merge(self, other: "Letters") -> None:
        """Adds those of other partitions."""
        self.due |= other.due
        self.came |= other.came

    def unfounded(self) -> Iterator[AuditFound]:
        """Those that came and that no verdict asked for, once all partitions were followed."""
        for name in self.came.keys() - self.due:
            partition, offset, req, id = self.came[name]
            yield finding("letter_unfounded", topic_map().road[0].name, partition, offset, req, id)


def _name(letter: Record) -> bytes:
    """Its id and its body."""
    return sha256((letter.header("ce_id") or b"") + b" " + letter.value).digest()
