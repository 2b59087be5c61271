"""Migrations lead from nothing to what the models say, back, and forth again, and lose nothing that is kept."""

import datetime
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import select

from participate.app import create_app
from participate.config import from_environment
from participate.kernel.db import db, rows
from participate.kernel.deadlines import Deadline
from tests.stores import database, server

Schema = dict[str, str]

# What search is made of on each database: no models, and the migration's own affair.
NO_MODELS = ("submission_search", "alembic_version")
# One row in every table of the first revision: all have one id, so every reference finds what it refers to.
ONE_ID = uuid.UUID("019aafc3-7c00-7000-8000-000000000001")
PLAIN = {
    uuid.UUID: ONE_ID,
    str: "x",
    bytes: b"x",
    bool: False,
    int: 1,
    float: 1.0,
    datetime.date: datetime.date(2026, 11, 23),
    datetime.time: datetime.time(9, 30),
    datetime.datetime: datetime.datetime(2026, 11, 23, 2, tzinfo=datetime.UTC),
    object: {"a": [1]},
}
# What a table's own checks want.
CHECKED = {
    "accounts": {"phone": "+8613800000001"},
    "areas": {"code": "990101", "level": "district"},
    "area_boundaries": {"area_code": "990101"},
    "role_grants": {"role": "resident", "area": ""},
    "categories": {"kind": "event"},
    "conditions": {"clock": "work_day"},
    "services": {"clock": "work_day"},
    "photos": {"state": "processing"},
    "submissions": {"state": "received", "kind": "snap_report", "place_source": "none", "title": "井盖缺失"},
    "moderation_tasks": {"state": "waiting"},
    "cases": {"state": "filed"},
    "assisted": {"hears_by": "call", "consent": "oral"},
}


@contextmanager
def _new_database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder}/{uuid.uuid4()}.db"
        return
    with server() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_POSTGRES_SERVER", url)
        with database() as found:
            yield found


@contextmanager
def _opened(dialect: str, folder: Path) -> Iterator[Flask]:
    """The application on a database with nothing in it, in its context."""
    with _new_database(dialect, folder) as url:
        app = create_app(
            from_environment({"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost", "DATABASE_URL": url})
        )
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def empty(dialect: str, tmp_path: Path) -> Iterator[Flask]:
    with _opened(dialect, tmp_path) as app:
        yield app


def _config(app: Flask) -> Config:
    found: Config = Migrate(app, db, directory=app.config["MIGRATIONS"]).get_config()
    return found


def _revisions(app: Flask) -> list[str]:
    """All revisions, the first one first."""
    return [step.revision for step in ScriptDirectory.from_config(_config(app)).walk_revisions()][::-1]


def _schema() -> Schema:
    """All that the database itself says of its tables, in an order that does not depend on how they were made."""
    look = sa.inspect(db.engine)
    said: dict[str, Any] = {
        "columns": look.get_multi_columns(),
        "keys": look.get_multi_pk_constraint(),
        "references": look.get_multi_foreign_keys(),
        "indexes": look.get_multi_indexes(),
        "unique": look.get_multi_unique_constraints(),
        "checks": look.get_multi_check_constraints(),
    }
    return {
        f"{name}: {part}": _spelt(found)
        for part, by_table in said.items()
        for (_, name), found in by_table.items()
        if not name.startswith(NO_MODELS)
    }


def _spelt(found: Any) -> str:
    """Columns, constraints, indexes written out: the same text for the same thing."""
    if isinstance(found, dict):
        return str(sorted((key, _spelt(value)) for key, value in found.items()))
    if isinstance(found, list) and found and isinstance(found[0], dict):
        return "\n".join(sorted(map(_spelt, found)))
    return str(found)


def test_from_nothing_to_what_the_models_say(empty: Flask, dialect: str, tmp_path: Path) -> None:
    command.upgrade(_config(empty), "head")
    command.check(_config(empty))
    migrated = _schema()
    with _opened(dialect, tmp_path):
        db.create_all()
        declared = _schema()
    assert len(declared) > 15
    assert migrated == declared


def test_every_step_leads_back_and_forth(empty: Flask) -> None:
    config, schemas = _config(empty), [_schema()]
    for revision in _revisions(empty):
        command.upgrade(config, revision)
        after = _schema()
        command.downgrade(config, "-1")
        assert _schema() == schemas[-1], f"{revision} does not lead back"
        command.upgrade(config, revision)
        assert _schema() == after, f"{revision} does not lead forth again"
        schemas.append(after)
    command.downgrade(config, "base")
    assert _schema() == {}


def test_the_steps_are_one_line(empty: Flask) -> None:
    """Two migrations made side by side would leave it open which one is the last."""
    assert len(ScriptDirectory.from_config(_config(empty)).get_heads()) == 1
    assert _revisions(empty) == [f"{number:04}" for number in range(1, len(_revisions(empty)) + 1)]


def test_what_is_kept_survives_every_step(empty: Flask) -> None:
    config = _config(empty)
    command.upgrade(config, "0001")
    kept = _fill()
    command.upgrade(config, "head")
    assert kept == {name: _row(name, list(row)) for name, row in kept.items()}
    _is_sound()
    command.downgrade(config, "0001")
    assert kept == {name: _row(name, list(row)) for name, row in kept.items()}


def test_a_call_from_before_is_noticed_when_it_is_late(empty: Flask) -> None:
    config = _config(empty)
    command.upgrade(config, "0001")
    _fill()
    command.upgrade(config, "0057")
    with db.engine.begin() as connection:
        for name in ("assisted", "calls"):
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            connection.execute(table.insert(), _made_up(table))
    command.upgrade(config, "0058")
    deadline = rows(select(Deadline.subject_id, Deadline.due_at).where(Deadline.duty == "tell"))
    assert [(row.subject_id, row.due_at) for row in deadline] == [(str(ONE_ID), PLAIN[datetime.datetime])]


def _is_sound() -> None:
    """SQLite finds nothing wrong with its file, whose schema is rewritten where it could not be altered."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def _fill() -> dict[str, Any]:
    """Put one row into every table that there is; returns each by its table's name."""
    tables = sa.MetaData()
    tables.reflect(db.engine)
    found = [table for table in tables.sorted_tables if not table.name.startswith(NO_MODELS)]
    assert {"accounts", "submissions", "cases", "photos", "timeline_entries"} <= {table.name for table in found}
    with db.engine.begin() as connection:
        for table in found:
            connection.execute(table.insert(), _made_up(table))
    return {table.name: _row(table.name, [column.name for column in table.columns]) for table in found}


def _made_up(table: sa.Table) -> dict[str, Any]:
    wanted = {column.name: _value(column.type) for column in table.columns if not column.nullable}
    return wanted | CHECKED.get(table.name, {})


def _value(kind: sa.types.TypeEngine[Any]) -> Any:
    # SQLite knows no UUID; 32 characters of fixed length are one.
    return ONE_ID.hex if isinstance(kind, sa.CHAR) else PLAIN[kind.python_type]


def _row(name: str, columns: list[str]) -> dict[str, Any]:
    """The only row of a table."""
    wanted = ", ".join(f'"{column}"' for column in columns)
    with db.engine.connect() as connection:
        return dict(connection.execute(sa.text(f"SELECT {wanted} FROM {name}")).one()._mapping)  # noqa: S608 - our own
