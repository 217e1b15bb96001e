"""``yibao publish`` and ``yibao settle``: files are checked whole, bad lines are named, output is the road's own."""

import asyncio
import json
import os
import re
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError
from typer.testing import CliRunner, Result

from contracts.envelope import Record, request_attributes
from contracts.lines import MAX_LINE_BYTES, from_line, request_record, to_line
from contracts.topics import topic_map
from contracts.wire import MAX_REQUEST_BYTES, event_of
from policies.book import built_in
from policies.courier import carried
from policies.road import Road
from services.cli import INTERRUPTED, publish as publishing
from services.cli.app import app
from services.cli.lines import Checked, good, opened
from services.cli.publish import Published, pieces
from services.runtime import ending
from services.runtime.exits import Exit, Unreachable
from services.runtime.kafka import KafkaLog
from services.runtime.settings import Settings
from services.runtime.topics import OF_THE_TOPIC, admin_of, make_topics
from tests.policies.requests import claim, credit, enrolment, line, reimbursement, spell
from tests.policies.test_wallet import sharing
from tests.servers import Servers

PARTITIONS = topic_map().partitions
Run = Callable[..., Result]


def as_line(type: str, data: dict[str, Any], id: str | None = None) -> str:
    return json.dumps({"type": f"cn.yibao.{type}.v1", "data": data, **({"id": id} if id else {})})


GOOD = [
    as_line("enrolment.recorded", enrolment()),
    as_line("account.credited", credit(5_000), id="credit-1"),
    as_line("claim.submitted", claim(line(30_000), fixmedins_code="H65020000102"), id="visit-1"),
]
YUAN = as_line("claim.submitted", claim(medfee_sumamt=100.0), id="visit-2")


def written(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "requests.jsonl"
    path.write_text(end.join(lines) + end, "utf-8", newline="")
    return path


# --- settle ---------------------------------------------------------------------------------------------------------------


def by_road(*lines: str) -> list[str]:
    """What the road itself makes of the lines."""
    road = Road(built_in())
    return [to_line(record) for text in lines for record in road.run(request_record(text.encode(), PARTITIONS))]


def test_settle_writes_every_record_of_the_road(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, *GOOD))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == by_road(*GOOD)
    assert [from_line(text).topic for text in result.stdout.splitlines()][:4] == [topic.name for topic in topic_map().road[1:]]
    assert "请求 / requests 3" in result.stderr


def test_settle_decides_as_reckoned_by_hand(run: Run, tmp_path: Path) -> None:
    """Level 2: (300.00 - 40.00) x 70 % = 182.00 from the pool, 118.00 cash."""
    result = run("settle", written(tmp_path, *GOOD), "--only", "claim.settled")
    (event,) = [event_of(from_line(text)) for text in result.stdout.splitlines()]
    assert (event.body.settled.hifp_pay, event.body.settled.psn_cash_pay) == (18_200, 11_800)


@pytest.mark.parametrize("only", ["claim.settled", "claim.settled.v1", "cn.yibao.claim.settled.v1"])
def test_only_takes_short_and_full_names(run: Run, tmp_path: Path, only: str) -> None:
    result = run("settle", written(tmp_path, *GOOD), "--only", only)
    assert result.stdout.splitlines() == [by_road(*GOOD)[-1]]


def test_only_verdicts_is_one_a_request(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, *GOOD), "--only", "verdicts")
    assert result.stdout.splitlines() == by_road(*GOOD)[3::4]


def test_only_an_unknown_type_lists_the_known_ones(run: Run, tmp_path: Path) -> None:
    for unknown in ("claim.paid", "claim.settled.v2", "filing.requested"):
        result = run("settle", written(tmp_path, *GOOD), "--only", unknown)
        assert result.exit_code == 1 and result.stdout == ""
        assert f"--only {unknown}" in result.stderr and "verdicts, account.credited" in result.stderr


