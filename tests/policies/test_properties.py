"""What holds for every plan: random plans of all kinds of steps, random claims, random histories of a person.

Each visit of ``Patient`` is checked against laws 1 to 3, written out again in ``tests.policies.lawful``. Whole lives with
reversals: ``test_reversal_cascade.py``.
"""

from copy import copy
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st

from contracts.events.claim import Settled
from contracts.events.reversal import AMOUNTS
from policies.accumulators import stay_key, year_key
from policies.reversal.mirror import MOVEMENTS, check_mirror, mirror_of, taken_from
from policies.settlement.cap import YEARLY
from policies.settlement.period import PERIODS
from policies.settlement.sheet import PARTS, Refusal
from policies.settlement.stays import settled_before
from tests.policies.patient import PLACE, Patient, benefit

MAPS = """
[[map]]
name = "identity"
from = 2000-01-01
source = "T1"
rows = [{ psn_idet_type = "23", is = "poor" }]
"""
INDEX = '[[index]]\nname = "wage"\nfrom = 2000-01-01\nyuan = 81234.56\nsource = "T1"\n'
FUNDS = ("hifmi_pay", "hifob_pay", "hifes_pay", "cvlserv_pay", "hifdm_pay", "maf_pay", "oth_pay")
CONDITIONS = ('level = "3"', 'place = "other_province"', 'age = ">=60"', 'identity = "poor"', 'emergency = "yes"')
NARROWER = ('level = "3", age = ">=60"', 'place = "other_province", identity = "poor"', 'years = ">=5"', 'admission = ">=2"')
"""Conditions that may stand beside a row without any: at most one of each line is drawn, so that no two rows clash."""


NONE = ['"unlimited"']
CAPPED = '"item"\ncatalogue = true'


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@st.composite
def amounts(draw: st.DrawFn, most: int, bounds: bool = False) -> str:
    """Rows of amounts: one for all, and perhaps a more special one, where it ``bounds`` a payment perhaps none."""
    rows = [f"{{ yuan = {draw(values(most))} }}"]
    if draw(st.booleans()):
        rows.append(f"{{ {draw(st.sampled_from(CONDITIONS + NARROWER))}, yuan = {draw(st.one_of(values(most), st.sampled_from(NONE)) if bounds else values(most))} }}")
    return f"[{', '.join(rows)}]"


def values(most: int) -> st.SearchStrategy[str]:
    """Nothing, some yuan, or a share of an index."""
    return st.one_of(st.just("0.00"), st.integers(0, most).map(yuan), st.just('{ share = 0.0123, of = "wage" }'))


def ratios(least: int = 0) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(["0", "1", "0.5", "0.333333"]), st.integers(least, 10_000).map(lambda n: f"{n / 10_000:.4f}"))


@st.composite
def ratio_rows(draw: st.DrawFn) -> str:
    rows = [f"{{ of = {draw(ratios())} }}"]
    if draw(st.booleans()):
        rows.append(f"{{ {draw(st.sampled_from(CONDITIONS + NARROWER))}, of = {draw(ratios())} }}")
    return f"[{', '.join(rows)}]"


@st.composite
def bands(draw: st.DrawFn) -> str:
    bounds = sorted(draw(st.sets(st.integers(1, 2_000_000), max_size=3)))
    rows = [f"{{ upto = {yuan(bound)}, of = {draw(ratios())} }}" for bound in bounds] + [f"{{ of = {draw(ratios())} }}"]
    return f"band = [{', '.join(rows)}]"


def bonus() -> st.SearchStrategy[str]:
    return st.sampled_from(["", '\nbonus = [{ years = ">=5", points = 0.05 }]', '\nbonus = [{ years = ">=2", points = 0.9 }]\nbonus_most = 0.95'])


@st.composite
def deductibles(draw: st.DrawFn, yearly: bool) -> str:
    per = "year" if yearly else draw(st.sampled_from(["visit", "stay", *PERIODS]))
    text = f'"deductible"\nper = "{per}"\namount = ' + (f"[{{ yuan = {draw(values(150_000))} }}]" if yearly else draw(amounts(150_000)))
    if yearly:
        return text
    more = draw(st.sets(st.sampled_from([
        "year_ceiling = 1000.00", 'shared = "all"', 'transfer = "difference"', *(["by_level = true", "by_provider = true"] if per in PERIODS else []),
        'admission = [{ from = 1, factor = 1 }, { from = 2, factor = 0.5 }, { from = 4, factor = 0 }]\nfloor = 50.00',
        'once = { name = "radio", diseases = ["M1"] }'])))
    across = draw(st.sampled_from(["old", "new", "none"]))
    return "\n".join([text, *sorted(more), f'across = "{across}"'])


