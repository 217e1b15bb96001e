"""The mix ``all``: the requests of ``day``, and between them stories, several at a time, each in its own order."""

from collections.abc import Iterator

from policies.book import Book
from services.generator.dice import Dice
from services.generator.pen import Scene
from services.generator.people import Request
from services.generator.stories import Story, story
from services.generator.stream import Stream

BEGUN, GOES_ON = 80, 800
"""Per mille of the requests of ``day`` behind which a story begins; behind which one that has begun goes on."""
MOST = 32
"""Stories at a time."""


class Woven:
    """Makes requests one by one. Memory is that of ``day`` and of the stories that go on."""

    def __init__(self, persons: int, claims: int, seed: int, book: Book) -> None:
        self._day, self._seed = Stream(persons, claims, seed, book), seed
        self._dice, self._scene = Dice(seed + 2_000_000_000), Scene(seed + 3_000_000_000, book)
        self._begun, self._open = 0, list[Story]()

    def requests(self) -> Iterator[Request]:
        """All requests in order: ``{"type", "id", "time", "data"}``."""
        time = ""
        for request in self._day.requests():
            yield request
            time = request["time"]
            if len(self._open) < MOST and self._dice.happens(BEGUN):
                self._begun += 1
                self._open.append(story(self._scene, f"S{self._seed}-{self._begun:06d}"))
            if self._open and self._dice.happens(GOES_ON):
                yield from self._next(time)
        while self._open:
            yield from self._next(time)

    def _next(self, time: str) -> Iterator[Request]:
        """The next request of one of the stories; one that is over goes."""
        at = self._dice.below(len(self._open))
        if (request := next(self._open[at], None)) is None:
            self._open.pop(at)
        else:
            yield {"type": request["type"], "id": request["id"], "time": time, "data": request["data"]}
