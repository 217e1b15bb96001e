"""The facts that select the values of a plan: what the place of insurance calls person, provider and care."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from contracts.events.claim import Checked, Claim
from contracts.events.enrolment import Identity
from contracts.events.filing import CARE_CATEGORIES, LONG_TERM, Filing
from policies.book import Book
from policies.calendar import age_on
from policies.filed import paid_on, urgent
from policies.places import MANUAL, care_kind, covers
from policies.select import CODES
from policies.settlement.plan import Benefit, Plan
from policies.settlement.sheet import NoRule


def chosen(book: Book, checked: Checked, claim: Claim) -> tuple[Plan, Benefit, str] | None:
    """Plan, benefit and care in force for an eligible claim, or None. Raises NoRule where the care is not mapped."""
    insured, where = checked.insured, checked.place
    plans = book.plans.get((insured.insuplc_admdvs, claim.insutype), ()) if insured is not None else ()
    if insured is None or not plans or where is None:
        return None
    care = _care(book, insured.insuplc_admdvs, checked, claim)
    for plan in plans:
        if (benefit := plan.benefit(claim, care, where)) is not None:
            return plan, benefit, care
    return None


def care_of(book: Book, checked: Checked, claim: Claim) -> str:
    """The care as the plan calls it (map ``care``). Raises NoRule where its code is not mapped."""
    return _care(book, checked.insured.insuplc_admdvs if checked.insured is not None else "", checked, claim)


def _care(book: Book, place: str, checked: Checked, claim: Claim) -> str:
    found = translated(book, place, _Codes(checked, claim), "care", claim.begndate)
    if found is None:
        raise _unmapped("med_type", claim.med_type, place)
    return found


def facts_of(book: Book, checked: Checked, claim: Claim, benefit: Benefit, care: str) -> dict[str, Any]:
    """All facts of a claim. Raises NoRule where a code that decides is not mapped."""
    insured, provider, person = checked.insured, checked.provider, checked.facts
    assert insured is not None and provider is not None, "only eligible claims are settled"
    asked, known, of_provider, codes = claim.__dict__, insured.__dict__, provider.__dict__, _Codes(checked, claim)
    place, day, pay_loc, aged_on = known["insuplc_admdvs"], asked["begndate"], asked["pay_loc"], asked[benefit.age_on]
    level = translated(book, place, codes, "level", day)
    if level is None:
        raise NoRule(
            f"参保地 {place} 的映射没有该机构的级别 {provider.dedc_hosp_lv}/{provider.hosp_lv}",
            f"level {provider.dedc_hosp_lv}/{provider.hosp_lv} of the provider is not mapped for {place}")
    facts: dict[str, Any] = {
        "insutype": asked["insutype"], "care": care, "level": level, "hosp_lv": of_provider["hosp_lv"], "place": checked.place,
        "age": _age(person.brdy, aged_on, benefit), "admission": 1,
        "emergency": _yes(care == "emergency" or urgent(claim)), "referral": _referred(asked["refl_date"], day, benefit),
        "route": "manual" if pay_loc == MANUAL else "direct", "online": _yes(pay_loc == "5"),
        "injury": _yes(asked["trum_flag"] == "1" or care == "injury"), "cvlserv": _yes(known["cvlserv_flag"] == "1"),
        "zero_claim_years": known["zero_clm_years"] or 0, **_filing(checked, claim),
    }
    if known["conti_insu_date"] is not None:
        facts["years"] = max(0, age_on(known["conti_insu_date"], aged_on))
    told = ("fetus", asked["fetus_cnt"]), ("fee_class", of_provider["fee_class"]), ("provider", of_provider["medins_type"])
    for name, value in told:
        if value is not None:
            facts[name] = value
    for name, code in (("status", insured.psn_type_on(day)), ("disease", asked["dise_codg"]), ("maternity", asked["matn_type"])):
        if code is not None:
            facts[name] = _coded(book, place, codes, name, code, day)
    if benefit.counts_diseases and person.opspinfo:
        facts["diseases"] = tuple(sorted(_diseases(book, place, codes, [one.dise_codg for one in person.opspinfo if one.covers(day)], day)))
    if person.idetinfo and (identity := _identity(book, place, codes, person.idetinfo, day)) is not None:
        facts["identity"] = identity
    return facts


def translated(book: Book, place: str, codes: Mapping[str, str], name: str, day: date) -> str | None:
    """What the place of insurance calls the codes of a claim under ``name`` on ``day``; None where no row names them."""
    table = book.map_on[place, name, day]
    if table is None or table.rows is None:
        return None
    row = table.rows.pick(codes)
    return row.value if row is not None else None


class _Codes(Mapping[str, str]):
    """The codes of a claim, its person and its provider, looked up one by one: a map asks for one or two of them."""

    __slots__ = ("_checked", "_claim")
    OF_CLAIM = frozenset({"med_type", "insutype", "pay_loc", "dise_codg", "matn_type"})

    def __init__(self, checked: Checked, claim: Claim) -> None:
        self._checked, self._claim = checked, claim

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        if name == "psn_type" and (insured := self._checked.insured) is not None:
            return insured.psn_type_on(self._claim.begndate)
        return getattr(self._claim if name in self.OF_CLAIM else self._checked.provider, name, default)

    def __getitem__(self, name: str) -> str:
        if (found := self.get(name)) is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in CODES if self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _unmapped(name: str, code: str, place: str) -> NoRule:
    """What is said of a code that no map of the place gives a name."""
    return NoRule(f"参保地 {place} 的映射没有 {name} {code}", f"{name} {code} is not mapped for place {place}")


def _coded(book: Book, place: str, codes: _Codes, name: str, code: str, day: date) -> str:
    """A local code under the plan's name; the code itself where the place has no map; unmapped is refused."""
    if not book.maps_of(place, name):
        return code
    found = translated(book, place, codes, name, day)
    if found is None:
        raise _unmapped(name, code, place)
    return found


