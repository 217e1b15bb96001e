"""What a draft rulebook would pay: nothing else under the same rules, what was worked out by hand under others, on any number of cores."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.wire import event_of
from policies.book import BUILT_IN, built_in
from policies.road import Road
from services.cli.console import CANNOT, REFUSED
from services.feed.entries import entries_of
from services.generator import generate
from services.whatif import run as run_module, shards
from services.whatif.columns import PAID
from services.whatif.draft import Books
from services.whatif.reach import Reach, reach
from services.whatif.result import DIMENSIONS
from services.whatif.rows import Chosen
from services.whatif.shards import Kin
from services.whatif.twins import Twins
from tests.policies import requests as r
from tests.policies.test_review_held import decision, held
from tests.policies.test_statement_html import Page
from tests.services.conftest import Run
from tests.services.interrupting import interrupted
from tests.services.recorded import PARTITIONS, recorded
from tests.tidy.test_documents import BLOCK

ZHENGZHOU, KARAMAY = "regions/410100-zhengzhou/inpatient-310.toml", "regions/650200-karamay/outpatient-310.toml"
FAMILY = "regions/360000-jiangxi/family.toml"
ROOT = Path(__file__).parents[2]
WALLET = re.compile(r"^\{.*\}$", re.M)


def changed(name: str, old: str, new: str, file: Path) -> Path:
    """One file of the built-in rulebook with ``old``, which it holds once, replaced; written to ``file``."""
    text = (BUILT_IN / name).read_text("utf-8")
    assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace(old, new), "utf-8")
    return file


def line(type: str, data: dict[str, Any], id: str | None = None) -> str:
    return json.dumps({"type": f"cn.yibao.{type}", "data": data, **({"id": id} if id else {})}, ensure_ascii=False)


def written(file: Path, lines: Iterable[str]) -> Path:
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(run: Run) -> Ask:
    """The result of a what-if that succeeds, on one core unless told otherwise."""

    def asked(*args: object) -> dict[str, Any]:
        done = run("whatif", "--cores", 1, *args, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return asked


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated requests of all kinds, of forty persons."""
    return written(tmp_path_factory.mktemp("mix") / "mix.jsonl", generate(40, 200, 11))


# --- the same rules, and changed ones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["the whole rulebook", "a file of it"])
def test_the_same_rulebook_changes_nothing(ask: Ask, mix: Path, tmp_path: Path, form: str) -> None:
    if form == "a file of it":
        draft = changed(KARAMAY, "of = 0.80", "of = 0.80", tmp_path / "draft" / KARAMAY)
    else:
        draft = shutil.copytree(BUILT_IN, tmp_path / "draft")
    found = ask("--rulebook", draft, "--requests", mix, "--out", tmp_path / "out")
    assert found["rulebooks"]["present"] == found["rulebooks"]["draft"] == built_in().digest
    assert found["settled"]["before"] == found["settled"]["after"] == found["settled"]["both"] > 150
    assert {row["change"] for row in (found["funds"], found["own"], *found["amounts"])} == {0}
    assert found["persons"]["same"] == found["persons"]["all"] > 30
    assert (found["most"], found["verdicts"]) == ([], [])
    assert pq.read_table(tmp_path / "out" / "changed.parquet").num_rows == 0


STAYS = (
    # Employees of 郑州 at a hospital of 三级甲等, S086: 600.00 first, half of it for the second stay of the year; S087: the pool pays
    # 75 % + 0.2 % x age, at most 100 %; the draft says 80 % instead of 75. Person, born, day, item, bill; pool present and draft.
    # 45 years: 84 %; 10,000.00 - 600.00 = 9,400.00; x 84 % = 7,896.00; x 89 % = 8,366.00
    ("Z1", "1980-06-15", "2026-03-05", r.DRUG, 10_000_00, 7_896_00, 8_366_00),
    # 60 on the day: 87 %; 9,400.00 x 87 % = 8,178.00; x 92 % = 8,648.00
    ("Z2", "1966-03-05", "2026-03-05", r.DRUG, 10_000_00, 8_178_00, 8_648_00),
    # 59, 60 a day later: 86.8 %; 9,400.00 x 86.8 % = 8,159.20; x 91.8 % = 8,629.20
    ("Z3", "1966-03-06", "2026-03-05", r.DRUG, 10_000_00, 8_159_20, 8_629_20),
    # 18: 78.6 %; 9,400.00 x 78.6 % = 7,388.40; x 83.6 % = 7,858.40
    ("Z4", "2008-01-01", "2026-03-05", r.DRUG, 10_000_00, 7_388_40, 7_858_40),
    # 100: 95 %; 9,400.00 x 95 % = 8,930.00; x 100 % = 9,400.00
    ("Z5", "1926-03-05", "2026-03-05", r.DRUG, 10_000_00, 8_930_00, 9_400_00),
    # 110: 97 %; 9,400.00 x 97 % = 9,118.00; 102 % is more than 100 %: 9,400.00
    ("Z6", "1916-01-01", "2026-03-05", r.DRUG, 10_000_00, 9_118_00, 9_400_00),
    # 500.00 < 600.00: all of it is deductible under both
    ("Z7", "1980-06-15", "2026-03-05", r.DRUG, 500_00, 0, 0),
    # 600.01 - 600.00 = 0.01; x 84 % = 0.0084 -> 0.01; x 89 % = 0.0089 -> 0.01
    ("Z8", "1980-06-15", "2026-03-05", r.DRUG, 600_01, 1, 1),
    # the second stay of Z1, still 45: 1,000.00 - 300.00 = 700.00; x 84 % = 588.00; x 89 % = 623.00
    ("Z1", "1980-06-15", "2026-06-05", r.DRUG, 1_000_00, 588_00, 623_00),
    # 乙, 10 % first: 2,000.00 - 200.00 = 1,800.00; - 600.00 = 1,200.00; x 84 % = 1,008.00; x 89 % = 1,068.00
    ("Z9", "1980-06-15", "2026-03-05", r.SHARED_DRUG, 2_000_00, 1_008_00, 1_068_00),
)


