"""``--as-of`` and ``--since`` of account, filings and settlements: what stood then, and what two times differ in, from a dump."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from policies.book import built_in
from services.cli.console import CANNOT, REFUSED, SERVERS
from tests.policies import requests as r
from tests.policies.standing import PARTITION
from tests.services.conftest import Run
from tests.services.recorded import recorded

DAY, MARCH = 86_400_000, 1_772_323_200_000
"""Milliseconds of a day; 2026-03-01 00:00 UTC."""
ENROLLED, CREDITED, FILED, FIRST, SECOND, UNDONE = (f"2026-03-0{n}T00:00" for n in range(1, 7))
ENDED = "2026-09-04T00:00"
"""Six months from 2026-03-04 on a temporary filing has ended, 2026-09-03 was its last day. Request n was taken by the broker at midnight (UTC) of day n."""


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Level 1 in 克拉玛依 (S116, S117). 100.00: (100 - 20) x 80 % = 64.00 from the pool, 36.00 from the account; 200.00: 144.00
    and 56.00; then the second one is taken back."""
    folder = tmp_path_factory.mktemp("past")
    undo = {"psn_no": "P1", "omsgid": "claim-2", "date": "2026-03-06", "reason": "wrong_charges", "fixmedins_code": r.KARAMAY_1}
    requests = [
        r.record("enrolment.recorded", r.enrolment()), r.record("account.credited", r.credit(50_000), "credit-1"),
        r.record("filing.requested", r.filing(begndate="2026-03-04"), "filing-1"),
        r.record("claim.submitted", r.claim(acct_used_flag="1"), "claim-1"),
        r.record("claim.submitted", r.claim(r.line(20_000), mdtrt_id="M2", acct_used_flag="1"), "claim-2"),
        r.record("reversal.requested", undo, "undo-1"),
    ]
    recorded(requests, built_in(), folder, range(MARCH, MARCH + 6 * DAY, DAY))
    return folder


