"""A replay: nothing differs under the same rulebook; a changed rule shows, and a changed record does."""

import json
import shutil
from pathlib import Path

import pytest

from contracts.lines import request_record
from policies.book import BUILT_IN, built_in
from services.cli.console import REFUSED
from services.generator import generate
from tests.policies import requests as r
from tests.services.conftest import Run
from tests.services.recorded import PARTITIONS, made_right, recorded

RATIO = '{ level = "1", of = 0.80 }'
KARAMAY = "regions/650200-karamay/outpatient-310.toml"


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of forty generated claims of eight persons."""
    folder = tmp_path_factory.mktemp("run")
    recorded((request_record(line.encode(), PARTITIONS) for line in generate(8, 40, 7)), built_in(), folder)
    return folder


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of one person with one visit of 300.00 yuan in 克拉玛依, and of another who never came."""
    folder = tmp_path_factory.mktemp("visit")
    requests = [
        r.record("enrolment.recorded", r.enrolment()), r.record("claim.submitted", r.claim(r.line(30_000)), "visit-1"),
        r.record("enrolment.recorded", r.enrolment(psn_no="P2"))]
    recorded(requests, built_in(), folder)
    return folder


def test_the_same_rulebook_gives_what_is_recorded(run: Run, dump: Path) -> None:
    done = run("replay", dump, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["differing"], found["unanswered"]) == (0, 0, 0)
    assert found["requests"] == found["same"] > 40
    assert "不同 / differing 0" in run("replay", dump).stdout


def test_a_changed_ratio_shows_in_every_verdict_that_builds_on_it(run: Run, visit: Path, tmp_path: Path) -> None:
    """By hand, level 1 (S116, S117): (300.00 - 20.00) x 80 % = 224.00 from the pool; with 70 % it is 196.00, 28.00 less."""
    draft = shutil.copytree(BUILT_IN, tmp_path / "draft")
    text = (draft / KARAMAY).read_text("utf-8")
    assert text.count(RATIO) == 1
    (draft / KARAMAY).write_text(text.replace(RATIO, RATIO.replace("0.80", "0.70")), "utf-8")
    done = run("replay", visit, "--rulebook", draft, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["requests"], found["differing"]) == (REFUSED, 3, 1)
    assert found["amounts"] == {"fund_pay_sumamt": -2_800, "acct_pay": 0, "psn_cash_pay": 2_800}
    (one,) = found["differences"]
    fields = {each["field"]: (each["recorded"], each["now"]) for each in one["fields"]}
    assert one["request_id"] == "visit-1" and fields["settled.hifp_pay"] == (22_400, 19_600)
    text = run("replay", visit, "--rulebook", draft)
    assert text.exit_code == REFUSED and "settled.hifp_pay: 22400 -> 19600" in text.stdout and "fund_pay_sumamt: -28.00" in text.stdout


@pytest.mark.parametrize("args, requests", [
    (("--person", "P1"), 2), (("--person", "P2"), 1), (("--person", "NOPE"), 0), (("--region", "6502"), 1), (("--region", "11"), 0),
    (("--from", "1970-01-01"), 0), (("--to", "1970-01-01"), 3),  # a road without a broker has no times: all lie before
])
def test_only_what_is_asked_for_is_told(run: Run, visit: Path, args: tuple[str, ...], requests: int) -> None:
    done = run("replay", visit, *args, "--json")
    assert json.loads(done.stdout)["requests"] == requests and done.exit_code == (0 if requests else REFUSED)
    assert requests or "there is no such request" in done.stderr


def test_a_changed_record_differs(run: Run, visit: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(visit, tmp_path / "copy")
    for file in copy.glob("yibao.settled/*/*.jsonl"):
        file.write_text(file.read_text("utf-8").replace('"hifp_pay":22400', '"hifp_pay":22401'), "utf-8")
        made_right(copy, file)
    done = run("replay", copy, "--json")
    (one,) = json.loads(done.stdout)["differences"]
    assert done.exit_code == REFUSED and {"field": "settled.hifp_pay", "recorded": 22_401, "now": 22_400} in one["fields"]
