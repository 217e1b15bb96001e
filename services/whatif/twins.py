"""Roads side by side: every request is read once and decided under each of two rulebooks, each with states of its own.

What a sharing gives to a relative follows from each road's own verdict. Where the courier's request is among those given, it
stands for its place: each road delivers its own there, if it has one. What no given request stands for follows at the end.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from contracts.base import altered
from contracts.envelope import Record
from contracts.topics import topic_map
from contracts.wire import Event
from policies.book import Book
from policies.courier import carried, is_letter
from policies.deciding import decide
from policies.intake import intake
from policies.road import STAGES, stage_named
from policies.stage import State
from services.audit.ids import Ids, Named, named_in
from services.whatif.asked import as_object

Letter = tuple[str, ...]
"""What makes two of the courier's requests the same, whatever the ids: type, whose road, from whom, how much, when."""
PARTITIONS = topic_map().partitions


class Side:
    """One road under ``book``."""

    def __init__(self, book: Book) -> None:
        stages = [stage_named(name, book) for name in STAGES]
        self._digest, self._stages = book.digest, [(stage, State(stage, strict=False)) for stage in stages]
        self._letters: list[tuple[Letter, Record]] = []
        self._awaited: Counter[Letter] = Counter()
        self.ids = Ids()

    def decide(self, event: Event) -> Event:
        """The terminal event; what it gives to another person is kept, or delivered where it was awaited. What the request names by
        ids that follow from a rulebook is what it is on this road."""
        event = _naming(event, self.ids)
        for stage, state in self._stages:
            event = decide(stage, event, state, self._digest)
        letter = carried(Record(event.key, event.value, tuple(event.headers)))
        if letter is not None:
            self._letters.append((letter_of(letter), letter))
            if self._awaited[self._letters[-1][0]]:
                self._awaited[self._letters[-1][0]] -= 1
                self._deliver(len(self._letters) - 1)
        return event

    def given(self, letter: Letter) -> None:
        """The place of one of the courier's requests: it is delivered now, or as soon as it is there."""
        at = next((at for at, (named, _) in enumerate(self._letters) if named == letter), None)
        if at is None:
            self._awaited[letter] += 1
        else:
            self._deliver(at)

    def rest(self) -> None:
        """Delivers what is left, and what follows from it, in the order of the verdicts."""
        while self._letters:
            self._deliver(0)

    def _deliver(self, at: int) -> None:
        _, letter = self._letters.pop(at)
        self.decide(intake(letter, letter.partition, PARTITIONS))


class Twins:
    """Decides requests under each of ``books``. ``sharings``: what ``sharing_of`` says of all that will be given."""

    def __init__(self, books: Sequence[Book], sharings: set[Letter]) -> None:
        self._sides, self._sharings = [Side(book) for book in books], sharings
        self._placed: set[bytes | None] = set()

    def decide(self, request: Record, recorded: Sequence[Named] | None = None) -> list[Event]:
        """The terminal events, one a side; none of one of the courier's requests that follows from a sharing.

        ``recorded``: the ids that its recorded verdict gave, by which later requests name what became of it; None: they name it as
        the first side does.
        """
        if is_letter(request) and (letter := letter_of(request))[2:] in self._sharings:
            for side in self._sides if (id := request.header("ce_id")) not in self._placed else ():  # it may be published twice
                side.given(letter)
            self._placed.add(id)
            return []
        event = intake(request, request.partition, PARTITIONS)
        decided = [side.decide(event) for side in self._sides]
        own = [tuple(named_in(one)) for one in decided]
        for side, ids in zip(self._sides, own, strict=True):
            side.ids.learn(recorded if recorded is not None else own[0], ids)
        return decided

    def rest(self) -> None:
        for side in self._sides:
            side.rest()


def _naming(event: Event, ids: Ids) -> Event:
    """The event of a request whose body names what is on a road; its bytes stay."""
    asked = event.body.request
    mine = ids.on_this_road(asked)
    return event if mine is asked else Event(event.attributes, event.key, event.value, altered(event.body, request=mine), event.headers)


def letter_of(request: Record) -> Letter:
    """What one of the courier's requests is about."""
    data = as_object(request.value)
    sharer = data.get("sharer", data.get("psn_no"))
    type = (request.header("ce_type") or b"").decode("utf-8", "replace")
    return type, (request.key or b"").decode("utf-8", "replace"), *_about(data, sharer, "crdt_amt" if "crdt_amt" in data else "amt")


def sharing_of(request: Record) -> Letter | None:
    """What the courier's requests that follow from a sharing say of it, whoever they are for; None for other requests."""
    if b"wallet.requested" not in (request.header("ce_type") or b""):
        return None
    data = as_object(request.value)
    return _about(data, data.get("psn_no"), "amt")


def _about(data: dict[str, Any], sharer: Any, amount: str) -> Letter:
    return tuple(str(one) for one in (sharer, data.get("insutype"), data.get(amount), data.get("crdt_date", data.get("date"))))