def stays() -> Iterable[str]:
    for person, brdy in dict.fromkeys((person, brdy) for person, brdy, *_ in STAYS):
        yield line("enrolment.recorded.v1", r.enrolment(r.spell("410100"), psn_no=person, brdy=brdy))
        yield line("filing.requested.v2", r.filing(psn_no=person, mdtrtarea_admdvs="310000", begndate="2026-01-01", enddate="2026-12-31"), f"file-{person}")
    for number, (person, _, day, item, amount, *_) in enumerate(STAYS):
        bill = r.claim(r.line(amount, item, fee_ocur_date=day), psn_no=person, day=day, med_type="21", fixmedins_code=r.SHANGHAI, mdtrt_id=f"M{number}")
        yield line("claim.submitted.v1", bill, f"stay-{number}")


def test_the_page_shows_what_is_printed(run: Run, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "whatif.md").read_text("utf-8")
    assert (ROOT / "docs" / "whatif.jsonl").read_text("utf-8").splitlines() == [*stays()]
    changed(ZHENGZHOU, "start = 0.75", "start = 0.80", tmp_path / "draft" / ZHENGZHOU)
    done = run("whatif", "--rulebook", tmp_path / "draft", "--requests", ROOT / "docs" / "whatif.jsonl", "--lang", "en", "--statements", "--cores", 1, env={"COLUMNS": "260"})
    printed = {" ".join(text.split()) for text in done.stdout.splitlines()}
    shown = [" ".join(text.split()) for kind, block in BLOCK.findall(page) if not kind for text in block.splitlines()]
    assert len(shown) > 25 and [text for text in shown if text not in printed | {"..."}] == []
    for name in re.findall(r"`([a-z]+)\.png`", page):
        assert name in ("amounts", "deciles", "persons", *DIMENSIONS)


def test_a_changed_ratio_pays_what_was_worked_out_by_hand(ask: Ask, tmp_path: Path) -> None:
    file = written(tmp_path / "stays.jsonl", stays())
    draft = changed(ZHENGZHOU, "start = 0.75", "start = 0.80", tmp_path / "410100-zhengzhou" / "inpatient-310.toml")
    found = ask("--rulebook", draft, "--requests", file, "--out", tmp_path / "out")
    assert found["rulebooks"]["changed"] == [ZHENGZHOU]
    assert found["settled"] == {"before": 10, "after": 10, "both": 10}
    rows = {row["request_id"]: row for row in pq.read_table(tmp_path / "out" / "changed.parquet").to_pylist()}
    by_hand = {f"stay-{number}": (was, is_) for number, (*_, was, is_) in enumerate(STAYS) if was != is_}
    assert {id: (row["hifp_pay_before"], row["hifp_pay_after"]) for id, row in rows.items()} == by_hand and len(by_hand) == 8
    for id, (was, is_) in by_hand.items():  # law 2: what the pool pays more the person bears less
        assert rows[id]["fund_change"] == is_ - was == -rows[id]["own_change"]
    # 5 x 470.00 + 282.00 + 35.00 + 60.00 = 2,727.00; of the nine persons Z7 and Z8 gain nothing
    assert (found["funds"]["change"], found["own"]["change"]) == (2_727_00, -2_727_00)
    assert found["persons"]["less"] == {"persons": 7, "amount": -2_727_00} and found["persons"]["same"] == 2
    # Z1: 470.00 + 35.00 = 505.00; so all seven lie between 0.01 and 999.99, Z9 (60.00) below 100.00
    few = {(row["least"], row["most"]): row["persons"] for row in found["persons"]["brackets"] if row["persons"]}
    assert few == {(-999_99, -100_00): 6, (-99_99, -1): 1, (0, 0): 2}
    (place,), ages = found["by"]["region"], {row["value"]: row["funds"]["change"] for row in found["by"]["age"]}
    assert (place["value"], place["claims"], place["funds"]["change"]) == ("410100", 10, 2_727_00)
    # 18-44: Z4; 45-59: Z1 twice, Z3, Z9 (Z7, Z8 nothing): 470 + 35 + 470 + 60; 60-74: Z2; 75+: Z5, Z6: 470 + 282
    assert ages == {"18-44": 470_00, "45-59": 1_035_00, "60-74": 470_00, "75+": 752_00}
    assert [row["funds"]["change"] for row in found["by"]["care"]] == [2_727_00] and found["by"]["care"][0]["value"] == "21"
    assert [row["request_id"] for row in found["most"]] == ["stay-0", "stay-1", "stay-2", "stay-3", "stay-4", "stay-5", "stay-9", "stay-8"]


