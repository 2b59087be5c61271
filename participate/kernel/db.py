"""The database: one `db`, one way to write (`transaction`), one way to read (`rows`)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Insert,
    MetaData,
    Select,
    String,
    Table,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator

from participate.config import Settings
from participate.kernel import landing
from participate.kernel.connections import engine_options, reading
from participate.kernel.statements import ask

AnyRow = Any  # A named tuple of what a statement selects.
AnySelect = Select[*tuple[Any, ...]]

_READS = "participate.reads"


class Base(DeclarativeBase):
    """The root of all rows; constraint names are spelled out so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})

if TYPE_CHECKING:
    Model = Base  # Type checkers cannot see the class that Flask-SQLAlchemy makes from Base.
else:
    Model = db.Model


def table(model: type[Base]) -> Table:
    """The table behind `model`: what Core statements are quickest on."""
    found = model.__table__
    assert isinstance(found, Table)  # noqa: S101 - a model of ours is no join or subquery
    return found


class UuidText(Uuid[str]):
    """A UUID as text."""

    def __init__(self) -> None:
        super().__init__(as_uuid=False)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        """SQLite keeps the 32 digits: to put dashes in takes less than to check that they are a UUID."""
        return _text if dialect.supports_native_uuid else _dashed


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _dashed(digits: str | None) -> str | None:
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


Id = UuidText()
Json = JSON().with_variant(JSONB(), "postgresql")


def code(length: int) -> String:
    """A code column whose order is that of its bytes, so that a prefix is a range on every database."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """A moment: kept in UTC, handed out with its zone, refused without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """SQLite keeps text without the zone; PostgreSQL's connections are in UTC: see `connections`."""
        return _moment if dialect.name == "sqlite" else None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


_Write = Callable[[Counter[Any]], None]
_Change = tuple[Table, str, tuple[str, ...]]  # of which table, by which key, which columns


@dataclass
class _Open:
    """What the open transaction has in hand."""

    doomed: bool = False
    connection: Connection | None = None
    rows: dict[Insert, list[dict[str, Any]]] = field(default_factory=dict)
    changes: dict[_Change, dict[Any, dict[str, Any]]] = field(default_factory=dict)
    sums: dict[_Write, Counter[Any]] = field(default_factory=dict)
    after_commit: dict[str, Callable[[], None]] = field(default_factory=dict)
    after_failure: dict[str, Callable[[], None]] = field(default_factory=dict)


@contextmanager
def transaction() -> Iterator[Session]:
    """All the writes inside land together or not at all; nested uses join the outermost one.

    A nested failure dooms the whole: it cannot be caught inside and half of it committed.
    """
    session = db.session()
    if "open" in session.info:
        with _joined(session):
            yield session
        return
    release_reader()
    opened = session.info["open"] = _Open()
    callbacks = opened.after_failure
    try:
        yield session
        if opened.doomed:
            raise RuntimeError("a nested verb failed and its error was swallowed")
        for write, sums in opened.sums.items():
            write(sums)
        written(session, opened)
        session.commit()
        callbacks = opened.after_commit
    finally:
        del session.info["open"]
        session.close()
        for callback in callbacks.values():
            callback()


@contextmanager
def _joined(session: Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.info["open"].doomed = True
        raise


def in_transaction() -> bool:
    """Whether a `transaction()` is open around the caller."""
    return db.session.registry.has() and "open" in db.session().info


def after_commit(key: str, callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction has landed; the same `key` runs once however often it is asked."""
    db.session().info["open"].after_commit.setdefault(key, callback)


def after_failure(key: str, callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction has been taken back; the same `key` runs once. It must not raise."""
    db.session().info["open"].after_failure.setdefault(key, callback)


def add(statement: Insert, row: dict[str, Any]) -> None:
    """Write `row` by the plain insert `statement`, with all that waits: before the open transaction's next statement.

    So a verb that adds many rows, of several tables, sends as few statements as `landing` knows to.
    """
    db.session().info["open"].rows.setdefault(statement, []).append(row)


def change(changed: Table, key: str, row: dict[str, Any]) -> None:
    """Give the row of the table that this one names by `key` the other values that it holds, as late as by `add`.

    For many rows of which each gets its own values. Of two changes of the same columns of a row the later one counts.
    """
    waiting = db.session().info["open"].changes.setdefault((changed, key, tuple(row)), {})
    waiting[row[key]] = row


def add_up(steps: Counter[Any], write: _Write) -> None:
    """Have `write` called with the sum of all such `steps`, at the very end of the open transaction.

    For counts that everybody changes: who holds their rows so shortly keeps nobody waiting, and who takes hold of all
    of them at once, in one order, never waits for somebody who waits for them.
    """
    db.session().info["open"].sums.setdefault(write, Counter()).update(steps)


def execute(
    statement: Executable, parameters: dict[str, Any] | list[dict[str, Any]] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Run the statement in the open transaction, which it finds as written so far."""
    return written(db.session(), db.session().info["open"]).execute(statement, parameters)


def written(session: Session, opened: Any) -> Connection:
    """The connection of the `opened` transaction, once all that waits is written: entities, then rows, then changes."""
    session.flush()
    connection = opened.connection = opened.connection or session.connection()
    if opened.rows:
        waiting, opened.rows = opened.rows, {}
        landing.land(connection, waiting)
    if opened.changes:
        changes, opened.changes = opened.changes, {}
        for (changed, key, _), by_key in changes.items():
            landing.change(connection, changed, key, list(by_key.values()))
    return connection


@event.listens_for(Session, "do_orm_execute")
def _before(asked: ORMExecuteState) -> None:
    """What is asked of the session itself finds the transaction as written so far too."""
    opened = asked.session.info.get("open")
    if opened is not None and (opened.rows or opened.changes):
        written(asked.session, opened)


def rows(statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[AnyRow]:
    """The statement's rows: inside a transaction as it sees them, elsewhere on this context's read connection."""
    if in_transaction():
        return ask(written(db.session(), db.session().info["open"]), statement, parameters)
    return ask(_reader(), statement, parameters)


def one(statement: Executable, parameters: dict[str, Any] | None = None) -> AnyRow | None:
    """The statement's first row, or None."""
    return next(iter(rows(statement, parameters)), None)


def _reader() -> Connection:
    """A connection that opens no transaction, kept for this application context."""
    connection: Connection | None = g.get("reader")
    if connection is None:
        connection = g.reader = current_app.extensions[_READS].connect()
    return connection


def release_reader(_error: BaseException | None = None) -> None:
    """Give the read connection back to the pool."""
    if (connection := g.pop("reader", None)) is not None:
        connection.close()


def is_sqlite() -> bool:
    """Whether the default database is SQLite; for the few statements that the two databases spell differently."""
    return db.engine.dialect.name == "sqlite"


def init_db(app: Flask, settings: Settings) -> None:
    """Plug the database into `app`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    db.init_app(app)
    app.teardown_appcontext(release_reader)
    with app.app_context():
        app.extensions[_READS] = reading(db.engine)
