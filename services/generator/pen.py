"""Writes the requests of one story: ids in their order, days, and the verdicts that later ones must name."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book
from policies.road import Road
from services.generator.bills import Shelves
from services.generator.claims import claim
from services.generator.dice import Dice
from services.generator.mix import GROUP_OF
from services.generator.people import Person, Request, enrolment, person
from services.generator.places import Map

FROM, UNTIL = date(2025, 3, 17), date(2025, 9, 30)
"""Stories begin on these days; all rules of the groups are in force from 12 March on."""


class Scene:
    """What all stories share: dice, providers, catalogues and the rulebook."""

    def __init__(self, seed: int, book: Book) -> None:
        self.dice, self.book = Dice(seed), book
        self.map, self.shelves = Map(book), Shelves(book)


class Pen:
    """One story. ``tag`` begins its ids and the numbers of its persons."""

    def __init__(self, scene: Scene, tag: str) -> None:
        self.scene, self.dice, self.tag = scene, scene.dice, tag
        self.day = FROM + timedelta(days=self.dice.below((UNTIL - FROM).days))
        self._written = self._visits = 0

    def request(self, type: str, data: dict[str, Any]) -> Request:
        """A request of a type with its version: ``claim.submitted.v1``."""
        self._written += 1
        return {"type": f"cn.yibao.{type}", "id": f"{self.tag}-R{self._written}", "data": data}

    def written(self, made: Request) -> Request:
        """The same for what another module made, without an id."""
        return self.request(made["type"].removeprefix("cn.yibao."), made["data"])

    def person(self, place: str, insutype: str, letter: str = "") -> tuple[Person, Request]:
        """A person of a group of the mix, and the enrolment."""
        group = GROUP_OF[place, insutype]
        who = person(self.dice, f"{self.tag}{letter}", group, self.scene.map.provinces(group))
        return who, self.written(enrolment(who))

    def visit(self, who: Person, days: int = 1) -> dict[str, Any]:
        """A claim of ``who`` for outpatient care near home, ``days`` after what was written last; its account is used by chance."""
        self.later(days)
        self._visits += 1
        provider = self.dice.pick(self.scene.map.near(who.group, "11"))
        return claim(self.dice, self.scene.shelves, who, "11", provider, f"{self.tag}-V{self._visits}", (self.day, self.day), self.day)

    def later(self, days: int) -> str:
        """The day so many days later, from which the story goes on."""
        self.day += timedelta(days=days)
        return self.day.isoformat()


def verdict(book: Book, requests: Sequence[Request]) -> Event:
    """How the last of these requests of one person ends, where the person has sent no others. Ids of verdicts follow from it."""
    road, partitions = Road(book), topic_map().partitions
    for request in requests:
        *_, last = road.run(request_record(json.dumps(request, ensure_ascii=False).encode(), partitions))
    return event_of(last)
