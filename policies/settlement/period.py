"""The times within a year that deductibles and caps count by: the year, a quarter, a month.

The national interface's settlement inputs know deductibles by visit, year, provider and year, quarter and month (按次、按年、
每家医院每年、按季度、按月). All are counted among the accumulators of the year; that of a quarter or a month bears its name behind
``#``: ``outpatient.deductible#m03``, ``cap.chronic#q1``. It is that of the day which decides the year (``year_by``).
"""

from datetime import date

PERIODS = ("year", "quarter", "month")


def period(per: str, day: date) -> str | None:
    """The quarter or the month of a day, ``q1`` to ``q4`` or ``m01`` to ``m12``; None where ``per`` is neither."""
    if per == "month":
        return f"m{day.month:02}"
    return f"q{(day.month + 2) // 3}" if per == "quarter" else None


def is_of(per: str, at: str) -> bool:
    """Whether ``at``, what stands behind the ``#`` of an accumulator's name, is a quarter or a month as ``per`` says; of all else it is
    nothing."""
    return at[:1] == {"quarter": "q", "month": "m"}.get(per, "")


def within(name: str, per: str, day: date) -> str:
    """The accumulator under which ``name`` counts on a day."""
    found = period(per, day)
    return name if found is None else f"{name}#{found}"
