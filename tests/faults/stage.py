"""Where a fault plays: a live service on stores that may be ill-treated, and a look behind the scenes."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import redis
from flask import Flask
from sqlalchemy import make_url, select

from participate.app import FACTS, create_app
from participate.config import from_environment
from participate.kernel.db import one
from participate.kernel.outbox import OutboxErrand
from tests.faults.servers import Postgres, Redis, Unavailable, answers, freeze, thaw
from tests.journeys.callers import resident
from tests.live import Live, until

PATCHES = Path(__file__).with_name("patches")
_ROOM = "256m"  # of the small disks that uploads and databases lie on, so that they can be filled


@dataclass
class Stage:
    """A service with its stores. `postgres` and `redis` are None where the service brings its own."""

    pair: str
    live: Live
    postgres: Postgres | None = None
    redis: Redis | None = None
    poison: set[str] = field(default_factory=set)  # The ids of photos that are meant to be refused.
    collects: bool = True  # Whether files without a row are collected; a canary says no.
    _app: Flask | None = None
    _heard: int = 0

    @property
    def app(self) -> Flask:
        """The service's code in this process, on the same stores: how the harness reads rows and files."""
        if self._app is None:
            environment = {name: value for name, value in self.live.environment.items() if name != "FAULT_PATCHES"}
            self._app = create_app(from_environment(environment | {"PARTICIPATE_DEMO": "1"}))
        return self._app

    @property
    def database_file(self) -> str:
        """SQLite's file."""
        return str(make_url(self.app.config["SQLALCHEMY_DATABASE_URI"]).database)

    @contextmanager
    def filled(self, folder: Path) -> Iterator[None]:
        """No byte is free on the disk under `folder`. Raises Unavailable where it is not a small disk of our own."""
        if not folder.is_mount():
            raise Unavailable("mounting a small tmpfs is not allowed here")
        filler = folder / "filler"
        try:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                for size in (2**20, 2**12, 1):
                    with contextlib.suppress(OSError):
                        while True:
                            file.write(b"\0" * size)
            yield
        finally:
            filler.unlink()

    def complaints(self) -> list[str]:
        """The errors that the service has logged since this was asked last, each once."""
        with self.live.log.open("rb") as log:
            log.seek(self._heard)
            lines = [line for line in log if b'"level":"error"' in line or b"Traceback" in line]
            self._heard = log.tell()
        said = [json.loads(line) for line in lines if line.startswith(b"{")]
        return sorted({f"{told['message']}: {str(told.get('error', '')).splitlines()[-1:]}" for told in said})

    def shift_clock(self, seconds: float) -> None:
        """Let the service's wall clock be so far off; for a stage with the patch `clock`."""
        Path(self.live.environment["FAULT_CLOCK"]).write_text(str(seconds))
        time.sleep(0.2)

    def resident(self) -> dict[str, str]:
        """The headers of a resident who is signed in."""
        return {"Authorization": f"Bearer {resident(self.live).token}"}

    def at_work(self) -> bool:
        """Whether a worker has claimed facts' errands and not done them yet."""
        claimed = select(OutboxErrand.id).where(OutboxErrand.kind == FACTS, OutboxErrand.attempts > 0)
        with self.app.app_context():
            return one(claimed.limit(1)) is not None

    @property
    def uploads(self) -> Path:
        """The folder of the photos."""
        return Path(self.live.environment["MEDIA_URL"])

    def queue_processes(self) -> list[psutil.Process]:
        """The Redis or Valkey that the service uses."""
        if self.redis is not None:
            return self.redis.processes()
        return [until(lambda: self.live.child("store"), "the embedded store")]

    def freeze_queue(self) -> None:
        """The queue's server takes bytes and answers nobody."""
        freeze(*self.queue_processes())

    def thaw_queue(self) -> None:
        """It answers again."""
        thaw(*self.queue_processes())

    def kill_queue(self) -> None:
        """SIGKILL; the embedded one is started again by `up`, the other by `revive_queue`."""
        for process in self.queue_processes():
            process.kill()
            process.wait(10)
        if self.redis is not None:
            self.redis.stop()

    def forget_queue(self) -> None:
        """Lose what a killed server has on the disk."""
        if self.redis is not None:
            self.redis.forget()
        else:
            shutil.rmtree(self.live.data / "store", ignore_errors=True)
            (self.live.data / "store").mkdir()

    def revive_queue(self) -> None:
        """Return once it answers again."""
        if self.redis is not None:
            self.redis.start()
        until(lambda: answers(self.live.redis_url), "the queue's server")

    def tell_queue(self, *command: str) -> None:
        """Send the queue's server a command."""
        with redis.Redis.from_url(self.live.redis_url, socket_timeout=5) as client:
            client.execute_command(*command)


@contextmanager
def own_servers() -> Iterator[tuple[Postgres, Redis]]:
    """Both servers, running; they and their data are gone at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="participate-servers-")))
        folder.chmod(0o711)  # The ordinary user has to get to its part of it.
        (folder / "pg").mkdir()
        stack.enter_context(small_disk(folder / "pg"))
        pair = Postgres(folder), Redis(folder)
        for server in pair:
            stack.callback(server.stop)
            server.start()
        yield pair


@contextmanager
def set_up(pair: str, servers: tuple[Postgres, Redis] | None, environment: Mapping[str, str]) -> Iterator[Stage]:
    """A service that runs, with more in its environment; gone at the end with all that it kept."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="participate-")))
        urls: dict[str, str] = {}
        if servers is not None:
            urls = {"DATABASE_URL": stack.enter_context(_database(servers[0])), "REDIS_URL": servers[1].url}
            with redis.Redis.from_url(servers[1].url) as client:
                client.flushall()
        live = Live(folder, urls)
        # To look for faces and plates takes the processor a second a photo: here each only waits for a look.
        unseeing = {"PARTICIPATE_FIND_FACES": "off", "PARTICIPATE_FIND_PLATES": "off"}
        live.environment |= {"FAULT_CLOCK": str(folder / "clock")} | unseeing | environment
        for place in (live.data, folder / "uploads"):
            place.mkdir()
            stack.enter_context(small_disk(place))
        stack.callback(live.sweep_away)
        live.start()
        yield Stage(pair, live, *(servers or ()))


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A small tmpfs at `folder`, where mounting is allowed; else the folder as it is."""
    options = ["-t", "tmpfs", "-o", f"size={_ROOM},mode=0711", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _database(server: Postgres) -> Iterator[str]:
    name = f"participate_faults_{uuid4().hex[:8]}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield make_url(server.url).set(database=name).render_as_string(hide_password=False)
    finally:
        with contextlib.suppress(psycopg.Error), psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def patched(names: Sequence[str]) -> dict[str, str]:
    """The environment that takes defences away from a service (see `patches`)."""
    if not names:
        return {}
    path = os.pathsep.join([str(PATCHES), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": path, "FAULT_PATCHES": ",".join(names)}
