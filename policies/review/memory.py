"""What is remembered of a settlement so that later claims can be compared with it, and how a reversal takes it back.

Items named by a rule lie in an entry each, ``review:item/<code>``: settlement and provider -> day as its ordinal. Days of
care lie in the purse, which every claim loads anyway. All of it is bounded in number and age, and keyed by settlement.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from contracts.base import altered, holding, made
from contracts.events.claim import Claim, Reviewed
from contracts.events.finding import Dispensed, Recent
from policies.accumulators import Purse
from policies.places import MANUAL
from policies.stage import View

MAX_KEPT, MAX_CARE, MAX_DAYS = 16, 4, 366
"""Settlements of an item; stays, and as many visits; days behind the newest."""
_KEPT_FOR, _last_day, _fee_day = timedelta(days=MAX_DAYS), attrgetter("enddate"), attrgetter("fee_ocur_date")


def item_key(code: str) -> str:
    """The entry of an item."""
    return f"review:item/{code}"


def keys_kept(review: Reviewed | None) -> tuple[str, ...]:
    """The entries that a settlement is remembered in; a reversal needs them too."""
    return tuple(item_key(code) for code in review.keeps or ()) if review is not None else ()


def dispensed(view: View, codes: Sequence[str]) -> tuple[Dispensed, ...]:
    """What the entries of ``codes`` hold, in the order of item, day and settlement."""
    if not codes:
        return ()
    return tuple(
        made(Dispensed, med_list_codg=code, setl_id=key.partition("/")[0], fixmedins_code=key.partition("/")[2], date=date.fromordinal(day))
        for code in sorted(codes) for key, day in sorted((view.entries.get(item_key(code)) or {}).items(), key=lambda pair: pair[::-1])
    )


def recent(view: View, claim: Claim, stay: bool) -> tuple[Recent, ...]:
    """The care that a claim is compared with: stays, and for a stay visits too; for a visit those of its provider and day that
    were paid the other way."""
    known: tuple[Recent, ...] = view.person.recent if view.person is not None else ()
    if stay or not known:
        return known
    day, by_hand = claim.begndate, claim.pay_loc == MANUAL
    return tuple([
        one for one in known
        if one.stay or (one.begndate == day and one.fixmedins_code == claim.fixmedins_code and bool(one.by_hand) != by_hand)])


def remember(view: View, setl_id: str, claim: Claim, stay: bool, review: Reviewed | None) -> View:
    """The state with a settlement remembered."""
    if review is None:
        return view
    purse, entries, provider, keeps = view.person or Purse(), dict(view.entries), claim.fixmedins_code, review.keeps
    last = {line.med_list_codg: line.fee_ocur_date for line in sorted(claim.feedetail, key=_fee_day)} if keeps else {}
    for code in keeps or ():
        entries[item_key(code)] = _newest({**(entries.get(item_key(code)) or {}), f"{setl_id}/{provider}": last[code].toordinal()})
    if review.keeps_care:
        new = holding(Recent, {
            "setl_id": setl_id, "fixmedins_code": provider, "mdtrt_id": claim.mdtrt_id, "begndate": claim.begndate,
            "enddate": claim.enddate, "stay": stay, "medfee_sumamt": claim.medfee_sumamt,
            "by_hand": True if claim.pay_loc == MANUAL else None,
        })
        purse = altered(purse, recent=_care((*purse.recent, new)))
    return View(purse, entries)


def taken_back(view: View, setl_id: str, review: Reviewed | None) -> View:
    """The state as if the settlement had never been compared with. ``view`` holds the entries of ``keys_kept``.

    What had been dropped for being older or one too many does not come back.
    """
    purse: Purse | None = view.person
    entries = dict(view.entries)
    for key in keys_kept(review):
        held: Mapping[str, Any] = entries.get(key) or {}
        if any(name.partition("/")[0] == setl_id for name in held):
            entries[key] = {name: day for name, day in held.items() if name.partition("/")[0] != setl_id}
    if purse is not None and any(one.setl_id == setl_id for one in purse.recent):
        purse = altered(purse, recent=tuple(one for one in purse.recent if one.setl_id != setl_id))
    return View(purse, entries)


def _newest(held: Mapping[str, int]) -> dict[str, int]:
    since = max(held.values()) - MAX_DAYS
    kept = sorted([(day, name) for name, day in held.items() if day >= since])
    return {name: day for day, name in kept[-MAX_KEPT:]}


def _care(held: tuple[Recent, ...]) -> tuple[Recent, ...]:
    """The newest stays and visits, by their last day; of one day those that were settled last."""
    ordered = sorted(held, key=_last_day)
    since, room, kept = ordered[-1].enddate - _KEPT_FOR, [MAX_CARE, MAX_CARE], []
    for one in reversed(ordered):
        of = one.__dict__
        if of["enddate"] < since:
            break
        if room[of["stay"]]:
            room[of["stay"]] -= 1
            kept.append(one)
    return tuple(kept[::-1])
