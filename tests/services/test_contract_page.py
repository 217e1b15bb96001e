"""docs/contract.md: what it asks of a request is what the door asks."""

import json
import re
from pathlib import Path

import pytest

from contracts.base import FIRST_DAY, LAST_DAY
from contracts.envelope import FORMS, MAX_HEADER_BYTES, MAX_HEADERS, request_headers
from contracts.keys import partition_of
from contracts.topics import topic_map
from contracts.versions import MAX_COMMAS
from contracts.wire import MAX_REQUEST_BYTES
from policies.book import built_in
from policies.road import Road
from tests.contracts.examples import opened
from tests.policies.requests import claim, record

PAGE = Path(__file__).parents[2].joinpath("docs/contract.md").read_text("utf-8")
ROWS = {row[0]: row[1] for row in re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)}


def test_its_keys_lie_where_it_says() -> None:
    keys = {name.strip("`"): int(at) for name, at in ROWS.items() if at.isdecimal()}
    assert len(keys) == 5 and keys == {key: partition_of(key.encode(), topic_map().partitions) for key in keys}
    assert f"% {topic_map().partitions}`" in ROWS["分区 / partition"]


def test_its_limits_and_forms_are_those_of_the_door() -> None:
    assert f"`{FORMS['ce_source']}`" in ROWS["`ce_source`"] and f"`{FORMS['ce_id']}`" in ROWS["`ce_id`"]
    for limit in (MAX_HEADERS, MAX_HEADER_BYTES):
        assert ROWS["消息头 / headers"].count(f" {limit:,} ") == 2
    assert f"{MAX_REQUEST_BYTES:,} bytes and {MAX_COMMAS:,} commas at most" in ROWS["正文 / body"]
    assert f"from {FIRST_DAY} to {LAST_DAY}" in ROWS["日期 / days"]


@pytest.mark.parametrize(("amount", "taken"), [(b"30000", True), (b"30000.0", False), (b"3e4", False), (b'"30000"', False)])
def test_amounts_are_taken_as_it_says(amount: bytes, taken: bool) -> None:
    sent = record("claim.submitted", claim(medfee_sumamt=30_000))
    changed = sent.value.replace(b'"medfee_sumamt":30000', b'"medfee_sumamt":' + amount)
    assert amount in changed
    found = opened(type(sent)(sent.key, changed, sent.headers, partition=sent.partition))
    assert hasattr(found, "reasons") != taken


@pytest.mark.parametrize("time", re.findall(r"`(2026-[^`]*)`", ROWS["`ce_time`"]))
def test_its_time_is_taken(time: str) -> None:
    sent = record("claim.submitted", claim())
    headers = request_headers("cn.yibao.claim.submitted.v2", "/providers/H1", "c1", time)
    assert hasattr(opened(type(sent)(sent.key, sent.value, headers, partition=sent.partition)), "psn_no")


def test_a_records_own_time_does_nothing() -> None:
    sent = record("claim.submitted", claim())
    told = [[*Road(built_in()).run(type(sent)(sent.key, sent.value, sent.headers, partition=sent.partition, timestamp_ms=at))][-1] for at in (-1, 0, 2**42)]
    assert len({(one.value, one.headers) for one in told}) == 1 and json.loads(told[0].value)["request"]["psn_no"]
