"""What was paid for, and when: the contribution that covers a day, breaks, and years missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
            return self.paid <= last_day(self.begndate, rule.months)
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


def broken(contributions: Sequence[Contribution], rule: Entitlement, until: date) -> Iterator[Break]:
    """The breaks before ``until`` between what is paid for, earliest first."""
    reached: date | None = None
    for begin, paid, end in sorted(times_paid(contributions, rule)):
        if begin > until:
            return
        if reached is not None and begin > reached + DAY:
            yield Break(reached + DAY, begin - DAY, paid)
        reached = max(reached or end, end)


def break_at(contributions: Sequence[Contribution], rule: Entitlement, day: date, paid: date) -> Break:
    """The break about ``day``, as it stood when a payment for it arrived on ``paid``."""
    return _around(day, paid, times_paid(contributions, rule, paid), min(one.begndate for one in contributions))


def times_paid(contributions: Sequence[Contribution], rule: Entitlement, before: date = date.max) -> list[Time]:
    """What is paid for by payments ``before`` a day: in time, or afterwards as far as the rule takes that. Each payment is judged by
    the break that it found: what was paid afterwards in time for that closes it."""
    first, found = min((one.begndate for one in contributions), default=before), list[Time]()
    for paid, together in groupby(sorted(contributions, key=_arrived), key=_arrived):
        if paid >= before:
            break
        found += [time for one in together for time in _times(one, paid, rule, found, first)]
    return found


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
    month of the payment."""
    before, behind = [time.enddate for time in known if time.enddate < day], [time.begndate for time in known if time.begndate > day]
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
