"""The servers of the live tests: started once a run, and named in pytest's summary."""

import os
from collections.abc import Iterator

import pytest

from services.embedded.errors import EmbeddedMissing
from tests.servers import Servers, none_can_be_started, started

USED = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Kafka and Redis. Skips where the extra [embedded] is absent and nothing else is there; never in CI."""
    try:
        with started(tmp_path_factory.mktemp("servers")) as found:
            request.config.stash[USED] = found.name
            yield found
    except EmbeddedMissing as missing:
        none_can_be_started(missing, os.environ)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says which broker was used, if any."""
    if used := config.stash.get(USED, None):
        terminalreporter.write_line(f"broker: {used}")
