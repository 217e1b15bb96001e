"""``yibao trace``, ``account`` and ``explain``: on logs in memory, on files, and on the live chain."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from rich.console import Console
from typer.testing import CliRunner, Result

from contracts.envelope import Record, with_numbers
from contracts.events.enrolment import Spell
from contracts.keys import partition_of
from contracts.lines import request_record, to_line
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.accumulators import Wallet
from policies.book import built_in
from policies.eligibility import PersonState
from policies.road import Road
from policies.statement import as_html, as_text, statement
from services.cli.account import Account, Year, account_table, as_object
from services.cli.app import app
from services.cli.console import CANNOT, SERVERS
from services.cli.search import Hit, Logs, back, by_id, by_visit, found, partitions_for, scan, trusted
from services.cli.trace import links
from services.ledger import Position
from services.runtime.exits import DataLost
from services.runtime.log import folded_hash
from services.runtime.settings import Settings
from services.runtime.topics import make_topics
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic
from tests.policies.requests import PERSON, Journey, claim, credit, enrolment, insured, line, reimbursement
from tests.servers import Servers

PARTITIONS = topic_map().partitions
OF_PERSON = partition_of(PERSON.encode(), PARTITIONS)
TOPICS = [topic.name for topic in topic_map().road]
SETTLED = len(TOPICS) - 1
Run = Callable[..., Result]


# --- finding a request: logs in memory --------------------------------------------------------------------------------------


class MemoryLogs(Logs):
    """The logs of a road that was run in this process, with fences and numbers as workers write them."""

    def __init__(self, *requests: Record) -> None:
        self.topics = {(place, p): MemoryTopic(name, p) for place, name in enumerate(TOPICS) for p in range(PARTITIONS)}
        fence = Record(None, b"", (("fence", b"f"),))
        for (place, _), topic in self.topics.items():
            topic.add([fence] if place else [])
        road = Road(built_in())
        for request in requests:
            self.append(0, request)
            for place, record in enumerate(road.run(request), 1):
                src = self.end(place - 1, request.partition) - 1
                req = int(record.header("req") or b"-1")
                self.append(place, replace(record, headers=with_numbers(record.headers, req, src, 0)))

    def append(self, place: int, record: Record) -> int:
        return self.topics[place, record.partition].add([record])[0]

    def end(self, place: int, partition: int) -> int:
        return len(self.topics[place, partition].records)

    def at(self, place: int, partition: int) -> Any:
        return MemoryLog(self.topics[place, partition])


def request(type: str, data: dict[str, Any], id: str | None = None) -> Record:
    event = {"type": f"cn.yibao.{type}.v1", "data": data, **({"id": id} if id else {})}
    return request_record(json.dumps(event).encode(), PARTITIONS)


def journey() -> tuple[Record, ...]:
    return (
        request("enrolment.recorded", enrolment(), "who"),
        request("enrolment.recorded", enrolment(psn_no="P2"), "other"),
        request("claim.submitted", claim(mdtrt_id="M1"), "first"),
        request("quote.requested", claim(mdtrt_id="M2"), "quoted"),
        request("claim.submitted", claim(mdtrt_id="M2"), "second"),
    )


ALL = list(range(PARTITIONS))


async def test_a_request_is_found_and_followed_back_to_where_it_began() -> None:
    logs = MemoryLogs(*journey())
    ((*road,),) = await found(logs, ALL, by_id("second"), whole=False)
    assert [(hit.place, hit.record.topic) for hit in road] == list(enumerate(TOPICS))
    assert [hit.record.offset for hit in road] == [3, 4, 4, 4, 4], "the fourth of the person; stages have a fence before"
    assert road[0].record.header("ce_id") == b"second" and all(hit.kept for hit in road)
    assert links(road) == (["request", "wrapped", "checked", "priced", "settled"], [])


async def test_a_visit_has_all_its_requests() -> None:
    logs = MemoryLogs(*journey())
    roads = await found(logs, ALL, by_visit("M2"), whole=True)
    assert [road[0].record.header("ce_id") for road in roads] == [b"quoted", b"second"]
    assert await found(logs, ALL, by_visit("2"), whole=True) == [], "no part of an id"


async def test_the_id_of_an_event_finds_its_request() -> None:
    logs = MemoryLogs(*journey())
    settled = logs.topics[SETTLED, OF_PERSON].records[-1]
    ((*road,),) = await found(logs, ALL, by_id((settled.header("ce_id") or b"").decode()), whole=False)
    assert road[0].record.header("ce_id") == b"second"


async def test_an_id_that_was_derived_is_found() -> None:
    logs = MemoryLogs(request("enrolment.recorded", enrolment()))
    derived = (logs.topics[SETTLED, OF_PERSON].records[-1].header("ce_requestid") or b"").decode()
    ((*road,),) = await found(logs, ALL, by_id(derived), whole=False)
    assert len(road) == 5 and road[0].record.header("ce_id") is None


def misrouted(record: Record) -> Record:
    return replace(record, partition=(record.partition + 1) % PARTITIONS)


async def test_what_could_not_be_read_is_found_by_the_id_that_its_sender_gave() -> None:
    """Its records have an id of their own. The id may have been sent again, in better shape: then both are told."""
    sent = request("claim.submitted", claim(), "g2")
    bad = [misrouted(sent), replace(sent, value=b""), replace(sent, headers=(("ce_id", b"g2"),))]
    for one in bad:
        logs = MemoryLogs(ENROLLED, request("claim.submitted", claim(mdtrt_id="M9"), "g3"), one)
        ((*road,),) = await found(logs, ALL, by_id("g2"), whole=False)
        assert [hit.record.topic for hit in road] == TOPICS and links(road) == (["request", "filed", *["forwarded"] * 3], [])
        assert road[-1].record.header("ce_requestid") != b"g2", "which is why the id alone does not find it"
        for place in range(1, len(TOPICS)):
            logs.topics[place, one.partition].records.pop()
        ((hit,),) = await found(logs, ALL, by_id("g2"), whole=False)
        assert hit.place == 0, "on its way too"
    logs = MemoryLogs(ENROLLED, replace(sent, value=b""), sent, sent)
    for whole, types in ((False, ["unreadable", "settled"]), (True, ["unreadable", "settled", "repeated"])):
        roads = await found(logs, ALL, by_id("g2"), whole=whole)
        assert [(road[-1].record.header("ce_type") or b"").decode().split(".")[-2] for road in roads] == types


async def test_a_request_on_its_way_is_found_where_it_has_come_to() -> None:
    logs = MemoryLogs(*journey())
    for place in (3, 4):
        logs.topics[place, OF_PERSON].records.pop()
    ((*road,),) = await found(logs, ALL, by_id("second"), whole=False)
    assert [hit.record.topic for hit in road] == TOPICS[:3]
    for place in (1, 2):
        logs.topics[place, OF_PERSON].records.pop()
    ((hit,),) = await found(logs, ALL, by_id("second"), whole=False)
    assert hit.record.topic == "yibao.requested"


async def test_the_late_word_of_a_worker_that_lost_the_partition_is_not_believed() -> None:
    """The same record again, under a fence that is no longer in force, and with a number that was given before."""
    logs = MemoryLogs(*journey())
    last = logs.topics[SETTLED, OF_PERSON].records[-1]
    forged = [replace(last, headers=with_numbers(last.headers, req, 4, own)) for req, own in ((4, 77), (0, 0))]
    logs.topics[SETTLED, OF_PERSON].add(forged)
    hits = await scan(logs, SETTLED, ALL, by_id("second"), whole=True)
    assert [hit.record.offset for hit in hits] == [last.offset]
    hits = await scan(logs, SETTLED, ALL, by_id("second"), whole=True, void=True)
    assert [(hit.record.offset, hit.kept) for hit in hits] == [(last.offset, True), (last.offset + 1, False), (last.offset + 2, False)]


async def test_a_person_narrows_the_search() -> None:
    logs = MemoryLogs(*journey())
    elsewhere = [p for p in ALL if p != OF_PERSON]
    assert await found(logs, elsewhere, by_id("first"), whole=False) == []
    assert len(await found(logs, [OF_PERSON], by_id("first"), whole=False)) == 1


async def test_a_source_that_is_no_longer_there_is_said() -> None:
    logs = MemoryLogs(*journey())
    last = logs.topics[SETTLED, OF_PERSON].records[-1]
    logs.topics[3, OF_PERSON].records.clear()
    with pytest.raises(DataLost, match="yibao.priced"):
        await back(logs, Hit(last, SETTLED))


async def test_the_ledgers_position_is_trusted_only_for_its_own_log() -> None:
    logs = MemoryLogs(*journey())
    log, topic = logs.at(SETTLED, OF_PERSON), logs.topics[SETTLED, OF_PERSON]
    ledger = MemoryLedger(MemoryStore(), "settlement", OF_PERSON)
    assert (await trusted(log, ledger)).next == 0, "nothing known: from the start"
    await ledger.apply(Position(), Position(owner=0, pos=3, req=1, src=2, hash=folded_hash(topic.records[2])), {})
    place = await trusted(log, ledger)
    assert (place.next, place.fence, place.req, place.src) == (3, 0, 1, 2)
    assert place.feed(3, topic.records[3].headers), "and what follows counts"
    topic.records[2] = topic.records[1]
    assert (await trusted(log, ledger)).next == 0, "another log: from the start"


# --- the chain --------------------------------------------------------------------------------------------------------------


def road_of(*requests: Record) -> list[Hit]:
    """The road of the last request, as it stands on the logs."""
    logs = MemoryLogs(*requests)
    return [Hit(logs.topics[place, requests[-1].partition].records[-1], place) for place in range(len(TOPICS))]


ENROLLED = request("enrolment.recorded", enrolment(), "who")
UNREADABLE = Record(b"P1", b"nonsense", request("claim.submitted", claim()).headers, partition=OF_PERSON)


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([ENROLLED], ["wrapped", "forwarded", "forwarded", "forwarded"]),
        ([ENROLLED, request("claim.submitted", claim(), "a")], ["wrapped", "checked", "priced", "settled"]),
        ([request("claim.submitted", claim(), "a")], ["wrapped", "checked", "forwarded", "forwarded"]),
        ([ENROLLED, ENROLLED], ["filed", "forwarded", "forwarded", "forwarded"]),
        ([UNREADABLE], ["filed", "forwarded", "forwarded", "forwarded"]),
    ],
    ids=["a fact", "a claim", "a refused claim", "a repeated request", "an unreadable request"],
)
def test_links_say_how_a_record_follows(requests: list[Record], expected: list[str]) -> None:
    road = road_of(*requests)
    for come_to in range(1, 6):
        assert links(road[:come_to]) == (["request", *expected][:come_to], []), "on its way too"


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_what_does_not_follow_breaks_the_chain_there(place: int) -> None:
    road = road_of(ENROLLED, request("claim.submitted", claim(), "a"))
    record = road[place].record
    value = record.value.replace(b'"mdtrt_id":"M1"', b'"mdtrt_id":"M7"')
    cause = tuple((name, b"0" * 64 if name == "cause" else value) for name, value in record.headers)
    changes = {
        ("request_not_held" if place == 1 else "bytes_changed"): replace(record, value=value),
        "cause_differs": replace(record, headers=cause),
        "key_changed": replace(record, key=b"P2"),
    }
    for code, changed in changes.items():
        altered = [Hit(changed, place) if hit.place == place else hit for hit in road]
        told, findings = links(altered)
        assert told[place] == "broken" and code in {finding.code for finding in findings}
        assert "broken" not in told[:place]


def test_another_requests_number_breaks_the_chain() -> None:
    road = road_of(ENROLLED, request("claim.submitted", claim(), "a"))
    record = road[3].record
    road[3] = Hit(replace(record, headers=with_numbers(record.headers, 99, 2, 0)), 3)
    assert links(road)[0][3] == "broken"


# --- explain a file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def verdicts(tmp_path: Path) -> tuple[Path, Journey]:
    """A file as settle writes it: an enrolment and a claim, all their records."""
    found_ = insured()
    found_.send("claim.submitted", claim(line(30_000), fixmedins_code="H65020000102"), id="visit-1")
    path = tmp_path / "records.jsonl"
    path.write_text("".join(to_line(record) + "\n" for record in found_.records), "utf-8")
    return path, found_


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_explain_prints_the_statements_of_a_file(run: Run, verdicts: tuple[Path, Journey], lang: str) -> None:
    path, told = verdicts
    result = run("explain", path, "--lang", lang)
    sheets = [as_text(statement(event_of(record), told.book, lang)) for record in told.records if record.topic == TOPICS[-1]]
    assert result.exit_code == 0 and len(sheets) == 2
    assert result.stdout.strip() == "\n\n".join(sheets).strip()
    assert "182.00" in result.stdout and "118.00" in result.stdout, "(300.00 - 40.00) x 70 % and the rest"


def test_explain_as_json_and_from_standard_input(run: Run, verdicts: tuple[Path, Journey]) -> None:
    path, _ = verdicts
    result = run("explain", "-", "--json", input=path.read_text("utf-8"))
    first, second = json.loads(result.stdout)
    assert first["title"] == "参保登记回执" and second["title"] == "医疗费用结算单"
    shares = next(found_ for found_ in second["sections"] if found_["title"].startswith("各方支付"))
    assert [row["cells"][1] for row in shares["rows"]] == ["182.00", "182.00", "0.00", "118.00", "300.00"]


def test_explain_lists_the_fees_of_claims_alone(run: Run, verdicts: tuple[Path, Journey]) -> None:
    path, told = verdicts
    result = run("explain", path, "--list")
    assert result.exit_code == 0 and result.stdout.startswith("医疗费用清单") and result.stdout.count("费用清单（元）") == 1
    assert "合计" in result.stdout and "300.00" in result.stdout
    path.write_text(to_line(next(record for record in told.records if record.topic == TOPICS[-1])) + "\n", "utf-8")
    result = run("explain", path, "--list")
    assert result.exit_code == 1 and "holds no verdict with priced lines" in result.stderr and result.stdout == ""


@pytest.mark.parametrize(("paid", "told"), [("150", "refunded 32.00"), ("100.5", "still due 17.50"), ("118.00", "refunded 0.00")])
def test_explain_reckons_an_advance_payment(run: Run, verdicts: tuple[Path, Journey], paid: str, told: str) -> None:
    """Cash 118.00: 150.00 - 118.00 = 32.00 back; 118.00 - 100.50 = 17.50 due. The enrolment in the file is passed over."""
    result = run("explain", verdicts[0], "--advance", paid, "--lang", "en")
    assert result.exit_code == 0 and told in re.sub(" +", " ", result.stdout)
    assert result.stdout.startswith("Settlement statement")


def test_explain_says_what_is_wrong_with_an_advance_payment(run: Run, verdicts: tuple[Path, Journey]) -> None:
    path, told = verdicts
    for wrong in ("1.234", "-5", "ten", "", "1e3"):
        result = run("explain", path, f"--advance={wrong}")
        assert result.exit_code == 1 and "write yuan with at most two decimals" in result.stderr, wrong
    assert "not with --list" in run("explain", path, "--advance", "1", "--list").stderr
    path.write_text(path.read_text("utf-8") + to_line(told.records[-1]) + "\n", "utf-8")
    result = run("explain", path, "--advance", "100")
    assert result.exit_code == 1 and "is for one settlement; here are 2" in result.stderr and result.stdout == ""
    path.write_text(to_line(next(record for record in told.records if record.topic == TOPICS[-1])) + "\n", "utf-8")
    assert "holds no settlement" in run("explain", path, "--advance", "100").stderr


def test_explain_writes_a_page(run: Run, verdicts: tuple[Path, Journey], tmp_path: Path) -> None:
    path, told = verdicts
    sheets = [statement(event_of(record), told.book, "zh") for record in told.records if record.topic == TOPICS[-1]]
    result = run("explain", path, "--html", tmp_path / "page.html")
    assert result.exit_code == 0 and result.stdout == ""
    assert (tmp_path / "page.html").read_text("utf-8") == as_html(*sheets) == run("explain", path, "--html", "-").stdout
    assert "费用清单（元）" in run("explain", path, "--list", "--html", "-").stdout
    assert "either --html or --json" in run("explain", path, "--html", "-", "--json").stderr
    result = run("explain", path, "--html", tmp_path / "none" / "page.html")
    assert result.exit_code == 1 and "cannot be written" in result.stderr


BACK = {"psn_no": PERSON, "omsgid": "visit-1", "date": "2026-03-06", "reason": "wrong_charges", "fixmedins_code": "H65020000102"}
"""A reversal of the visit."""


@pytest.mark.parametrize(("type_", "asked"), [
    ("reversal.requested", BACK),
    ("correction.requested", BACK | {"claim": claim(line(20_000), fixmedins_code="H65020000102")}),
    ("undo.requested", BACK),
])
def test_explain_says_that_a_settlement_was_taken_back_later(run: Run, verdicts: tuple[Path, Journey], type_: str, asked: dict[str, Any]) -> None:
    path, told = verdicts
    settled = told.records[-1]
    setl_id = (settled.header("ce_id") or b"").decode()
    assert "Note: settlement" not in run("explain", path, "--lang", "en").stdout
    taking = told.send(type_, asked, "back-1")
    assert taking.type in ("claim.reversed", "claim.corrected", "claim.undone")
    path.write_text("".join(to_line(record) + "\n" for record in told.records), "utf-8")
    en, zh = f"Note: settlement {setl_id} was taken back later, by the request back-1", f"注意：结算 {setl_id} 后来已被请求 back-1 撤销"
    assert run("explain", path, "--lang", "en").stdout.count(en) == 1 and run("explain", path).stdout.count(zh) == 1
    for args in (("--html", "-"), ("--json",), ("--list",), ("--advance", "150")):
        shown = run("explain", "-", *args, input=path.read_text("utf-8"))
        assert shown.exit_code == 0 and shown.stdout.count(zh) == 1, args


def test_explain_marks_what_a_correction_settled_once_that_is_taken_back_too(run: Run, verdicts: tuple[Path, Journey]) -> None:
    path, told = verdicts
    corrected = told.send("correction.requested", BACK | {"claim": claim(line(20_000), fixmedins_code="H65020000102")}, "better-1")
    (new,) = corrected.body.settled.again
    told.send("reversal.requested", {**BACK, "omsgid": None, "setl_id": new.setl_id}, "back-2")
    path.write_text("".join(to_line(record) + "\n" for record in told.records), "utf-8")
    shown = run("explain", path, "--lang", "en").stdout
    assert shown.count("was taken back later, by the request better-1") == 1
    assert shown.count(f"Note: settlement {new.setl_id} was taken back later, by the request back-2") == 1


async def test_a_search_tells_what_stands_behind_a_hit_of_the_same_person() -> None:
    """The partition of the hit is read to its end, no other one."""
    logs, told = MemoryLogs(*journey(), request("quote.requested", claim(mdtrt_id="M3"), "last")), list[bytes | None]()
    hits = await scan(logs, SETTLED, ALL, by_id("quoted"), whole=False, behind=lambda record: told.append(record.header("ce_requestid")))
    assert [hit.record.header("ce_requestid") for hit in hits] == [b"quoted"] and told == [b"second", b"last"]


def test_explain_refuses_what_is_no_verdict(run: Run, tmp_path: Path, verdicts: tuple[Path, Journey]) -> None:
    path, told = verdicts
    path.write_text("".join(to_line(record) + "\n" for record in told.records if record.topic != TOPICS[-1]), "utf-8")
    result = run("explain", path)
    assert result.exit_code == 1 and "holds no verdict" in result.stderr
    for text in ("nonsense", "[]", "{}", '{"topic":7}', '{"topic":"yibao.settled","data":{}}', '"x"'):
        path.write_text(text + "\n", "utf-8")
        result = run("explain", path)
        assert result.exit_code == 1 and not isinstance(result.exception, ValueError | KeyError | TypeError), (text, result.stderr)
    assert run("explain", tmp_path / "none.jsonl").exit_code == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"psn_cash_pay":11800', b'"psn_cash_pay":11801'), (b'"overlmt_selfpay":0', b'"overlmt_selfpay":7')],
    ids=["law 2", "law 1"],
)
def test_explain_puts_nothing_on_paper_that_breaks_a_law(
    run: Run, verdicts: tuple[Path, Journey], old: bytes, new: bytes
) -> None:
    path, told = verdicts
    last = told.records[-1]
    assert old in last.value
    path.write_text(to_line(replace(last, value=last.value.replace(old, new))) + "\n", "utf-8")
    result = run("explain", path)
    assert result.exit_code == 1 and result.stdout == "" and "visit-1" in result.stderr and "law" in result.stderr


KAFKA, REDIS = {"YIBAO_KAFKA": "127.0.0.1:1"}, {"YIBAO_REDIS": "redis://127.0.0.1:1/0"}
NEEDED: list[tuple[tuple[str, ...], dict[str, str]]] = [
    (("trace", "x"), KAFKA), (("explain", "x"), KAFKA), (("publish", "my.jsonl"), KAFKA), (("publish", "my.jsonl", "--wait"), KAFKA), (("dead", "list"), KAFKA),
    (("whatif", "--rulebook", "."), KAFKA), (("review", "list"), KAFKA), (("topics", "--check"), KAFKA),
    (("account", "P1"), REDIS), (("settlements", "P1"), REDIS), (("filings", "P1"), REDIS), (("status",), KAFKA | REDIS),
]
"""Commands, and the addresses that each uses; nothing answers there."""


@pytest.mark.parametrize(("command", "needed"), NEEDED)
def test_each_command_asks_for_the_addresses_that_it_uses(run: Run, tmp_path: Path, command: tuple[str, ...], needed: dict[str, str]) -> None:
    as_file(tmp_path, ("enrolment.recorded", enrolment(), "r-1")).rename(tmp_path / "my.jsonl")
    for one in needed:
        done = run(*command, env={name: value for name, value in needed.items() if name != one})
        assert done.exit_code == CANNOT and f"set {one}," in done.stderr
    if command[0] != "whatif":  # it reads the draft first
        done = run(*command, env=needed | {"YIBAO_SEND_TIMEOUT_S": "1", "YIBAO_REDIS_TIMEOUT_S": "1"})
        assert done.exit_code == SERVERS, done.stderr


@pytest.mark.parametrize(("given", "code", "said"), [
    ({}, 0, "no stack was asked"), (KAFKA, SERVERS, "servers do not answer"), (REDIS, CANNOT, "set YIBAO_KAFKA,"),
])
def test_quote_asks_the_stack_that_is_named_and_says_where_it_asks_none(run: Run, tmp_path: Path, given: dict[str, str], code: int, said: str) -> None:
    bill = claim(line(30_000), fixmedins_code="H65020000102")
    file = as_file(tmp_path, ("enrolment.recorded", enrolment(), "r-1"), ("claim.submitted", bill, "c-1"))
    done = run("quote", file, env=given | {"YIBAO_SEND_TIMEOUT_S": "1"})
    assert done.exit_code == code and said in done.stderr


# --- account ----------------------------------------------------------------------------------------------------------------


def test_account_shows_names_in_both_languages_and_counts_as_counts() -> None:
    held = Account(
        "P1", 3, Position(owner=0, pos=9, req=7, src=8, hash="a" * 64), {"310": 12_345}, (Wallet(sharer="P9", balc=6_789),),
        [Year(2025, "650200", "310", {"outpatient.deductible": 4_000}), Year(2026, "419900", "310", {"inpatient.admissions": 2})], None,
    )
    console = Console(width=120, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(account_table(held, built_in(), "之前 / before"))
    text = console.export_text()
    for told in ("P1 之前 / before", "克拉玛依（650200）", "门诊起付线累计", "outpatient: deductible paid", "40.00", "河南省直",
                 "住院次数", "个人账户余额", "123.45", "P9", "家庭共济余额", "67.89", "分区 3 第 7 号请求"):
        assert told in text, told
    assert " 2 " in text and "0.02" not in text, "stays are counted, not paid"
    found = as_object(held, built_in())
    assert found["years"][1] == {  # 河南省直 has a deductible a stay, and no limit of a year that could leave anything
        "year": 2026, "place": "419900", "insutype": "310", "accumulators": {"inpatient.admissions": 2}, "left": []}
    assert "尚余：年度最高支付限额（门诊），人员：在职" in text and "left: cap of the year (outpatient), person: working" in text
    (working,) = [room for room in found["years"][0]["left"] if room["where"] == "status=working"]
    assert working == {"limit": "cap", "of": "outpatient", "where": "status=working", "amount": 400_000, "used": 0, "left": 400_000}
    assert found["wallets"] == [{"sharer": "P9", "balc": 6_789}]
    assert not Account("P2", 0, Position(), {}, (), [], None).known and held.known


def test_account_tells_who_retires_in_a_later_year_the_cap_of_the_working() -> None:
    """Retired from 2026-01-01 on: 4,000 in 2025, 6,000 in 2026 (S118)."""
    person = PersonState(brdy=date(1966, 1, 1), insuinfo=(Spell(
        insuplc_admdvs="650200", insutype="310", psn_type="12", psn_insu_date=date(2000, 1, 1), retr_date=date(2026, 1, 1)),))
    years = [Year(year, "650200", "310", {}) for year in (2025, 2026)]
    found = as_object(Account("P1", 0, Position(), {}, (), years, person), built_in())
    assert [[(room["where"], room["amount"]) for room in year["left"] if "status" in room["where"]] for year in found["years"]] == [
        [("status=working", 400_000)], [("status=retired", 600_000)]]


def test_account_refuses_what_is_no_psn_no(run: Run) -> None:
    result = run("account", "P*")
    assert result.exit_code == 1 and "psn_no" in result.stderr


# --- the live chain ---------------------------------------------------------------------------------------------------------

STAGES = ("filing", "eligibility", "pricing", "settlement")


@pytest.fixture(scope="module")
def chain(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A road with its four deciding workers; the environment that leads to it."""
    env = {"YIBAO_KAFKA": servers.kafka, "YIBAO_REDIS": servers.redis, "YIBAO_ROAD": f"t{uuid.uuid4().hex[:8]}-"}
    asyncio.run(make_topics(Settings(kafka=servers.kafka, redis=servers.redis, road=env["YIBAO_ROAD"])))
    log = (tmp_path_factory.mktemp("workers") / "log").open("wb")
    root = str(Path(__file__).resolve().parents[2])
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"services.{stage}.worker"], env={**os.environ, "PYTHONPATH": root, **env}, stdout=log, stderr=log,
        )
        for stage in STAGES
    ]
    yield env
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        process.wait(15)


