"""When a server is ready: it answers a request, and it is the one that we started.

The second half matters because a port can be taken by somebody else's server between its choice and its use.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from functools import partial

from . import valkey
from .errors import EmbeddedError, FilesDamaged, PortTaken, need
from .process import Server

START_S = 60.0
POLL_S = 0.05
ANSWER_S = 2.0
BIND_ERRORS = ("Address already in use", "BindException", "Failed listening on port")

Probe = Callable[[], bool]


def wait_kafka(server: Server, cluster: str, stopped: Probe) -> None:
    """Until the broker answers for this cluster. Raises PortTaken or EmbeddedError."""
    wait(server, partial(kafka_answers, server.port, cluster), stopped)


def wait_valkey(server: Server, stopped: Probe) -> None:
    """Until the server answers PING under its own process id. Raises PortTaken, FilesDamaged or EmbeddedError."""
    wait(server, partial(valkey_answers, server), stopped)


def wait(server: Server, answers: Probe, stopped: Probe) -> None:
    end = time.monotonic() + START_S
    while not (open_port(server.port) and answers()):
        death = server.death()
        if death and any(text in server.written() for text in BIND_ERRORS):
            raise PortTaken(f"Port {server.port} of {server.name} was taken in between. {death}")
        if death and valkey.DAMAGED in server.written():
            raise FilesDamaged(death)
        if death:
            raise EmbeddedError(death)
        if stopped():
            raise EmbeddedError(f"Stopped before {server.name} was ready.")
        if time.monotonic() > end:
            raise EmbeddedError(f"{server.name} did not answer within {START_S:.0f} s; see {server.log}.")
        time.sleep(POLL_S)


def open_port(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
        return True
    except OSError:
        return False


def kafka_answers(port: int, cluster: str) -> bool:
    """True when the broker names itself in its metadata. Raises PortTaken for another cluster's broker."""
    found = asyncio.run(describe(f"127.0.0.1:{port}"))
    if found is None:
        return False
    if found["cluster_id"] != cluster:
        raise PortTaken(f"Port {port} belongs to the Kafka cluster {found['cluster_id']}, not to ours.")
    return bool(found["brokers"])


async def describe(address: str) -> dict | None:
    """The cluster's metadata, None while the broker cannot give it."""
    admin_module = need("aiokafka.admin")
    kafka_errors = need("aiokafka.errors")
    admin = admin_module.AIOKafkaAdminClient(bootstrap_servers=address)
    try:
        async with asyncio.timeout(ANSWER_S):
            await admin.start()
            return await admin.describe_cluster()
    except (kafka_errors.KafkaError, OSError):  # TimeoutError is one of the latter
        return None
    finally:
        await admin.close()


def valkey_answers(server: Server) -> bool:
    """True when it answers PING. Raises PortTaken when another process does."""
    redis = need("redis")
    try:
        with redis.Redis(port=server.port, socket_timeout=ANSWER_S) as client:
            client.ping()
            pid = client.info("server")["process_id"]
    except redis.RedisError:  # it still loads its data, for one
        return False
    if pid != server.process.pid:
        raise PortTaken(f"Port {server.port} belongs to the process {pid}, not to our Valkey.")
    return True