def test_persons_are_ranked_by_what_they_bear_now(ask: Ask, tmp_path: Path) -> None:
    """Each of ten persons has one visit in 克拉玛依 at level 1, (n x 100.00 - 20.00) x 80 %: they bear 20.00 + 20 % of the rest; the
    limit of a visit is 300.00 (from 395.00 on), so from the fourth on they bear the bill less 300.00."""
    people = [f"D{number}" for number in range(1, 11)]
    requests = [line("enrolment.recorded.v1", r.enrolment(psn_no=person)) for person in people]
    requests += [line("claim.submitted.v1", r.claim(r.line(number * 100_00), psn_no=person), f"v{number}") for number, person in enumerate(people, 1)]
    draft = changed(KARAMAY, 'of = 0.80', 'of = 0.70', tmp_path / "draft.d" / KARAMAY)
    found = ask("--rulebook", tmp_path / "draft.d", "--requests", written(tmp_path / "ten.jsonl", requests))
    assert draft.is_file()
    bears = [36_00, 56_00, 76_00, 100_00, 200_00, 300_00, 400_00, 500_00, 600_00, 700_00]
    assert [(row["decile"], row["persons"], row["least"], row["most"]) for row in found["deciles"]] == [
        (number, 1, amount, amount) for number, amount in enumerate(bears, 1)]
    # with 70 %: 80 x 10 % = 8.00, 18.00, 28.00 less from the pool; 380 x 70 % = 266.00 instead of 300.00; 480 x 70 % = 336.00 > 300.00
    assert [row["own_change"] for row in found["deciles"]] == [8_00, 18_00, 28_00, 34_00, 0, 0, 0, 0, 0, 0]


def test_accumulators_follow_the_draft(ask: Ask, tmp_path: Path) -> None:
    """克拉玛依, level 3, working: (bill - 90.00) x 60 %, 1,300.00 a visit, 4,000.00 a year. Four bills of 2,090.00: 1,200.00 each, the
    fourth 400.00. With 50 %: 1,000.00 each, the fourth too: 600.00 more than before, since less of the year was used."""
    days = ("2026-03-05", "2026-03-12", "2026-03-19", "2026-03-26")
    requests = [line("enrolment.recorded.v1", r.enrolment())] + [
        line("claim.submitted.v1", r.claim(r.line(2_090_00, fee_ocur_date=day), day=day, fixmedins_code="H65020000103", mdtrt_id=day), f"v{day}") for day in days]
    file = written(tmp_path / "year.jsonl", requests)
    changed(KARAMAY, '{ level = "3", of = 0.60 }', '{ level = "3", of = 0.50 }', tmp_path / "draft" / KARAMAY)
    found = ask("--rulebook", tmp_path / "draft", "--requests", file, "--out", tmp_path / "out")
    rows = pq.read_table(tmp_path / "out" / "changed.parquet").to_pylist()
    assert [(row["hifp_pay_before"], row["hifp_pay_after"]) for row in rows] == [(1_200_00, 1_000_00)] * 3 + [(400_00, 1_000_00)]
    assert found["funds"] == {"before": 4_000_00, "after": 4_000_00, "change": 0}


