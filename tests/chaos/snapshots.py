"""Copies of the ledger's keys, to be written back later, past the workers."""

from collections import deque
from random import Random

from redis.asyncio import Redis

KEPT = 8
Copy = dict[bytes, bytes]
"""Keys as the server dumps them."""


class Snapshots:
    """The last copies. Each is of one moment."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._copies: deque[Copy] = deque(maxlen=KEPT)

    async def take(self) -> None:
        """Copies every key."""
        keys = [key async for key in self._redis.scan_iter("yibao:*", count=1000)]
        if keys:
            async with self._redis.pipeline(transaction=True) as pipe:
                for key in keys:
                    pipe.dump(key)
                found = await pipe.execute()
            self._copies.append({key: raw for key, raw in zip(keys, found, strict=True) if raw is not None})

    async def write_back(self, rng: Random) -> int:
        """An old copy, of all stages or of one, in one transaction; how many keys."""
        if not self._copies:
            return 0
        copy = rng.choice(list(self._copies))
        tags = sorted({_tag(key) for key in copy})
        chosen = set(tags) if rng.random() < 0.5 else set(rng.sample(tags, min(len(tags), rng.randrange(1, 7))))
        written = {key: raw for key, raw in copy.items() if _tag(key) in chosen}
        async with self._redis.pipeline(transaction=True) as pipe:
            for key, raw in written.items():
                pipe.restore(key, 0, raw, replace=True)
            await pipe.execute()
        return len(written)

    async def tamper(self, rng: Random) -> int:
        """One of a pair of keys is lost, rolled back alone or spoilt; how many keys."""
        keys = sorted([key async for key in self._redis.scan_iter("yibao:*", count=1000)])
        if not keys:
            return 0
        key = rng.choice(keys)
        kind = rng.choice(("delete", "text", "field", "alone"))
        if kind == "alone" and self._copies and key in (copy := rng.choice(list(self._copies))):
            await self._redis.restore(key, 0, copy[key], replace=True)
        elif kind == "text":
            await self._redis.set(key, b"not a hash")
        elif kind == "field" and key.endswith(b":position"):
            await self._redis.hset(key, "req", "many")
        else:
            await self._redis.delete(key)
        return 1


def _tag(key: bytes) -> bytes:
    """Stage and partition of a key: its two keys go together."""
    return key.rpartition(b":")[0]
