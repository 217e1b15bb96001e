"""All that speaks against a person's claim: not insured, in arrears, stopped, not paid, waiting, not approved."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from contracts.events.claim import Claim, PersonFacts
from contracts.events.enrolment import EMPLOYEES, Spell
from contracts.reasons import Bilingual, Reason, no_rule, reason
from policies.entitlement.paid import DAY, Payments
from policies.entitlement.rules import Entitlement, Entitlements, Nation
from policies.entitlement.standing import Finding, contributions, days_asked, stopped
from policies.filing import spell_on
from policies.places import Region
from policies.settlement.sheet import Origin


class Asked(NamedTuple):
    """What is asked about: first and last day of the claim on which the person must be entitled, and the rules."""

    first: date
    last: date
    rule: Entitlement | None
    nation: Nation


def asked(claim: Claim, spell: Spell | None, region: Region | None, rules: Entitlements, nation: Nation) -> Asked:
    """The days are those that the place of insurance goes by (entitled_on)."""
    by = region.entitled_on if region else "begndate"
    first = claim.enddate if by == "enddate" else claim.begndate
    last = claim.begndate if by == "begndate" else claim.enddate
    return Asked(first, last, rules.rule_for(spell, first) if spell is not None else None, nation)


def spells_of(facts: PersonFacts, spell: Spell, of: Asked) -> list[Spell]:
    """The insurance of the first day asked about and those at its place that go on where it ends (as when a person retires), up to the
    last day."""
    found = [spell]
    while (end := found[-1].paus_insu_date) is not None and end <= of.last:
        following = spell_on([one for one in facts.insuinfo if one.insuplc_admdvs == spell.insuplc_admdvs], end)
        if following is None:
            break
        found.append(following)
    return found


def last_days(spells: Sequence[Spell], of: Asked) -> list[date]:
    """Of each insurance the last day that is asked about: where the next one goes on, the day before its own end."""
    return [*(one.paus_insu_date - DAY for one in spells[:-1] if one.paus_insu_date is not None), of.last]


def reasons_of(claim: Claim, facts: PersonFacts, spell: Spell | None, region: Region | None, of: Asked) -> Iterator[Reason]:
    """What does not ask the rules of contribution: known, insured, in arrears, a place with rules."""
    if facts.brdy is None:
        yield reason("unknown_person", "psn_no", psn_no=claim.psn_no)
        return
    if spell is None:
        day = claim.begndate if spell_on(facts.insuinfo, claim.begndate) is None else claim.enddate  # where the place goes by the discharge
        yield reason("not_insured", "insutype", date=day, insutype=claim.insutype)
        return
    spells = spells_of(facts, spell, of)
    if not spells[-1].covers(of.last):
        yield reason("not_insured", "insutype", date=max(of.first, spells[-1].paus_insu_date or of.last), insutype=claim.insutype)
    for each, last in zip(spells, last_days(spells, of), strict=True):
        first = max(of.first, each.psn_insu_date)
        for arrears in each.arrears:
            if arrears.begndate <= last and (arrears.enddate is None or first <= arrears.enddate):
                yield reason("in_arrears", "insuinfo", date=max(first, arrears.begndate), since=arrears.begndate)
    if region is None:
        yield no_rule("insuplc_admdvs", f"参保地 {spell.insuplc_admdvs}", f"place of insurance {spell.insuplc_admdvs}")


def findings(claim: Claim, facts: PersonFacts, spell: Spell | None, place: str | None, of: Asked) -> list[Finding]:
    """What the rules of contribution, waiting, retirement and approval say; each rule once, each reason once."""
    if spell is None:
        return []
    spells = spells_of(facts, spell, of)
    if of.rule is None and len(spells) == 1 and spell.stop_date is None:
        return []
    ends = last_days(spells, of)
    found = [told for one, last in zip(spells, ends, strict=True) for told in stopped(one, of.rule, of.nation, last)]
    if of.rule is not None:
        paid = {one.insutype: Payments([it for it in facts.clctinfo or () if it.insutype == one.insutype], of.rule) for one in spells}
        for day in sorted({*days_asked(facts, of.first, of.last), *(end + DAY for end in ends[:-1])}):
            of_day = next((one for one in spells if one.covers(day)), spell)
            found += contributions(facts, of_day, paid[of_day.insutype], of.nation, day)
        found += _approved(claim, facts, of.rule, place)
    return _each_once(found)


def _each_once(found: list[Finding]) -> list[Finding]:
    """A rule says a thing once, of the first day on which it does."""
    kept: dict[tuple[Origin, str | None], Finding] = {}
    for one in found:
        kept.setdefault((one.origin, one.reason.code if one.reason else None), one)
    return [*kept.values()]


def _approved(claim: Claim, facts: PersonFacts, rule: Entitlement, place: str | None) -> Iterator[Finding]:
    """Chronic care needs the disease to be approved where the place says so (S139)."""
    if rule.chronic is None or not rule.chronic.applies(claim.med_type, place):
        return
    held = any(one.dise_codg == claim.dise_codg and one.covers(claim.begndate) for one in facts.opspinfo or ())
    named = claim.dise_codg or Bilingual("（请求未写明 dise_codg）", "(which one the request does not say)")
    told = None if held else reason("disease_not_approved", "dise_codg", disease=named)
    yield Finding(rule.chronic.origin, told)


NOT_PAID_UP = frozenset({
    "in_arrears", "insurance_stopped", "not_paid", "waiting", "restored_later", "back_paid_too_late", "paid_after_window", "retirement_short",
})
"""Reasons of a person whose contributions stopped, are late, or have a wait behind them."""


def account_usable(claim: Claim, reasons: Sequence[Reason], place: str | None, of: Asked) -> list[Finding]:
    """In a gap or wait the balance of the account may still pay for some care (S076: at a pharmacy; S175: 青海, more)."""
    rule = of.rule.account if of.rule is not None and of.rule.account is not None else of.nation.account
    gap = any(one.code in NOT_PAID_UP for one in reasons)
    if rule is None or not gap or claim.insutype != EMPLOYEES or not rule.applies(claim.med_type, place):
        return []
    return [Finding(rule.origin, reason("account_usable", "acct_used_flag"))]


def kept_from_provider(claim: Claim, facts: PersonFacts, spell: Spell | None, place: str | None, of: Asked) -> list[Finding]:
    """What closes only settlement at the provider: students away from school (S138), providers that were not chosen (S024)."""
    rule, found = of.rule, list[Finding]()
    if rule is None or spell is None:
        return found
    if rule.student is not None and rule.student.applies(claim.med_type, place) and spell.stdt_flag == "1":
        found.append(Finding(rule.student.origin, reason("student_at_home", "insuinfo")))
    if rule.chosen is not None and rule.chosen.applies(claim.med_type, place):
        chosen = any(one.fixmedins_code == claim.fixmedins_code and one.covers(claim.begndate) for one in facts.fixinfo or ())
        told = None if chosen else reason("provider_not_chosen", "fixmedins_code", code=claim.fixmedins_code)
        found.append(Finding(rule.chosen.origin, told))
    return found
