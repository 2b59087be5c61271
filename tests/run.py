"""`python -m tests.run [PYTEST ARGUMENTS]`: the suite on both pairs of stores; says plainly what it ran on."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from tests.stores import SERVERS, server

# What touches neither store of the pair runs once, with the first; so does what takes no `stores` (see conftest), and
# what is about processes, networks, logs and pictures rather than about rows.
ONCE = ("tests/bench", "tests/house", "tests/photos", "tests/photos_redaction", "tests/screening")
ONCE += tuple(
    f"tests/journeys/test_{journey}.py"
    for journey in (
        "a_photo_comes_over_a_bad_network",
        "a_stuck_log_stops_no_service",
        "numbers_of_all_processes_add_up",
        "up_starts_and_stops_cleanly",
    )
)
ONCE += ("tests/journeys/shared/test_real_tus_clients_are_understood.py",)

_ROOM = 6 << 30  # bytes; the suite keeps some hundred megabytes at a time


def main(arguments: list[str]) -> int:
    """The number of pairs on which the suite failed."""
    said, failed = [], 0
    with _off_the_disk(), server() as url:
        os.environ["TEST_POSTGRES_SERVER"] = url
        for pair, name in (("embedded", "SQLite + embedded Valkey"), ("servers", _servers(url))):
            print(f"\n==== {name} ====", flush=True)  # noqa: T201
            failed += (code := _suite(pair, arguments)) != 0
            said.append(f"{'FAILED' if code else 'passed'} on {name}")
    print("\n" + "\n".join(said), flush=True)  # noqa: T201
    return failed


@contextmanager
def _off_the_disk() -> Iterator[None]:
    """Have the tests keep their files in memory where that has room: none takes the power away, so none need wait."""
    memory = Path("/dev") / "shm"
    if not memory.is_dir() or shutil.disk_usage(memory).free < _ROOM:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="participate-", dir=memory) as folder:
        os.environ["TMPDIR"] = folder
        yield


def _suite(pair: str, arguments: list[str]) -> int:
    is_second = pair == "servers"
    skipped = [f"--ignore={path}" for path in ONCE] if is_second else []
    abreast = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *abreast, *skipped, *arguments]
    alone = {"TEST_WITH_STORES_ALONE": "1"} if is_second else {}
    return subprocess.run(command, env=os.environ | {"TEST_STORES": pair} | alone, check=False).returncode


def _servers(url: str) -> str:
    with psycopg.connect(url) as connection:
        version = connection.info.parameter_status("server_version")
    own = url == SERVERS["postgresql"]
    try:
        found = f"the machine's Redis {redis.Redis.from_url(SERVERS['redis']).info('server')['redis_version']}"
    except redis.RedisError:
        found = "an embedded Valkey (no Redis server is reachable)"
    return f"{'the machine’s' if own else 'a wheel’s'} PostgreSQL {version} + {found}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
