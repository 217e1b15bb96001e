"""The auditor's commands on real servers: dump, load onto another road that works on, verify, seals, proof and replay."""

import json
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGKILL

import pytest
import pytest_asyncio

from contracts.events.seal import ChainSealed
from contracts.exact import exact_hash
from contracts.lines import request_record
from services.audit.dump import DumpDir
from services.audit.signing import new_key
from services.cli.verifying import INCOMPLETE
from services.generator import generate
from services.runtime.points import VARIABLE
from tests.chain.cli import Cli
from tests.chain.live_requests import credit, enrolment, psn_no_in
from tests.chain.road import PARTITIONS, LiveRoad
from tests.chain.truth import check_records
from tests.servers import Servers

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

ALL = ("filing-0", "eligibility-0", "pricing-0", "settlement-0", "audit-0")
TOPICS = ("yibao.requested", "yibao.filed", "yibao.checked", "yibao.priced", "yibao.settled", "yibao.sealed")
EVERY = 5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def other(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveRoad]:
    """A second road, empty."""
    found = LiveRoad(servers, tmp_path_factory.mktemp("other"))
    await found.create()
    yield found
    await found.close()


async def test_an_auditor_trusts_nobody(road: LiveRoad, other: LiveRoad, tmp_path: Path) -> None:
    yibao, dump, key = Cli(road), tmp_path / "dump", tmp_path / "key"
    public = new_key(key)
    road.workers.given(YIBAO_SEAL_EVERY=str(EVERY), YIBAO_SEAL_KEY=str(key), YIBAO_SEAL_S="1")
    await road.run(*ALL[:-1])
    road.workers.start("audit-0", **{VARIABLE: "audit.sealed:2"})
    armed = road.workers.running.pop("audit-0")
    requests = [enrolment(psn_no_in(0)), credit(psn_no_in(0), 5_000), *(request_record(line.encode(), PARTITIONS) for line in generate(12, 60, 3))]
    await road.publish(requests)
    await road.until("the audit worker killed itself behind a seal", lambda: _ended(armed))
    await road.run("audit-0")
    pids = road.workers.pids()
    assert os.getpriority(os.PRIO_PROCESS, pids["audit-0"]) > os.getpriority(os.PRIO_PROCESS, pids["settlement-0"]), "verdicts first"
    await road.complete()
    await road.until("seals", lambda: sealed(road, requests))

    found = await yibao.json("audit", "verify", "--key", public)
    assert found["found"] == [] and found["unsealed"] == 0
    assert found["seals"] == found["signed"] == sum([len(part) for part in await road.read("yibao.sealed")]) > found["seals_by_seconds"] > 0
    await yibao("audit", "dump", dump)
    again = DumpDir(dump).digest
    await yibao("audit", "dump", dump)
    assert DumpDir(dump).digest == again, "nothing new, nothing written"
    found = await yibao.json("audit", "verify", dump, "--key", public)
    assert found["found"] == [] and found["requests"] == len(requests) and found["signed"] > 5
    assert (await yibao.json("replay"))["differing"] == 0
    claim = next(record for part in await road.kept("yibao.settled") for record in part if len(part) >= EVERY).header("ce_requestid").decode()
    (proof := tmp_path / "proof.json").write_text(await yibao("audit", "prove", claim))
    assert public in await yibao("audit", "check", proof, "--key", public)

    onto = Cli(other)
    assert "nothing was loaded" in await onto("audit", "load", dump, "--dry-run")
    assert not any([part for topic in TOPICS for part in await other.read(topic)])
    await onto("audit", "load", dump, "--yes")
    await onto("audit", "load", dump, "--yes")  # goes on where it ended: nothing is written twice
    for topic in TOPICS:
        before, after = await road.read(topic), await other.read(topic)
        assert [[exact_hash(one, topic) for one in part] for part in before] == [[exact_hash(one, topic) for one in part] for part in after]
    await other.run(*ALL)
    await other.publish([credit(psn_no_in(0), 700, 2)])
    await other.complete()
    await check_records(other)
    assert json.loads(await onto("audit", "verify", "--json"))["found"] == []
    then = await yibao.json("account", psn_no_in(0), "--as-of", "2100-01-01")
    now = await yibao.json("account", psn_no_in(0))
    assert (then["account"], then["years"], then["person"]) == (now["account"], now["years"], now["person"])
    person = next(record.key.decode() for part in await road.kept("yibao.settled") for record in part if b"claim.settled" in (record.header("ce_type") or b""))
    then, now = await yibao.json("settlements", person, "--as-of", "2100-01-01"), await yibao.json("settlements", person)
    assert then == now and now["settlements"], "nobody's was taken back: Redis tells the same as the topics"
    assert (await yibao.json("settlements", person, "--since", "2100-01-01"))["changes"] == []
    await yibao("audit", "load", dump, "--yes")  # the road that it came from holds it already


async def test_what_waits_is_unfinished_and_no_error(road: LiveRoad) -> None:
    road.workers.stop()
    await road.publish([credit(psn_no_in(1), 900, 9)])
    found = json.loads(await Cli(road)("audit", "verify", "--json", code=INCOMPLETE))
    assert (found["codes"], found["errors"]) == ({"unfinished": 1}, 0)


async def _ended(process: "subprocess.Popen[bytes]") -> bool:
    return process.poll() == -SIGKILL


async def sealed(road: LiveRoad, requests: list) -> bool:
    """Each request of each partition is in one seal, and each seal is written once."""
    for number, part in enumerate(await road.read("yibao.sealed")):
        seals = [ChainSealed.model_validate_json(record.value) for record in part]
        assert [one.first for one in seals] == [0, *(one.last + 1 for one in seals)][: len(seals)]
        due = sum(1 for one in requests if one.partition == number) - 1
        if due >= 0 and (not seals or seals[-1].last < due):
            return False
    return True
