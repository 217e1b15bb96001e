"""Who may undo a settlement, and until when: the rules of the place of insurance on the day of the request."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from contracts.events.claim import ClaimSettled
from contracts.events.reversal import Asker, Correction, Reversal
from contracts.reasons import Bilingual, Reason, reason
from policies.places import MANUAL, covers
from policies.reversal.history import Done
from policies.reversal.rules import Limit, ReversalRule
from policies.settlement.plan import day_of


def cascades(asked: Asker) -> bool:
    """Whether later settlements are to be reversed too, and settled again."""
    return isinstance(asked, Reversal) and asked.cascade == "1"


def refusals(asked: Asker, done: Done, rule: ReversalRule) -> Iterator[Reason]:
    """Every reason why this asker may not undo this settlement on this day."""
    yield from _asker(asked, done)
    yield from _days(asked, done.body, rule)
    if isinstance(asked, Reversal) and asked.invo_prnt_flag == "1" and _binds(rule.invoice, asked) and asked.reason not in rule.invoice.names:
        yield reason("invoice_printed", "invo_prnt_flag")
    if isinstance(asked, Correction):
        yield from _same_visit(asked, done.body)


def sources_of(rule: ReversalRule) -> tuple[str, ...]:
    """The sources of the rules that were looked at."""
    limits = (rule.order, rule.days, rule.month, rule.year, rule.invoice)
    return tuple(dict.fromkeys(limit.source for limit in limits if limit is not None))


def _asker(asked: Asker, done: Done) -> Iterator[Reason]:
    claim, place = done.body.request, done.body.checked.insured.insuplc_admdvs
    if asked.setl_optins is not None:
        if not covers(asked.setl_optins, place):
            yield reason("not_the_agency", "setl_optins", setl_id=done.setl_id, place=place, asking=asked.setl_optins)
        return
    if asked.fixmedins_code != claim.fixmedins_code:
        yield reason("not_the_provider", "fixmedins_code", setl_id=done.setl_id, provider=claim.fixmedins_code, asking=asked.fixmedins_code)
    elif claim.pay_loc == MANUAL:
        yield reason("agency_only", "setl_optins", what=Bilingual("撤销手工报销", "Undoing a manual reimbursement"))
    if cascades(asked):
        yield reason("agency_only", "cascade", what=Bilingual("连带撤销（cascade）", "A cascade"))


def _days(asked: Asker, body: ClaimSettled, rule: ReversalRule) -> Iterator[Reason]:
    claim, day = body.request, asked.date
    if day < claim.setl_date:
        yield reason("asked_before", "date", date=day, setl_date=claim.setl_date)
    if _binds(rule.days, asked):
        since = day_of(claim, rule.days.since)
        last = since + timedelta(days=rule.days.value)
        if day > last:
            yield reason("too_late", "date", since=since, limit=rule.days.value, last=last)
    if _binds(rule.month, asked):
        since = day_of(claim, rule.month.since)
        if (day.year, day.month) != (since.year, since.month):
            yield reason("other_month", "date", month=f"{since:%Y-%m}")
    if _binds(rule.year, asked):
        last = date(body.settled.year, 12, 31) + timedelta(days=rule.year.value)
        if day > last:
            yield reason("year_closed", "date", year=body.settled.year, last=last)


SAME = ("insutype", "fixmedins_code", "mdtrt_id", "begndate", "enddate", "setl_date", "pay_loc", "mid_setl_flag")
"""What a correction may not change: it is of the same visit, at the same dates."""


def _same_visit(asked: Correction, body: ClaimSettled) -> Iterator[Reason]:
    was: Mapping[str, object] = body.request.__dict__
    for name in SAME:
        if getattr(asked.claim, name) != was[name]:
            yield reason("other_visit", f"claim.{name}", was=was[name])


def _binds(limit: Limit | None, asked: Asker) -> bool:
    return limit is not None and ("agency" if asked.setl_optins is not None else "provider") in limit.binds
