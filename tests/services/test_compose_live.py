"""Each service of docker-compose.yml starts with the command and the environment that the file gives it.

This needs no Docker engine: Kafka starts through the set-up program of its image, Redis as its Valkey twin,
the topics' job and the workers by the console script of this environment.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from redis import Redis
from redis.exceptions import RedisError

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.log import Kept
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from services.cli.supervise import STAGES
from services.embedded.jars import cache_dir, ensure_jars
from services.embedded.kafka import java_command
from services.embedded.process import free_ports
from services.embedded.ready import describe
from services.embedded.valkey import binary
from services.runtime.kafka import KafkaLog, make_producer
from services.runtime.settings import Settings
from tests.compose_file import FILE, Service, environment, plain
from tests.servers import Servers

pytestmark = pytest.mark.live

EXAMPLES = FILE.parent / "contracts" / "examples" / "good"
YIBAO = Path(sys.executable).with_name("yibao")
ROAD = f"compose-{os.getpid()}-"  # servers that outlive the run have seen this test before
VERDICTS_S = 60

Process = subprocess.Popen[bytes]


@contextmanager
def process(command: Sequence[str], env: dict[str, str], folder: Path, name: str) -> Iterator[Process]:
    """``command`` with ``env`` and nothing else, ended with the block; its output goes to ``name``.log."""
    env = {"PATH": os.environ["PATH"], **env}
    with (folder / f"{name}.log").open("wb") as out:
        started = subprocess.Popen(command, env=env, cwd=folder, stdout=out, stderr=out)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def logs(folder: Path) -> str:
    """The end of each log, for a test that fails."""
    found = {file.name: file.read_text("utf-8", "replace") for file in sorted(folder.glob("*.log"))}
    return "\n".join(f"{name}:\n{text[-2000:]}" for name, text in found.items())


# --- Kafka


async def test_kafka_starts_with_its_environment(tmp_path: Path) -> None:
    """The image's own set-up makes properties of the environment and formats; the node starts on them."""
    inside, host, controller = free_ports(3)
    env = moved(
        environment(plain()["kafka"]),
        {
            "PLAINTEXT://kafka:9092": f"PLAINTEXT://127.0.0.1:{inside}",
            "PLAINTEXT://:9092": f"PLAINTEXT://127.0.0.1:{inside}",
            "HOST://127.0.0.1:9092": f"HOST://127.0.0.1:{host}",
            "HOST://:29092": f"HOST://127.0.0.1:{host}",
            "127.0.0.1:9093": f"127.0.0.1:{controller}",
            "/var/lib/kafka/data": str(tmp_path / "data"),
        },
    )
    java = java_command(ensure_jars(cache_dir(), print))
    (tmp_path / "final").mkdir()
    folders = [f"--{name}-configs-dir={tmp_path / name}" for name in ("default", "mounted", "final")]
    setup = [*java, "kafka.docker.KafkaDockerWrapper", "setup", *folders]
    subprocess.run(setup, env={"PATH": os.environ["PATH"], **env}, check=True, timeout=60)
    node = [*java, "-Xmx512m", "kafka.Kafka", "final/server.properties"]
    with process(node, env, tmp_path, "kafka") as kafka:
        found = await answer(f"127.0.0.1:{host}", kafka, tmp_path)
        assert found["cluster_id"] == env["CLUSTER_ID"]
        # Each listener announces itself: a client goes on where it came from.
        assert [broker["port"] for broker in found["brokers"]] == [host]
        among_containers = await answer(f"127.0.0.1:{inside}", kafka, tmp_path)
        assert [broker["port"] for broker in among_containers["brokers"]] == [inside]
        config = await broker_config(f"127.0.0.1:{host}")
    assert config["message.max.bytes"] == "17825792"
    assert config["auto.create.topics.enable"] == "false"


def moved(env: dict[str, str], places: dict[str, str]) -> dict[str, str]:
    """``env`` with each place of the container replaced by one of this machine; each must be there."""
    text = json.dumps(env)
    for old, new in places.items():
        assert old in text, f"{old} is not in the file"
        text = text.replace(old, new)
    return json.loads(text)


async def answer(address: str, server: Process, folder: Path, limit_s: float = 40) -> dict[str, Any]:
    """The cluster's metadata, as soon as the server gives them."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline and server.poll() is None:
        if found := await describe(address):
            return found
        await asyncio.sleep(0.1)
    pytest.fail(f"{address} does not answer, exit code {server.poll()}\n{logs(folder)}")


async def broker_config(address: str) -> dict[str, str]:
    """The settings of node 1, as it tells them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        found = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
    finally:
        await admin.close()
    return {entry[0]: entry[1] for entry in found[0].resources[0][4]}


# --- Redis


