"""What the journeys share: a live service on this run's pair of stores, and the people who call it."""

import os
from collections.abc import Iterator

import pytest

from tests.live import ONE_PROCESS, Live, laid, started
from tests.stores import Stores


@pytest.fixture(scope="session")
def pair(stores: Stores) -> str:
    """Which pair of stores this run is on; the fixture that it asks for has found the servers."""
    return os.environ.get("TEST_STORES", "embedded")


@pytest.fixture
def unstarted(pair: str, request: pytest.FixtureRequest) -> Iterator[Live]:
    """A service of the test's own, to start and to ill-treat, with the SETTINGS that its file names."""
    with laid(pair) as service:
        service.environment |= getattr(request.module, "SETTINGS", ONE_PROCESS)
        yield service


@pytest.fixture(scope="module")
def service(pair: str, request: pytest.FixtureRequest) -> Iterator[Live]:
    """A running service that the tests of one file share, with the SETTINGS that it names."""
    with started(pair, getattr(request.module, "SETTINGS", ONE_PROCESS)) as service:
        yield service
