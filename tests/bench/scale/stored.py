"""What Redis holds of a person, measured on a real one, and what a claim costs against the number of persons that it holds."""

import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psutil
from redis import Redis
from redis.exceptions import ConnectionError as NotYet

from contracts.lines import request_record
from contracts.topics import topic_map
from policies.book import Book, built_in
from policies.road import Road
from services.embedded.process import free_ports
from services.embedded.valkey import command
from services.generator import generate
from services.ledger.packed import packed
from services.ledger.redis import RedisLedger, connect
from tests.bench.scale.claims import PARTITION, bill, enrolled, persons
from tests.bench.scale.curves import USUAL, Point, visits, with_items
from tests.bench.twins import Twins

PIECE = 10_000
STARTS_S = 30
LOADED = ("filing p", "eligibility p", "settlement p", "settlement year")
"""What a decision of each claim loads, stage by stage; an admission loads its stay besides."""


@contextmanager
def valkey() -> Iterator[tuple[Redis, psutil.Process]]:
    """A server of one's own, and its process."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(command(port), cwd=folder, stdout=subprocess.DEVNULL)
        try:
            with Redis(port=port) as client:
                deadline = time.monotonic() + STARTS_S
                while not _answers(client):
                    assert time.monotonic() < deadline, "the server does not answer"
                    time.sleep(0.05)
                yield client, psutil.Process(server.pid)
        finally:
            server.kill()
            server.wait()


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except NotYet:
        return False


# --- cost against the number of persons -------------------------------------------------------------------------------


async def against_persons(sizes: list[int]) -> AsyncIterator[Point]:
    """Claims of 8 lines while Redis holds so many persons; microseconds of the workers, and of the server beside them."""
    book, items = with_items(built_in(), USUAL)
    template = await _template(book, items)
    for number in sizes:
        with valkey() as (client, server):
            ledgers = connect(f"redis://127.0.0.1:{client.connection_pool.connection_kwargs['port']}/0")
            twins = await Twins(book, lambda stage, ledgers=ledgers: RedisLedger(ledgers, stage, PARTITION)).start()
            for stage, states in template.items():
                _fill(client, RedisLedger(ledgers, stage, PARTITION).state_key, states, number)
            held, before = client.info("memory")["used_memory"], sum(server.cpu_times()[:2])
            point = await visits(twins, items)
            spent, requests = sum(server.cpu_times()[:2]) - before, twins.steps["filing"].next_input
            await ledgers.aclose()
            yield {"curve": "persons", "x": number, **point, "us_redis": round(spent / requests * 1e6), "redis_mb": round(held / 1e6)}


async def _template(book: Book, items: list[str]) -> dict[str, dict[str, bytes]]:
    """By stage what decisions load of a person with eight visits, under fields without the person's name."""
    (name,), twins = persons(1), await Twins(book).start()
    await twins.batch([enrolled(name), *(bill(name, n, items) for n in range(8))])
    cells = ((stage, twins.store.cells[stage, PARTITION].states) for stage in twins.steps)
    return {stage: {field.replace(name, "{}"): raw for field, raw in states.items() if kind_of(field) in ("p", "year")}
            for stage, states in cells}


def _fill(client: Redis, key: str, states: dict[str, bytes], number: int) -> None:
    """The states of so many persons, all alike."""
    for at in range(0, number if states else 0, PIECE):
        names = [f"F{n:08}" for n in range(at, min(at + PIECE, number))]
        client.hset(key, mapping={field.format(name): packed(field, raw) for name in names for field, raw in states.items()})


# --- bytes of a person ------------------------------------------------------------------------------------------------


def bytes_of_a_person(people: int, claims: int) -> Iterator[Point]:
    """Each kind of state after a generated year, in a hash of its own: how many a person has, bytes of its value in the mean and
    at most, and what it takes in Redis (MEMORY USAGE) with its field. Then what a decision loads of a person."""
    road = Road(built_in())
    for line in generate(people, claims, 1, built_in()):
        for _ in road.run(request_record(line.encode(), topic_map().partitions)):
            pass
    with valkey() as (client, _):
        each = {}
        for stage, state, _ in road._stages:
            for kind, fields in _by_kind(state.changes()).items():
                client.hset("measured", mapping={field: packed(field, raw) for field, raw in fields.items()})
                each[f"{stage.name} {kind}"] = taken = client.memory_usage("measured", samples=0) / len(fields)
                client.delete("measured")
                sizes = [len(raw) for raw in fields.values()]
                yield {"kind": f"{stage.name} {kind}", "a_person": round(len(fields) / people, 2), "value": round(sum(sizes) / len(sizes)),
                       "value_most": max(sizes), "in_redis": round(taken)}
    yield {"loaded": {name: round(each[name]) for name in LOADED}, "bytes": round(sum(each[name] for name in LOADED)), "persons": people, "claims": claims}


def _by_kind(states: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {}
    for field, raw in states.items():
        found.setdefault(kind_of(field), {})[field] = raw
    return found


def kind_of(field: str) -> str:
    """``p`` of the small part; of an entry what stands before the colon of its key."""
    return field.split(":")[2] if field.startswith("e:") else "p"
