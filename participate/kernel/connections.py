"""Connections to the database: how they are opened, kept and told where a transaction begins."""

import select
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from participate.config import Settings
from participate.kernel.patience import init_patience

LOCK_WAIT_MS = 4000
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
    options = f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC"
    return common | {
        "max_overflow": 4,
        "pool_timeout": 3,
        "connect_args": {"connect_timeout": 3, "autocommit": True, "options": options},
    }


def reading(engine: Engine) -> Engine:
    """Prepare `engine`, which `engine_options` has opened; returns it as it opens no transaction."""
    event.listen(engine, "begin", _begin)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        init_patience(engine)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkout", _refuse_hung_up)
    return engine.execution_options(reads=True)


def _begin(connection: Connection) -> None:
    """SQLite's writers queue for the lock here instead of failing half-way."""
    if not connection.get_execution_options().get("reads"):
        connection.exec_driver_sql(_BEGIN[connection.dialect.name])


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, and foreign keys."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_WAIT_MS}",
        "cache_size=-16000",
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
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError
