"""Processes that work for another one, and that end in the middle of it."""

import os
import signal
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from services.runtime.processes import given, new_processes

LARGE = 20_000_000


def nothing() -> None:
    """The processes need no preparation."""


def dying(_: int) -> bytes:
    """Ends its process while what it returns is being written: the pipe holds 64 kB of it."""
    main = threading.main_thread().ident or 0

    def watch() -> None:
        while sys._current_frames()[main].f_code.co_name != "_send":
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    return bytes(LARGE)


def test_a_result_that_is_half_written_is_not_waited_for() -> None:
    pool = new_processes(1, nothing)
    (result,) = given(pool, dying, [0])
    with pytest.raises(BrokenProcessPool):
        result.result(timeout=30)
    pool.shutdown()
