"""The requests of the README are decided as the README says; both READMEs show the same requests, and steps as they are printed."""

import re
from pathlib import Path

import pytest

from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import built_in
from policies.road import Road
from policies.statement import as_text, statement

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^\{.*\}$", re.M)
STEPS = re.compile(r"^```\n(\d  .*?)\n```$", re.M | re.S)


def lines(name: str) -> list[str]:
    return LINE.findall((ROOT / name).read_text("utf-8"))


def verdicts() -> dict[str, Event]:
    """The terminal event of each request of the README, by request id. The courier's request is one of them: none comes behind."""
    road, found = Road(built_in()), {}
    for line in lines("README.md"):
        event = event_of([*road.run(request_record(line.encode(), topic_map().partitions))][-1])
        found[event.attributes.request_id] = event
    assert not [*road.deliver()]
    return found


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


@pytest.mark.parametrize(
    ("name", "claim", "lang"),
    [("README.md", "my-claim-3", "en"), ("README.zh-CN.md", "my-claim-3", "zh"), ("ARCHITECTURE.md", "my-claim-1", "en")],
)
def test_steps_are_shown_as_they_are_printed(name: str, claim: str, lang: str) -> None:
    printed = as_text(statement(verdicts()[claim], built_in(), lang))
    (shown,) = STEPS.findall((ROOT / name).read_text("utf-8"))
    for piece in shown.split("\n...\n"):
        assert f"\n{piece}\n" in printed
