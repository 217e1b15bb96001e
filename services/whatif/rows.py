"""One claim under two rulebooks as a row (``columns``): what was decided, who pays, and what changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

from contracts.wire import Event
from policies.calendar import age_on
from services.feed.entries import Entry, entries_of
from services.feed.rows import asked_of, day_of, last_section, region_of
from services.whatif.columns import PAID, band_of

BILLS = frozenset({"claim.submitted", "reimbursement.requested", "review.decided", "reversal.requested", "correction.requested", "undo.requested"})
"""Requests that settle something or take it back."""
NO_CLAIM = "request."
"""How types begin of verdicts on what was no new claim: repeated, unreadable, in conflict, never arrived."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which claims are told; all of the same persons are decided. Days of the books, both included.

    ``sample``: only one of so many persons, with those who share money; what is told is the sample's own.
    """

    start: date | None = None
    end: date | None = None
    region: str | None = None
    person: str | None = None
    sample: int = 1

    def takes(self, kin: str, wanted: str | None) -> bool:
        """Whether those are decided for whom ``kin`` stands; ``wanted``: who stands for the person who is asked for."""
        return (wanted is None or kin == wanted) and (self.sample == 1 or crc32(f"sample {kin}".encode()) % self.sample == 0)

    def tells(self, *events: Event) -> bool:
        if self.person is not None and events[0].psn_no != self.person:
            return False
        if self.region is not None and not any(region_of(event).startswith(self.region) for event in events):
            return False
        if self.start is None and self.end is None:
            return True
        days = [day for event in events if (day := booked(event)) is not None]
        return any((self.start is None or self.start <= day) and (self.end is None or day <= self.end) for day in days)


def booked(event: Event) -> date | None:
    """The day in the books; of what settles nothing the day that the request states."""
    entry = next(entries_of(event), None)
    return entry.booked if entry is not None else day_of(asked_of(event.body))


def label(event: Event) -> str:
    """The verdict: the type of the event, of a filing with what was decided."""
    return f"filing.{event.body.filed.verdict}" if event.type == "filing.decided" else event.type


def is_claim(before: Event, after: Event) -> bool:
    """Whether the request is one that settles or takes back, and was taken up under one rulebook at least."""
    kind = before.attributes.request_type
    return kind in BILLS and not (before.type.startswith(NO_CLAIM) and after.type.startswith(NO_CLAIM))


def row_of(before: Event, after: Event) -> dict[str, Any]:
    """The row of a claim. ``own_change``: null unless both settle the same entries."""
    was, is_ = [*entries_of(before)], [*entries_of(after)]
    paid, pays = _amounts(was), _amounts(is_)
    both = bool(was) and [one.kind for one in was] == [one.kind for one in is_]
    own, owns = _own(paid), _own(pays)
    return {
        **_about(before, after, was or is_), **_said(before, was, "before"), **_said(after, is_, "after"),
        "changed": label(before) != label(after) or paid != pays, "claims": 1, "settled_before": int(bool(was)), "settled_after": int(bool(is_)), "both": int(both),
        "own_before": own, "own_after": owns, "own_both": own if both else 0, "own_change": owns - own if both else None, "fund_change": _funds(pays) - _funds(paid),
        **{f"{name}_before": amount for name, amount in paid.items()}, **{f"{name}_after": amount for name, amount in pays.items()},
    }


def _about(before: Event, after: Event, entries: list[Entry]) -> dict[str, Any]:
    """Whose claim it is, where and when: of the first settlement, else as far as the request and the register say. What was billed is
    net, as the amounts are: what is taken back counts against it."""
    entry = entries[0] if entries else None
    event = before if entry is None or next(entries_of(before), None) is not None else after
    bill = entry.claim if entry is not None else asked_of(event.body)
    checked = entry.checked if entry is not None else getattr(event.body, "checked", None)
    facts, provider = getattr(checked, "facts", None), getattr(checked, "provider", None)
    age = entry.settled.age if entry is not None else _age(facts, bill)
    told = {name: getattr(bill, name, None) for name in ("insutype", "fixmedins_code", "med_type")}
    return told | {
        "request_id": event.attributes.request_id, "request": event.attributes.request_type, "psn_no": event.psn_no,
        "day": entry.booked if entry is not None else day_of(bill), "insuplc_admdvs": region_of(event),
        "dedc_hosp_lv": provider.dedc_hosp_lv if provider is not None else None, "age": age, "age_band": band_of(age),
        "bill": sum(one.sign * one.claim.medfee_sumamt for one in entries) if entries else getattr(bill, "medfee_sumamt", 0),
    }


def _age(facts: Any, bill: Any) -> int | None:
    brdy, day = getattr(facts, "brdy", None), getattr(bill, "begndate", None)
    return age_on(brdy, day) if brdy is not None and day is not None else None


def _said(event: Event, entries: list[Entry], when: str) -> dict[str, Any]:
    reasons = () if entries else getattr(last_section(event.body), "reasons", ())
    plan = f"{entries[-1].settled.plan}#{entries[-1].settled.benefit}" if entries else None
    return {f"verdict_{when}": label(event), f"why_{when}": reasons[0].code if reasons else None, f"plan_{when}": plan}


def _amounts(entries: list[Entry]) -> dict[str, int]:
    return {name: sum(getattr(one.settled, name) for one in entries) for name in PAID}


def _own(paid: Mapping[str, int]) -> int:
    return paid["psn_part_amt"] - paid["allowance_pay"]


def _funds(paid: Mapping[str, int]) -> int:
    return paid["fund_pay_sumamt"] + paid["allowance_pay"]
