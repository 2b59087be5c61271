"""Journeys that do the service no harm share one, whatever lies in it from the others."""

from collections.abc import Iterator

import pytest

from tests.live import ONE_PROCESS, Live, started


@pytest.fixture(scope="package")
def service(pair: str) -> Iterator[Live]:
    """A running service; `tests.conftest` sees to it that one test process runs all files of this folder."""
    with started(pair, ONE_PROCESS) as service:
        yield service
