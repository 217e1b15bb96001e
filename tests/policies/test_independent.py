"""A second computation of four plans, written straight from the words of the rule, against the engine: 10,000 claims each.

The calculations (below "The rules, calculated") know nothing of ``policies`` or ``contracts.money``: amounts in yuan, a
rounding of their own, accumulators in plain dicts. A claim is a dict as ``tests.policies.patient.priced`` takes it, in fen.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contracts.base import altered
from contracts.events.claim import ClaimPriced, Settled
from policies import VERSION, accumulators
from policies.accumulators import Purse
from policies.book import Book, built_in
from policies.settlement.claims import case_of, keys_of
from policies.settlement.engine import Named, settle
from policies.settlement.facts import chosen
from policies.stage import View
from tests.policies.patient import priced
from tests.policies.rulebooks import PLAN, loaded

CLAIMS = 10_000
FIRST_DAY, DAYS = date(2025, 1, 1), 730
YUAN, FEN, ZERO = Decimal(1), Decimal("0.01"), Decimal(0)
Dict = dict[Any, Any]

# --- a plan with what the three cities lack ---------------------------------------------------------------------------

MAPS = """
[[map]]
name = "care"
from = 2020-01-01
source = "T1"
rows = [{ med_type = "14", is = "chronic" }, { med_type = "21", is = "inpatient" }]

[[map]]
name = "identity"
from = 2020-01-01
source = "T1"
rows = [{ psn_idet_type = "71", is = "poor" }, { psn_idet_type = "72", is = "low" }]
"""
FOURTH = """
[plan]
place = "350200"
insutype = "390"
from = 2020-01-01
source = "T1"

[[benefit]]
name = "chronic"
care = ["chronic"]
dated_by = "setl_date"
[[benefit.step]]
kind = "deductible"
per = "year"
source = "T1"
amount = [{ identity = "poor", yuan = 0.00 }, { yuan = 300.00 }]
[[benefit.step]]
kind = "out_of_area"
mode = "subtract"
source = "T1"
by = [{ place = "other_province", filing = "none", of = 0.20 }, { place = "other_province", of = 0.10 }, { of = 0 }]
[[benefit.step]]
kind = "bands"
continues = "year"
counted_from = "zero"
source = "T1"
band = [{ upto = 2000.00, of = 0.55 }, { upto = 8000.00, of = 0.65 }, { of = 0.15 }]
[[benefit.step]]
kind = "cap"
per = "year"
shared = "both"
source = "T1"
amount = [{ yuan = 40000.00 }]

[[benefit]]
name = "inpatient"
care = ["inpatient"]
dated_by = "enddate"
[[benefit.step]]
kind = "deductible"
per = "stay"
source = "T1"
amount = [{ level = "2", yuan = 400.00 }, { level = "3", yuan = 900.00 }]
[[benefit.step]]
kind = "out_of_area"
mode = "multiply"
source = "T1"
by = [{ place = "other_province", filing = "none", of = 0.75 }, { place = "other_province", of = 0.90 }, { of = 1 }]
[[benefit.step]]
kind = "bands"
continues = "stay"
counted_from = "deductible"
source = "T1"
band = [{ upto = 10000.00, of = 0.65 }, { upto = 30000.00, of = 0.75 }, { of = 0.805 }]
[[benefit.step]]
kind = "cap"
per = "year"
shared = "both"
source = "T1"
amount = [{ yuan = 40000.00 }]

