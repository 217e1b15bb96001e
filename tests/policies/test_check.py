"""``rules check``: what a rulebook that can be loaded still lacks is named with file, key, date and what to do."""

from pathlib import Path

import pytest

from policies.book import BUILT_IN, load
from policies.cases import load_cases
from policies.check import forgotten, never, problems, unused
from tests.policies.rulebooks import FILES, PLAN, changed, written

CASES = "regions/350200-xiamen/plan.cases.toml"
SECOND = "regions/350200-xiamen/second.toml"
IDENTITY = '''
[[map]]
name = "identity"
from = 2020-01-01
source = "T1"
rows = [{ psn_idet_type = "71", is = "poor" }]
'''
MAPS = "regions/350200-xiamen/maps.toml"
GOOD = """
[defaults]
insuplc = "350200"
insutype = "310"
med_type = "21"
where = "home"
psn_type = "11"
brdy = 1980-01-01
begndate = 2020-05-01
hosp_lv = "2"

[[case]]
name = "level 2"
why = "(1500.00 - 500) x 92% = 920.00; cash 580.00"
level = "2"
in_scope = 1500.00
expect = { deductible = 500.00, pool = 920.00, account = 0.00, cash = 580.00 }

[[case]]
name = "level 3"
why = "(2000.00 - 1000) x 90% = 900.00; cash 1100.00"
level = "3"
in_scope = 2000.00
expect = { deductible = 1000.00, pool = 900.00, account = 0.00, cash = 1100.00 }
"""
LAST = GOOD.index("[[case]]\nname = \"level 3\"")


def found(folder: Path, files: dict[str, str]) -> list[str]:
    written(folder, {CASES: GOOD} | files)
    return problems(load(folder), load_cases(folder))


def until(day: str, *, then: str, plan: str = FILES[PLAN]) -> dict[str, str]:
    """The plan until ``day``, and a version of it from ``then`` on, with the cases of the first."""
    first = FILES[PLAN].replace("from = 2020-01-01", f"from = 2020-01-01\nuntil = {day}")
    return {PLAN: first, SECOND: plan.replace("from = 2020-01-01", f"from = {then}"), SECOND.replace(".toml", ".cases.toml"): again(then)}


def again(then: str) -> str:
    return GOOD.replace("2020-05-01", f"{then[:4]}-12-31")


