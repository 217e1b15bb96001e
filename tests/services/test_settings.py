"""Where the addresses come from, and what is said when they cannot be had."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.settings import LocalStack, NoStack, Settings, settings, unknown


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YIBAO_KAFKA", "YIBAO_REDIS"):
        monkeypatch.delenv(name, raising=False)


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
