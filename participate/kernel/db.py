"""The database: one `db`, one way to write (`transaction`), one way to read (`rows`)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    Row,
    Select,
    String,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from participate.config import Settings

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

LOCK_WAIT_MS = 4000
# SQLite's driver is in autocommit from the start (see `_prepare_sqlite`); the option keeps a read from taking the
# write lock.
_READS: dict[str, dict[str, Any]] = {
    "sqlite": {"reads": True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}


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

Id = Uuid(as_uuid=False)
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

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; the rows are in UTC."""
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def transaction() -> Iterator[Session]:
    """All the writes inside land together or not at all; nested uses join the outermost one.

    A nested failure dooms the whole: it cannot be caught inside and half of it committed.
    """
    session = db.session()
    if "depth" in session.info:
        with _joined(session):
            yield session
        return
    release_reader()
    session.info.update(depth=1, doomed=False, after_commit={})
    try:
        yield session
        if session.info["doomed"]:
            raise RuntimeError("a nested verb failed and its error was swallowed")
        session.commit()
        callbacks = list(session.info["after_commit"].values())
    finally:
        session.close()
        for key in ("depth", "doomed", "after_commit"):
            session.info.pop(key)
    for callback in callbacks:
        callback()


@contextmanager
def _joined(session: Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.info["doomed"] = True
        raise


def in_transaction() -> bool:
    """Whether a `transaction()` is open around the caller."""
    return "depth" in db.session().info


def after_commit(key: str, callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction has landed; the same `key` runs once however often it is asked."""
    db.session().info["after_commit"].setdefault(key, callback)


def rows(statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[AnyRow]:
    """The statement's rows: inside a transaction as it sees them, elsewhere on this context's read connection."""
    if in_transaction():
        db.session.flush()
        return db.session.execute(statement, parameters or {}).all()
    return _reader().execute(statement, parameters or {}).all()


def one(statement: Executable, parameters: dict[str, Any] | None = None) -> AnyRow | None:
    """The statement's first row, or None."""
    found = rows(statement, parameters)
    return found[0] if found else None


def _reader() -> Connection:
    """A connection in autocommit, kept for this application context: reading opens no transaction."""
    if "reader" not in g:
        g.reader = db.engine.execution_options(**_READS[db.engine.dialect.name]).connect()
    connection: Connection = g.reader
    return connection


def release_reader(_error: BaseException | None = None) -> None:
    """Give the read connection back to the pool."""
    connection = g.pop("reader", None)
    if connection is not None:
        connection.close()


def is_sqlite() -> bool:
    """Whether the default database is SQLite; for the few statements that the two databases spell differently."""
    return db.engine.dialect.name == "sqlite"


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def engine_options(settings: Settings) -> dict[str, Any]:
    """How to connect: bounded waits everywhere, so that a frozen server cannot freeze a request for ever."""
    # Parameters hold what people wrote, and an error's text ends up in the logs.
    common = {"json_serializer": _dumps, "json_deserializer": orjson.loads, "hide_parameters": True}
    if settings.database_url.startswith("sqlite"):
        return common | {
            "pool_size": settings.web_threads,
            "connect_args": {"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False},
        }
    return common | {
        "pool_size": settings.web_threads,
        "max_overflow": 4,
        "pool_timeout": 3,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 3, "options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC"},
    }


def init_db(app: Flask, settings: Settings) -> None:
    """Plug the database into `app`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    db.init_app(app)
    app.teardown_appcontext(release_reader)
    with app.app_context():
        if is_sqlite():
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, and writers that queue for the lock at BEGIN instead of failing half-way."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={LOCK_WAIT_MS}",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        if not connection.get_execution_options().get("reads"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
