"""The brake of the first stage: where most of what comes cannot be read, it stops rather than refuse everyone.

A bad deploy of a gateway, or of this program, makes every request unreadable, and each would get a verdict for good. So
when more than half of a partition's last requests, and not only a few, are unreadable, the worker ends before it writes
the next such verdict. What it remembers it takes from its own log, so a restarted worker stops at the same request. It
only stops: nothing is decided otherwise because of it. A worker without brake drains what waits; its fence says so, and
what was drained does not count afterwards.
"""

from collections import deque
from collections.abc import Sequence

from contracts.envelope import Record, join_type
from contracts.log import number
from services.runtime.exits import Ending, Exit
from services.runtime.log import Log, backwards

UNREADABLE = "request.unreadable"
_TYPE = join_type(UNREADABLE, 1).encode()
OFF = ("brake", b"off")
"""Header of the fence of a worker that has no brake."""


class Braked(Ending):
    """Too many requests of a partition cannot be read."""

    code = Exit.BRAKE


class Brake:
    """Pulled at an unreadable request that makes more than half of the last ``window``, and at least ``least``, unreadable."""

    def __init__(self, window: int, least: int, on: bool = True) -> None:
        self.on, self._least = on, least
        self._last: deque[bool] = deque(maxlen=window)

    @property
    def unreadable(self) -> int:
        """How many of the last requests are."""
        return sum(self._last)

    @property
    def seen(self) -> int:
        """How many requests the brake looks back on."""
        return len(self._last)

    async def recall(self, log: Log, end: int, req: int) -> None:
        """Takes what was decided last from the stage's own log below ``end``; ``req``: the last number that counts."""
        found: list[bool] = []
        fence: Record | None = None
        async for piece in backwards(log, end, self._window):
            for place, record in enumerate(piece):
                if record.header("fence") is not None:
                    fence = None  # below it another one is in force
                    continue
                own, at = number(record.header("own")), number(record.header("req"))
                if fence is None or own > fence.offset:  # a higher one is the one in force: what named less was late
                    fence = await _in_force(log, piece[place:])
                if fence is None or own != fence.offset or at > req:
                    continue  # the late word of another
                if at < req or fence.header(OFF[0]) == OFF[1] or len(found) == self._window:
                    return self._remember(found)
                found.append(record.header("ce_type") == _TYPE)
                req -= 1
        self._remember(found)

    def _remember(self, found: Sequence[bool]) -> None:
        self._last.clear()
        self._last.extend(reversed(found))

    def pulled(self, unreadable: Sequence[bool]) -> int | None:
        """Which of the next requests must not be answered any more; None: all may be. Those before it are remembered."""
        for place, bad in enumerate(unreadable):
            if self.on and bad and self._too_many():
                return place
            self._last.append(bad)
        return None

    def error(self, where: str, offset: int, codes: Sequence[str]) -> Braked:
        """What it says: how many, since where, and what to do."""
        share, why = f"{self.unreadable}/{self.seen}", ", ".join(codes)
        return Braked(
            f"{where}: 最近 {self.seen} 个请求中有 {self.unreadable} 个无法读取，第 {offset} 条又是（{why}）；已停在它之前，其后的都没有答复。"
            f"查看 yibao dead list，修复发送方或程序后重启；确要逐条拒绝，用 yibao worker filing --no-brake / "
            f"{share} of the last requests cannot be read, and record {offset} neither ({why}): stopped before it, nothing after it "
            f"was answered. See yibao dead list, mend the sender or this program, start again; to refuse them one by one all the "
            f"same: yibao worker filing --no-brake"
        )

    @property
    def _window(self) -> int:
        return self._last.maxlen or 0

    def _too_many(self) -> bool:
        """Whether one more that is unreadable is one too many."""
        dropped = self._last[0] if len(self._last) == self._window else False
        bad, seen = self.unreadable - dropped + 1, min(self._window, len(self._last) + 1)
        return bad >= self._least and 2 * bad > seen


async def _in_force(log: Log, below: Sequence[Record]) -> Record | None:
    """The fence in force at the first of these records, the last one first: the highest that one of them names, or that is among them."""
    fences = {record.offset: record for record in below if record.header("fence") is not None}
    named = {number(record.header("own")) for record in below}
    for offset in sorted(named | fences.keys(), reverse=True):
        if offset in fences:
            return fences[offset]
        found = await log.read(offset, 1) if 0 <= offset < below[0].offset else []
        if found and found[0].offset == offset and found[0].header("fence") is not None:
            return found[0]
    return None
