"""Workers as real processes: started, stopped, killed, frozen, and known by their exit codes and logs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.cli.supervise import die_with_parent, last_lines
from services.runtime.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 15.0


class Workers:
    """Processes by name: ``settlement-0`` is the first one of the stage ``settlement``."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self._env = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", **env}
        self._logs = logs
        self._starts: dict[str, int] = {}
        """How long the log of a name was when its process was last started."""
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended: list[tuple[str, int]] = []
        """Every end that nobody asked for by ``stop``, with its code (negative: the signal)."""

    def given(self, **env: str) -> None:
        """Variables of the processes that are started from now on."""
        self._env |= env

    def start(self, *names: str, **env: str) -> None:
        """``env``: for these processes alone."""
        for name in names:
            stage = name.partition("-")[0]
            with self._path(name).open("ab") as log:
                self._starts[name] = log.tell()
                self.running[name] = subprocess.Popen(
                    [sys.executable, "-P", "-m", f"services.{stage}.worker"], env={**self._env, **env}, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, preexec_fn=die_with_parent,
                )

    def stop(self, *names: str) -> dict[str, tuple[int, float]]:
        """SIGTERM; the exit code of each and the seconds that it took. A process that does not end is killed: code -9."""
        started = time.monotonic()
        processes = {name: self.running.pop(name) for name in names or tuple(self.running)}
        for process in processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        return {name: (_ended(process), time.monotonic() - started) for name, process in processes.items()}

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        self.ended.append((name, process.wait()))

    def freeze(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGSTOP)

    def wake(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGCONT)

    def revive(self) -> None:
        """Starts again what ended as the protocol's recovery does; any other end fails the test."""
        for name, process in list(self.running.items()):
            code = process.poll()
            if code is None:
                continue
            self.ended.append((name, code))
            assert code in (Exit.LOST, Exit.UNREACHABLE), f"{name} ended with {code}:\n{self.tail(name)}"
            self.start(name)

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.running.items()}

    def told(self, name: str, event: str) -> list[dict[str, Any]]:
        """The lines ``event`` of a worker's log since it was last started."""
        with self._path(name).open("rb") as log:
            log.seek(self._starts[name])
            lines = map(_json, log.read().decode("utf-8", "replace").splitlines())
            return [line for line in lines if line.get("event") == event]

    def taken(self, name: str) -> set[int]:
        """The partitions that a worker has taken over since it was last started."""
        return {line["partition"] for line in self.told(name, "takeover")}

    def tail(self, name: str, lines: int = 12) -> str:
        return last_lines(self._path(name), lines)

    def tails(self) -> str:
        """The end of every worker's log."""
        return "\n".join(f"--- {path.stem}\n{last_lines(path)}" for path in sorted(self._logs.glob("*.log")))

    def _path(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
