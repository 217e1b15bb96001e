"""What FastStream does not do when a consumer fails: here each error ends the process, or is mended."""

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError, NoOffsetForPartitionError

from services.runtime.ending import ending
from services.runtime.exits import Exit
from services.runtime.kafka import named
from services.runtime.portions import Records, handed
from services.runtime.tolerant import read_any_header_name

POLL_MS = 1000
"""How long one call waits for records; they are handed on as soon as they come."""


def guard(
    consumer: AIOKafkaConsumer, topic: str, seek: Callable[[], None], end: Callable[[Exit, str], None], hand: Callable[[bool], None]
) -> None:
    """FastStream logs a KafkaError and goes on for ever, and on others stops consuming: here each calls ``end``.

    It answers with records; with none only behind an error that it mended. ``seek`` goes back to where each partition stands.
    ``hand`` is told when records are handed on, and that they were worked on: only then it is asked for more.
    """
    getmany = consumer.getmany
    behind: Exception | None = None

    async def guarded(*partitions: TopicPartition, timeout_ms: int = 0, max_records: int = 1) -> Records:
        nonlocal behind
        hand(False)
        try:
            if behind is not None:
                raise behind
            found: Records = {}
            while not found:  # behind an empty answer FastStream sleeps for its timeout, deaf to what comes
                found, behind = await handed(getmany, *partitions, timeout_ms=POLL_MS, max_records=max_records)
            hand(True)
            return found
        except NoOffsetForPartitionError:  # asked for before the takeover sought its place
            await asyncio.sleep(0.05)
            behind = None
            return {}
        except UnicodeDecodeError:  # what was fetched with the failing record is lost to aiokafka: fetch it again
            behind = None
            read_any_header_name()
            seek()
            return {}
        except ConsumerStoppedError:
            raise
        except Exception as error:
            end(*ending(named(error, topic) if isinstance(error, KafkaError) else error))
            await asyncio.sleep(3600)
            return {}

    consumer.getmany = guarded  # type: ignore[method-assign]