@st.composite
def areas(draw: st.DrawFn, lowers: bool) -> str:
    mode = "first_selfpay" if not lowers else draw(st.sampled_from(["subtract", "multiply", "first_selfpay"]))
    return f'"out_of_area"\nmode = "{mode}"\nby = {draw(ratio_rows())}'


@st.composite
def sharing(draw: st.DrawFn, yearly: bool) -> str:
    kind = draw(st.sampled_from(["ratio", "linear", "bands"] if yearly else ["ratio", "linear", "bands", "fixed"]))
    if kind == "fixed":
        mode = draw(st.sampled_from(["ceiling", "fixed"]))
        return f'"fixed"\nmode = "{mode}"\namount = {draw(amounts(500_000))}\nmore_a_child = {draw(st.sampled_from(["0.00", "100.00"]))}'
    if kind == "linear":
        return f'"ratio"\nlinear = {{ start = {draw(ratios())}, per_year = 0.002, most = 1 }}{draw(bonus())}'
    if kind == "ratio":
        return f'"ratio"\nratio = {draw(ratio_rows())}{draw(bonus())}'
    measured, counted = draw(st.sampled_from(["fees", "payments"])), draw(st.sampled_from(["zero", "deductible"]))
    continues = "year" if yearly else draw(st.sampled_from(["visit", "stay", "year"]))
    return f'"bands"\n{draw(bands())}\nmeasured = "{measured}"\ncounted_from = "{counted}"\ncontinues = "{continues}"{draw(bonus())}'


@st.composite
def caps(draw: st.DrawFn, counts: str, yearly: bool) -> str:
    per = "year" if yearly else draw(st.sampled_from(["visit", *PERIODS, "disease", "bed_day"]))
    shared = draw(st.sampled_from(["", f'\nshared = "{counts}"'])) if per in YEARLY else ""
    shared += draw(st.sampled_from(["", "\nby_disease = true"])) if per in ("quarter", "month") else ""
    if per in PERIODS and "by_disease" not in shared:
        shared += draw(st.sampled_from(["", "\nmore_a_disease = 123.45"]))
    if counts == "payments" and not yearly:  # of a fen at a low ratio the fees are many
        shared += draw(st.sampled_from(["", '\nabove = "fees"']))
    rows = f"[{{ yuan = {draw(values(250_000))} }}]" if yearly else draw(amounts(250_000, True))
    return f'"cap"\nper = "{per}"\ncounts = "{counts}"\namount = {rows}{shared}'


@st.composite
def supplements(draw: st.DrawFn, number: int, yearly: bool) -> str:
    of = draw(st.lists(st.sampled_from(PARTS), min_size=1, unique=True))
    per = "year" if yearly else draw(st.sampled_from(["visit", "year"]))
    text = f'"supplement"\nname = "s{number}"\nfund = "{draw(st.sampled_from(FUNDS))}"\nof = {list(of)}\nper = "{per}"\n{draw(bands())}'
    text += f'\ncounted_from = "{draw(st.sampled_from(["zero", "threshold"]))}"'
    text += draw(st.sampled_from(["", '\nthreshold = [{ yuan = 500.00 }]', '\nthreshold = [{ yuan = 500.00 }, { identity = "poor", yuan = 100.00 }]']))
    if draw(st.booleans()):
        some = draw(st.sampled_from(["", ', { identity = "poor", yuan = "unlimited" }']))
        text += f"\ncap = [{{ yuan = {draw(values(300_000))} }}{some}]"
        if not yearly:
            text += draw(st.sampled_from(["", '\ncap_bonus = [{ earned_by = "zero_claim", yuan = 100.00, most = 250.00 }, '
                                              '{ earned_by = "continuous", yuan = 38.00, after = 4, most = 380.00 }]']))
    return text + draw(bonus()) + draw(st.sampled_from(["", '\nwhen = { identity = "poor" }']))


@st.composite
def guarantees(draw: st.DrawFn, fund: str = "hifp_pay") -> str:
    known = PARTS if fund != "hifp_pay" else tuple(part for part in PARTS if part not in ("deductible", "reduction"))
    pays = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
    costs, counted = draw(st.sampled_from(["total", "in_scope"])), draw(st.sampled_from(["zero", "deductible"]))
    return f'"guarantee"\ncosts = "{costs}"\ncounted_from = "{counted}"\nfund = "{fund}"\nratio = {draw(ratio_rows())}\npays = {list(pays)}'