def test_redis_keeps_a_file_and_evicts_nothing(tmp_path: Path) -> None:
    program, *options = plain()["redis"]["command"]
    assert program == "redis-server"
    (port,) = free_ports(1)
    command = [binary(), *options, "--bind", "127.0.0.1", "--port", str(port)]
    with process(command, {}, tmp_path, "redis"), Redis(port=port) as client:
        deadline = time.monotonic() + 10
        while not pings(client):
            assert time.monotonic() < deadline, logs(tmp_path)
            time.sleep(0.05)
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def pings(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


# --- the topics' job and the workers


async def test_the_services_settle_a_claim(servers: Servers, tmp_path: Path) -> None:
    """The job makes the topics, five workers decide, and each ends with 0 when it is told to."""
    assert YIBAO.exists(), f"{YIBAO} is missing: install the checkout into this environment (`make venv`)"
    addresses = {"kafka:9092": servers.kafka, "redis://redis:6379/0": servers.redis}
    commands = {name: [str(YIBAO), *plain()[name]["command"]] for name in ("topics", *STAGES)}
    env = {name: on_this_machine(plain()[name], addresses | {"/kept": str(tmp_path / "kept")}) for name in commands}
    with process(commands["topics"], env["topics"], tmp_path, "topics") as job:
        assert job.wait(60) == 0, logs(tmp_path)
    requests = [
        request_record((EXAMPLES / name).read_bytes(), topic_map().partitions)
        for name in ("enrolment-civil-servant.json", "outpatient-one-drug.json")  # one person: one partition
    ]
    found = Settings(kafka=servers.kafka, redis=servers.redis, road=ROAD)
    with ExitStack() as stack:
        workers = {
            stage: stack.enter_context(process(commands[stage], env[stage], tmp_path, stage))
            for stage in STAGES
        }
        await publish(found, requests)
        verdicts = await settled(found, requests[0].partition, len(requests), tmp_path)
        await all_started(tmp_path)
        running = {stage: worker.poll() for stage, worker in workers.items()}
        assert running == dict.fromkeys(STAGES), logs(tmp_path)
    ends = {stage: worker.returncode for stage, worker in workers.items()}
    assert ends == dict.fromkeys(STAGES, 0), logs(tmp_path)
    assert [event.type for event in verdicts] == ["enrolment.recorded", "claim.settled"]
    # 76.80 yuan, class 01, at a community centre of level 1: (76.80 - 20.00) x 80 % = 45.44 from the pool;
    # nothing was ever credited to the account, so 76.80 - 45.44 = 31.36 in cash.
    paid = verdicts[1].body.settled
    assert (paid.act_pay_dedc, paid.fund_pay_sumamt) == (2000, 4544)
    assert (paid.acct_pay, paid.psn_cash_pay) == (0, 3136)


def on_this_machine(service: Service, addresses: dict[str, str]) -> dict[str, str]:
    """A service's environment with the addresses and folders of this machine in place of those of the network and the container."""
    given = environment(service)
    assert {given["YIBAO_KAFKA"], given["YIBAO_REDIS"], given["YIBAO_RULEBOOKS"]} == addresses.keys()
    probe = {"YIBAO_METRICS_PORT": "0", "YIBAO_METRICS_HOST": "127.0.0.1"}  # six of them on one host
    return {name: addresses.get(value, value) for name, value in given.items()} | {"YIBAO_ROAD": ROAD} | probe


async def publish(found: Settings, requests: list[Record]) -> None:
    """Appends requests of one partition."""
    producer = make_producer(found, "test")
    topic = found.topic(topic_map().road[0].name)
    await producer.start()
    try:
        await KafkaLog(found, producer, topic, requests[0].partition).append(requests)
    finally:
        await producer.stop()


async def all_started(folder: Path) -> None:
    """Until each worker listens to signals. No verdict waits for the audit: it may start last."""
    deadline = time.monotonic() + VERDICTS_S
    files = [folder / f"{stage}.log" for stage in STAGES]
    while not all("worker started" in file.read_text("utf-8") for file in files):
        assert time.monotonic() < deadline, logs(folder)
        await asyncio.sleep(0.1)


async def settled(found: Settings, partition: int, wanted: int, folder: Path) -> list[Event]:
    """The first ``wanted`` terminal events of a partition, as soon as they are there."""
    log = KafkaLog(found, None, found.topic(topic_map().road[-1].name), partition)
    place, events, deadline = Kept(), list[Event](), time.monotonic() + VERDICTS_S
    try:
        while len(events) < wanted:
            assert time.monotonic() < deadline, f"{len(events)} of {wanted} verdicts\n{logs(folder)}"
            records = await log.read(place.next, 100)
            events += [event_of(record) for record in records if place.feed(record.offset, record.headers)]
            await asyncio.sleep(0 if records else 0.1)
    finally:
        await log.close()
    return events
