"""The rulebook that the package ships, and property tests without a deadline: a busy machine is no error."""

import pytest
from hypothesis import HealthCheck, settings

from policies.book import Book, built_in

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def book() -> Book:
    return built_in()
