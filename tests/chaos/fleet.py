"""The workers of a run: each started again when it ends, whatever ended it, until the run is over."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGCONT, SIGTERM

import psutil

from services.runtime.exits import Exit
from tests.chain.workers import Workers

BACK_OFF_S, WATCH_S, STOP_S = 0.3, 0.1, 15.0
EXPECTED = (Exit.STOPPED, Exit.LOST, Exit.UNREACHABLE)
"""How a worker may end: told to, or as the protocol's recovery does. Negative codes are signals: ours."""
MOST_TOLD = 20


class Fleet:
    """Processes by name. ``more``: what the next start of a name finds in its environment, and how often."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        self.workers = Workers(env, logs)
        self.wanted: dict[str, dict[str, str]] = {}
        self._once: dict[str, dict[str, str]] = {}
        self._ended_at: dict[str, float] = {}
        self.ends: Counter[str] = Counter()
        self.unexpected: list[str] = []

    def want(self, name: str, **env: str) -> None:
        """``name`` runs from now on, with ``env`` besides."""
        self.wanted[name] = env

    def once(self, name: str, **env: str) -> None:
        """The next start of ``name`` has ``env`` besides."""
        self._once[name] = env

    def kill(self, name: str) -> None:
        """kill -9, if it runs."""
        if name in self.workers.running:
            self.workers.kill(name)
            self.ends["killed"] += 1
            self._ended_at[name] = time.monotonic()

    def signal(self, name: str, number: int) -> bool:
        """Whether there was a process to send it to."""
        process = self.workers.running.get(name)
        if process is None or process.poll() is not None:
            return False
        process.send_signal(number)
        return True

    def pid(self, name: str) -> int | None:
        process = self.workers.running.get(name)
        return process.pid if process is not None and process.poll() is None else None

    def taken(self, name: str) -> set[int]:
        """The partitions that a worker has taken over since its last start; none before its first."""
        return self.workers.taken(name) if self.pid(name) else set()

    def ports(self, name: str) -> list[int]:
        """The local ports of the connections of a worker."""
        pid = self.pid(name)
        if pid is None:
            return []
        with suppress(psutil.Error):
            return [found.laddr.port for found in psutil.Process(pid).net_connections("tcp4") if found.raddr]
        return []

    async def watch(self) -> None:
        """Starts what is wanted and does not run. Never ends."""
        while True:
            self.look()
            await asyncio.sleep(WATCH_S)

    def look(self) -> None:
        """Buries what has ended; starts what is due."""
        for name, process in list(self.workers.running.items()):
            code = process.poll()
            if code is not None:
                del self.workers.running[name]
                self._ended_at[name] = time.monotonic()
                self._note(name, code)
        now = time.monotonic()
        for name, env in self.wanted.items():
            if name not in self.workers.running and now - self._ended_at.get(name, 0) >= BACK_OFF_S:
                self.workers.start(name, **{**env, **self._once.pop(name, {})})

    def _note(self, name: str, code: int) -> None:
        told = Exit(code).name.lower() if code in tuple(Exit) else f"signal {-code}" if code < 0 else f"code {code}"
        self.ends[told] += 1
        if code >= 0 and code not in EXPECTED and len(self.unexpected) < MOST_TOLD:
            self.unexpected.append(f"{name} ended with {told}: {self.workers.tail(name, 3)[-900:]}")

    async def stop(self, name: str) -> None:
        """SIGTERM; returns when the process is gone. A frozen one is woken first."""
        self.wanted.pop(name, None)
        if self.signal(name, SIGCONT):
            self.signal(name, SIGTERM)
        await self.gone(name, STOP_S)

    async def restart(self, name: str, **env: str) -> None:
        """SIGTERM, and a start with ``env``, which stays until the next ``want``."""
        if name in self.wanted:
            await self.stop(name)
            self.want(name, **env)

    async def gone(self, name: str, seconds: float) -> None:
        """Until the process that runs now has ended; kills it when the time is over."""
        process = self.workers.running.get(name)
        deadline = time.monotonic() + seconds
        while process is not None and process.poll() is None and self.workers.running.get(name) is process:
            if time.monotonic() > deadline:
                self.kill(name)
                return
            await asyncio.sleep(WATCH_S)

    async def stop_all(self) -> None:
        names, self.wanted = [*self.wanted, *self.workers.running], {}
        await asyncio.gather(*(self.stop(name) for name in set(names)))
        self.look()
