"""The courier in one partition: reads ``yibao.settled``, publishes what follows from its verdicts, remembers its place.

The place is the group's committed offset, and it only moves behind what was acknowledged: a process that ends in between
publishes again, under the same ids, and the first stage answers ``repeated``. No fence is needed, and no state.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.envelope import Record
from contracts.log import Kept, number
from policies.courier import carried
from services.runtime.exits import DataLost
from services.runtime.log import Log, gaps_of
from services.runtime.part import Seen
from services.runtime.points import reach


@dataclass(slots=True)
class Done:
    """What one batch did, for the log line. ``carried``: requests published."""

    received: int = 0
    kept: int = 0
    carried: int = 0


class Courier:
    """``requested``: the logs of yibao.requested, one a partition. ``committed``: the group's offset; None: it is new."""

    replayed = 0

    def __init__(self, settled: Log, requested: Sequence[Log], committed: int | None) -> None:
        self._settled, self._requested = settled, requested
        self._behind = committed or 0
        self._kept = Kept()

    @property
    def next_input(self) -> int:
        """The offset behind the last record that counts and whose request, if it asks for one, is acknowledged."""
        return self._behind

    @property
    def seen(self) -> Seen:
        """Fences and void records of ``yibao.settled``; the group's place and how far it was read."""
        return Seen(self._kept.fences, self._kept.void + self._kept.odd, self._behind, self._kept.next, read=self._kept.next)

    async def takeover(self) -> None:
        """Goes on behind the last record that counted: it names the fence in force. Raises DataLost."""
        first, end = await self._settled.bounds()
        if first > max(0, self._behind - 1) or self._behind > end:
            raise self._lost(f"it holds {first} to {end}")
        if self._behind:
            (last,) = await self._settled.read(self._behind - 1, 1)
            fence, req, src = (number(last.header(name)) for name in ("own", "req", "src"))
            if last.offset != self._behind - 1 or min(fence, req, src) < 0:
                raise self._lost("the record below it is not one that counts")
            self._kept = Kept(next=self._behind, fence=fence, req=req, src=src)

    async def batch(self, records: Sequence[Record]) -> Done:
        """Publishes what follows from those of ``records`` that count. Raises Gap."""
        done, behind = Done(received=len(records)), self._behind
        letters: dict[int, list[Record]] = {}
        with gaps_of(self._settled):
            counted = [record for record in records if self._kept.feed(record.offset, record.headers)]
        for record in counted:
            done.kept, behind = done.kept + 1, record.offset + 1
            if (letter := carried(record)) is not None:
                letters.setdefault(letter.partition, []).append(letter)
        await asyncio.gather(*(self._requested[p].append(found) for p, found in letters.items()))
        done.carried = sum(map(len, letters.values()))
        if done.carried:
            reach("courier.carried")
        self._behind = behind
        return done

    async def idle(self) -> None:
        """Nothing is due without traffic."""

    def _lost(self, why: str) -> DataLost:
        where = f"{self._settled.topic}/{self._settled.partition}"
        return DataLost(
            f"{where}: 消费组的位置是 {self._behind}，与主题不符：主题被截断或删去重建过？先与副本核对，再删去该消费组的位置：它从头读，"
            f"送过的答以 repeated / the group's offset is {self._behind}, and {why}; was the topic truncated or made anew? Compare it with "
            f"its copies; then delete the group's offsets: it reads from the start, and what was carried is answered as repeated"
        )
