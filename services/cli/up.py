"""``yibao up``: a local stack with all workers, until Ctrl-C."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from services.cli.console import CANNOT, SERVERS, RulebookDir, err, fail, load_book, out, told_settings
from services.cli.keeping import DATA, KEPT, put
from services.cli.supervise import STAGES, Supervisor, worker_env
from services.runtime.settings import LocalStack, Settings
from services.runtime.topics import correct_topics, make_topics

Trouble = Callable[[], str | None]


def up(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="数据目录 / folder for the data")] = DATA,
    replicas: Annotated[
        list[str] | None, typer.Option("--scale", metavar="STAGE=N", help="某阶段的进程数 / processes of a stage")
    ] = None,
    rulebook: RulebookDir = None,
) -> None:
    """启动本机 Kafka 与 Valkey，建主题，运行并看护六个工作进程；Ctrl-C 结束，数据保留。

    Starts Kafka and Valkey on this machine, makes the topics, runs and supervises the workers; Ctrl-C ends it, the data stay.

    The addresses and the rulebook go to .yibao/stack.json, where the other commands find them. The rulebook is kept in the data
    folder by its digest, so that what it decides can be decided again later.

    例 / Example: [bold]yibao up --scale settlement=2[/bold]
    """
    wanted = _replicas(replicas or [])
    load_book(rulebook)
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    ports = _ports(wanted)
    with running(data, data / "log", wanted, rulebook, ports) as (found, trouble):
        with _announced(found, ports):
            _welcome(found, data)
            while not stop.wait(0.5):
                if (what := trouble()) is not None:
                    fail(what, SERVERS)
        out.print("正在停止 / stopping …")


@contextmanager
def running(
    data: Path, logs: Path, replicas: dict[str, int], rulebook: Path | None = None, ports: Mapping[str, int] = MappingProxyType({})
) -> Iterator[tuple[Settings, Trouble]]:
    """A stack on ``data`` with its topics and workers, for the length of a block. Workers stop before servers.

    The function that comes with it says what went wrong for good: a worker given up, or a server that ended.
    """
    from services.embedded.errors import EmbeddedError, EmbeddedMissing
    from services.embedded.stack import Stack

    with told_settings():
        store = (Settings().rulebooks or data / KEPT).resolve()
    try:
        stack = Stack.start(data, say=lambda text: err.print(text))
    except EmbeddedMissing as missing:
        fail(str(missing), CANNOT)
    except EmbeddedError as error:
        fail(str(error), SERVERS)
    except OSError as error:
        fail(f"{data}: 不能用作数据目录 / cannot be used as the data folder ({error.strerror or error})", CANNOT)
    found = Settings(kafka=stack.kafka, redis=stack.redis, rulebooks=store, **({"rulebook": rulebook.resolve()} if rulebook else {}))
    more = {"YIBAO_RULEBOOKS": str(store), **({"YIBAO_RULEBOOK": str(found.rulebook)} if rulebook else {})}
    supervisor = Supervisor(worker_env(stack.kafka, stack.redis, **more), logs, replicas, ports, lambda text: err.print(text, style="red", soft_wrap=True))
    try:
        put(rulebook, store)
        asyncio.run(make_topics(found))
        for line in asyncio.run(correct_topics(found)):
            err.print(f"主题配置已改正 / topic corrected: {line}", soft_wrap=True)
        supervisor.start()
        yield found, lambda: supervisor.gave_up or stack.failure()
    finally:
        supervisor.stop()
        stack.stop()


@contextmanager
def _announced(found: Settings, ports: Mapping[str, int]) -> Iterator[None]:
    """The addresses in ``stack.json`` while the stack is up, written whole or not at all."""
    path = found.stack
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(f".{os.getpid()}")
    stack = LocalStack(
        kafka=found.kafka, redis=found.redis, pid=os.getpid(), rulebook=found.rulebook, rulebooks=found.rulebooks, road=found.road,
        metrics=dict(ports))
    written.write_text(stack.model_dump_json())
    written.replace(path)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):  # somebody removed or broke it: nothing to take back
            if LocalStack.model_validate_json(path.read_bytes()).pid == os.getpid():
                path.unlink()


def _welcome(found: Settings, data: Path) -> None:
    out.print(f"Kafka  {found.kafka}\nRedis  {found.redis}\n数据 / data  {data}\n日志 / logs  {data / 'log'}")
    out.print("另开一个终端试试 / try in another terminal:")
    out.print("  yibao generate --persons 20 --claims 100 --seed 1 > g.jsonl")
    out.print("  yibao publish g.jsonl --wait")
    out.print("Ctrl-C 结束 / ends it")


def _ports(replicas: Mapping[str, int]) -> dict[str, int]:
    """A free port for the probe of each worker, by its name."""
    from services.embedded.process import free_ports

    names = [f"{stage}-{number}" for stage in STAGES for number in range(replicas.get(stage, 1))]
    return dict(zip(names, free_ports(len(names)), strict=True))


def _replicas(given: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in given:
        stage, _, number = text.partition("=")
        if stage not in STAGES or not number.isdigit() or not 0 < int(number) <= 16:
            fail(f"--scale {text}: 写作 STAGE=N，阶段为 {', '.join(STAGES)} / write STAGE=N, 1 to 16", CANNOT)
        found[stage] = int(number)
    return found
