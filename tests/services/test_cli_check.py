"""``yibao check`` and ``providers``: offline, from a file of requests and from the register."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policies.book import built_in
from services.cli.app import app
from tests.policies.requests import enrolment, filing, spell
from tests.policies.rulebooks import FILES, PLAN, written as book

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments], terminal_width=120)


def written(folder: Path, *requests: tuple[str, dict[str, Any]]) -> Path:
    file = folder / "requests.jsonl"
    lines = [json.dumps({"type": f"cn.yibao.{type}", "data": data}, ensure_ascii=False) for type, data in requests]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def asked(run: Run, file: Path, provider: str = "H31011500103", date: str = "2026-03-05", care: str = "inpatient", *more: str) -> Result:
    return run("check", "P1", "--provider", provider, "--date", date, "--care", care, "--from", file, *more)


def test_may_be_treated_there_after_the_remedy(run: Run, tmp_path: Path) -> None:
    who = ("enrolment.recorded.v1", enrolment(spell("410100")))
    before = asked(run, written(tmp_path, who))
    assert before.exit_code == 1
    zh, en = before.stdout.splitlines()
    assert "不能直接结算，可先自费再手工报销" in zh and "没有到 310115 的有效异地就医备案" in zh and "补办备案" in zh
    assert "cannot be settled there; pay, then claim by hand" in en and "No filing for care in 310115" in en
    after = asked(run, written(tmp_path, who, ("filing.requested.v2", filing())))
    assert after.exit_code == 0 and "可以在该机构直接结算；跨省异地就医；不降低支付比例。" in after.stdout, after.stdout


def test_json_has_all_reasons_the_way_the_rules_and_both_sentences(run: Run, tmp_path: Path) -> None:
    paid = {"insuplc_admdvs": "360100", "insutype": "390", "begndate": "2025-01-01", "enddate": "2025-12-31", "clct_date": "2025-03-01"}
    who = enrolment(spell("360100", insutype="390", psn_type="15"), clctinfo=[paid])
    result = asked(run, written(tmp_path, ("enrolment.recorded.v2", who)), "H11010800003", "2025-05-31", "inpatient", "--json")
    found = json.loads(result.stdout)
    assert [one["code"] for one in found["reasons"]] == ["waiting", "provider_not_connected", "not_filed"]
    assert (found["verdict"], found["route"], found["insutype"], found["place"]) == ("refused", "none", "390", "other_province")
    assert [one["source"] for one in found["rules"]] == ["S134"] and found["rulebook"] == built_in().digest
    assert all(one["zh"] in found["zh"] and one["en"] in found["en"] for one in found["reasons"])


def test_a_stay_that_no_plan_pays_is_told(run: Run, tmp_path: Path) -> None:
    result = asked(run, written(tmp_path, ("enrolment.recorded.v1", enrolment())), "H65020000102", "2026-03-05", "inpatient")
    assert result.exit_code == 1 and "但规则库没有适用的待遇" in result.stdout and "the rulebook has no benefit" in result.stdout


@pytest.mark.parametrize(("place", "insutype", "psn_type", "provider", "care", "missing"), [
    ("520500", "390", "15", "H52050000104", "outpatient", "no ratio for level=3"),
    ("520500", "390", "15", "H52050000103", "outpatient", None),
    ("410100", "310", "11", "H41010500102", "inpatient", "no deductible for hosp_lv=5"),
    ("410100", "310", "11", "H41010500103", "inpatient", None),
    ("650200", "310", "13", "H65020000102", "outpatient", "no cap for status=veteran"),
    ("421200", "310", "11", "H42120000103", "maternity", None),  # the kind of birth is not asked for: some kinds have a sum
])
def test_a_provider_or_person_without_a_value_in_the_plan_is_told(
    run: Run, tmp_path: Path, place: str, insutype: str, psn_type: str, provider: str, care: str, missing: str | None,
) -> None:
    """毕节 has no ratio at level 3, 郑州 no deductible but at 三级甲等, 克拉玛依 no limit for veterans: such a claim is refused."""
    file = written(tmp_path, ("enrolment.recorded.v1", enrolment(spell(place, insutype, psn_type))))
    result = asked(run, file, provider, "2026-03-05", care)
    assert result.exit_code == (1 if missing else 0) and (missing or "nothing is reduced") in result.stdout, result.stdout


@pytest.mark.parametrize(("approved", "told"), [
    ([{"dise_codg": "M03900", "begndate": "2025-01-01"}], None),
    ([{"dise_codg": "M03900", "begndate": "2025-01-01", "enddate": "2026-03-04"}], "which one the request does not say"),
    ([], "which one the request does not say"),
])
def test_chronic_care_is_asked_about_for_what_was_approved(run: Run, tmp_path: Path, approved: list[dict[str, str]], told: str | None) -> None:
    """南昌 asks for an approval across provinces (S139). A question names no disease: one that is approved on the day will do."""
    who = ("enrolment.recorded.v2", enrolment(spell("360100"), opspinfo=approved))
    filed = ("filing.requested.v3", filing(mdtrtarea_admdvs="110000", fixmedins_codes=["H11010500001"]))
    result = asked(run, written(tmp_path, who, filed), "H11010500001", "2026-03-05", "chronic", "--json")
    found = json.loads(result.stdout)
    assert [one["code"] for one in found["reasons"]] == (["disease_not_approved"] if told else [])
    assert (told or "") in found["en"] and ("（请求未写明 dise_codg）" in found["zh"]) == bool(told)


@pytest.mark.parametrize(("place", "insutype", "provider", "told"), [
    ("440300", "310", "H11010500001", "but the rulebook has no benefit for it: 440300-shenzhen/outpatient-310#outpatient.2: no ratio for route=manual"),
    ("520500", "390", "H11010500001", "but the rulebook has no benefit for it: 520500-bijie/outpatient-390#outpatient.2: no ratio for level=3"),
    ("520500", "390", "H11010200002", None),
])
def test_what_could_not_be_paid_by_hand_either_is_told(run: Run, tmp_path: Path, place: str, insutype: str, provider: str, told: str | None) -> None:
    """Not filed for 北京: to be claimed by hand. 深圳 has a value of direct settlement alone (S158), 毕节 none of level 3 (S105)."""
    file = written(tmp_path, ("enrolment.recorded.v1", enrolment(spell(place, insutype, "11" if insutype == "310" else "15"))))
    result = asked(run, file, provider, "2026-03-05", "outpatient")
    assert result.exit_code == 1 and "cannot be settled there; pay, then claim by hand; No filing for care in" in result.stdout
    assert told in result.stdout if told else "no benefit" not in result.stdout, result.stdout


def test_what_is_reduced_out_of_area_is_told(run: Run, tmp_path: Path) -> None:
    """A plan that lowers the ratio by 10 points in another province."""
    step = '[[benefit.step]]\nkind = "out_of_area"\nmode = "subtract"\nsource = "T1"\nby = [{ of = 0.10 }]\n'
    plan = FILES[PLAN].replace('[[benefit.step]]\nkind = "ratio"', step + '\n[[benefit.step]]\nkind = "ratio"')
    folder = book(tmp_path / "book", {PLAN: plan})
    file = written(tmp_path, ("enrolment.recorded.v1", enrolment(spell("350200"))))
    result = run("check", "P1", "--provider", "H35020000103", "--date", "2026-03-05", "--care", "inpatient", "--from", file, "--rulebook", folder)
    assert result.exit_code == 0 and "支付比例降低 10 个百分点" in result.stdout and "ratios less 10 percentage points" in result.stdout


@pytest.mark.parametrize(("person", "care", "message"), [("P*", "inpatient", "is no psn_no"), ("P1", "surgery!", "there is no such care")])
def test_what_cannot_be_asked_is_refused(run: Run, tmp_path: Path, person: str, care: str, message: str) -> None:
    file = written(tmp_path, ("enrolment.recorded.v1", enrolment()))
    result = run("check", person, "--provider", "H1", "--date", "2026-03-05", "--care", care, "--from", file)
    assert result.exit_code == 1 and message in result.stderr


def test_a_person_of_whom_the_file_says_nothing(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, ("enrolment.recorded.v1", enrolment(psn_no="OTHER")))
    result = asked(run, file)
    assert result.exit_code == 1 and "没有人员 P1 的参保登记" in result.stdout


# --- the register -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("place", "care", "day", "codes"), [
    ("110000", None, "2024-12-31", ["H11010100004", "H11010200002", "H11010500001", "H11010600005", "H11010700006", "H11010800003"]),
    ("110000", None, "2025-01-01", ["H11010200002", "H11010500001", "H11010600005", "H11010700006", "H11010800003"]),
    ("110000", "inpatient", "2025-01-01", ["H11010200002", "H11010500001", "H11010600005", "H11010700006"]),
    ("110106", "inpatient", "2024-04-30", []),
    ("110106", None, "2024-04-30", ["H11010600005"]),
    ("110106", "inpatient", "2024-05-01", ["H11010600005"]),
    ("110105", "chronic", "2025-01-01", ["H11010500001"]),
    ("110000", "inpatient", "2019-12-31", []),
])
def test_who_is_connected_for_what(run: Run, place: str, care: str | None, day: str, codes: list[str]) -> None:
    result = run("providers", "--place", place, "--date", day, "--json", *(["--care", care] if care else []))
    assert [one["fixmedins_code"] for one in json.loads(result.stdout)] == codes


def test_the_table_names_the_flags_in_both_languages(run: Run) -> None:
    shown = run("providers", "--place", "110000", "--date", "2025-03-01").stdout
    assert "H11010800003" in shown and "门诊 outpatient" in shown and "01 02 03" in shown


def test_none_and_an_unknown_flag_are_told(run: Run) -> None:
    assert "no such provider" in run("providers", "--place", "990000", "--date", "2025-03-01").stderr
    assert "there is no such flag" in run("providers", "--place", "110000", "--date", "2025-03-01", "--care", "eye").stderr
