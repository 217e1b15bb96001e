"""Is a person entitled on a day: what speaks against it, and by which rules (policies.entitlement.rules).

Where nothing was recorded of contributions the insurance itself vouches for them. Days are those of care, never of today.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.events.claim import PersonFacts
from contracts.events.enrolment import Contribution, Spell
from contracts.reasons import Reason, no_rule, reason
from policies.calendar import add_months
from policies.entitlement.paid import DAY, Break, Payments, due, earliest, missed_years, month_of
from policies.entitlement.rules import Entitlement, Nation, Wait, Window
from policies.entitlement.wait import entitled_from, months_of
from policies.settlement.sheet import Origin


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that was asked, and what it has against the person; nothing where it has not."""

    origin: Origin
    reason: Reason | None = None


def stopped(spell: Spell, rule: Entitlement | None, nation: Nation, last: date) -> Iterator[Finding]:
    """Benefits end with the month in which the end of the insurance was reported, or on its day (S074, S075)."""
    if spell.stop_date is None:
        return
    own = rule is not None and rule.stop is not None
    stop, origin = (rule.stop, rule.stop_origin) if own and rule else (nation.stop, nation.stop_origin)
    if stop is None or origin is None:
        yield Finding(Origin("stop", ""), no_rule("insuinfo", f"停保日期 {spell.stop_date}", f"stop_date {spell.stop_date}"))
        return
    end = add_months(month_of(spell.stop_date), 1) if stop == "next_month" else spell.stop_date
    told = reason("insurance_stopped", "insuinfo", stop=spell.stop_date, end=end) if last >= end else None
    yield Finding(origin, told)


def contributions(facts: PersonFacts, spell: Spell, mine: Payments, nation: Nation, day: date) -> Iterator[Finding]:
    """What contributions, gaps and waiting periods have against benefits on ``day``. ``mine``: what was paid under its type."""
    rule = mine.rule
    if spell.retired_on(day):
        found = _retirement(facts, spell, rule, nation)
        if found is not None and (found.reason is None or not mine.contributions):
            yield found
            return
    if not facts.clctinfo:
        return
    here = [one for one in mine.contributions if one.insuplc_admdvs == spell.insuplc_admdvs and one.covers(day)]
    if not here:
        yield Finding(nation.paid or rule.origin, reason("not_paid", "clctinfo", date=day))
        return
    yield from _paid(facts, mine, earliest(here), day)


def _retirement(facts: PersonFacts, spell: Spell, rule: Entitlement, nation: Nation) -> Finding | None:
    """Retired by the years of the place: nothing more is paid. Where the agency records no years, its word stands."""
    row = next((row for row in rule.retirement if row.gend == facts.gend), None)
    if row is None or spell.act_clct_months is None:
        return Finding(nation.retired) if nation.retired is not None else None
    actual = spell.act_clct_months
    total = actual + ((spell.deem_clct_months or 0) if row.deemed else 0)
    short = total < row.years * 12 or actual < row.actual * 12
    told = {"years": row.years, "actual": row.actual, "total": _years(total), "paid": _years(actual)}
    return Finding(row.origin, reason("retirement_short", "insuinfo", **told) if short else None)


def _years(months: int) -> str:
    return f"{months // 12}-{months % 12:02d}"


def _paid(facts: PersonFacts, mine: Payments, one: Contribution, day: date) -> Iterator[Finding]:
    rule, window = mine.rule, mine.rule.window(day)
    if one.clct_date is not None and one.clct_date > due(rule, day):
        yield from _late(facts, mine, one, day, window)
        return
    if window is not None:
        yield Finding(window.origin)
        if rule.wait is not None and "gap" in rule.wait.when:
            yield from _gap_of_years(facts, rule.wait, one, day, window)
    elif rule.back is not None:
        yield from _gaps(facts, mine, day)


