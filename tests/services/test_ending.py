"""What an error means for the process that meets it."""

import asyncio
import subprocess
import sys
from contextlib import suppress

import pytest
import redis
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InvalidSessionTimeoutError,
    KafkaConnectionError,
    OffsetOutOfRangeError,
    UnknownTopicOrPartitionError,
    for_code,
)
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)

from contracts.log import Gap
from policies.stage import BadState, DoesNotFit
from services.ledger.base import Damaged, Moved
from services.runtime import ending as module
from services.runtime.ending import ending, limited
from services.runtime.exits import DataLost, Exit, Lost, Misconfigured, Unreachable
from services.runtime.remedies import OF_EXIT
from tests.policies.languages import english

NOWHERE = (None, None, None, None)
FULL = "MISCONF Errors writing to the AOF file: No space left on device"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Lost("x"), Exit.LOST), (Moved("filing", 0, NOWHERE, NOWHERE), Exit.LOST), (Gap(1, 3), Exit.LOST),
        (Unreachable("x"), Exit.UNREACHABLE), (KafkaConnectionError("x"), Exit.UNREACHABLE), (ResponseError(FULL), Exit.UNREACHABLE),
        (ConnectionResetError("x"), Exit.UNREACHABLE), (TimeoutError(), Exit.UNREACHABLE),
        (Misconfigured("x"), Exit.CONFIGURATION),
        (DataLost("x"), Exit.DATA), (DoesNotFit("x"), Exit.DATA), (BadState("x"), Exit.DATA), (Damaged("p", "s", "x"), Exit.DATA),
        (RuntimeError("x"), Exit.UNEXPECTED), (KeyError("x"), Exit.UNEXPECTED),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else one.name,
)
def test_each_error_has_its_exit(error: Exception, code: Exit) -> None:
    assert ending(error)[0] is code


@pytest.mark.parametrize(
    ("error", "code", "zh", "en"),
    [
        (OutOfMemoryError("command not allowed"), Exit.UNREACHABLE, "已写满", "raise maxmemory"),
        (ReadOnlyError("x"), Exit.UNREACHABLE, "只读副本", "YIBAO_REDIS must name the primary"),
        (AuthenticationError("invalid username-password pair"), Exit.CONFIGURATION, "口令", "password are missing in YIBAO_REDIS"),
        (NoPermissionError("x"), Exit.CONFIGURATION, "权限", "the user in YIBAO_REDIS"),
        (ResponseError("DB index is out of range"), Exit.CONFIGURATION, "库号", "no such database as YIBAO_REDIS"),
        (MovedError("14819 127.0.0.1:17102"), Exit.CONFIGURATION, "集群", "a node of a cluster"),
        (BusyLoadingError("x"), Exit.UNREACHABLE, "读入", "loads its data"),
        (ResponseError(FULL), Exit.UNREACHABLE, "磁盘", "is its disk full"),
        (redis.exceptions.TimeoutError("Timeout reading from h:1"), Exit.UNREACHABLE, "网络", "whether Redis runs, the network, and YIBAO_REDIS"),
        (KafkaConnectionError("x"), Exit.UNREACHABLE, "网络", "whether the brokers run, the network, and YIBAO_KAFKA"),
        (InvalidSessionTimeoutError(), Exit.CONFIGURATION, "允许", "YIBAO_SESSION_TIMEOUT_MS is not within"),
        (OffsetOutOfRangeError({}), Exit.DATA, "截断", "was the topic truncated"),
        (UnknownTopicOrPartitionError(), Exit.CONFIGURATION, "没有这个主题", "run `yibao topics`"),
        (GroupAuthorizationFailedError("g"), Exit.CONFIGURATION, "权限", "yibao acl"),
        (for_code(19)(), Exit.UNREACHABLE, "副本", "in sync"), *((for_code(number)(), Exit.UNREACHABLE, "磁盘", "disk") for number in (-1, 56, 57)),
        (for_code(45)(), Exit.LOST, "次序", "order"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else None,
)
def test_what_a_server_says_is_told_with_what_to_do_in_both_languages(error: Exception, code: Exit, zh: str, en: str) -> None:
    found, why = ending(error)
    told_zh, _, told_en = why.partition(f"{error}; ")[2].partition(" / ")
    assert (found, zh in told_zh, en in told_en) == (code, True, True), why


def test_a_time_that_ran_out_is_told_although_its_error_says_nothing() -> None:
    assert ending(TimeoutError()) == (Exit.UNREACHABLE, "TimeoutError: 没有及时应答 / no answer in time")


@pytest.mark.parametrize("code", [code for code in Exit if code is not Exit.STOPPED])
def test_every_end_has_its_remedy_in_both_languages(code: Exit) -> None:
    assert english(OF_EXIT[code])


def test_a_log_for_the_console_shows_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    """A diagnosis in a variable of a function that fails does not stand in what is logged of it."""
    code = (
        "import structlog; from services.runtime.logs import configure; from services.runtime.settings import Settings\n"
        "configure(Settings(log_format='console'))\n"
        "def f():\n secret = 'J06.900'; return int(secret[:1])\n"
        "try:\n f()\nexcept ValueError as error:\n structlog.get_logger().error('told', exc_info=error)")
    subprocess.run([sys.executable, "-c", code], check=True)
    told = capfd.readouterr().err
    assert "ValueError" in told and "06.900" not in told


def test_a_connection_that_closed_while_it_was_written_to_is_a_server_out_of_reach() -> None:
    """uvloop says so with a RuntimeError, which aiokafka hands on as it is."""
    uvloop = pytest.importorskip("uvloop")

    async def used_after_its_end() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.transport.abort()
        await asyncio.sleep(0.1)
        server.close()
        writer.write(b"too late")

    with pytest.raises(RuntimeError) as raised:
        uvloop.run(used_after_its_end())
    assert ending(raised.value)[0] is Exit.UNREACHABLE


DEAF = """
import asyncio
from services.runtime import main
from services.runtime.exits import Exit

async def deaf():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

async def work(deaf_one):
    task = asyncio.create_task(deaf_one())
    await asyncio.sleep(0)
    work.task = task
    return Exit.LOST

main.CLOSE_S = {seconds}
raise SystemExit(main._loop(work({coroutine})))
"""


@pytest.mark.parametrize(
    ("coroutine", "seconds", "code", "said"),
    [("deaf", 0.3, 1, "Timeout (0:00:00.3"), ("lambda: asyncio.sleep(60)", 20, int(Exit.LOST), "")],
)
def test_a_task_that_cannot_be_cancelled_does_not_keep_the_process(coroutine: str, seconds: float, code: int, said: str) -> None:
    text = DEAF.format(coroutine=coroutine, seconds=seconds)
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=30)
    assert (found.returncode, found.stderr.startswith(said)) == (code, True), found.stderr


async def test_what_is_only_polite_is_left_when_it_loses_its_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await end.wait()

    async def fails() -> None:
        raise OSError("away")

    end = asyncio.Event()
    monkeypatch.setattr(module, "LEAVE_S", 0.05)
    async with asyncio.timeout(5):
        await limited(deaf())
        await limited(fails())
    end.set()