def asked(run: Run, command: str, dump: Path, *args: str) -> Any:
    done = run(command, "P1", "--dump", dump, *args, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def changes(run: Run, command: str, dump: Path, *args: str) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """By key, its last part alone where that is enough: was, now, and by how many fen more."""
    found = asked(run, command, dump, *args)["changes"]
    return {tuple(one["key"]): (one["was"], one["now"], *([one["more"]] if "more" in one else [])) for one in found}


@pytest.mark.parametrize("at, paid", [
    (FILED, []), (FIRST, [(10_000, 6_400, 3_600, 0)]), (SECOND, [(10_000, 6_400, 3_600, 0), (20_000, 14_400, 5_600, 0)]),
    (UNDONE, [(10_000, 6_400, 3_600, 0), None]),
])
def test_settlements_as_they_stood(run: Run, dump: Path, at: str, paid: list[Any]) -> None:
    found = asked(run, "settlements", dump, "--as-of", at)["settlements"]
    amounts = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
    assert [tuple(one[name] for name in amounts) if one["state"] == "in_force" else None for one in found] == paid
    assert [one["number"] for one in found] == [*range(1, len(paid) + 1)]
    assert [one["taken_back_by"] for one in found if one["state"] == "taken_back"] == ["undo-1"] * paid.count(None)


def test_what_a_settlement_and_its_reversal_changed(run: Run, dump: Path) -> None:
    found = changes(run, "settlements", dump, "--since", FIRST, "--as-of", SECOND)
    second = next(key[0] for key in found if key[1] == "state")
    assert found == {
        (second, "state"): (None, "有效 / in force"), (second, "medfee_sumamt"): (None, 20_000, 20_000),
        (second, "fund_pay_sumamt"): (None, 14_400, 14_400), (second, "acct_pay"): (None, 5_600, 5_600), (second, "psn_cash_pay"): (None, 0, 0),
        ("sum", "medfee_sumamt"): (10_000, 30_000, 20_000), ("sum", "fund_pay_sumamt"): (6_400, 20_800, 14_400), ("sum", "acct_pay"): (3_600, 9_200, 5_600)}
    back = changes(run, "settlements", dump, "--since", SECOND)
    assert back[second, "state"] == ("有效 / in force", "已撤销 / taken back (undo-1)")
    assert back[second, "fund_pay_sumamt"] == (14_400, None, -14_400) and back["sum", "acct_pay"] == (9_200, 3_600, -5_600)


def test_what_it_changed_of_the_account(run: Run, dump: Path) -> None:
    found = changes(run, "account", dump, "--since", FIRST, "--as-of", SECOND)
    assert found["account", "310"] == (46_400, 40_800, -5_600)
    assert found["2026", "650200", "310", "outpatient.deductible"] == (2_000, 4_000, 2_000)
    assert found["2026", "650200", "310", "outpatient.hifp_pay"] == (6_400, 20_800, 14_400)
    assert changes(run, "account", dump, "--since", FIRST) == {}, "what was settled and taken back left nothing behind"
    begun = changes(run, "account", dump, "--since", ENROLLED, "--as-of", CREDITED)
    assert begun == {("account", "310"): (None, 50_000, 50_000)}
    (new,) = changes(run, "account", dump, "--since", "2026-02-28", "--as-of", ENROLLED)
    assert new == ("insurance", "650200", "310", "2010-01-01")


@pytest.mark.parametrize("args, states", [
    (("--as-of", CREDITED), []), (("--as-of", FILED), ["not_yet"]), (("--as-of", FIRST), ["in_force"]), (("--as-of", ENDED), ["ended"]),
    (("--as-of", FILED, "--date", "2026-03-05"), ["in_force"]), (("--date", "2026-03-03"), ["not_yet"]),
])
def test_filings_as_they_stood_on_the_day_of_that_time(run: Run, dump: Path, args: tuple[str, ...], states: list[str]) -> None:
    assert [one["state"] for one in asked(run, "filings", dump, *args)["filings"]] == states


def test_a_filing_that_ended_meanwhile_has_changed_without_a_record(run: Run, dump: Path) -> None:
    (number,) = [one["trt_dcla_detl_sn"] for one in asked(run, "filings", dump)["filings"]]
    found = changes(run, "filings", dump, "--since", UNDONE, "--as-of", ENDED)
    assert found == {(number, "state"): ("有效 / in force", "已到期 / ended")}
    made = changes(run, "filings", dump, "--since", CREDITED, "--as-of", FILED)
    assert made[number, "begndate"] == (None, "2026-03-04") and made[number, "enddate"] == (None, "2026-09-03")
    assert changes(run, "filings", dump, "--since", UNDONE, "--as-of", ENDED, "--date", "2026-03-04") == {}


def test_both_languages_and_yuan_on_paper(run: Run, dump: Path) -> None:
    told = run("settlements", "P1", "--dump", dump, "--since", FIRST, "--as-of", SECOND).stdout
    assert all(text in told for text in ("合计 基金支付", "sum of funds", "64.00", "208.00", "+144.00", "2026-03-05T00:00:00Z"))
    assert "没有变化 / nothing changed" in run("account", "P1", "--dump", dump, "--since", FIRST).stdout
    listed = run("settlements", "P1", "--dump", dump).stdout
    assert "已撤销 / taken back" in listed and "undo-1" in listed and "claim-1" in listed
    assert "没有结算 / no settlements" in run("settlements", "P1", "--dump", dump, "--as-of", ENROLLED).stdout


@pytest.mark.parametrize("command", ["account", "filings", "settlements"])
def test_a_person_of_whom_nothing_is_known_is_told(run: Run, dump: Path, command: str) -> None:
    done = run(command, "P2", "--dump", dump)
    assert done.exit_code == REFUSED and "nothing is known of this person" in done.stderr


@pytest.mark.parametrize("columns", [80, 40])
def test_no_figure_is_cut_on_a_narrow_terminal(run: Run, dump: Path, columns: int) -> None:
    """80 columns are a file's too: there figures and codes stand in one line; narrower, they go on in the next one."""
    told = run("settlements", "P1", "--dump", dump, env={"COLUMNS": str(columns)}).stdout
    assert "…" not in told
    if columns == 80:
        assert all(text in told for text in ("100.00", "64.00", "36.00", r.KARAMAY_1, "2026-03-05", "claim-1"))


@pytest.mark.parametrize("command", ["account", "filings", "settlements"])
def test_what_cannot_be_asked(run: Run, dump: Path, command: str) -> None:
    for args in (("--since", SECOND, "--as-of", FIRST), ("--as-of", "yesterday")):
        assert run(command, "P1", "--dump", dump, *args).exit_code == CANNOT
    assert run(command, "P 1", "--dump", dump).exit_code == 1
    assert run(command, "P1", "--as-of", FIRST).exit_code == CANNOT, "no addresses"


def test_explain_from_a_dump(run: Run, dump: Path, tmp_path: Path) -> None:
    """The first claim is in force, the second was taken back: 144.00 from the pool, which the statement says no longer holds."""
    first, second = (run("explain", f"claim-{n}", "--dump", dump, "--lang", "en") for n in (1, 2))
    assert first.exit_code == second.exit_code == 0 and "64.00" in first.stdout and "144.00" in second.stdout
    assert "taken back later" not in first.stdout and "taken back later, by the request undo-1" in second.stdout
    assert "后来已被请求 undo-1 撤销" in run("explain", "claim-2", "--dump", dump, "--html", "-").stdout
    nobody = run("explain", "nobody", "--dump", dump)
    assert nobody.exit_code == 1 and "check the id" in nobody.stderr
    assert run("explain", "claim-1", "--dump", tmp_path).exit_code == CANNOT


@pytest.mark.parametrize("command", ["account", "filings"])
def test_a_person_of_whom_nothing_was_known_yet(run: Run, dump: Path, command: str) -> None:
    done = run(command, "P1", "--dump", dump, "--as-of", "2026-02-28")
    assert done.exit_code == 1 and "nothing was known of this person at 2026-02-28T00:00:00Z" in done.stderr
    assert "2026-02-28T00:00:00Z 时还没有这个人的记录" in done.stderr and "is known" not in done.stderr
    assert "nothing is known of this person; check psn_no" in run(command, "P2", "--dump", dump).stderr


@pytest.mark.parametrize("command, of, topic", [
    ("account", "P1", "yibao.settled"), ("settlements", "P1", "yibao.settled"), ("filings", "P1", "yibao.checked"), ("explain", "claim-2", "yibao.settled")])
def test_a_dump_that_was_changed_or_has_a_gap_tells_nothing(run: Run, dump: Path, tmp_path: Path, command: str, of: str, topic: str) -> None:
    copy = shutil.copytree(dump, tmp_path / "copy")
    (file,) = copy.glob(f"{topic}/{PARTITION}/*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    done = run(command, of, "--dump", copy)
    assert done.exit_code == SERVERS and file.name in done.stderr
    manifest = json.loads((copy / "manifest.json").read_text())
    for one in manifest["files"]:
        if (one["topic"], one["partition"]) == (topic, PARTITION):
            one["sha256"] = sha256(file.read_bytes()).hexdigest()
            one["records"] -= 1
    (copy / "manifest.json").write_text(json.dumps(manifest))
    done = run(command, of, "--dump", copy)
    assert done.exit_code == SERVERS and "yibao audit verify" in done.stderr
