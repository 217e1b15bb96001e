"""Where the addresses come from, and what is said when they cannot be had."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.cli.console import CANNOT
from services.cli.status import pages
from services.runtime.exits import Exit
from services.runtime.settings import KAFKA, REDIS, LocalStack, NoStack, Settings, settings, unknown, what_is_wrong
from tests.policies.languages import english
from tests.services.conftest import Run


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YIBAO_KAFKA", "YIBAO_REDIS"):
        monkeypatch.delenv(name, raising=False)


USER = "anna:secret"


def ended_pid() -> int:
    """The id of a process that ran and is gone."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "start a local stack with `yibao up`"),
        ("garbage", "is broken"),
        ("{}", "is broken"),
        ('{"kafka":5,"redis":null,"pid":1}', "is broken"),
    ],
)
def test_no_stack_is_told_with_what_to_do(tmp_path: Path, written: str | None, told: str) -> None:
    path = tmp_path / "stack.json"
    if written is not None:
        path.write_text(written)
    with pytest.raises(NoStack, match=told):
        settings(stack=path)


def test_a_stack_whose_process_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(LocalStack(kafka="127.0.0.1:1", redis="redis://127.0.0.1:2/0", pid=ended_pid()).model_dump_json())
    with pytest.raises(NoStack, match="no longer runs"):
        settings(stack=path)


def test_the_environment_goes_before_the_local_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stack.json"
    path.write_text(LocalStack(kafka="127.0.0.1:1", redis="redis://127.0.0.1:2/0", pid=os.getpid()).model_dump_json())
    monkeypatch.setenv("YIBAO_KAFKA", "127.0.0.1:9")
    found = settings(stack=path)
    assert (found.kafka, found.redis) == ("127.0.0.1:9", "redis://127.0.0.1:2/0")


@pytest.mark.parametrize(("road", "found"), [("", {}), ("city.", {"audit-0": "http://127.0.0.1:9464/metrics"}), ("other.", {})])
def test_the_pages_of_a_stack_are_those_of_its_own_road(tmp_path: Path, road: str, found: dict[str, str]) -> None:
    stack = LocalStack(kafka="h:1", redis="redis://h:2/0", road="city.", pid=os.getpid(), metrics={"audit-0": 9464})
    (path := tmp_path / "stack.json").write_text(stack.model_dump_json())
    assert pages(settings(stack=path, road=road)) == found


def test_a_variable_that_is_no_setting_is_told_with_the_one_that_is_meant() -> None:
    names = ["YIBAO_KAFKA", "yibao_redis", "YIBAO_KAFKA_PORT", "PATH", "YIBAO_KAKFA_USER", "YIBAO_QQQQ"]
    told = list(unknown(names))
    assert len(told) == 2, told
    assert re.search("YIBAO_KAKFA_USER.*no effect; is YIBAO_KAFKA_USER meant", told[0])
    assert "YIBAO_QQQQ" in told[1] and "meant" not in told[1]


def test_a_command_tells_it_on_standard_error() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "services.cli", "generate", "--claims", "1", "--persons", "1"], env={**os.environ, "YIBAO_RULEBOK": "x"}, capture_output=True, text=True)
    assert run.returncode == 0 and "YIBAO_RULEBOOK" in run.stderr and "YIBAO_RULEBOK" not in run.stdout


def test_a_brake_that_could_never_be_pulled_is_refused() -> None:
    """20 requests are never 50 unreadable ones."""
    with pytest.raises(ValueError, match="YIBAO_BRAKE_LEAST.*never be pulled"):
        Settings(brake_window=20)
    assert Settings(brake_window=20, brake_least=20).brake and not Settings(brake_window=20, brake=False).brake


