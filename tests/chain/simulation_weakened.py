"""The step, ``kept`` and the ledger with one guard taken away each, to show that the simulation would notice.

``caught_by`` is a seed that catches it: the first one, counted from 0. None: no seed was found that needs the guard, so
it is a tripwire, and ``why`` says what stands behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.envelope import Headers, Record
from contracts.log import Kept
from services.ledger.base import Position
from services.runtime.step import Step
from tests.chain.simulation import Variant
from tests.memory import Cell, MemoryLedger


@dataclass(frozen=True)
class Weakened:
    """One weakened variant."""

    name: str
    variant: Variant
    caught_by: int | None
    why: str = ""


UNKNOWN = -3

# --- kept -------------------------------------------------------------------------------------------------------------


def _with(headers: Headers, name: str, value: int) -> list[tuple[str, bytes | None]]:
    return [*(pair for pair in headers if pair[0] != name), (name, b"%d" % value)]


class NoFence(Kept):
    """Believes every owner."""

    def feed(self, offset: int, headers: Headers) -> bool:
        return Kept.feed(self, offset, _with(headers, "own", self.fence))


class NoNumber(Kept):
    """Counts records of the owner in force without looking at their number."""

    def feed(self, offset: int, headers: Headers) -> bool:
        return Kept.feed(self, offset, _with(headers, "req", self.req + 1))


class NoGap(Kept):
    """Goes on behind a skipped offset."""

    def feed(self, offset: int, headers: Headers) -> bool:
        self.next = max(self.next, offset)
        return Kept.feed(self, offset, headers)


class FirstFence(Kept):
    """Takes the owner of the first record that it sees for the one in force."""

    def feed(self, offset: int, headers: Headers) -> bool:
        owner = dict(headers).get("own")
        if self.fence == UNKNOWN and offset == self.next and owner is not None:
            self.fence = int(owner)
        return Kept.feed(self, offset, headers)


# --- takeover ---------------------------------------------------------------------------------------------------------


class LateFence(Step):
    """Reads the output log first and appends its fence afterwards."""

    async def takeover(self) -> None:
        self._own = (await self._out.bounds())[1] - 1
        kept = await self._trusted()
        await self._replay(kept)
        self._own = await self._fence()
        fence = (await self._out.read(self._own, 1))[0]
        await self._apply(fence, self._own, self._own + 1, kept.req, kept.src, {})
        self._end, self._req = self._own + 1, kept.req
        self._input = await self._place_in_input(kept)


class NoFenceOfInput(Step):
    """Forgets which fence is in force where it goes on reading."""

    async def _place_in_input(self, kept: Kept) -> Kept:
        place = await super()._place_in_input(kept)
        return Kept(next=place.next, req=place.req)


class FirstFenceOfInput(Step):
    """Believes the first owner that it meets where it goes on reading."""

    async def _place_in_input(self, kept: Kept) -> Kept:
        place = await super()._place_in_input(kept)
        return place if place.fence < 0 else FirstFence(next=place.next, fence=UNKNOWN, req=place.req)


class NoHashInTakeover(Step):
    """Believes a ledger that stands somewhere on the log."""

    async def _knows(self, position: Position, first: int, end: int) -> bool:
        return position.pos <= end


class NoNewerOwner(Step):
    """Goes on, or starts from 0, where a newer owner is ahead."""

    async def _trusted(self) -> Kept:
        own, self._own = self._own, 10**9
        kept = await super()._trusted()
        self._own = own
        return kept


class OwnerAtOnce(Step):
    """Writes itself down as the owner with the first piece that it replays."""

    async def _apply(self, last: Record, owner: int, *rest: Any) -> None:
        await super()._apply(last, self._own, *rest)


class NoReplay(Step):
    """Takes what the ledger holds for all there is, and only moves its position behind the own fence."""

    async def _replay(self, kept: Kept) -> None:
        records = await self._out.read(kept.next, self._own + 1 - kept.next)
        for record in records:
            kept.feed(record.offset, record.headers)
        await self._apply(records[-1], kept.fence, kept.next, kept.req, kept.src, {})


# --- batches ----------------------------------------------------------------------------------------------------------


class ApplyFirst(Step):
    """Applies before the log has acknowledged."""

    _waiting: Sequence[Record] = ()

    async def _produce(self, outs: Sequence[Record]) -> int:
        self._waiting = outs
        return self._end + len(outs)

    async def _apply(self, *args: Any) -> None:
        await super()._apply(*args)
        waiting, self._waiting = self._waiting, ()
        if waiting:
            await super()._produce(waiting)


class NotContiguous(Step):
    """Does not look at what lies between its own records."""

    async def _only_void_between(self, offsets: Sequence[int]) -> None:
        pass


class AnyGap(Step):
    """Believes every gap of the requests."""

    async def _believe_gap(self, record: Record) -> None:
        pass


class NoNextNumber(Step):
    """Decides whatever number comes next."""

    async def _fresh(self, records: Sequence[Record]) -> list[tuple[Record, int]]:
        req, self._req = self._req, self._input.req
        try:
            return await super()._fresh(records)
        finally:
            self._req = req


class NeverIdle(Step):
    """Does not look at the ledger without traffic."""

    async def idle(self) -> None:
        pass


# --- the ledger -------------------------------------------------------------------------------------------------------


class NoCompareOnLoad(MemoryLedger):
    """Gives the states whatever the position."""

    async def load(self, expected: Position, fields: Sequence[str]) -> dict[str, bytes | None]:
        return await self.read(fields) if fields else await super().load(expected, fields)


class NoCompareOnApply(MemoryLedger):
    """Writes whatever the position."""

    _writing = False

    async def apply(self, expected: Position, new: Position, writes: Mapping[str, bytes | None]) -> None:
        self._writing = True
        await super().apply(expected, new, writes)
        self._writing = False

    def _compare(self, expected: Position) -> Cell:
        return self._cell() if self._writing else super()._compare(expected)


def comparing(*parts: str) -> type[MemoryLedger]:
    """A ledger that compares these parts of a position only."""

    class ComparesLess(MemoryLedger):
        def _compare(self, expected: Position) -> Cell:
            return super()._compare(replace(self._cell().position, **{p: getattr(expected, p) for p in parts}))

    return ComparesLess


class KeepsStates(MemoryLedger):
    """Discards the position and keeps the states."""

    async def discard(self, expected: Position) -> None:
        states = dict(self._compare(expected).states)
        await super().discard(expected)
        self._store.cells[self._stage, self._partition] = Cell(Position(), states)


WEAKENED = [
    Weakened("kept believes every owner", Variant(kept=NoFence), 3),
    Weakened("kept goes on behind a gap", Variant(kept=NoGap), 4),
    Weakened(
        "kept does not look at numbers", Variant(kept=NoNumber), None,
        "An owner in force writes its numbers in order; a wrong one would be a fault of the worker itself.",
    ),
    Weakened("the fence comes after reading the output", Variant(step=LateFence), 0),
    Weakened("the input's fence is forgotten", Variant(step=NoFenceOfInput), 0),
    Weakened("the input's first owner is believed", Variant(step=FirstFenceOfInput), 39),
    Weakened("takeover compares no hash", Variant(step=NoHashInTakeover), 0),
    Weakened("takeover does not replay", Variant(step=NoReplay), 0),
    Weakened("takeover owns before it has replayed", Variant(step=OwnerAtOnce), 0),
    Weakened(
        "takeover ignores a newer owner", Variant(step=NoNewerOwner), None,
        "The newer owner's fence lies behind: what this worker writes is void, and its apply finds another position.",
    ),
    Weakened("no compare on load", Variant(ledger=NoCompareOnLoad), 11),
    Weakened("no compare on apply", Variant(ledger=NoCompareOnApply), 12),
    Weakened("applied before the acknowledgement", Variant(step=ApplyFirst), 0),
    Weakened("records between are not looked at", Variant(step=NotContiguous), 1),
    Weakened("every gap of the requests is believed", Variant(step=AnyGap), 0),
    Weakened(
        "any number comes next", Variant(step=NoNextNumber), None,
        "A worker goes on behind the record that it decided last, and no offset is skipped: numbers follow.",
    ),
    Weakened("an idle worker does not look", Variant(step=NeverIdle), 0),
    Weakened("the ledger compares no hash", Variant(ledger=comparing("owner", "pos")), 3),
    Weakened("the ledger compares the owner alone", Variant(ledger=comparing("owner")), 3),
    Weakened("the ledger compares the pos alone", Variant(ledger=comparing("pos")), 3),
    Weakened(
        "the ledger compares the hash alone", Variant(ledger=comparing("hash")), None,
        "The hash is of a record that lies at one place of one log behind one fence: it says owner and pos too.",
    ),
    Weakened("a discarded ledger keeps its states", Variant(ledger=KeepsStates), 2),
]
