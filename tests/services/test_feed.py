"""``yibao feed``: the rows of each kind of verdict by hand, and exactly once into the folder wherever it is stopped."""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import Result

from contracts.envelope import Record
from contracts.lines import request_record, to_line
from contracts.log import Gap
from contracts.topics import topic_map
from policies.accumulators import Purse
from policies.book import Book, built_in
from policies.road import Road
from services.cli.console import CANNOT
from services.feed import columns, dictionary, folder as folder_module, lane as lane_module, parquet
from services.feed.folder import Folder, Unfit
from services.feed.lane import Lane
from services.feed.rows import NOWHERE
from services.feed.wording import unit_of
from services.generator import generate
from services.runtime.exits import DataLost
from tests.policies import rulebooks
from tests.policies.requests import HENGYANG_2, PERSON, Journey, claim as bill_of, enrolment, insured, reimbursement, spell
from tests.policies.test_review_held import decision, held, visit
from tests.policies.undoing import FILES, asked, bill, cascade, claim, person
from tests.services.feeding import DAY, SETTLED, fed, picked, rows
from tests.services.recorded import recorded

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES)


@cache
def generated() -> tuple[Record, ...]:
    """The verdicts of generated requests: settlements, refusals, filings, reversals, what the courier carries."""
    road = Road(built_in())
    lines = generate(persons=30, claims=250, seed=5)
    passed = [r for line in lines for r in road.run(request_record(line.encode(), topic_map().partitions))]
    return tuple(r for r in [*passed, *road.deliver()] if r.topic == SETTLED)


# --- rows -----------------------------------------------------------------------------------------------------------------


def test_what_is_taken_back_and_settled_again_are_rows_of_their_own(small: Book, tmp_path: Path) -> None:
    """500.00 twice: first deductible 300.00, 60 % of 200.00 = 120.00; then 60 % of 500.00 = 300.00. Without the first one the
    second is settled again as the first was: 120.00. Mirrors last settled first. In all 120.00 for one settlement."""
    journey = person(small)
    first, second = (claim(journey, f"c{number}", bill(50_000, f"M{number}")).attributes.id for number in (1, 2))
    again = cascade(journey, "c1").body.settled.again[0].setl_id
    fed(tmp_path, journey.records)
    assert picked(tmp_path, "settlements", "entry", "sign", "setl_id", "init_setl_id", "hifp_pay", "hifp_pay_yuan", "psn_cash_pay") == [
        ("settled", 1, first, None, 12_000, Decimal("120.00"), 38_000),
        ("settled", 1, second, None, 30_000, Decimal("300.00"), 20_000),
        ("reversed", -1, second, None, -30_000, Decimal("-300.00"), -20_000),
        ("reversed", -1, first, None, -12_000, Decimal("-120.00"), -38_000),
        ("again", 1, again, second, 12_000, Decimal("120.00"), 38_000),
    ]
    booked = [str(day) for (day,) in picked(tmp_path, "settlements", "booked")]
    assert booked == ["2026-03-05", "2026-03-05", "2026-03-06", "2026-03-06", "2026-03-06"]
    assert picked(tmp_path, "lines", "entry", "cnt", "pric", "det_item_fee_sumamt") == [
        ("settled", 1, 500, 50_000), ("settled", 1, 500, 50_000), ("reversed", -1, 500, -50_000), ("reversed", -1, 500, -50_000),
        ("again", 1, 500, 50_000)]
    deductible = [row for row in picked(tmp_path, "steps", "kind", "entry", "amount") if row[0] == "deductible"]
    assert deductible == [
        ("deductible", "settled", 30_000), ("deductible", "settled", 0), ("deductible", "reversed", 0),
        ("deductible", "reversed", -30_000), ("deductible", "again", 30_000)]


def test_a_correction_is_the_mirror_and_the_new_bill(small: Book, tmp_path: Path) -> None:
    """500.00 becomes 400.00: deductible 300.00, 60 % of 100.00 = 60.00."""
    journey = person(small)
    claim(journey, "c1", bill(50_000, "M1"))
    journey.send("correction.requested", asked("c1", claim=bill(40_000, "M1")), "k1")
    fed(tmp_path, journey.records)
    assert picked(tmp_path, "settlements", "type", "entry", "omsgid", "medfee_sumamt", "hifp_pay") == [
        ("claim.settled", "settled", "c1", 50_000, 12_000), ("claim.corrected", "reversed", "c1", -50_000, -12_000),
        ("claim.corrected", "again", "k1", 40_000, 6_000)]


