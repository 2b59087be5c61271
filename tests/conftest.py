"""What the tests share: the application on this run's stores, people to act in it, and a clock to hold."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from xdist.scheduler import LoadFileScheduling

from participate.app import create_app
from participate.cli.migrations import upgrade
from participate.config import from_environment
from participate.kernel import clock as kernel_clock
from participate.kernel import errands, outbox
from participate.kernel.collector import loading
from participate.kernel.db import db, rows
from tests import standing
from tests.people import People, hold_answers_to_their_shapes
from tests.stores import Stores, opened, server


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Where each file goes to one test process, so does the folder whose files share a service."""
    return _ByFile(config, log) if config.getoption("dist") == "loadfile" else None


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        folder = "tests/journeys/shared/"
        return folder if nodeid.startswith(folder) else str(super()._split_scope(nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look through what is loaded for garbage neither now nor between tests: that was a sixth of their time."""
    with loading():
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the journeys, which wait most, so that others work meanwhile and none is left over at the end.

    On the second pair of stores, leave out what touches none: `tests.run` has run it with the first.
    """
    items.sort(key=lambda item: "tests/journeys/" not in item.nodeid)
    if not os.environ.get("TEST_WITH_STORES_ALONE"):
        return
    without = [item for item in items if "stores" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    """This test process's own stores; SQLite and an embedded store where `tests.run` says nothing else."""
    pair = os.environ.get("TEST_STORES", "embedded")
    if pair == "servers" and "TEST_POSTGRES_SERVER" not in os.environ:
        with server() as url:
            os.environ["TEST_POSTGRES_SERVER"] = url
            with opened(pair) as found:
                yield found
    else:
        with opened(pair) as found:
            yield found


@pytest.fixture(scope="session")
def migrated(stores: Stores) -> Iterator[Flask]:
    """The application on a database that its migrations have made."""
    app = create_app(from_environment(stores.environment()))
    hold_answers_to_their_shapes(app)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(migrated: Flask, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application in its context, with an empty database or, where the test asks for it, the town's."""
    with migrated.app_context():
        standing.clear(migrated, but_town="town" in request.fixturenames)
        yield migrated
        db.session.remove()


@pytest.fixture
def other_process(app: Flask, stores: Stores) -> Iterator[Flask]:
    """A second application on the same stores, with nothing in memory in common."""
    other = create_app(from_environment(stores.environment()))
    yield other
    with other.app_context():
        db.engine.dispose()


@pytest.fixture
def town(app: Flask) -> Flask:
    """The application with the demo district, the starter catalogue and the working calendar."""
    standing.lay()
    return app


@pytest.fixture
def people(app: Flask) -> People:
    """Signs people in with any role and scope."""
    return People(app)


@pytest.fixture
def work(app: Flask) -> Callable[[], int]:
    """Works off all that is due, in this process, until nothing is left; returns how many errands that were."""

    def until_done() -> int:
        done = 0
        # Not kind by kind to the end: most of them have nothing to do, and asking each is half of a test's time.
        while some := sum(errands.work_off(kind, 100) for kind in _kinds_due()):
            done += some
        return done

    return until_done


def _kinds_due() -> list[str]:
    due = (outbox.OutboxErrand.dead.is_(False), outbox.OutboxErrand.next_at <= kernel_clock.now())
    found = rows(select(outbox.OutboxErrand.kind).where(*due).distinct())
    return sorted({row.kind for row in found} & outbox.subscriptions().kinds)


class HeldClock:
    """A clock that goes on only when told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        """Let time pass, as in `timedelta`."""
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Iterator[HeldClock]:
    """Holds the service's clock at a Monday morning, at work, in 2026."""
    held = HeldClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    before = kernel_clock.use(held)
    yield held
    kernel_clock.use(before)
