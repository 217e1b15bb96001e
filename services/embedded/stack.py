"""Kafka and Valkey from Python: `with Stack.start(folder) as stack: ... stack.kafka, stack.redis`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from .errors import DataInUse, EmbeddedError, EmbeddedMissing
from .jars import Say, cache_dir, ensure_jars

GUARD = "services.embedded.guard"
STOP_S = 30.0  # longer than the guard gives its two servers


def quiet(text: str) -> None:
    """Say nothing."""


class Stack:
    """Both servers, owned by a guard process that stops them when this process ends, however it ends.

    `kafka` is the bootstrap address (host:port), `redis` the URL. The folder keeps the data; whoever named it
    removes it.
    """

    def __init__(self, guard: "subprocess.Popen[str]", report: dict[str, str | int]) -> None:
        self.guard = guard
        self.kafka = str(report["kafka"])
        self.redis = str(report["redis"])
        self.guard_pid = int(report["guard_pid"])
        self.kafka_pid = int(report["kafka_pid"])
        self.redis_pid = int(report["redis_pid"])
        self.reason: str | None = None
        self.stopped = False

    @classmethod
    def start(cls, data: Path, say: Say = quiet) -> "Stack":
        """Start both on `data` (made if absent) and return when both answer.

        Raises EmbeddedMissing without the extra and EmbeddedError, with the last lines of the log, otherwise.
        """
        ensure_jars(cache_dir(), say)  # here and not only in the guard, so that `say` hears of a download
        data.mkdir(parents=True, exist_ok=True)
        guard = spawn_guard(data.absolute())
        try:
            return cls(guard, read_report(guard))
        except BaseException:
            end(guard)
            raise

    def failure(self) -> str | None:
        """None while both run and after `stop`; the reason when they ended otherwise."""
        if self.stopped or self.guard.poll() is None:
            return None
        if self.reason is None:
            self.reason = (f"内置服务器已结束（退出码 {self.guard.returncode}）；数据还在：看磁盘是否已满，再运行 `yibao up` / The embedded servers ended "
                           f"(code {self.guard.returncode}); the data stay: is the disk full? Then run `yibao up` again. {reason(self.guard)}")
        return self.reason

    def stop(self) -> None:
        """Stop both and wait until they are gone. May be called again."""
        self.stopped = True
        end(self.guard)

    def __enter__(self) -> "Stack":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def spawn_guard(data: Path) -> "subprocess.Popen[str]":
    """Start the guard in its own session: Ctrl-C reaches this process, which stops it in order."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", GUARD, str(data)],  # -P: no package of the working folder in our place
        env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def read_report(guard: "subprocess.Popen[str]") -> dict[str, str | int]:
    """The guard's one line. It has a time limit of its own: it prints or it ends."""
    assert guard.stdout is not None
    line = guard.stdout.readline()
    if line:
        return json.loads(line)
    code = guard.wait()
    kinds = {kind.exit_code: kind for kind in (EmbeddedMissing, DataInUse)}
    raise kinds.get(code, EmbeddedError)(reason(guard) or f"The guard ended with code {code}.")


def reason(guard: "subprocess.Popen[str]") -> str:
    """What an ended guard wrote on standard error."""
    assert guard.stderr is not None
    return guard.stderr.read().strip()


def end(guard: "subprocess.Popen[str]") -> None:
    """Close the pipe and wait. A guard that does not end is killed, which on Linux kills its servers."""
    assert guard.stdin is not None
    guard.stdin.close()
    try:
        guard.wait(STOP_S)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
