"""Runs migrations inside the application, on the database that its settings name."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from participate.kernel.connections import LOCK_WAIT_MS
from participate.kernel.db import UtcTime, db


def _include(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """SQLite's search tables and its own bookkeeping are no models of ours."""
    return not (kind == "table" and name is not None and name.startswith(("sqlite_", "submission_search")))


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """A migration names the database's own types: ours may change after it was written."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcTime) else False


def _wait_for_nobody(connection: Connection) -> None:
    """Give up on a lock soon: whoever comes after a migration that waits for one waits, too. It is then run again."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET lock_timeout = {LOCK_WAIT_MS}")
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()


def run() -> None:
    """Run what is asked for, each migration in a transaction of its own."""
    with db.engine.connect() as connection:
        _wait_for_nobody(connection)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
            include_object=_include,
            render_item=_render,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.invalidate()  # What is set here, and steps outside transactions, have changed it for good.


run()
