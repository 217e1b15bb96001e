"""Every quote of the first texts is the source of a value or is listed with the reason why not, and never both."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies.book import BUILT_IN, Book, load
from policies.quotes import WHY, Unused, read_unused
from policies.tables import RulebookError, Table
from tests.policies.languages import in_english

BESIDE_VALUES = ("sources.toml", "quotes.toml")
GOOD = '[[quote]]\nid = "T1"\nwhy = "vague"\nnote_zh = "没有数值"\nnote_en = "no value"\n'
TWO_SOURCES = '[T1]\ntitle = "t"\nquote = "q"\n[T2]\ntitle = "t"\nquote = "q"\n'


def parsed(name: str) -> dict[str, Any]:
    return tomllib.loads((BUILT_IN / name).read_text("utf-8"))


def listed() -> tuple[Unused, ...]:
    return read_unused(Table(parsed("quotes.toml"), "quotes.toml", [], {}), parsed("sources.toml"))


def named(found: Any, key: str = "") -> Iterator[str]:
    """The ids under ``source`` and ``..._source`` of parsed TOML, at any depth."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from named(value, name)
    elif isinstance(found, list):
        for value in found:
            yield from named(value, key)
    elif isinstance(found, str) and (key == "source" or key.endswith("_source")):
        yield found


def used() -> set[str]:
    names = {path.relative_to(BUILT_IN).as_posix() for path in BUILT_IN.rglob("*.toml")}
    values = {name for name in names if name not in BESIDE_VALUES and not name.endswith(".cases.toml")}
    return {id for name in values for id in named(parsed(name))}


def loaded(folder: Path, quotes: str) -> Book:
    """A rulebook of two texts and no plan, with ``quotes`` as its quotes.toml."""
    (folder / "sources.toml").write_text(TWO_SOURCES, "utf-8")
    (folder / "quotes.toml").write_text(quotes, "utf-8")
    (folder / "national").mkdir()
    (folder / "national" / "settlement.toml").write_text('[scope]\nsource = "T1"\n[cash]\nsource = "T1"\n', "utf-8")
    return load(folder)


def unaccounted(quotes: set[str], used: set[str], listed: set[str]) -> dict[str, list[str]]:
    return {"neither used nor listed": sorted(quotes - used - listed), "both used and listed": sorted(quotes & used & listed)}


# --- the built-in rulebook ----------------------------------------------------------------------------------------------

def test_every_quote_is_the_source_of_a_value_or_listed_with_the_reason_why_not() -> None:
    quotes = {id for id in parsed("sources.toml") if re.fullmatch("S[0-9]{3}", id)}
    assert quotes == {f"S{number:03}" for number in range(1, 196)}, "sources.toml holds the 195 quotes"
    found = unaccounted(quotes, used(), {quote.id for quote in listed()})
    assert not any(found.values()), f"name a quote as the source of a value, or list it in quotes.toml: {found}"


def test_the_higher_of_the_two_places_is_not_adopted() -> None:
    """S007: 若就医地报销比例高于参保地,按“就高原则”执行; it is contrary to S002: 报销比例按“参保地政策”执行."""
    rule = next(quote for quote in listed() if quote.id == "S007")
    assert (rule.why, rule.of) == ("contradicts", "S002") and "不采用" in rule.zh and "not adopted" in rule.en


def test_what_a_quote_points_to_decides() -> None:
    """The quote that is followed instead is not itself one that was dropped for being wrong or unfinished."""
    reasons = {quote.id: quote.why for quote in listed()}
    for quote in listed():
        assert not quote.of or reasons.get(quote.of) not in ("contradicts", "duplicate", "cut_off"), f"{quote.id} points to {quote.of}"


def test_notes_are_in_both_languages() -> None:
    for quote in listed():
        assert re.search("[一-鿿]", quote.zh) and re.search("[A-Za-z]{3}", quote.en), quote.id
        assert not re.search("[一-鿿]", quote.en), quote.id


@pytest.mark.parametrize("name", ["national", "regions/421200-xianning"])
def test_every_code_of_the_interface_stands_in_the_table_of_codes_that_its_map_names(name: str) -> None:
    """``1112`` as ``1112=`` in the quote; maps of levels of a place combine codes and have the place's own text."""
    quotes = parsed("sources.toml")
    for table in parsed(f"{name}/maps.toml")["map"]:
        codes = [str(code) for row in table["rows"] for key, code in row.items() if key != "is"]
        assert codes and [code for code in codes if not re.search(rf"(?<!\d){code}=", quotes[table["source"]]["quote"])] == []


# --- the reading --------------------------------------------------------------------------------------------------------

def test_the_account_names_what_is_missing_and_what_is_twice() -> None:
    assert unaccounted({"A", "B", "C", "D"}, used={"A", "B"}, listed={"B", "C"}) == {
        "neither used nor listed": ["D"], "both used and listed": ["B"]}


def test_sources_are_found_at_any_depth() -> None:
    text = 'source = "A"\nother = "X"\n[[step]]\nbands_source = "B"\nrows = [{ yuan = 1, source = "C" }]\n[step.more]\nsource = ["D"]\n'
    assert set(named(tomllib.loads(text))) == {"A", "B", "C", "D"}


def test_a_quote_is_read(tmp_path: Path) -> None:
    table = Table(tomllib.loads(GOOD), "quotes.toml", (problems := []), {})
    assert read_unused(table, {"T1"}) == (Unused("T1", "vague", "", "没有数值", "no value"),) and not problems
    assert loaded(tmp_path, GOOD).sources.keys() == {"T1", "T2"}


@pytest.mark.parametrize(("text", "problem"), {
    "unknown reason": (GOOD.replace("vague", "dull"), "quotes.toml: quote[1]: why: 'dull' is unknown; use one of contradicts, "),
    "unknown quote": (GOOD.replace('"T1"', '"T9"'), "quotes.toml: quote[1]: id: 'T9' is not in sources.toml; add the text there"),
    "a note in one language": (GOOD.replace("note_en", "note"), "quotes.toml: quote[1]: note_en: is missing; add it"),
    "contradicts nothing": (GOOD.replace("vague", "contradicts"), "quotes.toml: quote[1]: of: '' is no other text; contradicts needs"),
    "contradicts the unknown": (GOOD.replace('"vague"', '"contradicts"\nof = "T9"'), "quote[1]: of: 'T9' is no other text"),
    "repeats itself": (GOOD.replace('"vague"', '"duplicate"\nof = "T1"'), "quote[1]: of: 'T1' is no other text; duplicate needs"),
    "points without need": (GOOD.replace('"vague"', '"vague"\nof = "T2"'), "quote[1]: of: says nothing where why is vague; remove it"),
    "listed twice": (GOOD + GOOD, "quotes.toml: quote: T1 is listed twice; remove one"),
    "another table": (GOOD + "[more]\n", "quotes.toml: more: is not known here; remove it"),
}.values())
def test_what_is_wrong_is_said_when_the_rulebook_is_loaded(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, text)
    assert any(problem in found for found in in_english(caught.value.problems)), caught.value.problems


@pytest.mark.parametrize("why", WHY)
def test_every_reason_is_given_by_some_quote(why: str) -> None:
    assert any(quote.why == why for quote in listed()), f"no quote is {why}; remove the reason"
