"""docker-compose.yml as docker-compose's own parser understands it. It needs no Docker engine."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import compose

FILE = Path(__file__).parents[1] / "docker-compose.yml"
PARSER = Path(compose.__file__).with_name("docker-compose")
"""The program itself: the package's wrapper drops the exit code."""

Service = dict[str, Any]


def parsed(file: Path, *options: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """docker-compose's ``config`` on ``file``, with no environment but ``env`` and no file .env."""
    command = [str(PARSER), "-f", str(file), "--env-file", os.devnull, "--profile", "*", "config", *options]
    env = {"PATH": os.environ["PATH"], **env}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)


def services(**env: str) -> dict[str, Service]:
    """Name -> service of the file, with the variables ``env`` set by the caller."""
    done = parsed(FILE, "--format", "json", **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


@cache
def plain() -> dict[str, Service]:
    """The services of the file where the caller has set nothing."""
    return services()


def environment(service: Service) -> dict[str, str]:
    """What a container gets: a variable without a value is the caller's, who has set none."""
    return {name: str(value) for name, value in service["environment"].items() if value is not None}
