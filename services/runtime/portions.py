"""How much is worked on at once: what a client hands out, and what a step writes. Records are counted, but some are a thousand times
as large as others; a batch of the largest would take gigabytes, and as long as a group waits for its member."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka import ConsumerRecord, TopicPartition

PORTION_BYTES = 8_000_000
"""Of values that are handed out, or written, at once; and what comes with the last of them."""
BREATH_BYTES = 500_000
"""Of values behind which others have a turn: the group's heartbeat runs in this thread too."""
HANDED = 32
"""Records that are asked for at once: of a batch that is compressed nobody knows how large they are."""
Records = dict[TopicPartition, list[ConsumerRecord]]
T = TypeVar("T")


class Breath:
    """Counts bytes of work, and lets others have a turn now and then."""

    def __init__(self) -> None:
        self._since = 0

    async def after(self, size: int, done: T) -> T:
        """``done``, which was made of ``size`` bytes, or has as many."""
        self._since += size
        if self._since >= BREATH_BYTES:
            self._since = 0
            await asyncio.sleep(0)
        return done


async def handed(
    getmany: Callable[..., Awaitable[Records]], *places: TopicPartition, timeout_ms: int, max_records: int
) -> tuple[Records, Exception | None]:
    """What ``getmany`` of a consumer gives, at most ``max_records`` and PORTION_BYTES, which the last HANDED may exceed; and what it
    raised behind them. Raises what it raises before there is any. Only the first records are waited for."""
    found = await getmany(*places, timeout_ms=timeout_ms, max_records=min(HANDED, max_records))
    more, count, size = found, 0, 0
    while more:
        count += sum(map(len, more.values()))
        size += sum(len(record.value or b"") for records in more.values() for record in records)
        if count >= max_records or size >= PORTION_BYTES:
            break
        try:
            more = await getmany(*places, timeout_ms=0, max_records=min(HANDED, max_records - count))
        except Exception as error:
            return found, error
        for place, records in more.items():
            found.setdefault(place, []).extend(records)
    return found, None
