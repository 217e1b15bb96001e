"""The rulebook's README is run: the city that it adds is added, its cases hold, and a claim there is settled."""

import re
from pathlib import Path
from shutil import copytree

import pytest

from policies.book import BUILT_IN, Book, load
from policies.cases import PlanCase, load_cases
from policies.prove import differences, rows_of, rows_used, settle_case
from tests.policies.requests import Journey, claim, credit, enrolment, last_section, line, spell

BLOCK = re.compile(r"^`([\w./-]+)`\n\n```(?:toml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLAN = "321000-yangzhou/outpatient-310"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in rulebook and the files of the README; a file that is there already gets the lines appended."""
    found = copytree(BUILT_IN, tmp_path_factory.mktemp("readme") / "rulebook")
    for name, text in BLOCK.findall((BUILT_IN / "README.md").read_text("utf-8")):
        path = found / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8") + "\n" if path.exists() else ""
        path.write_text(before + text, "utf-8")
    return found


@pytest.fixture(scope="module")
def book(folder: Path) -> Book:
    return load(folder)


def test_the_readme_adds_whole_files() -> None:
    names = [name for name, _ in BLOCK.findall((BUILT_IN / "README.md").read_text("utf-8"))]
    assert len(names) == len(set(names)) == 7 and f"regions/{PLAN}.cases.toml" in names


def test_its_cases_hold_and_use_every_row(folder: Path, book: Book) -> None:
    (plan,) = book.plans["321000", "310"]
    mine = [case for case in load_cases(folder) if isinstance(case, PlanCase) and case.plan == PLAN]
    assert len(mine) == 2 and [wrong for case in mine for wrong in differences(case, book)] == []
    verdicts = [verdict for case in mine for _, verdict in settle_case(case, book) if not isinstance(verdict, str)]
    assert rows_of(plan) == {row for verdict in verdicts for row in rows_used(plan, verdict)}


def test_a_claim_there_is_settled(book: Book) -> None:
    """CT at level 2: 200 - 180 = 20 over, 180 x 10 % = 18 first; 162 + 1500 in scope; 1062 x 65 % = 690.30."""
    journey = Journey(book)
    journey.send("enrolment.recorded", enrolment(spell("321000")))
    journey.send("account.credited", credit(276_000), id="credit-1")
    bill = [line(150_000), line(20_000, "002103000010000-210300001", "2")]
    settled = last_section(journey.send("claim.submitted", claim(*bill, fixmedins_code="H32100000102", acct_used_flag="1")))
    assert (settled.plan, settled.act_pay_dedc, settled.hifp_pay) == (PLAN, 60_000, 69_030)
    assert (settled.acct_pay, settled.psn_cash_pay) == (60_000 + 37_170 + 1_800, 2_000)
