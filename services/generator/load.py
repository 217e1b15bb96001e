"""The mix ``bench``: of each 97 claims 78 outpatient, 15 chronic or pharmacy, 4 stays; with them 2 filings and 1 reversal.

In each 100 requests of the load these numbers are exact, in an order of chance. What persons need comes before all of it:
enrolments, credits of the employees, filings of those who live in another province. A person follows from seed and number;
held are five bytes each. Nothing is refused where the rulebook has benefits for chronic care and pharmacies of
``CHRONIC``; the built-in one has none, and those claims end with ``no_rule``.
"""

from array import array
from collections.abc import Iterator
from datetime import date, timedelta

from policies.book import Book
from policies.places import care_kind
from policies.providers import Provider
from services.generator.bills import Shelves
from services.generator.claims import claim
from services.generator.dice import Dice, deck
from services.generator.mix import GROUP_OF, REST_DAYS, STAY_DAYS, Group
from services.generator.moments import moment
from services.generator.people import Person, Request, credit, enrolment, filing_by_rules, person
from services.generator.places import Map
from services.generator.sent import Sent
from services.generator.undoing import reversal

HUNDRED = (("11", 78), ("14", 10), ("41", 5), ("21", 4), ("filing", 2), ("reversal", 1))
"""Of 100 requests: claims by type of care (med_type), filings, reversals."""
LINES = {"11": (3, 8), "14": (2, 6), "41": (1, 4), "21": (40, 120)}
"""Lines of a bill, from and to."""
PEOPLE = (("650200", "310", 44), ("430400", "310", 30), ("520500", "390", 14), ("410100", "310", 5), ("410100", "390", 4), ("419900", "310", 3))
"""Of 100 persons: place and type of insurance."""
CHRONIC = frozenset({"650200", "430400"})
"""Where chronic care and pharmacies are claimed."""
AWAY = 5
"""One in so many of those who have stays lives in another province, and has filed for it before the load begins."""
LEAST_PERSONS = 100
TRIES = 64

_KINDS = deck(HUNDRED)
_SLOTS = tuple(deck([(GROUP_OF[place, insutype], share) for place, insutype, share in PEOPLE])[at * 37 % 100] for at in range(100))
"""The group of a person by the last two digits of the number; 37 spreads each group over all hundreds."""


