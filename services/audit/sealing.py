"""The seals that the audit worker writes: one an interval, whatever is killed.

An interval ends where the number of its last request says, or when its first request has waited for so many seconds. The
first is the same whenever it is counted anew; the second only the topic of seals knows, so a worker that takes over goes on
behind the seal that reaches farthest there.
"""

from collections.abc import Sequence
from typing import Literal

from contracts.envelope import Record, join_type, request_headers
from contracts.events.seal import ChainSealed
from contracts.wire import to_json
from policies.judged import Judged
from policies.seal import Tally, begun, counted, seal_of
from services.audit.signing import Signer
from services.audit.writing import SOURCE
from services.runtime.log import Log

SEAL_FIELD = "seal"
"""The field of the ledger that holds the interval that is not whole yet."""
TAIL, PIECE = 1000, 200
"""Seals that are looked at for the one that reaches farthest. A batch writes at most 500 behind what the ledger knows."""


class Sealing:
    """The interval of one partition. ``every``: requests a seal; ``seconds``: how long the first request of an interval waits at
    most, None: until it is whole; ``signer``: none, then seals are unsigned. Times are those of a clock that never jumps."""

    def __init__(self, every: int, signer: Signer | None = None, seconds: float | None = None) -> None:
        self._every, self._signer, self._seconds = every, signer, seconds
        self._tally: Tally | None = None
        self._since = 0.0

    def go_on(self, raw: bytes | None, req: int, head: ChainSealed | None, now: float) -> None:
        """Behind ``head``, the seal that reaches farthest, where it covers request ``req``, the last one judged; else with what the
        ledger holds; else with an interval that begins behind ``req``."""
        try:
            held = Tally.model_validate_json(raw) if raw is not None else None
        except ValueError:
            held = None
        if head is not None and head.last >= req:
            self._tally = begun(head.last + 1, head.hash)
        else:
            self._tally = held if held is not None and held.next == req + 1 else begun(req + 1, None)
        self._since = now

    def add(self, judged: Sequence[Judged], partition: int, now: float) -> list[ChainSealed]:
        """Counts requests that are not sealed yet; returns the seals of the intervals that they made whole."""
        found = []
        for one in judged:
            if one.row.req < self.tally.next:
                continue
            if not self._waits:
                self._since = now
            self._tally = counted(self.tally, one)
            if (one.row.req + 1) % self._every == 0:
                found.append(self._ended(partition))
        return found

    def overdue(self, partition: int, now: float) -> list[ChainSealed]:
        """The seal of what has waited for too long, if anything has."""
        if self._seconds is None or not self._waits or now - self._since < self._seconds:
            return []
        return [self._ended(partition, "seconds")]

    def _ended(self, partition: int, cut: Literal["seconds"] | None = None) -> ChainSealed:
        seal = seal_of(self.tally, partition, cut)
        self._tally = begun(self.tally.next, seal.hash)
        return self._signer.signed(seal) if self._signer is not None else seal

    @property
    def _waits(self) -> bool:
        return self.tally.next > self.tally.first

    @property
    def tally(self) -> Tally:
        assert self._tally is not None, "go_on comes first"
        return self._tally

    @property
    def raw(self) -> bytes:
        return to_json(self.tally)


async def last_seal(log: Log, settled: int) -> ChainSealed | None:
    """The seal of this partition that reaches farthest, the first one of such; None where there is none. What claims more requests
    than the ``settled`` records that there are is none."""
    first, end = await log.bounds()
    found: ChainSealed | None = None
    at = max(first, end - TAIL)
    while at < end and (records := await log.read(at, PIECE)):
        for seal in filter(None, map(read_seal, records)):
            if seal.partition == log.partition and seal.last < settled and (found is None or seal.last > found.last):
                found = seal
        at = records[-1].offset + 1
    return found


def read_seal(record: Record) -> ChainSealed | None:
    """The seal in a record; None where it is none."""
    try:
        return ChainSealed.model_validate_json(record.value)
    except ValueError:
        return None


def seal_record(seal: ChainSealed) -> Record:
    """A seal, for yibao.sealed."""
    return Record(b"%d" % seal.partition, to_json(seal), request_headers(join_type("chain.sealed", 1), SOURCE, seal.id))
