"""The one shape of a deciding worker, for one partition: take over, then batch after batch, exactly once.

ARCHITECTURE.md, "Exactly once". Nothing here knows Kafka or Redis: it sees a Log to read, a Log to write, and a Ledger. A process
may die between any two lines; the next owner's takeover makes the log of verdicts and the ledger agree again.
"""

import uuid
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import structlog

from contracts.envelope import Record, with_numbers
from contracts.log import Gap, Kept, number
from contracts.wire import SECTIONS, Event
from policies.deciding import decide
from policies.stage import BadState, DoesNotFit, NotLoaded, Stage, State
from services.ledger.base import Ledger, Moved, Position
from services.runtime.brake import OFF, UNREADABLE, Brake, Braked
from services.runtime.done import Done
from services.runtime.exits import DataLost, Lost
from services.runtime.log import Log, folded_hash, gaps_of
from services.runtime.part import Seen
from services.runtime.points import reach
from services.runtime.portions import PORTION_BYTES, Breath
from services.runtime.readable import readable
from services.runtime.replay import Replay, only_void_between, record_at, same_request

REPLAY_RECORDS = 500
TAKEOVER_TRIES = 5
log = structlog.get_logger()


class Step:
    """One stage on one partition. ``takeover`` first, then ``batch`` and ``idle``; after an exception it is done for."""

    def __init__(
        self, stage: Stage, digest: str, partitions: int, inp: Log, out: Log, ledger: Ledger, first: bool,
        brake: Brake | None = None,
    ) -> None:
        self._brake = brake
        self.stage, self._digest, self._partitions = stage, digest, partitions
        self._inp, self._out, self._ledger, self._first = inp, out, ledger, first
        self._position = Position()
        self._own = self._req = -1
        self._end = 0
        self._input, self._breath = Kept(), Breath()
        self._from_start = False
        self.replayed = 0

    @property
    def partition(self) -> int:
        return self._out.partition

    @property
    def next_input(self) -> int:
        """The input offset to go on from."""
        return self._input.next

    @property
    def seen(self) -> Seen:
        """Fences and void records of the input; ledger and end of the output."""
        bad = self._brake.unreadable if self._brake is not None else None
        return Seen(self._input.fences, self._input.void + self._input.odd, self._position.pos, self._end, bad)

    # --- takeover ---------------------------------------------------------------------------------------------------

    async def takeover(self) -> None:
        """Becomes the owner: fence, trust or discard the ledger, replay through the fence, find the place in the input."""
        self._own = await self._fence()
        reach("takeover.fenced")
        for tries_left in reversed(range(TAKEOVER_TRIES)):
            kept = await self._trusted()
            reach("takeover.trusted")
            try:
                await self._replay(kept)
                break
            except Moved:  # the last word of somebody whose takeover was called off: look again where the ledger stands
                if not tries_left:
                    raise
            except (DoesNotFit, BadState) as error:
                if self._from_start or not tries_left:
                    raise
                log.warning("ledger that does not fit its log discarded", where=self._where(), why=str(error))
                await self._ledger.discard(self._position)
                reach("takeover.discarded")
        self._end, self._req = self._own + 1, kept.req
        self._input = await self._place_in_input(kept)
        if self._brake is not None:
            await self._brake.recall(self._out, self._own, kept.req)
        reach("takeover.placed")

    async def _fence(self) -> int:
        without = (OFF,) if self._brake is not None and not self._brake.on else ()
        fence = Record(key=None, value=b"", headers=(("fence", uuid.uuid4().hex.encode()), *without))
        return (await self._out.append([fence]))[0]

    async def _trusted(self) -> Kept:
        """The place from which the log is to be replayed: the ledger's, if it is of this log and not ahead of the fence."""
        position = await readable(self._ledger, self._where())
        first, end = await self._out.bounds()
        self._from_start = False
        if position.pos:
            if await self._knows(position, first, end):
                if position.pos > self._own:
                    raise Lost(f"{self._where()}: a newer owner ({position.owner}) is ahead of this fence ({self._own})")
                self._position = position
                return Kept(next=position.pos, fence=position.owner, req=position.req, src=position.src)
            log.warning("ledger of another log discarded", where=self._where(), pos=position.pos, end=end)
            await self._ledger.discard(position)
            reach("takeover.discarded")
        if first > 0:
            raise DataLost(f"{self._where()}: starts at {first}, and nothing holds what was before")
        self._position, self._from_start = Position(), True
        return Kept()

    async def _knows(self, position: Position, first: int, end: int) -> bool:
        """Whether the ledger was made from this log: the record below its position is the one that it names."""
        if position.pos > end:
            return False
        if first > position.pos - 1:
            raise DataLost(f"{self._where()}: starts at {first}, after {position.pos - 1} where the ledger stands")
        return folded_hash(await record_at(self._out, position.pos - 1)) == position.hash

    async def _replay(self, kept: Kept) -> None:
        """Folds the output log up to and with the own fence into the ledger."""
        replay = Replay(self._out, kept, self._own, self.stage, self._loaded, self._replayed)
        try:
            with gaps_of(self._out):
                await replay.run(REPLAY_RECORDS)
        finally:
            self.replayed += replay.records

    async def _replayed(self, *of: Any) -> None:
        await self._apply(*of)
        reach("takeover.replayed")

    async def _place_in_input(self, kept: Kept) -> Kept:
        """Just behind the record that the last kept verdict was decided from."""
        first, end = await self._inp.bounds()
        where = f"{self._inp.topic}/{self._inp.partition}"
        if kept.src < 0:
            if first > 0:
                raise DataLost(f"{where}: starts at {first}, and nothing holds what was before")
            return Kept()
        if not first <= kept.src < end:
            raise DataLost(f"{where}: holds {first} to {end - 1}, not {kept.src}, which was decided before")
        record = await record_at(self._inp, kept.src)
        if self._first:
            await same_request(self._out, self._own, kept, record)
            return Kept(next=kept.src + 1, req=kept.req)
        if number(record.header("req")) != kept.req:
            raise DataLost(f"{where}: record {kept.src} is request {record.header('req')!r}, not {kept.req}")
        return Kept(next=kept.src + 1, fence=number(record.header("own")), req=kept.req)

    # --- batches ----------------------------------------------------------------------------------------------------

    async def batch(self, records: Sequence[Record]) -> Done:
        """Decides, writes and applies what counts of ``records`` (this partition, in order)."""
        with gaps_of(self._inp):
            fresh = await self._fresh(records)
        done, started = Done(received=len(records), kept=len(fresh), req=self._req), perf_counter()
        if not fresh:
            return done
        reach("batch.counted")
        read, of = self.stage.read, (self.partition, self._partitions)
        events = [await self._breath.after(len(record.value), read(record, *of)) for record, _ in fresh]
        stop = self._pulled(events, fresh)
        if stop is not None:
            events, fresh = events[: stop[0]], fresh[: stop[0]]
        state = await self._load(events)
        reach("batch.loaded")
        done.load_ms = _ms(started, perf_counter())
        while events:
            passed = await self._portion(events, state, fresh, done)
            events, fresh = events[passed:], fresh[passed:]
        reach("batch.done")
        if stop is not None:
            raise stop[1]
        return done

    async def _portion(self, events: Sequence[Event], state: State, fresh: Sequence[tuple[Record, int]], done: Done) -> int:
        """Decides, writes and applies the first of ``events``: all, or as many as make PORTION_BYTES. Returns how many."""
        started = perf_counter()
        outs = await self._all_decided(events, state, fresh, done)
        changes = state.changes()
        reach("batch.decided")
        decided = perf_counter()
        end = await self._produce(outs)
        reach("batch.produced")
        produced = perf_counter()
        last, done.req = fresh[len(outs) - 1]
        await self._apply(outs[-1], self._own, end, done.req, last.offset, changes)
        reach("batch.applied")
        self._end, self._req = end, done.req
        done.decide_ms += _ms(started, decided)
        done.produce_ms += _ms(decided, produced)
        done.apply_ms += _ms(produced, perf_counter())
        return len(outs)

    def _pulled(self, events: Sequence[Event], fresh: Sequence[tuple[Record, int]]) -> tuple[int, Braked] | None:
        """The first event that is not to be answered because the brake is pulled, and what is said of it."""
        place = self._brake.pulled([event.type == UNREADABLE for event in events]) if self._brake is not None else None
        if self._brake is None or place is None:
            return None
        where = f"{self._inp.topic}/{self._inp.partition}"
        codes = [why.code for why in events[place].body.filed.reasons]
        return place, self._brake.error(where, fresh[place][0].offset, codes)

    async def idle(self) -> None:
        """Notices without traffic that the ledger was wiped or taken. Raises Moved."""
        await self._ledger.load(self._position, [])

    async def _fresh(self, records: Sequence[Record]) -> list[tuple[Record, int]]:
        """The records that count and are new, each with its number."""
        fresh = []
        for record in records:
            if self._first:
                if record.offset < self._input.next:
                    continue
                await self._believe_gap(record)
                self._input.next = record.offset + 1
                self._input.req += 1
                fresh.append((record, self._input.req))
            elif self._input.feed(record.offset, record.headers):
                fresh.append((record, self._input.req))
        if fresh and fresh[0][1] != self._req + 1:
            raise Lost(f"{self._where()}: request {fresh[0][1]} came where {self._req + 1} was expected")
        return fresh

    async def _believe_gap(self, record: Record) -> None:
        """Requests have no numbers: a gap of offsets (transaction markers) is believed only if a fresh read shows it too."""
        if record.offset == self._input.next:
            return
        again = await self._inp.read(self._input.next, 1)
        if not again or again[0].offset != record.offset:
            raise Gap(self._input.next, record.offset)

    async def _all_decided(
        self, events: Sequence[Event], state: State, fresh: Sequence[tuple[Record, int]], done: Done
    ) -> list[Record]:
        outs, size = list[Record](), 0
        try:
            while len(outs) < len(events) and size < PORTION_BYTES:
                try:
                    outs.append(self._decided(events[len(outs)], state, done, *fresh[len(outs)]))
                except NotLoaded as lacking:  # what deciding or folding it looks up; then it is decided anew
                    state.loaded(await self._ledger.load(self._position, lacking.fields))
                    continue
                size += len(outs[-1].value)
                await self._breath.after(len(outs[-1].value), None)
            return outs
        except BadState as error:
            await self._ledger.discard(self._position)
            raise Lost(f"{self._where()}: {error}; the ledger was discarded and is rebuilt from the log") from None

    def _decided(self, event: Event, state: State, done: Done, record: Record, req: int) -> Record:
        told: list[Exception] = []
        decided = decide(self.stage, event, state, self._digest, told)
        if decided is not event or (self._first and event.type == UNREADABLE):
            done.count(decided, getattr(decided.body, SECTIONS[self.stage.name]))
        for error in told:
            log.error("could not decide", where=self._where(), req=req, request=event.attributes.request_id, exc_info=error)
        headers = with_numbers(decided.headers, req, record.offset, self._own)
        return Record(key=event.key, value=decided.value, headers=headers)

    async def _produce(self, outs: Sequence[Record]) -> int:
        """Appends; returns the end of the log. Raises Lost where somebody else's fence lies between."""
        offsets = await self._out.append(outs)
        reach("batch.acknowledged")
        if offsets != list(range(self._end, self._end + len(offsets))):
            await self._only_void_between(offsets)
        return offsets[-1] + 1

    async def _only_void_between(self, offsets: Sequence[int]) -> None:
        await only_void_between(self._out, self._end, offsets, self._where())

    async def _load(self, events: Sequence[Event]) -> State:
        state = State(self.stage)
        if fields := state.needed_to_decide(events):  # else ``apply`` alone compares
            state.loaded(await self._loaded(fields))
        return state

    async def _loaded(self, fields: list[str]) -> dict[str, bytes | None]:
        return await self._ledger.load(self._position, fields)

    async def _apply(self, last: Record, owner: int, pos: int, req: int, src: int, changes: dict[str, bytes]) -> None:
        new = Position(owner=owner, pos=pos, req=req, src=src, hash=folded_hash(last))
        await self._ledger.apply(self._position, new, changes)
        self._position = new

    def _where(self) -> str:
        return f"{self._out.topic}/{self._out.partition}"


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 1)