def test_settle_to_a_file_that_appears_when_it_is_whole(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "records.jsonl"
    result = run("settle", written(tmp_path, *GOOD), "--out", target, "--json")
    assert result.exit_code == 0 and target.read_text("utf-8").splitlines() == by_road(*GOOD)
    told = json.loads(result.stdout)
    assert (told["requests"], told["bad"], sum(told["written"].values())) == (3, 0, 12)
    assert told["written"]["claim.settled"] == 1
    assert run("settle", written(tmp_path, YUAN), "--out", target).exit_code == 1
    assert target.read_text("utf-8").splitlines() == by_road(*GOOD), "a refused file leaves the old output"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.jsonl", "requests.jsonl"]


def test_settle_where_nothing_can_be_written(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, *GOOD), "--out", tmp_path / "no" / "such.jsonl")
    assert result.exit_code == 1 and "cannot be written" in result.stderr


def test_settle_from_standard_input(run: Run) -> None:
    assert run("settle", "-", input="\n".join(GOOD)).stdout.splitlines() == by_road(*GOOD)


def test_settle_with_a_rulebook_that_is_not_there(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, *GOOD), "--rulebook", tmp_path / "none")
    assert result.exit_code == 1 and "there is no such folder" in result.stderr and result.stdout == ""


BATCH = [
    as_line("enrolment.recorded", enrolment()),
    *(as_line("reimbursement.requested", reimbursement(
        mdtrt_id=visit, invoices=[(invoice, 10_000)], materials=papers, batch_no=batch), id=f"r-{visit}")
      for visit, invoice, papers, batch in (
          ("M1", "I1", ["invoice_original", "diagnosis"], "B-1"), ("M2", "I2", ["diagnosis"], "B-1"),
          ("M3", "I1", ["invoice_original", "diagnosis"], "B-1"), ("M4", "I4", ["invoice_original", "prescription"], "B-2"))),
    as_line("reimbursement.requested", reimbursement(mdtrt_id="M5", invoices=[("I5", 10_000)]), id="r-M5"),
]
SUMS = {
    "B-1": {"settled": 1, "pending": 1, "refused": 1, "payable_amt": 6_400},
    "B-2": {"settled": 1, "pending": 0, "refused": 0, "payable_amt": 6_400},
}
"""Each visit: (100.00 - 20.00) x 80 % = 64.00. M2 lacks its invoice, M3 comes with that of M1, M5 belongs to no batch."""


def test_settle_tells_what_became_of_a_batch(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, *BATCH), "--only", "claim.settled", "--out", tmp_path / "out", "--json")
    assert json.loads(result.stdout)["batches"] == SUMS
    shown = run("settle", written(tmp_path, *BATCH)).stderr
    assert "批次 / batches" in shown and re.search(r"B-1 .* 1 .* 1 .* 1 .* 64\.00", shown) and "B-2" in shown
    assert "batches" not in run("settle", written(tmp_path, *GOOD)).stderr


# --- quote ----------------------------------------------------------------------------------------------------------------


def test_quote_offline_is_what_settles_at_once(run: Run, tmp_path: Path) -> None:
    """For a claim and a reimbursement: the same section, byte for byte."""
    for bill in (GOOD[2], BATCH[1]):
        (quoted,) = json.loads(run("quote", written(tmp_path, *GOOD[:2], bill), "--offline", "--json").stdout)
        (settled,) = [one for text in by_road(*GOOD[:2], bill) if "settled" in (one := json.loads(from_line(text).value))]
        assert quoted["verdict"] == settled["settled"] and quoted["type"] in ("claim.quoted", "reimbursement.quoted")


