"""Reversals, corrections and undos in settlement: found, judged, decided, folded."""

from collections.abc import Mapping, Sequence

from contracts.base import made
from contracts.events.claim import ClaimPriced
from contracts.events.reversal import Correction, Reversed, Undo
from contracts.reasons import Reason, no_rule, reason
from contracts.wire import Event, answer
from policies import VERSION
from policies.accumulators import Purse
from policies.book import Book
from policies.reversal import sides
from policies.reversal.again import NotAgain, Running, affected, moved_in_all, settle_again, take_back
from policies.reversal.folded import check_reversed, correction_of, fold, needs
from policies.reversal.history import Done, asked_key, done_at, place_of, setl_key
from policies.reversal.later import MAX_LATER, behind, blocking, keys_behind
from policies.reversal.limits import cascades, refusals, sources_of
from policies.reversal.rules import ReversalRule, rule_on
from policies.settlement import claims
from policies.settlement.kinds import Kind
from policies.stage import BadState, View

DONE = {"reversal.requested": "claim.reversed", "correction.priced": "claim.corrected", "undo.requested": "claim.undone"}
"""What each request becomes where it is granted."""
SUMS = ("year:", "stay:")
"""Entries that hold sums."""
MAX_NAMED = 10
"""Settlements that a refusal names."""


class Refused(Exception):
    """The request is refused, or ``repeated``: it was granted before."""

    def __init__(self, *reasons: Reason, verdict: str = "refused", sources: tuple[str, ...] = ()) -> None:
        super().__init__(reasons[0].en)
        self.reasons, self.verdict, self.sources = reasons, verdict, sources


def asks(event: Event, book: Book) -> tuple[str, ...]:
    """The entry by which the settlement is found; of a correction also those that its claim moves."""
    request = event.body.request
    found = setl_key(request.setl_id) if getattr(request, "setl_id", None) else asked_key(request.omsgid)
    return (found, *claims.needs_of(correction_of(event.body), book)) if isinstance(request, Correction) else (found,)


def looks_up(event: Event, view: View) -> tuple[str, ...]:
    """The settlement, those behind it, and what all of them moved."""
    setl_id = _named(event, view)
    if setl_id is None:
        return ()
    place = place_of(view.entries, setl_id)
    if place is None or place[1]:
        return (setl_key(setl_id),)
    settlements = (view.person or Purse()).settlements
    found = [*filter(None, (done_at(view.entries, place[0]),)), *behind(view.entries, place[0], settlements)]
    entries = tuple(key for done in found for key in done.keys)
    return (setl_key(setl_id), *keys_behind(place[0], settlements), *entries, *sides.keys_of(*(done.body for done in found)))


def decide(event: Event, view: View, book: Book) -> Event:
    """The settlement taken back, and what is settled in its place; or why not."""
    try:
        section = _decided(event, view, book)
    except Refused as no:
        return refuse(event, book.digest, no.reasons, verdict=no.verdict, sources=no.sources)
    found = answer(event, "settlement", DONE[event.type], section)
    check_reversed(found.body)
    return found


def refuse(event: Event, digest: str, reasons: tuple[Reason, ...], verdict: str = "refused", sources: tuple[str, ...] = ()) -> Event:
    """The verdict that moves nothing."""
    section = Reversed(verdict=verdict, reasons=reasons, sources=sources, rulebook=digest, policies=VERSION)
    return answer(event, "settlement", f"{event.type.partition('.')[0]}.{verdict}", section)


def _decided(event: Event, view: View, book: Book) -> Reversed:
    asked = event.body.request
    done = _found(event, view)
    rule = rule_on(book.reversals, done.body.checked.insured.insuplc_admdvs, asked.date)
    if rule is None or rule.order is None:
        place = done.body.checked.insured.insuplc_admdvs
        raise Refused(no_rule(None, f"撤销，{place}，{asked.date}", f"reversal, {place}, {asked.date}"))
    sources = sources_of(rule)
    if no := tuple(refusals(asked, done, rule)):
        raise Refused(*no, sources=sources)
    new = correction_of(event.body) if isinstance(asked, Correction) else None
    gone = _gone(event, view, done, rule, new)
    try:
        undone, running = take_back(gone, view)
        beside = _beside(gone, view)
        again, running = settle_again(gone, new, event.attributes.request_id, _with_new(running, new, view, book), beside, book)
        moved = moved_in_all(undone, view, running)
    except NotAgain as no:
        raise Refused(*no.reasons, sources=sources) from None
    return made(
        Reversed, rulebook=book.digest, policies=VERSION, verdict="reversed", sources=sources, undone=tuple(undone),
        again=tuple(again), moved=moved)


def _found(event: Event, view: View) -> Done:
    """The settlement in force that is asked for. Raises Refused."""
    asked, setl_id = event.body.request, _named(event, view)
    place = place_of(view.entries, setl_id)
    if place is None and isinstance(asked, Undo):
        raise Refused(reason("nothing_to_undo", "omsgid", named=asked.omsgid))
    if place is None:
        raise Refused(reason("no_settlement", "setl_id" if asked.setl_id else "omsgid", named=asked.setl_id or asked.omsgid))
    if place[1]:
        verdict = "refused" if isinstance(asked, Correction) else "repeated"
        raise Refused(reason("reversed_before", None, setl_id=setl_id, by=place[1]), verdict=verdict)
    found = done_at(view.entries, place[0])
    if found is None:
        raise BadState(f"settlement {setl_id} is in force, and is not kept")
    return found


def _gone(event: Event, view: View, done: Done, rule: ReversalRule, new: ClaimPriced | None) -> list[Done]:
    """What is taken back, in order: the settlement, and with ``cascade`` those that it concerns. Raises Refused."""
    settlements = (view.person or Purse()).settlements
    count = settlements - done.number
    if count > MAX_LATER:
        raise Refused(reason("too_many_later", None, count=count, limit=MAX_LATER), sources=sources_of(rule))
    later = behind(view.entries, done.number, settlements)
    if cascades(event.body.request):
        return [done, *affected(done, later, new)]
    assert rule.order is not None
    if first := blocking(done, later, rule.order):
        ids = [one.setl_id for one in first[:MAX_NAMED]]
        names = ", ".join(ids) + (" ..." if len(first) > MAX_NAMED else "")
        raise Refused(reason("later_first", None, count=len(first), settlements=names), sources=sources_of(rule))
    return [done]


def _with_new(running: Running, new: ClaimPriced | None, view: View, book: Book) -> Running:
    """The state, with the entries that only the claim of a correction moves."""
    keys = claims.needs_of(new, book) if new is not None else ()
    missing = {key: view.entries.get(key) or {} for key in keys if key.startswith(SUMS) and key not in running.entries}
    return running.holding(missing) if missing else running


def _beside(gone: Sequence[Done], view: View) -> View:
    """What stands beside years and stays (what is paid once, what reviews remember) without the settlements that go."""
    found = View(view.person, {key: value for key, value in view.entries.items() if not key.startswith(SUMS)})
    for done in gone:
        found = sides.freed(found, done.body, done.setl_id)
    return found


def _named(event: Event, view: View) -> str | None:
    """The id of the settlement that the request means."""
    asked = event.body.request
    return getattr(asked, "setl_id", None) or view.entries.get(asked_key(asked.omsgid))


KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(DONE, Kind(needs=asks, looks_up=looks_up, decide=decide)),
    **dict.fromkeys(DONE.values(), Kind(needs=needs, fold=fold)),
}
