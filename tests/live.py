"""A live service: `participate up --demo` started as its users start it, on stores of its own."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import requests

from participate.cli.launch import PARTS
from tests.stores import opened

PARTICIPATE = str(Path(sys.executable).with_name("participate"))
WORKERS = PARTS
PATIENCE = 60.0  # seconds; what must be fast is measured where it matters, so that a busy machine fails no test
# A web process costs more to start than most journeys take; those that are about several ask for them.
ONE_PROCESS = {"PARTICIPATE_WEB_PROCESSES": "1"}
_SETTINGS = ("PARTICIPATE_", "DATABASE_URL", "REDIS_URL", "MEDIA_URL", "SECRET_KEY", "HOST", "PORT")

T = TypeVar("T")


def until(found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """The first true answer of `found`, asked again and again; fails once `seconds` are over."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections take while ours is down for a moment."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randint(20_000, 32_000)))
            return int(probe.getsockname()[1])


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without any setting of the service but `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)} | more


class Live:
    """One `participate up` and all that it starts; its output is kept in `log`."""

    def __init__(self, folder: Path, urls: Mapping[str, str]) -> None:
        self.folder, self.data, self.log = folder, folder / "var", folder / "up.log"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment(
            PARTICIPATE_DATA_DIR=str(self.data),
            MEDIA_URL=str(folder / "uploads"),
            PARTICIPATE_RATE_LIMITS="off",
            PORT=str(self.port),
            **urls,
        )
        self.embedded = "REDIS_URL" not in urls
        self.redis_url = urls.get("REDIS_URL", f"unix://{self.data}/valkey.sock")
        self.leader: subprocess.Popen[bytes] | None = None

    def launch(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run the command, as the head of a process group of its own like a terminal's foreground job."""
        with self.log.open("ab") as log:
            self.leader = subprocess.Popen(
                [PARTICIPATE, "up", "--demo", *arguments],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.leader

    def start(self, *arguments: str) -> None:
        """Launch it and wait until /readyz answers 200."""
        leader = self.launch(*arguments)
        until(lambda: self.ready() or leader.poll() is not None, f"{self.base}/readyz")
        assert leader.poll() is None, self.said()[-3000:]

    def ready(self) -> bool:
        """Whether /readyz answers 200."""
        try:
            return requests.get(f"{self.base}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def said(self) -> str:
        """All that the service has written so far."""
        return self.log.read_text(errors="replace")

    def stop(self, number: signal.Signals = signal.SIGINT, whole_group: bool = True) -> int:
        """Signal the process group, as a terminal's Ctrl-C does, or the leader alone; returns its exit code."""
        assert self.leader is not None
        (os.killpg if whole_group else os.kill)(self.leader.pid, number)
        return self.leader.wait(PATIENCE)

    def processes(self) -> list[psutil.Process]:
        """All processes of this service that live, whoever their parent is by now."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            # A server that gives itself a title overwrites its environment, but names its socket there.
            named = process.environ().get("PARTICIPATE_DATA_DIR") == str(self.data)
            return named or str(self.data) in " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def child(self, name: str) -> psutil.Process | None:
        """The leader's child of that name: "store", "web", or one of WORKERS."""
        assert self.leader is not None
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # It may end while it is looked at.
                if process.ppid() == self.leader.pid and _is(process, name):
                    return process
        return None

    def kill(self, name: str) -> psutil.Process:
        """SIGKILL a child, once it is there; returns what it was."""
        victim = until(lambda: self.child(name), name)
        victim.kill()
        return victim

    def sweep_away(self) -> None:
        """Leave nothing running, whatever has gone wrong."""
        if self.leader is not None and self.leader.poll() is None:
            self.leader.kill()
            self.leader.wait()
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # It may end by itself meanwhile, its leader being gone.
                process.kill()


def _is(process: psutil.Process, name: str) -> bool:
    told = {"store": "unixsocket:", "web": "participate.cli web"}.get(name)
    return process.name() == name if told is None else told in " ".join(process.cmdline())


@contextmanager
def laid(pair: str) -> Iterator[Live]:
    """A service on stores of its own, not yet started; `pair` is "embedded" or "servers"."""
    with ExitStack() as stack:
        urls: dict[str, Any] = {}
        if pair == "embedded":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="participate-")))
        else:
            stores = stack.enter_context(opened(pair))
            folder, urls = stores.folder, {"DATABASE_URL": stores.database_url, "REDIS_URL": stores.redis_url}
        service = Live(folder, urls)
        stack.callback(service.sweep_away)
        yield service


@contextmanager
def started(pair: str, settings: Mapping[str, str]) -> Iterator[Live]:
    """A service that runs, and that ends cleanly when it is told to."""
    with laid(pair) as service:
        service.environment |= settings
        service.start()
        yield service
        assert service.stop() == 0, service.said()
