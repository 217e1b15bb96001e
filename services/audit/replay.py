"""Recorded requests decided again from the start, and what comes out otherwise than is recorded.

Verification asks whether each verdict follows from what was recorded before it; a replay asks what the road would say
today: its states are its own, so one changed rule shows in all that builds on it. Sources are only read.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from contracts.envelope import Record
from contracts.log import Gap, Kept
from contracts.topics import topic_map
from contracts.wire import Request, Unreadable, read_request
from policies.book import Book
from policies.road import Road
from policies.verdict import SETTLES
from services.audit.ids import NAMES, Ids, recorded_in
from services.audit.manifest import ROAD
from services.audit.sources import Source
from services.audit.verify import Window
from services.runtime.exits import DataLost

UNNAMED = frozenset({"rulebook", "policies"})
"""What each section names of those who decided it: no difference of the verdict."""
AMOUNTS = ("fund_pay_sumamt", "acct_pay", "psn_cash_pay")
"""Who pays: the funds, the account, the person in cash."""
MAX_TOLD, MAX_FIELDS = 1000, 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One request whose terminal event comes out otherwise. ``fields``: path, recorded value, value now."""

    request_id: str
    partition: int
    offset: int
    recorded: str
    now: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(slots=True)
class Replayed:
    """What was replayed. ``amounts``: in fen, what is paid now more than is recorded."""

    requests: int = 0
    same: int = 0
    unanswered: int = 0
    types: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: Counter[str] = field(default_factory=Counter)
    told: list[Difference] = field(default_factory=list)

    @property
    def differing(self) -> int:
        return self.types.total()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which requests are told; all of the same persons are decided."""

    window: Window = Window()
    region: str | None = None
    person: str | None = None

    def tells(self, request: Record, *verdicts: dict[str, Any]) -> bool:
        at = request.timestamp_ms
        if self.window.before(at) or self.window.behind(at):
            return False
        return self.region is None or any(_place(verdict).startswith(self.region) for verdict in verdicts)


async def replay(
    source: Source, book: Book, partitions: Sequence[int], chosen: Chosen, told: Callable[[int], object] = lambda _: None
) -> Replayed:
    """Runs the requests of ``partitions`` through the road under ``book``. Raises DataLost where a log has gaps."""
    found = Replayed()
    for partition in partitions:
        async with aclosing(source.pieces(ROAD[0], partition)) as asked, aclosing(source.pieces(ROAD[-1], partition)) as settled:
            await _partition(found, Road(book), each(asked), kept(settled), chosen, told)
    return found


async def _partition(
    found: Replayed, road: Road, asked: AsyncIterator[Record], settled: AsyncIterator[Record], chosen: Chosen, told: Callable[[int], object]
) -> None:
    ids = Ids()
    async for request in asked:
        recorded = await anext(settled, None)
        told(1)
        if recorded is None:
            found.unanswered += 1
        elif chosen.person is None or request.key == chosen.person.encode():
            *_, now = road.run(_named(request, ids))
            ids.learn(recorded_in(recorded), recorded_in(now))
            _compare(found, request, recorded, now, chosen)


def _named(record: Record, ids: Ids) -> Record | Request:
    """A request that names what is on this road by an id that follows from a rulebook; any other one as it is."""
    if not any(name.encode() in record.value for name in NAMES):
        return record
    try:
        request = read_request(record, record.partition, topic_map().partitions)
    except Unreadable:
        return record
    mine = ids.on_this_road(request.body)
    return record if mine is request.body else request.naming(mine)


def _compare(found: Replayed, request: Record, recorded: Record, now: Record, chosen: Chosen) -> None:
    if recorded.value == now.value and chosen.region is None:
        was = is_ = {}  # the same bytes need no reading
    else:
        was, is_ = _read(recorded.value), _read(now.value)
    if not chosen.tells(request, was, is_):
        return
    found.requests += 1
    fields = tuple(_fields("", _plain(was), _plain(is_)))
    types = _type(recorded), _type(now)
    if not fields and types[0] == types[1]:
        found.same += 1
        return
    found.types[types] += 1
    for name in AMOUNTS:
        found.amounts[name] += _amount(types[1], is_, name) - _amount(types[0], was, name)
    if len(found.told) < MAX_TOLD:
        id = (recorded.header("ce_requestid") or b"").decode("utf-8", "replace")
        found.told.append(Difference(id, request.partition, recorded.offset, *types, fields[:MAX_FIELDS]))


async def each(pieces: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Record]:
    """The records one by one."""
    async for piece in pieces:
        for record in piece:
            yield record


async def kept(pieces: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Record]:
    """Those of the last topic that count. Raises DataLost where it has gaps."""
    log = Kept()
    try:
        async for record in each(pieces):
            if log.feed(record.offset, record.headers):
                yield record
    except Gap as gap:
        raise DataLost(f"{ROAD[-1]}: {gap}; 先用 yibao audit verify 核对 / verify it first") from None


def _read(value: bytes) -> dict[str, Any]:
    """The sections; empty where a recorded value is no object."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(value: Any) -> Any:
    """Without the names of those who decided."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in UNNAMED}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _fields(path: str, was: Any, is_: Any) -> list[tuple[str, Any, Any]]:
    """The leaves in which two values differ; nesting is bounded by what the models allow."""
    if was == is_:
        return []
    if isinstance(was, dict) and isinstance(is_, dict):
        names = dict.fromkeys((*was, *is_))
        return [one for name in names for one in _fields(f"{path}.{name}".lstrip("."), was.get(name), is_.get(name))]
    if isinstance(was, list) and isinstance(is_, list) and len(was) == len(is_):
        return [one for at, pair in enumerate(zip(was, is_, strict=True)) for one in _fields(f"{path}.{at}", *pair)]
    return [(path, was, is_)]


def _place(verdict: dict[str, Any]) -> str:
    """The place of insurance that a verdict names; empty where it names none."""
    insured = (verdict.get("checked") or {}).get("insured") or (verdict.get("settled") or {}).get("insured") or {}
    return str(insured.get("insuplc_admdvs", ""))


def _amount(type: str, verdict: dict[str, Any], name: str) -> int:
    """What a verdict pays: of one that settles, of mirrors and of what is settled again. A quote pays nothing."""
    settled = verdict.get("settled") or {}
    parts = [settled] if type.rpartition(".")[0] in SETTLES else [
        one.get(part) or {} for list_, part in (("undone", "mirror"), ("again", "settlement")) for one in settled.get(list_) or ()]
    return sum(found for one in parts if isinstance(found := one.get(name), int))


def _type(record: Record) -> str:
    return (record.header("ce_type") or b"").decode("utf-8", "replace").removeprefix("cn.yibao.")
