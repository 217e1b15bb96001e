"""The servers of the live tests: started once a run, and named in pytest's summary; and which process runs which module."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from services.embedded.errors import EmbeddedMissing
from tests.servers import Servers, none_can_be_started, started

USED = pytest.StashKey[str]()
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)  # readline leaves the size of the first process's terminal to those that it starts


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Kafka and Redis. Skips where the extra [embedded] is absent and nothing else is there; never in CI."""
    try:
        with started(tmp_path_factory.mktemp("servers")) as found:
            request.config.stash[USED] = found.name
            yield found
    except EmbeddedMissing as missing:
        none_can_be_started(missing, os.environ)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where processes share the tests (``make test``), one has tests/chain, which waits for the servers much of the time and keeps one
    road a module, and the others take one module after another of the rest."""
    from xdist.scheduler import LoadScopeScheduling

    class ChainTogether(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/chain" if nodeid.startswith("tests/chain/") else nodeid.partition("::")[0]

    return ChainTogether(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes says which broker it used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["broker"] = session.config.stash.get(USED, None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """And the one that started it keeps that for the summary."""
    if used := getattr(node, "workeroutput", {}).get("broker"):
        node.config.stash[USED] = used


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says which broker was used, if any."""
    if used := config.stash.get(USED, None):
        terminalreporter.write_line(f"broker: {used}")
