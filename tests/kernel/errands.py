"""A subscriber on trial: what tests of the outbox listen with, tell, and count."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from participate.kernel import deadlines, errands, outbox
from participate.kernel.db import one, rows, transaction
from participate.kernel.deadlines import Deadline
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact, OutboxErrand, Subscriber, Subscriptions
from tests.steps import at_once

KIND = "trials"


def tell(number: int = 1) -> list[str]:
    with transaction():
        return [outbox.record("thing.happened", "thing", new_id()) for _ in range(number)]


def act(fact: Fact, *_prepared: Any) -> None:
    """An effect that can be counted: a row."""
    deadlines.start("thing", fact.id, "done", "calendar_day", datetime(2026, 1, 1, tzinfo=UTC))


def effects() -> list[str]:
    return [str(row.subject_id) for row in rows(select(Deadline.subject_id).order_by(Deadline.subject_id))]


def errand() -> Any:
    return one(select(*OutboxErrand.__table__.columns))


def work(limit: int = 100) -> int:
    return errands.work_off(KIND, limit)


def elsewhere(app: Flask, call: Callable[[], int] = work) -> int:
    """What `call` returns in another worker."""

    def run() -> int:
        with app.app_context():
            return call()

    return at_once(run)[0]


def listen(heard: Subscriptions, handle: Callable[..., None] = act, name: str = "trial", **options: Any) -> None:
    heard.add(Subscriber(name, KIND, handle, **options), "thing.happened")
