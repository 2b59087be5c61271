"""The rows that a test begins with: none, or the demo town's; what the test before has left alone is not laid again."""

from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Executable, Table, exists, insert, literal_column, select, union_all

from participate.catalogue import service as catalogue
from participate.kernel.db import db, release_reader, transaction
from participate.places import service as places
from participate.places.locate import locator

AROUND = (28.2282, 112.9388)
_ROWS: dict[Table, list[dict[str, Any]]] = {}  # The town's, since this process laid it for the first time.
_LAID: dict[
    Table, list[Any]
] = {}  # The same as the database gave it back when it was last laid; empty where it is not.


def clear(app: Flask, *, but_town: bool) -> None:
    """Leave no row, or the town's alone where it stands as it was laid."""
    release_reader()
    with transaction() as session:
        connection = session.connection()
        filled = _filled(connection)
        stands = bool(but_town and _LAID and all(_kept(connection, table) == kept for table, kept in _LAID.items()))
        # On PostgreSQL too: TRUNCATE makes every table anew, ten times as slow for a handful of rows.
        for table in filled:
            if not (stands and table in _LAID):
                connection.execute(table.delete())
    if not stands:
        _LAID.clear()
        app.extensions.pop("participate.places", None)


def lay() -> None:
    """The demo district, the starter catalogue and the working calendar, unless they stand."""
    if _LAID:
        return
    if _ROWS:
        with transaction() as session:
            for table, kept in _ROWS.items():
                session.execute(insert(table), kept)
    else:
        places.seed_demo_areas(*AROUND)
        catalogue.seed_calendar()
        catalogue.seed_starter()
        found = ((table, db.session.execute(select(table)).mappings().all()) for table in db.metadata.sorted_tables)
        _ROWS.update({table: [dict(row) for row in kept] for table, kept in found if kept})
        db.session.rollback()
    with transaction() as session:
        _LAID.update({table: _kept(session.connection(), table) for table in _ROWS})
    locator().expire()


def _filled(connection: Connection) -> list[Table]:
    """The tables that hold a row, the dependent ones first."""
    tables, asked = _question()
    found = set(connection.execute(asked).scalars())
    return [table for number, table in enumerate(tables) if number in found]


@cache
def _question() -> tuple[list[Table], Executable]:
    tables = [table for table in reversed(db.metadata.sorted_tables) if table.name != "alembic_version"]
    any_row = (exists(select(1).select_from(table)) for table in tables)
    return tables, union_all(*(select(literal_column(f"{n}")).where(found) for n, found in enumerate(any_row)))


def _kept(connection: Connection, table: Table) -> list[Any]:
    """All rows of a table as the driver gives them, which is quicker than to read them as ours."""
    return list(connection.execute(select(literal_column("*")).select_from(table)).fetchall())
