"""The first stage: identity of every request, and the filing for care in another place (异地就医备案).

Rules (rulebook ``national/filing.toml``): six categories of person (S098), each with materials of which one is enough
or a commitment letter (S100 to S102); long-term filings last until they are changed, temporary ones half a year or more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter

from contracts.base import Model
from contracts.envelope import Record
from contracts.events.enrolment import Spell
from contracts.events.filing import FiledFiling, Filing, FilingFacts, FilingRequest
from contracts.keys import derived_id
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer
from policies import VERSION
from policies.book import Book, FilingRule
from policies.calendar import add_months, last_day
from policies.intake import identity, intake, seen_before, undo, undone_entry
from policies.stage import View

MAX_FILINGS = 64
UNDO = ("undo.requested", "request.undone")


class FilingState(Model):
    """What the first stage knows of a person: insurances, and filings that are not long past."""

    insuinfo: tuple[Spell, ...] = ()
    filings: tuple[Filing, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingStage:
    """Decides identity and filings."""

    book: Book
    name: str = "filing"
    person: TypeAdapter = TypeAdapter(FilingState)
    entry: TypeAdapter = TypeAdapter(str)

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


def decide_filing(event: Event, state: FilingState | None, book: Book) -> FiledFiling:
    """Accepted with its validity, or refused with every reason."""
    request: FilingRequest = event.body.request
    known = state or FilingState()
    facts = FilingFacts(
        insuinfo=known.insuinfo,
        in_force=sum(1 for filing in known.filings if filing.touches(request.begndate, request.begndate)),
    )
    number = derived_id(event.attributes.request_id, request.psn_no)
    return filing_verdict(request, facts, number, book)


def filing_verdict(request: FilingRequest, facts: FilingFacts, number: str, book: Book) -> FiledFiling:
    """The verdict, from the request and the facts alone."""
    named = {"rulebook": book.digest, "policies": VERSION, "facts": facts}
    rule = book.filing_rule(request.category, request.begndate)
    spell = spell_on([s for s in facts.insuinfo if s.insutype == request.insutype], request.begndate)
    reasons = list(_refusals(request, facts, spell, rule, book))
    if rule is None:
        reasons.append(reason("no_rule", "category", detail=f"filing {request.category} {request.begndate}"))
    if reasons or rule is None or spell is None:
        return FiledFiling(verdict="refused", reasons=tuple(reasons), **named)
    enddate = request.enddate
    if enddate is None and rule.months:
        enddate = last_day(request.begndate, rule.months)
    filing = Filing(
        trt_dcla_detl_sn=number, insuplc_admdvs=spell.insuplc_admdvs, insutype=request.insutype,
        category=request.category, mdtrtarea_admdvs=request.mdtrtarea_admdvs, begndate=request.begndate, enddate=enddate,
    )
    return FiledFiling(verdict="accepted", filing=filing, source=rule.source, **named)


def fold_filing(state: FilingState | None, event: Event) -> FilingState | None:
    """Enrolments replace the insurances; an accepted filing joins the others."""
    known = state or FilingState()
    if event.type == "enrolment.recorded":
        return FilingState(insuinfo=event.body.request.insuinfo, filings=known.filings)
    if event.type == "filing.decided" and event.body.filed.filing is not None:
        return FilingState(insuinfo=known.insuinfo, filings=with_filing(known.filings, event.body.filed.filing))
    return state


def with_filing(filings: tuple[Filing, ...], new: Filing) -> tuple[Filing, ...]:
    """``filings`` and ``new``, without those that ended more than three years before ``new`` begins."""
    oldest = add_months(new.begndate, -36)
    return (*(f for f in filings if f.enddate is None or f.enddate >= oldest), new)[-MAX_FILINGS:]


def spell_on(insuinfo: Sequence[Spell], day: date) -> Spell | None:
    """The insurance on ``day``; of several, the one that began last."""
    found = [spell for spell in insuinfo if spell.covers(day)]
    return max(found, key=lambda spell: spell.psn_insu_date) if found else None


def _refusals(
    request: FilingRequest, facts: FilingFacts, spell: Spell | None, rule: FilingRule | None, book: Book
) -> Iterator[Reason]:
    if not facts.insuinfo:
        yield reason("unknown_person", "psn_no", psn_no=request.psn_no)
        return
    if spell is None:
        yield reason("not_insured", "insutype", date=request.begndate, insutype=request.insutype)
    if spell is not None and (region := book.regions.get(spell.insuplc_admdvs)) is not None:
        if region.place_of(request.mdtrtarea_admdvs) != "other_province":
            yield reason("no_filing_needed", "mdtrtarea_admdvs", place=request.mdtrtarea_admdvs)
    elif spell is not None:
        yield reason("no_rule", "insutype", detail=f"place of insurance {spell.insuplc_admdvs}")
    if facts.in_force >= MAX_FILINGS:
        yield reason("too_many_filings", None, limit=MAX_FILINGS)
    if rule is not None:
        yield from _papers(request, rule)


def _papers(request: FilingRequest, rule: FilingRule) -> Iterator[Reason]:
    lettered = rule.letter and request.cmt_flag == "1"
    if rule.materials and not lettered and not set(request.materials) & set(rule.materials):
        code = "materials_missing" if rule.letter else "materials_only"
        yield reason(code, "materials", category=f"{rule.zh} ({rule.en})", missing=", ".join(rule.materials))
    if rule.months and request.enddate is not None:
        least = last_day(request.begndate, rule.months)
        if request.enddate < least:
            yield reason("filing_too_short", "enddate", months=rule.months, until=least)
