"""The embedded servers: they start, keep their data, and never outlive whoever started them."""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from redis import Redis

from services.embedded import Stack, jars, kafka, process, ready, valkey
from services.embedded.errors import DataInUse, EmbeddedError, EmbeddedMissing, JarMismatch, PortTaken, need
from services.embedded.guard import Guard, lock, sign
from tests.policies.languages import english

ROOT = Path(__file__).resolve().parents[2]
GONE_S = 3.0
PARENT = """
import sys, time
from pathlib import Path
from services.embedded import Stack
stack = Stack.start(Path(sys.argv[1]))
print(stack.guard_pid, stack.kafka_pid, stack.redis_pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def formatted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that is formatted and was never started; a space and Chinese characters in its path."""
    data = tmp_path_factory.mktemp("医保 data")
    kafka.prepare(data / "kafka", jars.ensure_jars(jars.cache_dir(), print))
    return data


@pytest.fixture
def data(formatted: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it for one test, which must leave no process in it."""
    folder = tmp_path / "医保 data"
    shutil.copytree(formatted, folder)
    yield folder
    assert processes_in(folder) == []


def processes_in(folder: Path) -> list[int]:
    found = []
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if Path(each.cwd()).is_relative_to(folder):
                found.append(each.pid)
    return found


def wait_gone(*pids: int) -> float:
    """Seconds until none of the processes runs; fails after GONE_S."""
    start = time.monotonic()
    while any(map(running, pids)):
        assert time.monotonic() - start < GONE_S, [pid for pid in pids if running(pid)]
        time.sleep(0.02)
    return time.monotonic() - start


def running(pid: int) -> bool:
    """A dead child that nobody has waited for yet does not run."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def write(address: str, value: bytes) -> None:
    """One record on a new topic `kept`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1, topic_configs={"max.message.bytes": "17825792"})])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all", max_request_size=2**25) as producer:
        await producer.send_and_wait("kept", value, partition=0)


async def read(address: str) -> bytes:
    """The first record of the topic `kept`."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address, auto_offset_reset="none", max_partition_fetch_bytes=2**25
    )
    async with consumer:
        consumer.assign([TopicPartition("kept", 0)])
        consumer.seek(TopicPartition("kept", 0), 0)
        return (await consumer.getone()).value


@pytest.mark.live
def test_a_file_that_valkey_cannot_read_is_set_aside(data: Path) -> None:
    """As a full disk may leave it. What Valkey holds is a projection: it starts empty."""
    with Stack.start(data) as stack, Redis.from_url(stack.redis) as redis:
        redis.set("kept", "1")
    (file,) = (data / "valkey" / "appendonlydir").glob("*.incr.aof")
    file.write_bytes(b"x" + file.read_bytes())
    with Stack.start(data) as stack, Redis.from_url(stack.redis) as redis:
        assert redis.get("kept") is None
    assert (data / "valkey" / "appendonlydir.damaged-1" / file.name).exists()


@pytest.mark.live
async def test_data_survives_a_stop_and_kill_9(data: Path) -> None:
    value = os.urandom(16 * 1024 * 1024)  # the bound of the road's topics
    with Stack.start(data) as stack:
        await write(stack.kafka, value)
        with Redis.from_url(stack.redis) as redis:
            assert redis.ping()
            redis.set("kept", "1")
        with pytest.raises(DataInUse, match=str(stack.guard_pid)):
            Stack.start(data)
        assert stack.failure() is None
    assert processes_in(data) == []
    stack.stop()  # again, as somebody's `finally` will

    with Stack.start(data) as stack:
        assert await read(stack.kafka) == value
        dying = [stack.guard_pid, stack.kafka_pid, stack.redis_pid]
        for pid in dying[: 1 if sys.platform == "linux" else 3]:  # Linux ends the children of a killed guard
            os.kill(pid, signal.SIGKILL)
        stack.guard.wait(GONE_S)
        assert "code -9" in (stack.failure() or "")

    with Stack.start(data) as stack:  # at once: it waits for the dying
        assert not any(map(running, dying))
        assert await read(stack.kafka) == value
        with Redis.from_url(stack.redis, decode_responses=True) as redis:
            assert redis.get("kept") == "1"


