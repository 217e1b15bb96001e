"""The ledger in Redis (or Valkey).

Keys, both with the hash tag of their stage and partition, so that a cluster keeps them on one node::

    yibao:{<stage>:<partition>}:position    hash: owner, pos, req, src (decimal texts), hash
    yibao:{<stage>:<partition>}:state       hash: field -> bytes, the small parts packed (``services.ledger.packed``)

Fields of the state::

    p:<psn_no>          the small part of a person that every decision loads
    e:<psn_no>:<key>    an entry of that person that is looked up by its key
    places              how far the audit has read each topic upstream of yibao.settled (stage audit only)

    position            a copy of the position that the states belong to

The two keys live and die together, and each holds the position: one of them lost, rolled back or changed by hand is
noticed, and both are rebuilt from the log. The server must not evict (``maxmemory-policy noeviction``). States found
without a position count as absent, and the next apply removes them.

``load``, ``apply`` and ``discard`` are one script each, in one round trip; more than ``LOAD_FIELDS`` are loaded by several, each of
which compares, so that no script keeps the server from everybody else for long. The scripts compare before they act and do no
arithmetic on what is stored. Keep a call below some 100 MB, since the server closes a connection whose request exceeds its
``client-query-buffer-limit`` (1 GB). Errors of the connection are the client library's own (``redis.exceptions``): whether the script
ran is then unknown, so the worker ends and recovers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from hiredis import pack_command
from redis.asyncio import Connection, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError, ResponseError

from services.ledger.base import BOUND, Compared, Damaged, Moved, Position, check_apply, check_fields
from services.ledger.packed import packed, unpacked

LOAD_FIELDS = 10_000
CONNECT_TIMEOUT_SECONDS = 5.0
_FIELDS = ("owner", "pos", "req", "src", "hash")
_NUMBER = re.compile(r"-1|0|[1-9][0-9]{0,19}")


class _Packing(Connection):
    """A connection that packs its commands in C: the library does so only without asyncio, and its own loop over the arguments
    takes 4 microseconds a record that is folded, this 1."""

    def pack_command(self, *args: Any) -> list[bytes]:
        if " " in args[0]:  # a command of two words
            return super().pack_command(*args)
        return [pack_command(args)]


def connect(url: str, *, socket_timeout_seconds: float = 5.0) -> Redis:
    """A client that sends each command once.

    The library can send a script again when its reply is lost; ``Redis()`` does so by default. The scripts
    refuse the second one, but the caller is then told that somebody else wrote, although it was itself.
    """
    return Redis.from_url(
        url,
        connection_class=_Packing,  # where the address asks for TLS the library puts its own in this place
        retry=Retry(NoBackoff(), 0),
        socket_timeout=socket_timeout_seconds,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        decode_responses=False,
    )


async def evicting(client: Redis) -> str | None:
    """The policy by which the server throws keys away when it is full, where that may be these: they never expire, so one for keys that
    do takes none. None also where the server does not say."""
    try:
        policy = (await client.info("memory")).get("maxmemory_policy", "")
    except RedisError:
        return None
    return policy if policy.startswith("allkeys-") else None


class RedisLedger:
    """The ``Ledger`` of one stage and partition in Redis. ``prefix`` tells stacks on one server apart."""

    def __init__(self, client: Redis, stage: str, partition: int, prefix: str = "yibao") -> None:
        self._client, self._stage, self._partition = client, stage, partition
        self.position_key = f"{prefix}:{{{stage}:{partition}}}:position"
        self.state_key = f"{prefix}:{{{stage}:{partition}}}:state"
        self._load, self._apply, self._discard = (
            client.register_script(_script(name)) for name in ("load", "apply", "discard")
        )
        self._repair = client.register_script(_text("repair"))

    async def position(self) -> Position:
        try:
            async with self._client.pipeline(transaction=True) as both:
                stored, bound = await both.hgetall(self.position_key).hget(self.state_key, BOUND).execute()
        except ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            raise Damaged(self.position_key, self.state_key, "it, or its states, are not a hash") from None
        return self._believed(stored, bound)

    def _believed(self, stored: Mapping[bytes, bytes], bound: bytes | None) -> Position:
        """The position, if it can be read and the states hold a copy of it. Raises Damaged."""
        if not stored:
            return Position()
        raw = *(stored.get(name.encode(), b"") for name in _FIELDS), bound or b""
        try:
            position = _parsed(stored)
        except ValueError as error:
            raise Damaged(self.position_key, self.state_key, str(error), raw) from None
        if bound != position.text.encode():
            what = f"the states belong to ({(bound or b'nothing').decode('ascii', 'replace')})"
            raise Damaged(self.position_key, self.state_key, what, raw)
        return position

    async def snapshot(self) -> tuple[Position, dict[str, bytes]]:
        """Position and all states of one moment, for comparing; the server is busy with it for as long as it takes. Raises Damaged."""
        async with self._client.pipeline(transaction=True) as both:
            stored, states = await both.hgetall(self.position_key).hgetall(self.state_key).execute()
        bound = states.pop(BOUND.encode(), None)
        position = self._believed(stored, bound)
        return position, _unpacked((name.decode(), raw) for name, raw in states.items()) if stored else {}  # type: ignore[return-value]

    async def load(self, expected: Position, fields: Sequence[str]) -> dict[str, bytes | None]:
        check_fields(fields)
        states: dict[str, bytes | None] = dict.fromkeys(fields)
        for first in range(0, len(fields) or 1, LOAD_FIELDS):  # none: it only compares
            some = fields[first : first + LOAD_FIELDS]
            chunks = await self._run(self._load, expected, some)
            states.update(_unpacked(zip(some, chain.from_iterable(chunks), strict=False)))  # no chunk: no states at all
        return states

    async def apply(self, expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
        check_apply(expected, new, writes)
        deleted = [name for name, state in writes.items() if state is None]
        written = [part for name, state in writes.items() if state is not None for part in (name, packed(name, state))]
        position = (new.owner, new.pos, new.req, new.src, new.hash)
        await self._run(self._apply, expected, chain(position, deleted, ("",), written))

    async def discard(self, expected: Position) -> None:
        await self._run(self._discard, expected, ())

    async def repair(self, damage: Damaged) -> None:
        keys = (self.position_key, self.state_key)
        if damage.raw:
            await self._repair(keys=keys, args=damage.raw)
        else:
            await self._client.unlink(*keys)

    async def read(self, fields: Sequence[str]) -> dict[str, bytes | None]:
        check_fields(fields)
        if not fields:
            return {}
        states: Any = await self._client.hmget(self.state_key, fields)
        return _unpacked(zip(fields, states, strict=True))

    async def _run(self, script: AsyncScript, expected: Position, args: Iterable[Any]) -> list[Any]:
        keys = (self.position_key, self.state_key)
        reply: list[Any] = await script(keys=keys, args=chain(expected.compared, args))
        if reply[0] == 1:
            return reply[1:]
        raise Moved(self._stage, self._partition, expected.compared, _found(reply[1]))


def _unpacked(states: Iterable[tuple[str, bytes | None]]) -> dict[str, bytes | None]:
    return {name: unpacked(name, stored) for name, stored in states}


@cache
def _script(name: str) -> str:
    return _text("compare") + _text(name)


def _text(name: str) -> str:
    return (files("services.ledger") / f"{name}.lua").read_text(encoding="utf-8")


def _parsed(stored: Mapping[bytes, bytes]) -> Position:
    """The position in a stored hash. Raises ValueError, which says what is wrong with it."""
    for name in _FIELDS:
        if name.encode() not in stored:
            raise ValueError(f"its field {name} is missing")
    owner, pos, req, src = (_number(name, stored[name.encode()]) for name in _FIELDS[:4])
    return Position(owner, pos, req, src, stored[b"hash"].decode("ascii"))


def _number(name: str, stored: bytes) -> int:
    """Only the text that this module writes for a number: another spelling would never compare as equal."""
    text = stored.decode("ascii", "replace")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"its field {name} is {text[:40]!r}, not a number")
    return int(text)


def _found(stored: Sequence[bytes | None]) -> Compared:
    texts = [None if part is None else part.decode("ascii", "replace") for part in stored]
    owner, pos, record_hash, bound = (*texts, None, None)[:4]
    return owner, pos, record_hash, bound
