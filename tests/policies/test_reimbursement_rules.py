"""The rules of manual reimbursement as data: what is read, which row applies, and what is wrong with a file."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from contracts.events.reimbursement import ManualReason
from contracts.reasons import REASONS
from policies.book import BUILT_IN, Book, load
from policies.cases import load_cases
from policies.check import problems
from policies.reimbursement.rules import Limit, pick
from policies.tables import RulebookError
from tests.policies.languages import in_english
from tests.policies.rulebooks import loaded, written

NATION = "national/reimbursement.toml"
PLACE = "regions/350200-xiamen/reimbursement.toml"
HEAD = 'from = 2020-01-01\nsource = "T1"\n'
NAMES = "".join(f'[[paper]]\ncode = "{code}"\nzh = "材料"\nen = "paper"\n' for code in ("invoice", "record", "list"))
MATERIALS = f'{NAMES}[[materials]]\npapers = ["invoice", "record | list"]\n{HEAD}'
DEADLINE = f'[[deadline]]\nwithin = {{ months = 3 }}\n{HEAD}'
FACTS = {"care": "inpatient", "insutype": "310", "place": "home", "reason": "self_paid", "channel": "window"}
DAY = date(2026, 3, 5)


def value(book: Book, table: str, day: date = DAY, **facts: str) -> object:
    found = pick(book.reimbursement, "350200", table, FACTS | facts, day)
    return found.row.value if found is not None else None


# --- limits -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "day", "last"), [
    (Limit(months=3), date(2026, 3, 5), date(2026, 6, 5)),
    (Limit(months=3), date(2025, 11, 30), date(2026, 2, 28)),  # no 30 February
    (Limit(months=3), date(2027, 11, 30), date(2028, 2, 29)),
    (Limit(days=30), date(2026, 3, 5), date(2026, 4, 4)),      # 26 days of March and 4 of April
    (Limit(year_end=True), date(2026, 12, 31), date(2026, 12, 31)),
    (Limit(year_end=True, months=3), date(2026, 12, 31), date(2027, 3, 31)),
    (Limit(year_end=True, months=3), date(2026, 3, 5), date(2026, 12, 31)),
    (Limit(months=1, days=30), date(2026, 1, 31), date(2026, 3, 2)),   # 28 February, or 28 days of February and 2 of March
    (Limit(open=True), date(2026, 3, 5), None),
])
def test_the_last_day(limit: Limit, day: date, last: date | None) -> None:
    assert limit.last(day) == last


def test_a_limit_as_long_as_the_deadline() -> None:
    assert Limit(deadline=True).last(DAY, date(2026, 6, 5)) == date(2026, 6, 5) and Limit(deadline=True).last(DAY) is None


# --- which row ----------------------------------------------------------------------------------------------------------


def test_all_papers_are_needed_and_of_alternatives_one(tmp_path: Path) -> None:
    assert value(loaded(tmp_path, {NATION: MATERIALS}), "materials") == (("invoice",), ("record", "list"))


def test_the_more_special_row_applies(tmp_path: Path) -> None:
    special = '[[deadline]]\ncare = "inpatient"\nwithin = { days = 30 }\n' + HEAD
    book = loaded(tmp_path, {NATION: DEADLINE + special})
    assert value(book, "deadline") == Limit(days=30) and value(book, "deadline", care="outpatient") == Limit(months=3)


def test_the_place_goes_before_the_nation_where_one_of_its_rows_applies(tmp_path: Path) -> None:
    mine = '[[deadline]]\ninsutype = "390"\nwithin = { days = 30 }\n' + HEAD
    book = loaded(tmp_path, {NATION: DEADLINE, PLACE: mine})
    assert value(book, "deadline", insutype="390") == Limit(days=30) and value(book, "deadline") == Limit(months=3)
    assert pick(book.reimbursement, "110000", "deadline", FACTS | {"insutype": "390"}, DAY).row.value == Limit(months=3)  # type: ignore[union-attr]


def test_a_row_holds_until_a_later_one_with_its_conditions(tmp_path: Path) -> None:
    later = DEADLINE.replace("months = 3", "days = 30").replace("2020-01-01", "2026-03-05")
    book = loaded(tmp_path, {NATION: DEADLINE + later})
    assert value(book, "deadline", date(2026, 3, 4)) == Limit(months=3) and value(book, "deadline", DAY) == Limit(days=30)
    assert value(book, "deadline", date(2019, 12, 31)) is None


# --- what is wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "problem"), {
    "no source": (DEADLINE.replace('source = "T1"\n', ""), "deadline[1]: source: is missing; add it"),
    "no start": (DEADLINE.replace("from = 2020-01-01\n", ""), "deadline[1]: from: is missing; add it"),
    "no value": (f"[[deadline]]\n{HEAD}", "deadline[1]: within: is missing; add it"),
    "unknown source": (DEADLINE.replace("T1", "T9"), "deadline[1]: source: 'T9' is not a known source of a value"),
    "unknown key": (f"{DEADLINE}level = \"2\"\n", "deadline[1]: level: is no selector; use care, channel, insutype, place, reason or within"),
    "unknown reason": (f'[[reason]]\nreason = "forgot"\naccepted = true\n{HEAD}', "reason[1]: reason: 'forgot' never applies; use emergency_not_filed"),
    "unknown channel": (f'[[channel]]\nchannel = "fax"\naccepted = true\n{HEAD}', "channel[1]: channel: 'fax' never applies; use window, mail"),
    "unknown care": (f'[[deadline]]\ncare = "dental"\nwithin = {{ months = 3 }}\n{HEAD}', "deadline[1]: care: 'dental' never applies"),
    "a limit that is none": (DEADLINE.replace("{ months = 3 }", "{}"), "within: open: a limit is either open, as long as the deadline, or of months"),
    "open and not": (DEADLINE.replace("months = 3", "months = 3, open = true"), "within: open: a limit is either open"),
    "a limit of 0": (DEADLINE.replace("months = 3", "months = 0"), "within: months: 0 is out of range; write a whole number from 1"),
    "a number for a limit": (DEADLINE.replace("{ months = 3 }", "3"), "deadline[1]: within: 3 is no limit; write { months = 3 }"),
    "another unit": (DEADLINE.replace("months = 3", "weeks = 3"), "within: weeks: is not known here"),
    "a day that not every month has": (f"[[round]]\nuntil_day = 30\n{HEAD}", "round[1]: until_day: 30 is no day that every month has"),
    "no papers": (f"[[materials]]\npapers = []\n{HEAD}", "materials[1]: papers: [] is no list of papers; write"),
    "an empty alternative": (f'[[materials]]\npapers = ["invoice |"]\n{HEAD}', "materials[1]: papers: ['invoice |'] is no list of papers"),
    "a paper without a name": (f'[[materials]]\npapers = ["photo"]\n{HEAD}', "materials: 'photo' has no name; add a [[paper]] with its code"),
    "a name twice": (NAMES + NAMES, "paper: invoice is named twice; remove one"),
    "a choice in one language": (f'{DEADLINE}choice = "three months"\n', "deadline[1]: choice: needs both languages"),
    "given twice": (DEADLINE + DEADLINE, "deadline: always is given twice from 2020-01-01; remove one"),
    "neither is meant": (
        "".join(f'[[deadline]]\n{name} = "{one}"\nwithin = {{ months = 3 }}\n{HEAD}' for name, one in (("care", "chronic"), ("insutype", "310"))),
        "deadline: two rows can both apply (care=chronic; insutype=310)"),
    "another table": (f"[[deadlines]]\n{HEAD}", f"{NATION}: deadlines: is not known here; remove it"),
    "no flag": (f'[[channel]]\nchannel = "mail"\naccepted = "yes"\n{HEAD}', "channel[1]: accepted: 'yes' is of the wrong kind; write true or false"),
}.values())
def test_what_is_wrong_is_told_with_what_to_do(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, {NATION: text})
    assert any(problem in told for told in in_english(caught.value.problems)), caught.value.problems


def test_a_row_without_a_case_and_a_case_that_fails_are_told(tmp_path: Path) -> None:
    cases = '[[case]]\nname = "n"\nwhy = "w"\ninsuplc = "350200"\ninsutype = "310"\ncare = "inpatient"\nenddate = 2026-03-05\n' \
        'applied = 2026-06-06\nreason = "self_paid"\nchannel = "window"\nexpect = { deadline = 2026-06-04 }\n'
    spare = '[[deadline]]\ncare = "chronic"\nwithin = { days = 30 }\n' + HEAD
    folder = written(tmp_path, {NATION: DEADLINE + spare, NATION.replace(".toml", ".cases.toml"): cases})
    told = [one for one in in_english(problems(load(folder), load_cases(folder))) if "reimbursement" in one]
    assert f"{NATION}: deadline[2]: care=chronic: no case uses it; write one in national/reimbursement.cases.toml" in told
    assert any("n: deadline is 2026-06-05, the case says 2026-06-04" in one for one in told)
    assert any("n: refused is ('no_rule', " in one for one in told), told
    without = written(tmp_path / "other", {NATION: DEADLINE})
    told = in_english(problems(load(without), load_cases(without)))
    assert any("national/reimbursement.cases.toml: case: is missing" in one for one in told)


def test_every_reason_has_a_rule_somewhere(book: Book) -> None:
    """Every fallback that the texts name is accepted by the nation or a place."""
    rows = [rule for rules in book.reimbursement.values() for rule in rules.rows["reason"]]
    named = {code for rule in rows for name, allowed in rule.row.when if name == "reason" for code in allowed}  # type: ignore[union-attr]
    assert named == {
        "emergency_not_filed", "provider_not_connected", "network_failure", "in_arrears", "not_filed", "system_fault", "no_credential",
        "student_at_home", "provider_not_chosen", "self_paid"}


def test_the_built_in_rules_stand_in_these_files(book: Book) -> None:
    assert {rules.file for rules in book.reimbursement.values()} == {
        path.relative_to(BUILT_IN).as_posix() for path in BUILT_IN.rglob("reimbursement.toml")}


def test_reasons_are_called_as_eligibility_calls_them() -> None:
    """So whoever is told why a claim was refused writes the same code on the application."""
    assert set(get_args(ManualReason)) <= REASONS.keys()
