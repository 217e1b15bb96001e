"""``yibao rules``, and ``--rulebook`` where a command decides or prints with a rulebook."""

import json
import os
import re
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import Result

from policies.book import BUILT_IN, load
from services.runtime.main import rulebook
from services.runtime.settings import LocalStack, Settings, settings
from tests.policies.languages import english
from tests.policies.rulebooks import PLAN, changed, written
from tests.policies.test_check import CASES, GOOD

Run = Callable[..., Result]


def right(folder: Path) -> Path:
    """A rulebook with nothing to mend."""
    return written(folder, {CASES: GOOD})


# --- check ----------------------------------------------------------------------------------------------------------------


def test_check_of_a_rulebook_that_is_right(run: Run, tmp_path: Path) -> None:
    result = run("rules", "check", right(tmp_path / "rules"))
    assert result.exit_code == 0 and result.stderr == ""
    assert "规则库无误 / the rulebook is right: 1 个方案 / plans, 4 个算例 / cases, 1 个出处 / sources" in result.stdout


def test_check_names_what_is_to_mend_and_ends_with_1(run: Run, tmp_path: Path) -> None:
    folder = right(tmp_path / "rules")
    (folder / CASES).write_text(GOOD.replace("cash = 580.00", "cash = 580.01"), "utf-8")
    result = run("rules", "check", folder)
    assert result.exit_code == 1 and "有 1 处要改 / 1 to mend" in result.stderr
    assert result.stdout.splitlines() == [
        f"{CASES}: level 2: visit 1: psn_cash_pay 得出 58000，算例写的是 58001，请重新核算，再改正算例或规则 / "
        "psn_cash_pay is 58000, the case says 58001; work it out again, then correct the case or the rule"]


def test_check_of_a_rulebook_that_cannot_be_loaded(run: Run, tmp_path: Path) -> None:
    folder = written(tmp_path / "rules", changed(PLAN, "500.00", "500.005") | {CASES: GOOD.replace("brdy", "born")})
    result = run("rules", "check", folder)
    assert result.exit_code == 1
    assert f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: 500.005 不是从 0 起的整分金额" in result.stdout
    assert " / 500.005 is not a whole number of fen from 0 on; write yuan with two decimals\n" in result.stdout
    assert f"{CASES}: case[1]: visit[1]: brdy: 缺少这一项，请补上 / is missing; add it" in result.stdout


def test_check_tells_in_one_line_what_neither_the_rules_nor_the_cases_can_read(run: Run, tmp_path: Path) -> None:
    folder = right(tmp_path / "rules")
    (folder / CASES).unlink()
    os.mkfifo(folder / CASES)
    no_file = f"{CASES}: 不是普通文件，请在此放普通文件 / is no regular file; put a file there"
    assert run("rules", "check", folder).stdout.splitlines() == [no_file]
    (folder / "more").symlink_to("regions")
    told = run("rules", "check", folder).stdout.splitlines()
    assert told == ["more: 是指向文件夹的链接，不予跟随，请直接放置该文件夹 / "
                    "is a link to a folder, which is not followed; put the folder itself there", no_file]


def test_check_of_a_rulebook_saved_with_a_byte_order_mark(run: Run, tmp_path: Path) -> None:
    folder = right(tmp_path / "rules")
    for name in (PLAN, CASES, "sources.toml"):
        (folder / name).write_text("\ufeff" + (folder / name).read_text("utf-8"), "utf-8")
    assert run("rules", "check", folder).exit_code == 0


def test_check_as_json(run: Run, tmp_path: Path) -> None:
    folder = right(tmp_path / "rules")
    sources = folder / "sources.toml"
    sources.write_text(sources.read_text("utf-8") + '[T2]\ntitle = "t"\nquote = "q"\n', "utf-8")
    result = run("rules", "check", folder, "--json")
    assert result.exit_code == 0, "an unused source is a note"
    assert json.loads(result.stdout) == {
        "rulebook": load(folder).digest, "plans": 1, "cases": 4, "problems": [],
        "warnings": ["sources.toml: T2: 没有取值用到这一出处，请用上，或列入 quotes.toml，或删去 / "
                     "nothing names it; use it, list it in quotes.toml, or remove it"],
    }


def test_check_takes_the_folder_of_the_environment_and_else_the_built_in(
        run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run("rules", "check", "--json").stdout)["rulebook"] == load(BUILT_IN).digest
    monkeypatch.setenv("YIBAO_RULEBOOK", str(right(tmp_path / "rules")))
    assert json.loads(run("rules", "check", "--json").stdout)["plans"] == 1


