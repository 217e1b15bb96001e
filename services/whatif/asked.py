"""The requests of a what-if: lines of a file, or those of recorded topics with what was recorded of their verdicts."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol

from pydantic_core import from_json

from contracts.envelope import Record
from services.audit.ids import Named, recorded_in
from services.audit.manifest import ROAD
from services.audit.replay import AMOUNTS, each, kept
from services.audit.sources import Source


class Recorded(NamedTuple):
    """What a recorded verdict says: its type, its rulebook, and who pays, in fen, as ``AMOUNTS``."""

    type: str
    rulebook: str
    amounts: tuple[int, ...]


class Asked(NamedTuple):
    """One request. ``at``: its line, or the broker's time; ``request``: its line, or key, value and headers of its record; ``kin``:
    the person who stands for all whose requests must be decided together; ``named``: the ids that its recorded verdict gave."""

    at: int
    partition: int
    request: bytes | tuple[Any, ...]
    recorded: Recorded | None = None
    kin: str = ""
    named: tuple[Named, ...] = ()

    @property
    def body(self) -> bytes:
        return self.request if isinstance(self.request, bytes) else self.request[1]


class Requests(Protocol):
    """Can be read more than once, the same each time."""

    def each(self, recorded: bool) -> AsyncIterator[Asked]:
        """Every request in order; ``recorded``: with its verdict, where there is one."""

    def person(self, asked: Asked) -> str:
        """Whose request it is; any text where nobody can tell."""


class FileRequests:
    """``lines`` gives the lines anew: number, stripped bytes, size."""

    def __init__(self, lines: Callable[[], Iterator[tuple[int, bytes, int]]]) -> None:
        self._lines = lines

    async def each(self, recorded: bool) -> AsyncIterator[Asked]:
        for number, line, _ in self._lines():
            if line:
                yield Asked(number, 0, line)

    def person(self, asked: Asked) -> str:
        event = as_object(asked.body)
        data = event.get("data")
        return str(event.get("subject", data.get("psn_no", "") if isinstance(data, dict) else ""))


class RecordedRequests:
    """The requests of a dump or of live topics, partition by partition. Raises DataLost where a log has gaps."""

    def __init__(self, source: Source, partitions: Sequence[int]) -> None:
        self._source, self._partitions = source, partitions

    async def each(self, recorded: bool) -> AsyncIterator[Asked]:
        for partition in self._partitions:
            async with aclosing(self._source.pieces(ROAD[0], partition)) as asked, aclosing(self._source.pieces(ROAD[-1], partition)) as settled:
                verdicts = kept(settled)
                async for request in each(asked):
                    verdict = await anext(verdicts, None) if recorded else None
                    told = (recorded_of(verdict), recorded_in(verdict)) if verdict is not None else (None, ())
                    yield Asked(request.timestamp_ms, partition, (request.key, request.value, request.headers), told[0], named=told[1])

    def person(self, asked: Asked) -> str:
        return (asked.request[0] or b"").decode("utf-8", "replace")  # type: ignore[union-attr]


def as_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in ``raw``; empty where it is none."""
    try:
        found = from_json(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def recorded_of(record: Record) -> Recorded:
    """What a terminal record says of who pays; of what is taken back and settled again the sum."""
    event = as_object(record.value)
    section = next((event[name] for name in ("settled", "priced", "checked", "filed") if isinstance(event.get(name), dict)), {})
    settled = event.get("settled") if isinstance(event.get("settled"), dict) else {}
    parts = [settled, *(one["mirror"] for one in settled.get("undone", ())), *(one["settlement"] for one in settled.get("again", ()))]
    type = (record.header("ce_type") or b"").decode("utf-8", "replace").removeprefix("cn.yibao.").rpartition(".")[0]
    return Recorded(type, str(section.get("rulebook", "")), tuple(sum(part.get(name, 0) for part in parts) for name in AMOUNTS))
