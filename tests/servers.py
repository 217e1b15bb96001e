"""Which Kafka and Redis the live tests use. Each is Apache Kafka; pytest's summary says which it was.

In this order: the addresses in the environment (YIBAO_KAFKA and YIBAO_REDIS), containers where a Docker daemon answers,
the embedded servers.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

import pytest

Kind = Literal["environment", "docker", "embedded"]

PING_S = 2
KAFKA_IMAGE, REDIS_IMAGE = "apache/kafka:4.4.0", "redis:8-alpine"
"""Those of docker-compose.yml."""
CONTAINER_STARTS_S = 60


@dataclass(frozen=True, slots=True)
class Servers:
    """Where they listen, what they are called in pytest's summary, and how short a session the broker allows."""

    kafka: str
    redis: str
    name: str
    session_timeout_ms: int = 3000
    ours: bool = True
    """Started for this run, so what is left on them goes with them."""


def choose(env: Mapping[str, str], docker_answers: Callable[[], bool]) -> Kind:
    """The kind of servers to use. Raises ValueError where the environment names only one of the two."""
    named = [name for name in ("YIBAO_KAFKA", "YIBAO_REDIS") if env.get(name)]
    if len(named) == 2:
        return "environment"
    if named:
        raise ValueError(f"only {named[0]} is set: set YIBAO_KAFKA and YIBAO_REDIS, or neither")
    return "docker" if docker_answers() else "embedded"


def none_can_be_started(why: Exception, env: Mapping[str, str]) -> NoReturn:
    """Skips the live tests on a machine without the extra [embedded]; in CI they fail instead."""
    if env.get("CI") == "true":
        pytest.fail(f"CI runs the live tests, but no broker can be started: {why}", pytrace=False)
    pytest.skip(f"no broker: {why}")


def docker_answers() -> bool:
    """Whether a Docker daemon answers a ping. A client alone is not enough, and one that hangs is as good as none."""
    try:
        import docker

        client = docker.from_env(timeout=PING_S)
    except Exception:  # no package, no socket, a broken context: whatever it is, there is no daemon to use
        return False
    try:
        return bool(client.ping())
    except Exception:
        return False
    finally:
        client.close()


@contextmanager
def started(data: Path) -> Iterator[Servers]:
    """The servers for the length of a block. ``data``: a folder that the embedded ones may use."""
    start = {"environment": _environment, "docker": _docker, "embedded": _embedded}
    with start[choose(os.environ, docker_answers)](data) as servers:
        yield servers


@contextmanager
def _environment(_: Path) -> Iterator[Servers]:
    kafka, redis = os.environ["YIBAO_KAFKA"], os.environ["YIBAO_REDIS"]
    name = f"Apache Kafka of the environment on {kafka}, {_redis_name(redis)} on {redis}"
    yield Servers(kafka, redis, name, session_timeout_ms=6000, ours=False)  # 6000: a broker's own lower bound


@contextmanager
def _embedded(data: Path) -> Iterator[Servers]:
    from services.embedded.jars import expected
    from services.embedded.stack import Stack

    jar = next(name for name in expected() if name.startswith("kafka_2.13-"))
    version = jar.removeprefix("kafka_2.13-").removesuffix(".jar")
    with Stack.start(data, say=print) as stack:
        name = f"embedded Apache Kafka {version} on {stack.kafka}, embedded {_redis_name(stack.redis)} on {stack.redis}"
        yield Servers(stack.kafka, stack.redis, name)


@contextmanager
def _docker(_: Path) -> Iterator[Servers]:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    port = free_port()  # clients are told this address, so it must be known before the container starts
    kafka = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for name, value in kafka_environment(port).items():
        kafka = kafka.with_env(name, value)
    kafka = kafka.waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(CONTAINER_STARTS_S))
    redis = DockerContainer(REDIS_IMAGE).with_exposed_ports(6379).waiting_for(
        LogMessageWaitStrategy("Ready to accept connections").with_startup_timeout(CONTAINER_STARTS_S)
    )
    with kafka, redis:
        url = f"redis://{redis.get_container_host_ip()}:{redis.get_exposed_port(6379)}/0"
        address = f"127.0.0.1:{port}"
        yield Servers(address, url, f"{KAFKA_IMAGE} in Docker on {address}, {_redis_name(url)} in Docker on {url}")


def kafka_environment(port: int) -> dict[str, str]:
    """A KRaft node of the image ``apache/kafka`` as the embedded one is set up, with clients on ``port``."""
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_MESSAGE_MAX_BYTES": "17825792",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    }


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _redis_name(url: str) -> str:
    from redis import Redis

    with Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
        said = client.info("server")
    return f"Valkey {said['valkey_version']}" if "valkey_version" in said else f"Redis {said['redis_version']}"
