"""The sixth worker: ``yibao.settled`` -> ``yibao.requested``.

Publishes the requests that follow from verdicts on other persons' roads (policies.courier). It decides nothing.
Start it with ``yibao worker courier``; start more of it to share the partitions.
"""

import asyncio

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.topics import topic_map
from policies.book import Book
from services.courier.courier import Courier
from services.runtime.exits import Exit, Unreachable
from services.runtime.kafka import named
from services.runtime.main import run
from services.runtime.part import Part
from services.runtime.settings import Settings
from services.runtime.shell import Shell

REQUESTED, SETTLED = topic_map().road[0].name, topic_map().road[-1].name


class CourierWorker(Shell):
    """Follows ``yibao.settled``; a Courier a partition. What the shell commits is the place to go on from."""

    MIN_BYTES = 2_000

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "courier", SETTLED)

    async def take(self, partition: int) -> Part:
        settled = self.log_of(SETTLED, partition)
        requested = [self.log_of(REQUESTED, p, write=True) for p in range(topic_map().partitions)]
        courier = Courier(settled, requested, await self._place(partition))
        try:
            await courier.takeover()
        finally:  # it is delivered from now on
            await settled.close()
        return courier

    async def _place(self, partition: int) -> int | None:
        """The offset that the group has committed. Raises Unreachable."""
        place = TopicPartition(self.settings.topic(SETTLED), partition)
        try:
            async with asyncio.timeout(self.settings.send_timeout_s):
                return await self._consumer.committed(place)
        except TimeoutError:
            raise Unreachable(f"{place.topic}/{partition}: no committed offset within {self.settings.send_timeout_s} s") from None
        except KafkaError as error:
            raise named(error, f"{place.topic}/{partition}") from error


async def serve(settings: Settings, book: Book) -> Exit:
    """Works until it is told to stop. What is carried does not depend on the rulebook."""
    return await CourierWorker(settings).run()


if __name__ == "__main__":
    run(serve)
