"""The second stage: may this person be treated there, directly, under which insurance.

Insured on the day of service, not in arrears, and entitled by the rules of contribution and waiting where the place of
insurance has any (policies.entitlement); provider designated and connected for this type of care (S103);
care in another province filed (S008) unless the place of insurance asks for none (S099). What is claimed by hand needs
neither connection nor filing: it is the way for care that lacks them (S028 to S030). What says when it was sent cannot have been
settled later (nobody's clock is asked). A refusal says all reasons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from contracts.base import Day, Model, altered, filled
from contracts.envelope import Record, day_of
from contracts.events.claim import Checked, Claim, PersonFacts, RuleUsed
from contracts.events.enrolment import Approval, ChosenProvider, Contribution, Exemption, Identity, Spell
from contracts.events.filing import Filing
from contracts.events.reversal import claim_of
from contracts.reasons import Bilingual, Reason, reason
from contracts.wire import Event, answer, event_of
from policies import VERSION
from policies.book import Book
from policies.due import DUE
from policies.entitlement.person import account_usable, asked, findings, kept_from_provider, reasons_of
from policies.entitlement.standing import Finding
from policies.filed import covered
from policies.filing import spell_on, with_filed
from policies.names import CARES, CREDENTIALS, called, listed
from policies.places import MANUAL, care_kind
from policies.providers import Provider
from policies.routes import route_of, stated
from policies.settlement.facts import chosen
from policies.settlement.sheet import NoRule
from policies.stage import Codec, Modelled, View

ESTIMATES = ("quote.requested", "trial.requested")
"""What asks about care that may be still to come."""


class PersonState(Model):
    """What eligibility knows of a person."""

    brdy: Day | None = None
    gend: str | None = None
    insuinfo: tuple[Spell, ...] = ()
    idetinfo: tuple[Identity, ...] = ()
    filings: tuple[Filing, ...] = ()
    clctinfo: tuple[Contribution, ...] = ()
    exmpinfo: tuple[Exemption, ...] = ()
    opspinfo: tuple[Approval, ...] = ()
    fixinfo: tuple[ChosenProvider, ...] = ()


STATED = ("brdy", "gend", "insuinfo", "idetinfo", "clctinfo", "exmpinfo", "opspinfo", "fixinfo")
"""What an enrolment states."""


@dataclass(frozen=True, slots=True)
class EligibilityStage:
    """Decides claims and quotes; remembers enrolments and filings."""

    book: Book
    name: str = "eligibility"
    person: Codec = Modelled(PersonState)
    entry: None = None

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return event.type in DUE[self.name] or event.type in ("enrolment.recorded", "filing.decided")

    def needs(self, event: Event) -> tuple[str, ...]:
        return ()

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return ()

    def decide(self, event: Event, view: View) -> Event:
        if event.type not in DUE[self.name]:
            return event
        claim = claim_of(event.body.request)
        time = event.attributes.time
        sent = day_of(time) if time is not None and event.type not in ESTIMATES else None
        checked = check(claim, facts_for(claim, view.person), self.book, sent)
        kind = event.type.partition(".")[0]
        return answer(event, "eligibility", f"{kind}.{'checked' if checked.verdict == 'accepted' else 'refused'}", checked)

    def fold(self, view: View, event: Event) -> View:
        if event.type == "enrolment.recorded":
            told = event.body.request
            return View(altered(view.person or PersonState(), **{name: getattr(told, name) for name in STATED}))
        if event.type == "filing.decided" and event.body.filed.verdict != "refused":
            known: PersonState = view.person or PersonState()
            return View(altered(known, filings=with_filed(known.filings, event.body.filed)))
        return view


def facts_for(claim: Claim, state: PersonState | None) -> PersonFacts:
    """What is known of the person that can matter to this claim: identities, insurances and filings of its type."""
    if state is None:
        return PersonFacts()
    known, insutype = state.__dict__, claim.insutype
    return filled(PersonFacts, {
        "brdy": known["brdy"],
        "gend": known["gend"],
        "insuinfo": tuple([spell for spell in known["insuinfo"] if spell.insutype == insutype]),
        "idetinfo": known["idetinfo"],
        "filings": tuple([filing for filing in known["filings"] if filing.insutype == insutype]),
        "clctinfo": known["clctinfo"] or None,
        "exmpinfo": known["exmpinfo"] or None,
        "opspinfo": known["opspinfo"] or None,
        "fixinfo": known["fixinfo"] or None,
    })


def check(claim: Claim, facts: PersonFacts, book: Book, sent: date | None = None) -> Checked:
    """The verdict, from the claim, the facts and the rulebook alone. ``sent``: the day on which the request was sent, where it says so
    and is to be of care that was given."""
    spell = _spell(claim, facts, book)
    provider = book.provider(claim.fixmedins_code, claim.begndate)
    region = book.regions.get(spell.insuplc_admdvs) if spell else None
    place = region.place_of(provider.admdvs) if region and provider else None
    filed = covered(claim, facts, spell, provider, region, place, book)
    of = asked(claim, spell, region, book.entitlements, book.nation)
    found = findings(claim, facts, spell, place, of)
    kept = kept_from_provider(claim, facts, spell, place, of) if of.rule is not None else []
    blocks = [*_told(kept), *_credential(claim, provider)] if kept or claim.mdtrt_cert_type is not None else []
    blocks += [*(_connection(claim, provider) if place == "other_province" else ()), *filed.reasons]
    direct = claim.pay_loc != MANUAL
    ahead = sent is not None and claim.setl_date > sent
    reasons = [
        *([reason("dated_ahead", "setl_date", setl_date=claim.setl_date, sent=sent)] if ahead else ()),
        *reasons_of(claim, facts, spell, region, of), *_told(found), *_designation(claim, provider), *(blocks if direct else ()),
    ]
    usable = account_usable(claim, reasons, place, of) if reasons else []
    notes = (*_told(usable), *(() if direct else (*stated(claim), *blocks)))
    return filled(Checked, {
        "verdict": "refused" if reasons else "accepted",
        "reasons": tuple(reasons),
        "rulebook": book.digest,
        "policies": VERSION,
        "facts": facts,
        "insured": spell,
        "provider": provider.facts if provider is not None else None,
        "place": place,
        "filing": filed.filing.trt_dcla_detl_sn if filed.filing else None,
        "filed_as": filed.filed_as,
        "route": route_of(claim, reasons, book.nation),
        "notes": notes or None,
        "rules": _used([*found, *kept, *usable]) if found or kept or usable else None,
        "year": None if reasons else _year(claim, _Seen(spell, provider, place), book),
    })


class _Seen(NamedTuple):
    """What the choice of a benefit looks at."""

    insured: Spell | None
    provider: Provider | None
    place: str | None


def _year(claim: Claim, seen: _Seen, book: Book) -> int | None:
    """The year whose accumulators the claim moves, by the benefit that pays; None where no rule pays."""
    try:
        found = chosen(book, seen, claim)  # type: ignore[arg-type]
    except NoRule:
        return None
    return found[1].year_of(claim) if found is not None else None


def _told(found: list[Finding]) -> list[Reason]:
    return [one.reason for one in found if one.reason is not None] if found else []


def _used(found: list[Finding]) -> tuple[RuleUsed, ...]:
    """The rules that were asked, each once."""
    origins = dict.fromkeys(one.origin for one in found)
    return tuple(RuleUsed(rule=one.rule, source=one.source, choice=one.choice is not None) for one in origins)


def _spell(claim: Claim, facts: PersonFacts, book: Book) -> Spell | None:
    """The insurance on the day of admission, or on that of discharge where its place of insurance goes by that."""
    for day, by in ((claim.begndate, ("begndate", "each_day")), (claim.enddate, ("enddate",))):
        spell = spell_on(facts.insuinfo, day)
        region = book.regions.get(spell.insuplc_admdvs) if spell is not None else None
        if spell is not None and (region.entitled_on if region else "begndate") in by:
            return spell
    return None


def _designation(claim: Claim, provider: Provider | None) -> Iterator[Reason]:
    """Known to the register, designated and not suspended on the day."""
    code = claim.fixmedins_code
    if provider is None:
        yield reason("unknown_provider", "fixmedins_code", code=code)
    elif not provider.designated_on(claim.begndate):
        yield reason("provider_not_designated", "fixmedins_code", code=code, date=claim.begndate)
    elif provider.suspended and (span := provider.suspension_on(claim.begndate)) is not None:
        yield reason("provider_suspended", "fixmedins_code", code=code, since=span[0], until=span[1])


def _credential(claim: Claim, provider: Provider | None) -> Iterator[Reason]:
    """What was shown must be taken there (S026, S027); where nothing is said nothing is asked."""
    shown = claim.mdtrt_cert_type
    if shown is not None and provider is not None and shown not in provider.credentials:
        accepted = listed(called(CREDENTIALS, one) for one in provider.credentials)
        told = {"cert": called(CREDENTIALS, shown), "accepted": accepted}
        yield reason("credential_not_accepted", "mdtrt_cert_type", code=claim.fixmedins_code, **told)


def _connection(claim: Claim, provider: Provider | None) -> Iterator[Reason]:
    """Each kind of care has a flag of its own across provinces (S103)."""
    kind = care_kind(claim.med_type)
    if provider is not None and kind not in provider.connected:
        yield reason("provider_not_connected", "fixmedins_code", code=claim.fixmedins_code, care=Bilingual(*CARES[kind]))