@pytest.fixture(scope="module")
def published(chain: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A person's requests, published with --wait; what publish told."""
    rows = [
        ("enrolment.recorded", enrolment(), "who"), ("account.credited", credit(5_000), "credit"),
        ("claim.submitted", claim(line(30_000), mdtrt_id="M1", fixmedins_code="H65020000102", acct_used_flag="1"), "visit"),
        ("claim.submitted", claim(line(30_000), mdtrt_id="M2", fixmedins_code="H99999999999"), "nowhere"),
        ("enrolment.recorded", enrolment(), "who"),
    ]
    path = tmp_path_factory.mktemp("file") / "requests.jsonl"
    lines = [json.dumps({"type": f"cn.yibao.{type_}.v1", "id": id_, "data": data}) for type_, data, id_ in rows]
    path.write_text("\n".join(lines), "utf-8")
    result = CliRunner().invoke(app, ["publish", str(path), "--wait", "--limit", "90", "--json"], env=chain)
    assert result.exit_code == 0, result.output
    return {"path": path, **json.loads(result.stdout)}


@pytest.mark.live
def test_publish_waits_for_the_verdicts(published: dict[str, Any]) -> None:
    """300.00 at level 2: 182.00 from the pool; of the 118.00 left 50.00 from the account, 68.00 cash."""
    told = [(one["id"], one["type"], one["reasons"]) for one in published["verdicts"]]
    assert told == [
        ("who", "enrolment.recorded", []), ("credit", "account.credited", []), ("visit", "claim.settled", []),
        ("nowhere", "claim.refused", ["unknown_provider"]), ("who", "request.repeated", ["repeated"]),
    ]
    paid = published["verdicts"][2]
    assert (paid["medfee_sumamt"], paid["fund_pay_sumamt"], paid["acct_pay"], paid["psn_cash_pay"]) == (30_000, 18_200, 5_000, 6_800)


@pytest.mark.live
def test_trace_on_the_live_chain(published: dict[str, Any], chain: dict[str, str], run: Run) -> None:
    (road,) = json.loads(run("trace", "visit", "--json", env=chain).stdout)["roads"]
    assert [row["topic"] for row in road] == [chain["YIBAO_ROAD"] + name for name in TOPICS]
    assert [row["chain"] for row in road] == ["request", "wrapped", "checked", "priced", "settled"]
    assert all(row["cause"] == before["hash"] for before, row in zip(road, road[1:], strict=False))
    assert [row["req"] for row in road] == [None, 2, 2, 2, 2] and {row["partition"] for row in road} == {OF_PERSON}
    assert all(before["time"] <= row["time"] for before, row in zip(road, road[1:], strict=False))
    same = json.loads(run("trace", "M1", "--mdtrt", "--psn", PERSON, "--json", env=chain).stdout)["roads"]
    assert same == [road]
    shown = run("trace", "visit", env=chain)
    assert shown.exit_code == 0 and "链成立" in shown.stdout and "claim.settled.v1" in shown.stdout and road[-1]["hash"][:12] in shown.stdout


@pytest.mark.live
def test_trace_all_shows_every_request_with_the_id(published: dict[str, Any], chain: dict[str, str], run: Run) -> None:
    told = json.loads(run("trace", "who", "--all", "--json", env=chain).stdout)
    assert [road[-1]["type"] for road in told["roads"]] == ["cn.yibao.enrolment.recorded.v1", "cn.yibao.request.repeated.v1"]
    assert told["void"] == told["findings"] == []
    result = run("trace", "nobody", env=chain)
    assert result.exit_code == 1 and "is on none of the five topics" in result.stderr


@pytest.mark.live
def test_trace_and_explain_find_what_could_not_be_read(published: dict[str, Any], chain: dict[str, str], run: Run) -> None:
    record = misrouted(request("claim.submitted", claim(), "astray"))
    asyncio.run(_append(chain, record))
    (road,) = json.loads(_until(lambda: run("trace", "astray", "--json", env=chain), lambda r: r.stdout.count("forwarded") == 3).stdout)["roads"]
    assert [row["chain"] for row in road] == ["request", "filed", "forwarded", "forwarded", "forwarded"]
    shown = run("trace", "astray", env=chain)
    assert shown.exit_code == 0 and "unreadable: misrouted" in shown.stdout and "not settled yet" not in shown.stdout
    told = run("explain", "astray", "--lang", "en", env=chain)
    assert told.exit_code == 0 and all(text in told.stdout for text in ("Request unreadable", "astray", "this person belongs to", "Partition by murmur2"))


async def _append(chain: dict[str, str], record: Record) -> None:
    """As a producer of one's own may: to a partition of its choice."""
    producer = AIOKafkaProducer(bootstrap_servers=chain["YIBAO_KAFKA"])
    await producer.start()
    try:
        await producer.send_and_wait(chain["YIBAO_ROAD"] + TOPICS[0], record.value, record.key, record.partition, headers=list(record.headers))
    finally:
        await producer.stop()


@pytest.mark.live
def test_check_on_the_live_chain_says_what_it_says_of_the_file(
    published: dict[str, Any], chain: dict[str, str], run: Run, tmp_path: Path
) -> None:
    """The same person behind the same enrolment: from Redis, and from a file of the request."""
    asked = ("check", PERSON, "--provider", "H65020000102", "--date", "2026-03-05", "--care", "inpatient", "--json")
    live = _until(lambda: run(*asked, env=chain), lambda r: '"unknown_person"' not in r.stdout)
    file = tmp_path / "who.jsonl"
    file.write_text(json.dumps({"type": "cn.yibao.enrolment.recorded.v1", "data": enrolment()}) + "\n", "utf-8")
    offline = run(*asked, "--from", str(file))
    assert json.loads(live.stdout) == json.loads(offline.stdout) and live.exit_code == offline.exit_code


@pytest.mark.live
def test_account_on_the_live_chain(published: dict[str, Any], chain: dict[str, str], run: Run) -> None:
    told = json.loads(_until(lambda: run("account", PERSON, "--json", env=chain), lambda r: json.loads(r.stdout)["position"]["req"] == 4).stdout)
    assert told["account"] == {"310": 0}, "50.00 credited, 50.00 used"
    (year,) = told["years"]
    assert (year["year"], year["place"], year["insutype"]) == (2026, "650200", "310")
    assert year["accumulators"] == {"outpatient.deductible": 4_000, "outpatient.inscp_scp_amt": 30_000, "outpatient.hifp_pay": 18_200}
    assert told["person"]["insuinfo"][0]["insuplc_admdvs"] == "650200"
    assert json.loads(run("account", PERSON, "--year", "2025", "--json", env=chain).stdout)["years"] == []
    shown = run("account", PERSON, env=chain)
    assert "门诊统筹基金支付累计" in shown.stdout and "182.00" in shown.stdout
    result = run("account", "P-NOBODY", env=chain)
    assert result.exit_code == 1 and "nothing is known of this person" in result.stderr


@pytest.mark.live
def test_explain_on_the_live_chain_is_the_statement_of_settle(published: dict[str, Any], chain: dict[str, str], run: Run) -> None:
    offline = run("settle", published["path"], "--only", "verdicts").stdout.splitlines()[2]
    assert run("explain", "visit", env=chain).stdout == run("explain", "-", input=offline).stdout
    refused = run("explain", "M2", "--mdtrt", "--lang", "en", env=chain)
    assert "The provider register does not hold H99999999999" in refused.stdout and "What to do:" in refused.stdout
    result = run("explain", "nobody", env=chain)
    assert result.exit_code == 1 and "yibao trace nobody" in result.stderr


TAKEN = next(f"R{n}" for n in range(99) if partition_of(b"R%d" % n, PARTITIONS) != OF_PERSON)


@pytest.mark.live
def test_explain_on_the_live_chain_says_what_was_taken_back(chain: dict[str, str], run: Run, tmp_path: Path) -> None:
    rows = [
        ("enrolment.recorded", enrolment(psn_no=TAKEN), "who-R"),
        ("claim.submitted", claim(line(30_000), psn_no=TAKEN, mdtrt_id="M1", fixmedins_code="H65020000102"), "visit-R"),
        ("reversal.requested", BACK | {"psn_no": TAKEN, "omsgid": "visit-R"}, "back-R"),
    ]
    assert run("publish", as_file(tmp_path, *rows), "--wait", "--limit", "60", env=chain).exit_code == 0
    shown = run("explain", "visit-R", "--lang", "en", env=chain)
    assert shown.stdout.count("Settlement statement") == 1 and "taken back later, by the request back-R" in shown.stdout
    assert "后来已被请求 back-R 撤销" in run("explain", "visit-R", "--html", "-", env=chain).stdout
    assert "taken back later" not in run("explain", "back-R", "--lang", "en", env=chain).stdout
    listed = _until(lambda: run("settlements", TAKEN, env=chain), lambda r: "taken back" in r.stdout).stdout
    assert "back-R" not in listed and "add --as-of TIME" in listed, "Redis keeps no name of what was taken back"
    assert "back-R" in run("settlements", TAKEN, "--as-of", "2100-01-01", env=chain).stdout


ELSEWHERE = next(f"Q{n}" for n in range(99) if partition_of(b"Q%d" % n, PARTITIONS) != OF_PERSON)
"""A person of another partition, whose requests no other test here counts."""


@pytest.mark.live
def test_quote_on_the_live_chain_is_what_settles_at_once(chain: dict[str, str], run: Run, tmp_path: Path) -> None:
    """A visit that was settled has 182.00 of the year's cap; the trial of the next one, and of a bill claimed by hand, knows it."""
    bills = [
        ("claim.submitted", claim(line(30_000), psn_no=ELSEWHERE, mdtrt_id="M2", fixmedins_code="H65020000102"), "second"),
        ("reimbursement.requested", reimbursement(psn_no=ELSEWHERE, mdtrt_id="M3"), "by-hand"),
    ]
    before = [("enrolment.recorded", enrolment(psn_no=ELSEWHERE), "who"), (bills[0][0], bills[0][1] | {"mdtrt_id": "M1"}, "first")]
    assert run("publish", as_file(tmp_path, *before), "--wait", "--limit", "60", env=chain).exit_code == 0
    kafka_alone = {name: value for name, value in chain.items() if name != "YIBAO_REDIS"}  # as at a gateway
    for bill in bills:
        told = run("quote", as_file(tmp_path, before[0], bill), "--json", env=kafka_alone)
        assert told.exit_code == 0 and "by the running stack: 1" in told.stderr and "1 other lines were not used" in told.stderr
        (quoted,) = json.loads(told.stdout)
        assert run("publish", as_file(tmp_path, bill), "--wait", "--limit", "60", env=kafka_alone).exit_code == 0
        assert quoted["verdict"] == settled_section(chain, bill[2])
        assert quoted["verdict"]["accumulators"]["before"]["outpatient.hifp_pay"] > 0


def as_file(folder: Path, *rows: tuple[str, dict[str, Any], str]) -> Path:
    path = folder / "bills.jsonl"
    lines = [json.dumps({"type": f"cn.yibao.{type_}.v1", "id": id_, "data": data}) for type_, data, id_ in rows]
    path.write_text("\n".join(lines), "utf-8")
    return path


def settled_section(chain: dict[str, str], id: str) -> Any:
    """The last section of the terminal record of a request, as it stands in the log."""
    async def read() -> list[Hit]:
        found = Settings(kafka=chain["YIBAO_KAFKA"], redis=chain["YIBAO_REDIS"], road=chain["YIBAO_ROAD"])
        async with Logs(found) as logs:
            return await scan(logs, SETTLED, partitions_for(ELSEWHERE), by_id(id), whole=False)

    return json.loads(asyncio.run(read())[0].record.value)["settled"]


def _until(ask: Callable[[], Result], enough: Callable[[Result], bool]) -> Result:
    """The projection follows the log by a moment: settlement writes the log first."""
    deadline = time.monotonic() + 20
    while True:
        result = ask()
        if enough(result) or time.monotonic() > deadline:
            return result
        time.sleep(0.1)
