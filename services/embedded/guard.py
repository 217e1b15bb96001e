"""The process that owns both servers: `python -m services.embedded.guard DATA_DIR`.

Prints one JSON line when both answer, and stops them when its standard input ends, on SIGTERM or SIGINT, or
when its parent is gone, however it went. Ends with code 1 and the reason when one of them dies.
"""

import fcntl
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import IO

from . import kafka, valkey
from .errors import DataInUse, EmbeddedError, FilesDamaged, PortTaken
from .jars import cache_dir, ensure_jars
from .process import Server, free_ports, stop
from .ready import wait_kafka, wait_valkey

ATTEMPTS = 5
WATCH_S = 0.1
DYING_S = 3.0


class Guard:
    """One data folder, its lock, and the two servers on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.parent = os.getppid()
        self.ending = threading.Event()

    def run(self) -> None:
        """Start, report, watch, stop. Raises EmbeddedError with the reason when it ends on its own."""
        jars = ensure_jars(cache_dir(), say)
        self.data.mkdir(parents=True, exist_ok=True)
        with lock(self.data) as held:
            self.listen()
            servers = self.start(jars, held.fileno())
            try:
                sign(held, os.getpid(), *(server.process.pid for server in servers))
                print(json.dumps(report(*servers)), flush=True)
                self.watch(servers)
            finally:
                stop(servers)

    def listen(self) -> None:
        """From here on signals and the end of standard input ask for the end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.on_signal)
        threading.Thread(target=self.read_to_end, daemon=True).start()

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ending.set()

    def read_to_end(self) -> None:
        """The parent holds the other end of the pipe; the system closes it when the parent is gone."""
        while os.read(0, 4096):
            pass
        self.ending.set()

    def stopped(self) -> bool:
        """A fork of the parent may still hold the pipe after it: so look at the parent itself too."""
        return self.ending.is_set() or os.getppid() != self.parent

    def start(self, jars: list[Path], held: int) -> list[Server]:
        """Kafka and Valkey, both answering; again with other ports when one was taken in between, or without files that cannot be read."""
        cluster = kafka.prepare(self.data / "kafka", jars)
        for attempt in range(ATTEMPTS):
            try:
                return self.start_once(jars, cluster, held)
            except (PortTaken, FilesDamaged) as error:
                if attempt == ATTEMPTS - 1:
                    raise
                say(f"{error}\n{self.mended(error)}")
        raise AssertionError("unreachable: the last attempt returns or raises")

    def mended(self, error: PortTaken | FilesDamaged) -> str:
        """Makes another attempt worth while; returns what was done."""
        if isinstance(error, PortTaken):
            return "Trying other ports. / 端口被占用，换用其他端口。"
        aside = valkey.set_aside(self.data / "valkey")
        return (f"Moved to {aside}; Valkey starts empty and the workers fold its states anew from the log. / "
                "文件已移开，Valkey 从空开始，工作进程由日志重新折叠。")

    def start_once(self, jars: list[Path], cluster: str, held: int) -> list[Server]:
        broker, controller, port = free_ports(3)
        servers: list[Server] = []
        try:
            servers.append(kafka.start(self.data / "kafka", jars, broker, controller, held))
            servers.append(valkey.start(self.data / "valkey", port, held))
            wait_valkey(servers[1], self.stopped)
            wait_kafka(servers[0], cluster, self.stopped)
            return servers
        except BaseException:
            stop(servers)
            raise

    def watch(self, servers: list[Server]) -> None:
        """Until the end is asked for. Raises EmbeddedError when a server dies before."""
        while not self.stopped():
            for server in servers:
                if death := server.death():
                    raise EmbeddedError(death)
            self.ending.wait(WATCH_S)


def lock(data: Path) -> IO[str]:
    """Lock `data` for this guard and its servers. Raises DataInUse.

    The servers inherit the lock, so after kill -9 of a guard its successor waits here until they are gone.
    """
    file = (data / "lock").open("a+")
    end = time.monotonic() + DYING_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            file.seek(0)
            owners = file.read().split()
            if (owners and alive(int(owners[0]))) or time.monotonic() > end:
                raise in_use(data, owners) from None
            time.sleep(WATCH_S)
    sign(file, os.getpid())
    return file


def sign(file: IO[str], *owners: int) -> None:
    """Write the process ids of the owners into the lock file, the guard's first."""
    file.truncate(0)  # opened for appending, so the next write begins here
    print(*owners, file=file, flush=True)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, but there
    return True


def in_use(data: Path, owners: list[str]) -> DataInUse:
    pids = ", ".join(owners) or "unknown"
    return DataInUse(
        f"The data folder {data} is in use by running servers (process ids {pids}). "
        "Stop them, or name another folder. / "
        f"数据目录 {data} 正在使用中（进程 {pids}）：请先停止它们，或指定其他目录。"
    )


def report(kafka_server: Server, valkey_server: Server) -> dict[str, str | int]:
    """What the parent reads: addresses and process ids."""
    return {
        "kafka": f"127.0.0.1:{kafka_server.port}",
        "redis": f"redis://127.0.0.1:{valkey_server.port}/0",
        "guard_pid": os.getpid(),
        "kafka_pid": kafka_server.process.pid,
        "redis_pid": valkey_server.process.pid,
    }


def say(text: str) -> None:
    """Standard output belongs to the report."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    if len(sys.argv) != 2:
        say("usage: python -m services.embedded.guard DATA_DIR")
        return 2
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that still starts is no news
    try:
        Guard(Path(sys.argv[1]).absolute()).run()
    except EmbeddedError as error:
        say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
