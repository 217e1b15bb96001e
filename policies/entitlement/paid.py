"""What was paid for, and when: the contribution that covers a day, breaks, and years missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from contracts.events.enrolment import Contribution
from policies.calendar import last_day
from policies.entitlement.rules import BackPayment, Entitlement

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Break:
    """Days from ``begndate`` to ``enddate`` that were not paid for; ``paid``: day on which payments went on."""

    begndate: date
    enddate: date
    paid: date

    def within(self, rule: BackPayment) -> bool:
        """Whether what was broken may be paid afterwards, or need not be."""
        if rule.measured == "payment":
            return max(self.paid, self.enddate) <= last_day(self.begndate, rule.months)  # paid in advance, it lasts all the same
        return months_between(self.begndate, self.enddate + DAY) <= rule.months


class Time(NamedTuple):
    """Days that are paid for, and the day on which they were."""

    begndate: date
    paid: date
    enddate: date


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of its month."""
    return last_day(month_of(day), 1)


def months_between(first: date, day: date) -> int:
    """Calendar months from that of ``first`` to the one before that of ``day``."""
    return (day.year - first.year) * 12 + day.month - first.month


def earliest(found: Sequence[Contribution]) -> Contribution:
    """Of several the one that was paid first."""
    return min(found, key=lambda one: one.clct_date or date.min)


def due(rule: Entitlement, day: date) -> date:
    """The last day on which what covers ``day`` is paid in time: of the window, or of the month."""
    window = rule.window(day)
    return window.closes if window else month_end(day)


@dataclass(frozen=True)
class Payments:
    """What was paid for under one insurance by the rules of a place; each payment is judged once, for all days that are asked about."""

    contributions: Sequence[Contribution]
    rule: Entitlement

    @cached_property
    def times(self) -> list[Time]:
        """What is paid for, in time, or afterwards as far as the rule takes that, in the order of the payments. Each is judged by the
        break that it found: what was paid afterwards in time for that closes it."""
        first, found = date.max, list[Time]()
        for paid, together in groupby(sorted(self.contributions, key=_arrived), key=_arrived):
            arrived = [*together]
            first = min([first, *(one.begndate for one in arrived)])
            found += [time for one in arrived for time in _times(one, paid, self.rule, found, first)]
        return found

    @cached_property
    def breaks(self) -> list[Break]:
        """The breaks between what is paid for, earliest first."""
        reached, found = None, list[Break]()
        for begin, paid, end in sorted(self.times):
            if reached is not None and begin > reached + DAY:
                found.append(Break(reached + DAY, begin - DAY, paid))
            reached = max(reached or end, end)
        return found

    def broken(self, until: date) -> list[Break]:
        """The breaks that are over by ``until``, earliest first."""
        return [gap for gap in self.breaks if gap.enddate < until]

    def break_at(self, day: date, paid: date) -> Break:
        """The break about ``day``, as it stood when a payment for it arrived on ``paid``."""
        known = [time for time in self.times if time.paid < paid]
        return _around(day, paid, known, min(one.begndate for one in self.contributions if _arrived(one) <= paid))


def _times(one: Contribution, paid: date, rule: Entitlement, known: Sequence[Time], first: date) -> Iterator[Time]:
    """What of a contribution counts, where ``known`` was paid for before."""
    begin = _in_time(one, rule)
    if begin <= one.enddate:
        yield Time(begin, paid, one.enddate)
    if rule.back is None or begin <= one.begndate:
        return
    for day, last in _open(one.begndate, min(one.enddate, begin - DAY), known):
        if _around(day, paid, known, first).within(rule.back):
            yield Time(day, paid, last)


def _open(first: date, last: date, known: Sequence[Time]) -> Iterator[tuple[date, date]]:
    """The days from ``first`` to ``last`` that are not known as paid for, each run of them by its first and last."""
    for time in sorted(time for time in known if first <= time.enddate and time.begndate <= last):
        if first < time.begndate:
            yield first, time.begndate - DAY
        first = max(first, time.enddate + DAY)
    if first <= last:
        yield first, last


def _around(day: date, paid: date, known: Sequence[Time], first: date) -> Break:
    """The break about ``day``: from the end of what was paid for before it, or from ``first``, to what was paid for behind it, or to the
    month of the payment. A day that is paid for at another place is one by itself."""
    before = [min(time.enddate, day - DAY) for time in known if time.begndate < day]
    behind = [max(time.begndate, day + DAY) for time in known if time.enddate > day]
    return Break(max(before) + DAY if before else first, min([*behind, month_of(paid)]) - DAY, paid)


def _arrived(one: Contribution) -> date:
    """The day of its payment; of one that came when it was due, its first."""
    return one.clct_date or one.begndate


def _in_time(one: Contribution, rule: Entitlement) -> date:
    """The first day that it covers in time; after its end where there is none."""
    if one.clct_date is None:
        return one.begndate
    if (window := rule.window(one.begndate)) is not None:
        return one.begndate if one.clct_date <= window.closes else one.enddate + DAY
    return max(one.begndate, month_of(one.clct_date))


def missed_years(contributions: Sequence[Contribution], year: int, first: int, day: date) -> tuple[int, int]:
    """Years in a row before ``year`` that were not paid by their own end, none before ``first``; and how many of them
    were paid afterwards, by ``day``."""
    missed = repaired = 0
    for one in range(year - 1, first - 1, -1):
        paid = [c for c in contributions if c.begndate.year <= one <= c.enddate.year]
        if any(c.clct_date is None or c.clct_date <= date(one, 12, 31) for c in paid):
            break
        missed += 1
        repaired += any(c.clct_date is not None and c.clct_date <= day for c in paid)
    return missed, repaired
