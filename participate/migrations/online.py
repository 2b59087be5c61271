"""Steps of migrations that hold up nobody, however large the table is and whoever works on it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid"


def create_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Add an index to a table that is in use.

    On PostgreSQL it is built concurrently, which takes no lock that writers would wait for, but waits for them
    itself: without `lock_timeout`, that is, and outside a transaction. What an attempt that was cut short has left
    is removed first. `options` are those of Alembic's `create_index`; `sqlite_where` and the like are heeded.
    """
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        connection.exec_driver_sql("SET lock_timeout = 0")
        if connection.execute(sa.text(_INVALID), {"name": name}).first():
            op.drop_index(name, table_name=table, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True, **options)
        connection.exec_driver_sql("RESET lock_timeout")


def drop_index(name: str, table: str) -> None:
    """Take an index away from a table that is in use."""
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table_name=table)
        return
    with op.get_context().autocommit_block():
        op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)


def change_check(table: str, name: str, before: str, after: str) -> None:
    """Let a CHECK constraint of a table that is in use hold `after` in place of `before`, both as SQL.

    PostgreSQL checks the rows that are there afterwards, without holding anybody up. SQLite, which cannot alter one,
    has its schema's text changed where it stands, as its manual advises for a check that lets more in
    (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"): a copy of the table would
    make all writers wait, and touch every row that refers to it.
    """
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, after, postgresql_not_valid=True)
        op.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT "{name}"')
        return
    old, new = (f"CONSTRAINT {name} CHECK ({check})" for check in (before, after))
    (sql,) = connection.execute(sa.text("SELECT sql FROM sqlite_schema WHERE name = :table"), {"table": table}).one()
    if old not in sql:
        raise RuntimeError(f"{table} has no {old}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :table")
    connection.execute(changed, {"sql": sql.replace(old, new), "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
