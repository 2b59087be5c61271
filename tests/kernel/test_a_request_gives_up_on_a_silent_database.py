"""A request waits for PostgreSQL so long and no longer, whatever the server does; a worker waits."""

from functools import partial

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from participate.kernel import patience
from participate.kernel.db import is_sqlite, one
from tests.live import until
from tests.steps import Way, at_once
from tests.stores import Stores


@pytest.fixture(autouse=True)
def _postgres(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_sqlite():
        pytest.skip("SQLite is no server: its waits are bounded by busy_timeout")
    monkeypatch.setattr(patience, "REQUEST_SECONDS", 0.3)


def test_a_request_gives_up(app: Flask) -> None:
    with app.app_context(), app.test_request_context("/"), pytest.raises(OperationalError):
        one(text("SELECT pg_sleep(30)"))


def test_its_waits_count_together(app: Flask) -> None:
    with app.app_context(), app.test_request_context("/"), pytest.raises(OperationalError):
        for _ in range(10):
            one(text("SELECT pg_sleep(0.1)"))


def test_the_next_request_finds_a_sound_connection(app: Flask) -> None:
    with app.app_context(), app.test_request_context("/"), pytest.raises(OperationalError):
        one(text("SELECT pg_sleep(30)"))
    with app.app_context(), app.test_request_context("/"):
        assert one(text("SELECT 1")) == (1,)


def test_outside_requests_nobody_is_hurried() -> None:
    assert one(text("SELECT 1 FROM pg_sleep(0.5)")) == (1,)


def test_what_one_request_has_waited_the_next_has_not(app: Flask) -> None:
    for _ in range(4):
        with app.test_request_context("/"):
            one(text("SELECT pg_sleep(0.1)"))


_LEFT = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'")


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2])
def test_what_it_had_begun_is_undone_at_once(
    way: Way, stores: Stores, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Or it would keep its locks, and its place in the pool, until somebody collects the garbage."""
    for _ in range(5):
        way.hand_in()
    everybody = [way.people.staff("moderator") for _ in range(20)]
    monkeypatch.setattr(patience, "REQUEST_SECONDS", seconds)
    with psycopg.connect(stores.database_url) as other:
        other.execute("LOCK TABLE queue_events IN SHARE MODE")  # Whoever has claimed a task waits there to say so.
        answers = at_once(*(partial(who.post, "/v1/moderation/claims", {"count": 3}) for who in everybody))
    assert 503 in {answer.status_code for answer in answers}
    until(lambda: one(_LEFT) == (0,), "no transaction to be left open", 2)
