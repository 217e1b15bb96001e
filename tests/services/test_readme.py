"""The requests of README and docs/wallet.md are decided as they say, and steps are shown as they are printed."""

import re
from functools import cache
from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.events import REQUESTS
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import built_in
from policies.road import Road
from policies.statement import as_text, statement

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^\{.*\}$", re.M)
TERMINAL = topic_map().road[-1].name
STEPS = re.compile(r"^```\n(\d  .*?)\n```$", re.M | re.S)


def lines(name: str) -> list[str]:
    return LINE.findall((ROOT / name).read_text("utf-8"))


def records(name: str) -> list[Record]:
    """All records of the requests that the page shows. The courier's request is one of them: none comes behind."""
    road = Road(built_in())
    found = [record for line in lines(name) for record in road.run(request_record(line.encode(), topic_map().partitions))]
    assert not [*road.deliver()]
    return found


@cache
def verdicts() -> dict[str, Event]:
    """The terminal event of each request, by request id."""
    events = [event_of(record) for name in ("README.md", "docs/wallet.md") for record in records(name) if record.topic == TERMINAL]
    return {event.attributes.request_id: event for event in events}


@pytest.mark.parametrize(
    ("claim", "pool", "wallet", "cash"),
    [
        # (300.00 - 40.00) x 70 % = 182.00; 300.00 - 182.00 = 118.00
        ("my-claim-1", 182_00, 0, 118_00),
        # born 1955-06-15, 69 on 2025-03-01: (10,000.00 - 900.00) x (75 + 0.2 x 69 = 88.8) % = 8,080.80; rest 1,919.20
        ("my-claim-2", 8_080_80, 0, 1_919_20),
        # 200.00 x 65 % = 130.00, below the year's 400.00; the wallet holds 100.00 and pays the rest, 70.00
        ("my-claim-3", 130_00, 70_00, 0),
    ],
)
def test_the_examples_are_settled_as_told(claim: str, pool: int, wallet: int, cash: int) -> None:
    settled = verdicts()[claim].body.settled
    assert (settled.hifp_pay, settled.acct_mulaid_pay, settled.psn_cash_pay) == (pool, wallet, cash)


def test_the_chinese_readme_shows_the_same_requests() -> None:
    assert lines("README.zh-CN.md") == lines("README.md")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_table_of_requests_has_the_newest_version_of_each(name: str) -> None:
    rows = re.findall(r"^\| (`\w+\.\w+\.v\d`.*?) \|", (ROOT / name).read_text("utf-8"), re.M)
    of_the_courier = "wallet.credited"
    assert re.findall(r"`(.*?)`", " ".join(rows)) == [f"{type}.v{known.newest}" for type, known in REQUESTS.items() if type != of_the_courier]


def test_the_reversal_takes_all_of_it_back() -> None:
    """182.00 + 118.00 = 300.00; 40.00 of the deductible."""
    (undone,) = verdicts()["back-1"].body.settled.undone
    mirror = undone.mirror
    assert (mirror.hifp_pay, mirror.psn_cash_pay, mirror.medfee_sumamt) == (-182_00, -118_00, -300_00)
    (year,) = verdicts()["back-1"].body.settled.moved.entries.values()
    assert (year.before["outpatient.deductible"], year.after.get("outpatient.deductible", 0)) == (40_00, 0)


@pytest.mark.parametrize(
    ("name", "claim", "langs"), [("docs/wallet.md", "my-claim-3", ("zh", "en")), ("ARCHITECTURE.md", "my-claim-1", ("en",))])
def test_steps_are_shown_as_they_are_printed(name: str, claim: str, langs: tuple[str, ...]) -> None:
    printed = "".join(as_text(statement(verdicts()[claim], built_in(), lang)) for lang in langs)
    shown = STEPS.findall((ROOT / name).read_text("utf-8"))
    assert len(shown) == len(langs)
    for piece in "\n...\n".join(shown).split("\n...\n"):
        assert f"\n{piece}\n" in printed


def test_the_life_of_a_claim_is_shown_as_it_is() -> None:
    """Every field with a text or a number that ARCHITECTURE.md shows of a record stands in it."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## The life of one claim")[2]
    values = {record.topic: record.value.decode() for record in records("README.md") if b'"mdtrt_id":"M-1"' in record.value and b"back-1" not in record.value}
    parts = re.split(r"^(yibao\.\w+) ", text.split("```\n")[1], flags=re.M)[1:]
    assert parts[::2] == [topic.name for topic in topic_map().road[1:]]
    for topic, part in zip(parts[::2], parts[1::2], strict=True):
        fields = [field for field in re.findall(r'"\w+":(?:"[^"]*"|-?\d+)', part) if '"...."' not in field]
        assert fields and [field for field in fields if field not in values[topic]] == []
