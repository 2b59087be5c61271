"""The faults: each injures a stage for some seconds and heals it."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial

import psutil
import psycopg
import requests

from tests.faults.clients import photo
from tests.faults.servers import answers, freeze, thaw
from tests.faults.slow import Drip
from tests.faults.stage import Stage
from tests.live import WORKERS, until

EMBEDDED, SERVERS = "embedded", "servers"
BOTH = (EMBEDDED, SERVERS)
_HELD_SECONDS = 8  # how long what is away stays away: longer than any answer may take
Injury = Callable[[Stage], None]


@dataclass(frozen=True)
class Fault:
    """An injury. `cuts`: it may break a client's connection.

    `patches` names what is put into the service from the test side to make the injury possible.
    """

    name: str
    injure: Injury
    pairs: tuple[str, ...] = BOTH
    cuts: bool = False
    in_ci: tuple[str, ...] = ()  # on which pairs
    patches: tuple[str, ...] = ()


FAULTS: dict[str, Fault] = {}


def fault(name: str, **options: object) -> Callable[[Injury], Injury]:
    """Add a function to the faults."""

    def register(injure: Injury) -> Injury:
        FAULTS[name] = Fault(name, injure, **options)  # type: ignore[arg-type]
        return injure

    return register


def kill_whole(victim: psutil.Process) -> None:
    """SIGKILL a process and all that it has forked."""
    for process in [*victim.children(recursive=True), victim]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    victim.wait(5)


def kill_some(stage: Stage, names: tuple[str, ...], times: int) -> None:
    """SIGKILL, at random moments, one of the service's processes."""
    chance = random.Random(times)
    killed, end = 0, time.monotonic() + 45
    while killed < times and time.monotonic() < end:
        victim = stage.live.child(chance.choice(names))
        if victim is not None:
            kill_whole(victim)
            killed += 1
        time.sleep(chance.uniform(0.2, 2.0))


@fault("nothing at all")
def nothing(_stage: Stage) -> None:
    time.sleep(4)


@fault("web, workers and relay killed 20 times", cuts=True)
def kill_all_sorts(stage: Stage) -> None:
    kill_some(stage, ("web", *WORKERS), 20)


@fault("web, workers and relay killed 6 times", cuts=True, in_ci=(EMBEDDED,))
def kill_a_few(stage: Stage) -> None:
    kill_some(stage, ("web", *WORKERS), 6)


@fault("web killed at work, 4 times", cuts=True)
def kill_web(stage: Stage) -> None:
    """Each time once it has served people again for a moment."""
    for turn in range(4):
        until(stage.live.ready, "the web half")
        time.sleep(1 + 0.3 * turn)
        kill_whole(until(partial(stage.live.child, "web"), "web"))
        time.sleep(0.5)


@fault("the facts' worker killed with work in hand, 3 times")
def kill_facts(stage: Stage) -> None:
    """While it is away a heap grows, and it is killed again as soon as it has taken some of it."""
    for _ in range(3):
        kill_whole(until(partial(stage.live.child, "facts"), "facts"))
        time.sleep(2)
        victim = until(partial(stage.live.child, "facts"), "facts")
        until(stage.at_work, "errands in hand", 20)
        kill_whole(victim)


@fault("web killed in the midst of uploads, 5 times", cuts=True)
def kill_mid_upload(stage: Stage) -> None:
    """Uploads by callers who drip, and a burst of whole ones whose bytes are just being put away."""
    author = stage.resident()
    for turn in range(5):
        with Drip(stage.live, bodies=6, pause=0.05, token=author["Authorization"]), ThreadPoolExecutor(6) as pool:
            for _ in range(6):
                pool.submit(_upload, stage, author)
            time.sleep(0.1 + 0.03 * turn)
            kill_whole(until(partial(stage.live.child, "web"), "web"))
        until(stage.live.ready, "the web half")


def _upload(stage: Stage, author: dict[str, str], more: bytes = b"") -> requests.Response | None:
    """The answer to an upload of a photo (of `more` at its end); None where none came."""
    files = {"file": ("a.jpg", photo() + more, "image/jpeg")}
    with suppress(requests.RequestException):
        return requests.post(f"{stage.live.base}/v1/photos", files=files, headers=author, timeout=8)
    return None


@fault("workers killed in the midst of jobs, 4 times")
def kill_mid_job(stage: Stage) -> None:
    """The worker's darkroom is killed, and the worker with it the next time."""
    for turn in range(4):
        worker = until(partial(stage.live.child, "photos"), "photos")
        darkroom = until(lambda: next(iter(worker.children()), None), "a photo in work", 20)  # noqa: B023
        for process in [darkroom, *([worker] if turn % 2 else [])]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(0.5)


@fault("Redis killed and away", in_ci=(EMBEDDED,))
def redis_killed(stage: Stage) -> None:
    stage.kill_queue()
    time.sleep(_HELD_SECONDS)
    stage.revive_queue()


@fault("Redis frozen", in_ci=(SERVERS,))
def redis_frozen(stage: Stage) -> None:
    stage.freeze_queue()
    time.sleep(_HELD_SECONDS)
    stage.thaw_queue()


