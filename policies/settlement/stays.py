"""Stays: which admission of the year this is, and what the stay has been charged and paid so far (中途结算, 跨年住院)."""

from collections.abc import Mapping
from datetime import date

from contracts.events.claim import Claim, Movement
from contracts.events.enrolment import Spell
from policies.accumulators import movement
from policies.settlement.facts import is_stay
from policies.settlement.guarantee import whole
from policies.settlement.plan import Benefit
from policies.settlement.sheet import Case, Sheet

WHERE_ANY = ("due", "credited", "apart", "shared", "fixed", "insured")
"""What an entry of a stay holds only where there is any."""


def settled_before(stay: Mapping[str, int]) -> bool:
    """Whether the stay was settled for good: a second time would be a second payment."""
    return bool(stay) and not stay.get("open")


def insured(spell: Spell) -> int:
    """Place and type of an insurance in one number, as an entry of a stay holds them; nought where they are no digits."""
    under = f"{spell.insuplc_admdvs}{spell.insutype}"
    return int(under) if under.isdecimal() else 0


def goes_on(stay: Mapping[str, int], claim: Claim, under: Spell, benefit: Benefit) -> bool:
    """Whether the claim continues a stay that was settled before, as the benefit counts it. Under another insurance it begins anew:
    what was charged and paid under the one does not count under the other."""
    if not stay or settled_before(stay) or benefit.admissions.interim == "new":
        return False
    if stay.get("insured", insured(under)) != insured(under):
        return False
    days = benefit.admissions.days
    return days is None or claim.enddate.toordinal() - stay["since"] <= days


def crossed_year(stay: Mapping[str, int], claim: Claim, benefit: Benefit) -> bool:
    """Whether the stay was last settled in an earlier year."""
    return bool(stay) and stay.get("year", 0) < benefit.year_of(claim)


def year_begun(case: Case) -> int:
    """The year in which a claim begins: that of the admission or, where the stay was settled up to a day, of the day after it."""
    begin = case.claim.begndate.toordinal()
    return date.fromordinal(max(begin, case.stay.get("until", begin - 1) + 1)).year


def admission_of(case: Case, benefit: Benefit) -> tuple[int, bool]:
    """The number of this admission in the year, and whether it counts as a new one."""
    if not is_stay(case.claim.med_type):
        return 1, False
    so_far, rules = case.accumulated(f"{benefit.name}.admissions"), benefit.admissions
    if case.went_on:
        if case.crossed:
            return so_far + 1, rules.cross_year
        return max(1, case.stay.get("admission", 1)), False
    if not rules.counts(case.facts["care"], case.claim.ipt_type == "3" and not case.stay):
        return max(1, so_far), False
    return so_far + 1, True


def stay_after(case: Case, benefit: Benefit, sheet: Sheet, admission: tuple[int, bool]) -> Movement | None:
    """The movement of the stay's entry; None for care that is no stay."""
    claim = case.claim
    if not is_stay(claim.med_type):
        return None
    before = case.stay
    kept = dict(before) if case.went_on else {}
    since = kept.get("since") or claim.begndate.toordinal()
    if before and not case.went_on:
        since = before.get("until", since)
    after = {
        "open": int(claim.mid_setl_flag), "since": since, "until": claim.enddate.toordinal(), "admission": admission[0],
        "year": benefit.year_of(claim), "settlements": before.get("settlements", 0) + 1,
        "deductible": kept.get("deductible", 0) + sheet.deductible,
        "fees": kept.get("fees", 0) + case.body.priced.inscp_scp_amt, "paid": kept.get("paid", 0) + sheet.pool,
        "banded": kept.get("banded", 0) + sheet.banded, "fixed": kept.get("fixed", 0) + sheet.fixed,
        "due": sheet.still_due if claim.mid_setl_flag == "1" else 0, "credited": kept.get("credited", 0) + sheet.credited,
    }
    spell = case.body.checked.insured
    after["insured"] = insured(spell) if claim.mid_setl_flag == "1" and spell is not None else 0
    after |= {"apart": kept.get("apart", 0) + sheet.apart, "shared": kept.get("shared", 0) + sheet.shared if benefit.caps_fees else 0}
    after |= {name: kept.get(name, 0) + sheet.moved.get(name, 0) for name in benefit.by_visit}
    if benefit.stayed:
        guaranteed = {"costs": whole(case), **{f"{fund}.funded": amount for fund, amount in sheet.funded.items()}}
        after |= {name: kept.get(name, 0) + amount for name, amount in guaranteed.items() if name in benefit.stayed}
    any_ = {*WHERE_ANY, *benefit.by_visit}
    after = {name: value for name, value in after.items() if value or name in before or name not in any_}
    return movement(before, {name: after.get(name, 0) - before.get(name, 0) for name in {*before, *after}})


def last_stay(case: Case, benefit: str, sheet: Sheet) -> dict[str, int]:
    """The movement that makes this stay the last one: what a deductible topped up after a transfer looks at. A stay that ended before
    the last one, and is settled behind it, is none."""
    if case.claim.enddate.toordinal() < case.accumulated(f"{benefit}.last_enddate"):
        return {}
    charged = sheet.deductible + sheet.credited
    if case.went_on:
        charged += case.stay.get("deductible", 0) + case.stay.get("credited", 0)
    after = {f"{benefit}.last_deductible": charged, f"{benefit}.last_enddate": case.claim.enddate.toordinal()}
    return {name: value - case.accumulated(name) for name, value in after.items()}
