"""The feed on a real broker: killed again and again while the road writes, every verdict is in the folder once."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from contracts.envelope import Record
from services.feed.columns import TABLES
from tests.chain.live_requests import busy_road, psn_no_in, undoing
from tests.chain.road import PARTITIONS, STAGES, LiveRoad
from tests.services.feeding import fed, rows

pytestmark = [pytest.mark.live, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

ALL = tuple(f"{name}-0" for name in STAGES)
ROOT = Path(__file__).parents[2]


def asked() -> list[Record]:
    persons = [psn_no_in(p, n) for p in range(PARTITIONS) for n in (1, 2)]
    return [*busy_road(600, persons, seed=4), *(r for p in range(PARTITIONS) for r in undoing(psn_no_in(p, 7)))]


async def feeding(road: LiveRoad, path: Path, *more: str) -> asyncio.subprocess.Process:
    env = {**os.environ, "YIBAO_KAFKA": road.settings.kafka, "YIBAO_ROAD": road.settings.road, "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.cli", "feed", str(path), *more, env=env, cwd=path.parent,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, preexec_fn=_interruptible)


def _interruptible() -> None:
    """A shell starts what it runs in the background with Ctrl-C ignored, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def test_killed_while_the_road_writes_every_verdict_is_there_once(road: LiveRoad, tmp_path: Path) -> None:
    await road.run(*ALL)
    await road.publish(asked())
    path = tmp_path / "feed"
    for sign in (signal.SIGINT, signal.SIGKILL, signal.SIGKILL):  # each ends once it has written something new
        before = len([*path.rglob("*.parquet")])
        process = await feeding(road, path, "--every", "1")
        await road.until("files", lambda before=before: len([*path.rglob("*.parquet")]) > before)
        process.send_signal(sign)
        assert await process.wait() == (0 if sign == signal.SIGINT else -sign)
        await road.publish(asked()[:30])  # repeated, so there is something to come
    road.workers.kill("settlement-0")  # a fence more on yibao.settled
    await road.run("settlement-0")
    await road.complete()
    last = await feeding(road, path, "--once")
    said, _ = await asyncio.wait_for(last.communicate(), 60)
    assert last.returncode == 0, said.decode()

    verdicts = [record for part in await road.kept("yibao.settled") for record in part]
    offline = [Record(r.key, r.value, r.headers, partition=r.partition, topic="yibao.settled") for r in verdicts]
    assert sum(fed(tmp_path / "offline", offline)) == len(verdicts)
    for table in TABLES:
        found = rows(path, table)
        assert found == rows(tmp_path / "offline", table)
    assert {row["entry"] for row in rows(path, "settlements")} == {"settled", "reversed", "again"}
