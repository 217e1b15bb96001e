"""What a takeover reads of a log, and a piece of a stage's own log folded again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from contracts.envelope import Record
from contracts.log import Kept
from contracts.wire import Event, event_of
from policies.refolded import event_read, packed_of
from policies.stage import BadState, DoesNotFit, State
from services.runtime.exits import DataLost
from services.runtime.log import Log
from services.runtime.meanwhile import Meanwhile
from services.runtime.points import reach

Load = Callable[[Sequence[Event]], Awaitable[State]]
Packing = Awaitable[list[str | None]] | None
"""Of each record what its fold keeps of it (``policies.refolded.packed_of``), as soon as it is there."""
TURN = 50
"""Records that are read, or folded, before others have a turn: what the ledger is given goes out, and the next fetch is asked for. What
fewer keep is compressed as they are folded; what more keep by another thread, while they are read."""


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


class Piece(NamedTuple):
    """Some records of the log: those that count, and what the ledger is told of the last one."""

    counted: list[Record]
    packing: Packing
    size: int
    told: tuple[Any, ...]


class Replay:
    """A stage's own log, from a place ``kept`` up to and with a fence ``last``, folded into its ledger in pieces.

    While one is folded, another thread compresses what the next one keeps, and the ledger takes what the one before has changed,
    which the state knows already. ``load``: the state that events need, given that behind the piece before; ``apply``: puts what was
    told of a piece, and what it has changed, into the ledger.
    """

    def __init__(
        self, out: Log, kept: Kept, last: int, load: Callable[[Sequence[Event], State | None], Awaitable[State]],
        apply: Callable[..., Coroutine[Any, Any, None]],
    ) -> None:
        self._out, self._kept, self._last, self._load, self._apply = out, kept, last, load, apply
        self._applying = Meanwhile()
        self._before: State | None = None
        self._due: tuple[Any, ...] | None = None
        self.records = 0

    async def run(self, most: int) -> None:
        """All of it, ``most`` records at a time. Raises DoesNotFit, BadState, DataLost, and what ``load`` and ``apply`` raise."""
        async with self._applying:
            following = await self._read(most)
            while following is not None:
                current, following = following, await self._read(most)
                await self._fold(current)
            await self._begin()

    async def _read(self, most: int) -> Piece | None:
        """The next piece, whose records are compressed from now on; None behind the last one."""
        kept = self._kept
        if kept.next > self._last:
            return None
        records = await piece(self._out, kept.next, self._last, most)
        counted = [record for record in records if kept.feed(record.offset, record.headers)]
        packing = asyncio.create_task(asyncio.to_thread(packed_of, counted)) if len(counted) >= TURN else None
        return Piece(counted, packing, len(records), (records[-1], kept.fence, kept.next, kept.req, kept.src))

    async def _fold(self, current: Piece) -> None:
        try:
            self._before = await refolded(current.counted, self._loaded, current.packing)
        except (DoesNotFit, BadState):
            await self._applying.ended()  # whoever discards the ledger has to know where it stands
            raise
        self._due = *current.told, self._before.changes()
        self.records += current.size
        reach("takeover.folded")

    async def _loaded(self, events: Sequence[Event]) -> State:
        """The state that ``events`` need: what that of the piece before knows, and of the rest what the ledger holds, which does not
        know that piece yet: now it begins to take it."""
        await self._applying.ended()
        state = await self._load(events, self._before)
        await self._begin()
        return state

    async def _begin(self) -> None:
        due, self._due = self._due, None
        if due is not None:
            await self._applying.begin(self._apply, *due)


async def refolded(records: Sequence[Record], load: Load, packing: Packing = None) -> State:
    """The state after ``records``, which count. ``load``: the state that events need; ``packing``: what the records keep.

    Raises DoesNotFit, BadState.
    """
    try:
        return await _folded(records, event_read, load, packing)
    except AttributeError:  # a fold asks for more than is read of its events
        return await _folded(records, event_of, load, packing)


async def _folded(records: Sequence[Record], read: Callable[[Record], Event], load: Load, packing: Packing) -> State:
    events = list[Event]()
    for at in range(0, len(records), TURN):
        if at:
            await asyncio.sleep(0)
        events += map(read, records[at : at + TURN])
    state = await load(events)
    texts = await packing if packing is not None else [None] * len(events)
    for at, (event, packed) in enumerate(zip(events, texts, strict=True), 1):
        event.packed = packed
        state.fold(event)
        if at % TURN == 0:
            await asyncio.sleep(0)
    return state