@pytest.mark.parametrize(("name", "value"), [
    *(("kafka", value) for value in ("127.0.0.1:99999", "127.0.0.1:0", "h:port", "h:", ":9092", "a:1,", "http://h:1", "PLAINTEXT://h:1", "a b:1")),
    *(("redis", value) for value in ("foo", "http://x", "redis://127.0.0.1:notaport/0", "redis://127.0.0.1:99999/0", "127.0.0.1:6379")),
])
def test_an_address_that_is_none_is_told_with_its_variable(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Settings(**{name: value})
    assert re.match(f"YIBAO_{name.upper()}: .*write (host:port|redis://)", what_is_wrong(wrong.value))


@pytest.mark.parametrize(("name", "value"), [
    *(("kafka", value) for value in ("h", "h:1", "a:1, b:65535", "[::1]:9092", "kafka.example.org:9092")),
    *(("redis", value) for value in ("redis://h:1/2", "rediss://h", "unix:///run/redis")),
])
def test_addresses(name: str, value: str) -> None:
    assert getattr(Settings(**{name: value}), name) == value


def test_what_is_told_of_a_wrong_address_holds_no_password() -> None:
    with pytest.raises(ValidationError) as wrong:
        Settings(redis="redis://:secret@h:port/0")
    assert "secret" not in what_is_wrong(wrong.value)


@pytest.mark.parametrize(("name", "value"), [
    *((name, "perhaps") for name in ("kafka_tls", "tracing", "brake")), *((name, "x") for name in ("kafka_sasl", "compression", "log_format", "log_level")),
    *((name, value) for name in ("send_timeout_s", "redis_timeout_s", "stop_timeout_s", "late_s", "seal_s") for value in ("0", "-1", "x", "nan", "inf", "1e400")),
    *((name, value) for name in ("replication", "max_batch", "session_timeout_ms", "brake_window", "brake_least", "seal_every") for value in ("0", "1.5", "x")),
    *(("metrics_port", value) for value in ("-1", "65536", "http")), ("max_batch", "2001"), ("replication", "10"), ("seal_every", "10001"),
    *((name, "3601") for name in ("send_timeout_s", "redis_timeout_s", "stop_timeout_s")), ("session_timeout_ms", "2147483648"),
    ("road", "Road"), ("road", "a" * 41),
])
def test_a_setting_without_sense_is_named_in_both_languages(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable := f"YIBAO_{name.upper()}", value)
    with pytest.raises(ValidationError) as wrong:
        Settings()
    assert english(what_is_wrong(wrong.value)).startswith(f"{variable}: ")


@pytest.mark.parametrize(("given", "shown"), [
    ("redis://h:1/2", "redis://h:1/2"), (f"rediss://{USER}@h:1/2", "rediss://h:1/2"), ("redis://:secret@h", "redis://h:6379/0"),
    ("redis://h:1?password=secret", "redis://h:1/0"), (f"unix://{USER}@/run/redis.sock", "unix:///run/redis.sock"), ("", ""),
])
def test_an_address_is_shown_without_its_password(given: str, shown: str) -> None:
    assert Settings(redis=given).redis_told == shown


@pytest.mark.parametrize(("needs", "lacks"), [((), None), (KAFKA, "YIBAO_KAFKA"), (REDIS, "YIBAO_REDIS"), ((*KAFKA, *REDIS), "YIBAO_KAFKA and YIBAO_REDIS")])
def test_only_the_addresses_that_are_needed_are_asked_for(tmp_path: Path, needs: tuple[str, ...], lacks: str | None) -> None:
    if lacks is None:
        assert settings(needs, stack=tmp_path / "none").kafka == ""
        return
    with pytest.raises(NoStack, match=f"set {lacks}, or start"):
        settings(needs, stack=tmp_path / "none")
    given = {name: "redis://h:1/0" if name == "redis" else "h:1" for name in needs}
    assert settings(needs, stack=tmp_path / "none", **given)


@pytest.mark.parametrize("variable", ["YIBAO_KAFKA=127.0.0.1:99999", "YIBAO_REDIS=foo"])
@pytest.mark.parametrize(("command", "code"), [
    (("status",), CANNOT), (("account", "P0001"), CANNOT), (("trace", "x"), CANNOT), (("acl",), CANNOT), (("rules", "kept"), CANNOT), (("up", "--data", "data"), CANNOT),
    (("worker", "filing"), Exit.CONFIGURATION),
])
def test_a_command_that_has_a_wrong_address_names_it(run: Run, variable: str, command: tuple[str, ...], code: int) -> None:
    """Ends as with any wrong setting: a command with 2, a worker with 20, by which a supervisor does not start it again."""
    name, _, value = variable.partition("=")
    done = run(*command, env={name: value})
    assert (done.exit_code, type(done.exception)) == (code, SystemExit) and f"{name}: " in done.stderr
