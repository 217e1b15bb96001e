"""Waits until requests that were just published have their terminal verdicts on ``yibao.settled``."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from rich.console import Group

from contracts.envelope import Record
from contracts.events.reversal import Reversed
from contracts.log import Kept
from contracts.money import yuan
from contracts.topics import topic_map
from contracts.wire import SECTIONS, Event, event_of
from policies.verdict import BILLS
from services.cli.console import Table
from services.cli.search import LAST, PIECE, Logs, trusted
from services.ledger.redis import RedisLedger, connect
from services.runtime.exits import Unreachable
from services.runtime.settings import Settings

SETTLEMENT = "settlement"
SHOWN = 20
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """One terminal verdict in short. ``paid``: total, funds, account, cash in fen where it was settled or quoted."""

    event: Event
    paid: tuple[int, int, int, int] | None
    reasons: tuple[str, ...]

    @property
    def request_id(self) -> str:
        return self.event.attributes.request_id

    @property
    def type(self) -> str:
        return self.event.type

    def as_object(self) -> dict[str, Any]:
        names = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
        amounts = dict(zip(names, self.paid, strict=True)) if self.paid else {}
        return {"id": self.request_id, "type": self.type, "reasons": list(self.reasons), **amounts}


class Awaited:
    """Reads the last topic from where it stood before the requests were published."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._logs = settings, Logs(settings)
        self._places: dict[int, Kept] = {}

    async def start(self) -> None:
        """Remembers where each partition stands: call it before publishing."""
        self._places = {p: Kept() for p in range(topic_map().partitions)}
        if self._settings.redis:
            await self._known()
        await asyncio.gather(*(self._to_the_end(p) for p in self._places))

    async def _known(self) -> None:
        """Redis knows where to begin; without its address the logs are read whole."""
        async with aclosing(connect(self._settings.redis, socket_timeout_seconds=self._settings.redis_timeout_s)) as redis:
            for p in self._places:
                self._places[p] = await trusted(self._logs.at(LAST, p), RedisLedger(redis, SETTLEMENT, p, self._settings.prefix))

    async def all(self, ids: Sequence[tuple[int, str]], limit: float) -> list[Verdict]:
        """The verdicts of ``ids`` (partition, request id), in that order; fewer where ``limit`` seconds are not enough."""
        found: dict[tuple[int, str], list[Verdict]] = {}
        try:
            async with asyncio.timeout(limit):
                await asyncio.gather(*(self._partition(p, Counter(i for q, i in ids if q == p), found) for p in {p for p, _ in ids}))
        except TimeoutError:
            pass
        return [found[key].pop(0) for key in ids if found.get(key)]

    async def close(self) -> None:
        await self._logs.close()

    async def _to_the_end(self, partition: int) -> None:
        log, kept = self._logs.at(LAST, partition), self._places[partition]
        _, end = await log.bounds()
        while kept.next < end and (records := await log.read(kept.next, PIECE)):
            for record in records:
                kept.feed(record.offset, record.headers)

    async def _partition(self, partition: int, missing: Counter[str], found: dict[tuple[int, str], list[Verdict]]) -> None:
        log, kept = self._logs.at(LAST, partition), self._places[partition]
        while missing.total():
            records: list[Record] = []
            with suppress(Unreachable):  # a broker that is slow for a while; the limit ends the wait
                records = await log.read(kept.next, PIECE)
            for record in records:
                id = (record.header("ce_requestid") or b"").decode("utf-8", "replace")
                if kept.feed(record.offset, record.headers) and missing[id]:
                    missing[id] -= 1
                    found.setdefault((partition, id), []).append(_verdict(event_of(record)))
            if not records:
                await asyncio.sleep(PAUSE_S)


PAID = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
"""What a verdict pays; one that undoes settlements: all that it takes back and settles again, added up."""


def _verdict(event: Event) -> Verdict:
    settled = getattr(event.body, "settled", None)
    found = [settled] if event.type in BILLS else []
    if isinstance(settled, Reversed):
        found = [*(one.mirror for one in settled.undone), *(again.settlement for again in settled.again)]
    paid = tuple(sum(getattr(one, name) for one in found) for name in PAID) if found else None
    sections = [section for name in SECTIONS.values() if (section := getattr(event.body, name, None)) is not None]
    reasons = tuple(why.code for section in sections[-1:] for why in section.reasons)
    return Verdict(event, paid, reasons)


def verdict_rows(verdicts: Sequence[Verdict]) -> Group:
    """The first verdicts, and how many there are of each type."""
    table = Table(title="终局结论 / terminal verdicts (元 / yuan)")
    for title in ("请求\nrequest", "结论\nverdict"):
        table.add_column(title, overflow="fold")
    for title in ("总额\ntotal", "基金\nfunds", "账户\naccount", "现金\ncash"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("原因\nreasons", overflow="fold")
    for verdict in verdicts[:SHOWN]:
        amounts = map(yuan, verdict.paid) if verdict.paid else ("", "", "", "")
        table.add_row(verdict.request_id, verdict.type, *amounts, ", ".join(verdict.reasons), style="yellow" if verdict.reasons else None)
    counts = ", ".join(f"{name} {count}" for name, count in sorted(Counter(v.type for v in verdicts).items()))
    return Group(table, f"共 / in all {len(verdicts)}: {counts}")
