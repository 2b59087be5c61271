"""The stores that a run makes for itself and takes away again."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from participate.cli.store import command
from participate.config import Settings
from participate.kernel.wake import Waker

SERVER = os.environ.get("BENCH_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1/postgres")
STORES = ("sqlite", "postgresql")
_PATIENCE_SECONDS = 10


class NoServer(Exception):
    """There is no PostgreSQL server to measure on."""


@contextmanager
def database(store: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards. Raises NoServer."""
    if store == "sqlite":
        yield f"sqlite:///{folder}/participate.db"
        return
    name = f"bench_{token_hex(6)}"
    _tell_server(f"CREATE DATABASE {name}")
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        _tell_server(f"DROP DATABASE {name} WITH (FORCE)")


def _tell_server(statement: str) -> None:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except OperationalError as error:
        raise NoServer(make_url(SERVER).render_as_string()) from error
    finally:
        engine.dispose()


@contextmanager
def embedded_store(settings: Settings) -> Iterator[None]:
    """The store that the service wakes its workers through; a wake-up is part of what a request costs."""
    with subprocess.Popen(command(settings), stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(settings)
            yield
        finally:
            server.terminate()


def _wait_for(settings: Settings) -> None:
    given_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not Waker(settings.redis_url).alive():
        if time.monotonic() > given_up_at:
            raise TimeoutError("the embedded store does not answer")
        time.sleep(0.02)