def _diseases(book: Book, place: str, codes: "_Codes", approved: Sequence[str], day: date) -> set[str]:
    """What the plan calls the diseases that the agency approved for the person; those that the place's map does not name do not matter."""
    if not book.maps_of(place, "disease"):
        return {*approved}
    found = (translated(book, place, ChainMap({"dise_codg": code}, codes), "disease", day) for code in approved)
    return {name for name in found if name is not None}


def _identity(book: Book, place: str, codes: "_Codes", idetinfo: Sequence[Identity], day: date) -> str | None:
    """The first identity in the order of the place's map that is in force; others do not matter there. A row may ask for other codes
    of the claim too."""
    held = [one.psn_idet_type for one in idetinfo if one.covers(day)]
    table = book.map_on[place, "identity", day] if held else None
    if table is None or table.rows is None:
        return None
    for row in table.rows.rows:
        if any(row.applies(ChainMap({"psn_idet_type": code}, codes)) for code in held):
            return row.value
    return None


def _age(brdy: date | None, day: date, benefit: Benefit) -> int:
    if brdy is None or day < brdy:
        raise NoRule(f"出生日期 {brdy} 晚于 {benefit.age_on} {day}", f"date of birth {brdy} lies after {benefit.age_on} {day}")
    return age_on(brdy, day)


def _referred(referred: date | None, day: date, benefit: Benefit) -> str:
    """A local referral valid on the day: from its own for as many days as the benefit says (0: on its day alone)."""
    return _yes(referred is not None and 0 <= (day - referred).days <= benefit.referral_days)


def _filing(checked: Checked, claim: Claim) -> dict[str, str]:
    """Category of the filing that applies, whether there is one, and whether the person is filed away while at home.

    An emergency may count as filed without one (``filed_as``). A filing is ``late`` (补备案) that was made behind the
    settlement at the provider, or where none for the place of care was in force yet on the day of admission or visit. Only filings count that the
    place of insurance of this care took.
    """
    without = "emergency" if checked.filed_as == "emergency" else "none"
    if not checked.facts.filings:
        return {"filing": without, "filed": _filed(None, (), checked, claim), "away": "no"}
    insuplc = checked.insured.insuplc_admdvs if checked.insured is not None else ""
    filings = [one for one in checked.facts.filings if one.insuplc_admdvs == insuplc and one.pending is None]
    found = next((one for one in filings if one.trt_dcla_detl_sn == checked.filing), None)
    away = checked.place == "home" and any(one.category in LONG_TERM and one.touches(claim.begndate, paid_on(claim)) for one in filings)
    return {"filing": found.category if found else without, "filed": _filed(found, filings, checked, claim), "away": _yes(away)}


def _filed(found: Filing | None, filings: Sequence[Filing], checked: Checked, claim: Claim) -> str:
    if found is None:
        return _yes(checked.filed_as == "emergency")
    there = checked.provider.admdvs if checked.provider is not None else ""
    in_time = checked.filed_as != "late" and any(
        one.category in CARE_CATEGORIES and covers(one.mdtrtarea_admdvs, there) and one.made <= paid_on(claim)
        and one.touches(claim.begndate, claim.begndate) for one in filings)
    return "yes" if in_time else "late"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@lru_cache(maxsize=1024)
def is_stay(med_type: str) -> bool:
    """Whether the care is a stay in hospital."""
    return care_kind(med_type) == "inpatient"
