"""Starts one worker in this process: settings, rulebook, topics, then the stage's own ``serve``."""

import asyncio
import faulthandler
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import structlog
from pydantic import ValidationError

from policies.book import BUILT_IN, Book, built_in, load
from policies.stage import Stage
from policies.tables import RulebookError
from services.ledger.redis import connect, evicting
from services.runtime import garbage
from services.runtime.ending import ending
from services.runtime.exits import Exit, Misconfigured
from services.runtime.logs import configure
from services.runtime.remedies import OF_EXIT
from services.runtime.rulebooks import Rulebooks, keep
from services.runtime.settings import NoStack, Settings, settings, what_is_wrong
from services.runtime.topics import check_topics
from services.runtime.worker import Worker

log = structlog.get_logger()

Serve = Callable[[Settings, Book], Awaitable[Exit]]
CLOSE_S = 10.0
"""What is left of a worker that has ended may take so long to end too."""


def run(serve: Serve, **given: object) -> None:
    """Runs ``serve`` to its end and exits with its code. ``given``: settings that go before those of the environment."""
    try:
        found = settings(**given)
        configure(found)
        sys.exit(int(_loop(_started(found, serve))))
    except (NoStack, ValidationError) as wrong:
        print(what_is_wrong(wrong) if isinstance(wrong, ValidationError) else wrong, file=sys.stderr)
        sys.exit(int(Exit.CONFIGURATION))


def deciding(make: Callable[[Book], Stage]) -> Serve:
    """What a deciding worker serves: its stage, in the one shell."""

    async def serve(found: Settings, book: Book) -> Exit:
        telling = asyncio.create_task(_told_of_eviction(found))  # nobody waits for it: a Redis that is silent is told by the worker
        try:
            return await Worker(found, make(book), book.digest).run()
        finally:
            telling.cancel()

    return serve


def rulebook(found: Settings) -> Book:
    """The rulebook that the settings name. Where rulebooks are kept, it is before anything is decided by it, and knows the others.

    Raises RulebookError, Misconfigured.
    """
    if found.rulebooks is None:
        return load(found.rulebook) if found.rulebook else built_in()
    try:
        book, _ = keep(found.rulebook or BUILT_IN, found.rulebooks)
    except OSError as error:
        raise Misconfigured(f"YIBAO_RULEBOOKS {found.rulebooks}: 不能在此存放规则库，给予写权限，或先用 `yibao rules keep` 存入 / the rulebook cannot be kept "
                            f"there ({error.strerror}); allow to write it, or keep it with `yibao rules keep` first") from None
    return Rulebooks(found.rulebooks, lambda what: log.error("rulebook not at hand", why=what)).around(book)


async def _told_of_eviction(found: Settings) -> None:
    """What is thrown away is noticed and folded anew, over and over where the server is full: nothing is wrong by it, and little goes on."""
    async with aclosing(connect(found.redis, socket_timeout_seconds=found.redis_timeout_s)) as redis:
        if policy := await evicting(redis):
            log.warning("redis evicts", why=f"maxmemory-policy 为 {policy}，写满时会丢掉状态，一再重新折叠：设为 noeviction / maxmemory-policy is "
                        f"{policy}: when it is full it throws states away, which are folded anew again and again; set noeviction")


async def _started(found: Settings, serve: Serve) -> Exit:
    try:
        book = rulebook(found)
        garbage.seldom()
        if problems := await check_topics(found):
            raise Misconfigured("; ".join(problems))
        return await serve(found, book)
    except RulebookError as error:
        log.error("rulebook refused", problems=error.problems)
        return Exit.CONFIGURATION
    except Exception as error:
        code, why = ending(error)
        log.error("worker could not start", code=int(code), exit=code.name, why=why, remedy=OF_EXIT[code])
        return code


def _loop(work: Awaitable[Exit]) -> Exit:
    """Runs ``work``. A task that cannot be cancelled must not keep the process: nobody would start it again. It ends with 1 then,
    and says on standard error where it stood."""
    try:
        import uvloop
    except ImportError:
        code = asyncio.run(_closing(work))
    else:
        code = uvloop.run(_closing(work))
    faulthandler.cancel_dump_traceback_later()
    return code


async def _closing(work: Awaitable[Exit]) -> Exit:
    code = await work
    faulthandler.dump_traceback_later(CLOSE_S, exit=True)
    return code
