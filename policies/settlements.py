"""A person's settlements as a state holds them: which are in force, what each paid, and which were taken back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.events.reversal import Reversed
from contracts.wire import Event
from policies.reversal.history import Done, done_at, done_key, place_of
from policies.verdict import REVERSALS

MOST = 1000
"""The last so many of a person are listed."""
AMOUNTS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")


@dataclass(frozen=True, slots=True)
class Listed:
    """One settlement. ``done``: the one in force; None: taken back, by the request ``by`` where the entries tell it."""

    number: int
    setl_id: str
    done: Done | None
    by: str = ""


def keys(settlements: int) -> list[str]:
    """The entries that hold the last settlements of a person who has so many."""
    return [done_key(number) for number in range(max(1, settlements - MOST + 1), settlements + 1)]


def listed(entries: Mapping[str, Any]) -> list[Listed]:
    """The settlements that ``entries`` name, by number; one that was taken back stands before what replaced it. Raises BadState."""
    return sorted((*_taken_back(entries), *_in_force(entries)), key=lambda one: (one.number, one.done is not None))


def _in_force(entries: Mapping[str, Any]) -> Iterator[Listed]:
    named = any(key.startswith("setl:") for key in entries)
    for key in entries:
        kind, _, number = key.partition(":")
        if kind != "done":
            continue
        found = done_at(entries, int(number))
        if found is not None:
            yield Listed(found.number, found.setl_id, found)
        elif entries[key] is not None and not named:
            yield Listed(int(number), "", None)  # whose it was, the log tells


def _taken_back(entries: Mapping[str, Any]) -> Iterator[Listed]:
    for key in entries:
        kind, _, setl_id = key.partition(":")
        if kind == "setl" and (place := place_of(entries, setl_id)) is not None and place[1]:
            yield Listed(place[0], setl_id, None, place[1])


def took_back(event: Event) -> dict[str, str]:
    """The settlements that a verdict took back, each with the id of the request that asked for it."""
    return {one.setl_id: event.attributes.request_id for one in event.body.settled.undone} if event.type in REVERSALS else {}


def settled_in(event: Event) -> tuple[str, ...]:
    """The ids under which a verdict may have settled something: its own, and those of what it settled in the place of others."""
    settled = getattr(event.body, "settled", None)
    return (event.attributes.id, *(one.setl_id for one in settled.again)) if isinstance(settled, Reversed) else (event.attributes.id,)


def as_object(one: Listed) -> dict[str, Any]:
    """A settlement for JSON; amounts in fen."""
    told: dict[str, Any] = {"number": one.number, "setl_id": one.setl_id or None, "state": "in_force" if one.done else "taken_back"}
    if one.done is None:
        return told | ({"taken_back_by": one.by} if one.by else {})
    claim, settled = one.done.body.request, one.done.body.settled
    return told | {
        "request_id": one.done.omsgid, "mdtrt_id": claim.mdtrt_id, "fixmedins_code": claim.fixmedins_code, "med_type": claim.med_type,
        "insuplc_admdvs": one.done.body.checked.insured.insuplc_admdvs, "insutype": one.done.body.checked.insured.insutype,
        "setl_date": claim.setl_date.isoformat(), **{name: getattr(settled, name) for name in AMOUNTS},
    }
