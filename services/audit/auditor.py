"""The audit of one partition: rows of five records, judged, told, and the place remembered.

``yibao.settled`` is delivered, the four topics upstream are read as far as it needs. Findings are acknowledged before
the ledger moves, so a process that ends in between says the same again, under the same ids. No fence is needed: two
auditors of one partition write the same, and the ledger takes the word of one.
"""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic, perf_counter

import structlog
from pydantic import TypeAdapter, ValidationError

from contracts.envelope import Record
from contracts.events.audit import AuditFound, finding
from contracts.events.seal import ChainSealed
from contracts.topics import topic_map
from policies.chain import judge
from policies.continuity import Followed, compare
from policies.judged import Judged, Row, shown
from policies.stage import FOLDS, BadState, State
from services.audit.lane import Lane, Place
from services.audit.report import Done, count_found, log_found
from services.audit.sealing import SEAL_FIELD, Sealing, last_seal, seal_record
from services.audit.writing import dead_record, found_record, key_of
from services.ledger.base import Ledger, Position
from services.runtime.exits import Lost
from services.runtime.log import Log
from services.runtime.part import Seen
from services.runtime.points import reach
from services.runtime.readable import readable

PLACES = TypeAdapter(tuple[Place, ...])
PLACES_FIELD = "places"
"""The field of the ledger that holds the places in the four topics upstream; its position is the one in settled."""
VERSION = str(FOLDS)
"""Stands before the hash in the position, as in a stage's: what another version of the folds has stored is made anew from the start."""
ROWS, ROWS_A_BREATH = 200, 50
"""Rows at a time: a partition holds them in memory, some 25 kB each; 500 took 35 MiB more and saved no time that could be seen."""
PATIENCE_S = 5.0
"""How long a settled record waits for a cause that nobody sees upstream, before it is judged without."""
MAX_WAITING = 2000
MAX_LOGGED = 20
log = structlog.get_logger()


