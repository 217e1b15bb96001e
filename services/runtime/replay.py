"""What a takeover reads of a log, and a piece of a stage's own log folded again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from contracts.envelope import Record
from contracts.wire import Event, event_of
from policies.refolded import event_read, packed_of
from policies.stage import State
from services.runtime.exits import DataLost
from services.runtime.log import Log

Ready = Callable[[], Awaitable[None]]
Load = Callable[[Sequence[Event]], Awaitable[State]]
TURN = 50
"""Records that are read before others have a turn: what the ledger was given goes out, and the next fetch is asked for. What fewer
keep is compressed as they are folded; what more keep by another thread, while they are read."""


async def record_at(log: Log, offset: int) -> Record:
    """The record at ``offset``. Raises DataLost."""
    found = await log.read(offset, 1)
    if not found or found[0].offset != offset:
        raise DataLost(f"{log.topic}/{log.partition}: record {offset} is not there")
    return found[0]


async def piece(log: Log, first: int, last: int, most: int) -> list[Record]:
    """At most so many records from ``first`` to ``last``, a fence that was acknowledged. Raises DataLost where there is none."""
    found = [record for record in await log.read(first, min(most, last + 1 - first)) if first <= record.offset <= last]
    if not found:
        raise DataLost(f"{log.topic}/{log.partition}: ends before the fence {last} that was acknowledged")
    return found


async def refolded(records: Sequence[Record], ready: Ready, load: Load) -> State:
    """The state after ``records``, which count. ``load``: the state that events need, once it is ``ready``.

    Raises DoesNotFit, BadState.
    """
    try:
        return await _folded(records, event_read, ready, load)
    except AttributeError:  # a fold asks for more than is read of its events
        return await _folded(records, event_of, ready, load)


async def _folded(records: Sequence[Record], read: Callable[[Record], Event], ready: Ready, load: Load) -> State:
    packing = asyncio.create_task(asyncio.to_thread(packed_of, records)) if len(records) >= TURN else None
    events = list[Event]()
    for at in range(0, len(records), TURN):
        if at:
            await asyncio.sleep(0)
        events += map(read, records[at : at + TURN])
    await ready()
    state = await load(events)
    for event, packed in zip(events, await packing if packing is not None else [None] * len(events), strict=True):
        event.packed = packed
        state.fold(event)
    return state
