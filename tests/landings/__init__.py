"""Databases as earlier landings have left them: frozen once, never edited, and thawed into either kind of database.

A landing is frozen from a SQLite database that its own code has made and filled, with work left unfinished:
`python -m tests.landings.freeze PATH > tests/landings/NNNN.json`, named for the database's last revision.
"""

import datetime
import json
import uuid
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HERE = Path(__file__).parent
# Made anew from the others by the migration that makes these tables.
DERIVED = ("submission_search", "submission_texts", "alembic_version", "sqlite_")
Rows = dict[str, list[dict[str, Any]]]


def freeze(path: str) -> Rows:
    """All rows of the SQLite database at `path`, as JSON can hold them."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        return {
            table.name: [
                {name: _frozen(value) for name, value in row.items()}
                for row in connection.execute(table.select().order_by(*table.primary_key.columns)).mappings()
            ]
            for table in _tables(engine)
        }


def _tables(engine: sa.Engine) -> list[sa.Table]:
    """Those that are not derived, referenced ones first."""
    found = sa.MetaData()
    found.reflect(engine, only=lambda name, _: not name.startswith(DERIVED))
    return found.sorted_tables


def _frozen(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def thaw(name: str, engine: sa.Engine) -> None:
    """Put the rows of a landing into a database at its revision, whose own rows a migration has made give way."""
    landing: Rows = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    tables = [table for table in _tables(engine) if table.name in landing]
    assert {table.name for table in tables} == set(landing)
    with engine.begin() as connection:
        for table in reversed(tables):
            connection.execute(table.delete())
        for table in tables:
            rows = [{key: _thawed(table.c[key], value) for key, value in row.items()} for row in landing[table.name]]
            if rows:
                connection.execute(table.insert(), rows)


def _thawed(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None or isinstance(kind, sa.JSON):
        return value
    if isinstance(kind, sa.DateTime):
        moment = datetime.datetime.fromisoformat(value)
        return moment.replace(tzinfo=datetime.UTC) if kind.timezone else moment
    if isinstance(kind, sa.LargeBinary):
        return b64decode(value)
    read = {sa.Uuid: uuid.UUID, sa.Date: datetime.date.fromisoformat, sa.Time: datetime.time.fromisoformat}
    return next((make(value) for like, make in read.items() if isinstance(kind, like)), value)
