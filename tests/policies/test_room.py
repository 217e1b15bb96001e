"""What the year's limits leave, from the accumulators alone; all amounts in fen."""

from pathlib import Path

import pytest

from policies.book import Book
from policies.room import Room, rooms
from tests.policies.rulebooks import FILES, PLAN, loaded

HEAD = FILES[PLAN].partition("[[benefit.step]]")[0]
RATIO = '[[benefit.step]]\nkind = "ratio"\nsource = "T1"\nratio = [{ of = 0.80 }]\n'


def left(book: Book, state: dict[str, int], place: str = "350200", year: int = 2025, **codes: str) -> dict[str, tuple[int, int]]:
    """By kind and condition: used, left."""
    return {_name(room): (room.used, room.left) for room in rooms(book, place, "310", year, state, codes)}


def _name(room: Room) -> str:
    return " ".join(part for part in (room.kind, room.of, room.disease or "", str(room.row or "")) if part)


def small(folder: Path, steps: str, then: str = "") -> Book:
    return loaded(folder, {PLAN: f"{HEAD}{steps}{then}"})


def test_the_cap_of_a_year_by_the_status_of_the_person(book: Book) -> None:
    """S118: 4,000 a year for the working, 6,000 for the retired; 1,500 are paid."""
    state = {"outpatient.hifp_pay": 150_000}
    working = left(book, state, "650200", psn_type="11")
    assert working["cap outpatient status=working"] == (150_000, 250_000) and "cap outpatient status=retired" not in working
    assert left(book, state, "650200", psn_type="12")["cap outpatient status=retired"] == (150_000, 450_000)


def test_both_values_where_nothing_is_known_of_the_person(book: Book) -> None:
    told = left(book, {}, "650200")
    assert told["cap outpatient status=working"] == (0, 400_000) and told["cap outpatient status=retired"] == (0, 600_000)


def test_the_ceiling_of_deductibles(book: Book) -> None:
    """S149: at most 300 a year; 200 are paid."""
    assert left(book, {"outpatient.deductible": 20_000}, "430400", psn_type="11")["year_ceiling outpatient"] == (20_000, 10_000)


def test_a_deductible_of_the_year_by_level_and_a_limit_used_up(tmp_path: Path) -> None:
    deductible = (
        '[[benefit.step]]\nkind = "deductible"\nper = "year"\nsource = "T1"\n'
        'amount = [{ level = "2", yuan = 600.00 }, { level = "3", yuan = 800.00 }]\n')
    told = left(small(tmp_path, deductible + RATIO), {"inpatient.deductible": 70_000})
    assert told == {"deductible inpatient level=2": (70_000, 0), "deductible inpatient level=3": (70_000, 10_000)}


def test_a_deductible_that_each_level_counts_for_itself(tmp_path: Path) -> None:
    deductible = (
        '[[benefit.step]]\nkind = "deductible"\nper = "year"\nby_level = true\nsource = "T1"\n'
        'amount = [{ level = "2", yuan = 600.00 }, { level = "3", yuan = 800.00 }]\n')
    told = left(small(tmp_path, deductible + RATIO), {"inpatient.deductible": 70_000, "inpatient.deductible.3": 70_000})
    assert told == {"deductible inpatient level=2": (0, 60_000), "deductible inpatient level=3": (70_000, 10_000)}


def test_limits_of_months_and_of_providers(tmp_path: Path) -> None:
    """Of what was counted: 100 a month at each provider, 60 of them paid at H1 in March, 100 at H2 in April; at most 500 a quarter of
    each disease and 2,000 in all, 120 and 120 of them counted for M1 in the first quarter. Years and diseases alone are others'."""
    steps = (
        '[[benefit.step]]\nkind = "deductible"\nper = "month"\nby_provider = true\nsource = "T1"\namount = [{ yuan = 100.00 }]\n' + RATIO +
        '[[benefit.step]]\nkind = "cap"\nper = "quarter"\nby_disease = true\nshared = "c"\nsource = "T1"\namount = [{ disease = "M1", yuan = 500.00 }, { yuan = 400.00 }]\n'
        '[[benefit.step]]\nkind = "cap"\nper = "quarter"\nshared = "c"\nsource = "T1"\namount = [{ yuan = 2000.00 }]\n')
    state = {"inpatient.deductible": 16_000, "inpatient.deductible.H1#m03": 6_000, "inpatient.deductible.H2#m04": 10_000,
             "cap.c": 12_000, "cap.c#q1": 12_000, "cap.c.M1": 12_000, "cap.c.M1#q1": 12_000, "cap.c.M1#m03": 12_000}
    found = [*rooms(small(tmp_path, steps), "350200", "310", 2025, state, {})]
    assert [(one.kind, one.provider, one.disease, one.period, one.limit, one.used) for one in found] == [
        ("deductible", "H1", None, "m03", 10_000, 6_000), ("deductible", "H2", None, "m04", 10_000, 10_000),
        ("cap", None, "M1", "q1", 50_000, 12_000), ("cap", None, None, "q1", 200_000, 12_000)]


