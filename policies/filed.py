"""Which filing covers a claim for care in another province, and what is wrong where none does (S008, S099)."""

from collections.abc import Iterator

from contracts.events.claim import Claim, PersonFacts
from contracts.events.enrolment import Spell
from contracts.events.filing import Filing
from contracts.reasons import Reason, reason
from policies.places import Region, covers
from policies.providers import Provider


def filing_for(claim: Claim, facts: PersonFacts, spell: Spell | None, provider: Provider | None) -> Filing | None:
    """The filing that covers place and stay: in force on any day from admission to the settlement at discharge."""
    for filing in reversed(facts.filings):
        mine = spell is not None and filing.insuplc_admdvs == spell.insuplc_admdvs
        if mine and provider and covers(filing.mdtrtarea_admdvs, provider.admdvs) and filing.touches(claim.begndate, claim.setl_date):
            return filing
    return None


def filing_reasons(claim: Claim, facts: PersonFacts, provider: Provider | None, region: Region | None) -> Iterator[Reason]:
    """Why no filing covers the claim."""
    if region is None or provider is None or claim.med_type in region.unfiled_care:
        return
    mine = [filing for filing in facts.filings if filing.insuplc_admdvs == region.admdvs]
    there = [filing for filing in mine if covers(filing.mdtrtarea_admdvs, provider.admdvs)]
    if there:
        last = there[-1]
        yield reason("filing_not_in_force", "begndate", begndate=last.begndate, enddate=last.enddate or "-")
    elif mine:
        yield reason("filing_elsewhere", "mdtrtarea_admdvs", filed=mine[-1].mdtrtarea_admdvs, place=provider.admdvs)
    else:
        yield reason("not_filed", "mdtrtarea_admdvs", place=provider.admdvs)
