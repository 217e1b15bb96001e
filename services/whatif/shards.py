"""Requests parted for the processes: persons who share money stay together, each part is a temporary file."""

import pickle
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from zlib import crc32

from services.whatif.asked import Asked, as_object

REQUESTS, MOST = 500, 200
"""Requests of a shard, as long as there are no more than ``MOST`` of them: so many files are open at a time."""
BINDS = (b"user_psn_no", b"sharer", b"\\u")
"""What a request that names another person holds; a key of it may be written with escapes."""


class Kin:
    """Who is bound to whom by a family wallet. Holds only persons who are bound to somebody."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def bind(self, person: str, other: str) -> None:
        one, two = self.of(person), self.of(other)
        if one != two:
            first, second = sorted((one, two))
            self._above[second] = first

    def of(self, person: str) -> str:
        """The one person who stands for all that are bound to each other."""
        while (above := self._above.get(person)) is not None:
            self._above[person] = self._above.get(above, above)
            person = above
        return person

    def read(self, asked: Asked) -> None:
        """Binds the persons whom a request names."""
        if not any(word in asked.body for word in BINDS):
            return
        event = as_object(asked.body)
        data = event.get("data") if isinstance(asked.request, bytes) else event
        if isinstance(data, dict) and isinstance(person := data.get("psn_no"), str):
            for other in (data.get("user_psn_no"), data.get("sharer")):
                if isinstance(other, str):
                    self.bind(person, other)


class Shards:
    """Files in ``folder``, so many as ``requests`` ask for, whatever machine they are decided on. Used as a context."""

    def __init__(self, folder: Path, requests: int) -> None:
        self.paths = [folder / f"{number:03}.requests" for number in range(max(1, min(MOST, requests // REQUESTS)))]
        self.counts = [0] * len(self.paths)

    def __enter__(self) -> "Shards":
        self._streams = [path.open("wb") for path in self.paths]
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._streams:
            stream.close()

    def add(self, asked: Asked) -> None:
        """All requests of one ``kin`` go into one shard."""
        number = crc32(asked.kin.encode()) % len(self.paths)
        self.counts[number] += 1
        pickle.dump(tuple(asked), self._streams[number])


def kindred(path: Path) -> Iterator[list[Asked]]:
    """The requests of a shard by those who are bound to each other: of each partition as they stood there, and among partitions
    by the broker's time."""
    found: dict[str, list[Asked]] = {}
    for asked in merge(*([*part] for _, part in groupby(_stored(path), attrgetter("partition"))), key=attrgetter("at")):
        found.setdefault(asked.kin, []).append(asked)
    while found:
        yield found.pop(next(iter(found)))


def _stored(path: Path) -> Iterator[Asked]:
    with path.open("rb") as stream:
        while True:
            try:
                yield Asked(*pickle.load(stream))
            except EOFError:
                return
