"""While a migration runs others go on writing; where it would wait for them it gives up, and can be run again."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from participate.app import create_app
from participate.cli.migrations import upgrade
from participate.config import from_environment
from participate.kernel.db import db
from tests.stores import database, server

BEFORE_INDEXES = "0003"  # 0004 adds indexes to a table that is in use.
INDEX = "ix_submissions_public_kind"
WRITE = "UPDATE submissions SET version = version WHERE false"  # It takes the lock of a writer, and needs no row.
BUILDING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND datname = current_database()"


@pytest.fixture
def at_work() -> Iterator[Flask]:
    """The application on a PostgreSQL database of the last release but one, in its context."""
    with server() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_POSTGRES_SERVER", url)
        with database() as found:
            settings = {"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost", "DATABASE_URL": found}
            app = create_app(from_environment(settings))
            with app.app_context():
                yield app
                db.session.remove()
                db.engine.dispose()


@pytest.fixture
def other(at_work: Flask) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection of the release that still serves; it waits for nothing over two seconds."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, options="-c lock_timeout=2000") as connection:
        yield connection


def _version() -> str:
    with db.engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _is_valid() -> bool:
    valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    with db.engine.connect() as connection:
        return bool(connection.execute(valid, {"name": INDEX}).scalar())


def test_a_migration_gives_up_on_a_lock_without_a_change(
    at_work: Flask, other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    upgrade("0002")
    other.execute("LOCK TABLE accounts IN ACCESS SHARE MODE")  # As a long report holds it.
    with pytest.raises(OperationalError, match="lock timeout"):
        upgrade("0003")
    assert _version() == "0002"
    assert "totp_step" not in {column["name"] for column in inspect(db.engine).get_columns("accounts")}
    other.rollback()
    upgrade("0003")
    assert _version() == "0003"


def test_others_write_while_an_index_is_built(at_work: Flask, other: "psycopg.Connection[tuple[object, ...]]") -> None:
    upgrade(BEFORE_INDEXES)
    other.execute(WRITE)  # Its transaction stays open: the index has to wait for it, and nobody for the index.
    failed: list[BaseException] = []

    def migrate() -> None:
        with at_work.app_context():
            try:
                upgrade("0004")
            except BaseException as error:
                failed.append(error)

    building = threading.Thread(target=migrate)
    building.start()
    with psycopg.connect(other.info.dsn, options="-c lock_timeout=2000", autocommit=True) as third:
        while not third.execute(BUILDING).fetchone():
            assert building.is_alive(), failed
        third.execute(WRITE)
    other.commit()
    building.join(60)
    assert failed == []
    assert _is_valid()


def test_what_a_build_that_was_cut_short_has_left_is_built_anew(at_work: Flask) -> None:
    upgrade(BEFORE_INDEXES)
    with db.engine.begin() as connection:
        connection.execute(text(f"CREATE INDEX {INDEX} ON submissions (kind, id)"))
        connection.execute(text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{INDEX}'::regclass"))  # noqa: S608
    assert not _is_valid()
    upgrade("0004")
    assert _is_valid()
