"""The rulebook's README is run: the city that it adds is added, its cases hold, a claim there is settled, and every
example of a step, a map, an index, a family rule and a case is read."""

import re
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from contracts.events.claim import Settled
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import BUILT_IN, Book, load
from policies.cases import AMOUNTS, MORE, PlanCase, load_cases, read_cases
from policies.check import problems
from policies.filing_rules import TERMS, Term
from policies.prove import differences, rows_of, rows_used, settle_case, steps_of
from policies.reimbursement.cases import ReimbursementCase
from policies.reimbursement.rules import VALUES as TABLES
from policies.review.read import KINDS as REVIEWS
from policies.road import Road
from policies.select import LINE_SELECTORS, NUMBERS, SELECTORS
from policies.settlement.order import SHARING
from policies.settlement.steps import KINDS
from policies.tables import KNOWN
from tests.policies.requests import Journey, claim, credit, enrolment, last_section, line, spell
from tests.policies.rulebooks import FILES, PLAN as SMALL, loaded

BLOCK = re.compile(r"^`([\w./-]+)`\n\n```(?:toml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLAN = "321000-yangzhou/outpatient-310"
README = (BUILT_IN / "README.md").read_text("utf-8")
STEP = re.compile(r"^### `(\w+)`.*?^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```toml\n# ([\w.]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE_ROW = re.compile(r"^\| (`.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in rulebook and the files of the README; a file that is there already gets the lines appended."""
    found = copytree(BUILT_IN, tmp_path_factory.mktemp("readme") / "rulebook")
    for name, text in BLOCK.findall(README):
        path = found / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8") + "\n" if path.exists() else ""
        path.write_text(before + text, "utf-8")
    return found


@pytest.fixture(scope="module")
def book(folder: Path) -> Book:
    return load(folder)


def test_the_readme_adds_whole_files() -> None:
    names = [name for name, _ in BLOCK.findall(README)]
    assert len(names) == len(set(names)) == 7 and f"regions/{PLAN}.cases.toml" in names


def test_its_cases_hold_and_use_every_row(folder: Path, book: Book) -> None:
    (plan,) = book.plans["321000", "310"]
    mine = [case for case in load_cases(folder) if isinstance(case, PlanCase) and case.plan == PLAN]
    assert len(mine) == 2 and [wrong for case in mine for wrong in differences(case, book)] == []
    verdicts = [verdict for case in mine for _, verdict in settle_case(case, book) if isinstance(verdict, Settled)]
    assert rows_of(plan) <= {row for verdict in verdicts for row in rows_used(plan, verdict)}


def test_a_claim_there_is_settled(book: Book) -> None:
    """CT at level 2: 200 - 180 = 20 over, 180 x 10 % = 18 first; 162 + 1500 in scope; 1062 x 65 % = 690.30."""
    journey = Journey(book)
    journey.send("enrolment.recorded", enrolment(spell("321000")))
    journey.send("account.credited", credit(276_000), id="credit-1")
    bill = [line(150_000), line(20_000, "002103000010000-210300001", "2")]
    settled = last_section(journey.send("claim.submitted", claim(*bill, fixmedins_code="H32100000102", acct_used_flag="1")))
    assert (settled.plan, settled.act_pay_dedc, settled.hifp_pay) == (PLAN, 60_000, 69_030)
    assert (settled.acct_pay, settled.psn_cash_pay) == (60_000 + 37_170 + 1_800, 2_000)


def test_its_requests_are_settled_as_it_reckons(book: Book) -> None:
    """(1662.00 - 600.00) x 65 % = 690.30; account 600.00 + 371.70 + 18.00 = 989.70; cash 20.00, over the ceiling."""
    road = Road(book)
    requests = re.findall(r"^\{.*\}$", README, re.MULTILINE)
    ends = [event_of([*road.run(request_record(text.encode(), topic_map().partitions))][-1]) for text in requests]
    assert [event.type for event in ends] == ["enrolment.recorded", "account.credited", "claim.settled"]
    settled = ends[-1].body.settled
    assert (settled.hifp_pay, settled.acct_pay, settled.psn_cash_pay) == (69_030, 98_970, 2_000)


def test_nothing_is_left_to_mend_in_it(folder: Path, book: Book) -> None:
    mine = [case for case in load_cases(folder) if isinstance(case, PlanCase) and case.plan == PLAN]
    assert not [told for told in problems(book, mine) if "yangzhou" in told]


# --- the examples -------------------------------------------------------------------------------------------------------

SOURCE = {"sources.toml": FILES["sources.toml"] + '[YZ-2023]\ntitle = "t"\nquote = "q"\n'}
HEAD = FILES[SMALL].partition("[[benefit.step]]")[0]
RATIO = '[[benefit.step]]\nkind = "ratio"\nsource = "T1"\nratio = [{ of = 0.80 }]\n'
BEFORE_SHARING = ("deductible", "out_of_area", "exclude")
EXAMPLES = dict(EXAMPLE.findall(README))


def test_every_kind_of_step_has_an_example() -> None:
    assert [kind for kind, _ in STEP.findall(README)] == [*KINDS]


@pytest.mark.parametrize(("kind", "text"), STEP.findall(README))
def test_an_example_of_a_step_is_read(kind: str, text: str, tmp_path: Path) -> None:
    """Where it shares nothing itself, it stands before or behind a ratio."""
    step = f"[[benefit.step]]\n{text}"
    more = [step] if kind in SHARING else [step, RATIO] if kind in BEFORE_SHARING else [RATIO, step]
    (plan,) = loaded(tmp_path, {SMALL: HEAD + "".join(more)} | SOURCE).plans["350200", "310"]
    assert kind in {rule.kind for rule in steps_of(plan)}


def test_the_example_of_a_limit_of_several_diseases_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(# [^\n]*\nkind = \"cap\".*?)^```$", README, re.MULTILINE | re.DOTALL)
    (plan,) = loaded(tmp_path, {SMALL: f"{HEAD}{RATIO}[[benefit.step]]\n{text}"} | SOURCE).plans["350200", "310"]
    assert plan.benefits[0].counts_diseases


def test_the_example_of_admissions_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"`(admissions = \{.*?\})`", README)
    (plan,) = loaded(tmp_path, {SMALL: f"{HEAD}{text}\n{RATIO}"}).plans["350200", "310"]
    assert plan.benefits[0].admissions.days == 180


def test_the_examples_of_maps_indexes_and_families_are_read(tmp_path: Path) -> None:
    where = {f"regions/350200-xiamen/{name}": EXAMPLES[name] for name in ("maps.toml", "indexes.toml")}
    where["regions/321000-yangzhou/family.toml"] = EXAMPLES["family.toml"]
    book = loaded(tmp_path, where | SOURCE)
    assert {*book.maps["350200"]} == {"level", "identity"} and book.indexes_on("350200", date(2023, 1, 1)) == {"average_wage": 98_000_00}
    rule = book.family("321000", date(2023, 1, 1))
    assert rule is not None and rule.kin == ("spouse", "parent", "child")


def test_the_example_of_rules_of_filing_is_read_and_names_every_term(tmp_path: Path) -> None:
    small = {"national/filing.toml": "", "regions/350200-xiamen/filing.toml": EXAMPLES["filing.toml"]}
    rules = loaded(tmp_path, small | SOURCE).filing
    assert {row.key for row in rules.rows if isinstance(row, Term)} == {*TERMS}
    assert rules.today("350200", "old.1", date(2023, 1, 1)) == "resident_worker"
    assert rules.category("350200", "resident_worker", date(2027, 12, 31)) and not rules.category("350200", "resident_worker", date(2028, 1, 1))


def test_the_examples_of_cases_of_filing_hold() -> None:
    found: list[str] = []
    cases = [*read_cases("national/filing.cases.toml", EXAMPLES["filing.cases.toml"], found)]
    assert len(cases) == 2 and not found
    assert [wrong for case in cases for wrong in differences(case, load(BUILT_IN))] == []
def test_the_example_of_a_review_is_read_and_its_table_names_every_kind(tmp_path: Path) -> None:
    book = loaded(tmp_path, {"regions/321000-yangzhou/review.toml": EXAMPLES["review.toml"]} | SOURCE)
    (rule,) = book.review_rules("321003").rules
    assert (rule.kind, rule.head.effect, rule.head.bears) == ("quantity", "cut", "provider")
    part = README[README.index("## 智能审核"):README.index("## 算例")]
    first = [row.split(" | ")[0] for row in part.splitlines() if row.startswith("| `")]
    assert {name for cell in first for name in re.findall(r"`(\w+)`", cell)} == {"kind", *REVIEWS}


def test_the_example_of_a_case_is_read() -> None:
    found: list[str] = []
    (case,) = read_cases("regions/x/plan.cases.toml", EXAMPLES["plan.cases.toml"], found)
    assert isinstance(case, PlanCase) and not found
    assert [visit.body.request.medfee_sumamt for visit in case.visits] == [1315_00, 100_00], "1000 + 10 + 5 + 100 + 200; 100"
    assert case.visits[0].body.priced.hosp_part_amt == 5_00 and case.visits[0].body.request.feedetail[1].rxno is None


def test_the_rules_of_manual_reimbursement_are_read_and_their_case_holds(tmp_path: Path) -> None:
    names = '[[paper]]\ncode = "invoice_original"\nzh = "发票"\nen = "invoice"\n[[paper]]\ncode = "invoice_stamped_copy"\nzh = "复印件"\nen = "copy"\n'
    files = {"regions/350200-xiamen/reimbursement.toml": names + EXAMPLES["reimbursement.toml"], **SOURCE}
    rules = loaded(tmp_path, files).reimbursement["350200"]
    assert {table: len(rows) for table, rows in rules.rows.items()} == dict.fromkeys(TABLES, 1)
    (case,) = read_cases("regions/x/reimbursement.cases.toml", EXAMPLES["reimbursement.cases.toml"], (found := []))
    assert isinstance(case, ReimbursementCase) and not found
    told = case.told({"321000": rules})
    assert {name: told[name] for name in case.expect} == case.expect


def test_the_tables_of_manual_reimbursement_are_all_told() -> None:
    part = README[README.index("## 手工报销 / Manual"):README.index("## 智能审核")]
    rows = {name.strip("`"): value.strip("`") for name, value, _ in TABLE_ROW.findall(part)}
    assert {name: value for name, value in rows.items() if name != "paper"} == {name: value for name, (value, _) in TABLES.items()}


def test_what_a_case_may_expect_is_listed() -> None:
    (told,) = [holds for name, holds, *_ in re.findall(r"^\| `(expect)` \| (.*) \|$", README, re.MULTILINE)]
    assert {*AMOUNTS, *MORE, "ratio", "year", "age", "parts", "steps", "after"} <= set(re.findall(r"`(\w+)`", told))


def test_the_table_of_selectors_is_the_selectors_with_their_values() -> None:
    part = README[README.index("## 条件 / Selectors"):README.index("## 映射与指数")]
    rows = {name.strip("`"): values for name, _, values in TABLE_ROW.findall(part)}
    assert set(rows) == SELECTORS | LINE_SELECTORS
    for name, values in rows.items():
        if name in KNOWN:
            assert values.split() == [*KNOWN[name]], name
        assert (name in NUMBERS) == ("number" in values), name
