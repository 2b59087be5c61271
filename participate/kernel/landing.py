"""Lets rows that have waited land in as few statements as the database takes: a round trip costs more than a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, Insert, Table

Row = dict[str, Any]
_Columns = tuple[str, ...]


def land(connection: Connection, waiting: Mapping[Insert, Sequence[Row]]) -> None:
    """Write the rows, each by the plain insert under which it waits; rows of one insert have the same columns."""
    filled = [(statement.table, _filled(statement.table, rows)) for statement, rows in waiting.items()]
    if connection.dialect.name == "postgresql":
        shapes = [(table, tuple(rows[0])) for table, rows in filled]
        connection.exec_driver_sql(_of_all(connection.dialect, *shapes), tuple(_document(rows) for _, rows in filled))
        return
    for table, rows in filled:
        statement, bound = _of_one(connection.dialect, table, tuple(rows[0]))
        values = [_bound(bound, row.values()) for row in rows]
        connection.exec_driver_sql(statement, values if len(values) > 1 else values[0])


def change(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Give the rows of the table that these name by `key` the other values that they hold, all of the same columns."""
    columns = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_changing(connection.dialect, table, key, columns), (_document(rows),))
        return
    changed = (*(name for name in columns if name != key), key)
    statement, bound = _changing_one(connection.dialect, table, changed)
    connection.exec_driver_sql(statement, [_bound(bound, [row[name] for name in changed]) for row in rows])


def _filled(table: Any, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with what their table fills in by itself, their columns in one order."""
    columns, lacking = _shape(table, tuple(rows[0]))
    if not lacking and len(rows) == 1:
        return rows
    return [{name: row[name] if name in row else lacking[name]() for name in columns} for row in rows]


@lru_cache(maxsize=256)
def _shape(table: Table, given: _Columns) -> tuple[_Columns, dict[str, Callable[[], Any]]]:
    lacking = {column.name: _made(column.default) for column in table.columns if column.default is not None}
    return (*given, *(name for name in lacking if name not in given)), {
        name: make for name, make in lacking.items() if name not in given
    }


def _made(default: Any) -> Callable[[], Any]:
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)


# PostgreSQL takes one statement for all, and each table's rows as one JSON document.


def _document(rows: Sequence[Row]) -> str:
    return orjson.dumps(rows, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)


@lru_cache(maxsize=256)
def _of_all(dialect: Dialect, *shapes: tuple[Table, _Columns]) -> str:
    *earlier, last = (_from_document(dialect, table, columns) for table, columns in shapes)
    parts = ", ".join(f"part_{number} AS ({statement})" for number, statement in enumerate(earlier))
    return f"WITH {parts} {last}" if parts else last


def _from_document(dialect: Dialect, table: Table, columns: _Columns) -> str:
    names = ", ".join(_quoted(dialect, columns))
    return f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {_given(dialect, table, columns)}"  # noqa: S608


@lru_cache(maxsize=256)
def _changing(dialect: Dialect, table: Table, key: str, columns: _Columns) -> str:
    changes = ", ".join(f"{name} = given.{name}" for name in _quoted(dialect, columns) if name != key)
    found = f"{_given(dialect, table, columns)} WHERE {table.name}.{key} = given.{key}"
    return f"UPDATE {table.name} SET {changes} FROM {found}"  # noqa: S608 - names of our own


def _given(dialect: Dialect, table: Table, columns: _Columns) -> str:
    kinds = (table.c[name].type.compile(dialect=dialect) for name in columns)
    told = ", ".join(map(" ".join, zip(_quoted(dialect, columns), kinds, strict=True)))
    return f"json_to_recordset(%s::json) AS given({told})"


# SQLite takes a statement for each table, and turns no value into its own by itself.

_Bound = tuple[Callable[[Any], Any] | None, ...]


@lru_cache(maxsize=256)
def _of_one(dialect: Dialect, table: Table, columns: _Columns) -> tuple[str, _Bound]:
    names, marks = ", ".join(_quoted(dialect, columns)), ", ".join("?" * len(columns))
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks})", _processors(dialect, table, columns)  # noqa: S608


@lru_cache(maxsize=256)
def _changing_one(dialect: Dialect, table: Table, columns: _Columns) -> tuple[str, _Bound]:
    """The last of `columns` is the key."""
    *changed, key = (f"{name} = ?" for name in _quoted(dialect, columns))
    statement = f"UPDATE {table.name} SET {', '.join(changed)} WHERE {key}"  # noqa: S608 - names of our own
    return statement, _processors(dialect, table, columns)


def _quoted(dialect: Dialect, columns: _Columns) -> list[str]:
    return [dialect.identifier_preparer.quote(name) for name in columns]


def _processors(dialect: Dialect, table: Table, columns: _Columns) -> _Bound:
    return tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns)


def _bound(processors: _Bound, values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(bind(value) if bind else value for bind, value in zip(processors, values, strict=True))
