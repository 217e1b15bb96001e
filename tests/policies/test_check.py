"""``rules check``: what a rulebook that can be loaded still lacks is named with file, key, date and what to do."""

from pathlib import Path

import pytest

from policies.book import BUILT_IN, load
from policies.cases import load_cases
from policies.check import forgotten, never, problems, unused
from policies.handed_on import doubts
from policies.quoted import unquoted
from tests.policies.languages import in_english
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
    return in_english(problems(load(folder), load_cases(folder)))


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
    told = in_english(forgotten(load(written(tmp_path, {PLAN: deductible}))))
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
    assert in_english(never(load(written(tmp_path, files)))) == ([] if told is None else [
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


LIMITED = FILES[PLAN].replace("[[benefit.step]]\nkind = \"account\"", '''[[benefit.step]]
kind = "cap"
per = "year"
source = "T1"
amount = [{ yuan = 1000.00 }]

[[then]]
kind = "supplement"
source = "T1"
name = "critical"
fund = "hifmi_pay"
of = ["deductible", "coinsurance"]
per = "year"
threshold = [{ yuan = 600.00 }]
band = [{ of = 0.50 }]
cap = [{ yuan = 700.00 }]

[[then]]
kind = "account"''')
BEYOND = """
[[case]]
name = "above both limits"
why = "(2500.00 - 500) x 92% = 1840.00, at most 1000.00; critical (500 + 160 + 1500 before - 1500) x 50% = 330.00, 300.00 are left; cash 1200.00"
level = "2"
in_scope = 2500.00
before = { "critical.base" = 1500.00, "critical.paid" = 400.00 }
expect = { deductible = 500.00, pool = 1000.00, account = 0.00, cash = 1200.00, critical = 300.00 }
"""
BELOW = GOOD.replace("cash = 1100.00", "cash = 850.00, critical = 250.00")
"""Of level 3 critical illness pays (1000 + 100 - 600) x 50 % = 250.00."""


def test_a_limit_that_every_case_stays_below_may_be_any_higher_one(tmp_path: Path) -> None:
    told = found(tmp_path, {PLAN: LIMITED, CASES: BELOW})
    assert told == [f"{PLAN}: {row} always: no case goes beyond it; write one in {CASES}"
                    for row in ("inpatient: step[3]: amount", "then: step[1]: cap")]


def test_a_threshold_that_every_case_stays_below(tmp_path: Path) -> None:
    """Of level 2 the person bears 500 + 80 = 580.00, 600 are the threshold."""
    told = found(tmp_path, {PLAN: LIMITED, CASES: BELOW[:LAST]})
    assert f"{PLAN}: then: step[1]: threshold always: no case goes beyond it; write one in {CASES}" in told


def test_a_case_above_each_limit_proves_them(tmp_path: Path) -> None:
    assert found(tmp_path, {PLAN: LIMITED, CASES: BELOW + BEYOND}) == []


POOR = """
[[case]]
name = "no limit of critical illness for the poor"
why = "(2500.00 - 500) x 92% = 1840.00, at most 1000.00; critical (500 + 160) x 50% = 330.00; cash 1170.00"
level = "2"
in_scope = 2500.00
identities = ["71"]
before = { "critical.base" = 1500.00, "critical.paid" = 400.00 }
expect = { deductible = 500.00, pool = 1000.00, account = 0.00, cash = 1170.00, critical = 330.00 }
"""


@pytest.mark.parametrize("more", ["", POOR])
def test_that_a_limit_does_not_hold_for_some_needs_a_case_of_theirs(more: str, tmp_path: Path) -> None:
    plan = LIMITED.replace("cap = [{ yuan = 700.00 }]", 'cap = [{ yuan = 700.00 }, { identity = "poor", yuan = "unlimited" }]')
    told = found(tmp_path, {MAPS: IDENTITY, PLAN: plan, CASES: BELOW + BEYOND + more})
    assert told == ([] if more else [f"{PLAN}: then: step[1]: cap identity=poor: no case goes beyond it; write one in {CASES}"])


GUARANTEED = FILES[PLAN].replace("[[benefit.step]]\nkind = \"account\"", '''[[benefit.step]]
kind = "guarantee"
costs = "total"
source = "T1"
ratio = [{ level = "2", of = 0.50 }, { level = "3", of = 0 }]
pays = ["coinsurance", "own_expense"]

[[benefit.step]]
kind = "account"''')
UP_TO = """
[[case]]
name = "up to the guarantee"
why = "(1000.00 - 500) x 92% = 460.00; 3000.00 x 50% = 1500.00 are guaranteed: pool 1500.00, 1040.00 more; cash 1500.00"
level = "2"
in_scope = 1000.00
own = 2000.00
expect = { deductible = 500.00, pool = 1500.00, account = 0.00, cash = 1500.00 }
"""


@pytest.mark.parametrize(("more", "told"), [
    ("", [f"{PLAN}: inpatient: step[3]: ratio level=2: no case is paid up to it; write one in {CASES}"]),  # of level 3 nothing is guaranteed
    (UP_TO, []),
])
def test_a_guarantee_that_no_case_is_paid_up_to_may_be_any_lower_one(more: str, told: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, {PLAN: GUARANTEED, CASES: GOOD + more}) == told


SHARED = FILES[PLAN].replace("[[benefit.step]]\nkind = \"account\"", '''[[benefit.step]]
kind = "cap"
per = "year"
shared = "pool"
source = "T1"
amount = [{ yuan = 1000.00 }]

[[benefit.step]]
kind = "account"''')
OUTPATIENT = SHARED.partition("[[benefit]]")[2].replace("inpatient", "outpatient").replace('per = "stay"', 'per = "year"')
BOTH = f"{SHARED}\n[[benefit]]{OUTPATIENT}"


def noted(folder: Path, first: str, then: str = "", from_: str = "2025-07-01", until: str = "2025-06-30") -> list[str]:
    """What is doubtful of a version until a day, and of one ``from_`` the day after it on."""
    files = {PLAN: first.replace("from = 2020-01-01", f"from = 2020-01-01\nuntil = {until}" if then else "from = 2020-01-01")}
    return in_english(doubts(load(written(folder, files | ({SECOND: then.replace("2020-01-01", from_)} if then else {})))))


def test_versions_that_count_under_the_same_names_are_not_doubtful(tmp_path: Path) -> None:
    assert noted(tmp_path, BOTH, BOTH) == []


def test_a_name_that_is_shared_with_nothing(tmp_path: Path) -> None:
    told = noted(tmp_path, BOTH.replace('shared = "pool"', 'shared = "pol"', 1))
    assert told == [
        f"{PLAN}: benefit {name}: cap: shared '{shared}' stands nowhere else, so nothing counts together with it; "
        "write the name that the others have, or remove it" for name, shared in (("inpatient", "pol"), ("outpatient", "pool"))]


MONTHLY = OUTPATIENT.replace('per = "year"\nshared', 'per = "month"\nshared')


@pytest.mark.parametrize(("first", "second", "noted_of"), [
    (OUTPATIENT, MONTHLY, ["inpatient", "outpatient"]),    # cap.pool, and cap.pool#m03: neither counts in the other
    (MONTHLY, MONTHLY, []),
    (MONTHLY, MONTHLY.replace('per = "month"', 'per = "month"\nby_disease = true'), ["inpatient", "outpatient"]),
    (MONTHLY, MONTHLY.replace('per = "month"', 'per = "quarter"'), ["inpatient", "outpatient"]),
    (OUTPATIENT, OUTPATIENT.replace('per = "year"\nshared', 'per = "disease"\nshared'), ["inpatient", "outpatient"]),
])
def test_a_name_under_which_caps_never_count_together(tmp_path: Path, first: str, second: str, noted_of: list[str]) -> None:
    stays = first.replace("outpatient", "inpatient")
    assert noted(tmp_path, f"{SHARED.partition('[[benefit]]')[0]}[[benefit]]{stays}\n[[benefit]]{second}") == [
        f"{PLAN}: benefit {name}: cap: shared 'pool' has another per or by_disease elsewhere, so nothing counts together with it; write those "
        "of the others, or another name" for name in noted_of]


def test_a_limit_of_the_month_beside_the_shared_one_of_the_year_is_not_doubtful(tmp_path: Path) -> None:
    """Stays: 1,000 a month and a year; outpatient visits 1,000 a year, together with those of stays."""
    month = SHARED.partition('[[benefit.step]]\nkind = "cap"')[2].partition("[[benefit.step]]")[0].replace("year", "month")
    both = SHARED.replace('[[benefit.step]]\nkind = "account"', f'[[benefit.step]]\nkind = "cap"{month}[[benefit.step]]\nkind = "account"')
    assert 'per = "month"' in both and noted(tmp_path, f"{both}\n[[benefit]]{OUTPATIENT}") == []


@pytest.mark.parametrize(("old", "new", "kind", "behind", "before"), [
    ('name = "outpatient"', 'name = "visits"', "deductible", "visits.deductible", "outpatient.deductible"),
    ('shared = "pool"', 'shared = "all"', "cap", "cap.all", "cap.pool"),
])
def test_what_counts_under_another_name_from_july_on(tmp_path: Path, old: str, new: str, kind: str, behind: str, before: str) -> None:
    told = noted(tmp_path, BOTH, BOTH.replace(old, new))
    where = f"{SECOND}: benefit {'visits' if 'visits' in new else 'outpatient'}: {kind}"
    assert f"{where}: counts in {behind}, 350200-xiamen/plan in {before}: what the year has counted until 2025-06-30 is forgotten; " \
        "give the benefit, or `shared`, or the supplement the same name in both" in told
    assert noted(tmp_path, BOTH, BOTH.replace(old, new), from_="2026-01-01", until="2025-12-31") == []


BANDED = BOTH.replace('kind = "ratio"', 'kind = "bands"\ncontinues = "year"').replace("ratio = [", "band = [")


@pytest.mark.parametrize(("first", "then", "name", "behind", "before"), [
    (BANDED, BANDED.replace('"bands"', '"bands"\nmeasured = "payments"'), "outpatient.banded", "payments", "gross_fees"),
    (BANDED, BANDED.replace('"bands"', '"bands"\ncounted_from = "deductible"'), "inpatient.banded", "fees", "gross_fees"),
])
def test_what_counts_something_else_under_one_name_from_july_on(
    tmp_path: Path, first: str, then: str, name: str, behind: str, before: str,
) -> None:
    """10,000 of fees would go on as 10,000 of payments."""
    told = noted(tmp_path, first, then)
    assert f"{SECOND}: benefit {name.partition('.')[0]}: {name}: counts {behind}, 350200-xiamen/plan {before}: what the year has counted " \
        f"until 2025-06-30 goes on as {behind}; count the same in both, or give the benefit, or `shared`, another name" in told
    assert noted(tmp_path, first, first) == noted(tmp_path, first, then, from_="2026-01-01", until="2025-12-31") == []


def test_levels_that_count_apart_from_july_on_begin_at_nothing(tmp_path: Path) -> None:
    """The other way round all levels together have what each of them has counted."""
    apart = BOTH.replace('per = "year"\nsource = "T1"\namount = [{ level', 'per = "year"\nby_level = true\nsource = "T1"\namount = [{ level')
    assert apart != BOTH
    (told,) = noted(tmp_path, BOTH, apart)
    assert told.startswith(f"{SECOND}: benefit outpatient: deductible: counts in outpatient.deductible.<level>, "
                           "350200-xiamen/plan in outpatient.deductible: what the year has counted until 2025-06-30 is forgotten")
    assert noted(tmp_path, apart, BOTH) == noted(tmp_path, apart, apart) == []


def test_versions_that_both_take_some_claims(tmp_path: Path) -> None:
    """The one goes by discharge, the next by the day of settlement; the other way round no version takes them, which is a gap."""
    told = noted(tmp_path, FILES[PLAN], FILES[PLAN].replace("enddate", "setl_date"))
    assert told == [
        f"{SECOND}: benefit inpatient: dated_by: is setl_date, that of 350200-xiamen/plan is enddate: a claim with enddate until 2025-06-30 "
        "and setl_date from 2025-07-01 on falls under both, and is decided by 350200-xiamen/plan; date both by the same day"]


def test_a_name_that_a_later_map_leaves_out(tmp_path: Path) -> None:
    later = IDENTITY.replace("2020", "2026").replace('"71", is = "poor"', '"72", is = "veteran"')
    told = in_english(doubts(load(written(tmp_path, {MAPS: IDENTITY + later}))))
    assert told == ["350200: maps.toml: identity: 'poor' is given by the map from 2020-01-01 on, and by none from 2026-01-01 on; "
                    "add its row, which the later map does not take over"]
    assert doubts(load(written(tmp_path, {MAPS: IDENTITY + IDENTITY.replace("2020", "2026")}))) == []


@pytest.mark.parametrize(("begins", "dated_by", "doubtful"), [
    ("2019-12-31", "enddate", False), ("2020-01-01", "enddate", True), ("2020-01-01", "begndate", False), ("2020-01-02", "begndate", True),
])
def test_a_map_that_begins_behind_the_first_care_of_a_plan(tmp_path: Path, begins: str, dated_by: str, doubtful: bool) -> None:
    """The plan is in force from 2020-01-01 on; by discharge it covers stays that began in 2019, by admission none of them."""
    level = f'[[map]]\nname = "level"\nfrom = {begins}\nsource = "T1"\nrows = [{{ dedc_hosp_lv = ["1", "2"], is = "2" }}, {{ dedc_hosp_lv = "3", is = "3" }}]\n'
    told = in_english(doubts(load(written(tmp_path, {MAPS: level, **changed(PLAN, '"enddate"', f'"{dated_by}"')}))))
    assert told == [
        f"regions/350200-xiamen/plan.toml: plan: from: is 2020-01-01, the map level of 350200 begins on {begins}: care that the plan covers and "
        "that began before that day has no level and is refused; let the map begin earlier"] * doubtful


def test_the_built_in_rulebook_is_not_doubtful() -> None:
    assert doubts(load(BUILT_IN)) == []


QUOTED = {"sources.toml": '''
[T1]
title = "a text that a test made up"
quote = "二级起付标准500元，三级１，０００元；二级支付92%，三级个人负担 10％；限额 30 万元，另付 8.5 折。"
'''}


@pytest.mark.parametrize(("old", "new", "told"), [
    ("500.00", "500", ""),
    ("1000.00", "300000.00", ""),
    ("0.92", "0.85", ""),
    ("500.00", "0", ""),
    ("500.00", "50000", "step[1]: amount: 50000.00 yuan"),
    ("1000.00", "30.00", "step[1]: amount: 30.00 yuan"),
    ("1000.00", "100.00", "step[1]: amount: 100.00 yuan"),
    ("0.92", "0.29", "step[2]: ratio: 0.29"),
    ('per = "stay"', 'per = "stay"\nyear_ceiling = 30000.00', "step[1]: year_ceiling: 30000.00 yuan"),
])
def test_a_value_that_does_not_stand_in_its_quote(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Fen for yuan, a number in 万 taken for yuan, a ratio turned round: what a sentence says is not what is paid."""
    assert in_english(unquoted(load(written(tmp_path, QUOTED | changed(PLAN, old, new))))) == ([] if not told else [
        f"{PLAN}: inpatient: {told} does not stand in the quote T1; correct one of the two, name the source that says it, "
        "or say in `choice` how it follows"])


def test_a_choice_explains_a_value_that_the_quote_does_not_give(tmp_path: Path) -> None:
    chosen = FILES[PLAN].replace("500.00", "555.00").replace('per = "stay"', 'per = "stay"\nchoice = "均值 / the mean"')
    assert [*unquoted(load(written(tmp_path, QUOTED | {PLAN: chosen})))] == []


def test_the_values_of_the_built_in_rulebook_stand_in_their_quotes() -> None:
    assert [*unquoted(load(BUILT_IN))] == []


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
    assert in_english(unused(load(written(tmp_path)), [text])) == expected


def test_the_built_in_rulebook_is_right() -> None:
    assert problems(load(BUILT_IN), load_cases(BUILT_IN)) == []
