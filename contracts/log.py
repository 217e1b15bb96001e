"""``kept``: which records of the road count. One function for every reader.

A worker that takes over a partition appends a *fence* (header ``fence``). A record counts if and only if its ``own``
is the offset of the latest fence before it and its ``req`` is the next number. Everything else is void: the late word
of a worker that has lost the partition.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.envelope import Headers, Record

ZERO = ord("0")


class Gap(Exception):
    """An offset was skipped. What was there may have been a fence, so nothing after it can be believed. ``where``: topic and partition."""

    def __init__(self, expected: int, got: int, where: str = "") -> None:
        super().__init__(f"{where}{': ' if where else ''}record {got} came where {expected} was expected: an offset was skipped")
        self.expected, self.got = expected, got


@dataclass(slots=True)
class Kept:
    """The reader's place in one partition of one topic of the road.

    ``next``: the offset that comes next. ``fence``: offset of the fence in force (-1: none yet). ``req``, ``src``: the
    numbers of the last record that counted (-1: none yet). ``void``: records of an owner that was not in force.
    ``odd``: records of the owner in force with a wrong number.
    """

    next: int = 0
    fence: int = -1
    req: int = -1
    src: int = -1
    void: int = 0
    odd: int = 0
    fences: int = 0

    def feed(self, offset: int, headers: Headers) -> bool:
        """Whether the record at ``offset`` counts. Lower offsets than ``next`` are dropped. Raises Gap."""
        if offset < self.next:
            return False
        if offset > self.next:
            raise Gap(self.next, offset)
        self.next = offset + 1
        found = dict(headers)
        if found.get("fence") is not None:
            self.fence = offset
            self.fences += 1
            return False
        if number(found.get("own")) != self.fence:
            self.void += 1
            return False
        src = number(found.get("src"))
        if number(found.get("req")) != self.req + 1 or src < 0:
            self.odd += 1
            return False
        self.req += 1
        self.src = src
        return True


def number(text: bytes | None) -> int:
    """A header that holds a number of the protocol, as it is written: without a sign and without leading zeros, 18 digits at
    most; -2 (which nothing equals) where it holds none."""
    if text is None or not text.isdigit() or len(text) > 18 or (text[0] == ZERO and len(text) > 1):
        return -2
    return int(text)


def kept(records: Iterable[Record], place: Kept | None = None) -> Iterator[Record]:
    """Those of ``records`` (one partition, in order, from the start or from ``place``) that count."""
    place = place if place is not None else Kept()
    for record in records:
        if place.feed(record.offset, record.headers):
            yield record
