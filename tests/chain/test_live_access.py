"""On a broker with TLS, SCRAM and an authorizer, with the rules that ``yibao acl`` prints: each role may what it is for, no more."""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from typer.testing import CliRunner, Result

from contracts.lines import request_record
from contracts.topics import topic_map
from policies.book import built_in
from services.cli.acl import roles
from services.cli.app import app
from services.cli.console import CANNOT, SERVERS
from services.embedded import valkey
from services.embedded.errors import EmbeddedMissing
from services.embedded.process import stop
from services.generator import generate
from services.runtime.exits import Exit, Misconfigured
from services.runtime.kafka import KafkaLog
from services.runtime.security import client_security
from services.runtime.settings import Settings
from services.runtime.topics import make_topics
from tests.chain.secured import ADMIN, STRANGER, Secured, secured
from tests.chain.workers import Workers
from tests.policies import requests as r
from tests.servers import free_port, none_can_be_started
from tests.services.recorded import PARTITIONS, recorded, seal_run

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
ROAD = [topic.name for topic in topic_map().road]
ALL = [topic.name for topic in topic_map().all]
EVERY = 3
PAGE = Path(__file__).parents[2] / "docs/contract.md"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A recorded road with seals on it, loaded by the administrator, and all rules of all roles."""
    dump = tmp_path_factory.mktemp("dump")
    recorded((request_record(line.encode(), PARTITIONS) for line in generate(6, 20, 7)), built_in(), dump)
    asyncio.run(seal_run(dump, EVERY))
    try:
        with secured(tmp_path_factory.mktemp("secured"), roles()) as found:
            asyncio.run(make_topics(found.settings(ADMIN)))
            assert yibao(found, ADMIN, "audit", "load", dump, "--yes").exit_code == 0
            assert refused(found, "auditor", ROAD[0], write=False), "what no rule allows is denied"
            asyncio.run(found.grant(yibao(found, ADMIN, "acl").stdout))
            yield found
    except EmbeddedMissing as missing:
        none_can_be_started(missing, os.environ)


def yibao(broker: Secured, user: str, *args: object, **env: str) -> Result:
    """The command line with the credentials of ``user``: no address of Redis, which no one outside has."""
    others = {name: "" for name in os.environ if name.startswith("YIBAO_")}
    done = CliRunner().invoke(app, list(map(str, args)), env={**others, **broker.env(user), "COLUMNS": "200", **env})
    assert broker.passwords[user] not in done.output
    return done


def refused(broker: Secured, user: str, topic: str, write: bool) -> bool:
    """Whether the broker itself says no, and for lack of a right: a produce, or a read of the first record."""
    return asyncio.run(_refused(broker, user, topic, write))


async def _refused(broker: Secured, user: str, topic: str, write: bool) -> bool:
    settings = broker.settings(user, send_timeout_s=10)
    log = KafkaLog(settings, None, settings.topic(topic), 0)
    try:
        await (_produced(settings, settings.topic(topic)) if write else log.read(0, 1))
    except (Misconfigured, TopicAuthorizationFailedError) as error:
        assert "Authorization" in str(error), error
        return True
    finally:
        await log.close()
    return False


async def _produced(settings: Settings, topic: str) -> None:
    """A record by the plainest of producers: nothing but the broker is in its way."""
    request = r.record("enrolment.recorded", r.enrolment())
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, **client_security(settings)) as producer:
        await asyncio.wait_for(producer.send_and_wait(topic, request.value, request.key, 0, headers=list(request.headers)), 10)


def test_the_auditor_replays_and_verifies_and_cannot_write_to_the_road(broker: Secured) -> None:
    replayed = yibao(broker, "auditor", "replay", "--json")
    found = json.loads(replayed.stdout)
    assert replayed.exit_code == 0 and found["differing"] == 0 and found["requests"] > 20
    verified = yibao(broker, "auditor", "audit", "verify", "--json")
    assert verified.exit_code == 0 and json.loads(verified.stdout)["seals"] > 0
    assert [refused(broker, "auditor", name, write=True) for name in ALL] == [True] * len(ALL)


@pytest.mark.parametrize("user, reads, writes", [
    ("analyst", {"yibao.settled"}, set()), ("gateway", {"yibao.settled"}, {"yibao.requested"}),
    ("auditor", {*ROAD, "yibao.found", "yibao.sealed"}, set()), (STRANGER, set(), set()),
])
def test_each_reads_and_writes_what_the_map_says(broker: Secured, user: str, reads: set[str], writes: set[str]) -> None:
    assert {name for name in ALL if not refused(broker, user, name, write=False)} == reads
    if user != "auditor":
        assert {name for name in ALL if not refused(broker, user, name, write=True)} == writes


def test_the_analyst_feeds_and_neither_replays_nor_verifies(broker: Secured, tmp_path: Path) -> None:
    fed = yibao(broker, "analyst", "feed", tmp_path / "feed", "--once", "--json")
    assert fed.exit_code == 0 and json.loads(fed.stdout)["verdicts"] > 20
    for command in (("replay",), ("audit", "verify")):
        done = yibao(broker, "analyst", *command)
        assert done.exit_code == CANNOT and "yibao acl" in done.stderr, done.output


def test_the_gateway_publishes(broker: Secured, tmp_path: Path) -> None:
    (file := tmp_path / "requests.jsonl").write_text("".join(f"{line}\n" for line in generate(2, 3, 8)))
    assert yibao(broker, "gateway", "publish", file).exit_code == 0
    assert yibao(broker, "auditor", "publish", file).exit_code == CANNOT


@pytest.mark.parametrize("more", [{}, {"enable_idempotence": True}])
def test_a_gateway_needs_no_more_to_publish_once(broker: Secured, more: dict[str, bool]) -> None:
    asyncio.run(_published(broker, **more))


def test_a_gateway_publishes_in_a_transaction_with_the_right_that_the_page_names(broker: Secured) -> None:
    with pytest.raises(KafkaError, match="TransactionalIdAuthorizationFailed"):
        asyncio.run(_published(broker, transactional_id="gateway-1"))
    (right,) = re.findall(r"`(--operation Write --operation Describe --transactional-id) <id>`", PAGE.read_text("utf-8"))
    head = f"kafka-acls.sh --bootstrap-server {broker.address} --add --allow-principal User:gateway"
    assert asyncio.run(broker.grant(f"{head} {right} gateway-1")) == 2
    asyncio.run(_published(broker, transactional_id="gateway-1"))


async def _published(broker: Secured, **more: Any) -> None:
    """A request of the gateway's own producer. Raises KafkaError."""
    settings, request = broker.settings("gateway"), r.record("enrolment.recorded", r.enrolment())
    sender = AIOKafkaProducer(bootstrap_servers=settings.kafka, **client_security(settings), **more)
    async with sender as producer, producer.transaction() if "transactional_id" in more else nullcontext():
        await producer.send_and_wait(
            settings.topic("yibao.requested"), request.value, request.key, request.partition, headers=list(request.headers))


