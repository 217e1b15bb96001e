"""Which row applies, which rows clash; days and places."""

from datetime import date

import pytest

from policies.calendar import add_months, age_on, last_day
from policies.places import Region
from policies.select import NEVER, Interval, Prefixes, Row, clash, interval, select


def row(value: int, **when: str) -> Row[int]:
    return Row(tuple((name, frozenset(allowed.split("|"))) for name, allowed in sorted(when.items())), value)


EVERY, LEVEL_2, RETIRED, BOTH = row(0), row(2, level="2"), row(5, status="retired"), row(7, level="2", status="retired")


@pytest.mark.parametrize(("facts", "value"), [
    ({"level": "1", "status": "working"}, 0), ({"level": "2", "status": "working"}, 2),
    ({"level": "1", "status": "retired"}, 5), ({"level": "2", "status": "retired"}, 7), ({}, 0),
])
def test_the_most_special_row_applies_whatever_the_order(facts: dict[str, str], value: int) -> None:
    for rows in ([EVERY, LEVEL_2, RETIRED, BOTH], [BOTH, RETIRED, LEVEL_2, EVERY]):
        found = select(rows, facts)
        assert found is not None and found.value == value


def test_no_row_applies() -> None:
    assert select([LEVEL_2, RETIRED], {"level": "1", "status": "working"}) is None
    assert select([LEVEL_2], {}) is None


@pytest.mark.parametrize(("rows", "example"), [
    ([LEVEL_2, RETIRED], {"level": "2", "status": "retired"}),
    ([LEVEL_2, row(3, level="2")], {"level": "2"}),
    ([row(1, level="1|2"), row(2, level="2|3")], {"level": "2"}),
    ([EVERY, row(9)], {}),
])
def test_rows_between_which_nothing_decides_clash_with_an_example(rows: list[Row[int]], example: dict[str, str]) -> None:
    found = clash(rows)
    assert found is not None and found[2] == example


@pytest.mark.parametrize("rows", [
    [EVERY, LEVEL_2, BOTH], [LEVEL_2, row(3, level="3")], [row(1, level="1|2"), row(2, level="2")], [],
])
def test_rows_that_are_told_apart(rows: list[Row[int]]) -> None:
    assert clash(rows) is None


def aged(value: int, ages: str) -> Row[int]:
    found = interval(ages)
    assert found is not None
    return Row((("age", found),), value)


@pytest.mark.parametrize(("text", "low", "high"), [
    (">=70", 70, 10**9), (">70", 71, 10**9), ("<18", 0, 17), ("<=18", 0, 18), ("3", 3, 3), ("[18,70)", 18, 69),
    ("(60,70]", 61, 70), ("[60, 70]", 60, 70), ("(60,70)", 61, 69), ("(70,)", 71, 10**9), ("[,18)", 0, 17),
])
def test_intervals_with_open_and_closed_bounds(text: str, low: int, high: int) -> None:
    assert interval(text) == Interval(low, high)


@pytest.mark.parametrize("text", ["70+", "", "[70", "(70,71)", "[70,60]", "<0", "about 70", "-3", "[a,b]"])
def test_what_is_no_interval_or_holds_nothing(text: str) -> None:
    assert interval(text) is None


def test_a_narrower_interval_beats_a_wider_one() -> None:
    rows = [aged(1, ">=60"), aged(2, "[70,80)"), row(0)]
    values = {age: found.value for age in (59, 60, 69, 70, 79, 80) if (found := select(rows, {"age": age})) is not None}
    assert values == {59: 0, 60: 1, 69: 1, 70: 2, 79: 2, 80: 1} and clash(rows) is None


@pytest.mark.parametrize("narrow", ["[60,70]", "[70,80]"])
def test_an_interval_that_shares_a_bound_with_a_wider_one_beats_it(narrow: str) -> None:
    rows = [aged(2, narrow), aged(1, "[60,80]")]
    assert clash(rows) is None
    for order in (rows, rows[::-1]):
        assert [found.value for age in (60, 70, 80) if (found := select(order, {"age": age}))].count(2) == 2


def test_intervals_that_overlap_clash_where_they_meet() -> None:
    found = clash([aged(1, "<=70"), aged(2, "[70,80)")])
    assert found is not None and found[2] == {"age": "70"}
    assert clash([aged(1, "<70"), aged(2, ">=70")]) is None


def test_a_condition_that_holds_for_nothing_clashes_with_nothing() -> None:
    never = Row((("age", NEVER),), 1)
    assert clash([never, LEVEL_2]) is None and select([never], {"age": 1}) is None


def test_codes_by_their_first_digits() -> None:
    """Codes of which the later digits only say more: the longer condition implies the shorter."""
    def of(*codes: str) -> Row[str]:
        return Row((("dise_codg", Prefixes(frozenset(codes))),), codes[0])

    rows = [of("M00"), of("M005", "M009")]
    chosen = {code: found.value if (found := select(rows, {"dise_codg": code})) else None for code in ("M00100", "M00500", "M01")}
    assert chosen == {"M00100": "M00", "M00500": "M005", "M01": None} and clash(rows) is None
    assert clash([of("M00"), of("M00", "M1")]) is None, "the first implies the second"
    found = clash([of("M00", "M2"), of("M00", "M1")])
    assert found is not None and found[2] == {"dise_codg": "M00"}


@pytest.mark.parametrize(("day", "months", "later", "last"), [
    ("2026-03-01", 6, "2026-09-01", "2026-08-31"),
    ("2025-08-31", 6, "2026-02-28", "2026-02-28"),
    ("2027-08-31", 6, "2028-02-29", "2028-02-29"),
    ("2025-08-28", 6, "2026-02-28", "2026-02-27"),
    ("2025-12-31", 1, "2026-01-31", "2026-01-30"),
    ("2025-07-01", 6, "2026-01-01", "2025-12-31"),
    ("2024-02-29", 12, "2025-02-28", "2025-02-28"),
])
def test_months(day: str, months: int, later: str, last: str) -> None:
    start = date.fromisoformat(day)
    assert (add_months(start, months).isoformat(), last_day(start, months).isoformat()) == (later, last)


def test_months_back() -> None:
    assert add_months(date(2026, 3, 31), -36) == date(2023, 3, 31) and add_months(date(2024, 2, 29), -36) == date(2021, 2, 28)


@pytest.mark.parametrize(("born", "day", "age"), [
    ("1966-03-20", "2026-03-19", 59), ("1966-03-20", "2026-03-20", 60), ("1966-03-20", "2026-03-21", 60),
    ("1964-02-29", "2025-02-28", 60), ("1964-02-29", "2025-03-01", 61), ("1964-02-29", "2024-02-29", 60),
    ("2026-03-20", "2026-03-20", 0), ("1900-01-01", "2025-01-01", 125),
])
def test_completed_years(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@pytest.mark.parametrize(("admdvs", "place"), [("410105", "home"), ("419900", "home"), ("411500", "same_province"), ("310115", "other_province")])
def test_the_place_of_care_as_seen_from_the_place_of_insurance(admdvs: str, place: str) -> None:
    henan = Region("419900", "", "", ("4199", "4101"), ("41",), "")
    assert henan.place_of(admdvs) == place