class Auditor:
    """One partition. ``road``: its five logs, requested to settled; ``found`` and ``dead``: where to write."""

    def __init__(
        self, road: Sequence[Log], found: Log, dead: Log, ledger: Ledger, late_s: float,
        clock: Callable[[], float] = monotonic, sealed: tuple[Log, Sealing] | None = None,
    ) -> None:
        """``sealed``: where seals are written, and what makes them; none, then there are none."""
        self._found, self._dead, self._ledger, self._sealed = found, dead, ledger, sealed
        self._late_s, self._clock = late_s, clock
        self._lanes = [Lane(log_, numbered=place > 0) for place, log_ in enumerate(road)]
        self._position = Position()
        self._stuck = False
        self._told_late = [-1] * len(road)
        self.partition = road[-1].partition
        self.replayed = 0

    @property
    def next_input(self) -> int:
        """The offset of ``yibao.settled`` to go on from."""
        return self._settled.kept.next

    @property
    def seen(self) -> Seen:
        """Fences and void records of all topics; the place in ``yibao.settled`` and how far it was read."""
        kept = [lane.kept for lane in self._lanes]
        void = sum(one.void + one.odd for one in kept)
        return Seen(sum(one.fences for one in kept), void, self._position.pos, self.next_input)

    @property
    def req(self) -> int:
        """The last request that was judged."""
        return self._position.req

    # --- takeover ---------------------------------------------------------------------------------------------------

    async def takeover(self) -> None:
        """Goes on where the ledger says; from the start where it says nothing, is damaged, or was made from other logs."""
        self._position = await readable(self._ledger, f"audit/{self.partition}")
        places = await self._places()
        if places is None or not await self._same_logs(places):
            await self._ledger.discard(self._position)
            self._position = Position()
            for lane in self._lanes:
                await lane.go_on(Place())
        if self._sealed is not None:
            log_, sealing = self._sealed
            held = (await self._ledger.load(self._position, [SEAL_FIELD]))[SEAL_FIELD]
            head = await last_seal(log_, (await self._settled.log.bounds())[1])
            sealing.go_on(held, self.req, head, self._clock())

    async def _places(self) -> tuple[Place, ...] | None:
        at = self._position
        version, _, hash = at.hash.rpartition(":")
        if version != VERSION:
            return None
        raw = (await self._ledger.load(at, [PLACES_FIELD]))[PLACES_FIELD]
        try:
            places = PLACES.validate_json(raw) if raw is not None else None
        except ValidationError:
            return None
        if places is None or len(places) != len(self._lanes) - 1:
            return None
        return *places, Place(next=at.pos, fence=at.owner, req=at.req, src=at.src, hash=hash)

    async def _same_logs(self, places: Sequence[Place]) -> bool:
        """Whether the last record judged on each topic still stands there. If not, that is told."""
        wrong = []
        for lane, place, topic in zip(self._lanes, places, topic_map().road, strict=True):
            if (now := await lane.go_on(place)) is not None:
                wrong.append(finding(
                    "history_changed", topic.name, self.partition, place.next - 1, place.req, None, now, place.hash,
                ))
        for found in wrong:
            log.error("log of another history", topic=found.topic, partition=self.partition, offset=found.offset)
        count_found(wrong)
        await self._tell([found_record(found, b"%d" % found.req) for found in wrong])
        return not wrong

    # --- batches ----------------------------------------------------------------------------------------------------

    async def batch(self, records: Sequence[Record]) -> Done:
        """Judges what has become whole with these records of ``yibao.settled``."""
        done = Done(received=len(records))
        await self._settled.feed(records, self._clock(), self.req)
        if not self._stuck or len(self._settled) > MAX_WAITING:
            await self._judge(done)
        return done

    async def idle(self) -> None:
        """Is the ledger still this worker's; what waited too long; and who is late."""
        await self._ledger.load(self._position, [])
        if len(self._settled):
            await self._judge(Done())
        await asyncio.gather(*(lane.look(ROWS, self._clock(), self.req) for lane in self._lanes[:-1]))
        await self._tell_late()
        if self._sealed is not None:
            await self._seal(self._sealed[1].overdue(self.partition, self._clock()))

    async def _judge(self, done: Done) -> None:
        while True:
            started = perf_counter()
            rows = await self._rows()
            if not rows:
                break
            read = perf_counter()
            judged = await _judged(rows)
            state = await self._follow(judged)
            checked = perf_counter()
            await self._write(judged)
            reach("audit.told")
            await self._apply(state)
            self._count(done, judged)
            done.read_ms += _ms(started, read)
            done.check_ms += _ms(read, checked)
            done.write_ms += _ms(checked, perf_counter())

    async def _rows(self) -> list[Row]:
        """The next rows that are whole, or whose missing part was waited for long enough."""
        settled, now = self._settled, self._clock()
        upto = min(settled.kept.req, self.req + ROWS)
        if upto == self.req:
            return []
        await asyncio.gather(*(lane.fill(upto, now, self.req) for lane in self._lanes[:-1]))
        whole = min(upto, *(lane.kept.req for lane in self._lanes))
        self._stuck = whole <= self.req
        if self._stuck:
            whole = self._overdue(upto, now)
        numbers = range(self.req + 1, whole + 1)
        records = zip(*(lane.take(numbers) for lane in self._lanes), strict=True)
        return [Row(self.partition, req, of_row) for req, of_row in zip(numbers, records, strict=True)]

    def _overdue(self, upto: int, now: float) -> int:
        """The last request whose cause nobody needs to wait for any longer."""
        patience = 0 if len(self._settled) > MAX_WAITING else PATIENCE_S
        req = self.req
        while req < upto and (one := self._settled.waiting(req + 1)) and now - one.seen >= patience:
            req += 1
        return req

    async def _follow(self, judged: Sequence[Judged]) -> State:
        """Compares what the verdicts name as before with what was left behind; returns the state after them."""
        state = State(Followed())
        fields = state.needed(one.event for one in judged if one.event)
        state.loaded(await self._ledger.load(self._position, fields))
        try:
            for one in judged:
                compare(one, state)
        except BadState as error:
            await self._ledger.discard(self._position)
            raise Lost(f"audit/{self.partition}: {error}; the ledger was discarded and is rebuilt from the log") from None
        return state

    async def _write(self, judged: Sequence[Judged]) -> None:
        dead = [dead_record(one.dead, key_of(one.row)) for one in judged if one.dead]
        await self._tell([found_record(found, key_of(one.row)) for one in judged for found in one.found])
        if dead:
            await self._dead.append(dead)
        if self._sealed is not None:
            await self._seal(self._sealed[1].add(judged, self.partition, self._clock()))

    async def _seal(self, seals: Sequence[ChainSealed]) -> None:
        """Writes seals; the ledger moves later, or, where nothing else is new, not at all: whoever takes over finds them written."""
        if seals and self._sealed is not None:
            await self._sealed[0].append([seal_record(seal) for seal in seals])
            reach("audit.sealed")

    async def _tell(self, found: Sequence[Record]) -> None:
        if found:
            await self._found.append(found)

    async def _apply(self, state: State) -> None:
        *upstream, settled = (lane.place for lane in self._lanes)
        new = Position(
            owner=settled.fence, pos=settled.next, req=settled.req, src=settled.src, hash=f"{VERSION}:{settled.hash}"
        )
        places = {PLACES_FIELD: PLACES.dump_json(tuple(upstream))}
        if self._sealed is not None:
            places[SEAL_FIELD] = self._sealed[1].raw
        await self._ledger.apply(self._position, new, state.changes() | places)
        self._position = new

    def _count(self, done: Done, judged: Sequence[Judged]) -> None:
        told = [found for one in judged for found in one.found]
        done.kept += len(judged)
        done.req, done.last = self.req, tuple(lane.kept.req for lane in self._lanes)
        done.found += len(told)
        done.dead += sum(1 for one in judged if one.dead)
        done.void = sum(lane.kept.void for lane in self._lanes)
        done.odd = sum(lane.kept.odd for lane in self._lanes)
        count_found(told)
        for found in told[:MAX_LOGGED]:
            log_found(found)

    # --- completeness -----------------------------------------------------------------------------------------------

    async def _tell_late(self) -> None:
        """Of each topic, the next request, if it has stood upstream for too long. Each is told once."""
        now, told = self._clock(), []
        for place in range(1, len(self._lanes)):
            upstream, lane = self._lanes[place - 1 : place + 1]
            req = lane.kept.req + 1
            standing = upstream.waiting(req)
            if standing is None or req <= self._told_late[place] or now - standing.seen < self._late_s:
                continue
            if not await lane.at_end():  # it is there, and was not read yet
                continue
            self._told_late[place] = req
            told.append((self._late(place, req, standing.record), standing.record.key))
        await self._tell([found_record(found, key or b"%d" % found.req) for found, key in told])
        count_found([found for found, _ in told])
        for found, _ in told:
            log_found(found)

    def _late(self, place: int, req: int, record: Record) -> AuditFound:
        upstream, topic = topic_map().road[place - 1 : place + 1]
        id = record.header("ce_requestid")
        return finding(
            "late", upstream.name, self.partition, record.offset, req, shown(id) if id else None,
            detail=f"{topic.name}, {self._late_s:g} s",
        )

    @property
    def _settled(self) -> Lane:
        return self._lanes[-1]


async def _judged(rows: Sequence[Row]) -> list[Judged]:
    """The rows judged, with a breath in between: the group's heartbeat runs in this thread too."""
    judged = []
    for at in range(0, len(rows), ROWS_A_BREATH):
        judged += [_light(judge(row, topic_map().partitions)) for row in rows[at : at + ROWS_A_BREATH]]
        await asyncio.sleep(0)
    return judged


def _light(judged: Judged) -> Judged:
    """Without the request's model, which only those need who decide again (see ``policies.verdict.Verdict``)."""
    judged.first = None
    return judged


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 1)