def test_a_worker_works_with_its_own_rights_alone(broker: Secured, tmp_path: Path) -> None:
    port = free_port()
    lock = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    server = valkey.start(tmp_path / "valkey", port, lock)
    env = {**broker.env("filing"), "YIBAO_REDIS": f"redis://127.0.0.1:{port}/0", "YIBAO_SESSION_TIMEOUT_MS": "3000"}
    workers = Workers(env, tmp_path)
    try:
        workers.start("filing-0")
        (file := tmp_path / "requests.jsonl").write_text("".join(f"{line}\n" for line in generate(1, 1, 9)))
        assert yibao(broker, "gateway", "publish", file).exit_code == 0
        asyncio.run(_decided(broker, {json.loads(line)["id"] for line in file.read_text().splitlines()}, workers))
        assert refused(broker, "filing", "yibao.checked", write=False) and refused(broker, "filing", "yibao.requested", write=True)
    finally:
        workers.stop()
        stop([server])
        os.close(lock)


def test_a_worker_with_a_wrong_password_says_so_and_is_not_started_for_ever(broker: Secured, tmp_path: Path) -> None:
    workers = Workers({**broker.env("filing"), "YIBAO_REDIS": "redis://127.0.0.1:1/0", "YIBAO_KAFKA_PASSWORD": "wrong"}, tmp_path)
    workers.start("filing-0")
    assert workers.running["filing-0"].wait(60) == Exit.CONFIGURATION
    assert "YIBAO_KAFKA_USER" in workers.tail("filing-0") and "wrong" not in workers.tail("filing-0")


async def _decided(broker: Secured, ids: set[str], workers: Workers) -> None:
    """Waits until each of these requests stands on yibao.filed."""
    settings = broker.settings(ADMIN)
    logs = [KafkaLog(settings, None, settings.topic("yibao.filed"), p) for p in range(PARTITIONS)]
    try:
        async with asyncio.timeout(60):
            found: set[str] = set()
            while not ids <= found:
                assert workers.running["filing-0"].poll() is None, workers.tails()
                for log in logs:
                    first, end = await log.bounds()
                    records = await log.read(max(first, end - 50), 50) if end else []
                    found |= {(record.header("ce_requestid") or b"").decode() for record in records}
    finally:
        await asyncio.gather(*(log.close() for log in logs))


@pytest.mark.parametrize("wrong, code, said", [
    ({"YIBAO_KAFKA_PASSWORD": "wrong"}, CANNOT, "用户名或口令不被接受"), ({"YIBAO_KAFKA": "127.0.0.1:1"}, SERVERS, "127.0.0.1:1"),
    ({"YIBAO_KAFKA_CA": "", "YIBAO_KAFKA_TLS": "true"}, CANNOT, "不信任代理的证书"), ({"YIBAO_KAFKA_CA": "nowhere.pem"}, CANNOT, "nowhere.pem"),
    ({"YIBAO_KAFKA_PASSWORD_FILE": "nowhere"}, CANNOT, "nowhere"), ({"YIBAO_KAFKA_PASSWORD_FILE": ""}, CANNOT, "YIBAO_KAFKA_PASSWORD"),
    ({"YIBAO_KAFKA_USER": ""}, CANNOT, "YIBAO_KAFKA_USER"),
])
def test_wrong_credentials_are_told_and_not_shown(broker: Secured, wrong: dict[str, str], code: int, said: str) -> None:
    done = yibao(broker, "auditor", "audit", "verify", YIBAO_SEND_TIMEOUT_S="5", **wrong)
    assert (done.exit_code, said in done.stderr) == (code, True), done.output
    assert "wrong" not in done.output.replace("settings are wrong", "")