@st.composite
def plans(draw: st.DrawFn, yearly: bool = False, lines: bool = True) -> tuple[str, ...]:
    """The steps of a benefit in an order that the reader allows. ``yearly``: what counts, counts over the year."""
    first, shares = list[str](), [draw(sharing(yearly))]
    if draw(st.booleans()):
        first.append(draw(deductibles(yearly)))
    if draw(st.booleans()):
        first.append(draw(areas(not yearly and not shares[0].startswith('"fixed"'))))
    if lines and not yearly:
        first += draw(st.lists(st.sampled_from([
            CAPPED, '"item"\nratio = [{ class = "02", of = 0.55 }]\ncapped = false',
            '"exclude"\nlines = [{ prescription = "no", out = true }]']), max_size=2, unique=True))
    first = draw(st.permutations(first))
    before = [draw(caps(counts, yearly)) for counts in draw(st.sets(st.sampled_from(["fees", "gross_fees"])))]
    if before:  # caps on fees count a capped item that stands behind them
        before += [one for one in first if one == CAPPED]
        first = [one for one in first if one != CAPPED]
    behind = [draw(caps("payments", yearly)) for _ in range(draw(st.integers(0, 2)))]
    later = [draw(supplements(number, yearly)) for number in range(draw(st.integers(0, 3)))]
    if not yearly:  # a guarantee looks at one visit
        shares += draw(st.lists(guarantees(), max_size=1))
        later = draw(st.permutations([*later, *draw(st.lists(guarantees("maf_pay"), max_size=1))]))
    purses = draw(st.lists(st.sampled_from([
        f'"account"\npays = {list(PARTS)}\nwith_family = true', '"account"\npays = ["coinsurance", "deductible"]',
        f'"wallet"\npays = {list(PARTS)}', '"wallet"\npays = ["over_cap", "coinsurance"]']), max_size=3))
    return (*first, *before, *shares, *behind, *later, *purses)


FEN = st.one_of(st.integers(0, 20), st.integers(0, 2_000_000))


