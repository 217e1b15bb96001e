"""A Kafka and a Valkey of one's own, on ports that stay, to be killed and started again at will.

Workers are told the proxies' addresses, the broker's included; the run itself goes past the proxies.
"""

import asyncio
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from redis.asyncio import Redis

from services.embedded import kafka, valkey
from services.embedded.jars import cache_dir, ensure_jars
from services.embedded.process import LIBC, PR_SET_PDEATHSIG, environment, free_ports
from services.embedded.ready import describe, open_port
from services.runtime.settings import Settings
from tests.chaos.proxy import Proxy

STARTS_S, POLL_S = 90.0, 0.1
UNLIMITED = resource.RLIM_INFINITY


class Servers:
    """Both servers on ``folder``. ``rulebooks``: where workers keep theirs; ``direct``: settings past the proxies; ``kafka`` and ``redis``: the proxies."""

    def __init__(self, folder: Path, session_timeout_ms: int) -> None:
        self._folder, self.rulebooks = folder, folder / "rulebooks"
        self._session_timeout_ms = session_timeout_ms
        self._jars = ensure_jars(cache_dir(), partial(print, file=sys.stderr))  # standard output belongs to the one line
        self._broker, self._direct, self._controller, self._valkey, *proxies = free_ports(6)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.kafka, self.redis = Proxy(self._broker, proxies[0]), Proxy(self._valkey, proxies[1])

    async def start(self) -> None:
        for name in ("kafka", "valkey"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        await asyncio.gather(self.kafka.start(), self.redis.start())
        kafka.prepare(self._folder / "kafka", self._jars)
        self._write_properties()
        self.start_kafka()
        self.start_valkey()
        await asyncio.gather(self.kafka_ready(), self.valkey_ready())

    async def stop(self) -> None:
        await asyncio.gather(self.kafka.stop(), self.redis.stop())
        for name in list(self._processes):
            self.kill(name)

    @property
    def direct(self) -> Settings:
        """Settings of the run itself."""
        return Settings(
            kafka=f"127.0.0.1:{self._direct}", redis=f"redis://127.0.0.1:{self._valkey}/0",
            session_timeout_ms=self._session_timeout_ms, send_timeout_s=10,
        )

    def worker_env(self) -> dict[str, str]:
        """What workers are told."""
        return {
            "YIBAO_KAFKA": f"127.0.0.1:{self.kafka.port}", "YIBAO_REDIS": f"redis://127.0.0.1:{self.redis.port}/0",
            "YIBAO_LOG_FORMAT": "json", "YIBAO_SESSION_TIMEOUT_MS": str(self._session_timeout_ms),
            "YIBAO_SEND_TIMEOUT_S": "6", "YIBAO_REDIS_TIMEOUT_S": "3", "YIBAO_LATE_S": "300",
            "YIBAO_RULEBOOKS": str(self.rulebooks),
        }

    # --- processes --------------------------------------------------------------------------------------------------

    def start_kafka(self) -> None:
        self._spawn("kafka", kafka.command(self._jars))

    def start_valkey(self) -> None:
        self._spawn("valkey", [*valkey.command(self._valkey), "--maxmemory-policy", "noeviction"])

    def kill(self, name: str) -> None:
        """kill -9; returns when it is gone."""
        process = self._processes.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def runs(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.poll() is None

    def limit_files(self, more: int | None) -> None:
        """A full disk: files of Valkey may grow by ``more`` bytes only; None: as they like."""
        process = self._processes.get("valkey")
        if process is None or process.poll() is not None:
            return
        size = max((path.stat().st_size for path in (self._folder / "valkey").rglob("*.aof")), default=0)
        limit = UNLIMITED if more is None else size + more
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, UNLIMITED))

    async def kafka_ready(self) -> None:
        async def answers() -> bool:
            if not open_port(self._direct):
                return False
            found = await describe(f"127.0.0.1:{self._direct}")
            return bool(found and found["brokers"])

        await self._until("kafka", answers)

    async def valkey_ready(self) -> None:
        async def answers() -> bool:
            async with Redis(port=self._valkey, socket_timeout=2) as client:
                try:
                    return bool(await client.ping())
                except Exception:
                    return False

        await self._until("valkey", answers)

    async def _until(self, name: str, answers) -> None:
        """Raises RuntimeError where a server that nobody killed meanwhile does not come up."""
        deadline = asyncio.get_running_loop().time() + STARTS_S
        while not await answers():
            if name == "valkey" and name in self._processes and not self.runs(name) and self._set_aside():
                continue
            if name in self._processes and not self.runs(name):
                raise RuntimeError(f"{name} ended by itself:\n{self._log(name).read_text('utf-8', 'replace')[-2000:]}")
            if asyncio.get_running_loop().time() > deadline:
                raise RuntimeError(f"{name} does not answer within {STARTS_S} s; see {self._log(name)}")
            await asyncio.sleep(POLL_S)

    def _set_aside(self) -> bool:
        """Starts Valkey empty where it cannot read its own file, as whoever runs it would (docs/operations.md)."""
        home = self._folder / "valkey"
        if not (home / valkey.FILES).exists() or valkey.DAMAGED not in self._log("valkey").read_text("utf-8", "replace")[-2000:]:
            return False
        print(f"valkey cannot read its file, which is set aside: {valkey.set_aside(home)}", file=sys.stderr)
        self.start_valkey()
        return True

    def _spawn(self, name: str, command: list[str]) -> None:
        with self._log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=self._folder / name, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_as_child,
            )

    def _log(self, name: str) -> Path:
        return self._folder / name / f"{name}.log"

    def _write_properties(self) -> None:
        """As the embedded broker is set up, but that clients are told the proxy, and the run has a listener of its own."""
        home = self._folder / "kafka"
        kafka.write_properties(home, self._broker, self._controller)
        text = (home / "server.properties").read_text("ascii")
        changed = {
            "listeners": f"PLAINTEXT://127.0.0.1:{self._broker},DIRECT://127.0.0.1:{self._direct},"
            f"CONTROLLER://127.0.0.1:{self._controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.kafka.port},DIRECT://127.0.0.1:{self._direct}",
            "inter.broker.listener.name": "DIRECT",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        }
        lines = [line for line in text.splitlines() if line.partition("=")[0] not in changed]
        lines += [f"{name}={value}" for name, value in changed.items()]
        (home / "server.properties").write_text("\n".join(lines) + "\n", "ascii")


def _as_child() -> None:
    """Dies with this process, however it ends; and meets the limit of its files as an error, not as a signal."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # Linux, as the limit of files
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