@pytest.mark.live
def test_servers_go_with_a_parent_that_is_killed(data: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 3 and all(map(running, pids))
        parent.kill()
    wait_gone(*pids)


@pytest.mark.live
def test_a_dead_server_takes_the_other_along_and_is_named(data: Path) -> None:
    with Stack.start(data) as stack:
        os.kill(stack.redis_pid, signal.SIGKILL)
        stack.guard.wait(GONE_S)
        wait_gone(stack.kafka_pid, stack.redis_pid)
        assert "Valkey ended with code -9" in english(stack.failure() or "") and "run `yibao up` again" in english(stack.failure() or "")


@pytest.mark.live
def test_a_port_taken_in_between_is_replaced(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program listens on the broker's port; at the second attempt the ports are free."""
    with socket.create_server(("127.0.0.1", 0)) as other, (data / "lock").open("w") as held:
        taken = other.getsockname()[1]
        choices = iter([[taken, *process.free_ports(2)], process.free_ports(3)])
        monkeypatch.setattr("services.embedded.guard.free_ports", lambda count: next(choices))
        monkeypatch.setattr(ready, "ANSWER_S", 0.5)  # `other` never answers
        servers = Guard(data).start(jars.ensure_jars(jars.cache_dir(), print), held.fileno())
        process.stop(servers)
    assert taken not in [server.port for server in servers]
    assert next(choices, None) is None


@pytest.mark.live
def test_anothers_valkey_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    port = process.free_ports(1)[0]
    with (tmp_path / "lock").open("w") as held:
        first = valkey.start(tmp_path / "first", port, held.fileno())
        try:
            ready.wait_valkey(first, lambda: False)
            second = valkey.start(tmp_path / "second", port, held.fileno())
            with pytest.raises(PortTaken, match=str(port)):
                ready.wait_valkey(second, lambda: False)
            process.stop([second])
        finally:
            process.stop([first])


def test_the_folder_stays_locked_until_the_last_server_is_gone(tmp_path: Path) -> None:
    """The guard is dead, one of its servers lives on for half a second: its successor waits."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    held = lock(tmp_path)
    sign(held, dead.pid)
    server = process.spawn("Sleeper", ["sleep", "0.5"], tmp_path, 0, held.fileno())
    held.close()
    with lock(tmp_path):
        assert server.process.wait(0.1) == 0  # over already, or nearly so


@pytest.mark.live
def test_one_cut_byte_of_a_real_jar_is_noticed(tmp_path: Path) -> None:
    good = jars.ensure_jars(jars.cache_dir(), print)
    for path in good:
        shutil.copy(path, tmp_path)
    assert jars.mismatches(tmp_path) == []
    name = f"kafka-clients-{jars.KAFKA_VERSION}.jar"
    os.truncate(tmp_path / name, (tmp_path / name).stat().st_size - 1)
    (tmp_path / "caffeine-3.2.0.jar").unlink()
    assert jars.mismatches(tmp_path) == ["caffeine-3.2.0.jar", name]


class Repository:
    """Stands in for Maven Central: two small jars, and how often they were asked for."""

    def __init__(self) -> None:
        self.files = {"a.jar": b"a", "b.jar": b"b"}
        self.downloads = 0

    def download(self, work: Path) -> None:
        self.downloads += 1
        (work / "jars").mkdir()
        for name, content in self.files.items():
            (work / "jars" / name).write_bytes(content)


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Repository:
    fake = Repository()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in fake.files.items()}
    monkeypatch.setattr(jars, "expected", lambda: digests)
    monkeypatch.setattr(jars, "download", fake.download)
    return fake


def test_jars_are_downloaded_once_and_again_when_damaged(repository: Repository, tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        paths = jars.ensure_jars(tmp_path, said.append)
    assert [path.read_bytes() for path in paths] == [b"a", b"b"]
    assert repository.downloads == 1

    paths[1].write_bytes(b"")
    assert jars.ensure_jars(tmp_path, said.append)[1].read_bytes() == b"b"
    assert repository.downloads == 2
    assert any("b.jar" in text for text in said)
    assert os.listdir(tmp_path) == [f"kafka-{jars.KAFKA_VERSION}"]


def test_a_wrong_download_is_refused_by_name(repository: Repository, tmp_path: Path) -> None:
    repository.files = {"a.jar": b"a", "b.jar": b"b, and more", "c.jar": b"c"}
    with pytest.raises(JarMismatch, match=r"\['b.jar'\].*\['c.jar'\]"):
        jars.ensure_jars(tmp_path, print)
    assert os.listdir(tmp_path) == []


def test_only_old_leftovers_of_dead_downloads_are_removed(repository: Repository, tmp_path: Path) -> None:
    old, young = tmp_path / f"{jars.TEMPORARY}old", tmp_path / f"{jars.TEMPORARY}young"
    for folder in (old, young):
        (folder / "jars").mkdir(parents=True)
        (folder / "jars" / "a.jar").write_bytes(b"")
    long_ago = time.time() - jars.LEFTOVER_AGE_S - 60
    os.utime(old, (long_ago, long_ago))
    jars.ensure_jars(tmp_path, print)
    assert not old.exists()
    assert young.exists()  # it may belong to a download that runs


def test_the_slower_of_two_downloads_keeps_the_faster_ones(repository: Repository, tmp_path: Path) -> None:
    """The other process publishes while ours still downloads."""
    home = tmp_path / f"kafka-{jars.KAFKA_VERSION}"
    work = tmp_path / "work"
    work.mkdir()
    repository.download(work)
    shutil.copytree(work / "jars", home)
    before = home.stat().st_ino
    jars.publish(work, home)
    assert home.stat().st_ino == before
    assert jars.mismatches(home) == []


def test_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIBAO_CACHE", raising=False)
    assert jars.cache_dir() == ROOT / ".yibao" / "cache"
    monkeypatch.setenv("YIBAO_CACHE", "/elsewhere")
    assert jars.cache_dir() == Path("/elsewhere")


def test_what_is_missing_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EmbeddedMissing, match=r"'no_such_module'.*pip install \"yibao\[embedded\]\""):
        need("no_such_module")
    monkeypatch.setenv("YIBAO_JAVA", "/no/such/java")
    with pytest.raises(EmbeddedError, match="YIBAO_JAVA=/no/such/java"):
        kafka.java()