@fault("Redis flushed, 5 times")
def redis_flushed(stage: Stage) -> None:
    for _ in range(5):
        stage.tell_queue("FLUSHALL")
        time.sleep(0.7)


@fault("Redis full")
def redis_full(stage: Stage) -> None:
    stage.tell_queue("CONFIG", "SET", "maxmemory-policy", "noeviction")
    stage.tell_queue("CONFIG", "SET", "maxmemory", "1")
    time.sleep(_HELD_SECONDS)
    stage.tell_queue("CONFIG", "SET", "maxmemory", "0")


@fault("Redis restarted without its data", in_ci=(SERVERS,))
def redis_forgets(stage: Stage) -> None:
    stage.kill_queue()
    stage.forget_queue()
    stage.revive_queue()


@fault("PostgreSQL restarted (immediate)", pairs=(SERVERS,))
def postgres_restarted(stage: Stage) -> None:
    assert stage.postgres is not None
    stage.postgres.stop()
    time.sleep(2)
    stage.postgres.start()


@fault("PostgreSQL's connections cut, 6 times", pairs=(SERVERS,), in_ci=(SERVERS,))
def postgres_cut(stage: Stage) -> None:
    assert stage.postgres is not None
    for _ in range(6):
        stage.postgres.cut()
        time.sleep(0.7)


@fault("PostgreSQL frozen", pairs=(SERVERS,), in_ci=(SERVERS,))
def postgres_frozen(stage: Stage) -> None:
    assert stage.postgres is not None
    frozen = stage.postgres.processes()
    freeze(*frozen)
    time.sleep(_HELD_SECONDS + 4)
    thaw(*frozen)


@fault("a table of PostgreSQL locked for 10 s", pairs=(SERVERS,))
def table_locked(stage: Stage) -> None:
    with psycopg.connect(str(stage.live.environment["DATABASE_URL"])) as connection:
        connection.execute("LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE")
        time.sleep(10)


@fault("SQLite locked from outside for 10 s", pairs=(EMBEDDED,), in_ci=(EMBEDDED,))
def sqlite_locked(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.database_file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(10)
        connection.execute("ROLLBACK")


@fault("a writer of SQLite killed mid-write, 20 times", pairs=(EMBEDDED,))
def sqlite_writer_killed(stage: Stage) -> None:
    writer = [sys.executable, "-m", "tests.faults.writer", "20"]
    environment = stage.live.environment | {"PARTICIPATE_DEMO": "1"}
    done = subprocess.run(writer, env=environment, capture_output=True, text=True, timeout=55, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@fault("disk full under the photos", in_ci=(SERVERS,))
def uploads_full(stage: Stage) -> None:
    with stage.filled(stage.uploads):
        time.sleep(_HELD_SECONDS)


@fault("disk full under the database")
def database_full(stage: Stage) -> None:
    with stage.filled(stage.live.data if stage.postgres is None else stage.postgres.data):
        time.sleep(_HELD_SECONDS)
    if stage.postgres is not None and not stage.postgres.running():
        stage.postgres.start()  # As its keeper would: out of room for its log it gives up.
    until(lambda: answers(stage.live.redis_url), "the queue's server")


@fault("half-open connections: 60 that say nothing more")
def half_open(stage: Stage) -> None:
    token = stage.resident()["Authorization"]
    with Drip(stage.live, silent=20, headers=20, bodies=20, pause=None, token=token):
        time.sleep(_HELD_SECONDS)


@fault("200 dripping connections", in_ci=(EMBEDDED,))
def dripping(stage: Stage) -> None:
    token = stage.resident()["Authorization"]
    with Drip(stage.live, headers=60, bodies=80, token=token), Drip(stage.live, bodies=60):
        time.sleep(_HELD_SECONDS + 4)


@fault("the clock jumps 2 h ahead, and back", patches=("clock",), in_ci=(SERVERS,))
def clock_ahead(stage: Stage) -> None:
    _jump(stage, 7200)


@fault("the clock jumps 2 h back, and ahead", patches=("clock",))
def clock_back(stage: Stage) -> None:
    _jump(stage, -7200)


def _jump(stage: Stage, seconds: int) -> None:
    """The workers die before the clock is right again, so that there is work left from the wrong time."""
    stage.shift_clock(seconds)
    time.sleep(3)
    for name in WORKERS:
        stage.live.kill(name)
    time.sleep(0.5)
    stage.shift_clock(0)


@fault("every errand is delivered twice", patches=("once",))
def delivered_twice(_stage: Stage) -> None:
    time.sleep(4)


@fault("a photo that kills whoever decodes it", patches=("poison",), in_ci=(EMBEDDED,))
def poisoned(stage: Stage) -> None:
    """Between good ones; and an errand for a subscriber that nobody knows."""
    author = stage.resident()
    for _ in range(2):
        made = until(lambda: _upload(stage, author, b"POISON"), "an answer")
        stage.poison.add(made.json()["id"])
    time.sleep(2)