def test_quote_prints_a_statement_a_bill_and_none_sees_the_other(run: Run, tmp_path: Path) -> None:
    """Two visits of 300.00 at level 2: (300.00 - 40.00) x 70 % = 182.00 for each; settled, the cap of the year would hold 364.00."""
    again = GOOD[2].replace("visit-1", "visit-2")
    result = run("quote", written(tmp_path, *GOOD, again, BATCH[2]), "--lang", "en")
    assert result.exit_code == 0 and "offline, from this file alone: 3" in result.stderr
    assert result.stdout.count("Trial settlement (预结算; not binding, moves nothing)") == 2
    assert result.stdout.count("182.00") >= 2 and "364.00" not in result.stdout
    assert "something would still be due" in result.stdout and "Papers are missing" in result.stdout


def test_quote_decides_the_facts_of_the_file_where_they_stand(run: Run, tmp_path: Path) -> None:
    late = json.loads(run("quote", written(tmp_path, GOOD[2], GOOD[0]), "--offline", "--json").stdout)
    assert [one["type"] for one in late] == ["quote.refused"] and late[0]["verdict"]["reasons"][0]["code"] == "unknown_person"


def test_quote_needs_a_bill_and_takes_no_bad_line(run: Run, tmp_path: Path) -> None:
    result = run("quote", written(tmp_path, *GOOD[:2]), "--offline")
    assert result.exit_code == 1 and "holds no claim and no reimbursement" in result.stderr
    assert run("quote", written(tmp_path, GOOD[2], YUAN), "--offline").exit_code == 1


FAMILY = [
    as_line("enrolment.recorded", enrolment(spell("360100"))),
    as_line("enrolment.recorded", enrolment(spell("360400", "390", "15"), psn_no="P2")),
    as_line("account.credited", credit(5_000), id="credit-1"),
    as_line("wallet.requested", sharing(2_000), id="share-1"),
]


def test_the_couriers_requests_follow_the_last_line(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, *FAMILY, GOOD[2]), "--only", "verdicts", "--json", "--out", tmp_path / "out")
    types = [event_of(from_line(text)).type for text in (tmp_path / "out").read_text("utf-8").splitlines()]
    assert types == ["enrolment.recorded"] * 2 + ["account.credited", "wallet.shared", "claim.refused", "wallet.credited"]
    assert json.loads(result.stdout)["requests"] == 5, "the lines of the file"


def test_the_requests_of_a_live_run_hold_the_couriers_already(run: Run, tmp_path: Path) -> None:
    shared = from_line(by_road(*FAMILY)[-1])
    letter = carried(shared)
    assert letter is not None
    line_of_it = json.dumps({k: v for k, v in json.loads(to_line(letter)).items() if k not in ("topic", "partition")})
    found = run("settle", written(tmp_path, *FAMILY, line_of_it, GOOD[2]), "--only", "verdicts").stdout.splitlines()
    assert [event_of(from_line(text)).type for text in found][-3:] == ["wallet.shared", "wallet.credited", "claim.refused"]


# --- bad lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("settle",), ("publish", "--dry-run")])
def test_a_bad_line_is_named_and_nothing_is_used(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, written(tmp_path, GOOD[0], "", YUAN, "nonsense", GOOD[1]))
    assert result.exit_code == 1 and result.stdout == ""
    assert "第 3 行 / line 3: medfee_sumamt: fen_not_yuan" in result.stderr
    assert "以整数分发送：元乘以 100" in result.stderr and "Send whole fen: yuan times 100" in result.stderr
    assert "line 4: not_json" in result.stderr and "2 bad lines, nothing of the file was used" in result.stderr


def test_a_byte_order_mark_is_named(run: Run, tmp_path: Path) -> None:
    """As editors of Windows put it before a file."""
    (path := tmp_path / "requests.jsonl").write_text("\n".join(GOOD), "utf-8-sig")
    result = run("settle", path)
    assert result.exit_code == 1 and "line 1: not_json" in result.stderr
    assert "字节序标记（BOM）" in result.stderr and "byte order mark (BOM)" in result.stderr
    assert "1 bad lines" in result.stderr and result.stdout == ""