@pytest.mark.parametrize(("per", "at", "others"), [("month", "#m03", ["", "#q1"]), ("quarter", "#q1", ["", "#m03"]), ("year", "", ["#m03", "#q1"])])
def test_a_deductible_of_levels_and_providers_knows_its_own(tmp_path: Path, per: str, at: str, others: list[str]) -> None:
    """200 at level 2, 300 at level 3, at each hospital. What counts over other times, apart otherwise, or of another benefit is not its."""
    steps = f'[[benefit.step]]\nkind = "deductible"\nper = "{per}"\nby_level = true\nby_provider = true\nsource = "T1"\n' \
        'amount = [{ level = "2", yuan = 200.00 }, { level = "3", yuan = 300.00 }]\n' + RATIO
    own = {f"inpatient.deductible.3.H1{at}": 10_000, f"inpatient.deductible.2.H2{at}": 5_000}
    state = own | {f"inpatient.deductible.3.H1{other}": 1 for other in others} | {
        f"{name}{at}": 1 for name in ("inpatient.deductible", "inpatient.deductible.3", "inpatient.deductible.H1", "outpatient.deductible.H1")}
    found = [*rooms(small(tmp_path, steps), "350200", "310", 2025, state, {})]
    assert [(one.provider, one.period, one.limit, one.used) for one in found] == [
        ("H2", at[1:] or None, 20_000, 5_000), ("H1", at[1:] or None, 30_000, 10_000)]


def test_a_deductible_of_providers_is_nothing_that_others_count(tmp_path: Path) -> None:
    steps = '[[benefit.step]]\nkind = "deductible"\nper = "year"\nby_provider = true\nsource = "T1"\namount = [{ yuan = 200.00 }]\n' + RATIO
    state = {"inpatient.deductible": 8_000, "inpatient.deductible.H1": 8_000, "inpatient.hifp_pay": 1, "critical.base": 1}
    found = [*rooms(small(tmp_path, steps), "350200", "310", 2025, state, {})]
    assert [(one.provider, one.limit, one.used) for one in found] == [("H1", 20_000, 8_000)]


def test_caps_that_are_shared_or_by_disease_and_the_cap_of_a_supplement(tmp_path: Path) -> None:
    steps = RATIO + (
        '[[benefit.step]]\nkind = "cap"\nper = "year"\nshared = "chronic"\nsource = "T1"\namount = [{ yuan = 5000.00 }]\n'
        '[[benefit.step]]\nkind = "cap"\nper = "disease"\nsource = "T1"\namount = [{ disease = "M1", yuan = 2000.00 }, { yuan = 900.00 }]\n')
    then = (
        '[[then]]\nkind = "supplement"\nname = "critical"\nfund = "hifmi_pay"\nof = ["coinsurance"]\nper = "year"\nsource = "T1"\n'
        'band = [{ of = 0.60 }]\ncap = [{ yuan = 300000.00 }]\n')
    state = {"cap.chronic": 120_000, "cap.inpatient.payments.M1": 50_000, "cap.inpatient.payments.M2": 50_000, "critical.paid": 1_000_000}
    assert left(small(tmp_path, steps, then), state) == {
        "cap chronic always": (120_000, 380_000), "cap inpatient M1 disease=M1": (50_000, 150_000),
        "cap inpatient M2 always": (50_000, 40_000), "cap critical always": (1_000_000, 29_000_000),
    }


@pytest.mark.parametrize("more", ["", "#m03"])
def test_what_a_benefit_of_the_same_name_counts_is_none_of_a_disease(tmp_path: Path, more: str) -> None:
    """``cap.inpatient.M1`` is of the shared name; what the benefit's own caps count has the same beginning."""
    per = 'per = "month"\nby_disease = true' if more else 'per = "disease"'
    steps = RATIO + f'[[benefit.step]]\nkind = "cap"\n{per}\nshared = "inpatient"\nsource = "T1"\namount = [{{ yuan = 900.00 }}]\n'
    state = {f"cap.inpatient{name}{more}": 10_000 for name in (".M1", ".E11.900", ".fees", ".gross_fees", ".payments.M1")}
    found = [*rooms(small(tmp_path, steps), "350200", "310", 2025, state, {})]
    assert [(one.disease, one.used) for one in found] == [("E11.900", 10_000), ("M1", 10_000)]


def test_the_version_of_the_year_counts(tmp_path: Path) -> None:
    def plan(limit: str) -> str:
        return f'{HEAD}{RATIO}[[benefit.step]]\nkind = "cap"\nper = "year"\nsource = "T1"\namount = [{{ yuan = {limit} }}]\n'

    first = plan("1000.00").replace("from = 2020-01-01", "from = 2020-01-01\nuntil = 2024-12-31")
    book = loaded(tmp_path, {PLAN: first, PLAN.replace("plan", "later"): plan("2000.00").replace("2020-01-01", "2025-01-01")})
    assert [left(book, {}, year=year) for year in (2019, 2024, 2025)] == [
        {}, {"cap inpatient always": (0, 100_000)}, {"cap inpatient always": (0, 200_000)}]


def test_who_has_no_limit_has_no_room(tmp_path: Path) -> None:
    cap = '[[benefit.step]]\nkind = "cap"\nper = "year"\nsource = "T1"\namount = [{ yuan = 500.00 }, { status = "retired", yuan = "unlimited" }]\n'
    book = small(tmp_path, RATIO + cap)
    assert left(book, {"inpatient.hifp_pay": 20_000}, psn_type="11") == {"cap inpatient always": (20_000, 30_000)}
    assert left(book, {"inpatient.hifp_pay": 20_000}, psn_type="12") == {}
