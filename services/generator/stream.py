"""The stream of requests: claims in the order of their settlement, each after what its person needs first."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from policies.book import Book
from policies.places import care_kind
from policies.providers import Provider
from services.generator.bills import Shelves
from services.generator.claims import BIRTH, claim
from services.generator.dice import Dice, deck
from services.generator.mix import (
    DEBITED,
    FAULTS,
    GROUPS,
    INTERIM,
    INTERIM_DAYS,
    MATERNITY,
    QUOTED,
    REPEATED,
    REST_DAYS,
    SHARED,
    STAY_DAYS,
    UNDONE,
    UNDONE_LATER,
    UNKNOWN_PROVIDER,
)
from services.generator.moments import moment
from services.generator.people import (
    Person,
    Request,
    credit,
    debit,
    enrolment,
    filing_by_rules,
    known_relative,
    person,
    relative,
    sharing,
)
from services.generator.places import Map
from services.generator.roll import Roll
from services.generator.sent import Sent
from services.generator.undoing import undoing

_GROUPS = deck([(group, group.weight) for group in GROUPS])
_WHERE = {group: deck(group.where) for group in GROUPS}
_FAULTS = deck([*FAULTS, (None, 1000 - sum(share for _, share in FAULTS))])
_MATERNITY = deck(MATERNITY)
_VERSION_2 = frozenset({"mid_setl_flag", "matn_type", "otp_er_refl_flag"})
"""Fields that a claim of version 1 does not have."""


class Stream:
    """Makes requests one by one. Memory is that of the roll: it does not grow with the claims."""

    def __init__(self, persons: int, claims: int, seed: int, book: Book) -> None:
        self._persons, self._claims, self._seed, self._book = persons, claims, seed, book
        self._dice, self._undoing = Dice(seed), Dice(seed + 1_000_000_000)  # its own sequence: the rest stays what it was
        self._map, self._shelves = Map(book), Shelves(book)
        self._roll = Roll(persons, seed)
        self._sent = Sent(f"G{seed}", 6)

    def requests(self) -> Iterator[Request]:
        """All requests in order: ``{"type", "id", "time", "data"}``."""
        for number in range(self._claims):
            day, time = moment(number, self._claims)
            for request in self._claim(number, day):
                yield self._sent.numbered(request, time)
            if self._dice.happens(REPEATED):
                yield self._dice.pick(self._sent.recent)
            if self._undoing.happens(UNDONE):
                claim = self._undoing.pick(self._sent.recent) if self._undoing.happens(UNDONE_LATER) else self._sent.recent[-1]
                yield self._sent.numbered(undoing(self._undoing, claim), time)

    def _claim(self, number: int, day: date) -> Iterator[Request]:
        """One claim, and before it what it needs: enrolment, credit, filing, or what makes it fail."""
        dice = self._dice
        place, who = self._claimant(dice.below(self._persons), day)
        if who is None:
            who = self._person(place)
            yield from self._first(who, day)
        who.seen = day
        fault = dice.pick(_FAULTS)
        care = who.group.unruled if fault == "no_rule" else who.group.care
        begndate = self._admission(who, day) if care_kind(care) == "inpatient" else day
        provider, filed_care = self._provider(who, care, fault)
        yield from self._arrears(who, fault, begndate)
        if filed_care and who.needs_filing(begndate):
            yield filing_by_rules(dice, self._book.filing, who, begndate, provider.fixmedins_code)
        yield from self._shares(who, day)
        self._roll.put(place, who)
        for data in self._settlements(who, number, care, provider, (begndate, day), fault is None):
            if fault == "unknown_provider":
                data["fixmedins_code"] = UNKNOWN_PROVIDER.format(admdvs=provider.admdvs)
            version = 2 if data["acct_used_flag"] == "2" or _VERSION_2 & data.keys() else 1
            if dice.happens(QUOTED):
                yield {"type": f"cn.yibao.quote.requested.v{version}", "data": data}
            yield {"type": f"cn.yibao.claim.submitted.v{version}", "data": data}

    def _claimant(self, first: int, day: date) -> tuple[int, Person | None]:
        """``first``, or the next place whose person has neither a birth behind her nor a claim too shortly before; else ``first``."""
        for step in range(self._persons):
            place = (first + step) % self._persons
            who = self._roll.get(place)
            if who is None or not _rests(who, day):
                return place, who
        return first, self._roll.get(first)

    def _person(self, place: int) -> Person:
        group = self._dice.pick(_GROUPS)
        return person(self._dice, self._roll.psn_no(group.place, place), group, self._map.provinces(group))

    def _first(self, who: Person, day: date) -> Iterator[Request]:
        yield enrolment(who)
        if who.group.insutype == "310":
            money = credit(self._dice, who, day)
            yield money
            if self._dice.happens(DEBITED):
                yield debit(self._dice, who, day, money["data"]["crdt_amt"])

    def _shares(self, who: Person, day: date) -> Iterator[Request]:
        """Where the rulebook lets a relative share: what comes into the relative's account, and a sharing of a part of it."""
        rule = self._book.family(who.group.place, day)
        if rule is None or who.group.insutype == rule.insutype or not who.group.place.startswith(rule.scope):
            return
        if self._dice.happens(SHARED):
            if not who.shared:
                who.shared = True
                yield enrolment(relative(self._dice, who))
            sharer = known_relative(who)
            money = credit(self._dice, sharer, day)
            yield money
            yield sharing(self._dice, who, sharer, rule, day, money["data"]["crdt_amt"])

    def _arrears(self, who: Person, fault: str | None, begndate: date) -> Iterator[Request]:
        """Before a claim in arrears the agency records them; before the next one, that they were paid."""
        if fault == "in_arrears":
            who.in_arrears = True
            yield enrolment(who, arrears_from=begndate.replace(day=1))
        elif who.in_arrears:
            who.in_arrears = False
            yield enrolment(who)

    def _provider(self, who: Person, care: str, fault: str | None) -> tuple[Provider, bool]:
        """Where the person goes, and whether that must be filed."""
        group, unfiled = who.group, self._map.unfiled(who.group)
        if fault == "no_rule":
            return self._dice.pick(self._map.providers(group, care, group.unruled_where)), False
        if fault == "not_filed" and not unfiled:
            return self._dice.pick(self._map.away(group, lambda province: province != who.province)), False
        where = self._dice.pick(_WHERE[group])
        if where == "other_province":
            return self._dice.pick(self._map.away(group, lambda province: province == who.province)), not unfiled
        return self._dice.pick(self._map.providers(group, care, where)), False

    def _admission(self, who: Person, day: date) -> date:
        """The first day of a stay that ends on ``day``: not before the person left the hospital the last time."""
        begndate = day - timedelta(days=self._dice.between(*STAY_DAYS))
        if who.discharged is not None:
            begndate = max(begndate, who.discharged)
        who.discharged = day
        return begndate

    def _settlements(
        self, who: Person, number: int, care: str, provider: Provider, days: tuple[date, date], whole: bool
    ) -> Iterator[dict[str, Any]]:
        """One claim; of a ``whole`` stay without a fault sometimes two, the first an interim settlement."""
        dice, (begndate, day) = self._dice, days
        more: dict[str, Any] = {}
        if care == BIRTH:
            more["matn_type"] = dice.pick(_MATERNITY)
        elif care == "21" and whole and (day - begndate).days >= INTERIM_DAYS and dice.happens(INTERIM):
            middle = begndate + (day - begndate) // 2
            first = self._data(who, number, care, provider, (begndate, middle), day)
            yield {**first, "mid_setl_flag": "1"}
            last = self._data(who, number, care, provider, (middle, day), day)
            yield {**last, "begndate": begndate.isoformat(), "mid_setl_flag": "0"}
            return
        elif care == who.group.care and who.group.emergency and dice.happens(who.group.emergency):
            care, more["otp_er_refl_flag"] = "13", "1"
        yield {**self._data(who, number, care, provider, days, day), **more}

    def _data(
        self, who: Person, number: int, care: str, provider: Provider, days: tuple[date, date], setl_date: date
    ) -> dict[str, Any]:
        return claim(self._dice, self._shelves, who, care, provider, f"G{self._seed}-V{number + 1:06d}", days, setl_date)


def _rests(who: Person, day: date) -> bool:
    """Whether the person claims nothing on ``day``."""
    if who.seen is None:
        return False
    return who.group.care == BIRTH or (day - who.seen).days < REST_DAYS[care_kind(who.group.care)]