def test_a_refusal_is_no_saving(ask: Ask, tmp_path: Path) -> None:
    """A draft without the row of level 1: the visit is refused with no_rule. 80 x 80 % = 64.00 less from the pool; what the person
    bears is told of claims that both rulebooks settle, so it does not change."""
    file = written(tmp_path / "visit.jsonl", [
        line("enrolment.recorded.v1", r.enrolment()), line("claim.submitted.v1", r.claim(), "visit")])
    changed(KARAMAY, '{ level = "1", of = 0.80 }, ', "", tmp_path / "draft" / KARAMAY)
    found = ask("--rulebook", tmp_path / "draft", "--requests", file)
    assert found["no_longer_settled"] == {"claims": 1, "bill": 100_00, "funds": -64_00} and found["newly_settled"]["claims"] == 0
    assert (found["funds"]["change"], found["own"]["change"], found["persons"]["same"]) == (-64_00, 0, 1)
    assert found["verdicts"] == [{"before": "claim.settled", "after": "claim.refused", "requests": 1}]
    (most,) = found["most"]
    assert (most["why_after"], most["own_change"], most["fund_change"]) == ("no_rule", None, -64_00)
    back = ask("--rulebook", BUILT_IN, "--present", whole(tmp_path), "--requests", file)
    assert back["newly_settled"] == {"claims": 1, "bill": 100_00, "funds": 64_00} and back["no_longer_settled"]["claims"] == 0


def test_what_was_billed_is_net_of_what_is_taken_back(ask: Ask, tmp_path: Path) -> None:
    """As above, and the visit is taken back: under the draft there is nothing to take back, and nothing was billed in all."""
    back = {"psn_no": r.PERSON, "omsgid": "visit", "date": "2026-03-06", "reason": "wrong_charges", "setl_optins": "650200"}
    file = written(tmp_path / "visit.jsonl", [
        line("enrolment.recorded.v1", r.enrolment()), line("claim.submitted.v1", r.claim(), "visit"), line("reversal.requested.v1", back, "back")])
    changed(KARAMAY, '{ level = "1", of = 0.80 }, ', "", tmp_path / "draft" / KARAMAY)
    found = ask("--rulebook", tmp_path / "draft", "--requests", file)
    assert found["no_longer_settled"] == {"claims": 2, "bill": 0, "funds": 0}
    assert sorted((one["request_id"], one["bill"]) for one in found["most"]) == [("back", -100_00), ("visit", 100_00)]


def whole(tmp_path: Path) -> Path:
    """The built-in rulebook with the draft's files, as a folder of its own."""
    folder = shutil.copytree(BUILT_IN, tmp_path / "whole")
    shutil.copytree(tmp_path / "draft", folder, dirs_exist_ok=True)
    return folder


# --- persons, processes, wallets ----------------------------------------------------------------------------------------


