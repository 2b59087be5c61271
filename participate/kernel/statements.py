"""Asks the database; how a statement that stays the same is asked is worked out once, not each time.

SQLAlchemy looks up, each time, as what it has compiled a statement before, and asks the driver to describe what comes
back. That takes several times as long as the driver's own part. A statement that is kept, and asked again, is asked by
what was worked out then: the same text, the same values, the same rows.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Dialect, Executable, SelectBase
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler

_Turn = Callable[[Any], Any] | None
_Given = dict[str, Any]


@dataclass(frozen=True)
class _Way:
    """How a statement is asked: its text, its values as the driver takes them, and what becomes of each column."""

    text: str
    always: _Given  # the values that stand in the statement itself
    wanted: tuple[tuple[str, str, _Turn], ...]  # what each value is called in the text, and by who asks
    order: tuple[str, ...] | None  # None where the text names its values
    turned: tuple[tuple[int, Callable[[Any], Any]], ...]
    row: Callable[[Iterable[Any]], Any]

    def values(self, given: _Given) -> Any:
        """What was `given`, as the driver takes it."""
        bound = self.always | {
            name: turn(given[key]) if turn else given[key] for name, key, turn in self.wanted if key in given
        }
        return bound if self.order is None else tuple(map(bound.__getitem__, self.order))

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """What the driver has `found`."""
        if not self.turned or not found:
            return list(map(self.row, found))
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for place, turn in self.turned:
            columns[place] = map(turn, columns[place])
        return list(map(self.row, zip(*columns, strict=True)))


class _Known:
    """What is known of the statements that are kept somewhere, while they are."""

    def __init__(self) -> None:
        self.once: WeakSet[Executable] = WeakSet()  # One that was asked once may have been made for that.
        self.ways: WeakKeyDictionary[Executable, _Way | None] = WeakKeyDictionary()


_known: WeakKeyDictionary[Dialect, _Known] = WeakKeyDictionary()


def ask(connection: Connection, statement: Executable, given: _Given | None) -> list[Any]:
    """The statement's rows as named tuples, since SQLAlchemy's own take ten times as long to find an attribute."""
    known = _known.get(connection.dialect) or _known.setdefault(connection.dialect, _Known())
    way, listening = known.ways.get(statement), connection.engine.dispatch
    if way is None or listening.before_cursor_execute or listening.after_cursor_execute:
        return _ask_slowly(connection, statement, given, known)
    return way.rows(_fetched(connection, way.text, way.values(given or {})))


def _ask_slowly(connection: Connection, statement: Executable, given: _Given | None, known: _Known) -> list[Any]:
    result = connection.execute(statement, given)
    columns = tuple(result.keys())
    if isinstance(statement, SelectBase) and statement not in known.ways:
        if statement in known.once:
            known.ways[statement] = _way(connection.dialect, statement, given or {}, columns, result.cursor)
        known.once.add(statement)
    return list(map(_named(columns), result.all()))


@lru_cache(maxsize=1024)
def _named(columns: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    made: Any = namedtuple  # Type checkers want to see the names.
    row: Callable[[Iterable[Any]], Any] = made("Row", columns, rename=True)._make
    return row


def _way(dialect: Dialect, statement: SelectBase, given: _Given, columns: tuple[str, ...], cursor: Any) -> _Way | None:
    """How the statement is asked; None where that depends on what is given, as on the length of a list."""
    selected, compiled = list(statement.selected_columns), statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler) or len(selected) != len(columns) or not _is_plain(compiled):
        return None
    turns = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
    }
    open_ones = {name: bind for bind, name in compiled.bind_names.items() if not bind.unique}
    written = compiled.construct_expanded_state(given)
    values = {name: value for name, value in written.parameters.items() if name not in open_ones}
    values |= {name: bind.value for name, bind in open_ones.items() if not bind.required}
    turns |= written.processors
    results = (
        column.type.dialect_impl(dialect).result_processor(dialect, told[1])
        for column, told in zip(selected, cursor.description, strict=True)
    )
    return _Way(
        text=written.statement,
        always={name: _turned(turns.get(name), value) for name, value in values.items()},
        wanted=tuple((name, bind.key, turns[name]) for name, bind in open_ones.items()),
        order=tuple(written.positiontup or ()) if compiled.positional else None,
        turned=tuple((place, turn) for place, turn in enumerate(results) if turn is not None),
        row=_named(columns),
    )


def _turned(turn: _Turn, value: Any) -> Any:
    return turn(value) if turn else value


def _is_plain(compiled: SQLCompiler) -> bool:
    """Whether its text is the same whatever is given."""
    is_open = (
        bind.callable or ((bind.expanding or bind.literal_execute) and not bind.unique) for bind in compiled.bind_names
    )
    return not any(is_open) and not compiled.escaped_bind_names


def _fetched(connection: Connection, text: str, values: Any) -> Sequence[Sequence[Any]]:
    """What the driver finds; its errors come as SQLAlchemy's own."""
    held = connection.connection
    cursor = held.cursor()
    try:
        cursor.execute(text, values)
        found = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, held, text, values, error) from error
    except Exception:
        raise
    except BaseException as stopped:  # In the midst of an answer the connection is of no more use.
        connection.invalidate(stopped)
        raise
    cursor.close()
    return found


def _told(connection: Connection, held: PoolProxiedConnection, text: str, values: Any, error: Any) -> Exception:
    """The driver's error as SQLAlchemy's; a connection that is lost goes back to no pool."""
    dialect, hidden = connection.dialect, connection.engine.hide_parameters
    lost = dialect.is_disconnect(error, held, None)
    if lost:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    told: Exception = DBAPIError.instance(text, values, error, kind, hidden, lost, dialect)
    return told
