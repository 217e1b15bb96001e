"""Reads ``entitlement.toml`` of a place and of the nation. Problems are noted in the tables, all of them at once."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import TypeVar, get_args

from contracts.events.enrolment import Exempt
from contracts.reasons import REASONS
from policies import wording
from policies.entitlement.rules import (
    BackPayment,
    Cares,
    Entitlement,
    Late,
    Missed,
    Nation,
    Retirement,
    Wait,
    Window,
    YearlyWindow,
)
from policies.places import area_of
from policies.settlement.sheet import Origin
from policies.tables import KNOWN, Table
from policies.values import CODED, shown

EXEMPT: tuple[str, ...] = get_args(Exempt)
STOPS, ROUTES = ("next_month", "same_day"), ("open", "after", "closed")
P = TypeVar("P")


def read_entitlement(file: Table, id: str) -> Iterator[Entitlement]:
    """The rules in a file; ``id``: its name without ending, which begins with the place."""
    for number, row in enumerate(file.tables("entitlement"), 1):
        yield _rule(row, f"{id}#{number}", id[:6])
    file.finish()


def read_nation(file: Table, id: str) -> Nation:
    """What holds everywhere."""
    found = Nation(
        **_stop(file, id), paid=_part(file, "paid", id, _bare), retired=_part(file, "retired", id, _bare),
        account=_part(file, "account", id, _cares), routes=tuple(route for row in _tables(file, "route") for route in _routes(row, id)),
    )
    file.finish()
    return found


def _bare(row: Table, id: str) -> Origin:
    """A part that has nothing but a source."""
    found = row.origin(id)
    row.finish()
    return found


def _routes(row: Table, id: str) -> Iterator[tuple[str, str, Origin]]:
    codes, manual, source, choice = row.texts("codes", needed=True), row.text("manual", among=ROUTES), row.source(), row.choice()
    for code in codes:
        if code not in REASONS:
            row.complain("codes", f"原因清单中没有 {shown(code)}，请改正 / {shown(code)} is not on the list of reasons; correct it")
        yield code, manual, Origin(f"{id} route {code}", source, choice)
    row.finish()


def clashing(rules: Sequence[Entitlement]) -> Iterator[str]:
    """What is wrong with rules: of two that begin on one day for one place, type and employment, neither is the rule."""
    for one, other in combinations(rules, 2):
        same = (one.begndate, one.insutype, one.flexible) == (other.begndate, other.insutype, other.flexible)
        if same and any(a.startswith(b) or b.startswith(a) for a in one.places for b in other.places):
            places = f"place {', '.join(other.places)}"
            yield f"{other.origin.rule}: {wording.two_rules(places, other.begndate, ('给其中一条另写 `from`', 'give one another `from`'))}"


def _rule(row: Table, id: str, folder: str) -> Entitlement:
    places = row.prefixes("place")
    for place in places:
        if not (place.startswith(area_of(folder)) or area_of(folder).startswith(place)):
            row.complain("place", wording.elsewhere(place, folder))
    found = Entitlement(
        origin=row.origin(id), places=places, insutype=row.text("insutype", among=CODED["insutype"]),
        flexible=row.flag("flexible", False), begndate=row.day("from"),
        windows=tuple(_window(one, f"{id} window {n}") for n, one in enumerate(_tables(row, "window"), 1)),
        yearly=_part(row, "yearly", id, _yearly), wait=_part(row, "wait", id, _wait), back=_part(row, "back_payment", id, _back),
        late=_part(row, "late", id, _late), retirement=tuple(_retirement(one, id) for one in _tables(row, "retirement")),
        student=_part(row, "student", id, _cares), chosen=_part(row, "chosen", id, _cares),
        chronic=_part(row, "chronic", id, _cares), account=_part(row, "account", id, _cares), **_stop(row, id),
    )
    row.finish()
    return found


def _tables(row: Table, key: str) -> Iterator[Table]:
    return row.tables(key) if row.has(key) else iter(())


def _part(row: Table, key: str, id: str, read: Callable[[Table, str], P]) -> P | None:
    """The part called ``key``, None where the place has none."""
    return read(row.only(key), f"{id} {key}") if row.has(key) else None


def _stop(row: Table, id: str) -> dict[str, str | Origin]:
    if not row.has("stop"):
        return {}
    table = row.only("stop")
    found: dict[str, str | Origin] = {"stop": table.text("benefits", among=STOPS), "stop_origin": table.origin(f"{id} stop")}
    table.finish()
    return found


def _window(row: Table, id: str) -> Window:
    begndate, enddate = row.day("benefits_from"), row.day("benefits_until")
    found = Window(row.origin(id), begndate, enddate, row.day("opens"), row.day("closes"), row.day_or_none("supplement"))
    if found.closes < found.opens:
        row.complain("closes", f"{found.closes} 早于首日 {found.opens}，请写更晚的日期 / "
                               f"{found.closes} lies before {found.opens}, the first day; write a later day")
    if enddate < begndate:
        row.complain("benefits_until", wording.too_early(enddate, begndate))
    row.finish()
    return found


def _yearly(row: Table, id: str) -> YearlyWindow:
    found = YearlyWindow(row.origin(id), _month_day(row, "opens"), _month_day(row, "closes"), row.number("years_before", 0))
    row.finish()
    return found


def _month_day(row: Table, key: str) -> tuple[int, int]:
    """``12-25``; every year has the day, so not 29 February."""
    text = row.text(key)
    if re.fullmatch("[0-9]{2}-[0-9]{2}", text):
        month, day = int(text[:2]), int(text[3:])
        try:
            date(2001, month, day)
            return month, day
        except ValueError:
            pass
    row.complain(key, f"{shown(text)} 不是每年都有的月和日，请写成“12-25” / "
                      f"{shown(text)} is no month and day of every year; write them as \"12-25\"")
    return 1, 1


def _wait(row: Table, id: str) -> Wait:
    found = Wait(
        origin=row.origin(id), months=row.number("months", least=1), when=row.texts("when", among=("late", "gap"), needed=True),
        begins=row.text("begins", among=("payment", "benefits")), count=row.text("count", among=("days", "months")),
        exempt=row.texts("exempt", (), EXEMPT), first_month=row.flag("first_month", True),
        missed=_missed(row.only("missed"), f"{id} missed") if row.has("missed") else None,
    )
    row.finish()
    return found


def _missed(row: Table, id: str) -> Missed:
    found = Missed(
        origin=row.origin(id), a_year=row.number("months_a_year", least=1), first_counts=row.flag("first_counts", True),
        counted_from=row.number("counted_from", least=1900), repair=row.flag("repair", False),
        least_from=row.number("least_from", 0), least=row.number("least", 0),
    )
    row.finish()
    return found


def _back(row: Table, id: str) -> BackPayment:
    found = BackPayment(
        row.origin(id), row.number("months", least=1), row.text("measured", among=("payment", "unpaid")),
        row.text("restores", among=("covers", "payment_month")),
    )
    row.finish()
    return found


def _late(row: Table, id: str) -> Late:
    row.text("counts", among=("lost",))
    found = Late(row.origin(id))
    row.finish()
    return found


def _retirement(row: Table, id: str) -> Retirement:
    gend = row.text("gend", among=("1", "2"))
    found = Retirement(
        row.origin(f"{id} retirement {gend}"), gend, row.number("years", least=1), row.number("actual", 0), row.flag("deemed", False))
    row.finish()
    return found


def _cares(row: Table, id: str) -> Cares:
    found = Cares(row.origin(id), row.prefixes("care", wording.MED_TYPE), row.texts("where", KNOWN["place"], KNOWN["place"]))
    row.finish()
    return found