def test_a_held_claim_is_a_settlement_when_somebody_decides_it(tmp_path: Path) -> None:
    journey, found = held()
    journey.send("review.decided", decision(found), "d1")
    fed(tmp_path, journey.records)
    assert picked(tmp_path, "settlements", "type", "omsgid", "mdtrt_id", "medfee_sumamt", "sign") == [
        ("claim.settled", "first", "M1", 32_000, 1), ("review.settled", "second", "M2", 32_000, 1)]
    assert [str(day) for (day,) in picked(tmp_path, "settlements", "booked")][1] == "2026-03-09"
    assert picked(tmp_path, "refusals", "type", "verdict", "code", "insuplc_admdvs", "medfee_sumamt") == [
        ("claim.held", "held", "held_for_review", "650200", 32_000)]


def test_a_reimbursement_is_a_settlement_by_hand(tmp_path: Path) -> None:
    journey = insured(spell("350200"))
    event = journey.send("reimbursement.requested", reimbursement(), "m1")
    fed(tmp_path, journey.records)
    wanted = "settlements" if event.type == "reimbursement.settled" else "refusals"
    (row,) = rows(tmp_path, wanted)
    assert row["type"] == event.type and row["medfee_sumamt"] == event.body.request.medfee_sumamt


@pytest.mark.parametrize(("more", "paid"), [
    ({"acct_used_flag": "1"}, 7_400),  # (100.00 - 20.00) x 80 % = 64.00 from the pool, 10.00 from the account
    ({"prior": {"act_pay_dedc": 2_000, "hifp_pay": 5_000}}, 0),  # 50.00 that another agency has paid already stand
])
def test_what_was_paid_by_hand_is_net_once_the_reimbursement_is_taken_back(more: dict[str, Any], paid: int, tmp_path: Path) -> None:
    journey = insured(balance=1_000)
    journey.send("reimbursement.requested", reimbursement(**more), "m1")
    journey.send("reversal.requested", {
        "psn_no": PERSON, "omsgid": "m1", "date": "2026-04-03", "reason": "wrong_charges", "setl_optins": "650200"}, "r1")
    journey.send("claim.submitted", visit(mdtrt_id="M9"), id="direct")
    fed(tmp_path, journey.records)
    assert picked(tmp_path, "settlements", "entry", "route", "payable_amt") == [
        ("settled", "manual", paid), ("reversed", "manual", -paid), ("settled", "direct", None)]


def test_a_row_lies_in_the_region_of_its_settlement(tmp_path: Path) -> None:
    """100.00 in 克拉玛依: 64.00 from the pool, 36.00 from the account; insured in 衡阳 afterwards, 100.00 below the deductible, all from
    the account. Taking back the first takes the second along, since both moved the account: mirrors of two places in one verdict."""
    journey = insured(spell(paus_insu_date="2026-04-01"), spell("430400", psn_insu_date="2026-04-01"), balance=50_000)
    for id, day, provider in (("a1", "2026-03-05", "H65020000101"), ("a2", "2026-05-05", HENGYANG_2)):
        journey.send("claim.submitted", bill_of(day=day, fixmedins_code=provider, mdtrt_id=id, acct_used_flag="1"), id)
    journey.send("reversal.requested", {
        "psn_no": PERSON, "omsgid": "a1", "date": "2026-05-06", "reason": "wrong_charges", "setl_optins": "650200", "cascade": "1"}, "r1")
    fed(tmp_path, journey.records)
    assert picked(tmp_path, "settlements", "insuplc_admdvs", "entry", "hifp_pay") == [
        ("650200", "settled", 6_400), ("430400", "settled", 0), ("430400", "reversed", 0), ("650200", "reversed", -6_400),
        ("430400", "again", 0)]
    where = {row["event_id"] + str(row["ordinal"]): row["insuplc_admdvs"] for row in rows(tmp_path, "settlements")}
    for table in ("settlements", "lines", "steps"):
        for file in (tmp_path / table).rglob("*.parquet"):
            assert {where[row["event_id"] + str(row["ordinal"])] for row in pq.ParquetFile(file).read().to_pylist()} == {
                file.parent.name.removeprefix("region=")}, file


