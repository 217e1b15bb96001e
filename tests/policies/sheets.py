"""Verdicts of small plans, as they are put on paper: the steps of one benefit, and the visits of one person."""

from pathlib import Path

from contracts.events.claim import ClaimSettled, Settled
from policies.book import Book
from policies.cases import PlanCase, read_cases
from policies.files import ENDING
from policies.prove import settle_case
from tests.policies.rulebooks import PLAN, loaded

HEAD = """
[plan]
place = "350200"
insutype = "310"
from = 2020-01-01
source = "T1"

[[benefit]]
name = "inpatient"
care = ["inpatient"]
dated_by = "enddate"
"""
DEFAULTS = """
[defaults]
insuplc = "350200"
insutype = "310"
med_type = "21"
where = "home"
psn_type = "11"
brdy = 1980-06-15
begndate = 2026-03-05
level = "3"
hosp_lv = "2"
expect = { refused = "what it gives is looked at on paper" }

[[case]]
name = "on paper"
why = "by hand in the test"
"""


def step(text: str) -> str:
    """A step of the benefit; a plan's ``then`` begins with that word."""
    table = "then" if text.startswith("then ") else "benefit.step"
    return f'\n[[{table}]]\nsource = "T1"\nkind = ' + text.removeprefix("then ")


def settled(folder: Path, steps: tuple[str, ...], case: str) -> tuple[Book, list[ClaimSettled]]:
    """The rulebook with one benefit of these steps, and what it makes of the visits of a case (TOML beyond the defaults)."""
    book = loaded(folder, {PLAN: HEAD + "".join(map(step, steps))})
    problems: list[str] = []
    (found,) = read_cases(PLAN.replace(".toml", ENDING), DEFAULTS + case, problems)
    assert not problems and isinstance(found, PlanCase), problems
    bodies = []
    for visit, verdict in settle_case(found, book):
        assert isinstance(verdict, Settled), verdict
        parts = {name: getattr(visit.body, name) for name in ("request", "checked", "priced")}
        bodies.append(ClaimSettled(**parts, settled=verdict))
    return book, bodies
