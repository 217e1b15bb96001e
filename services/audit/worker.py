"""The fifth worker: all five topics of the road -> ``yibao.found``, ``yibao.dead`` and ``yibao.sealed``.

Checks laws 1 to 4 and completeness (policies.chain, policies.continuity). It decides nothing and is in nobody's way.
Start it with ``yibao worker audit``; start more of it to share the partitions.
"""

import asyncio
import os

from contracts.topics import topic_map
from policies.book import Book
from services.audit.auditor import Auditor
from services.audit.sealing import Sealing
from services.audit.signing import Signer
from services.runtime.exits import Exit
from services.runtime.kafka import KafkaLog
from services.runtime.main import run
from services.runtime.part import Part
from services.runtime.settings import Settings
from services.runtime.shell import Shell

NICE = 10
"""Where it shares processors with the workers that decide, they go first: somebody waits for a verdict, nobody for its audit."""


class AuditWorker(Shell):
    """Follows ``yibao.settled``; an Auditor a partition reads the rest."""

    MIN_BYTES, WAIT_MS = 32_000, 500

    def __init__(self, settings: Settings) -> None:
        self._signer = Signer(settings.seal_key) if settings.seal_key is not None else None  # before anything is opened: it may fail
        self._logs: dict[Part, list[KafkaLog]] = {}
        super().__init__(settings, "audit", topic_map().road[-1].name)

    async def take(self, partition: int) -> Part:
        road = [
            self.log_of(topic.name, partition, fetch_bytes=self.MIN_BYTES, min_bytes=self.MIN_BYTES, wait_ms=self.WAIT_MS)
            for topic in topic_map().road
        ]
        found, dead, sealed = (self.log_of(name, partition, write=True) for name in ("yibao.found", "yibao.dead", "yibao.sealed"))
        sealing = Sealing(self.settings.seal_every, self._signer, self.settings.seal_s)
        auditor = Auditor(road, found, dead, self.ledger(partition), self.settings.late_s, sealed=(sealed, sealing))
        self._logs[auditor] = [*road, sealed]
        try:
            await auditor.takeover()
            await road[-1].close()  # it is delivered from now on
            await sealed.close()  # read for the last seal alone
        except BaseException:
            await self.release(auditor)
            raise
        return auditor

    async def release(self, part: Part) -> None:
        await asyncio.gather(*(log.close() for log in self._logs.pop(part, ())))


async def serve(settings: Settings, book: Book) -> Exit:
    """Works until it is told to stop. No law that is checked here needs the rulebook."""
    os.nice(NICE)
    return await AuditWorker(settings).run()


if __name__ == "__main__":
    run(serve)