# --- show -----------------------------------------------------------------------------------------------------------------


def test_show_prints_the_values_of_the_text(run: Run) -> None:
    """S116: 20, 40 and 90 yuan at levels 1, 2 and 3; S117: 80 %, 70 %, 60 %."""
    result = run("rules", "show", "克拉玛依", "--on", "2025-03-01", "--insutype", "310")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0 and ["20.00", "40.00", "90.00"] in lines and ["80%", "70%", "60%"] in lines
    assert "出处：S116" in result.stdout and "选择：" in result.stdout


def test_show_as_html_holds_the_same_values(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "karamay.html"
    result = run("rules", "show", "650200", "--on", "2025-03-01", "--insutype", "310", "--lang", "en", "--html", target)
    cells: list[str] = []
    parser = HTMLParser()
    parser.handle_data = cells.append  # type: ignore[method-assign]
    parser.feed(target.read_text("utf-8"))
    assert result.exit_code == 0 and result.stdout == ""
    assert {"20.00", "40.00", "90.00", "80%", "70%", "60%"} <= set(cells)


@pytest.mark.parametrize(("args", "told"), [
    (("Nowhere", "--on", "2025-01-01"), "Nowhere: 规则库没有这个参保地，可用 / the rulebook has no such place; it has: 350200 厦门 Xiamen"),
    (("厦门", "--on", "2019-12-31"), "no plan matches; the plans of the place: 350200-xiamen/plan 2020-01-01"),
    (("厦门", "--on", "2025-01-01", "--insutype", "390"), "no plan matches"),
    (("厦门", "--on", "2025-01-01", "--care", "21"), "--care 21: 没有这个医疗类别，可用 / there is no such care; use one of: outpatient"),
    (("厦门", "--on", "2025-01-01", "--html", "no/such.html"), "cannot be written, give a place that can"),
])
def test_show_says_what_there_is_instead(run: Run, tmp_path: Path, args: tuple[str, ...], told: str) -> None:
    result = run("rules", "show", *args, "--rulebook", right(tmp_path / "rules"))
    assert result.exit_code == 1 and told in result.stderr and result.stdout == ""


# --- --rulebook -----------------------------------------------------------------------------------------------------------


def test_generate_says_what_a_rulebook_lacks(run: Run, tmp_path: Path) -> None:
    result = run("generate", "--claims", 1, "--rulebook", right(tmp_path / "rules"))
    assert result.exit_code == 1 and "规则库不足以生成请求 / the rulebook lacks what generated requests need" in result.stderr


def test_check_of_a_folder_that_is_not_there_says_so_once(run: Run, tmp_path: Path) -> None:
    result = run("rules", "check", tmp_path / "none")
    assert (result.exit_code, result.stdout) == (
        1, f"{tmp_path / 'none'}: 没有这个文件夹，请给出含 sources.toml 和 regions/ 的文件夹 / "
           "there is no such folder; give one with sources.toml and regions/\n")


@pytest.mark.parametrize("command", [("up",), ("demo",), ("generate",), ("settle", "-")])
def test_a_rulebook_that_is_not_there_ends_a_command_before_it_starts_anything(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--rulebook", tmp_path / "none", input="")
    assert result.exit_code == 1 and "there is no such folder; give one with sources.toml" in result.stderr
    assert not (tmp_path / ".yibao").exists()


def test_a_worker_decides_by_the_folder_of_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = right(tmp_path / "rules")
    monkeypatch.setenv("YIBAO_RULEBOOK", str(folder))
    assert rulebook(Settings()).digest == load(folder).digest
    monkeypatch.setenv("YIBAO_RULEBOOK", "")
    assert rulebook(Settings()).digest == load(BUILT_IN).digest


def test_the_other_commands_find_the_rulebook_of_the_local_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YIBAO_KAFKA", "YIBAO_REDIS", "YIBAO_RULEBOOK"):
        monkeypatch.delenv(name, raising=False)
    path, folder = tmp_path / "stack.json", tmp_path / "rules"
    path.write_text(LocalStack(kafka="127.0.0.1:1", redis="redis://127.0.0.1:2/0", pid=os.getpid(), rulebook=folder).model_dump_json())
    assert settings(stack=path).rulebook == folder
    assert settings(stack=path, rulebook=tmp_path).rulebook == tmp_path, "what is said goes before what the stack uses"


# --- new, schema ----------------------------------------------------------------------------------------------------------


def filled(text: str) -> str:
    """A skeleton whose commented lines are made real, with a source that exists."""
    return re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.M).replace('"ID"', '"GBT-2260"')


def begun(run: Run, folder: Path, *more: str) -> Result:
    return run("rules", "new", "321000", "--zh", "扬州", "--en", "Yang-zhou", "--into", folder, *more)


def test_new_begins_a_region_whose_gaps_check_names(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    assert begun(run, folder).exit_code == 0
    result, plan = run("rules", "check", folder), "regions/321000-yangzhou/outpatient-310.toml"
    assert result.exit_code == 1 and [english(line).partition("; ")[0] for line in result.stdout.splitlines()] == [
        f"{plan}: plan: from: is missing", f"{plan}: plan: source: is missing",
        f"{plan}: benefit[1]: step: is missing",
    ]
    assert f"`{result.stdout.splitlines()[0]}`" in (BUILT_IN / "README.md").read_text("utf-8"), "the README shows what is printed"


@pytest.mark.parametrize("more", [(), ("--care", "inpatient", "--insutype", "390")])
def test_new_once_it_is_filled_in_is_right(run: Run, tmp_path: Path, more: tuple[str, ...]) -> None:
    """The skeleton's one case: nothing is paid of 1000.00; other rows still need cases."""
    folder = tmp_path / "rules"
    begun(run, folder, *more)
    for path in (folder / "regions" / "321000-yangzhou").iterdir():
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
    told = run("rules", "check", folder).stdout.splitlines()
    assert told and all(("no case uses it" in line or "no case goes beyond it" in line) and "yangzhou" in line for line in told), told


@pytest.mark.parametrize(("code", "home"), [("310000", "31"), ("340200", "3402"), ("340225", "340225"), ("429004", "429004")])
def test_new_takes_for_home_all_that_lies_within_the_place(run: Run, tmp_path: Path, code: str, home: str) -> None:
    """The districts of 上海 are 3101xx; 429004 to 429006 are three places of one rank."""
    assert run("rules", "new", code, "--zh", "某地", "--en", "Somewhere", "--into", tmp_path / "rules").exit_code == 0
    (file,) = (tmp_path / "rules" / "regions").glob(f"{code}-*/region.toml")
    assert tomllib.loads(file.read_text("utf-8"))["region"]["home"] == [home]


def test_new_overwrites_nothing_and_adds_plans_to_a_region(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    begun(run, folder)
    region = folder / "regions" / "321000-yangzhou" / "region.toml"
    region.write_text("# mine\n", "utf-8")
    result = begun(run, folder)
    assert result.exit_code == 1 and "is there already and is not overwritten" in result.stderr
    assert begun(run, folder, "--care", "inpatient").exit_code == 0 and region.read_text("utf-8") == "# mine\n"
    assert sorted(path.name for path in region.parent.iterdir()) == [
        "inpatient-310.cases.toml", "inpatient-310.toml", "outpatient-310.cases.toml", "outpatient-310.toml", "region.toml"]


@pytest.mark.parametrize(("args", "told"), [
    (("3210", "--zh", "a", "--en", "a"), "3210: 不是六位区划代码 / is no code of six digits"),
    (("321000", "--zh", "a", "--en", "a", "--care", "spa"), "--care spa: 没有这个医疗类别，可用 / there is no such care; use one of: outpatient"),
])
def test_new_refuses_what_is_no_place_or_care(run: Run, tmp_path: Path, args: tuple[str, ...], told: str) -> None:
    result = run("rules", "new", *args, "--into", tmp_path / "rules")
    assert result.exit_code == 1 and told in result.stderr and not (tmp_path / "rules").exists()


def test_schema_is_the_file_beside_the_rules(run: Run) -> None:
    assert run("rules", "schema").stdout == (BUILT_IN / "plan.schema.json").read_text("utf-8")
    assert run("rules", "schema", "--filing").stdout == (BUILT_IN / "filing.schema.json").read_text("utf-8")


def test_a_place_without_a_plan_shows_its_rules_of_filing(run: Run) -> None:
    """天津 has rules of filing (S091: three hospitals, two changes a year) and no plan; 西藏 has neither."""
    shown = " ".join(run("rules", "show", "天津", "--on", "2026-01-01", "--lang", "en").stdout.split())
    assert "filed for chosen hospitals" in shown and "changes a year, at most 2" in shown and "S091" in shown
    assert run("rules", "show", "西藏", "--on", "2026-01-01").exit_code == 1
