"""What a takeover reads of a log, and a stage's own log folded again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.envelope import Record
from contracts.log import Kept, number
from contracts.wire import Event, answers, event_of
from policies.refolded import event_read, packed_of
from policies.stage import BadState, DoesNotFit, Stage, State
from services.runtime.exits import DataLost, Lost
from services.runtime.log import Log, backwards
from services.runtime.meanwhile import Meanwhile
from services.runtime.points import reach

TURN = 50
"""Records that are read, or folded, before others have a turn: what the ledger is given goes out, and the next fetch is asked for. What
fewer keep is compressed as they are folded; what more keep by another thread, before."""


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


async def same_request(out: Log, own: int, kept: Kept, request: Record) -> None:
    """Requests have no numbers: the last verdict that counts, below the fence ``own``, tells whether it was made of this one.

    Raises DataLost.
    """
    async for piece in backwards(out, own, TURN):
        for verdict in piece:
            if (number(verdict.header("req")), number(verdict.header("src"))) == (kept.req, kept.src):
                if answers(verdict, request):
                    return
                where = f"{request.topic}/{request.partition}"
                raise DataLost(f"{where}: record {kept.src} is not the request that was decided before; was the topic made anew?")


async def only_void_between(out: Log, end: int, offsets: Sequence[int], where: str) -> None:
    """Whether what stands between the known ``end`` and the last of ``offsets``, which were acknowledged, is void. Raises Lost where it
    is somebody else's fence, DataLost where it is not there."""
    if offsets[0] < end:
        raise Lost(f"{where}: written at {offsets[0]}, below the known end {end}")
    at = end
    while at <= offsets[-1]:
        between = await out.read(at, offsets[-1] + 1 - at)
        if not between:
            raise DataLost(f"{where}: ends before {offsets[-1]}, which was acknowledged")
        if any(record.header("fence") is not None for record in between):
            raise Lost(f"{where}: another worker's fence lies between {end} and {offsets[-1]}")
        at = between[-1].offset + 1


@dataclass(slots=True)
class Piece:
    """Some records of the log that count. ``told``: what the ledger is told of the last one; ``packing``: what folding them keeps, as
    soon as it is there (``policies.refolded.packed_of``); ``state``: what the ledger holds of ``fields``, without the piece before,
    until it is folded."""

    counted: list[Record]
    size: int
    told: tuple[Any, ...]
    packing: Awaitable[list[str | None]] | None
    state: State
    events: list[Event] = field(default_factory=list)
    fields: dict[str, None] = field(default_factory=dict)


class Replay:
    """A stage's own log, from a place ``kept`` up to and with a fence ``last``, folded into its ledger in pieces.

    While one is folded, the ledger takes what the one before has changed, and then says what the one behind needs; what that one
    keeps is compressed by another thread. So what is loaded of a piece lacks the one before it, whose state is known here.
    ``load``: what the ledger holds of some fields; ``apply``: puts what was ``told`` of a piece, and what it changed, into the ledger.
    """

    def __init__(
        self, out: Log, kept: Kept, last: int, stage: Stage, load: Callable[[list[str]], Awaitable[dict[str, bytes | None]]],
        apply: Callable[..., Awaitable[None]],
    ) -> None:
        self._out, self._kept, self._last, self._stage, self._load, self._apply = out, kept, last, stage, load, apply
        self._beside = Meanwhile()
        self._state: State | None = None
        self.records = 0

    async def run(self, most: int) -> None:
        """All of it, ``most`` records at a time. Raises DoesNotFit, BadState, DataLost, and what ``load`` and ``apply`` raise."""
        due: tuple[Any, ...] | None = None
        current: Piece | None = None
        async with self._beside as beside:
            following = await self._read(most)
            while due is not None or current is not None or following is not None:
                await beside.begin(self._turn, due, current, following)
                due = await self._fold(current) if current is not None else None
                current, following = following, await self._read(most)

    async def _turn(self, due: tuple[Any, ...] | None, current: Piece | None, following: Piece | None) -> None:
        """The ledger's part of a turn, while ``current`` is folded."""
        if due is not None:
            await self._apply(*due)
        if following is not None:
            known = current.fields if current is not None else {}
            if lacking := [name for name in following.fields if name not in known]:
                following.state.loaded(await self._load(lacking))

    async def _read(self, most: int) -> Piece | None:
        """The next piece; None behind the last one."""
        kept = self._kept
        if kept.next > self._last:
            return None
        records = await piece(self._out, kept.next, self._last, most)
        counted = [record for record in records if kept.feed(record.offset, record.headers)]
        packing = asyncio.create_task(asyncio.to_thread(packed_of, counted)) if len(counted) >= TURN else None
        found = Piece(counted, len(records), (records[-1], kept.fence, kept.next, kept.req, kept.src), packing, State(self._stage))
        try:
            await self._understand(found, event_read)
        except AttributeError:  # more is asked of an event than is read of it
            await self._understand(found, event_of)
        return found

    async def _understand(self, found: Piece, read: Callable[[Record], Event]) -> None:
        """The events of a piece, and the fields that they need."""
        found.events = []
        for at in range(0, len(found.counted), TURN):
            if at:
                await asyncio.sleep(0)
            found.events += map(read, found.counted[at : at + TURN])
        found.fields = dict.fromkeys(found.state.needed(found.events))

    async def _fold(self, current: Piece) -> tuple[Any, ...]:
        """Folds a piece, whose state is known from then on; returns what is to be applied."""
        try:
            try:
                await self._folded(current)
            except AttributeError:
                await self._beside.ended()
                current.state = State(self._stage)
                await self._understand(current, event_of)
                current.state.loaded(await self._load([*current.fields]))
                await self._folded(current)
        except (DoesNotFit, BadState):
            await self._beside.ended()  # whoever discards the ledger has to know where it stands
            raise
        self._state = current.state
        self.records += current.size
        changes = current.state.changes()
        reach("takeover.folded")
        return *current.told, changes

    async def _folded(self, current: Piece) -> None:
        state, texts = current.state, await current.packing if current.packing is not None else [None] * len(current.events)
        state.follow(self._state, current.fields)
        for at, (event, packed) in enumerate(zip(current.events, texts, strict=True), 1):
            event.packed = packed
            state.fold(event)
            if at % TURN == 0:
                await asyncio.sleep(0)