@st.composite
def bills(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Fee lines, some of them refunded in whole."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        row = {name: draw(FEN) for name in ("in_scope", "own", "over", "first")}
        row |= {"by_provider": draw(st.sampled_from([0, 0, row["over"]])), "class_": draw(st.sampled_from(["01", "02"])),
                "direct": draw(st.sampled_from([None, "0.6", "1"])), "prescription": draw(st.booleans())}
        found.append(row)
        if draw(st.integers(0, 5)) == 0:
            found.append({name: -value if isinstance(value, int) and not isinstance(value, bool) else value for name, value in row.items()})
    return found


@st.composite
def visits(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {
        "lines": draw(bills()), "level": draw(st.sampled_from("123")), "place": draw(st.sampled_from(["home", "other_province"])),
        "acct_used": draw(st.sampled_from("012")), "identities": draw(st.sampled_from([(), ("2301",)])), "dise_codg": draw(st.sampled_from(["M1", "M2"])),
        "approved": dict.fromkeys(draw(st.sets(st.sampled_from(["M1", "M2", "M3"])))),
        "otp_er_refl_flag": draw(st.sampled_from([None, "1"])), "ipt_type": draw(st.sampled_from("123")),
        "fetus_cnt": draw(st.sampled_from([None, 1, 2])), "insured_since": draw(st.sampled_from(["2025-01-01", "2020-01-01", "2004-01-01"])),
        "zero_clm_years": draw(st.integers(0, 4)), "provider": draw(st.sampled_from(["H1", "H2"])),
    }
    day, days = draw(st.sampled_from(["2025-12-28", "2026-01-01", "2026-03-05", "2026-04-02"])), draw(st.integers(0, 30))
    if draw(st.booleans()):
        found |= {"med_type": "21", "stay": draw(st.sampled_from("AB")), "interim": draw(st.booleans()), "end": date.fromisoformat(day) + timedelta(days)}
    return found | {"day": day}


def possible(person: Patient, visit: dict[str, Any]) -> dict[str, Any]:
    """The visit; a stay that was settled for good is another one, with a name of its own."""
    key = stay_key(visit["provider"], visit.get("stay", ""))
    return {**visit, "stay": f"{visit['stay']}{len(person.entries)}"} if settled_before(person.entries.get(key, {})) else visit


@st.composite
def persons(draw: st.DrawFn, **kind: bool) -> Patient:
    wallets = draw(st.dictionaries(st.sampled_from("AB"), FEN))
    head = draw(st.sampled_from([
        "", 'admissions = { interim = "new" }', "admissions = { transfer = false, cross_year = true, days = 20 }", 'year_by = "begndate"']))
    return Patient(
        *draw(plans(**kind)), head=head, maps=MAPS, indexes=INDEX, balance=draw(FEN), wallets=wallets,
        brdy=draw(st.sampled_from(["1950-06-15", "1980-06-15", "2025-12-01"])))


# --- every plan ---------------------------------------------------------------------------------------------------------

@settings(max_examples=250)
@given(st.data())
def test_the_laws_hold_and_no_step_pays_more_than_its_base(data: st.DataObject) -> None:
    person = data.draw(persons())
    for _ in range(data.draw(st.integers(1, 5))):
        settled = person.visit(**possible(person, data.draw(visits())))
        steps_pay_within_their_bases(settled)
        nothing_is_paid_back(settled)
        assert Settled.model_validate_json(settled.model_dump_json()) == settled  # whoever reads it finds it valid


@settings(max_examples=100)
@given(st.data())
def test_taken_back_last_first_each_visit_leaves_the_year_as_it_was(data: st.DataObject) -> None:
    """The mirror of every kind of step: nothing is left of the years, and all amounts add up to nothing."""
    person = data.draw(persons())
    verdicts = [person.visit(**possible(person, data.draw(visits()))) for _ in range(data.draw(st.integers(1, 4)))]
    years = {name: dict(entry) for name, entry in person.entries.items() if name.startswith("year:")}
    for settled in reversed(verdicts):
        key = year_key(settled.year or 0, PLACE, "310")
        back = {name: taken_from(getattr(settled, name).after, getattr(settled, name)) if getattr(settled, name) else None for name in MOVEMENTS}
        back["accumulators"] = taken_from(years[key], settled.accumulators)
        mirror = mirror_of(settled, back)
        check_mirror(mirror, settled)
        years[key] = dict(back["accumulators"].after)
        assert all(getattr(settled, name) + getattr(mirror, name) == 0 for name in AMOUNTS)
    assert not any(years.values())


def steps_pay_within_their_bases(settled: Settled) -> None:
    """A step pays at most what went in, and a later fund at most what the person still bears before it."""
    assert all(0 <= one.amount <= one.base for one in settled.steps if one.kind != "fixed")
    assert all(one.amount >= 0 for one in settled.steps)
    left = settled.medfee_sumamt - settled.hosp_part_amt - settled.hifp_pay
    paid: dict[str, int] = {}
    for one in settled.steps:
        if one.kind == "supplement":
            paid[one.rule] = paid.get(one.rule, 0) + one.amount
        elif one.kind == "guarantee" and "fund" in one.facts or one.kind == "supplement_cap":
            paid[one.rule] = one.amount
    assert sum(paid.values()) == settled.fund_pay_sumamt - settled.hifp_pay <= left
    assert settled.accumulators is not None
    moved = settled.accumulators.movement
    for name in {name for name in moved if name.endswith(".paid")}:
        assert moved[name] <= moved.get(name.replace(".paid", ".base"), 0)


def nothing_is_paid_back(settled: Settled) -> None:
    assert settled.accumulators is not None
    assert all(amount >= 0 for name, amount in settled.accumulators.movement.items() if ".last_" not in name)
    assert settled.account is not None and settled.account.movement.get("balc", 0) <= 0


@settings(max_examples=100)
@given(st.data())
def test_what_was_paid_elsewhere_stands_or_is_refused(data: st.DataObject) -> None:
    person = data.draw(persons())
    names = data.draw(st.sets(st.sampled_from(["hifp_pay", *FUNDS]), min_size=1))
    prior = {name: data.draw(st.integers(0, 50_000)) for name in names} | ({"act_pay_dedc": 100} if "hifp_pay" in names else {})
    try:
        settled = person.visit(**data.draw(visits()), prior=prior)
    except Refusal as refused:
        assert refused.code == "prior_too_much"
        return
    if "hifp_pay" in prior:
        assert (settled.hifp_pay, settled.act_pay_dedc) == (prior["hifp_pay"], 100)
    assert all(getattr(settled, name) >= prior[name] for name in names if name != "hifp_pay")
    nothing_is_paid_back(settled)


@settings(max_examples=120)
@given(st.data())
def test_a_pool_stated_as_it_is_decided_here_comes_out_alike(data: st.DataObject) -> None:
    """Accumulators, the stay, causes, later funds and purses: all but the steps that are written, and what a fixed sum allows."""
    person = data.draw(persons())
    for _ in range(data.draw(st.integers(0, 2))):
        person.visit(**possible(person, data.draw(visits())))
    visit = possible(person, data.draw(visits()))
    here = copy(person).visit(**visit)
    there = copy(person).visit(**visit, prior={"act_pay_dedc": here.act_pay_dedc, "hifp_pay": here.hifp_pay})
    for name in {*MOVEMENTS, *AMOUNTS, "psn_parts"} - {"allowance_pay"}:
        assert getattr(there, name) == getattr(here, name), name


@settings(max_examples=120)
@given(st.data())
def test_a_higher_fee_never_gives_a_lower_payment_by_the_pool(data: st.DataObject) -> None:
    """The plan is monotone where no step looks at single lines: what is shared grows with the fee, and no ratio is negative."""
    person = data.draw(persons(lines=False))
    for _ in range(data.draw(st.integers(0, 2))):
        person.visit(**possible(person, data.draw(visits())))
    visit = {**possible(person, data.draw(visits())), "lines": ()}
    fee, more = data.draw(FEN), data.draw(FEN)
    low, high = copy(person).visit(fee, **visit), copy(person).visit(fee + more, **visit)
    assert low.hifp_pay <= high.hifp_pay and low.act_pay_dedc <= high.act_pay_dedc


@settings(max_examples=150)
@given(st.data())
def test_a_claim_split_in_two_on_one_day_comes_to_the_same(data: st.DataObject) -> None:
    """Where everything counts over the year; within one fen a step, for each step rounds once.

    A lower ratio out of area is left out: what it takes away is counted under the cap as it stands at each visit, so that two
    visits may call "reduction" what one visit calls "over the cap".
    """
    person = data.draw(persons(yearly=True))
    person.visit(data.draw(FEN))
    first, second = data.draw(FEN), data.draw(FEN)
    whole = copy(person)
    at_once = [whole.visit(first + second)]
    parts = [person.visit(first), person.visit(second)]
    allowed = sum(len(settled.steps) for settled in (*at_once, *parts))
    for name in ("hifp_pay", *FUNDS, "psn_part_amt", "act_pay_dedc", "reduced_amt"):
        assert abs(sum(getattr(one, name) for one in at_once) - sum(getattr(one, name) for one in parts)) <= allowed, name


@settings(max_examples=50)
@given(st.data())
def test_the_same_claim_on_the_same_state_gives_the_same_verdict(data: st.DataObject) -> None:
    person = data.draw(persons())
    person.visit(**possible(person, data.draw(visits())))
    visit = possible(person, data.draw(visits()))
    assert copy(person).visit(**visit) == copy(person).visit(**visit)


def test_the_random_plans_reach_every_kind_of_step() -> None:
    """What the strategies draw is read by the rulebook's own reader: one plan with every kind at once."""
    steps = ('"exclude"\nlines = [{ prescription = "no", out = true }]', '"item"\ncatalogue = true\ncapped = false',
             '"deductible"\nper = "visit"\namount = [{ yuan = 1.00 }]', '"out_of_area"\nmode = "subtract"\nby = [{ of = 0.1 }]',
             '"cap"\nper = "visit"\ncounts = "fees"\namount = [{ yuan = 90.00 }]', '"bands"\nband = [{ of = 0.5 }]',
             '"cap"\nper = "visit"\namount = [{ yuan = 30.00 }]', '"supplement"\nname = "s"\nfund = "maf_pay"\nof = ["coinsurance"]\nper = "visit"\nband = [{ of = 0.5 }]',
             f'"account"\npays = {list(PARTS)}', f'"wallet"\npays = {list(PARTS)}')
    found = Patient(*steps, balance=1_000).visit(lines=[{"in_scope": 10_000}, {"in_scope": 1_000, "prescription": False}], acct_used="1")
    assert {one.kind for one in found.steps} == {
        "scope", "exclude", "deductible", "out_of_area", "cap", "bands", "reduction", "supplement", "account", "wallet", "cash"}
    assert benefit(*steps).count("[[benefit.step]]") == len(steps)
