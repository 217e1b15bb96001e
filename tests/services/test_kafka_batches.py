"""How a log writes its batches: compressed where there is enough to compress; what they hold is the same."""

import asyncio
from typing import Any

import pytest
from aiokafka.record.memory_records import MemoryRecords

from contracts.envelope import Record
from services.runtime.kafka import BATCH_BYTES, COMPRESSED_BYTES, KafkaLog
from services.runtime.settings import Settings

ZSTD, NONE = 4, 0
"""The codes in a batch's attributes (Kafka's message format, version 2)."""


class Sent:
    """In the place of a producer: what would go out."""

    def __init__(self) -> None:
        self.batches: list[Any] = []

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        found = MemoryRecords(bytes(batch._build())).next_batch()
        found.validate_crc()
        self.batches.append((found.compression_type, list(found)))
        done = asyncio.get_running_loop().create_future()
        done.set_result(type("Meta", (), {"offset": 100 * (len(self.batches) - 1)}))
        return done


async def sent(records: list[Record], compression: str = "zstd", topic: str = "yibao.settled") -> tuple[list[Any], list[int]]:
    producer = Sent()
    log = KafkaLog(Settings(kafka="none:1", redis="redis://none", compression=compression), producer, topic, 0)  # type: ignore[arg-type]
    offsets = await log.append(records)
    return producer.batches, offsets


def records(count: int, size: int) -> list[Record]:
    return [Record(b"P%d" % number, (b'{"n":%d}' % number).ljust(size, b"0"), (("req", b"%d" % number),)) for number in range(count)]


@pytest.mark.parametrize(("size", "compression", "code"), [
    (COMPRESSED_BYTES // 10, "zstd", ZSTD), (COMPRESSED_BYTES // 10 - 1, "zstd", NONE), (COMPRESSED_BYTES // 10, "none", NONE),
])
async def test_a_large_batch_is_compressed(size: int, compression: str, code: int) -> None:
    given = records(10, size)
    [(found, held)], offsets = await sent(given, compression)
    assert found == code and offsets == list(range(10))
    assert [(one.key, one.value, tuple(one.headers)) for one in held] == [(one.key, one.value, one.headers) for one in given]


async def test_what_one_batch_cannot_hold_goes_on_in_the_next() -> None:
    """The bound is on what is expanded, so that a reader knows how much one batch of a worker may become."""
    given = records(25, BATCH_BYTES // 10)
    batches, offsets = await sent(given)
    assert [code for code, _ in batches] == [ZSTD] * 3 and [len(held) for _, held in batches] == [9, 9, 7]
    assert [one.value for _, held in batches for one in held] == [one.value for one in given]
    assert offsets == [*range(9), *range(100, 109), *range(200, 207)]


@pytest.mark.parametrize(("more", "code"), [(0, ZSTD), (1, NONE)])
async def test_what_is_too_large_for_its_topic_is_not_made_small(more: int, code: int) -> None:
    """This topic takes 1 MiB; ten megabytes of blanks would be a kilobyte, and ten megabytes again for every reader."""
    [(found, _)], _ = await sent([Record(b"P1", b" " * (2**20 + more), ())], topic="yibao.found")
    assert found == code


async def test_requests_are_not_compressed_as_the_broker_would_expand_them() -> None:
    [(found, _)], _ = await sent(records(10, COMPRESSED_BYTES), topic="r1.yibao.requested")
    assert found == NONE


async def test_a_record_without_a_value_is_one_of_no_bytes() -> None:
    [(found, [held])], _ = await sent([Record(b"P1", None, ())])  # type: ignore[arg-type]
    assert found == NONE and held.value is None
