"""The facts that select the values of a plan: what the place of insurance calls person, provider and care."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from contracts.events.claim import Checked, Claim
from contracts.events.filing import CARE_CATEGORIES, LONG_TERM, Filing
from policies.book import Book
from policies.calendar import age_on
from policies.filed import urgent
from policies.places import care_kind
from policies.select import CODES
from policies.settlement.plan import Benefit, Plan, day_of
from policies.settlement.sheet import NoRule


def chosen(book: Book, checked: Checked, claim: Claim) -> tuple[Plan, Benefit, str] | None:
    """Plan, benefit and care in force for an eligible claim, or None. Raises NoRule where the care is not mapped."""
    insured = checked.insured
    plans = book.plans.get((insured.insuplc_admdvs, claim.insutype), ()) if insured is not None else ()
    if not plans or checked.place is None:
        return None
    care = care_of(book, checked, claim)
    for plan in plans:
        if (benefit := plan.benefit(claim, care, checked.place)) is not None:
            return plan, benefit, care
    return None


def care_of(book: Book, checked: Checked, claim: Claim) -> str:
    """The care as the plan calls it (map ``care``). Raises NoRule where its code is not mapped."""
    found = translated(book, checked, claim, "care", claim.begndate)
    if found is None:
        raise NoRule(f"med_type {claim.med_type} is not mapped for place {_place(checked)}")
    return found


def facts_of(book: Book, checked: Checked, claim: Claim, benefit: Benefit, care: str) -> dict[str, Any]:
    """All facts of a claim. Raises NoRule where a code that decides is not mapped."""
    insured, provider, day = checked.insured, checked.provider, claim.begndate
    assert insured is not None and provider is not None, "only eligible claims are settled"
    level = translated(book, checked, claim, "level", day)
    if level is None:
        raise NoRule(f"level {provider.dedc_hosp_lv}/{provider.hosp_lv} of the provider is not mapped for {_place(checked)}")
    facts: dict[str, Any] = {
        "insutype": claim.insutype, "care": care, "level": level, "hosp_lv": provider.hosp_lv, "place": checked.place,
        "age": _age(checked, claim, benefit), "admission": 1,
        "emergency": _yes(_emergency(claim, care)), "referral": _yes(_referred(claim, benefit)),
        "route": "manual" if claim.pay_loc == "1" else "direct", "online": _yes(claim.pay_loc == "5"),
        "injury": _yes(claim.trum_flag == "1" or care == "injury"), "cvlserv": _yes(insured.cvlserv_flag == "1"),
        "zero_claim_years": insured.zero_clm_years or 0, **_filing(checked, claim),
    }
    if insured.conti_insu_date is not None:
        facts["years"] = max(0, age_on(insured.conti_insu_date, day_of(claim, benefit.age_on)))
    told = (
        ("fetus", claim.fetus_cnt), ("fee_class", provider.fee_class), ("provider", provider.medins_type),
        ("status", _coded(book, checked, claim, "status", insured.psn_type)), ("identity", _identity(book, checked, claim)),
        ("disease", _coded(book, checked, claim, "disease", claim.dise_codg)),
        ("maternity", _coded(book, checked, claim, "maternity", claim.matn_type)),
    )
    for name, value in told:
        if value is not None:
            facts[name] = value
    return facts


def translated(book: Book, checked: Checked, claim: Claim, name: str, day: date) -> str | None:
    """What the place of insurance calls the codes of a claim under ``name`` on ``day``; None where no row names them."""
    table = book.map_on[_place(checked), name, day]
    if table is None or table.rows is None:
        return None
    row = table.rows.pick(_Codes(checked, claim))
    return row.value if row is not None else None


class _Codes(Mapping[str, str]):
    """The codes of a claim, its person and its provider, looked up one by one: a map asks for one or two of them."""

    __slots__ = ("_checked", "_claim")
    OF_CLAIM = frozenset({"med_type", "insutype", "pay_loc", "dise_codg", "matn_type"})

    def __init__(self, checked: Checked, claim: Claim) -> None:
        self._checked, self._claim = checked, claim

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        found = self._claim if name in self.OF_CLAIM else self._checked.insured if name == "psn_type" else self._checked.provider
        return getattr(found, name, default)

    def __getitem__(self, name: str) -> str:
        if (found := self.get(name)) is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in CODES if self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _coded(book: Book, checked: Checked, claim: Claim, name: str, code: str | None) -> str | None:
    """A local code under the plan's name; the code itself where the place has no map; unmapped is refused."""
    if code is None or not book.maps_of(_place(checked), name):
        return code
    found = translated(book, checked, claim, name, claim.begndate)
    if found is None:
        raise NoRule(f"{name} {code} is not mapped for place {_place(checked)}")
    return found


def _identity(book: Book, checked: Checked, claim: Claim) -> str | None:
    """The first identity in the order of the place's map that is in force; others do not matter there."""
    held = [one.psn_idet_type for one in checked.facts.idetinfo if one.covers(claim.begndate)]
    table = book.map_on[_place(checked), "identity", claim.begndate] if held else None
    if table is None or table.rows is None:
        return None
    for row in table.rows.rows:
        if any(row.applies({"psn_idet_type": code}) for code in held):
            return row.value
    return None


def _age(checked: Checked, claim: Claim, benefit: Benefit) -> int:
    brdy, day = checked.facts.brdy, day_of(claim, benefit.age_on)
    if brdy is None or day < brdy:
        raise NoRule(f"date of birth {brdy} lies after {benefit.age_on} {day}")
    return age_on(brdy, day)


def _emergency(claim: Claim, care: str) -> bool:
    return care == "emergency" or urgent(claim)


def _referred(claim: Claim, benefit: Benefit) -> bool:
    """A local referral valid on the day: from its day for as many days as the benefit says (0: on its day alone)."""
    if claim.refl_date is not None:
        return 0 <= (claim.begndate - claim.refl_date).days <= benefit.referral_days
    return False


def _filing(checked: Checked, claim: Claim) -> dict[str, str]:
    """Category of the filing that applies, whether there is one, and whether the person is filed away while at home.

    An emergency may count as filed without one (``filed_as``). A filing is ``late`` (补备案) that was made behind the
    settlement, or where none for the same area was in force yet on the day of admission or visit.
    """
    without = "emergency" if checked.filed_as == "emergency" else "none"
    if not checked.facts.filings:
        return {"filing": without, "filed": _filed(None, checked, claim), "away": "no"}
    found = {filing.trt_dcla_detl_sn: filing for filing in checked.facts.filings}.get(checked.filing or "")
    away = any(
        one.category in LONG_TERM and one.pending is None and one.touches(claim.begndate, claim.setl_date)
        for one in checked.facts.filings
    )
    return {
        "filing": found.category if found else without, "filed": _filed(found, checked, claim),
        "away": _yes(away and checked.place == "home"),
    }


def _filed(found: Filing | None, checked: Checked, claim: Claim) -> str:
    if found is None:
        return _yes(checked.filed_as == "emergency")
    known = (one for one in checked.facts.filings if one.category in CARE_CATEGORIES and one.pending is None)
    same = (one for one in known if one.mdtrtarea_admdvs == found.mdtrtarea_admdvs)
    in_time = checked.filed_as != "late" and any(one.touches(claim.begndate, claim.begndate) for one in same)
    return "yes" if in_time else "late"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _place(checked: Checked) -> str:
    return checked.insured.insuplc_admdvs if checked.insured else ""


@lru_cache(maxsize=1024)
def is_stay(med_type: str) -> bool:
    """Whether the care is a stay in hospital."""
    return care_kind(med_type) == "inpatient"
