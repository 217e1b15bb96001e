"""Which exit an error means."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from contracts.log import Gap
from policies.stage import BadState, DoesNotFit
from services.ledger.base import Damaged, Moved
from services.runtime.exits import Ending, Exit, Lost
from services.runtime.kafka import named
from services.runtime.remedies import of_redis

CLOSED = "the handler is closed"
"""How uvloop ends its RuntimeError when somebody writes to a connection that has closed in between."""
LEAVE_S = 2.0
log = structlog.get_logger()


def ending(error: BaseException) -> tuple[Exit, str]:
    """The exit that an error means, and why."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, KafkaError):
        error = named(error, "Kafka")
    if isinstance(error, RedisError):
        error = of_redis(error)
    if isinstance(error, Ending):
        return error.code, str(error)
    if isinstance(error, Moved):
        return Exit.LOST, text
    if isinstance(error, Gap):
        return Lost.code, text
    if isinstance(error, DoesNotFit | BadState | Damaged):
        return Exit.DATA, text
    if isinstance(error, TimeoutError) and not str(error):
        return Exit.UNREACHABLE, f"{text}没有及时应答 / no answer in time"
    if isinstance(error, TimeoutError | OSError):
        return Exit.UNREACHABLE, text
    if isinstance(error, RuntimeError) and str(error).endswith(CLOSED):
        return Exit.UNREACHABLE, text
    log.error("unexpected error", exc_info=error)
    return Exit.UNEXPECTED, text


def log_level(code: Exit) -> int:
    """The level of the line that tells it."""
    return 20 if code is Exit.STOPPED else 30 if code.retried_for_ever else 40


async def limited(work: Awaitable[Any]) -> None:
    """Something that is only polite, within a time limit: also where it loses its cancellation, and where a producer sends for ever what
    no broker takes."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task], timeout=LEAVE_S)
    task.cancel()
    if task.done() and not task.cancelled():
        task.exception()
