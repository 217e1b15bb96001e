"""The consumers of docs/consumers.md on a real broker: each prints what counts, once, and nothing that does not."""

import asyncio
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.envelope import with_numbers
from services.runtime.kafka import COMPRESSED_BYTES
from tests.chain.live_requests import busy_road, psn_no_in
from tests.chain.road import PARTITIONS, STAGES, LiveRoad
from tests.contracts.test_kept_vectors import block

pytestmark = [pytest.mark.live, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).parents[2]
PACKAGES = ("kafkajs@2.2.4", "fzstd@0.1.1")


async def prepared(road: LiveRoad) -> list[str]:
    """A road whose last topic holds several fences and void records; what counts on it, as a consumer prints it."""
    if not sum((await road.ends("yibao.settled"))["yibao.settled"]):
        await road.run(*(f"{stage}-0" for stage in STAGES))
        persons = [psn_no_in(p, 1) for p in range(PARTITIONS)]
        await road.publish(busy_road(150, persons, seed=8))
        await road.complete()
        late = [part[-1] for part in await road.kept("yibao.settled") if part]
        road.workers.kill("settlement-0")
        await road.run("settlement-0")
        void = [replace(r, headers=with_numbers(r.headers, int(r.header("req")) + 1, 0, int(r.header("own")))) for r in late]
        many = [r for r in void for _ in range(1 + COMPRESSED_BYTES // len(r.value))]
        await road.append("yibao.settled", many)  # on each partition a batch that is compressed
        road.workers.stop()
    found = []
    for part in await road.kept("yibao.settled"):
        found += [f"{r.partition} {int(r.header('req'))} {r.header('ce_type').decode()} {r.header('ce_id').decode()}" for r in part]
    raw = sum(map(len, await road.read("yibao.settled")))
    assert 0 < len(found) < raw - PARTITIONS, "there are fences and void records"
    return sorted(found)


async def printed(road: LiveRoad, folder: Path, count: int, *command: str) -> list[str]:
    """What a consumer prints until it has ``count`` lines, and two seconds longer."""
    env = {**os.environ, "YIBAO_KAFKA": road.settings.kafka, "YIBAO_ROAD": road.settings.road, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    found: list[str] = []
    try:
        while line := await asyncio.wait_for(process.stdout.readline(), 60 if len(found) < count else 2):
            found.append(line.decode().strip())
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return sorted(found)


@pytest.mark.parametrize("title", ["plain", "stream"])
async def test_a_consumer_in_python_prints_what_counts(road: LiveRoad, tmp_path: Path, title: str) -> None:
    expected = await prepared(road)
    (tmp_path / "consumer.py").write_text(block(title))
    assert await printed(road, tmp_path, len(expected), sys.executable, "consumer.py") == expected


async def test_a_consumer_in_node_prints_what_counts(road: LiveRoad, tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no node on this machine")
    install = await asyncio.create_subprocess_exec(npm, "install", "--no-audit", "--no-fund", *PACKAGES, cwd=tmp_path)
    try:
        if await asyncio.wait_for(install.wait(), 60):
            pytest.skip("kafkajs or fzstd cannot be installed")
    except TimeoutError:
        install.kill()
        pytest.skip("kafkajs or fzstd cannot be installed in time")
    expected = await prepared(road)
    for title in ("kept", "consumer"):
        (tmp_path / f"{title}.mjs").write_text(block(title))
    assert await printed(road, tmp_path, len(expected), node, "consumer.mjs") == expected
