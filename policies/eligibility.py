"""The second stage: may this person be treated there, directly, under which insurance.

Insured on the day of service and not in arrears; provider designated and connected for this type of care (S103);
care in another province filed (S008) unless the place of insurance asks for none (S099). What is claimed by hand needs
neither connection nor filing: it is the way for care that lacks them (S028 to S030). A refusal says all reasons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter

from contracts.base import Day, Model, made
from contracts.envelope import Record
from contracts.events.claim import Checked, Claim, PersonFacts, ProviderFacts
from contracts.events.enrolment import Identity, Spell
from contracts.events.filing import Filing
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer, event_of
from policies import VERSION
from policies.book import Book
from policies.filed import filing_for, filing_reasons
from policies.filing import spell_on, with_filing
from policies.places import MANUAL, Region, care_kind
from policies.providers import Provider
from policies.stage import View

CARE_NAMES = {"inpatient": "住院 (inpatient)", "outpatient": "普通门诊 (outpatient)", "chronic": "门诊慢特病 (chronic)", "pharmacy": "药店购药 (pharmacy)"}


class PersonState(Model):
    """What eligibility knows of a person."""

    brdy: Day | None = None
    gend: str | None = None
    insuinfo: tuple[Spell, ...] = ()
    idetinfo: tuple[Identity, ...] = ()
    filings: tuple[Filing, ...] = ()


@dataclass(frozen=True, slots=True)
class EligibilityStage:
    """Decides claims and quotes; remembers enrolments and filings."""

    book: Book
    name: str = "eligibility"
    person: TypeAdapter = TypeAdapter(PersonState)
    entry: None = None

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in ("claim.submitted", "quote.requested", "enrolment.recorded", "filing.decided")

    def needs(self, event: Event) -> tuple[str, ...]:
        return ()

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return ()

    def decide(self, event: Event, view: View) -> Event:
        if event.type not in ("claim.submitted", "quote.requested"):
            return event
        claim: Claim = event.body.request
        checked = check(claim, facts_for(claim, view.person), self.book)
        kind = event.type.partition(".")[0]
        return answer(event, "eligibility", f"{kind}.{'checked' if checked.verdict == 'accepted' else 'refused'}", checked)

    def fold(self, view: View, event: Event) -> View:
        known: PersonState = view.person or PersonState()
        if event.type == "enrolment.recorded":
            told = event.body.request
            stated = {"brdy": told.brdy, "gend": told.gend, "insuinfo": told.insuinfo, "idetinfo": told.idetinfo}
            return View(known.model_copy(update=stated))
        if event.type == "filing.decided" and event.body.filed.filing is not None:
            return View(known.model_copy(update={"filings": with_filing(known.filings, event.body.filed.filing)}))
        return view


def facts_for(claim: Claim, state: PersonState | None) -> PersonFacts:
    """What is known of the person that can matter to this claim: identities, insurances and filings of its type."""
    if state is None:
        return PersonFacts()
    return made(
        PersonFacts,
        brdy=state.brdy,
        gend=state.gend,
        insuinfo=tuple(spell for spell in state.insuinfo if spell.insutype == claim.insutype),
        idetinfo=state.idetinfo,
        filings=tuple(filing for filing in state.filings if filing.insutype == claim.insutype),
    )


def check(claim: Claim, facts: PersonFacts, book: Book) -> Checked:
    """The verdict, from the claim, the facts and the rulebook alone."""
    spell = _spell(claim, facts, book)
    provider = book.provider(claim.fixmedins_code, claim.begndate)
    region = book.regions.get(spell.insuplc_admdvs) if spell else None
    place = region.place_of(provider.admdvs) if region and provider else None
    filing = filing_for(claim, facts, spell, provider) if place == "other_province" else None
    direct = claim.pay_loc != MANUAL
    reasons = [
        *_person_reasons(claim, facts, spell, region),
        *_provider_reasons(claim, provider, place if direct else None),
        *(filing_reasons(claim, facts, provider, region) if direct and place == "other_province" and filing is None else ()),
    ]
    return made(
        Checked,
        version=2,
        verdict="refused" if reasons else "accepted",
        reasons=tuple(reasons),
        rulebook=book.digest,
        policies=VERSION,
        facts=facts,
        insured=spell,
        provider=_provider_facts(provider),
        place=place,
        filing=filing.trt_dcla_detl_sn if filing else None,
    )


def _spell(claim: Claim, facts: PersonFacts, book: Book) -> Spell | None:
    """The insurance on the day of admission, or on that of discharge where its place of insurance goes by that."""
    for day, by in ((claim.begndate, ("begndate", "each_day")), (claim.enddate, ("enddate",))):
        spell = spell_on(facts.insuinfo, day)
        region = book.regions.get(spell.insuplc_admdvs) if spell is not None else None
        if spell is not None and (region.entitled_on if region else "begndate") in by:
            return spell
    return None


def _entitled(claim: Claim, region: Region | None) -> tuple[Day, Day]:
    """The first and the last day on which the person must be entitled."""
    by = region.entitled_on if region else "begndate"
    return claim.enddate if by == "enddate" else claim.begndate, claim.begndate if by == "begndate" else claim.enddate


def _person_reasons(claim: Claim, facts: PersonFacts, spell: Spell | None, region: Region | None) -> Iterator[Reason]:
    if facts.brdy is None:
        yield reason("unknown_person", "psn_no", psn_no=claim.psn_no)
        return
    if spell is None:
        yield reason("not_insured", "insutype", date=claim.begndate, insutype=claim.insutype)
        return
    first, last = _entitled(claim, region)
    if not spell.covers(last):
        yield reason("not_insured", "insutype", date=max(first, spell.paus_insu_date or last), insutype=claim.insutype)
    for arrears in spell.arrears:
        if arrears.begndate <= last and (arrears.enddate is None or first <= arrears.enddate):
            yield reason("in_arrears", "insuinfo", date=max(first, arrears.begndate), since=arrears.begndate)
    if region is None:
        yield reason("no_rule", "insuplc_admdvs", detail=f"place of insurance {spell.insuplc_admdvs}")


def _provider_reasons(claim: Claim, provider: Provider | None, place: str | None) -> Iterator[Reason]:
    code = claim.fixmedins_code
    if provider is None:
        yield reason("unknown_provider", "fixmedins_code", code=code)
        return
    if not provider.designated_on(claim.begndate):
        yield reason("provider_not_designated", "fixmedins_code", code=code, date=claim.begndate)
    kind = care_kind(claim.med_type)
    if place == "other_province" and kind not in provider.connected:
        yield reason("provider_not_connected", "fixmedins_code", code=code, care=CARE_NAMES[kind])


@lru_cache(maxsize=4096)
def _provider_facts(provider: Provider | None) -> ProviderFacts | None:
    if provider is None:
        return None
    return ProviderFacts(
        fixmedins_code=provider.fixmedins_code, name=provider.name, admdvs=provider.admdvs, hosp_lv=provider.hosp_lv,
        dedc_hosp_lv=provider.dedc_hosp_lv, lmtpric_hosp_lv=provider.lmtpric_hosp_lv, source=provider.source,
        medins_type=provider.medins_type, fee_class=provider.fee_class,
    )
