"""What was paid for, and when: the contribution that covers a day, breaks, and years missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.events.enrolment import Contribution
from policies.calendar import last_day
from policies.entitlement.rules import BackPayment, Entitlement

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Break:
    """Days from ``begndate`` to ``enddate`` that were not paid for in time; ``paid``: day on which payments went on."""

    begndate: date
    enddate: date
    paid: date

    def within(self, rule: BackPayment) -> bool:
        """Whether what was broken may be paid afterwards, or need not be."""
        if rule.measured == "payment":
            return self.paid <= last_day(self.begndate, rule.months)
        return months_between(self.begndate, self.paid) <= rule.months


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
    """The breaks before ``until`` between what was paid in time, earliest first."""
    known = sorted((begin, one.enddate, one.clct_date or begin) for one in contributions if (begin := _in_time(one, rule)) <= one.enddate)
    reached: date | None = None
    for begin, end, paid in known:
        if begin > until:
            return
        if reached is not None and begin > reached + DAY:
            yield Break(reached + DAY, begin - DAY, paid)
        reached = max(reached or end, end)


def unpaid_since(contributions: Sequence[Contribution], rule: Entitlement, one: Contribution) -> date:
    """The first day of the break that ``one``, which was paid late, is about."""
    ends = [other.enddate for other in contributions if _in_time(other, rule) <= other.enddate < _in_time(one, rule)]
    return max(one.begndate, max(ends) + DAY) if ends else one.begndate


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
