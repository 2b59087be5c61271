"""Several processes as one: started in order, watched, started again when they die, stopped together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn, Protocol

import click

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15  # prctl(2)
_FIRST_OF_OURS = 3  # Of the open files a forked process keeps the three that everybody has.
_LOOK_SECONDS = 0.2
_STEADY_SECONDS = 10.0  # What dies younger than this will probably die again.
_LONGEST_PAUSE_SECONDS = 30.0
_KILLED_PAUSE_SECONDS = 3.0  # What a signal ended may well live the next time, however often that happens.
_PATIENCE_SECONDS = 15.0


class Process(Protocol):
    """What is asked of a started process, as `subprocess.Popen` answers it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Its exit code, below 0 the signal that ended it; None while it lives."""


class Forked:
    """A process that does `task` with the code that this one has loaded: it starts at once, and shares its memory.

    To be made before this process opens connections or starts threads, which a copy must not have. `name`, of at most
    15 bytes, is what `ps -o comm` shows.
    """

    def __init__(self, name: str, task: Callable[[], None]) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _become(name, task)

    def poll(self) -> int | None:
        """See `Process`."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        """Its exit code, once it has one."""
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _become(name: str, task: Callable[[], None]) -> NoReturn:
    """The forked process's part: be like one that was started anew, and end without what its parent does at its end."""
    code = 1
    try:
        os.setsid()
        die_with_parent()
        _call_itself(name)
        os.closerange(_FIRST_OF_OURS, os.sysconf("SC_OPEN_MAX"))  # Among them are the locks that its parent holds.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        task()
        code = 0
    except click.ClickException as error:
        error.show()
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)


@dataclass
class Child:
    """One process: a command, or a task for a fork. `lasting`: stopped only when those that need it have ended."""

    name: str
    does: Sequence[str] | Callable[[], None]
    lasting: bool = False
    process: Process | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    pause: float = field(default=0.0, init=False)
    again_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it; it ends with us, even if we are killed.

        In a session of its own, since a terminal's Ctrl-C goes to everyone in the foreground: a server that hears
        of its end twice, from the terminal and from us, may hang, and the store must outlive the workers.
        """
        self.started_at, self.again_at = time.monotonic(), None
        if callable(self.does):
            self.process = Forked(self.name, self.does)
        else:
            self.process = subprocess.Popen(self.does, preexec_fn=die_with_parent, start_new_session=True)

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return self.process is not None and self.process.poll() is None


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Let this process get signal `number` when the one that started it ends, even if that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _call_itself(name: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


class Group:
    """Children in the order of their starting; they are stopped in the opposite one."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self._say = say
        self._stopping = False

    def start(self, child: Child) -> None:
        """Start a child and watch it from now on."""
        child.start()
        self.children.append(child)

    def stop_on_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and the closing of the terminal end `watch`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether we were told to stop."""
        return self._stopping

    def check(self) -> None:
        """While starting: what was killed is started again. Raises ClickException where a child gave up by itself.

        What fails at once by itself (its settings, its port) fails for ever; what a signal ended may well live.
        """
        for child in self.children:
            code = child.process.poll() if child.process is not None else None
            if code is not None and code >= 0:
                raise click.ClickException(f"{child.name} ended ({code}) while starting")
        self._revive_the_dead()

    def watch(self) -> None:
        """Start again what dies, until told to stop; then stop everything."""
        try:
            while not self._stopping:
                self._revive_the_dead()
                time.sleep(_LOOK_SECONDS)
        finally:
            self.stop()

    def _revive_the_dead(self) -> None:
        for child in self.children:
            if not child.running:
                self._revive(child)

    def _revive(self, child: Child) -> None:
        """Start it again: at once where it has lived, after longer and longer pauses where it keeps dying young."""
        moment = time.monotonic()
        if child.again_at is None:
            young = moment - child.started_at < _STEADY_SECONDS
            code = child.process.returncode if child.process else None
            longest = _LONGEST_PAUSE_SECONDS if code is None or code >= 0 else _KILLED_PAUSE_SECONDS
            child.pause = min(2 * child.pause + 1, longest) if young else 0.0
            child.again_at = moment + child.pause
            self._say(f"{child.name} ended ({code}); starting it again in {child.pause:.0f} s")
        if moment >= child.again_at:
            child.start()

    def stop(self) -> None:
        """Stop all, the lasting ones last."""
        for lasting in (False, True):
            children = [child for child in reversed(self.children) if child.lasting is lasting]
            for number in (signal.SIGTERM, signal.SIGKILL):
                for child in children:
                    _tell(child, number)
                _wait(children, _PATIENCE_SECONDS)


def _tell(child: Child, number: signal.Signals) -> None:
    if child.running and child.process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.process.pid, number)


def _wait(children: Sequence[Child], seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(child.running for child in children) and time.monotonic() < until:
        time.sleep(0.05)
