"""Keeps workers running as child processes, as ``yibao up`` and ``yibao demo`` need it.

Ending is the protocol's normal recovery: lost ownership and unreachable servers are retried for ever, after a random
back-off. Only five ends in a row with another error (configuration, data, unforeseen) make it give up, with the log's last lines. A
worker that was stopped by its brake is left stopped, and that is said: the others go on.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime.exits import Exit

STAGES = ("filing", "eligibility", "pricing", "settlement", "audit", "courier")
BACK_OFF_S = (0.5, 10.0)
GIVE_UP_AFTER = 5
SETTLED_S = 30.0
"""A worker that ran so long is well again: earlier ends no longer count."""
STOP_S = 13.0


@dataclass(slots=True)
class Child:
    """One worker process and what is known of its ends."""

    stage: str
    number: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    restarts: int = 0
    halted: bool = False


@dataclass(slots=True)
class Supervisor:
    """Starts ``replicas`` workers a stage and keeps them up until ``stop``."""

    env: Mapping[str, str]
    logs: Path
    replicas: Mapping[str, int] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """Port of the probe of each worker, by its name (``settlement-0``); no probe where there is none."""
    say: Callable[[str], None] = print
    children: list[Child] = field(default_factory=list)
    gave_up: str | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts all workers, and the thread that watches them."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for stage in STAGES:
            for number in range(self.replicas.get(stage, 1)):
                self.children.append(Child(stage, number, self.logs / f"{stage}-{number}.log"))
        for child in self.children:
            self._spawn(child)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tells all workers to stop, waits, and kills what does not. Can be called again."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(0.1) and self.gave_up is None:
            for child in self.children:
                if child.process is None:
                    if not child.halted and time.monotonic() >= child.restart_at:
                        child.restarts += 1
                        self._spawn(child)
                elif child.process.poll() is not None:
                    self._ended(child, child.process.returncode)

    def _spawn(self, child: Child) -> None:
        port = self.ports.get(f"{child.stage}-{child.number}")
        env = {**self.env, **({"YIBAO_METRICS_PORT": str(port)} if port else {})}
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, "-P", "-m", f"services.{child.stage}.worker"], env=env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent,
            )
        child.started = time.monotonic()

    def _ended(self, child: Child, code: int) -> None:
        lasted = time.monotonic() - child.started
        child.process = None
        if code == Exit.BRAKE:
            child.halted = True
            self.say(f"{child.stage}-{child.number}: 已制动，不再重启 / stopped by its brake, not started again\n{last_lines(child.log, 1)}")
            return
        passing = code < 0 or code in (Exit.STOPPED, Exit.LOST, Exit.UNREACHABLE)
        child.failures = 0 if passing or lasted > SETTLED_S else child.failures + 1
        if child.failures >= GIVE_UP_AFTER:
            self.gave_up = (
                f"{child.stage}: {GIVE_UP_AFTER} 次连续失败（退出码 {code}） / ended {GIVE_UP_AFTER} times in a row (code {code})\n"
                f"{last_lines(child.log)}"
            )
        least, most = BACK_OFF_S
        child.restart_at = time.monotonic() + random.uniform(least, min(most, least * 2 ** (child.failures + 1)))


def die_with_parent() -> None:
    """In the child: the kernel ends it when its parent goes, however it goes (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def last_lines(path: Path, count: int = 8) -> str:
    """The last lines of a log, each cut."""
    try:
        with path.open(errors="replace") as log:
            return "".join(line[:400] for line in deque(log, count))
    except OSError:
        return ""


KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "67108864", "MALLOC_MMAP_THRESHOLD_": "33554432"}
"""Of the C library on Linux: what a batch took is kept for the next one. Given back and asked for again it was 20 page faults a request
over all workers, and not 7; docker-compose.yml says the same."""


def worker_env(kafka: str, redis: str, **more: str) -> dict[str, str]:
    """The environment of a worker on a stack at these addresses."""
    return {**KEEP_MEMORY, **os.environ, "YIBAO_KAFKA": kafka, "YIBAO_REDIS": redis, **more}
