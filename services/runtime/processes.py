"""Processes that work for this one. An interruption reaches them too; they end by it without a word, and this one tells of it."""

import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, resource_tracker
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def new_processes(count: int, ready: Callable[..., object], *of: Any) -> ProcessPoolExecutor:
    """At most ``count`` of them, which inherit nothing; each begins with ``ready(*of)``. ``given`` gives them work."""
    return ProcessPoolExecutor(count, get_context("spawn"), _begin, (ready, of))


def _begin(ready: Callable[..., object], of: tuple[Any, ...]) -> None:
    """In the new process: from here on an interruption ends it, at once; where whoever started the command had it pass over
    interruptions (``nohup``, a background job of a script), it passes over them too."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    ready(*of)


def given(processes: ProcessPoolExecutor, work: Callable[[T], R], to: Iterable[T]) -> list[Future[R]]:
    """What ``work`` makes of each, in order. The processes that start for it hear of an interruption when they are ready for it;
    this one right behind. To be called once for each pool.

    ``shutdown(cancel_futures=True)`` alone may cancel what is given: where a process has died, the pool fails on what others cancelled.
    """
    resource_tracker.ensure_running()  # to start it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        found = [processes.submit(work, one) for one in to]
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # All that will start have. Of a result that was half written when they were interrupted the rest would be waited for for ever, as
    # long as this process could write it itself.
    processes._result_queue._writer.close()
    return found
