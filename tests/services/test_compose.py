"""What docker-compose.yml and the Dockerfile say; test_compose_live.py starts what they describe."""

import re
import tomllib
from pathlib import Path

import pytest

from contracts.topics import topic_map
from services.cli.supervise import KEEP_MEMORY, STAGES
from services.embedded.jars import KAFKA_VERSION
from services.embedded.kafka import MESSAGE_MAX_BYTES, PROPERTIES
from services.runtime.settings import Settings
from tests.compose_file import FILE, environment, parsed, plain, services

ROOT = FILE.parent
MONITORING, PROBE = {"prometheus", "grafana"}, {"YIBAO_METRICS_PORT", "YIBAO_METRICS_HOST"}
IMAGE = re.compile(r"[a-z0-9/]+:(?!latest)[a-z0-9.-]+")
# Of the embedded node alone: its ports and folders, a small heap, a quick return after kill -9.
EMBEDDED_ONLY = re.compile(r"listener|quorum|^log\.|num\.partitions|broker\.(session|heartbeat)")


# --- docker-compose.yml


def test_docker_compose_takes_the_file() -> None:
    done = parsed(FILE, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    topics: { condition", "    topic: { condition", "undefined service"),
        ("restart: on-failure", "restarts: on-failure", "'restarts' not allowed"),
        ("service_healthy", "service_is_healthy", "condition value must be one of"),
        ("x-worker: &worker", "x-worker: &workers", "anchor 'worker'"),
    ],
)
def test_docker_compose_refuses_a_broken_copy(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    copy = tmp_path / FILE.name
    copy.write_text(text.replace(old, new), "utf-8")
    done = parsed(copy, "-q")
    assert done.returncode != 0
    assert said in done.stderr


def test_every_stage_is_a_service_that_can_be_scaled() -> None:
    assert set(plain()) == {"kafka", "redis", "topics", *STAGES, *MONITORING}
    for stage in STAGES:
        worker = plain()[stage]
        assert worker["command"] == ["worker", stage]
        assert (worker["restart"], worker["stop_grace_period"]) == ("on-failure", "15s")
        assert not {"container_name", "ports"} & worker.keys()  # each would allow one replica only


def test_each_waits_for_what_it_needs() -> None:
    for stage in STAGES:
        assert waits(stage) == {"topics": "service_completed_successfully", "redis": "service_healthy"}
    assert waits("topics") == {"kafka": "service_healthy"}
    assert (plain()["topics"]["command"], plain()["topics"]["restart"]) == (["topics"], "no")
    assert plain()["kafka"]["healthcheck"]["test"] and plain()["redis"]["healthcheck"]["test"]


def test_images_are_pinned_and_one_is_built() -> None:
    images = [service["image"] for service in plain().values()] + re.findall(r"(?m)^FROM (\S+)", dockerfile())
    assert len(images) == len(plain()) + 2
    assert [image for image in images if not IMAGE.fullmatch(image)] == []
    assert plain()["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"  # the one that the tests run on
    assert [name for name, service in plain().items() if "build" in service] == ["topics"]
    assert {plain()[stage]["image"] for stage in STAGES} == {plain()["topics"]["image"]}


def test_only_this_machine_reaches_the_ports() -> None:
    published = {name: service["ports"] for name, service in plain().items() if "ports" in service}
    assert published.keys() == {"kafka", "redis", *MONITORING}
    assert {port["host_ip"] for ports in published.values() for port in ports} == {"127.0.0.1"}


def test_another_port_of_kafka_is_announced_too() -> None:
    """Kafka tells its clients where to go on: what it announces must be what is published."""
    kafka = services(YIBAO_KAFKA_PORT="19092")["kafka"]
    (port,) = kafka["ports"]
    assert port["published"] == "19092"
    assert "HOST://127.0.0.1:19092" in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"HOST://:{port['target']}" in kafka["environment"]["KAFKA_LISTENERS"].split(",")


def test_variables_of_the_workers_are_settings() -> None:
    """A setting that is misspelt would be ignored without a word."""
    known = {f"YIBAO_{name.upper()}" for name in Settings.model_fields}
    always = {"YIBAO_KAFKA", "YIBAO_REDIS", "YIBAO_LOG_FORMAT", "YIBAO_RULEBOOKS", *PROBE, *KEEP_MEMORY}
    for name in ("topics", *STAGES):
        assert plain()[name]["environment"].keys() - KEEP_MEMORY.keys() <= known
        assert environment(plain()[name]).keys() == always
        assert environment(plain()[name]).items() >= KEEP_MEMORY.items()


def test_another_rulebook_reaches_every_worker() -> None:
    for stage in STAGES:
        worker = services(YIBAO_RULEBOOK="/rulebooks/next")[stage]
        assert worker["environment"]["YIBAO_RULEBOOK"] == "/rulebooks/next"
        mount, _ = worker["volumes"]
        assert (mount["source"], mount["target"]) == (str(ROOT / "rulebooks"), "/rulebooks")
        assert mount["read_only"]


def test_rulebooks_are_kept_in_one_volume_that_every_worker_may_write() -> None:
    """A new volume is the user's of the image only where the image has the folder, and it is theirs."""
    for stage in STAGES:
        _, mount = plain()[stage]["volumes"]
        assert (mount["type"], mount["source"], mount["target"]) == ("volume", "kept", environment(plain()[stage])["YIBAO_RULEBOOKS"])
        assert not mount.get("read_only")
        assert f"install --directory --owner=10001 --group=10001 {mount['target']}" in dockerfile()


def test_kafka_is_set_up_as_the_embedded_one() -> None:
    text = PROPERTIES.format(broker=1, controller=2, message_max=MESSAGE_MAX_BYTES)
    embedded = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    shared = {key: value for key, value in embedded.items() if not EMBEDDED_ONLY.search(key)}
    given = environment(plain()["kafka"])
    found = {key: given.get("KAFKA_" + key.upper().replace(".", "_")) for key in shared}
    assert found == shared
    largest = max(topic.max_message_bytes for topic in topic_map().all)
    assert largest < MESSAGE_MAX_BYTES


def waits(name: str) -> dict[str, str]:
    """Service -> the condition on which ``name`` starts."""
    return {other: on["condition"] for other, on in plain()[name]["depends_on"].items()}


# --- Dockerfile


def test_the_image_runs_yibao_and_not_as_root() -> None:
    last = dockerfile().rpartition("\nFROM ")[2]
    assert re.findall(r"(?m)^USER (\S+)", last) == ["10001:10001"]
    assert re.findall(r"(?m)^ENTRYPOINT (.+)", last) == ['["yibao"]']
    assert "PYTHONUNBUFFERED=1" in last
    assert not re.search(r"apt-get|pip install|gcc", last)


def test_the_build_sees_what_the_wheel_needs() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, wheel = about["project"], about["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", "constraints.txt", *wheel["packages"], *project["license-files"]}
    needed |= {project["readme"]} if "readme" in project else set()
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    assert needed <= {line[1:] for line in lines if line.startswith("!")}


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text("utf-8")
