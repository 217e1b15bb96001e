"""`yibao dead` on real servers: what could not be read is listed, shown, corrected, published again, and counts once."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.envelope import Record
from tests.chain.cli import Cli
from tests.chain.live_requests import credit, enrolment, psn_no_in
from tests.chain.road import LiveRoad
from tests.chain.truth import check_records, check_states

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PSN, LARGE = psn_no_in(0), 100_000
GOOD = credit(PSN, 5_000, 1)
YUAN = replace(GOOD, value=GOOD.value.replace(b'"crdt_amt":5000', b'"crdt_amt":"50.00"'))
CUT_OFF = replace(credit(PSN, 1, 2), value=b"\xff\x00 not even text")
LONG = replace(credit(PSN, 700, 3), key=b"nobody")
LONG = replace(LONG, value=LONG.value + b" " * LARGE)


async def test_dead_requests_are_corrected_and_count_once(road: LiveRoad, tmp_path: Path) -> None:
    yibao, file = Cli(road), tmp_path / "fixed.jsonl"
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0", "audit-0")
    await road.publish([enrolment(PSN), YUAN, YUAN, CUT_OFF, LONG])
    await road.until("four copies", lambda: copies(road, 4))

    found = await yibao.json("dead", "list")
    assert (found["total"], found["reasons"]) == (4, {"fen_not_yuan": 2, "not_json": 1, "key_mismatch": 1})
    assert [one["origin"]["offset"] for one in found["dead"]] == [1, 2, 3, 4]
    assert (await yibao.json("dead", "list", "--reason", "not_json"))["total"] == 1
    assert (await yibao.json("dead", "list", "--since", "2100-01-01"))["total"] == 0
    yuan, same, cut_off, long = (one["id"] for one in found["dead"])
    assert "ff 00 20 6e 6f 74" in await yibao("dead", "show", cut_off)
    assert "5000" not in await yibao("dead", "show", yuan)

    assert '"replaces"' in await yibao("dead", "fix", yuan, "--out", file, "--dry-run") and not file.exists()
    await yibao("dead", "fix", yuan, "--out", file)
    await yibao("dead", "fix", yuan, "--out", file, code=1)  # never over a file that is there
    await yibao("dead", "publish", file, "--yes", code=1)  # still in yuan
    file.write_text(file.read_text().replace('"50.00"', "5000"))
    assert len((await yibao.json("dead", "publish", file, "--dry-run"))["ids"]) == 1
    await yibao("dead", "publish", file, code=1, input="n\n")
    assert await published(road) == 5, "nothing so far"
    await yibao("dead", "publish", file, "--yes")
    file.write_text(file.read_text().replace(yuan, same))
    await yibao("dead", "publish", file, "--yes")  # the copy of the sender's second try
    await yibao("dead", "publish", GOOD.header("ce_id").decode(), "--yes", code=1)  # no id of a copy
    for _ in range(2):
        await yibao("dead", "publish", long, "--yes")  # its body is longer than the copy's
    await yibao("dead", "publish", "--reason", "not_json", "--yes", code=1)

    await road.complete()
    kept = await check_records(road)
    await check_states(road, kept)
    settled = kept["yibao.settled"][0][5:]
    assert [type_of(record) for record in settled] == [
        "account.credited.v1", "request.repeated.v1", "account.credited.v1", "request.repeated.v1"]
    assert settled[0].header("ce_requestid") == GOOD.header("ce_id")
    requested = (await road.read("yibao.requested"))[0]
    replaced = [record.header("ce_replaces") for record in requested[5:]]
    assert replaced[0] == kept["yibao.settled"][0][1].header("ce_requestid")
    assert len(requested[7].value) > LARGE


async def copies(road: LiveRoad, count: int) -> bool:
    return sum(map(len, await road.read("yibao.dead"))) >= count


async def published(road: LiveRoad) -> int:
    return sum((await road.ends("yibao.requested"))["yibao.requested"])


def type_of(record: Record) -> str:
    return (record.header("ce_type") or b"").decode().removeprefix("cn.yibao.")
