"""What an error means for the process that meets it."""

import asyncio
import subprocess
import sys
from contextlib import suppress

import pytest
from aiokafka.errors import KafkaConnectionError
from redis.exceptions import ResponseError

from contracts.log import Gap
from policies.stage import BadState, DoesNotFit
from services.ledger.base import Damaged, Moved
from services.runtime import shell
from services.runtime.ending import ending
from services.runtime.exits import DataLost, Exit, Lost, Misconfigured, Unreachable

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
    monkeypatch.setattr(shell, "LEAVE_S", 0.05)
    async with asyncio.timeout(5):
        await shell._limited(deaf())
        await shell._limited(fails())
    end.set()
