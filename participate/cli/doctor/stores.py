"""What the doctor looks at in the database, the queue store and the photo store."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import redis
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from participate.cli.doctor.finding import Finding, fail, ok, warn
from participate.config import Settings
from participate.kernel import health, probes
from participate.kernel.wake import connect

_OLDEST_SQLITE = (3, 35)  # RETURNING
_OLDEST_POSTGRES = 13
_OLDEST_REDIS = 5
_EXAMPLES = 3
_MANY_SECONDS, _TOO_MANY_SECONDS = 2.0, 30.0


def database(settings: Settings) -> Iterator[Finding]:
    """Whether it answers, and as what."""
    try:
        with probes.engine().connect() as connection:
            yield _sqlite(connection) if settings.database_url.startswith("sqlite") else _postgres(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        yield fail("database", reason, "Start the database, or correct DATABASE_URL.")


def _sqlite(connection: Connection) -> Finding:
    version = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
    options = {str(row[0]) for row in connection.execute(text("PRAGMA compile_options"))}
    if tuple(map(int, version.split(".")[:2])) < _OLDEST_SQLITE:
        return fail("database", f"SQLite {version}", "Use a Python that is built with SQLite 3.35 or newer.")
    if "ENABLE_FTS5" not in options:
        return fail("database", f"SQLite {version} without FTS5", "Search needs it: use another build of Python.")
    return ok("database", f"SQLite {version}")


def _postgres(connection: Connection) -> Finding:
    version = str(connection.execute(text("SHOW server_version")).scalar_one())
    encoding = str(connection.execute(text("SHOW server_encoding")).scalar_one())
    if int(version.partition(".")[0]) < _OLDEST_POSTGRES:
        return fail("database", f"PostgreSQL {version}", f"Upgrade to PostgreSQL {_OLDEST_POSTGRES} or newer.")
    if encoding != "UTF8":
        return fail("database", f"PostgreSQL {version}, encoding {encoding}", "Make the database anew with UTF8.")
    return ok("database", f"PostgreSQL {version}")


def migrations(_settings: Settings) -> Iterator[Finding]:
    """Whether the database is at this version."""
    try:
        behind = health.migrations() != "ok"
    except SQLAlchemyError:
        behind = True
    if behind:
        yield fail("migrations", "the database is not at this version", "Run `participate migrate`.")
    else:
        yield ok("migrations", "the database is at this version")


def queue_store(settings: Settings) -> Iterator[Finding]:
    """Whether it answers, and whether it may drop what it was given."""
    client = connect(settings.redis_url)
    try:
        server: dict[str, Any] = client.info("server")
    except redis.RedisError as error:
        how = "Start `participate up`, which runs it." if settings.embedded_store else "Start it, or correct REDIS_URL."
        yield fail("store", f"does not answer: {type(error).__name__}", how)
        return
    name = "Valkey" if "valkey_version" in server else "Redis"
    version = str(server.get("valkey_version") or server["redis_version"])
    if int(version.partition(".")[0]) < _OLDEST_REDIS:
        yield fail("store", f"{name} {version}", f"Upgrade to version {_OLDEST_REDIS} or newer.")
    else:
        yield ok("store", f"{name} {version}")
    yield from _kept(client)


def _kept(client: redis.Redis) -> Iterator[Finding]:
    try:
        told: dict[Any, Any] = client.config_get("maxmemory*", "appendonly")
    except redis.RedisError:
        yield warn("store_policy", "the store does not tell", "Make sure that maxmemory-policy is noeviction.")
        return
    policy, bounded = told.get("maxmemory-policy", ""), told.get("maxmemory", "0") != "0"
    remedy = "CONFIG SET maxmemory-policy noeviction, and in its configuration: jobs are no cache."
    if policy == "noeviction":
        yield ok("store_policy", "noeviction")
    elif bounded:
        yield fail("store_policy", f"{policy}: jobs may be dropped", remedy)
    else:
        yield warn("store_policy", f"{policy}, for now without a limit of memory", remedy)
    if told.get("appendonly") == "no":
        yield warn("store_log", "a restart forgets all jobs, so that work waits for the sweep", "Set appendonly yes.")


def media(settings: Settings) -> Iterator[Finding]:
    """Whether photos can be kept."""
    from participate.photos.service import writable

    try:
        writable()
    except Exception as error:
        reason = f"nothing can be written to {settings.media_url.partition('?')[0]}: {type(error).__name__}"
        yield fail("media", reason, "Give the service's user the right to write there; for a bucket, check AWS_*.")
    else:
        yield ok("media", "photos can be kept")


def originals(_settings: Settings) -> Iterator[Finding]:
    """Whether the last `participate media check`, or a worker, has found photos that lack something."""
    from participate.photos.checking import damaged

    found = damaged(_EXAMPLES + 1)
    if found:
        more = " and more" if len(found) > _EXAMPLES else ""
        said = f"files are lost or changed of {', '.join(found[:_EXAMPLES])}{more}"
        yield fail("originals", said, "Bring them back from the backup, then run `participate media check`.")
    else:
        yield ok("originals", "no photo is known to lack its files")


def clocks(settings: Settings) -> Iterator[Finding]:
    """Whether all machines agree on the time: deadlines, leases and tokens are compared between them."""
    others = dict[str, float]()
    with suppress(redis.RedisError):
        before, (seconds, micros), after = time.time(), connect(settings.redis_url).time(), time.time()
        others["the store"] = seconds + micros / 1e6 - (before + after) / 2
    if not settings.database_url.startswith("sqlite"):
        with suppress(SQLAlchemyError), probes.engine().connect() as connection:
            connection.execute(text("SELECT 1"))
            ours, theirs = datetime.now(UTC), connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            others["the database"] = (theirs - ours).total_seconds()
    for name, ahead in others.items():
        yield judged_clock(name, ahead)


def judged_clock(name: str, ahead: float) -> Finding:
    """`ahead`: how many seconds the clock of `name` is ahead of this machine's."""
    said = f"{name}'s is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    remedy = "Let all machines follow the same time servers (NTP)."
    if abs(ahead) > _TOO_MANY_SECONDS:
        return fail("clock", said, remedy)
    return warn("clock", said, remedy) if abs(ahead) > _MANY_SECONDS else ok("clock", said)