[[then]]
kind = "supplement"
name = "critical"
fund = "hifmi_pay"
source = "T1"
of = ["deductible", "coinsurance", "over_cap", "reduction"]
per = "year"
threshold = [{ identity = ["poor", "low"], yuan = 6000.00 }, { yuan = 12000.00 }]
counted_from = "zero"
band = [{ upto = 30000.00, of = 0.60 }, { upto = 30000.00, identity = "poor", of = 0.70 }, { upto = 60000.00, of = 0.65 }, { of = 0.75 }]
cap = [{ identity = "poor", yuan = 50000.00 }, { yuan = 30000.00 }]
[[then]]
kind = "supplement"
name = "assistance"
fund = "maf_pay"
source = "T1"
of = ["deductible", "coinsurance", "over_cap"]
per = "year"
threshold = [{ identity = "poor", yuan = 0.00 }, { yuan = 1500.00 }]
counted_from = "threshold"
band = [{ upto = 5000.00, of = 0.60 }, { of = 0.80 }]
cap = [{ yuan = 10000.00 }]
when = { identity = ["poor", "low"] }
[[then]]
kind = "account"
source = "T1"
pays = ["deductible", "coinsurance", "first_selfpay"]
with_family = true
[[then]]
kind = "wallet"
source = "T1"
pays = ["coinsurance", "over_cap", "reduction"]
"""

# --- The rules, calculated: yuan in, yuan out -------------------------------------------------------------------------


def cents(amount: Decimal) -> Decimal:
    """To the fen, half a fen up."""
    return amount.quantize(FEN, ROUND_HALF_UP)


def yuan(claim: Dict, name: str) -> Decimal:
    return Decimal(claim.get(name, 0)) / 100


def birthdays(born: date, day: date) -> int:
    """How many birthdays were reached by ``day``, one after the other."""
    years = 0
    while True:
        try:
            birthday = born.replace(year=born.year + years + 1)
        except ValueError:  # born on 29 February: a day later in other years
            birthday = date(born.year + years + 1, 3, 1)
        if birthday > day:
            return years
        years += 1


def add(counters: Dict, **amounts: Decimal) -> None:
    for name, amount in amounts.items():
        counters[name] = counters.get(name, ZERO) + amount


def pay_from_account(claim: Dict, state: Dict, most: Decimal) -> Decimal:
    """Only if the person asks for it (acct_used_flag 1), and as far as the balance reaches."""
    paid = min(state["account"], most) if claim["acct_used"] == "1" else ZERO
    state["account"] -= paid
    return paid


def found(claim: Dict, year: int, deductible: Decimal, pool: Decimal, coinsurance: Decimal, **more: Any) -> Dict:
    """What every plan says: shares and, beside those given, own expense, what is over a ceiling, and first self-pay."""
    parts = {
        "own_expense": yuan(claim, "own"), "over_ceiling": yuan(claim, "over") - yuan(claim, "by_provider"),
        "first_selfpay": yuan(claim, "first"), "deductible": deductible, "coinsurance": coinsurance, **more.pop("parts", {}),
    }
    return {"year": year, "deductible": deductible, "pool": pool, "parts": parts, **more}


def hengyang(claim: Dict, state: Dict) -> Dict:
    """S148: level 1 and primary care no deductible, 70 %; level 2 200, 60 %; level 3 300, 60 %. S149: within a year at most
    300 of deductible, read as a top-up. S063: by the day of settlement. S066: each year anew, the account goes on. The account
    pays deductible, own share, first self-pay (the plan's choice)."""
    year = claim["settled"].year
    counters = state["years"].setdefault(year, {})
    in_scope = yuan(claim, "in_scope")
    level = "1" if claim.get("medins_type") == "community" else claim["level"]
    so_far = counters.get("deductible", ZERO)
    if level == "1":
        deductible, percent = ZERO, 70
    elif level == "2":
        deductible, percent = min(in_scope, max(ZERO, 200 - so_far)), 60
    else:
        deductible, percent = min(in_scope, max(ZERO, 300 - so_far)), 60
    pool = cents((in_scope - deductible) * percent / 100)
    coinsurance = in_scope - deductible - pool
    add(counters, deductible=deductible, inscp_scp_amt=in_scope, hifp_pay=pool)
    account = pay_from_account(claim, state, deductible + coinsurance + yuan(claim, "first"))
    return found(claim, year, deductible, pool, coinsurance, account=account, ratio=Decimal(percent) / 100,
                 after={f"outpatient.{name}": amount for name, amount in counters.items()})


def hengyang_limits(claim: Dict, state: Dict) -> list[Decimal]:
    paid = state["years"].get(claim["settled"].year, {}).get("deductible", ZERO)
    return [200 - paid, 300 - paid, Decimal(200), Decimal(300)]


KARAMAY = {"1": (20, 80, 300), "2": (40, 70, 800), "3": (90, 60, 1300)}


def karamay(claim: Dict, state: Dict) -> Dict:
    """S116: 20, 40, 90 a visit by level. S117: 80, 70, 60 %. S119: the pool pays at most 300, 800, 1300 a visit. S118: and
    4000 a year to the working, 6000 to the retired. S063: by the day of settlement. Account: not own expense nor over ceiling."""
    year = claim["settled"].year
    counters = state["years"].setdefault(year, {})
    in_scope = yuan(claim, "in_scope")
    first, percent, visit = KARAMAY[claim["level"]]
    deductible = min(in_scope, Decimal(first))
    share = cents((in_scope - deductible) * percent / 100)
    left = (6000 if claim["psn_type"] == "12" else 4000) - counters.get("hifp_pay", ZERO)
    pool = min(share, visit, max(ZERO, left))
    coinsurance = in_scope - deductible - share
    add(counters, deductible=deductible, inscp_scp_amt=in_scope, hifp_pay=pool)
    account = pay_from_account(claim, state, in_scope - pool + yuan(claim, "first"))
    return found(claim, year, deductible, pool, coinsurance, parts={"over_cap": share - pool}, account=account,
                 ratio=Decimal(percent) / 100, after={f"outpatient.{name}": amount for name, amount in counters.items()})


def karamay_limits(claim: Dict, state: Dict) -> list[Decimal]:
    first, percent, visit = KARAMAY[claim["level"]]
    left = 4000 - state["years"].get(claim["settled"].year, {}).get("hifp_pay", ZERO)
    return [Decimal(first), *(cents(first + limit * 100 / Decimal(percent)) for limit in (visit, left, left + 2000))]


def zhengzhou(claim: Dict, state: Dict) -> Dict:
    """S086: a stay 600 (employees), 1200 (residents), half of it from the second admission of the year on. S087: then
    75 % + 0.2 % for each year of age. S062: by the day of discharge. S064 and the plan's choices: a stay that was settled in
    the middle is charged once and is an admission of the year of its first settlement; age on the day of admission."""
    year = claim["end"].year
    counters = state["years"].setdefault(year, {})
    in_scope = yuan(claim, "in_scope")
    if claim["stay"] not in state["stays"]:
        add(counters, admissions=YUAN)
        full = Decimal(600 if claim["insutype"] == "310" else 1200)
        state["stays"][claim["stay"]] = {"due": full if counters["admissions"] == 1 else full / 2}
    stay = state["stays"][claim["stay"]]
    deductible = min(in_scope, stay["due"])
    ratio = min((75 + birthdays(claim["brdy"], claim["day"]) * Decimal("0.2")) / 100, YUAN)
    pool = cents((in_scope - deductible) * ratio)
    coinsurance = in_scope - deductible - pool
    add(counters, deductible=deductible, inscp_scp_amt=in_scope, hifp_pay=pool)
    add(stay, due=-deductible, deductible=deductible, fees=in_scope, paid=pool)
    account = pay_from_account(claim, state, deductible + coinsurance + yuan(claim, "first"))
    return found(claim, year, deductible, pool, coinsurance, account=account, ratio=ratio, stay=stay,
                 after={f"inpatient.{name}": amount for name, amount in counters.items()})


def zhengzhou_limits(claim: Dict, state: Dict) -> list[Decimal]:
    due = state["stays"].get(claim["stay"], {}).get("due", Decimal(600))
    return [due, due / 2, due * 2]


def in_bands(
    start: Decimal, end: Decimal, bands: list[tuple[int, Decimal]], lowered: Callable[[Decimal], Decimal] = lambda of: of
) -> Decimal:
    """What is paid of the yuan from ``start`` to ``end``: each band (from, to] at its own ratio, each rounded."""
    paid, low = ZERO, 0
    for high, ratio in bands:
        inside = max(ZERO, min(end, high) - max(start, low))
        paid, low = paid + cents(inside * lowered(ratio)), high
    return paid


MOST = 10**9
CHRONIC = [(2000, Decimal("0.55")), (8000, Decimal("0.65")), (MOST, Decimal("0.15"))]
STAY = [(10000, Decimal("0.65")), (30000, Decimal("0.75")), (MOST, Decimal("0.805"))]


def chronic(claim: Dict, counters: Dict) -> tuple[Decimal, Decimal, Decimal]:
    """300 in the year first, the poor nothing; bands over the year's fees from zero; in another province 10 points less,
    20 without a filing. Gives the deductible, what the pool would share at home, and what it shares."""
    in_scope = yuan(claim, "in_scope")
    standard = 0 if "71" in claim["identities"] else 300
    deductible = min(in_scope, max(ZERO, standard - counters.get("chronic.deductible", ZERO)))
    before = counters.get("chronic.banded", ZERO)
    points = ZERO if claim["place"] != "other_province" else Decimal("0.10") if claim["filings"] else Decimal("0.20")
    span = before + deductible, before + in_scope
    add(counters, **{"chronic.banded": in_scope})
    return deductible, in_bands(*span, CHRONIC), in_bands(*span, CHRONIC, lambda of: max(ZERO, of - points))


def in_hospital(claim: Dict, stay: Dict) -> tuple[Decimal, Decimal, Decimal]:
    """400 at level 2, 900 at level 3, once a stay; bands over the whole stay behind it; in another province 90 % of
    each band's ratio, 75 % without a filing. Gives the same three amounts."""
    in_scope = yuan(claim, "in_scope")
    deductible = min(in_scope, stay["due"])
    before = stay.get("fees", ZERO) - stay.get("deductible", ZERO)
    factor = YUAN if claim["place"] != "other_province" else Decimal("0.90") if claim["filings"] else Decimal("0.75")
    span = before, before + in_scope - deductible
    return deductible, in_bands(*span, STAY), in_bands(*span, STAY, lambda of: of * factor)


def fourth(claim: Dict, state: Dict) -> Dict:
    """Chronic disease and stays as above; together the pool pays at most 40,000 a year, and what it pays less elsewhere is
    counted behind that. Then critical illness, assistance, account and family."""
    of_stay = claim["med_type"] == "21"
    year = claim["end" if of_stay else "settled"].year
    counters = state["years"].setdefault(year, {})
    in_scope = yuan(claim, "in_scope")
    stay, name = None, "chronic"
    if of_stay:
        name = "inpatient"
        if claim["stay"] not in state["stays"]:
            add(counters, **{"inpatient.admissions": YUAN})
            state["stays"][claim["stay"]] = {"due": Decimal(400 if claim["level"] == "2" else 900)}
        stay = state["stays"][claim["stay"]]
    deductible, share, lower = in_hospital(claim, stay) if stay is not None else chronic(claim, counters)
    room = 40000 - counters.get("cap.both", ZERO)
    pool, at_home = min(lower, room), min(share, room)
    parts = {"deductible": deductible, "coinsurance": in_scope - deductible - share, "over_cap": share - at_home,
             "reduction": at_home - pool}
    add(counters, **{f"{name}.deductible": deductible, f"{name}.inscp_scp_amt": in_scope, f"{name}.hifp_pay": pool, "cap.both": pool})
    if stay is not None:
        add(stay, due=-deductible, deductible=deductible, fees=in_scope, paid=pool)
    critical, assistance = critical_illness(claim, counters, parts), medical_assistance(claim, counters, parts)
    account, wallet = family(claim, state, {**parts, "first_selfpay": yuan(claim, "first")})
    told = found(claim, year, deductible, pool, ZERO, parts=parts, critical=critical, assistance=assistance,
                 reduced=at_home - pool, account=account, wallet=wallet, after=counters)
    return told if stay is None else {**told, "stay": stay}


def critical_illness(claim: Dict, counters: Dict, parts: Dict) -> Decimal:
    """The person's own share of the year above 12,000 (6,000 for the poor and those of low income): to 30,000 60 % (the poor
    70 %), to 60,000 65 %, above 75 %; at most 30,000 a year, the poor 50,000. It pays of the parts in their order."""
    poor, low = "71" in claim["identities"], "72" in claim["identities"]
    threshold = Decimal(6000 if poor or low else 12000)
    before = counters.get("critical.base", ZERO)
    after = before + sum(parts.values())
    bands = [(30000, Decimal("0.70" if poor else "0.60")), (60000, Decimal("0.65")), (MOST, Decimal("0.75"))]
    paid = in_bands(max(before, threshold), max(after, threshold), bands)
    paid = min(paid, max(ZERO, (50000 if poor else 30000) - counters.get("critical.paid", ZERO)))
    add(counters, **{"critical.base": after - before, "critical.paid": paid})
    take(parts, ("deductible", "coinsurance", "over_cap", "reduction"), paid)
    return paid


def medical_assistance(claim: Dict, counters: Dict, parts: Dict) -> Decimal:
    """The poor from the first fen, those of low income above 1,500 a year: 60 % of the first 5,000 of that, then 80 %; at
    most 10,000 a year. What the pool pays less elsewhere is left out; nobody else has a right to it."""
    if not claim["identities"]:
        return ZERO
    threshold = Decimal(0 if "71" in claim["identities"] else 1500)
    before = counters.get("assistance.base", ZERO)
    base = parts["deductible"] + parts["coinsurance"] + parts["over_cap"]
    bands = [(5000, Decimal("0.60")), (MOST, Decimal("0.80"))]
    paid = in_bands(max(before - threshold, ZERO), max(before + base - threshold, ZERO), bands)
    paid = min(paid, 10000 - counters.get("assistance.paid", ZERO))
    add(counters, **{"assistance.base": base, "assistance.paid": paid})
    take(parts, ("deductible", "coinsurance", "over_cap"), paid)
    return paid


def take(parts: Dict, names: tuple[str, ...], paid: Decimal) -> None:
    for name in names:
        taken = min(parts[name], paid)
        parts[name] -= taken
        paid -= taken


def family(claim: Dict, state: Dict, parts: Dict) -> tuple[Decimal, Decimal]:
    """Own account (asked for, or with the family's): deductible, own share, first self-pay. Then, where the family is asked
    for, its purses in bound order: own share, over the cap, reduction, as far as the account left them."""
    if claim["acct_used"] == "0":
        return ZERO, ZERO
    own = min(state["account"], parts["deductible"] + parts["coinsurance"] + parts["first_selfpay"])
    state["account"] -= own
    take(parts, ("deductible", "coinsurance", "first_selfpay"), own)
    left = parts["coinsurance"] + parts["over_cap"] + parts["reduction"] if claim["acct_used"] == "2" else ZERO
    shared = ZERO
    for sharer in state["wallets"]:
        paid = min(left - shared, state["wallets"][sharer])
        state["wallets"][sharer] -= paid
        shared += paid
    return own, shared


def fourth_limits(claim: Dict, state: Dict) -> list[Decimal]:
    counters = state["years"].get(claim["end"].year, {})
    stay = state["stays"].get(claim["stay"], {})
    due, room = stay.get("due", Decimal(400)), 40000 - counters.get("cap.both", ZERO)
    if claim["med_type"] == "14":
        spent, limits = counters.get("chronic.banded", ZERO), (300, 2000, 8000)
    else:
        spent, limits = stay.get("fees", ZERO) - stay.get("deductible", ZERO) - due, (10000, 30000)
    base = counters.get("critical.base", ZERO)
    return [due, cents(room / Decimal("0.65")), *(limit - base for limit in (6000, 12000, 30000)), *(limit - spent for limit in limits)]

# --- Claims -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """A plan under proof: its place, its calculation, the amounts in scope at which something of it turns (yuan), a usual bill
    (fen), what its claims look like, and what must have come out other than zero at least 100 times."""

    insuplc: str
    calculated: Callable[[Dict, Dict], Dict]
    limits: Callable[[Dict, Dict], list[Decimal]]
    usual: int
    looks: dict[str, tuple[Any, ...]]
    seen: tuple[str, ...]


BORN = (date(1944, 2, 29), date(1966, 3, 20), date(1985, 6, 15), date(2010, 12, 31), date(2024, 12, 31), date(1900, 1, 1))
PERSON = ("deductible", "coinsurance", "first_selfpay", "own_expense", "over_ceiling", "acct_pay", "psn_cash_pay", "hosp_part_amt")
CITY = {"med_type": ("11",), "acct_used": ("0", "1", "1", "2"), "place": ("home", "same_province", "other_province"), "insutype": ("310",)}
SUBJECTS = {
    "hengyang": Subject("430400", hengyang, hengyang_limits, 100_000, {
        **CITY, "level": ("1", "2", "2", "3", "3", "4", "9")}, PERSON),
    "karamay": Subject("650200", karamay, karamay_limits, 400_000, {
        **CITY, "level": ("1", "2", "3", "3", "3"), "psn_type": ("11", "12")}, (*PERSON, "over_cap")),
    "zhengzhou": Subject("410100", zhengzhou, zhengzhou_limits, 3_000_000, {
        **CITY, "med_type": ("21",), "insutype": ("310", "390")}, PERSON),
    "fourth": Subject("350200", fourth, fourth_limits, 4_000_000, {
        "med_type": ("14", "21", "21"), "acct_used": ("0", "1", "2", "2"), "insutype": ("390",), "level": ("2", "3"),
        "place": ("home", "other_province"), "filings": ((), ("referral",)),
    }, (*PERSON, "over_cap", "reduction", "reduced_amt", "hifmi_pay", "maf_pay", "acct_mulaid_pay")),
}
OF_A_PERSON = ("insutype", "psn_type")


def sequence(subject: Subject, random: Random) -> Iterator[Dict]:
    """1 to 12 claims of one person over two years, without amounts; stays may be settled in the middle and go on."""
    person = {name: random.choice(subject.looks[name]) for name in OF_A_PERSON if name in subject.looks}
    person["brdy"] = random.choice(BORN) if random.random() < 0.5 else date(1935, 1, 1) + timedelta(random.randrange(32_000))
    held = random.choice([(), (), ("71",), ("72",), ("72", "71")])
    held_from = FIRST_DAY + timedelta(random.choice([0, random.randrange(DAYS)]))
    span = random.choice([DAYS, 150])
    first = FIRST_DAY + timedelta(random.randrange(DAYS - span + 1))
    days = sorted(first + timedelta(random.randrange(span)) for _ in range(random.randint(1, 12)))
    open_: Dict | None = None
    for number, (day, following) in enumerate(zip(days, [*days[1:], date(2027, 1, 20)], strict=True)):
        looks = {name: random.choice(values) for name, values in subject.looks.items() if name not in OF_A_PERSON}
        claim = {**person, **looks, "day": day, "end": day, "stay": f"S{number}", "interim": False}
        if claim["med_type"] == "21":
            if open_ is not None and random.random() < 0.7:
                claim |= {name: open_[name] for name in ("day", "stay", "place", "level") if name in open_}
            claim |= {"end": min(following, day + timedelta(random.randrange(40))), "interim": random.random() < 0.4}
            open_ = claim if claim["interim"] else None
        if claim.get("level") in ("4", "9"):  # other, ungraded: primary care alone has a rule there
            claim["medins_type"] = "community"
        claim["settled"] = claim["end"] + timedelta(random.choice([0, 0, 1, 20]))
        claim["identities"] = held if claim["day"] >= held_from else ()
        if "psn_type" in person and random.random() < 0.1:
            person["psn_type"] = "12"
        yield claim


def amounts(subject: Subject, claim: Dict, state: Dict, random: Random) -> Dict:
    """Amounts in fen: any, a few fen, or what stands exactly at a limit, or a fen beside it."""
    kind = random.random()
    if kind < 0.5:
        in_scope = random.randrange(subject.usual)
    elif kind < 0.6:
        in_scope = random.randrange(random.choice([10, 500, 30_000]))
    else:
        in_scope = max(0, int(random.choice(subject.limits(claim, state)) * 100) + random.choice([-1, 0, 0, 1]))
    over = random.choice([0, 0, random.randrange(10_000)])
    return {"in_scope": in_scope, "own": random.choice([0, random.randrange(20_000)]), "over": over,
            "by_provider": random.choice([0, over, over // 2]), "first": random.choice([0, random.randrange(30_000)])}


def credits(subject: Subject, state: Dict, random: Random) -> None:
    """What was credited before a claim, in yuan."""
    state["account"] += Decimal(random.choice([0, 0, random.randrange(subject.usual // 10)])) / 100
    for sharer in state["wallets"]:
        state["wallets"][sharer] += Decimal(random.choice([0, 0, random.randrange(subject.usual // 10)])) / 100


# --- The engine, and what is compared ---------------------------------------------------------------------------------


def written(subject: Subject, claim: Dict) -> ClaimPriced:
    """The claim as pricing hands it on, of a person insured under the plan."""
    body = priced(**claim, insuplc=subject.insuplc)
    assert body.checked.insured is not None
    insured = altered(body.checked.insured, insuplc_admdvs=subject.insuplc, insutype=claim["insutype"])
    return altered(body, request=altered(body.request, insutype=claim["insutype"]), checked=altered(body.checked, insured=insured))


def decided(book: Book, body: ClaimPriced, view: View) -> tuple[Settled, View]:
    """The engine's verdict, and the state after it."""
    plan = chosen(book, body.checked, body.request)
    assert plan is not None, "no plan is in force"
    keys = keys_of(body.request, body.checked, plan[1])
    verdict = settle(case_of(book, body, plan, keys, view), plan[0], plan[1], Named(book.digest, VERSION))
    after = accumulators.settled(view, keys[0], keys[1] if len(keys) > 1 else None, body.request.insutype, verdict)
    return verdict, View(after.person, {**view.entries, **after.entries})


def fen(amount: Decimal) -> int:
    found = int(amount * 100)
    assert found == amount * 100, f"{amount} is not whole fen"
    return found


def counted(counters: Dict) -> Dict:
    return {name: int(held) if name.endswith("admissions") else fen(held) for name, held in counters.items() if held}


def expected(claim: Dict, calculated: Dict, state: Dict) -> Dict:
    """The calculation under the names of the verdict, in fen."""
    parts = {name: fen(amount) for name, amount in calculated["parts"].items() if amount}
    shares = {name: fen(calculated.get(name, ZERO)) for name in ("pool", "critical", "assistance", "account", "wallet", "reduced")}
    person, purses = sum(parts.values()), shares["account"] + shares["wallet"]
    found = {
        "year": calculated["year"], "age": birthdays(claim["brdy"], claim["day"]),
        "medfee_sumamt": sum(claim[name] for name in ("in_scope", "own", "over", "first")), "inscp_scp_amt": claim["in_scope"],
        "act_pay_dedc": fen(calculated["deductible"]), "hifp_pay": shares["pool"], "hifmi_pay": shares["critical"],
        "maf_pay": shares["assistance"], "cvlserv_pay": 0, "hifes_pay": 0, "hifob_pay": 0, "hifdm_pay": 0, "oth_pay": 0,
        "fund_pay_sumamt": shares["pool"] + shares["critical"] + shares["assistance"],
        "psn_part_amt": person, "psn_parts": parts, "acct_pay": purses, "acct_mulaid_pay": shares["wallet"],
        "psn_cash_pay": person - purses, "hosp_part_amt": claim["by_provider"], "reduced_amt": shares["reduced"],
        "allowance_pay": 0, "after": counted(calculated["after"]), "balance": fen(state["account"]),
        "wallets": {sharer: fen(holds) for sharer, holds in state["wallets"].items()},
    }
    if "ratio" in calculated:
        found["ratio"] = calculated["ratio"]
    if "stay" in calculated:
        stay = {name: fen(calculated["stay"][name]) for name in ("deductible", "fees", "paid", "due")}
        found["stay"] = {**stay, "due": stay["due"] if claim["interim"] else 0}
    return found


def told(verdict: Settled, names: Dict) -> Dict:
    """The same of the engine's verdict."""
    assert verdict.accumulators is not None and verdict.account is not None
    of_verdict = {
        "after": {name: held for name, held in verdict.accumulators.after.items() if held},
        "balance": verdict.account.after["balc"], "wallets": dict(verdict.wallet.after) if verdict.wallet is not None else {},
        "ratio": Decimal(verdict.pool_prop_selfpay) if verdict.pool_prop_selfpay is not None else None,
        "stay": {name: verdict.stay.after.get(name, 0) for name in ("deductible", "fees", "paid", "due")} if verdict.stay else None,
    }
    return {name: of_verdict[name] if name in of_verdict else getattr(verdict, name) for name in names}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    folder: Path = tmp_path_factory.mktemp("rulebook")
    fourth_book = loaded(folder, {PLAN: FOURTH, PLAN.replace("plan.toml", "maps.toml"): MAPS})
    return {name: fourth_book if name == "fourth" else built_in() for name in SUBJECTS}


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_engine_and_the_calculation_give_the_same_fen(books: dict[str, Book], name: str) -> None:
    subject, seen, seed, left = SUBJECTS[name], Counter[str](), 0, CLAIMS
    while left > 0:
        random = Random(seed)
        sharers = ("A", "B") if name == "fourth" else ()
        state: Dict = {"account": ZERO, "wallets": dict.fromkeys(sharers, ZERO), "years": {}, "stays": {}}
        entries: Dict = {}
        for number, claim in enumerate(sequence(subject, random), 1):
            credits(subject, state, random)
            claim |= amounts(subject, claim, state, random)
            purse = Purse(balances={claim["insutype"]: fen(state["account"])})
            purse = purse.with_wallets({sharer: fen(holds) for sharer, holds in state["wallets"].items()})
            verdict, view = decided(books[name], written(subject, claim), View(purse, entries))
            entries = dict(view.entries)
            right = expected(claim, subject.calculated(claim, state), state)
            wrong = {key: (value, right[key]) for key, value in told(verdict, right).items() if value != right[key]}
            assert not wrong, f"{name}, seed {seed}, claim {number}: (engine, calculated) {wrong}; {claim}"
            seen.update(key for key, value in {**right, **right["psn_parts"]}.items() if value)
            left -= 1
        seed += 1
    assert min(seen[key] for key in subject.seen) >= 100, f"too few claims show everything: {seen}"
