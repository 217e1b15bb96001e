"""``plan.schema.json`` is current, takes what the loader takes, and knows every key that the loader reads."""

import ast
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from policies.book import BESIDE_PLANS, BUILT_IN
from policies.filing_schema import filing_schema, filing_schema_text
from policies.schema import plan_schema, schema_text
from policies.settlement import read, steps
from policies.settlement.steps import KINDS
from tests.policies.rulebooks import FILES, PLAN as SMALL
from tests.policies.test_readme import BEFORE_SHARING, HEAD, RATIO, README, STEP

SCHEMA = plan_schema()
VALIDATOR = Draft7Validator(SCHEMA)
FILING_VALIDATOR = Draft7Validator(filing_schema())
FILINGS = sorted(BUILT_IN.glob("**/filing.toml"))
PLANS = [path for path in sorted(BUILT_IN.glob("regions/*/*.toml")) if path.name not in BESIDE_PLANS and ".cases." not in path.name]


def plain(found: Any) -> Any:
    """TOML as an editor hands it to a schema: days as texts."""
    if isinstance(found, dict):
        return {name: plain(value) for name, value in found.items()}
    if isinstance(found, list):
        return [plain(value) for value in found]
    return found.isoformat() if isinstance(found, date) else found


def wrong(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(plain(tomllib.loads(text)))]


def test_the_file_is_what_the_code_makes_of_it() -> None:
    """Run `yibao rules schema > policies/rulebook/plan.schema.json` after a change."""
    Draft7Validator.check_schema(SCHEMA)
    assert (BUILT_IN / "plan.schema.json").read_text("utf-8") == schema_text()


@pytest.mark.parametrize("path", FILINGS, ids=lambda path: path.parent.name)
def test_that_of_filing_takes_all_rules_of_filing(path: Path) -> None:
    assert not [*FILING_VALIDATOR.iter_errors(plain(tomllib.loads(path.read_text("utf-8"))))]


@pytest.mark.parametrize(("old", "new"), [
    ('unit = "place"', 'unit = "city"'), ("unit =", "units ="), ('"at_least"', '"always"'), ("months = 6", "months = 0"), ("validity =", "valid ="),
    ('"other_temporary"', '"tourist"'), ("from = 2020-01-01", ""), ("unit =", "most_hospitals = 0\nunit ="), ("unit =", "channels = []\nunit ="),
])
def test_that_of_filing_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    text = FILES["national/filing.toml"]
    assert old in text and not [*FILING_VALIDATOR.iter_errors(plain(tomllib.loads(text)))]
    assert [*FILING_VALIDATOR.iter_errors(plain(tomllib.loads(text.replace(old, new, 1))))]


def test_the_file_of_filing_is_what_the_code_makes_of_it() -> None:
    """Run `yibao rules schema --filing > policies/rulebook/filing.schema.json` after a change."""
    Draft7Validator.check_schema(filing_schema())
    assert (BUILT_IN / "filing.schema.json").read_text("utf-8") == filing_schema_text()


@pytest.mark.parametrize("path", PLANS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_takes_every_plan_of_the_rulebook(path: Path) -> None:
    assert not wrong(path.read_text("utf-8"))


@pytest.mark.parametrize(("kind", "text"), STEP.findall(README))
def test_it_takes_the_examples_of_the_readme(kind: str, text: str) -> None:
    step = f"[[benefit.step]]\n{text}"
    assert not wrong(HEAD + (step + RATIO if kind in BEFORE_SHARING else RATIO + step))


@pytest.mark.parametrize(("old", "new"), [
    ('kind = "ratio"', 'kind = "ration"'), ('per = "stay"', 'pro = "stay"'), ('care = ["inpatient"]', 'care = ["hospital"]'),
    ('level = "2", of', 'lvl = "2", of'), ('level = "3", of', 'level = "III", of'), ("of = 0.90", "of = 90"), ('insutype = "310"', ""),
    ('"coinsurance"', '"all"'), ("500.00", "-500.00"), ("500.00", '"500"'), ('"coinsurance"', '"deductible"'), ('["inpatient"]', "[]"),
    ('"310"', '"999"'), ('level = "3", of', 'hosp_lv = "15", of'), ('name = "inpatient"', f'name = "{"x" * 101}"'),
    ('dated_by', 'admissions = { days = 0 }\ndated_by'), ('dated_by', 'referral_days = 10000\ndated_by'),
])
def test_it_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    assert not wrong(FILES[SMALL]) and old in FILES[SMALL]
    assert wrong(FILES[SMALL].replace(old, new, 1))


# --- the keys that the reader reads -------------------------------------------------------------------------------------



def keys_read(module: Any, function: str, within: str = "table") -> set[str]:
    """The keys that a function asks of its table, and those of the functions that it hands the table to."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    for node in ast.walk(functions[function]):
        if not isinstance(node, ast.Call):
            continue
        match node.func, node.args:
            case ast.Attribute(value=ast.Name(id=name)), [ast.Constant(value=str(key)), *_] if name == within:
                found.add(key)
            case ast.Name(id=called), [ast.Name(id=name), *_] if name == within and called in functions:
                found |= keys_read(module, called)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_knows_every_key_of_a_step(kind: str) -> None:
    (step,) = [step for step in SCHEMA["definitions"]["step"]["oneOf"] if step["title"] == kind]
    assert set(step["properties"]) - {"kind", "source", "choice"} == keys_read(steps, kind)


def test_it_knows_every_key_of_a_benefit_and_of_a_plan() -> None:
    benefit = SCHEMA["properties"]["benefit"]["items"]["properties"]
    assert set(benefit) == keys_read(read, "read_benefit") | {"step"}
    assert set(benefit["admissions"]["properties"]) == keys_read(read, "_admissions", "row")
    assert set(SCHEMA["properties"]["plan"]["properties"]) == keys_read(read, "read_plan", "head") | {"source"}
