"""Days and years: no clock, only the dates that a request names."""

from calendar import monthrange
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """``months`` later, at the latest on the last day of that month: 31 August + 6 -> 28 February."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(first: date, months: int) -> date:
    """The last day of ``months`` that begin on ``first``: 1 March + 6 -> 31 August.

    The day before the same day of the month; where that month has no such day, its last day (Civil Code, article 202):
    31 August + 6 -> 28 February.
    """
    end = add_months(first, months)
    return day_before(end) if end.day == first.day else end


def day_before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)


def age_on(brdy: date, day: date) -> int:
    """Completed years on ``day`` (周岁); whoever was born on 29 February is a year older on 1 March."""
    return day.year - brdy.year - ((day.month, day.day) < (brdy.month, brdy.day))
