"""The command line, as the tests of its commands run it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.app import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in an empty folder, without any addresses."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("YIBAO_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args, **more: CliRunner().invoke(app, list(map(str, args)), **more)
