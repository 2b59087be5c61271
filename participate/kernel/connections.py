"""Connections to the database: how they are opened, kept and told where a transaction begins."""

import logging
import select
import sqlite3
import time
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from participate.config import Settings
from participate.kernel import writers
from participate.kernel.patience import init_patience

LOCK_WAIT_MS = 4000
# A worker waits for its answer as long as the server is there: a machine that has vanished is noticed within 25 s.
_KEEP_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
_log = logging.getLogger(__name__)
# Both drivers are in autocommit, so that a read is one round trip; a transaction says itself where it begins.
_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def engine_options(settings: Settings) -> dict[str, Any]:
    """How to connect: bounded waits everywhere, so that a frozen server cannot freeze a request for ever."""
    # Parameters hold what people wrote, and an error's text ends up in the logs.
    common = {"json_serializer": _dumps, "json_deserializer": orjson.loads, "hide_parameters": True}
    # The connection that was used last is the one whose statements are prepared and whose pages are cached.
    common |= {"pool_size": settings.web_threads, "pool_use_lifo": True}
    if settings.database_url.startswith("sqlite"):
        return common | {"connect_args": {"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False}}
    # Nothing here runs so long that it pays to compile it first; the planner, which thinks so, takes 0.1 s for that.
    options = f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC -c jit=off"
    return common | {
        "max_overflow": 4,
        "pool_timeout": 3,
        "connect_args": {"connect_timeout": 3, "autocommit": True, "options": options} | _KEEP_ALIVE,
    }


def reading(engine: Engine) -> Engine:
    """Prepare `engine`, which `engine_options` has opened; returns it as it opens no transaction."""
    event.listen(engine, "begin", _begin)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "checkin", _given_back)
    else:
        init_patience(engine)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkout", _refuse_hung_up)
    return engine.execution_options(reads=True)


def _begin(connection: Connection) -> None:
    """SQLite's writers queue for the lock here instead of failing half-way."""
    options = connection.get_execution_options()
    # A migration asks for autocommit where it builds an index beside people at work.
    if not options.get("reads") and options.get("isolation_level") != "AUTOCOMMIT":
        if connection.dialect.name == "sqlite":
            _stand_in_line(connection)
        connection.exec_driver_sql(_BEGIN[connection.dialect.name])


def _stand_in_line(connection: Connection) -> None:
    """Wait for the turn, which ends when the connection goes back to its pool; SQLite's own lock gets the time left."""
    seconds, began = LOCK_WAIT_MS / 1000, time.monotonic()
    _step_out(connection.info)
    try:
        connection.info["place"] = writers.line(Path(str(connection.engine.url.database))).join(seconds)
    except TimeoutError:
        raise OperationalError(_BEGIN["sqlite"], None, sqlite3.OperationalError("database is locked")) from None
    except OSError:
        _log.exception("no line of writers")  # As on a full disk. The lock, which alone keeps writers apart, is left.
    left = max(0.0, seconds - (time.monotonic() - began))
    connection.connection.cursor().execute(f"PRAGMA busy_timeout={left * 1000:.0f}")


def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    _step_out(record.info)


def _step_out(info: dict[Any, Any]) -> None:
    place = info.pop("place", None)
    if place is not None:
        place.leave()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, and foreign keys."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_WAIT_MS}",
        "cache_size=-2000",  # kB for each of a process's many connections; the machine's own cache serves them all.
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Take UUIDs as the text that they come as, without the detour over Python's own."""
    adapters = connection.adapters
    adapters.register_loader("uuid", adapters.get_loader(adapters.types["text"].oid, 0))


def _refuse_hung_up(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection that the server has closed.

    A server has nothing to say to who asks nothing, unless it hangs up: so what can be read from an idle connection
    is its end. That costs no round trip, as a question would.
    """
    if connection.closed:
        raise DisconnectionError
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError
