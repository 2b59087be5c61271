"""The service as other settings make it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from participate.app import create_app
from participate.config import from_environment
from participate.kernel.db import db
from tests.stores import Stores

Starting = Callable[..., Flask]


@pytest.fixture
def start(app: Flask, stores: Stores) -> Iterator[Starting]:
    """Starts a service on the same stores with some settings changed."""
    started = list[Flask]()

    def make(**settings: str) -> Flask:
        started.append(create_app(from_environment(stores.environment(**settings))))
        return started[-1]

    yield make
    for other in started:
        with other.app_context():
            db.engine.dispose()
