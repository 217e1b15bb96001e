"""The requests of the README are decided as the README says; both READMEs show the same first example."""

import re
from pathlib import Path

import pytest

from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from policies.road import Road

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^\{.*\}$", re.M)


def lines(name: str) -> list[str]:
    return LINE.findall((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize(
    ("claim", "pool", "cash"),
    [
        # (300.00 - 40.00) x 70 % = 182.00; 300.00 - 182.00 = 118.00
        ("my-claim-1", 182_00, 118_00),
        # born 1955-06-15, 69 on 2025-03-01: (10,000.00 - 900.00) x (75 + 0.2 x 69 = 88.8) % = 8,080.80; rest 1,919.20
        ("my-claim-2", 8_080_80, 1_919_20),
    ],
)
def test_the_examples_are_settled_as_told(claim: str, pool: int, cash: int) -> None:
    road = Road(built_in())
    events = [event_of([*road.run(request_record(line.encode(), topic_map().partitions))][-1]) for line in lines("README.md")]
    (settled,) = [event.body.settled for event in events if event.attributes.request_id == claim]
    assert (settled.hifp_pay, settled.psn_cash_pay) == (pool, cash)


def test_the_chinese_readme_shows_the_same_requests() -> None:
    assert lines("README.zh-CN.md") == lines("README.md")[:2]
