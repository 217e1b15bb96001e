"""The waiting period (等待期): from which day on a person is entitled who enrolled late or after a gap.

Example (W042, 青岛): 2025 and 2026 missed, 2027 paid within the window: 3 + 1 months from 2027-01-01, entitled from 2027-05-01;
with one missed year paid afterwards from 2027-04-01.
"""

from datetime import date

from policies.calendar import add_months, last_day
from policies.entitlement.paid import DAY, month_of
from policies.entitlement.rules import Missed, Wait


def months_of(rule: Wait, missed: int, repaired: int) -> int:
    """The months to wait: the fixed part, and the variable one of the years missed."""
    if rule.missed is None:
        return rule.months
    return max(rule.months + variable(rule.missed, missed, repaired), rule.missed.least if _many(rule.missed, missed) else 0)


def variable(rule: Missed, missed: int, repaired: int) -> int:
    """The months of the years missed, without those of years paid afterwards."""
    counted = max(0, missed - (0 if rule.first_counts else 1))
    return rule.a_year * max(0, counted - (repaired if rule.repair else 0))


def _many(rule: Missed, missed: int) -> bool:
    return 0 < rule.least_from <= missed


def entitled_from(rule: Wait, begins: date, months: int) -> date:
    """The first day behind a wait that begins on ``begins``."""
    if rule.count == "days":
        return last_day(begins, months) + DAY
    return add_months(month_of(begins), months if rule.first_month else months + 1)
