"""Steps of migrations that hold up nobody, however large the table is and whoever works on it."""

import re
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


def fill(table: str, column: str, source: str, where: str, at_once: int = 2000) -> None:
    """Give `column` what `source` holds in the rows of a table that is in use for which `where`, as SQL, is true.

    On PostgreSQL in the order of their ids, so many in a transaction: nobody waits for a row longer than those take.
    """
    filled = sa.table(table, sa.column("id", sa.Uuid(as_uuid=False)), sa.column(column), sa.column(source))
    change = sa.update(filled).where(sa.text(where)).values({column: filled.c[source]})
    if op.get_bind().dialect.name != "postgresql":
        op.execute(change)
        return
    held, behind = filled.c.id, "00000000-0000-0000-0000-000000000000"
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        chosen = sa.select(held).where(sa.text(where)).order_by(held).limit(at_once)
        while ids := connection.execute(chosen.where(held > behind)).scalars().all():
            connection.execute(change.where(held.in_(ids)))
            behind = ids[-1]


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
    sql = _text_of(table)
    if old not in sql:
        raise RuntimeError(f"{table} has no {old}")
    _rewrite({table: (table, sql.replace(old, new))})


def drop_unique(table: str, name: str, column: str) -> None:
    """Let several rows of a table that is in use hold the same in `column`, which UNIQUE constraint `name` forbade.

    Elsewhere that is a moment's work. In SQLite the index that stands for the constraint becomes one like any other, as
    the constraint leaves the schema's text, and is dropped then: a copy of the table would make all writers wait. Of
    such indexes it has to be the table's last, since SQLite knows them by their numbers.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="unique", if_exists=True)
        return
    before = _text_of(table)
    after = re.sub(rf",\s*CONSTRAINT {name} UNIQUE \({column}\)", "", before)
    columns = sa.text("SELECT name FROM pragma_index_info(:of)")
    last = _number_of_uniques(table)
    held = op.get_bind().execute(columns, {"of": _unique(table, last)}).scalars().all()
    if after == before or held != [column]:
        raise RuntimeError(f"the last that is unique in {table} is not {name}")
    index = f"CREATE UNIQUE INDEX {name} ON {table} ({column})"
    _rewrite({table: (table, after), _unique(table, last): (name, index)})
    op.drop_index(name, table_name=table)


def add_unique(table: str, name: str, column: str) -> None:
    """The way back from `drop_unique`, for tests alone."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_unique_constraint(op.f(name), table, [column])
        return
    following = _unique(table, _number_of_uniques(table) + 1)
    op.create_index(name, table, [column], unique=True)
    text = f"{_text_of(table).rstrip().removesuffix(')').rstrip()}, CONSTRAINT {name} UNIQUE ({column}))"
    _rewrite({table: (table, text), name: (following, None)})


def allow_null(table: str, column: str, kind: str = "CHAR(32)") -> None:
    """Let `column`, of the type that SQLite calls `kind`, be empty from now on in a table that is in use."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column, nullable=True)
        return
    _retype(table, f"{column} {kind} NOT NULL", f"{column} {kind}")


def require_value(table: str, column: str, kind: str = "CHAR(32)") -> None:
    """The way back from `allow_null`, for tests alone."""
    op.execute(sa.delete(sa.table(table, sa.column(column))).where(sa.column(column).is_(None)))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column, nullable=False)
        return
    _retype(table, f"{column} {kind}", f"{column} {kind} NOT NULL")


def _retype(table: str, before: str, after: str) -> None:
    sql = _text_of(table)
    if before not in sql:
        raise RuntimeError(f"{table} has no {before}")
    _rewrite({table: (table, sql.replace(before, after, 1))})


def _unique(table: str, number: int) -> str:
    """What SQLite calls the index of the table's so-manyth key or UNIQUE constraint."""
    return f"sqlite_autoindex_{table}_{number}"


def _number_of_uniques(table: str) -> int:
    uniques = sa.text("SELECT count(*) FROM pragma_index_list(:of) WHERE origin <> 'c'")
    return int(op.get_bind().execute(uniques, {"of": table}).scalar_one())


def _text_of(table: str) -> str:
    """How SQLite's schema makes a table."""
    made = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :table")
    return str(op.get_bind().execute(made, {"table": table}).scalar_one())


def _rewrite(entries: dict[str, tuple[str, str | None]]) -> None:
    """Give entries of SQLite's schema another name and text; everybody reads the schema anew after that."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = sa.text("UPDATE sqlite_schema SET name = :name, sql = :sql WHERE name = :known")
    for known, (name, sql) in entries.items():
        connection.execute(changed, {"known": known, "name": name, "sql": sql})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
