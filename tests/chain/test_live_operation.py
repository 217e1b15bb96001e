"""A worker as the person on duty sees it: its pages, on real servers."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.chain.live_requests import PARTITIONS, credit, enrolment, psn_no_in
from tests.chain.road import LiveRoad

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PERSONS = [psn_no_in(partition) for partition in range(PARTITIONS)]


async def test_a_worker_is_ready_and_counts(road: LiveRoad) -> None:
    road.workers.given(YIBAO_METRICS_PORT="0")
    await road.run("filing-0", "eligibility-0", "pricing-0", "settlement-0")
    await road.publish([enrolment(psn_no) for psn_no in PERSONS] + [credit(psn_no, 100) for psn_no in PERSONS])
    await road.complete()
    for stage in ("filing", "settlement"):
        url = road.workers.told(f"{stage}-0", "metrics")[0]["url"]
        await road.until(f"{stage} is ready", lambda url=url: asked(url.replace("metrics", "ready")) == (200, []))
        assert asked(url.replace("metrics", "health")) == (200, [])
        kept = {partition: f'yibao_records_total{{partition="{partition}",stage="{stage}"}} 2.0' for partition in range(PARTITIONS)}
        await road.until("all are counted", lambda url=url, kept=kept: set(kept.values()) <= set(page(url)))
        assert f'yibao_partitions{{stage="{stage}"}} {PARTITIONS}.0' in page(url)
        waiting = [line for line in page(url) if line.startswith("yibao_lag_records{")]
        assert len(waiting) == PARTITIONS and all(line.endswith(" 0.0") for line in waiting)


def page(url: str) -> list[str]:
    with urlopen(url, timeout=10) as answer:
        return answer.read().decode().splitlines()


def asked(url: str) -> tuple[int, list[str]]:
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status, json.loads(answer.read())["problems"]
    except HTTPError as refused:
        return refused.code, json.loads(refused.read())["problems"]
