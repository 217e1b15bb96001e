"""Which filing covers a claim for care in another place, and what is wrong where none does (S008, S009, S099).

By the terms of the place of insurance on the day of admission. A filing counts that is in force on any day from admission
to the settlement at discharge, so one that ends in between still settles directly, and one made up to the settlement does
too, unless the place asks for it before the admission (``file_by``). What is claimed by hand needs none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from contracts.events.claim import Claim, PersonFacts
from contracts.events.enrolment import Spell
from contracts.events.filing import CARE_CATEGORIES, LONG_TERM, Filing
from contracts.reasons import Bilingual, Reason, no_rule, reason
from policies.book import Book
from policies.calendar import add_months
from policies.places import MANUAL, Region, care_kind, covers
from policies.providers import Provider

FiledAs = Literal["emergency", "late"]


@dataclass(frozen=True, slots=True)
class Covered:
    """``filing``: the one that covers the claim. ``filed_as``: without one an emergency that counts as filed; with one, late."""

    filing: Filing | None = None
    filed_as: FiledAs | None = None
    reasons: tuple[Reason, ...] = ()


NOTHING = Covered()


def covered(
    claim: Claim, facts: PersonFacts, spell: Spell | None, provider: Provider | None, region: Region | None, place: str | None, book: Book
) -> Covered:
    """The filing for a claim, and what is against settling it directly; by hand that is no hindrance. ``place``: home ..."""
    if spell is None or provider is None or region is None or place is None:
        return NOTHING
    filings = [f for f in facts.filings if f.insuplc_admdvs == spell.insuplc_admdvs]
    if place == "home" and not filings:
        return NOTHING
    asked = _Stay(claim, filings, provider, region, book)
    if place == "home":
        return Covered(reasons=tuple(asked.at_home()))
    always = [*asked.beforehand(place), *asked.late_settlement()]
    if asked.term(place) != "filed" and place != "other_province":
        return Covered(reasons=tuple(always))
    return asked.away(always)


@dataclass(frozen=True, slots=True)
class _Stay:
    """A claim with the filings of the person at the place of insurance."""

    claim: Claim
    filings: Sequence[Filing]
    provider: Provider
    region: Region
    book: Book

    def term(self, key: str) -> Any:
        return self.book.filing.term(self.region.admdvs, key, self.claim.begndate)

    @property
    def mine(self) -> list[Filing]:
        return [filing for filing in self.filings if filing.category in CARE_CATEGORIES]

    @property
    def there(self) -> list[Filing]:
        return [filing for filing in self.mine if covers(filing.mdtrtarea_admdvs, self.provider.admdvs)]

    def away(self, always: list[Reason]) -> Covered:
        """Care elsewhere: a filing in time, one that was late, an emergency, or what is missing."""
        held = [one for one in reversed(self.there) if self.holds(one)]
        in_time = sorted((one for one in held if self.in_time(one)), key=self.late)  # those of the settlement first, as they stand
        if in_time:
            return Covered(in_time[0], "late" if self.late(in_time[0]) else None, tuple(always))
        late_one = held[0] if held else None
        if self.unneeded():
            return Covered(reasons=tuple(always))
        if emergency(self.claim) and self.term("emergency") == "as_filed":
            return Covered(None, "emergency", tuple(always))
        if late_one is not None and self.claim.pay_loc == MANUAL:
            return Covered(late_one, "late", (*always, *self.too_late(late_one)))
        if self.term("unfiled") == "direct" and not emergency(self.claim):
            return Covered(reasons=tuple(always))
        if late_one is not None:
            return Covered(reasons=(*always, *self.too_late(late_one)))
        return Covered(reasons=(*always, *self.missing()))

    def holds(self, filing: Filing) -> bool:
        """Complete, in force on a day of the stay, and for this hospital."""
        return filing.pending is None and self.chosen(filing) and self.current(filing)

    def current(self, filing: Filing) -> bool:
        """In force on a day from admission to settlement."""
        return filing.touches(self.claim.begndate, paid_on(self.claim))

    def alterable(self, filing: Filing) -> bool:
        """Whether it may still be changed or completed on the day of the settlement: neither over by then nor ended."""
        return not filing.over and filing.touches(self.claim.setl_date, self.claim.setl_date)

    def chosen(self, filing: Filing) -> bool:
        """For this hospital: where hospitals are chosen for stays, other care is free."""
        free = self.term("chosen_for") == "stays" and care_kind(self.claim.med_type) != "inpatient"
        return filing.hospitals is None or free or self.claim.fixmedins_code in filing.hospitals

    def in_time(self, filing: Filing) -> bool:
        """Made before the settlement, or before the admission where the place of insurance asks for that."""
        by = self.term("file_by")
        if by == "admission":
            return max(filing.made, filing.begndate) <= self.claim.begndate
        return by == "settlement" and filing.made <= (paid_on(self.claim) if self.claim.pay_loc == MANUAL else self.claim.setl_date)

    def late(self, filing: Filing) -> bool:
        """Made behind the settlement at the provider."""
        return filing.made > paid_on(self.claim)

    def unneeded(self) -> bool:
        return self.claim.med_type.startswith(tuple(self.term("unfiled_care") or ())) or self.term("other_province") != "filed"

    def missing(self) -> Iterator[Reason]:
        """Why no filing covers the claim, by the one that comes nearest to it."""
        near = [filing for filing in self.mine if self.current(filing) and self.alterable(filing)]
        here = [filing for filing in near if filing in self.there]
        elsewhere = [filing for filing in near if filing not in self.there and filing.pending is None]
        if here and here[-1].pending:
            yield reason("filing_pending", "mdtrtarea_admdvs", number=here[-1].trt_dcla_detl_sn)
        elif here:
            told = {"filed": ", ".join(here[-1].hospitals or ()), "code": self.claim.fixmedins_code}
            yield reason("hospital_not_filed", "fixmedins_code", number=here[-1].trt_dcla_detl_sn, **told)
        elif elsewhere:
            told = {"filed": elsewhere[-1].mdtrtarea_admdvs, "place": self.provider.admdvs}
            yield reason("filing_elsewhere", "mdtrtarea_admdvs", number=elsewhere[-1].trt_dcla_detl_sn, **told)
        elif self.there:
            last = self.there[-1]
            yield reason("filing_not_in_force", "begndate", begndate=last.begndate, enddate=last.enddate or "-")
        else:
            code = "emergency_not_filed" if emergency(self.claim) else "not_filed"
            yield reason(code, "mdtrtarea_admdvs", place=self.provider.admdvs)

    def too_late(self, late: Filing) -> Iterator[Reason]:
        by = self.term("file_by")
        if by is None:
            yield no_rule(
                "begndate", f"备案的截止时间，{self.claim.begndate}", f"until when a filing has to be made, {self.claim.begndate}")
        elif by == "settlement":
            yield reason("filed_late", "setl_date", setl_date=paid_on(self.claim), date=late.made)
        else:
            yield reason("filed_after_admission", "begndate", begndate=self.claim.begndate, date=max(late.made, late.begndate))

    def late_settlement(self) -> Iterator[Reason]:
        """Settled by the provider after the patient paid (补录): within so many days of the discharge."""
        if self.claim.late_setl_flag != "1":
            return
        days = self.term("late_days")
        if days is None:
            yield reason("late_settlement_not_taken", "late_setl_flag")
        elif self.claim.setl_date > (last := self.claim.enddate + timedelta(days=days)):
            yield reason("late_settlement_over", "setl_date", days=days, last=last)

    def at_home(self) -> Iterator[Reason]:
        """Home use while a filing is in force for another place."""
        held = [one for one in self.mine if one.pending is None and one.touches(self.claim.begndate, self.claim.begndate)]
        home = self.term("home") if held else None
        for filing in held:
            if home == "locked":
                earliest = add_months(filing.begndate, self.term("months_to_cancel") or 0)
                yield reason("home_locked", "begndate", number=filing.trt_dcla_detl_sn, earliest=earliest)
            elif home == "materials" and filing.category in LONG_TERM and self.unredeemed(filing):
                yield reason("letter_unredeemed", "materials", number=filing.trt_dcla_detl_sn)

    def unredeemed(self, filing: Filing) -> bool:
        return filing.letter in ("given", "broken") or (filing.redeemed is not None and filing.redeemed > self.claim.begndate)

    def beforehand(self, place: str) -> Iterator[Reason]:
        """Approvals of named diseases, operations and long stays, and the notice of an admission in another province (S041)."""
        claim, stay = self.claim, care_kind(self.claim.med_type) == "inpatient"
        for term, category, code in (
            ("approved_diseases", "disease_approval", claim.dise_codg), ("approved_operations", "operation_approval", claim.oprn_oprt_code),
        ):
            named = code is not None and code.startswith(tuple(self.term(term) or ()))
            if named and not any(code in (one.dise_codg, one.oprn_oprt_code) for one in self.beforehand_of(category)):
                yield reason("not_approved", "dise_codg" if term == "approved_diseases" else "oprn_oprt_code", what=code, category=category)
        days, long = self.term("approved_stay_days"), (claim.enddate - claim.begndate).days
        if stay and days is not None and long > days and not self.beforehand_of("long_stay_approval"):
            yield reason("not_approved", "enddate", what=Bilingual(f"住院 {long} 天（超过 {days} 天）", f"A stay of {long} days (over {days})"), category="long_stay_approval")
        announced = any(one.asked <= claim.begndate for one in self.beforehand_of("admission_notice"))
        if stay and place == "other_province" and self.term("notice") == "required" and not announced and not emergency(claim):
            yield reason("not_announced", "begndate", begndate=claim.begndate)

    def beforehand_of(self, category: str) -> list[Filing]:
        """What was asked for beforehand and holds on a day of the stay, there."""
        return [
            one for one in self.filings
            if one.category == category and one.pending is None and covers(one.mdtrtarea_admdvs, self.provider.admdvs)
            and one.touches(self.claim.begndate, self.claim.enddate)
        ]


def paid_on(claim: Claim) -> date:
    """The day of the settlement at the provider; of what the patient paid in full there, and is claimed by hand or settled afterwards (补录),
    that of the discharge."""
    return claim.enddate if claim.pay_loc == MANUAL or claim.late_setl_flag == "1" else claim.setl_date


def emergency(claim: Claim) -> bool:
    """Emergency or rescue (急诊抢救): by type of care, of outpatient care or of stay."""
    return claim.med_type.startswith("13") or urgent(claim)


def urgent(claim: Claim) -> bool:
    """Whether the provider says so (otp_er_refl_flag, ipt_type)."""
    return claim.otp_er_refl_flag in ("1", "3") or claim.ipt_type == "2"
