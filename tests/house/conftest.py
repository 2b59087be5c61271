"""What the guards share: the service as it is put together, with nothing behind it."""

import pytest
from flask import Flask

from participate.app import create_app
from participate.config import from_environment


@pytest.fixture(scope="session")
def service() -> Flask:
    """The application; no store is asked, so none need be there."""
    return create_app(from_environment({"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost"}))