class Load:
    """Makes requests one by one: what persons need, then the load of ``claims`` claims."""

    def __init__(self, persons: int, claims: int, seed: int, book: Book) -> None:
        if persons < LEAST_PERSONS:
            raise ValueError(f"persons must be at least {LEAST_PERSONS} for the mix bench, not {persons}")
        self._persons, self._claims, self._seed, self._book = persons, claims, seed, book
        self._dice, self._map, self._shelves = Dice(seed), Map(book), Shelves(book)
        self._seen = array("H", bytes(2 * persons))
        self._left = array("H", bytes(2 * persons))
        self._filed = bytearray(persons)
        self._sent = Sent(f"B{seed}", 8)
        self._slots = {care: [at for at, group in enumerate(_SLOTS) if _claims(group, care)] for care in LINES}

    def requests(self) -> Iterator[Request]:
        """All requests in order: ``{"type", "id", "time", "data"}``."""
        yield from self.needed()
        yield from self.load()

    def needed(self) -> Iterator[Request]:
        """What persons need before the load."""
        day, time = moment(0, 1)
        for number in range(self._persons):
            for request in self._first(number, day):
                yield self._sent.numbered(request, time)

    def load(self) -> Iterator[Request]:
        """The load itself, a hundred at a time."""
        done = 0
        while done < self._claims:
            kinds = self._dice.shuffled(_KINDS)
            if not done:
                kinds.sort(key=lambda kind: kind == "reversal")  # something must be there to be reversed
            for kind in kinds:
                if done == self._claims:
                    return
                day, time = moment(done, self._claims)
                done += kind in LINES
                yield self._sent.numbered(self._request(kind, day), time)

    def _request(self, kind: str, day: date) -> Request:
        if kind == "filing":
            return self._filing(day)
        return self._reversal() if kind == "reversal" else self._claim(kind, day)

    def _first(self, number: int, day: date) -> Iterator[Request]:
        dice, who = self._person(number)
        yield enrolment(who)
        if who.group.insutype == "310":
            yield credit(dice, who, day)
        if self._lives_away(number, who.group):
            yield filing_by_rules(dice, self._book.filing, who, day - timedelta(days=31), self._hospital(who), "long_term_resident")

    def _claim(self, care: str, day: date) -> Request:
        number = self._claimant(care, day)
        _, who = self._person(number)
        begndate = self._admission(number, day) if care_kind(care) == "inpatient" else day
        self._seen[number] = _number(day)
        mdtrt_id = f"B{self._seed}-V{self._sent.count:08d}"
        data = claim(self._dice, self._shelves, who, care, self._provider(who, number, care), mdtrt_id, (begndate, day), day, LINES[care])
        return {"type": "cn.yibao.claim.submitted.v1", "data": data}

    def _filing(self, day: date) -> Request:
        """A filing of somebody who claims outpatient care and has not filed, as far as one is found."""
        slots = self._slots["11"]
        for _ in range(TRIES):
            number = self._drawn(slots)
            if not self._filed[number]:
                break
        self._filed[number] = 1
        _, who = self._person(number)
        return filing_by_rules(self._dice, self._book.filing, who, day, self._hospital(who))

    def _reversal(self) -> Request:
        """Of the last claim of somebody who claimed lately."""
        recent = self._sent.recent
        psn_no = self._dice.pick(recent)["data"]["psn_no"]
        theirs = [one for one in recent if one["data"]["psn_no"] == psn_no]
        for one in theirs:
            recent.remove(one)
        return reversal(self._dice, theirs[-1])

    def _hospital(self, who: Person) -> str:
        """One where the person goes away from home."""
        return self._map.away(who.group, lambda province: province == who.province)[0].fixmedins_code

    def _person(self, number: int) -> tuple[Dice, Person]:
        """The person of that number, and the dice that gave them."""
        dice, group = Dice.of(self._seed, number), _SLOTS[number % 100]
        return dice, person(dice, f"B{group.place}-G{self._seed}-{number:06d}", group, self._map.provinces(group))

    def _claimant(self, care: str, day: date) -> int:
        """The number of somebody who claims such care and has rested since the last claim, as far as one is found."""
        slots, rest = self._slots[care], REST_DAYS["inpatient" if care == "21" else "outpatient"]
        for _ in range(TRIES):
            number = self._drawn(slots)
            if not self._seen[number] or _number(day) - self._seen[number] >= rest:
                break
        return number

    def _drawn(self, slots: list[int]) -> int:
        """A number with one of these last two digits."""
        hundreds = -(-self._persons // 100)
        while (number := self._dice.below(hundreds) * 100 + self._dice.pick(slots)) >= self._persons:
            pass
        return number

    def _admission(self, number: int, day: date) -> date:
        begndate = day - timedelta(days=self._dice.between(*STAY_DAYS))
        if self._left[number]:
            begndate = max(begndate, min(day, _ZERO + timedelta(days=self._left[number])))
        self._left[number] = _number(day)
        return begndate

    def _provider(self, who: Person, number: int, care: str) -> Provider:
        if self._lives_away(number, who.group):
            return self._dice.pick(self._map.away(who.group, lambda province: province == who.province))
        return self._dice.pick(self._map.near(who.group, care))

    def _lives_away(self, number: int, group: Group) -> bool:
        return group.care == "21" and number // 100 % AWAY == AWAY - 1


_ZERO = date(2024, 1, 1)


def _number(day: date) -> int:
    """Days since a day before all of the load; 0 is none."""
    return (day - _ZERO).days


def _claims(group: Group, care: str) -> bool:
    return group.place in CHRONIC if care in ("14", "41") else group.care == care
