"""Subscriptions of a test's own, and the way that a submission takes."""

from collections.abc import Iterator

import pytest
from flask import Flask

from participate.kernel import outbox
from participate.kernel.outbox import Subscriptions
from tests.conftest import HeldClock
from tests.steps import way

__all__ = ["heard", "way"]


@pytest.fixture
def heard(app: Flask, clock: HeldClock) -> Iterator[Subscriptions]:
    """Subscriptions of this test's own."""
    before = outbox.subscriptions()
    app.extensions["participate.subscriptions"] = mine = Subscriptions()
    yield mine
    app.extensions["participate.subscriptions"] = before