def _late(facts: PersonFacts, mine: Payments, one: Contribution, day: date, window: Window | None) -> Iterator[Finding]:
    """Paid after it was due: a back payment, a wait, lost, or nothing that the text says."""
    rule, paid = mine.rule, one.clct_date
    assert paid is not None, "what has no day of payment was paid in time"
    if window is not None and window.supplement is not None and paid <= window.supplement:
        yield Finding(window.origin, no_rule("clctinfo", f"补缴期内缴费 {paid}", f"paid in the supplementary window {paid}"))
    elif rule.late is not None:
        yield Finding(rule.late.origin, reason("paid_after_window", "clctinfo", paid=paid, closes=due(rule, day)))
    elif rule.back is not None:
        told = _back_paid(rule, mine.break_at(day, paid), day)
        yield Finding(rule.back.origin, told)
        yield from _gaps(facts, mine, day) if told is None else ()
    elif rule.wait is not None and "late" in rule.wait.when:
        missed = _missed(facts, rule.wait, day)
        yield _waiting(facts, rule.wait, paid if rule.wait.begins == "payment" else max(paid, _begin(window, one)), day, missed)
        yield from _variable(rule.wait, missed)
    else:
        yield Finding(rule.origin, no_rule(
            "clctinfo", f"{paid} 缴费，应缴至 {due(rule, day)}", f"paid on {paid}, due until {due(rule, day)}"))


def _back_paid(rule: Entitlement, gap: Break, day: date) -> Reason | None:
    assert rule.back is not None
    if not gap.within(rule.back):
        told = {"paid": gap.paid, "since": gap.begndate, "months": rule.back.months}
        return reason("back_paid_too_late", "clctinfo", **told)
    if rule.back.restores == "payment_month" and day < month_of(gap.paid):
        return reason("restored_later", "clctinfo", paid=gap.paid, start=month_of(gap.paid))
    return None


def _begin(window: Window | None, one: Contribution) -> date:
    return window.begndate if window is not None else one.begndate


def _gap_of_years(facts: PersonFacts, wait: Wait, one: Contribution, day: date, window: Window) -> Iterator[Finding]:
    missed = _missed(facts, wait, day)
    if missed[0]:
        begins = max(window.begndate, one.clct_date or date.min) if wait.begins == "payment" else window.begndate
        yield _waiting(facts, wait, begins, day, missed)
        yield from _variable(wait, missed)


def _missed(facts: PersonFacts, wait: Wait, day: date) -> tuple[int, int]:
    """Years missed before that of ``day`` and how many were paid afterwards; the year of birth is never missed."""
    if wait.missed is None or facts.brdy is None:
        return 0, 0
    return missed_years(facts.clctinfo or (), day.year, max(wait.missed.counted_from, facts.brdy.year + 1), day)


def _variable(wait: Wait, missed: tuple[int, int]) -> Iterator[Finding]:
    if wait.missed is not None and missed[0]:
        yield Finding(wait.missed.origin)


def _gaps(facts: PersonFacts, mine: Payments, day: date) -> Iterator[Finding]:
    """Breaks of months before ``day``: those that were longer than may be paid afterwards begin a wait."""
    rule = mine.rule
    assert rule.back is not None
    for gap in mine.broken(day):
        if gap.within(rule.back):
            yield Finding(rule.back.origin)
        elif rule.wait is not None:
            yield _waiting(facts, rule.wait, gap.paid, day, (0, 0))
        else:
            yield Finding(rule.origin, no_rule(
                "clctinfo", f"{gap.begndate} 至 {gap.enddate} 未缴费", f"not paid from {gap.begndate} to {gap.enddate}"))


def _waiting(facts: PersonFacts, wait: Wait, begins: date, day: date, missed: tuple[int, int]) -> Finding:
    if any(one.exmp_type in wait.exempt and one.covers(day) for one in facts.exmpinfo or ()):
        return Finding(wait.origin)
    months = months_of(wait, *missed)
    start = entitled_from(wait, begins, months)
    told = {"months": months, "since": begins, "until": start - DAY, "start": start}
    return Finding(wait.origin, reason("waiting", "clctinfo", **told) if day < start else None)


def days_asked(facts: PersonFacts, first: date, last: date) -> list[date]:
    """The days of a stay on which contributions can make a difference: its first, its last, and those behind a time paid for, or
    without a wait."""
    ends = (one.enddate for one in (*(facts.clctinfo or ()), *(facts.exmpinfo or ())))
    behind = {end + DAY for end in ends if end is not None and first <= end < last}
    return sorted({first, last} | behind)