def test_refusals_filings_and_what_cannot_be_read(tmp_path: Path) -> None:
    journey = Journey()
    journey.send("enrolment.recorded", enrolment(spell()))
    journey.send("filing.requested.v2", {
        "psn_no": PERSON, "insutype": "310", "category": "other_temporary", "mdtrtarea_admdvs": "110000", "begndate": "2026-03-01"}, "f1")
    good = request_record(json.dumps({"type": "cn.yibao.account.credited.v1", "id": "c1", "data": {
        "psn_no": PERSON, "insutype": "310", "crdt_amt": 500, "crdt_date": "2026-01-01"}}).encode(), 6)
    journey.publish(good)
    journey.publish(good)
    journey.publish(replace(good, value=good.value[:-1]))
    fed(tmp_path, journey.records)
    assert picked(tmp_path, "refusals", "type", "verdict", "code") == [
        ("request.repeated", "repeated", "repeated"), ("request.unreadable", "unreadable", "not_json")]
    assert picked(tmp_path, "filings", "verdict", "oper", "category", "insuplc_admdvs", "mdtrtarea_admdvs") == [
        ("accepted", "file", "other_temporary", "650200", "110000")]
    assert picked(tmp_path, "movements", "purse", "key", "name", "movement", "movement_yuan", "before") == [
        ("account", "310", "balc", 500, Decimal("5.00"), None)]
    regions = {path.parent.name for path in tmp_path.rglob("*.parquet")}
    assert regions == {"region=650200", f"region={NOWHERE}"}


def test_every_verdict_of_a_generated_road_is_told_and_its_movements_sum_up_to_the_state(tmp_path: Path) -> None:
    road = Road(built_in())
    passed = [r for line in generate(persons=30, claims=250, seed=5) for r in road.run(request_record(line.encode(), 6))]
    verdicts = [r for r in [*passed, *road.deliver()] if r.topic == SETTLED]
    assert sum(fed(tmp_path, verdicts)) == len(verdicts)
    types = Counter(kind for (kind,) in picked(tmp_path, "settlements", "entry"))
    assert min(types["settled"], types["reversed"], types["again"]) > 0
    balances: Counter[tuple[str, str]] = Counter()
    for person_, purse, key, amount in picked(tmp_path, "movements", "psn_no", "purse", "key", "movement"):
        if purse == "account":
            balances[person_, key] += amount
    for (person_, insutype), amount in balances.items():
        purse = road.person("settlement", person_)
        assert isinstance(purse, Purse) and purse.balance(insutype) == amount, person_


def test_laws_hold_in_sums_over_all_rows(tmp_path: Path) -> None:
    fed(tmp_path, generated())
    for row in rows(tmp_path, "settlements"):
        assert row["medfee_sumamt"] == row["fund_pay_sumamt"] + row["psn_part_amt"] + row["hosp_part_amt"]
        assert row["psn_part_amt"] == row["acct_pay"] + row["psn_cash_pay"]
    totals: Counter[tuple[str, str, int]] = Counter()
    for id, entry, ordinal, amount in picked(tmp_path, "lines", "event_id", "entry", "ordinal", "det_item_fee_sumamt"):
        totals[id, entry, ordinal] += amount
    for id, entry, ordinal, amount in picked(tmp_path, "settlements", "event_id", "entry", "ordinal", "medfee_sumamt"):
        assert totals[id, entry, ordinal] == amount


# --- columns ----------------------------------------------------------------------------------------------------------


def test_the_dictionary_is_that_of_the_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "feed-columns.md"
    assert page.read_text("utf-8") == dictionary.text(), "run: python -m services.feed.dictionary > docs/feed-columns.md"


@pytest.mark.parametrize("table", columns.TABLES)
def test_columns_are_named_once_and_described_in_both_languages(table: str) -> None:
    schema = parquet.SCHEMAS[table]
    assert len(set(schema.names)) == len(schema.names)
    for field in schema:
        assert field.metadata[b"en"].decode().replace("甲", "").replace("乙", "").replace("丙", "").isascii() and field.metadata[b"zh"]
        assert not field.name.endswith("_yuan") or field.type == pa.decimal128(19, 2)
        assert not pa.types.is_floating(field.type)