def test_a_rulebook_whose_cases_hold_and_use_every_row_is_right(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == []


def test_versions_that_follow_each_other_leave_no_gap(tmp_path: Path) -> None:
    assert found(tmp_path, until("2024-12-31", then="2025-01-01")) == []


def test_days_between_two_versions_are_a_gap(tmp_path: Path) -> None:
    told = found(tmp_path, until("2024-11-30", then="2025-01-01"))
    assert told == [
        f"{PLAN}: plan: until: nothing holds for care inpatient at {place} from 2024-12-01 to 2024-12-31; "
        "let 350200-xiamen/plan end, or 350200-xiamen/second begin, on another day"
        for place in ("home", "other_province", "same_province")
    ]


@pytest.mark.parametrize(("date", "gap"), [("begndate", True), ("enddate", False), ("setl_date", False)])
def test_a_version_that_goes_by_an_earlier_date_leaves_claims_over_the_change(tmp_path: Path, date: str, gap: bool) -> None:
    """Discharged in 2025 after an admission in 2024: not of the first version by its discharge, nor of the second by its admission."""
    second = FILES[PLAN].replace('dated_by = "enddate"', f'dated_by = "{date}"')
    assert found(tmp_path, until("2024-12-31", then="2025-01-01", plan=second)) == [
        f"{SECOND}: benefit: dated_by: nothing holds for care inpatient at {place} with begndate before 2025-01-01 and enddate from that "
        "day on; let both versions go by one date, or this one by a later one"
        for place in ("home", "other_province", "same_province") if gap]


def test_a_place_that_a_later_version_forgets_is_a_gap(tmp_path: Path) -> None:
    home_only = FILES[PLAN].replace('dated_by = "enddate"', 'dated_by = "enddate"\nwhere = ["home", "same_province"]')
    told = found(tmp_path, until("2024-12-31", then="2025-01-01", plan=home_only))
    assert told == [
        f"{SECOND}: benefit: care inpatient at other_province is paid by 350200-xiamen/plan until 2024-12-31, and by no version "
        "from 2025-01-01 on; add it, or a benefit that pays 0 with the source that ends it"]


@pytest.mark.parametrize(("rows", "hole"), [
    ('{ age = "<60", yuan = 500.00 }, { age = ">=61", yuan = 400.00 }', "age 60, between two that do (for example age=60)"),
    ('{ level = "3", age = "[18,60)", yuan = 1.00 }, { level = "3", age = "(60,70]", yuan = 2.00 }, { level = "2", yuan = 3.00 }',
     "age 60, between two that do (for example age=60, level=3)"),
    ('{ admission = 1, yuan = 500.00 }, { admission = ">=4", yuan = 100.00 }', "admission [2,3], between two that do (for example admission=2)"),
    ('{ age = "<60", yuan = 500.00 }, { age = ">=61", yuan = 400.00 }, { yuan = 450.00 }', None),
    ('{ age = "[18,60)", yuan = 500.00 }, { age = ">=60", yuan = 400.00 }', None),
    ('{ age = "<60", yuan = 500.00 }, { age = ">=61", level = "3", yuan = 400.00 }', None),
])
def test_a_number_between_two_rows_is_a_gap(tmp_path: Path, rows: str, hole: str | None) -> None:
    deductible = FILES[PLAN].replace('{ level = "2", yuan = 500.00 }, { level = "3", yuan = 1000.00 }', rows)
    told = [*forgotten(load(written(tmp_path, {PLAN: deductible})))]
    assert told == ([] if hole is None else [
        f"{PLAN}: inpatient: step[1]: amount: no row holds for {hole}; widen one of them, or add a row"])


@pytest.mark.parametrize(("old", "new", "maps", "told"), [
    ('{ level = "2", yuan = 500.00 }', '{ level = ["2", "community"], yuan = 500.00 }', "", "inpatient: step[1]: amount: level 'community'"),
    ('{ level = "2", yuan = 500.00 }', '{ level = "2", yuan = 500.00 }, { level = "2", identity = "poor", yuan = 0.00 }', "",
     "inpatient: step[1]: amount: identity 'poor'"),
    ('{ level = "2", yuan = 500.00 }', '{ level = "2", yuan = 500.00 }, { level = "2", identity = "poor", yuan = 0.00 }', IDENTITY, None),
    ('{ level = "2", yuan = 500.00 }', '{ level = "2", yuan = 500.00 }, { level = "2", disease = "M01", yuan = 0.00 }', "", None),
    ('care = ["inpatient"]', 'care = ["inpatient", "home_bed"]', "", "benefit inpatient: care 'home_bed'"),
])
def test_a_name_that_no_map_gives(tmp_path: Path, old: str, new: str, maps: str, told: str | None) -> None:
    """A code of a disease is its own name where the place has no map of diseases."""
    files = changed(PLAN, old, new) | ({MAPS: maps} if maps else {})
    assert [*never(load(written(tmp_path, files)))] == ([] if told is None else [
        f"{PLAN}: {told} is given by no map of 350200, so it never applies; add it to {MAPS}, or remove it"])


def test_a_plan_that_ended_for_good_is_no_gap(tmp_path: Path) -> None:
    assert found(tmp_path, changed(PLAN, "from = 2020-01-01", "from = 2020-01-01\nuntil = 2024-12-31")) == []


def test_a_case_that_fails(tmp_path: Path) -> None:
    told = found(tmp_path, {CASES: GOOD.replace("pool = 920.00", "pool = 919.99")})
    assert told == [f"{CASES}: level 2: visit 1: hifp_pay is 92000, the case says 91999; work it out again, then correct the case or the rule"]


def test_a_case_that_is_refused_unawares(tmp_path: Path) -> None:
    told = found(tmp_path, {CASES: GOOD + GOOD[LAST:].replace('level 3"', 'level 9"').replace('level = "3"', 'level = "9"')})
    assert told == [
        f"{CASES}: level 9: visit 1: is refused (no_rule: level 9/2 of the provider is not mapped for 350200), "
        "the case says what is paid; work it out again, then correct the case or the rule"]


def test_a_row_that_no_case_uses(tmp_path: Path) -> None:
    told = found(tmp_path, {CASES: GOOD[:LAST]})
    assert told == [f"{PLAN}: inpatient: {row}: no case uses it; write one in {CASES}"
                    for row in ("step[1]: amount level=3", "step[2]: ratio level=3")]


def test_a_step_that_no_case_uses(tmp_path: Path) -> None:
    supplement = """
[[then]]
kind = "supplement"
source = "T1"
name = "assistance"
fund = "maf_pay"
of = ["coinsurance"]
per = "visit"
when = { identity = "poor" }
band = [{ of = 0.60 }]
"""
    told = found(tmp_path, {MAPS: IDENTITY, PLAN: FILES[PLAN].partition("[[benefit.step]]\nkind = \"account\"")[0] + supplement})
    assert told == [f"{PLAN}: then: step[1]: band 1 always: no case uses it; write one in {CASES}"]


def test_cases_without_a_plan_and_a_plan_without_cases(tmp_path: Path) -> None:
    stray = CASES.replace("plan.cases", "paln.cases")
    told = found(tmp_path, {CASES: "", stray: GOOD[:LAST]})
    assert told == [
        f"{stray}: case: no plan stands beside it; rename it after its plan, or remove it",
        f"{CASES}: case: is missing; write cases for every row of {PLAN}",
    ]


@pytest.mark.parametrize(("text", "expected"), [
    ('source = "T1"', []),
    ("# 见（T1）/ see T1", []),
    ('source = "T11"', ["sources.toml: T1: nothing names it; use it, list it in quotes.toml, or remove it"]),
])
def test_a_source_that_nothing_names(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert unused(load(written(tmp_path)), [text]) == expected


def test_the_built_in_rulebook_is_right() -> None:
    assert problems(load(BUILT_IN), load_cases(BUILT_IN)) == []
