"""The first stage: identity of every request, and the filing for care in another place (异地就医备案).

What may be filed, with which papers and for how long is the rulebook's (``filing.toml``, ``policies.filing_rules``); here
stands what each operation does: file, file late (补备案), change, cancel, extend, redeem or break the letter. A filing that
lacks nothing but papers is pending: it has a number, counts for nothing yet, and is completed by handing them in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.base import FIRST_DAY, Model
from contracts.envelope import Record
from contracts.events.enrolment import Spell
from contracts.events.filing import LONG_TERM, NEW, FiledFiling, Filing, FilingFacts, FilingRequest
from contracts.keys import derived_id
from contracts.wire import Event, answer
from policies import VERSION
from policies.book import Book
from policies.calendar import day_before
from policies.filing_asked import Asked
from policies.filing_checks import complaints, missing_papers
from policies.intake import identity, intake, seen_before, undo, undone_entry
from policies.stage import Codec, Modelled, Plain, View

MAX_FILINGS = 64
"""Filings of a person that are kept; of more than that the ones that ended first are forgotten."""
UNDO = ("undo.requested", "request.undone")


class FilingState(Model):
    """What the first stage knows of a person: insurances and filings."""

    insuinfo: tuple[Spell, ...] = ()
    filings: tuple[Filing, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingStage:
    """Decides identity and filings."""

    book: Book
    name: str = "filing"
    person: Codec = Modelled(FilingState)
    entry: Codec = Plain(str)

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return intake(record, partition, partitions)

    def touches(self, event: Event) -> bool:
        return event.type != "request.unreadable"

    def needs(self, event: Event) -> tuple[str, ...]:
        own = f"request:{event.attributes.request_id}"
        return (own, f"request:{event.body.request.omsgid}") if event.type in UNDO else (own,)

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return ()

    def decide(self, event: Event, view: View) -> Event:
        if event.type == "request.unreadable":
            return event
        first = view.entries[self.needs(event)[0]]
        if first is not None:
            return seen_before(event, first)
        if event.type == "undo.requested":
            return undo(event, view.entries[self.needs(event)[1]])
        if event.type == "filing.requested":
            return answer(event, "filing", "filing.decided", decide_filing(event, view.person, self.book))
        return event

    def fold(self, view: View, event: Event) -> View:
        if event.type in ("request.repeated", "request.refused"):
            return view
        own, *other = self.needs(event)
        entries = {own: identity(event)}
        if event.type == "request.undone" and other[0] != own and view.entries[other[0]] is None:
            entries[other[0]] = undone_entry(event)
        return View(fold_filing(view.person, event), entries)


# --- what is known, and the verdict -----------------------------------------------------------------------------------


def decide_filing(event: Event, state: FilingState | None, book: Book) -> FiledFiling:
    """Accepted with its validity, pending with what is missing, or refused with every reason."""
    request: FilingRequest = event.body.request
    facts = filing_facts(request, state or FilingState())
    return filing_verdict(request, facts, derived_id(event.attributes.request_id, request.psn_no), book)


def filing_facts(request: FilingRequest, known: FilingState) -> FilingFacts:
    """What of the state the verdict on this request depends on."""
    sought = (request.trt_dcla_detl_sn, request.insutype)
    named = [filing for filing in known.filings if (filing.trt_dcla_detl_sn, filing.insutype) == sought]
    return FilingFacts(
        insuinfo=known.insuinfo,
        in_force=sum(1 for filing in known.filings if filing.enddate is None or filing.enddate >= request.begndate),
        filing=named[-1] if named else None,
    )


def filing_verdict(request: FilingRequest, facts: FilingFacts, number: str, book: Book) -> FiledFiling:
    """The verdict, from the request and the facts alone. ``number``: that of the filing which it may begin."""
    asked = asked_for(request, facts, book)
    named: dict[str, Any] = {"rulebook": book.digest, "policies": VERSION, "facts": facts}
    wrong = [*complaints(asked, MAX_FILINGS)]
    if wrong:
        return FiledFiling(verdict="refused", reasons=tuple(wrong), **named)
    missing = [*missing_papers(asked)]
    filing, ended = _outcome(asked, number, bool(missing))
    return FiledFiling(
        verdict="pending" if missing else "accepted", reasons=tuple(missing), filing=filing, ended=ended,
        source=asked.rule.source if asked.rule else None, means=means_of(asked, filing) if filing and not missing else None, **named,
    )


def asked_for(request: FilingRequest, facts: FilingFacts, book: Book) -> Asked:
    """The request with its blanks filled in from the filing that it names, and the rules that decide it."""
    old = facts.filing
    spell = spell_on([s for s in facts.insuinfo if s.insutype == request.insutype], request.begndate)
    place = old.insuplc_admdvs if old is not None else spell.insuplc_admdvs if spell else ""
    code = request.category or (old.category if old else "")
    category = book.filing.today(place, code, request.begndate)
    return Asked(
        request=request, facts=facts, book=book, spell=spell, place=place, category=category,
        rule=book.filing.category(place, category, request.begndate) if place else None,
        area=request.mdtrtarea_admdvs or (old.mdtrtarea_admdvs if old else ""),
        hospitals=request.fixmedins_codes or _kept_hospitals(request, old, book.filing.term(place, "unit", request.begndate)),
    )


def _kept_hospitals(request: FilingRequest, old: Filing | None, unit: str | None) -> tuple[str, ...] | None:
    """The hospitals of the filing that is changed, where its place stays and hospitals are still chosen."""
    stays = old is not None and request.mdtrtarea_admdvs in (None, old.mdtrtarea_admdvs) and unit != "place"
    return old.hospitals if stays and old is not None else None


def _outcome(asked: Asked, number: str, pending: bool) -> tuple[Filing | None, Filing | None]:
    """The filing as it stands behind the request, and the one that ends by it."""
    request, old = asked.request, asked.facts.filing
    if request.oper in NEW or old is None:
        return _begun(asked, number, pending), None
    if request.oper == "change":
        changed = _begun(asked, number, pending)
        return changed, None if pending else _ended(old, request.begndate, closed="changed")
    if request.oper in ("cancel", "break"):
        return None, _ended(old, request.begndate, **({"closed": old.closed or "cancelled"} if request.oper == "cancel" else {"letter": "broken"}))
    if request.oper == "extend":
        return old.model_copy(update={"enddate": asked.extended_to, "closed": None}), None
    materials = tuple(dict.fromkeys((*(old.materials or ()), *request.materials)))[:16]
    if pending:
        return old.model_copy(update={"materials": materials, "letter": "given" if asked.letter_used else old.letter}), None
    letter = ("given" if asked.letter_used else None) if old.pending else "redeemed"
    done: dict[str, Any] = {"pending": None, "letter": letter, "materials": materials if letter == "given" else None}
    return old.model_copy(update=done | {"completed" if old.pending else "redeemed": request.begndate}), None


def _begun(asked: Asked, number: str, pending: bool) -> Filing:
    request, spell, old = asked.request, asked.spell, asked.facts.filing
    same = old is not None and asked.category == old.category and not asked.anew
    unfinished = pending or asked.letter_used
    letter = old.letter if same and old else "given" if asked.letter_used else None
    return Filing(
        trt_dcla_detl_sn=number, insuplc_admdvs=spell.insuplc_admdvs if spell else asked.place, insutype=request.insutype,
        category=asked.category, mdtrtarea_admdvs=asked.area, begndate=request.begndate, enddate=asked.last_day,  # type: ignore[arg-type]
        hospitals=asked.hospitals, letter=letter, redeemed=old.redeemed if same and old else None,
        materials=(request.materials or None) if unfinished else (old.materials if same and old else None),
        pending="1" if pending else None, changed=asked.changes + 1 if request.oper == "change" else None, dcla_date=request.dcla_date,
        dise_codg=request.dise_codg, oprn_oprt_code=request.oprn_oprt_code,
    )


def _ended(old: Filing, day: date, **how: str) -> Filing:
    """``old`` up to the day before ``day``: where that lies before its own first day, it never held."""
    return old.model_copy(update={"enddate": max(FIRST_DAY, day_before(day)), **how})


def means_of(asked: Asked, filing: Filing) -> dict[str, str]:
    """What plans will see: the category, filed in time or late; and whether home may be used meanwhile."""
    home = asked.term("home") or "both"
    locked = home == "locked" or (home == "materials" and filing.category in LONG_TERM and filing.letter == "given")
    return {
        "category": filing.category, "made": "late" if filing.asked > filing.begndate else "in_time",
        "home": {"locked": "locked", "materials": "after_materials"}[home] if locked else "both",
    }


# --- what later requests see ------------------------------------------------------------------------------------------


def fold_filing(state: FilingState | None, event: Event) -> FilingState | None:
    """Enrolments replace the insurances; a filing joins the others, or ends, as its verdict says."""
    if event.type not in ("enrolment.recorded", "filing.decided"):
        return state
    known = state or FilingState()
    if event.type == "enrolment.recorded":
        return FilingState(insuinfo=event.body.request.insuinfo, filings=known.filings)
    if event.body.filed.verdict != "refused":
        return FilingState(insuinfo=known.insuinfo, filings=with_filed(known.filings, event.body.filed))
    return state


def with_filed(filings: tuple[Filing, ...], filed: FiledFiling) -> tuple[Filing, ...]:
    """``filings`` as they stand behind a verdict."""
    for one in (filed.ended, filed.filing):
        filings = with_filing(filings, one) if one is not None else filings
    return filings


def with_filing(filings: tuple[Filing, ...], new: Filing) -> tuple[Filing, ...]:
    """``filings`` and ``new``, which takes the place of one of its number; one that never held is dropped.

    Of more than MAX_FILINGS the first to end are forgotten. No day of ``new`` makes one old: it may lie years ahead, by mistake too.
    """
    number = new.trt_dcla_detl_sn
    if number in (f.trt_dcla_detl_sn for f in filings):
        kept = [new if f.trt_dcla_detl_sn == number else f for f in filings]
    else:
        kept = [*filings, new]
    kept = [f for f in kept if f.enddate is None or f.begndate <= f.enddate]
    while len(kept) > MAX_FILINGS:
        kept.remove(min(kept, key=lambda f: f.enddate or date.max))
    return tuple(kept)


def spell_on(insuinfo: Sequence[Spell], day: date) -> Spell | None:
    """The insurance on ``day``; of several, the one that began last."""
    found = [spell for spell in insuinfo if spell.covers(day)]
    return max(found, key=lambda spell: spell.psn_insu_date) if len(found) > 1 else found[0] if found else None
