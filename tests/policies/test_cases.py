"""Every case beside the rulebook, through the real deciders; every row of every plan has a case."""

import re

import pytest

from contracts.money import yuan
from policies.book import BUILT_IN, Book, built_in
from policies.cases import FILING, Case, FilingCase, PlanCase, load_cases, read_cases
from policies.check import strangers, unproved, unproved_filing
from policies.filing_rules import FilingRule
from policies.prove import differences
from tests.policies.languages import in_english

CASES = load_cases(BUILT_IN)
PLAN_CASES = [case for case in CASES if isinstance(case, PlanCase)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_case(case: Case, book: Book) -> None:
    assert differences(case, book) == []


@pytest.mark.parametrize("case", PLAN_CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_the_calculation_by_hand_names_what_it_expects_of_the_pool(case: PlanCase) -> None:
    written = case.why.replace(",", "")
    for visit in case.visits:
        pool = visit.expect.get("hifp_pay")
        if pool:
            assert yuan(pool).replace(",", "") in written, f"{case.file}: {case.name}: {yuan(pool)} is not in `why`"


def test_every_row_of_every_plan_has_a_case(book: Book) -> None:
    assert [*unproved(book, CASES)] == []


def test_every_file_of_rules_has_cases_and_all_cases_have_rules(book: Book) -> None:
    assert [*strangers(book, CASES)] == []
    assert f"national/{FILING}.cases.toml" in {case.file for case in CASES}


def test_every_row_of_the_rules_of_filing_decides_a_case(book: Book) -> None:
    assert [*unproved_filing(book, CASES)] == []


def test_a_row_that_decides_no_case_is_told(book: Book) -> None:
    """Without the cases of its file that a text of 南昌 decides, each row of it is named."""
    others = [case for case in CASES if "360100" not in case.file or not isinstance(case, FilingCase) or case.name == "no hospital"]
    told = [*unproved_filing(book, others)]
    assert [line.partition(":")[2].partition(" from")[0] for line in in_english(told)] == [" rule chosen_for", " rule channels"]
    assert all(line.endswith("write one in regions/360100-nanchang/filing.cases.toml") for line in told)


@pytest.mark.parametrize("row", [row for row in built_in().filing.rows if isinstance(row, FilingRule)], ids=lambda row: f"{row.area} {row.category} {row.begndate}")
def test_every_material_of_a_category_is_accepted_and_asked_for(row: FilingRule) -> None:
    mine = [case for case in CASES if isinstance(case, FilingCase) and case.file == f"{row.file}.cases.toml" and case.request]
    used = {material for case in mine if "pending" not in case.expect for material in case.request.materials}
    named = {material for paper in row.papers for material in paper.one_of}
    assert named <= used, f"no accepted case hands in {named - used}"
    lacking = [case for case in mine if {"pending", "refused"} & case.expect.keys()]
    assert lacking or not row.papers, f"no case of {row.category} lacks its materials"


def test_names_of_cases_are_unique() -> None:
    names = [(case.file, case.name) for case in CASES]
    assert len(names) == len(set(names))


CASE = """
[[case]]
name = "one"
why = "(100.00 - 20) x 80% = 64.00"
insuplc = "650200"
insutype = "310"
med_type = "11"
where = "home"
psn_type = "11"
brdy = 1985-06-15
begndate = 2025-03-10
level = "1"
hosp_lv = "8"
in_scope = 100.00
expect = { deductible = 20.00, pool = 64.00, account = 0.00, cash = 36.00 }
"""
NAME = "regions/650200-karamay/outpatient-310.cases.toml"


def test_a_case_with_a_wrong_amount_fails(book: Book) -> None:
    (case,) = read_cases(NAME, CASE.replace("pool = 64.00", "pool = 64.01"), [])
    assert in_english(differences(case, book)) == [
        "one: visit 1: hifp_pay is 6400, the case says 6401; work it out again, then correct the case or the rule"]


def test_a_refusal_that_was_not_expected_says_why(book: Book) -> None:
    (case,) = read_cases(NAME, CASE.replace('level = "1"', 'level = "9"'), [])
    (told,) = in_english(differences(case, book))
    assert told.startswith("one: visit 1: is refused (no_rule: 650200-karamay/outpatient-310#outpatient.2: no deductible for ")


def test_a_case_of_a_plan_that_is_not_in_force_fails(book: Book) -> None:
    (case,) = read_cases("regions/650200-karamay/other.cases.toml", CASE, [])
    assert "the plan in force is 650200-karamay/outpatient-310" in differences(case, book)[0]


@pytest.mark.parametrize(("change", "told"), [
    (("in_scope", "inscope"), r"visit\[1\]: inscope: is not known here"),
    (("why = ", "reason = "), r"case\[1\]: why: is missing; add it"),
    (("100.00\nexp", "100.001\nexp"), r"visit\[1\]: in_scope: 100.001 is not a whole number of fen"),
    (("begndate = 2025-03-10\n", ""), r"visit\[1\]: begndate: is missing; add it"),
    (("pool = 64.00, ", ""), r"visit\[1\]: expect: pool: is missing; add it"),
    (('where = "home"', 'where = "moon"'),
     r"case\[1\]: where: 'moon' is not accepted: Input should be 'home', 'same_province' or 'other_province'; correct the case$"),
    (("begndate = 2025-03-10\n", "begndate = 2025-03-10\nenddate = 2025-03-09\n"),
     r"case\[1\]: begndate, enddate and setl_date must be in this order; correct the case$"),
    (("[[case]]", "[[cases]]"), "cases: is not known here"),
    (("name = ", "name "), "correct the TOML there"),
], ids=lambda part: part[1] if isinstance(part, tuple) else None)
def test_a_case_that_cannot_be_read_is_named(change: tuple[str, str], told: str) -> None:
    problems: list[str] = []
    list(read_cases(NAME, CASE.replace(*change, 1), problems))
    assert problems and all(problem.startswith(NAME) for problem in problems)
    assert re.search(told, "\n".join(in_english(problems)), re.DOTALL)