def test_bad_lines_are_left_out_on_demand(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD[0], YUAN, *GOOD[1:])
    result = run("settle", path, "--skip-bad")
    assert result.exit_code == 1 and result.stdout.splitlines() == by_road(*GOOD)
    result = run("publish", path, "--dry-run", "--skip-bad", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1 and (told["checked"], told["bad"], told["published"]) == (3, 1, 0)
    (bad,) = told["bad_lines"]
    assert bad["line"] == 2 and bad["reasons"][0]["code"] == "fen_not_yuan" and bad["reasons"][0]["field"] == "medfee_sumamt"


def test_blank_lines_and_windows_line_ends_are_no_errors(run: Run, tmp_path: Path) -> None:
    result = run("settle", written(tmp_path, "", GOOD[0], "   ", *GOOD[1:], "", end="\r\n"))
    assert result.exit_code == 0 and result.stdout.splitlines() == by_road(*GOOD)


def test_lines_that_are_too_long_name_the_limit_and_do_not_shift_the_count(run: Run, tmp_path: Path) -> None:
    huge = as_line("claim.submitted", claim(mdtrt_id="x" * (10 * MAX_LINE_BYTES)))
    over = as_line("claim.submitted", claim(mdtrt_id="x" * (MAX_LINE_BYTES + 1 - len(as_line("claim.submitted", claim(mdtrt_id=""))))))
    large = as_line("claim.submitted", claim(mdtrt_id="x" * MAX_REQUEST_BYTES))
    assert len(over) == MAX_LINE_BYTES + 1
    result = run("settle", written(tmp_path, GOOD[0], huge, over, large, "nonsense"))
    told = [text for text in result.stderr.splitlines() if "at most" in text]
    assert [text.split(" bytes")[0].rpartition(" ")[2] for text in told[:2]] == [str(len(huge) + 1), str(len(over))]
    assert [f"at most {limit} are allowed" in text for text, limit in zip(told, (MAX_LINE_BYTES,) * 2 + (MAX_REQUEST_BYTES,), strict=True)] == [True] * 3
    assert [f"line {number}: " in result.stderr for number in (1, 2, 3, 4, 5)] == [False, True, True, True, True]


def test_many_bad_lines_are_counted_not_all_told(run: Run, tmp_path: Path) -> None:
    result = run("publish", written(tmp_path, *["nonsense"] * 120), "--dry-run")
    assert result.stderr.count("not_json") == 50 and "the rest was not checked" in result.stderr and result.exit_code == 1
    skipped = run("publish", written(tmp_path, *["nonsense"] * 120), "--dry-run", "--skip-bad")
    assert skipped.stderr.count("not_json") == 50 and "70 行有误" in skipped.stderr and skipped.exit_code == 1


def test_a_file_without_requests_is_told(run: Run, tmp_path: Path) -> None:
    for lines in ((), ("", "  ")):
        result = run("settle", written(tmp_path, *lines))
        assert result.exit_code == 1 and "there is no request in this file" in result.stderr


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    for command in (("settle",), ("publish", "--dry-run")):
        result = run(*command, tmp_path / "none.jsonl")
        assert result.exit_code == 1 and "none.jsonl" in result.stderr and "cannot be read" in result.stderr
    assert run("settle", tmp_path).exit_code == 1, "a folder"


def test_a_file_that_changes_between_check_and_use_is_refused(tmp_path: Path) -> None:
    with opened(written(tmp_path, *GOOD)) as stream, pytest.raises(BaseException) as ended:
        list(good(stream, Checked(good=2)))
    assert getattr(ended.value, "exit_code", None) == 1


def test_requests_are_not_held_in_memory(tmp_path: Path) -> None:
    """The lines come one by one: after the first record nothing behind it has been read."""
    with opened(written(tmp_path, GOOD[0], *[GOOD[1]] * 10_000)) as stream:
        lines: Iterator[Any] = good(stream, Checked())
        assert next(lines).key == b"P1" and stream.tell() == len(GOOD[0]) + 1


# --- publish without servers ----------------------------------------------------------------------------------------------


def test_dry_run_says_what_would_be_published(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD)
    told = json.loads(run("publish", path, "--dry-run", "--json").stdout)
    derived = event_of(from_line(by_road(*GOOD)[0])).attributes.request_id
    assert told["ids"] == [derived, "credit-1", "visit-1"], "an id that is absent is the one that the first stage derives"
    assert told["types"] == {"account.credited": 1, "claim.submitted": 1, "enrolment.recorded": 1}
    assert told["dry_run"] is True and told["published"] == 0 and sum(told["partitions"].values()) == 3
    shown = run("publish", path, "--dry-run")
    assert shown.exit_code == 0 and f"{derived}, credit-1, visit-1" in shown.stdout and "只检查，未发布" in shown.stdout


def test_only_the_first_ids_are_shown(run: Run, tmp_path: Path) -> None:
    lines = [as_line("account.credited", credit(1), id=f"c-{n}") for n in range(9)]
    shown = run("publish", written(tmp_path, *lines), "--dry-run").stdout
    assert "c-0, c-1, c-2, c-3, c-4 …" in shown and "c-5" not in shown


def test_publish_without_addresses_says_what_to_do(run: Run, tmp_path: Path) -> None:
    result = run("publish", written(tmp_path, *GOOD))
    assert result.exit_code == 2 and "YIBAO_KAFKA" in result.stderr and "yibao up" in result.stderr


def test_publish_to_servers_that_do_not_answer(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("YIBAO_REDIS", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("YIBAO_SEND_TIMEOUT_S", "2")
    result = run("publish", written(tmp_path, *GOOD))
    assert result.exit_code == 4 and "127.0.0.1:1" in result.stderr


def test_publish_that_is_interrupted_says_what_was_acknowledged(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C when two of three requests were acknowledged."""

    async def no_problems(_: Settings) -> list[str]:
        return []

    async def interrupted(_: Settings, requests: Iterator[Record], __: int, done: Published) -> None:
        for record, _ in zip(requests, range(2), strict=False):
            done.add(record)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)

    monkeypatch.setattr("services.cli.publish.check_topics", no_problems)
    monkeypatch.setattr("services.cli.publish.send", interrupted)
    result = run("publish", written(tmp_path, *GOOD), env={"YIBAO_KAFKA": "127.0.0.1:1"})
    assert result.exit_code == INTERRUPTED and result.stdout == ""
    assert "acknowledged: 2" in result.stderr and "to publish the same file again is safe" in result.stderr


def test_pieces_keep_the_order_of_each_partition() -> None:
    """1,200 requests of four persons: handed on when one partition has 500 together, in their order."""
    lines = [as_line("account.credited", credit(n + 1, psn_no=f"P{n % 4}"), id=f"c-{n}") for n in range(1_200)]
    records = [request_record(text.encode(), PARTITIONS) for text in lines]
    handed_on = list(pieces(iter(records)))
    assert max(len(part) for piece in handed_on for part in piece.values()) <= 500
    for partition in range(PARTITIONS):
        sent = [record for piece in handed_on for record in piece.get(partition, [])]
        assert sent == [record for record in records if record.partition == partition]


# --- publish on a real broker -----------------------------------------------------------------------------------------------


@pytest.mark.live
async def test_what_is_published_lies_on_the_topic_in_the_order_of_the_file(
    servers: Servers, tmp_path: Path
) -> None:
    settings = Settings(kafka=servers.kafka, redis=servers.redis, road=f"t{uuid.uuid4().hex[:8]}-")
    await make_topics(settings)
    lines = [as_line("account.credited", credit(n + 1, psn_no=f"P{n % 7}"), id=f"c-{n}") for n in range(1_500)]
    await _published(written(tmp_path, *lines), settings)
    expected = [request_record(text.encode(), PARTITIONS) for text in lines]
    for partition in range(PARTITIONS):
        log = KafkaLog(settings, None, settings.topic("yibao.requested"), partition)
        found = []
        while records := await log.read(len(found), 2_000):
            found += records
        await log.close()
        assert [(r.key, r.value, r.headers) for r in found] == [
            (r.key, r.value, r.headers) for r in expected if r.partition == partition
        ]
        assert all(request_attributes(r.headers).type == "account.credited" for r in found)


async def _published(path: Path, settings: Settings) -> None:
    """The command as a user runs it: a loop of its own, so in a thread of its own."""
    env = {"YIBAO_KAFKA": settings.kafka, "YIBAO_REDIS": settings.redis, "YIBAO_ROAD": settings.road}
    result = await asyncio.to_thread(CliRunner().invoke, app, ["publish", str(path), "--json"], env=env)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["published"] == 1_500


@pytest.mark.live
def test_publish_to_topics_that_are_missing(servers: Servers, run: Run, tmp_path: Path) -> None:
    env = {"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis, "YIBAO_ROAD": "cli-nothing-"}
    result = run("publish", written(tmp_path, *GOOD), env=env)
    assert result.exit_code == 2 and "cli-nothing-yibao.requested: 没有这个主题，运行 `yibao topics` / is missing; run `yibao topics`" in result.stderr


class Gone:
    """A producer whose broker went away: its batches are sent for ever, so it never stops."""

    async def start(self) -> None:
        """It was there."""

    async def send_batch(self, *_: Any, **__: Any) -> None:
        raise KafkaConnectionError("gone")

    async def stop(self) -> None:
        await asyncio.sleep(3600)


async def test_who_publishes_to_a_broker_that_goes_away_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "make_producer", lambda *_: Gone())
    monkeypatch.setattr(ending, "LEAVE_S", 0.05)
    record = Record(b"P1", b"{}", (), partition=0)
    async with asyncio.timeout(5):
        with pytest.raises(Unreachable, match="gone(?s:.*)acknowledged: 0"):
            await publishing.send(Settings(kafka="none:1"), [record], 1, publishing.Published())


@pytest.mark.live
@pytest.mark.parametrize("command", [("status",), ("audit", "seal"), ("trace", "my-claim-1")])
def test_a_road_that_is_not_there_is_not_taken_for_servers_that_do_not_answer(
        servers: Servers, run: Run, command: tuple[str, ...]) -> None:
    """Another prefix than that of the installation, most often."""
    env = {"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis, "YIBAO_ROAD": "cli-nothing-", "YIBAO_SEND_TIMEOUT_S": "3"}
    result = run(*command, env=env)
    assert result.exit_code == 2 and "no such topic" in result.stderr and "YIBAO_ROAD" in result.stderr


@pytest.mark.live
def test_topics_that_are_not_as_the_map_says_are_corrected_and_nothing_else_of_them(servers: Servers, run: Run, tmp_path: Path) -> None:
    road = f"t{uuid.uuid4().hex[:8]}-"
    env = {"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis, "YIBAO_ROAD": road}
    name, own = f"{road}yibao.requested", {"segment.bytes": "2000000"}
    assert run("topics", env=env).exit_code == 0
    asyncio.run(_configured(servers, name, {"compression.type": "gzip", "max.message.bytes": "5000"} | own))
    wrong = (
        f"{name}: compression.type 为 gzip，应为 uncompressed，运行 `yibao topics` / "
        "compression.type is gzip, the map says uncompressed; run `yibao topics`")
    for command in (("topics", "--check"), ("publish", written(tmp_path, *GOOD))):
        result = run(*command, env=env)
        assert result.exit_code != 0 and wrong in result.stderr
    result = run("topics", "--json", env=env)
    assert result.exit_code == 0
    assert sorted(json.loads(result.stdout)["corrected"]) == [
        f"{name}: compression.type gzip -> uncompressed", f"{name}: max.message.bytes 5000 -> 1048576",
        f"{name}: message.timestamp.type CreateTime -> LogAppendTime", f"{name}: retention.ms 604800000 -> -1"]
    assert run("topics", "--check", env=env).exit_code == 0
    assert asyncio.run(_set_on(servers, name)) == dict(topic_map().named("yibao.requested").config) | own
    assert json.loads(run("topics", "--json", env=env).stdout) == {"created": [], "corrected": [], "problems": []}


@pytest.mark.live
@pytest.mark.parametrize(("found", "told"), [("lz4", True), ("gzip", True), ("zstd", False), ("uncompressed", False)])
def test_a_compression_that_readers_are_not_promised_is_corrected_and_another_is_left(
        servers: Servers, run: Run, found: str, told: bool) -> None:
    """docs/consumers.md: a reader has to expand zstd alone. docs/operations.md: an operator may have the broker compress with it."""
    road = f"t{uuid.uuid4().hex[:8]}-"
    env = {"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis, "YIBAO_ROAD": road}
    name = f"{road}yibao.settled"
    assert run("topics", env=env).exit_code == 0
    config = dict(topic_map().named("yibao.settled").config)
    asyncio.run(_configured(servers, name, config | {"compression.type": found}))
    result = run("topics", "--check", env=env)
    assert result.exit_code == int(told)
    assert (f"compression.type is {found}, the map says producer; run `yibao topics`" in result.stderr) == told
    asyncio.run(_configured(servers, name, config | {"compression.type": found, "retention.ms": "1000"}))
    corrected = json.loads(run("topics", "--json", env=env).stdout)["corrected"]
    assert sorted(corrected) == [*([f"{name}: compression.type {found} -> producer"] if told else []), f"{name}: retention.ms 1000 -> -1"]
    assert asyncio.run(_set_on(servers, name)) == config | ({} if told else {"compression.type": found})


async def _configured(servers: Servers, name: str, values: dict[str, str]) -> None:
    """These are all that is set on the topic, when the broker says so."""
    async with admin_of(Settings(kafka=servers.kafka, redis=servers.redis)) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=values)])
    while await _set_on(servers, name) != values:
        await asyncio.sleep(0.05)


async def _set_on(servers: Servers, name: str) -> dict[str, str]:
    async with admin_of(Settings(kafka=servers.kafka, redis=servers.redis)) as admin:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        return {entry[0]: entry[1] for entry in answer.resources[0][4] if entry[3] == OF_THE_TOPIC}


@pytest.mark.live
def test_servers_that_go_away_between_two_questions_are_named(servers: Servers, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> None:
        raise NodeNotReadyError("the broker has ended")

    monkeypatch.setattr(AIOKafkaAdminClient, "list_topics", gone)
    for command in (["topics"], ["topics", "--check"]):
        result = run(*command, env={"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis})
        assert result.exit_code == Exit.UNREACHABLE and servers.kafka in result.stderr and "NodeNotReadyError" in result.stderr


@pytest.mark.live
def test_a_wait_that_is_too_short_says_what_was_published_and_what_is_missing(servers: Servers, run: Run, tmp_path: Path) -> None:
    """Nobody decides on this road."""
    env = {"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis, "YIBAO_ROAD": f"t{uuid.uuid4().hex[:8]}-"}
    assert run("topics", env=env).exit_code == 0
    result = run("publish", written(tmp_path, *GOOD), "--wait", "--limit", "1", "--json", env=env)
    told = json.loads(result.stdout)
    assert result.exit_code == 4 and told["published"] == 3 and told["verdicts"] == []
    assert "requests without a verdict within 1 s: 3" in result.stderr and "yibao status" in result.stderr
