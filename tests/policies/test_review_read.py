"""``review.toml``: what is wrong is told with file, rule, key and what to do; a place's rules stand before the nation's."""

from datetime import date
from pathlib import Path

import pytest

from policies.book import NATION, built_in
from policies.review.quantity import Quantity
from policies.review.read import KINDS
from policies.tables import RulebookError
from tests.policies.languages import in_english
from tests.policies.rulebooks import loaded

HEAD = '[review]\nsource = "T1"\n'
RULE = '''
[[rule]]
id = "supply"
kind = "quantity"
zh = "超量"
en = "too much"
effect = "note"
items = ["X"]
days = 30
from = 2020-01-01
source = "T1"
'''
NATIONAL, REGIONAL = "national/review.toml", "regions/350000-fujian/review.toml"
KIND = RULE.replace('items = ["X"]\ndays = 30\n', "")


def of_kind(kind: str, more: str) -> str:
    return KIND.replace("quantity", kind) + more


WRONG = {
    "no days": (RULE.replace("days = 30\n", ""), "rule[1]: days: is missing; add it"),
    "days too many": (RULE.replace("30", "367"), "rule[1]: days: 367 is too much: nothing is remembered longer; write at most 366"),
    "days none": (RULE.replace("days = 30", "days = 0"), "rule[1]: days: 0 is out of range"),
    "unknown kind": (RULE.replace("quantity", "quality"), "rule[1]: kind: 'quality' is unknown; use one of quantity, repeat"),
    "unknown effect": (RULE.replace("note", "fine"), "rule[1]: effect: 'fine' is unknown; use one of note, cut, hold"),
    "a cut that nobody bears": (RULE.replace("note", "cut"), "rule[1]: bears: is missing; add it"),
    "a cut that the fund bears": (
        RULE.replace('"note"', '"cut"\nbears = "fund"'), "rule[1]: bears: 'fund' is unknown; use one of patient, provider"),
    "a note that somebody bears": (RULE.replace('"note"', '"note"\nbears = "patient"'), "rule[1]: bears: is not known here"),
    "no source": (RULE.replace('source = "T1"\n', ""), "rule[1]: source: is missing; add it"),
    "unknown source": (RULE.replace('"T1"', '"T9"'), "rule[1]: source: 'T9' is not a known source of a value"),
    "a choice in one language": (RULE + 'choice = "thirty"\n', "rule[1]: choice: needs both languages"),
    "no items": (RULE.replace('items = ["X"]\n', ""), "rule[1]: items: is missing; list the items"),
    "no code": (RULE.replace('["X"]', '["药"]'), "rule[1]: items: '药' is no code; write letters, digits"),
    "ends before it begins": (RULE + "until = 2019-12-31\n", "rule[1]: until: 2019-12-31 lies before 2020-01-01"),
    "given twice": (RULE + RULE, "rule: supply is given twice for 2020-01-01; give one an `until`, or another id"),
    "unknown key": (RULE + "factor = 2\n", "rule[1]: factor: is not known here; remove it"),
    "an id that is none": (RULE.replace('"supply"', '"too much"'), "rule[1]: id: 'too much' is no code"),
    "care": (RULE + 'care = ["clinic"]\n', "rule[1]: care: 'clinic' is unknown"),
    "age": (of_kind("age", 'items = ["X"]\nage = "old"\n'), "rule[1]: age: 'old' is no range of numbers"),
    "sex": (of_kind("sex", 'items = ["X"]\ngend = "3"\n'), "rule[1]: gend: '3' is unknown; use one of 1, 2"),
    "levels": (of_kind("level", 'items = ["X"]\nlevels = ["9"]\n'), "rule[1]: levels: '9' is unknown"),
    "percent": (of_kind("price", "percent = 99\n"), "rule[1]: percent: 99 is out of range; write a whole number from 100"),
    "a ceiling for all": (of_kind("price", "yuan = 10.00\n"), "rule[1]: items: is missing; list the items"),
    "what is cut of a readmission": (
        of_kind("readmission", "days = 15\n").replace('"note"', '"cut"\nbears = "provider"'), "effect: readmission finds no lines"),
    "what is cut of a bill paid both ways": (
        of_kind("both_ways", "").replace('"note"', '"cut"\nbears = "provider"'), "effect: both_ways finds no lines"),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_once(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, {NATIONAL: HEAD + text})
    (told,) = in_english(caught.value.problems)
    assert told.startswith(NATIONAL) and problem in told


def test_a_rule_may_be_an_example_and_its_head_names_a_source(tmp_path: Path) -> None:
    book = loaded(tmp_path, {NATIONAL: HEAD + RULE.replace('source = "T1"', 'source = "example"')})
    assert [rule.head.source for rule in book.review_rules("350200").rules] == ["example"]
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, {NATIONAL: '[review]\nsource = "example"\n'})
    assert any("review: source: 'example' is not a known source" in one for one in in_english(caught.value.problems))


def test_a_place_of_care_has_its_own_rule_instead_of_the_nations(tmp_path: Path) -> None:
    other = RULE.replace("supply", "other")
    book = loaded(tmp_path, {NATIONAL: HEAD + RULE + other, REGIONAL: HEAD + RULE.replace("30", "14")})
    found = {rule.head.id: rule for rule in book.review_rules("350203").rules}
    assert isinstance(found["supply"], Quantity) and found["supply"].days == 14 and set(found) == {"supply", "other"}
    assert [rule.days for rule in book.review_rules("110101").rules if rule.head.id == "supply"] == [30]


def test_versions_of_a_rule_follow_each_other(tmp_path: Path) -> None:
    later = RULE.replace("2020-01-01", "2026-01-01").replace("30", "14")
    rules = loaded(tmp_path, {NATIONAL: HEAD + RULE + "until = 2025-12-31\n" + later}).review_rules("350200")
    days = {day: [rule.days for rule in rules.of({"X1"}, day, "outpatient").rules] for day in (date(2025, 12, 31), date(2026, 1, 1))}
    assert list(days.values()) == [[30], [14]]
    assert rules.of({"X1"}, date(2019, 12, 31), "outpatient").rules == ()


def test_a_rule_is_asked_only_for_its_items_and_its_care(tmp_path: Path) -> None:
    rules = loaded(tmp_path, {NATIONAL: HEAD + RULE + 'care = ["outpatient"]\n'}).review_rules("350200")
    day = date(2026, 1, 1)
    assert len(rules.of({"A", "X1"}, day, "outpatient").rules) == 1
    assert not rules.of({"A"}, day, "outpatient").rules and not rules.of({"X1"}, day, "inpatient").rules


def test_the_built_in_rulebook_has_a_rule_of_every_kind() -> None:
    rules = built_in().reviews[NATION].rules
    assert {rule.kind for rule in rules} == set(KINDS)
    assert {rule.head.id for rule in rules if rule.head.source != "example"} == {"quantity-outpatient", "duplicate-charge"}
