"""Child processes that do not outlive the guard, and the end of their logs."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None)  # loaded here: a child must not load anything between fork and exec
TAIL_LINES = 15
STOP_S = 10.0


@dataclass
class Server:
    """A running server: its name for messages, its process, its address and the log of this start."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    log_start: int

    def written(self) -> str:
        """What it has logged since this start."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            return file.read().decode("utf-8", "replace")

    def death(self) -> str | None:
        """None while it runs; afterwards why it ended: the code and the last lines of its log."""
        code = self.process.poll()
        if code is None:
            return None
        tail = "\n".join(self.written().splitlines()[-TAIL_LINES:])
        return f"{self.name} ended with code {code}. Last lines of {self.log}:\n{tail}"


def spawn(name: str, command: list[str], home: Path, port: int, lock: int) -> Server:
    """Start a server in `home`. It inherits `lock`, so the data folder stays locked until it is gone.

    Call it from the main thread: on Linux the child dies with the thread that started it.
    """
    log = home / f"{name.lower()}.log"
    with log.open("ab") as out:
        start = out.tell()
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a terminal goes to the guard, which stops them in order
            pass_fds=(lock,),
            preexec_fn=partial(die_with, os.getpid()) if sys.platform == "linux" else None,
        )
    return Server(name, process, port, log, start)


def environment() -> dict[str, str]:
    """UTF-8 whatever the terminal says, or Java cannot open a path with Chinese characters."""
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    return {**os.environ, "LC_ALL": locale}


def die_with(guard: int) -> None:
    """In the child, before its program starts: a guard killed with -9 takes its servers along (Linux)."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:  # it was gone before the line above
        os._exit(1)


def stop(servers: list[Server]) -> None:
    """Terminate all, wait for each, kill what does not end. Returns when none is left."""
    for server in servers:
        if server.process.poll() is None:
            server.process.terminate()
    for server in servers:
        try:
            server.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that are free now; they are held together, so they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
