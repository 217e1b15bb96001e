"""``yibao filings``, offline: the filings of docs/filing.jsonl up to a request, as they stand on a day."""

import json
import re
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.app import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/filing.md").read_text("utf-8")
LINES = (ROOT / "docs/filing.jsonl").read_bytes().splitlines()
KNOWN_UP_TO = {json.loads(line).get("id"): number for number, line in enumerate(LINES, 1)}


def asked(folder: Path, psn_no: str, up_to: str, day: str, *more: str) -> Result:
    file = folder / "requests.jsonl"
    file.write_bytes(b"\n".join(LINES[: KNOWN_UP_TO[up_to]]) + b"\n")
    return CliRunner().invoke(app, ["filings", psn_no, "--date", day, "--from", str(file), *more], terminal_width=120)


@pytest.mark.parametrize(("psn_no", "up_to", "day", "states"), [
    ("P-ZZ-1", "a2", "2026-03-08", "not_yet"),  # from 03-09 on
    ("P-ZZ-1", "a2", "2026-03-09", "on_letter"),
    ("P-ZZ-1", "a5", "2026-03-20", "in_force"),  # redeemed
    ("P-ZZ-1", "a7", "2026-05-31", "in_force not_yet"),  # changed from 06-01 on
    ("P-ZZ-1", "a7", "2026-06-01", "changed in_force"),
    ("P-ZZ-1", "a9", "2026-08-31", "changed in_force"),  # cancelled from 09-01 on
    ("P-ZZ-1", "a9", "2026-09-01", "changed cancelled"),
    ("P-ZZ-2", "b1", "2026-03-02", "pending"),
    ("P-ZZ-2", "b3", "2026-08-31", "in_force"),  # six months from 03-01 on
    ("P-ZZ-2", "b3", "2026-09-01", "ended"),
    ("P-ZZ-4", "f1", "2026-05-01", "on_letter"),
    ("P-ZZ-4", "f2", "2026-04-30", "in_force"),  # broken from 05-01 on
    ("P-ZZ-4", "f2", "2026-05-01", "broken"),
    ("P-SZ-1", "e1", "2026-03-01", "in_force"),
])
def test_state_on_a_day(tmp_path: Path, psn_no: str, up_to: str, day: str, states: str) -> None:
    result = asked(tmp_path, psn_no, up_to, day, "--json")
    assert [one["state"] for one in json.loads(result.stdout)["filings"]] == states.split(), result.stdout


@pytest.mark.parametrize(("psn_no", "up_to", "home", "made"), [
    ("P-ZZ-1", "a2", "after_materials", "in_time"), ("P-ZZ-1", "a5", "both", "in_time"), ("P-ZZ-3", "c1", "both", "late"),
])
def test_what_it_means_for_benefits(tmp_path: Path, psn_no: str, up_to: str, home: str, made: str) -> None:
    (found,) = json.loads(asked(tmp_path, psn_no, up_to, "2026-03-20", "--json").stdout)["filings"]
    assert (found["means"]["home"], found["means"]["made"], found["means"]["category"]) == (home, made, found["category"])


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set")
def test_today_is_the_day_in_china_wherever_the_machine_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 hours behind China it is another day until 20:00 there, 6 hours ahead from 18:00 on."""
    (tmp_path / "requests.jsonl").write_bytes(b"\n".join(LINES) + b"\n")
    china = timezone(timedelta(hours=8))
    monkeypatch.setenv("TZ", "Etc/GMT+12" if datetime.now(china).hour < 19 else "Etc/GMT-14")
    time.tzset()
    try:
        before = datetime.now(china).date()
        result = CliRunner().invoke(app, ["filings", "P-ZZ-1", "--from", str(tmp_path / "requests.jsonl"), "--json"])
        assert json.loads(result.stdout)["date"] in (str(before), str(datetime.now(china).date()))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_changes_of_the_year_and_how_many_there_may_be(tmp_path: Path) -> None:
    """天津 : two changes a year; the first of January begins another year."""
    found = json.loads(asked(tmp_path, "P-TJ-1", "d5", "2026-06-01", "--json").stdout)["filings"]
    assert [(one["changes"], one["most_changes"]) for one in found] == [(0, 2), (1, 2), (2, 2)]
    found = json.loads(asked(tmp_path, "P-TJ-1", "d5", "2027-01-01", "--json").stdout)["filings"]
    assert [one["changes"] for one in found] == [0, 0, 0]


@pytest.mark.parametrize(("lang", "texts"), [
    ("zh", ("待补正，补齐前不算备案", "referral_form", "oper=redeem", "2026-03-01 至 2026-08-31", "上海（310000）")),
    ("en", ("pending: counts for nothing", "referral_form", "oper=redeem", "2026-03-01 to 2026-08-31", "Shanghai (310000)")),
])
def test_the_sheet_says_what_is_missing_and_what_to_do(tmp_path: Path, lang: str, texts: tuple[str, ...]) -> None:
    result = asked(tmp_path, "P-ZZ-2", "b1", "2026-03-02", "--lang", lang)
    assert result.exit_code == 0 and all(text in result.stdout for text in texts), result.stdout


def test_hospitals_and_a_letter_are_told(tmp_path: Path) -> None:
    assert "H11010500001, H11010200002" in asked(tmp_path, "P-TJ-1", "d3", "2026-04-01").stdout
    told = asked(tmp_path, "P-ZZ-1", "a2", "2026-03-10", "--lang", "en").stdout
    assert "in force on a letter that is not redeemed" in told and "residence_certificate" in told
    assert "stands on a letter; the" in told and "no commitment letter is taken" not in told
    (filing,) = json.loads(asked(tmp_path, "P-ZZ-1", "a2", "2026-03-10", "--json").stdout)["filings"]
    assert [why["code"] for why in filing["missing"]] == ["materials_promised"]


def test_a_person_without_filings_and_one_of_whom_nothing_is_known(tmp_path: Path) -> None:
    first = asked(tmp_path, "P-ZZ-1", "a1", "2026-03-10", "--lang", "en")
    assert first.exit_code == 0 and "There are no filings." in first.stdout
    assert asked(tmp_path, "P-NOBODY", "a1", "2026-03-10").exit_code == 1
    assert asked(tmp_path, "P*", "a1", "2026-03-10").exit_code == 1


@pytest.mark.parametrize("command", re.findall(r"^yibao filings (.+)$", PAGE, re.MULTILINE))
def test_the_page_shows_what_is_printed(command: str) -> None:
    arguments = [str(ROOT / one) if one.startswith("docs/") else one for one in command.split()]
    printed = CliRunner().invoke(app, ["filings", *arguments], terminal_width=120).stdout
    assert printed.rstrip() and f"```\n{printed.rstrip()}\n```" in PAGE