def test_cores_and_shards_do_not_show(run: Run, mix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process and one shard; one process and many shards; two processes and many shards."""
    changed(KARAMAY, "of = 0.80", "of = 0.60", tmp_path / "draft" / KARAMAY)
    changed(ZHENGZHOU, "start = 0.75", "start = 0.70", tmp_path / "draft" / ZHENGZHOU)
    results, files = [], []
    for cores, size in ((1, 10**9), (1, 7), (2, 7)):
        monkeypatch.setattr(shards, "REQUESTS", size)
        done = run("whatif", "--rulebook", tmp_path / "draft", "--requests", mix, "--cores", cores, "--out", tmp_path / f"{cores}-{size}", "--json")
        found = json.loads(done.stdout)
        assert found.pop("speed")["cores"] == cores
        results.append(found)
        files.append(sorted((tmp_path / f"{cores}-{size}" / "changed.csv").read_text("utf-8").splitlines()))
    assert results[0] == results[1] == results[2] and results[0]["funds"]["change"] < 0
    assert files[0] == files[1] == files[2] and len(files[0]) > 10
    parts = [(tmp_path / name / "changed.parquet").read_bytes() for name in ("1-7", "2-7")]
    assert parts[0] == parts[1], "the same shards, the same bytes"


def test_the_present_side_is_what_the_road_decides(ask: Ask, mix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every amount, in many shards, is the sum over the verdicts of one road that runs the whole file."""
    monkeypatch.setattr(shards, "REQUESTS", 5)
    road, paid, settled = Road(built_in()), Counter[str](), 0
    for text in mix.read_bytes().splitlines():
        *_, last = road.run(request_record(text, PARTITIONS))
        for entry in (entries := [*entries_of(event_of(last))]):
            paid.update({name: getattr(entry.settled, name) for name in PAID})
        settled += bool(entries)
    found = ask("--rulebook", BUILT_IN, "--requests", mix)
    assert {row["name"]: row["before"] for row in found["amounts"]} == {name: paid[name] for name in PAID}
    assert found["settled"]["before"] == settled


def wallet() -> list[str]:
    """The requests of docs/wallet.md: P0003 shares 100.00 with a parent, who pays 70.00 of it for a visit of 200.00."""
    return WALLET.findall((ROOT / "docs" / "wallet.md").read_text("utf-8"))[:6]


@pytest.mark.parametrize("size", [1, 10**9])
def test_a_sharing_that_the_draft_refuses_leaves_the_relative_to_pay(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """200.00 x 65 % = 130.00 from the pool; the rest, 70.00, from the wallet now, in cash under the draft. Both persons are in one shard."""
    monkeypatch.setattr(shards, "REQUESTS", size)
    text = (BUILT_IN / FAMILY).read_text("utf-8")
    assert '"parent", ' in text
    (tmp_path / "draft" / FAMILY).parent.mkdir(parents=True)
    (tmp_path / "draft" / FAMILY).write_text(text.replace('"parent", ', ""), "utf-8")
    found = ask("--rulebook", tmp_path / "draft", "--requests", written(tmp_path / "wallet.jsonl", wallet()))
    amounts = {row["name"]: (row["before"], row["after"]) for row in found["amounts"]}
    assert (amounts["hifp_pay"], amounts["acct_pay"], amounts["psn_cash_pay"]) == ((130_00, 130_00), (70_00, 0), (0, 70_00))
    assert found["verdicts"] == [{"before": "wallet.shared", "after": "wallet.refused", "requests": 1}]


@pytest.mark.parametrize("changes, acct_pay", [((KARAMAY, "of = 0.80", "of = 0.70"), (70_00, 70_00)), ((FAMILY, '"parent", ', ""), (70_00, 0))])
def test_a_recorded_sharing_crosses_partitions_in_the_order_of_time(
    ask: Ask, tmp_path: Path, changes: tuple[str, str, str], acct_pay: tuple[int, int]
) -> None:
    """As above, from a dump in which the two persons lie in two partitions, the relative's before the sharer's."""
    requests = [request_record(text.encode(), PARTITIONS) for text in wallet()]
    assert requests[-1].partition < requests[0].partition
    recorded(requests, built_in(), tmp_path / "dump", range(len(requests)))
    name, old, new = changes
    (tmp_path / "draft" / name).parent.mkdir(parents=True)
    (tmp_path / "draft" / name).write_text((BUILT_IN / name).read_text("utf-8").replace(old, new), "utf-8")
    found = ask("--rulebook", tmp_path / "draft", tmp_path / "dump")
    (paid,) = [row for row in found["amounts"] if row["name"] == "acct_pay"]
    assert (paid["before"], paid["after"]) == acct_pay and (found["recorded"]["differing"], found["recorded"]["same"]) == (0, 5)


def test_an_unchanged_sharing_is_delivered_where_it_was_under_both(ask: Ask, tmp_path: Path) -> None:
    """The digest of the draft is another one, and so are the ids of its events: the wallet is filled once all the same."""
    changed(KARAMAY, "of = 0.80", "of = 0.70", tmp_path / "draft" / KARAMAY)
    found = ask("--rulebook", tmp_path / "draft", "--requests", written(tmp_path / "wallet.jsonl", wallet()))
    amounts = {row["name"]: (row["before"], row["after"]) for row in found["amounts"]}
    assert (amounts["acct_pay"], amounts["psn_cash_pay"], found["verdicts"]) == ((70_00, 70_00), (0, 0), [])


def test_those_whom_a_plan_does_not_concern_are_decided_once_with_the_same_result(ask: Ask, mix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(KARAMAY, "of = 0.80", "of = 0.60", tmp_path / "draft" / KARAMAY)
    seen = Counter[int]()
    decide = Twins.decide

    def counted(self: Twins, request: Any, *recorded: Any) -> Any:
        events = decide(self, request, *recorded)
        seen[len(events)] += 1
        return events

    monkeypatch.setattr(Twins, "decide", counted)
    once = ask("--rulebook", tmp_path / "draft", "--requests", mix)
    assert seen[1] > seen[2] > 20
    seen.clear()
    monkeypatch.setattr(run_module, "reach", lambda books: Reach())
    twice = ask("--rulebook", tmp_path / "draft", "--requests", mix)
    assert seen[1] == 0 and once.pop("speed") and twice.pop("speed") and once == twice and once["funds"]["change"] < 0


@pytest.mark.parametrize("names, insured", [
    ((KARAMAY,), ((b'"650200"', b'"310"'),)), ((KARAMAY, "sources.toml"), ((b'"650200"', b'"310"'),)),
    ((KARAMAY, ZHENGZHOU), ((b'"410100"', b'"310"'), (b'"650200"', b'"310"'))), ((), None), (("quotes.toml",), None),
    ((FAMILY,), None), ((KARAMAY, "national/maps.toml"), None), (("regions/650200-karamay/region.toml",), None),
    (("national/settlement.toml",), None), (("catalogues/310000/items.csv",), None),
])
def test_whom_a_draft_can_concern(names: tuple[str, ...], insured: tuple[tuple[bytes, bytes], ...] | None) -> None:
    assert reach(Books(built_in(), built_in(), False, changed=names)) == Reach(insured)
    assert Reach(insured).concerns(rb'{"insuplc_admdvs":"\u0036"}')  # an escape may hide a code


def test_a_sample_takes_whole_persons_and_says_so(ask: Ask, run: Run, mix: Path) -> None:
    """Of about one in three persons all requests, and those of who shares money with them."""
    people = [json.loads(text)["data"]["psn_no"] for text in mix.read_text("utf-8").splitlines()]
    found = ask("--rulebook", BUILT_IN, "--requests", mix, "--sample", 3)
    kept = [psn_no for psn_no in people if Chosen(sample=3).takes(psn_no, None)]
    assert found["sample"] == 3 and 0 < found["persons"]["all"] < 30
    assert abs(found["requests"] - len(kept)) <= sum(psn_no.endswith("-K") for psn_no in people) * 3, "but for those who share money"
    assert "样本本身" in run("whatif", "--rulebook", BUILT_IN, "--requests", mix, "--sample", 3, "--cores", 1).stdout


def test_persons_who_share_money_stand_together() -> None:
    kin = Kin()
    for one, other in (("b", "a"), ("d", "c"), ("e", "c"), ("b", "e")):
        kin.bind(one, other)
    assert {kin.of(person) for person in "abcde"} == {"a"} and kin.of("f") == "f"


def reviewed(undone: bool) -> list[Record]:
    """A visit, a second one that is held, the decision that releases it, a quote, and where ``undone`` the reversal of the second: both
    name what they are about by ids that follow from the built-in rulebook."""
    journey, found = held()
    settled = journey.send("review.decided", decision(found), "d1")
    journey.send("quote.requested", r.claim(mdtrt_id="M9"), "q1")
    if undone:
        back = {"psn_no": r.PERSON, "setl_id": settled.attributes.id, "date": "2026-03-10", "reason": "wrong_charges", "setl_optins": "650200"}
        assert journey.send("reversal.requested", back, "r1").type == "claim.reversed"
    return journey.requests


def as_line(request: Record) -> str:
    return line((request.header("ce_type") or b"").decode().removeprefix("cn.yibao."), json.loads(request.value), (request.header("ce_id") or b"").decode())


@pytest.mark.parametrize("source", ["file", "dump"])
@pytest.mark.parametrize(("undone", "funds"), [(False, (384_00, 336_00)), (True, (192_00, 168_00))])
def test_decisions_and_reversals_find_what_they_name_under_both(ask: Ask, tmp_path: Path, source: str, undone: bool, funds: tuple[int, int]) -> None:
    """A visit: 300.00 less 20 % first self-pay, and 20.00, are 260.00 in scope; (260.00 - 20.00) x 80 % = 192.00, x 70 % = 168.00."""
    changed(KARAMAY, "of = 0.80", "of = 0.70", tmp_path / "draft" / KARAMAY)
    requests = reviewed(undone)
    if source == "dump":
        recorded(requests, built_in(), tmp_path / "dump")
        given: tuple[object, ...] = (tmp_path / "dump",)
    else:
        given = ("--requests", written(tmp_path / "r.jsonl", map(as_line, requests)))
    found = ask("--rulebook", tmp_path / "draft", *given)
    assert (found["funds"]["before"], found["funds"]["after"], found["verdicts"]) == (*funds, [])
    if source == "dump":
        other = ask("--rulebook", BUILT_IN, "--present", whole(tmp_path), *given)
        assert (other["funds"]["after"], other["funds"]["before"], other["verdicts"]) == (*funds, []), "neither side need be the recorded one"


@pytest.mark.parametrize(("undone", "more"), [(False, -48_00), (True, -24_00)])
def test_a_replay_under_another_rulebook_tells_what_is_paid_in_all(run: Run, tmp_path: Path, undone: bool, more: int) -> None:
    """As above: 24.00 less a visit; what is taken back counts with the other sign, and the quote pays nothing."""
    changed(KARAMAY, "of = 0.80", "of = 0.70", tmp_path / "draft" / KARAMAY)
    recorded(reviewed(undone), built_in(), tmp_path / "dump")
    done = run("replay", tmp_path / "dump", "--rulebook", whole(tmp_path), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["amounts"]["fund_pay_sumamt"], told["amounts"]["psn_cash_pay"]) == (1, more, -more)
    assert all(one["recorded"] == one["now"] for one in told["types"])


# --- sources, choices, files --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    recorded((request_record(text.encode(), PARTITIONS) for text in generate(20, 60, 7)), built_in(), folder)
    return folder


def test_a_dump_is_decided_again_and_stands_beside_the_record(ask: Ask, dump: Path, tmp_path: Path) -> None:
    changed(KARAMAY, "of = 0.80", "of = 0.60", tmp_path / "draft" / KARAMAY)
    found = ask("--rulebook", tmp_path / "draft", dump)
    assert found["recorded"]["same"] == found["requests"] > 60 and found["recorded"]["differing"] == 0
    assert found["recorded"]["of_other_rulebooks"] == 0 and found["funds"]["change"] < 0
    again = ask("--rulebook", BUILT_IN, "--present", whole(tmp_path), dump)
    assert again["recorded"]["differing"] > 0 and [*again["recorded"]["rulebooks"]] == [built_in().digest]
    assert again["recorded"]["of_other_rulebooks"] == sum(again["recorded"]["rulebooks"].values())
    told = again["recorded"]["told"][0]
    assert told["recorded"] == "claim.settled" and told["fund_pay_sumamt"][0] > told["fund_pay_sumamt"][1]


def test_a_dump_that_was_changed_is_no_basis(run: Run, dump: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(dump, tmp_path / "copy")
    file = next(iter(sorted(copy.glob("yibao.settled/*/*.jsonl"))))
    file.write_text(file.read_text("utf-8").replace('"psn_cash_pay":', '"psn_cash_pay":1', 1), "utf-8")
    done = run("whatif", "--rulebook", BUILT_IN, copy)
    assert done.exit_code == REFUSED and f"yibao audit verify {copy}" in done.output.replace("\n", "")


@pytest.mark.parametrize("args, claims", [
    ((), 4), (("--person", "A"), 3), (("--person", "nobody"), None), (("--region", "6502"), 4), (("--region", "11"), 0),
    (("--from", "2026-03-12"), 2), (("--to", "2026-03-12"), 3), (("--from", "2026-03-12", "--to", "2026-03-12"), 1),
])
def test_only_what_is_asked_for_is_told(run: Run, tmp_path: Path, args: tuple[str, ...], claims: int | None) -> None:
    """A has visits on 5, 12 and 19 March, B on the 5th."""
    requests = [line("enrolment.recorded.v1", r.enrolment(psn_no=person)) for person in "AB"]
    for person, day in (("A", "2026-03-05"), ("B", "2026-03-05"), ("A", "2026-03-12"), ("A", "2026-03-19")):
        bill = r.claim(r.line(10_000, fee_ocur_date=day), psn_no=person, day=day, mdtrt_id=f"{person}{day}")
        requests.append(line("claim.submitted.v1", bill, f"{person}-{day}"))
    done = run("whatif", "--rulebook", BUILT_IN, "--requests", written(tmp_path / "r.jsonl", requests), "--json", *args)
    assert (done.exit_code, json.loads(done.stdout)["claims"] if done.stdout else None) == (0 if claims is not None else REFUSED, claims), done.output


def test_what_is_written(run: Run, tmp_path: Path) -> None:
    draft = changed(ZHENGZHOU, "start = 0.75", "start = 0.80", tmp_path / "410100-zhengzhou" / "inpatient-310.toml")
    file, out = written(tmp_path / "stays.jsonl", stays()), tmp_path / "out"
    done = run("whatif", "--rulebook", draft, "--requests", file, "--cores", 1, "--out", out, "--lang", "en", "--statements")
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {
        "result.json", "report.html", "changed.csv", "changed.parquet",
        *(f"{name}.png" for name in ("amounts", "region", "insutype", "level", "care", "age", "deciles", "persons"))}
    for chart in out.glob("*.png"):
        assert chart.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") and chart.stat().st_size > 5_000
    # of the cut of stay-0 both statements: 9,400.00 x 84 % = 7,896.00 and x 89 % = 8,366.00
    assert "9,400.00 × 84% = 7,896.00" in done.stdout and "9,400.00 × 89% = 8,366.00" in done.stdout
    table = pq.read_table(out / "changed.parquet")
    lines = pyarrow.csv.read_csv(out / "changed.csv")
    assert table.column_names == lines.column_names and table["fund_change"].to_pylist() == lines["fund_change"].to_pylist()
    assert all(field.metadata[b"zh"] and field.metadata[b"en"] for field in pq.read_schema(out / "changed.parquet"))
    page = (out / "report.html").read_text("utf-8")
    assert not re.search(r"(?:src|href)=\"(?!#)", page) and "@import" not in page and "url(http" not in page
    assert page.count("<svg") == 8 and page.count('<section class="pair">') == 8
    for text in ("What a draft rulebook would pay", "规则草案试算", "9,400.00 × 89% = 8,366.00", "By age", "按年龄段"):
        assert text in page
    assert Page(re.sub(r"<svg.*?</svg>", "", page, flags=re.S)).texts
    assert json.loads((out / "result.json").read_text("utf-8"))["funds"]["change"] == 2_727_00


@pytest.mark.parametrize("skip", [False, True])
def test_lines_that_are_no_requests_are_told(run: Run, tmp_path: Path, skip: bool) -> None:
    requests = [line("enrolment.recorded.v1", r.enrolment()), "{}", "no request", line("claim.submitted.v1", {"psn_no": "P1"}), line("claim.submitted.v1", r.claim())]
    done = run("whatif", "--rulebook", BUILT_IN, "--requests", written(tmp_path / "r.jsonl", requests), "--cores", 1, "--json", *(["--skip-bad"] if skip else []))
    assert done.exit_code == REFUSED
    for number in (2, 3, 4):
        assert f"line {number}:" in done.stderr
    if skip:
        assert (found := json.loads(done.stdout))["bad_lines"] == 3 and found["claims"] == 1
    else:
        assert done.stdout == "" and "--skip-bad" in done.stderr


def test_interrupted_it_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "many.jsonl", generate(500, 3_000, 5))
    first_shard_decided = "yibao-whatif-*/*.parquet"  # others are under way
    interrupted(tmp_path, first_shard_decided, "whatif", "--rulebook", BUILT_IN, "--requests", file, "--cores", 2)


DRAFTS: dict[str, tuple[dict[str, str], str]] = {
    "is not there": ({}, "there is no such folder or file"),
    "holds nothing": ({"README.md": "a draft"}, "holds no file of a rulebook"),
    "is no TOML": ({KARAMAY: "[plan"}, f"{KARAMAY}: "),
    "stands nowhere": ({"outpatient-310.toml": "[plan]"}, "its path names no place in a rulebook"),
    "names no source": ({KARAMAY: (BUILT_IN / KARAMAY).read_text("utf-8").replace('"S117"', '"S999"')}, "S999"),
    "repeats some sources": ({"sources.toml": '[S001]\ntitle = "t"\nquote = "q"\n'}, "repeats sources of the present rulebook"),
    "holds what nothing reads": ({"national/other.toml": ""}, "nothing reads a file of this name"),
}


@pytest.mark.parametrize("name", DRAFTS)
def test_a_draft_that_is_wrong_is_told(run: Run, mix: Path, tmp_path: Path, name: str) -> None:
    files, said = DRAFTS[name]
    for path, text in files.items():
        (tmp_path / "draft" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "draft" / path).write_text(text, "utf-8")
    done = run("whatif", "--rulebook", tmp_path / "draft", "--requests", mix)
    assert done.exit_code == REFUSED and "草案有误" in done.stderr and said in done.stderr.replace("\n", " "), done.output


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_draft_may_bring_its_own_source(ask: Ask, tmp_path: Path, mark: str) -> None:
    text = (BUILT_IN / KARAMAY).read_text("utf-8")
    draft = tmp_path / "draft"
    (draft / KARAMAY).parent.mkdir(parents=True)
    (draft / KARAMAY).write_text(text.replace('"S117"', '"D001"').replace("of = 0.80", "of = 0.70"), "utf-8")
    (draft / "sources.toml").write_text(mark + '[D001]\ntitle = "草案"\nquote = "一级 70%"\n', "utf-8")
    requests = [line("enrolment.recorded.v1", r.enrolment()), line("claim.submitted.v1", r.claim())]
    found = ask("--rulebook", draft, "--requests", written(tmp_path / "r.jsonl", requests))
    assert found["funds"]["change"] == -8_00 and found["rulebooks"]["changed"] == [KARAMAY, "sources.toml"]  # 80.00 x 10 %


@pytest.mark.parametrize("args, code, said", [
    ((), CANNOT, "YIBAO_KAFKA"), (("nowhere",), CANNOT, "is no dump"), (("nowhere", "--requests", "x.jsonl"), CANNOT, "use either"),
    (("--requests", "x.jsonl"), REFUSED, "cannot be read"), (("--requests", "{}", "--out", "{}"), REFUSED, "cannot be written"),
])
def test_what_cannot_be_done_is_said(run: Run, tmp_path: Path, args: tuple[str, ...], code: int, said: str) -> None:
    file = written(tmp_path / "one.jsonl", [line("enrolment.recorded.v1", r.enrolment())])
    done = run("whatif", "--rulebook", BUILT_IN, *(arg.replace("{}", str(file)) for arg in args))
    assert (done.exit_code, said in done.output) == (code, True), done.output