@pytest.mark.parametrize(("fen", "yuan"), [(0, "0.00"), (-1, "-0.01"), (123_456, "1234.56"), (10**15, "10000000000000.00"), (None, None)])
def test_yuan_are_the_same_integers(fen: int | None, yuan: str | None) -> None:
    found = parquet.in_yuan(pa.array([7, fen, 7], pa.int64()).slice(1, 1)).to_pylist()
    assert found == [Decimal(yuan) if yuan is not None else None]


# --- exactly once -----------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(step: int) -> Iterator[list[int]]:
    """Ends what is done in the block before the ``step``-th line that the folder executes; gives the numbers of the lines."""
    passed: list[int] = []

    def each(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != folder_module.__file__:
            return None
        if event == "line":
            if len(passed) == step:
                raise Killed
            passed.append(frame.f_lineno)
        return each

    sys.settrace(each)
    try:
        yield passed
    finally:
        sys.settrace(None)


def seen(path: Path) -> dict[str, list[dict[str, Any]]]:
    return {table: rows(path, table) for table in columns.TABLES}


def short() -> list[Record]:
    """Three verdicts of one person: an enrolment, which is no row, a credit and a claim, so that each piece is small."""
    journey = insured(balance=5_000)
    journey.send("claim.submitted", visit(mdtrt_id="M1"), id="first")
    return [r for r in journey.records if r.topic == SETTLED]


def test_killed_between_any_two_lines_no_row_is_lost_or_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first and the last time that each line of the folder is executed, over two pieces."""
    monkeypatch.setattr(lane_module, "PIECE_RECORDS", 2)
    records = short()
    with killed_at(-1) as passed:
        fed(tmp_path / "whole", records)
    whole = seen(tmp_path / "whole")
    assert len(records) == 3 and all(whole[table] for table in ("settlements", "lines", "steps", "movements"))
    points = {*{line: step for step, line in enumerate(passed)}.values(), *map(passed.index, passed)}
    assert len(points) > 60
    for step in sorted(points):
        path = tmp_path / str(step)
        with pytest.raises(Killed), killed_at(step):
            fed(path, records)
        for table, found in seen(path).items():
            assert [row for row in found if row not in whole[table]] == [], f"step {step}: {table} shows what is not there"
        fed(path, records)
        assert seen(path) == whole, f"killed before line {passed[step]} (step {step})"
        assert not [*path.rglob("*.part"), *(path / ".staging").rglob("*.parquet")]


def test_started_again_it_goes_on_and_adds_nothing_twice(tmp_path: Path) -> None:
    records = list(generated())
    fed(tmp_path / "parts", records[:100])
    fed(tmp_path / "parts", records)
    assert sum(fed(tmp_path / "parts", records)) == 0
    fed(tmp_path / "once", records)
    assert seen(tmp_path / "parts") == seen(tmp_path / "once")


def test_files_are_named_by_their_offsets_and_tile_each_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_module, "PIECE_RECORDS", 20)
    fed(tmp_path, generated())
    for partition in range(topic_map().partitions):
        ranges = sorted({tuple(map(int, p.stem.split("-")[1:])) for p in tmp_path.rglob(f"{partition}-*.parquet")})
        place = json.loads((tmp_path / ".progress" / f"{partition}.json").read_text())
        assert ranges[-1][1] < place["next"] == sum(r.partition == partition for r in generated())
        assert all(first <= last and last < after for (first, last), (after, _) in zip(ranges, ranges[1:], strict=False))
        for path in tmp_path.rglob(f"{partition}-*.parquet"):
            first, last = map(int, path.stem.split("-")[1:])
            assert all(first <= req <= last for req in pq.ParquetFile(path).read()["req"].to_pylist())


def test_another_log_another_process_and_lost_progress_are_told(tmp_path: Path) -> None:
    records = [r for r in generated() if r.partition == 0]
    fed(tmp_path, records[:5])
    other = [*records[:4], replace(records[4], value=records[4].value + b" "), *records[5:]]
    with pytest.raises(DataLost, match="record 4 is not the one"):
        fed(tmp_path, other)
    with pytest.raises(Gap):
        fed(tmp_path, records[7:])
    with pytest.raises(Unfit, match="fed from file, not yibao.settled"):
        Folder(tmp_path, SETTLED).place(0)
    taken = Folder(tmp_path, "file")
    with pytest.raises(Unfit, match="another process"):
        Folder(tmp_path, "file")
    taken.close()
    (tmp_path / ".progress" / "0.json").unlink()
    with pytest.raises(Unfit, match="beyond its progress"):
        fed(tmp_path, records)


@pytest.mark.parametrize(("change", "said"), [
    (Path.unlink, "files were written, and"),
    (lambda file: shutil.copytree(file.parent, file.parent.with_name("region=999999")), "put them back as they were"),
    (lambda file: shutil.copy(file, file.with_stem(file.stem + " (1)")), "is no file of this command"),
    (lambda file: shutil.copy(file, file.with_stem("0-copy")), "is no file of this command"),
], ids=["taken away", "put elsewhere too", "copied", "named by hand"])
def test_files_that_are_not_those_that_were_written_are_told(change: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    fed(tmp_path, generated())
    change(sorted((tmp_path / "lines").rglob("0-*.parquet"))[0])
    with pytest.raises(Unfit, match=said):
        fed(tmp_path, generated())


def test_a_folder_of_before_files_were_counted_is_gone_on_with(tmp_path: Path) -> None:
    fed(tmp_path, generated()[:200])
    for path in (tmp_path / ".progress").glob("*.json"):
        path.write_text(json.dumps({name: value for name, value in json.loads(path.read_text()).items() if name != "held"}))
    fed(tmp_path, generated())
    for path in (tmp_path / ".progress").glob("*.json"):
        assert json.loads(path.read_text())["held"] == len([*tmp_path.rglob(f"{path.stem}-*.parquet")])


def test_what_waits_is_not_told_as_added(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "file")
    lane = Lane(folder, 0, DAY)
    lane.take(records := [r for r in generated() if r.partition == 0])
    assert (lane.records, lane.rows, lane.waiting) == (0, 0, len(records))
    lane.flush()
    assert (lane.records, lane.waiting) == (len(records), 0)
    assert lane.rows == sum(len(rows(tmp_path, table)) for table in columns.TABLES)
    folder.close()


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_feeds_from_what_settle_wrote(run: Run, tmp_path: Path) -> None:
    lines = [to_line(r) for r in generated()]
    (tmp_path / "v.jsonl").write_text("\n".join(lines) + "\n")
    first = run("feed", "out", "--from", "v.jsonl", "--day", "2026-11-27", "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["verdicts"] == len(lines)
    assert json.loads(run("feed", "out", "--from", "v.jsonl", "--json").stdout)["verdicts"] == 0
    fed(tmp_path / "same", generated())
    assert seen(tmp_path / "out") == seen(tmp_path / "same")
    assert {path.parents[1].name for path in (tmp_path / "out").rglob("*.parquet")} == {f"day={DAY}"}


@pytest.mark.parametrize(("text", "said"), [("{", "line 1 is no record"), ('{"topic":"yibao.settled","partition":9,"data":{}}', "partition 9")])
def test_a_file_that_is_none_is_told(run: Run, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "v.jsonl").write_text(text)
    found = run("feed", "out", "--from", "v.jsonl")
    assert found.exit_code in (1, 2) and said in found.stderr and "v.jsonl: " in found.stderr


@pytest.mark.parametrize("text", ["", " " * 10_000_000, '{"type":"cn.yibao.enrolment.recorded.v1","data":{"psn_no":"P1"}}\n'], ids=["empty", "blanks", "requests"])
def test_a_file_without_verdicts_is_told(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "v.jsonl").write_text(text)
    found = run("feed", "out", "--from", "v.jsonl")
    assert found.exit_code == 1 and "v.jsonl: 其中没有终局结论" in found.stderr and "holds no verdict; write them with yibao settle" in found.stderr


def test_a_file_that_lacks_a_verdict_or_is_another_one_is_told(run: Run, tmp_path: Path) -> None:
    """The second verdict of a partition is left out; then a file whose verdicts are others is fed into the same folder."""
    first, second, third = (to_line(one) for one in [one for one in generated() if one.partition == 0][:3])
    (tmp_path / "v.jsonl").write_text(f"{first}\n{third}\n")
    gap = run("feed", "out", "--from", "v.jsonl")
    assert gap.exit_code == 2 and "v.jsonl: 缺第 1 条" in gap.stderr and "record 1 is missing, 2 came in its place" in gap.stderr
    (tmp_path / "v.jsonl").write_text(f"{first}\n")
    assert run("feed", "out", "--from", "v.jsonl").exit_code == 0
    (tmp_path / "other.jsonl").write_text(second.replace('"req":1', '"req":0') + "\n")
    other = run("feed", "out", "--from", "other.jsonl")
    assert other.exit_code == 2 and "other.jsonl: 分区 0 第 0 条不是" in other.stderr and "record 0 is not the one" in other.stderr
    (tmp_path / "v.jsonl").write_text(f"{first}\n{second}\n")
    assert run("feed", "out", "--from", "v.jsonl").exit_code == 0
    short = run("feed", "out", "--from", "other.jsonl")
    assert short.exit_code == 2 and "止于 1，目录已到 2" in short.stderr and "it ends at 1, and the folder stands at 2" in short.stderr


def test_without_a_stack_the_command_says_what_to_do(run: Run) -> None:
    found = run("feed", "out", "--once")
    assert found.exit_code == 2 and "YIBAO_KAFKA" in found.stderr


# --- from a dump ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded run: offsets with a fence before the first, and 2026-11-27 08:00 in China as the broker's time."""
    folder = tmp_path_factory.mktemp("dump")
    requests = [request_record(line.encode(), topic_map().partitions) for line in generate(persons=30, claims=250, seed=5)]
    recorded(requests, built_in(), folder, repeat(1_795_737_600_000))
    return folder


def test_a_dump_gives_the_rows_that_its_verdicts_give(run: Run, dumped: Path, tmp_path: Path) -> None:
    first = run("feed", "out", "--from", dumped, "--json")
    assert first.exit_code == 0, first.output
    road = Road(built_in())
    lines = generate(persons=30, claims=250, seed=5)
    verdicts = [r for line in lines for r in road.run(request_record(line.encode(), topic_map().partitions)) if r.topic == SETTLED]
    fed(tmp_path / "same", verdicts)
    assert seen(tmp_path / "out") == seen(tmp_path / "same")
    assert json.loads(first.stdout)["verdicts"] == len(verdicts)
    assert {path.parents[1].name for path in (tmp_path / "out").rglob("*.parquet")} == {f"day={DAY}"}
    again = json.loads(run("feed", "out", "--from", dumped, "--json").stdout)
    assert again["verdicts"] == 0, "the folder goes on where it was"


def test_a_dump_that_is_changed_shorter_or_none_is_told(run: Run, dumped: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(dumped, tmp_path / "changed")
    file = next(changed.glob("yibao.settled/*/*.jsonl"))
    file.write_bytes(file.read_bytes().replace(b'"hifp_pay":', b'"hifp_pay":1', 1))
    found = run("feed", "out", "--from", changed)
    assert found.exit_code == CANNOT and file.name in found.stderr
    (tmp_path / "none").mkdir()
    assert run("feed", "other", "--from", tmp_path / "none").exit_code == CANNOT
    assert run("feed", "whole", "--from", dumped).exit_code == 0
    recorded([], built_in(), tmp_path / "empty")
    found = run("feed", "whole", "--from", tmp_path / "empty")
    assert found.exit_code == CANNOT and "the folder stands at" in found.stderr


@pytest.mark.parametrize(("purse", "name", "unit"), [
    ("year", "critical.base", "fen"), ("year", "inpatient.admissions", "count"), ("year", "inpatient.last_enddate", "day"),
    ("stay", "fixed", "fen"), ("stay", "costs", "fen"), ("stay", "maf_pay.funded", "fen"), ("stay", "aid.paid", "fen"), ("stay", "settlements", "count"), ("stay", "insured", "count"),
    ("stay", "until", "day"), ("account", "balc", "fen"),
])
def test_the_unit_of_what_moves(purse: str, name: str, unit: str) -> None:
    assert unit_of(purse, name) == unit
