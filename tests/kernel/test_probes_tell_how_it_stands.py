"""The probes tell what works and what does not, soon, and without being a load of their own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text, update
from werkzeug.test import TestResponse

from participate.app import create_app
from participate.config import from_environment
from participate.kernel import outbox, probes
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.ids import new_id
from tests.stores import Stores

Laid = Callable[..., Flask]


@pytest.fixture
def laid(app: Flask, stores: Stores) -> Iterator[Laid]:
    """Applications with nothing in memory, on this run's stores but for the settings given."""
    made: list[Flask] = []

    def lay(**settings: str) -> Flask:
        made.append(create_app(from_environment(stores.environment(**settings))))
        return made[-1]

    yield lay
    for each in made:
        with each.app_context():
            db.engine.dispose()


def _ready(app: Flask) -> TestResponse:
    return app.test_client().get("/readyz")


def test_all_is_well(laid: Laid) -> None:
    answer = _ready(laid())
    assert answer.status_code == 200
    checks = dict.fromkeys(("database", "migrations", "media", "store", "backlog"), "ok")
    assert answer.json == {"ready": True, "degraded": [], "checks": checks}


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.db"])
def test_without_the_database_it_lives_but_is_not_ready(laid: Laid, url: str) -> None:
    app = laid(DATABASE_URL=url)
    assert app.test_client().get("/livez").json == {"alive": True}
    answer = _ready(app)
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"] == dict.fromkeys(("database", "migrations", "backlog"), "away") | {
        "media": "ok",
        "store": "ok",
    }


def test_without_the_store_it_is_ready_since_the_sweep_finds_the_rows(laid: Laid) -> None:
    answer = _ready(laid(REDIS_URL="redis://127.0.0.1:1/0"))
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["degraded"], answer.json["checks"]["store"]) == (["store"], "away")


def test_where_no_photo_can_be_kept_it_is_ready_for_all_else(laid: Laid, tmp_path: Path) -> None:
    app = laid(MEDIA_URL=str(tmp_path / "uploads"))
    (tmp_path / "uploads").touch()
    answer = _ready(app)
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["degraded"], answer.json["checks"]["media"]) == (["media"], "away")


@contextmanager
def _revision(number: str) -> Iterator[None]:
    """The database at another version than this code's."""
    with transaction() as session:
        before = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
    yield
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": before})


def test_a_database_that_lacks_migrations_is_not_served(laid: Laid) -> None:
    with _revision("0001"):
        answer = _ready(laid())
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["migrations"] == "behind"


def test_a_database_that_a_newer_version_has_migrated_is_still_served(laid: Laid) -> None:
    with _revision("9999"):
        answer = _ready(laid())
    assert (answer.status_code, answer.json and answer.json["degraded"]) == (200, [])


def test_work_that_has_waited_long_shows(laid: Laid) -> None:
    with transaction() as session:
        outbox.record("photo.received", "photo", new_id())
        session.flush()
        session.execute(update(outbox.OutboxErrand).values(next_at=now() - timedelta(minutes=6)))
    answer = _ready(laid())
    assert (answer.status_code, answer.json and answer.json["checks"]["backlog"]) == (200, "behind")


class Stuck:
    """A check that does not come back before it is let go."""

    def __init__(self) -> None:
        self.times, self.free = 0, threading.Event()

    def __call__(self) -> str:
        self.times += 1
        self.free.wait(60)
        return "ok"


def test_a_check_that_hangs_is_called_slow_and_hangs_once(laid: Laid) -> None:
    app, stuck = laid(), Stuck()
    app.extensions["participate.health"]["store"] = probes.Look(stuck)
    try:
        for _ in range(3):
            answer = _ready(app)
            assert (answer.status_code, answer.json and answer.json["degraded"]) == (200, ["store"])
            assert answer.json is not None
            assert answer.json["checks"]["store"] == "slow"
    finally:
        stuck.free.set()
    assert stuck.times == 1


def test_many_probers_make_one_look() -> None:
    stuck = Stuck()
    stuck.free.set()
    look = probes.Look(stuck, holds=3600)
    assert [look.begin().result() for _ in range(100)] == ["ok"] * 100
    assert stuck.times == 1


def test_what_was_seen_holds_no_longer_than_it_should() -> None:
    stuck = Stuck()
    stuck.free.set()
    look = probes.Look(stuck, holds=0)
    for _ in range(5):
        look.begin().result()
    assert stuck.times > 1
