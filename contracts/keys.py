"""Identities: the partition of a person, ids derived from content, and hashes."""

from functools import lru_cache
from hashlib import sha256

PSN_NO_PATTERN = r"^[A-Za-z0-9_-]{1,30}$"
"""``psn_no`` 人员编号 C(30), a pseudonym: no names and no ID-card numbers (domain: 1101 baseinfo)."""

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_MASK = 0xFFFFFFFF
_SIZES = tuple(size.to_bytes(8, "big") for size in range(256))
"""The lengths of most parts of an id, as they are hashed."""


def content_hash(value: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal: the hash that the next link of the chain names (law 4)."""
    return sha256(value).hexdigest()


def derived_id(*parts: str | bytes) -> str:
    """An id of 30 hexadecimal digits (the length of ids in the national interface) of ``parts`` alone, in order."""
    found = []
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        size = len(data)
        found.append(_SIZES[size] if size < len(_SIZES) else size.to_bytes(8, "big"))
        found.append(data)
    return sha256(b"".join(found)).hexdigest()[:30]


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's default partitioner (murmur2) gives to ``key``."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Kafka's murmur2 (``org.apache.kafka.common.utils.Utils``), as an unsigned 32-bit number."""
    length = len(data)
    h = _SEED ^ length
    whole = length & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little")
        k = (k * _MIX) & _MASK
        k ^= k >> 24
        h = ((h * _MIX) & _MASK) ^ ((k * _MIX) & _MASK)
    tail = data[whole:]
    if tail:
        h ^= int.from_bytes(tail, "little")
        h = (h * _MIX) & _MASK
    h ^= h >> 13
    h = (h * _MIX) & _MASK
    return h ^ (h >> 15)
