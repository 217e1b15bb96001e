"""Steps that would do nothing, or count twice, are told when the rulebook is loaded."""

import pytest

from tests.policies.patient import Patient, benefit, plan

HALF = '"ratio"\nratio = [{ of = 0.50 }]'
FIRST = '"deductible"\nper = "{per}"\namount = [{{ yuan = 10.00 }}]'
YEAR, VISIT = FIRST.format(per="year"), FIRST.format(per="visit")
LESS = '"out_of_area"\nmode = "{mode}"\nby = [{{ of = 0.10 }}]'
SUM = '"fixed"\nmode = "ceiling"\namount = [{ yuan = 10.00 }]'
CAP = '"cap"\nper = "{per}"\ncounts = "{counts}"\nshared = "both"\namount = [{{ yuan = 10.00 }}]'
POOR, LOW = ('when = { identity = "poor" }', 'when = { identity = "low" }')


def aid(more: str = "", name: str = "aid") -> str:
    return f'"supplement"\nname = "{name}"\nfund = "maf_pay"\nof = ["coinsurance"]\nper = "year"\nband = [{{ of = 0.50 }}]\n{more}'


def told(*benefits: str) -> list[str]:
    problems: list[str] = []
    plan(*benefits, problems=problems)
    return problems


@pytest.mark.parametrize(("steps", "problem"), [
    ((VISIT, YEAR, HALF), "two steps deductible; write one with a row for each case"),
    ((HALF, aid(), aid()), "two supplements are called aid, and would count one base twice; give each a name of its own"),
    ((HALF, aid(POOR), aid()), "two supplements are called aid, and would count one base twice; give each a name of its own"),
    ((HALF, aid(POOR), aid(LOW)), None),  # for other persons
    ((HALF, aid(), aid(name="more")), None),
    ((LESS.format(mode="subtract"), SUM),
     "out_of_area lowers ratios, and there is neither ratio nor bands; give subtract something to lower, or use first_selfpay"),
    ((LESS.format(mode="multiply"), '"item"\ncatalogue = true'),
     "out_of_area lowers ratios, and there is neither ratio nor bands; give multiply something to lower, or use first_selfpay"),
    ((LESS.format(mode="first_selfpay"), SUM), None),
    ((LESS.format(mode="subtract"), '"item"\ncatalogue = true', HALF), None),
])
def test_the_steps_of_a_benefit_as_a_whole(steps: tuple[str, ...], problem: str | None) -> None:
    assert told(benefit(*steps)) == ([f"plan: benefit[1]: step: {problem}"] if problem else [])


@pytest.mark.parametrize(("first", "second", "problem"), [
    (CAP.format(per="year", counts="fees"), CAP.format(per="year", counts="gross_fees"),
     "caps that share both count fees and gross_fees, which cannot be added; write one of them in all, or other names"),
    (CAP.format(per="year", counts="fees"), CAP.format(per="disease", counts="fees"), None),
    (CAP.format(per="year", counts="fees"), CAP.format(per="bed_day", counts="fees"),
     "a cap per bed_day shares both, and counts anew each time; write one of year, quarter, month, disease for per, or remove shared"),
])
def test_caps_that_count_together_count_the_same(first: str, second: str, problem: str | None) -> None:
    found = told(benefit(first, HALF), benefit(second, HALF, name="other", care=["chronic"]))
    assert found == ([f"plan: benefit: {problem}"] if problem else [])


@pytest.mark.parametrize(("name", "problem"), [
    ("cap", "'cap' is what accumulators of other kinds are called; write another name"),
    ("deductible", "'deductible' is what accumulators of other kinds are called; write another name"),
    ("in.patient", "'in.patient' holds '.'; write a name without . # and spaces"),
    ("in patient", "'in patient' holds ' '; write a name without . # and spaces"),
    ("住院", None),
])
def test_a_name_of_which_accumulators_are_called(name: str, problem: str | None) -> None:
    assert told(benefit(HALF, name=name)) == ([f"plan: benefit[1]: name: {problem}"] if problem else [])
    assert told(benefit(HALF, aid(name=name))) == ([f"plan: benefit[1]: step[2]: name: {problem}"] if problem else [])


def test_supplements_of_one_name_for_other_persons_count_once() -> None:
    """100 x 50 % own share: 50 counted, half of it paid."""
    maps = '[[map]]\nname = "identity"\nfrom = 2000-01-01\nsource = "T1"\nrows = [{ psn_idet_type = "71", is = "poor" }, { psn_idet_type = "72", is = "low" }]'
    person = Patient(HALF, aid(POOR), aid(LOW), maps=maps, identities=["72"])
    assert (person.visit(10_000).maf_pay, person.year()["aid.base"]) == (2_500, 5_000)
