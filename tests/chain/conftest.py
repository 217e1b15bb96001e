"""A road a module, and the workers' logs beside every failure."""

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio

from tests.chain.road import LiveRoad
from tests.servers import Servers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def road(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveRoad]:
    """An empty road. Nothing runs on it yet."""
    found = LiveRoad(servers, tmp_path_factory.mktemp("workers"))
    await found.create()
    yield found
    await found.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the ends of the workers' logs to the report of a test that failed."""
    report = yield
    road = getattr(item, "funcargs", {}).get("road")
    if report.failed and isinstance(road, LiveRoad):
        report.sections.append(("logs of the workers", road.workers.tails()))
    return report
