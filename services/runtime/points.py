"""Named places between two steps of a worker, where a test can end it as kill -9 does.

``YIBAO_CRASH_AT=NAME:N`` ends the process when it reaches the point NAME for the N-th time. Unset, as it is wherever claims
are settled, ``reach`` does nothing.
"""

import os
import signal
from collections.abc import Callable

VARIABLE = "YIBAO_CRASH_AT"

TAKEOVER = (
    "takeover.fenced", "takeover.repaired", "takeover.discarded", "takeover.trusted", "takeover.folded", "takeover.replayed",
    "takeover.placed",
)
BATCH = (
    "batch.counted", "batch.loaded", "batch.decided", "batch.sent", "batch.acknowledged", "batch.produced", "batch.applied",
    "batch.done", "commit.due", "commit.done",
)
BESIDE = ("courier.carried", "audit.told")
SEALS = ("audit.sealed",)
"""Reached where there is something to seal, which may take a while."""
POINTS = (*TAKEOVER, *BATCH, *BESIDE, *SEALS)
"""Every point, in the order in which a worker reaches them: those of a takeover, of a batch, of the courier and the audit."""


class Counter:
    """Counts how often its point is reached; the last time ends the process."""

    def __init__(self, name: str, count: int) -> None:
        self._name, self._left = name, count

    def __call__(self, name: str) -> None:
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def armed(text: str) -> Callable[[str], None]:
    """What ``reach`` is where the variable says ``text``. Raises ValueError for what is no NAME:N."""
    if not text:
        return nothing
    name, _, count = text.partition(":")
    if name not in POINTS or not count.isdigit() or int(count) < 1:
        raise ValueError(f"{VARIABLE}={text}: write NAME:N, N from 1, NAME one of {', '.join(POINTS)}")
    return Counter(name, int(count))


def nothing(name: str) -> None:
    """No point is armed."""


reach = armed(os.environ.get(VARIABLE, ""))
