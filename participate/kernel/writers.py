"""SQLite's writers in one line: first come, first served, over all threads and processes that write to a file.

SQLite itself lets who finds its lock taken sleep and look again, ever more seldom, so that some wait many times as long
as others. Here each takes a ticket, the next byte of a file beside the database, and holds the lock of that byte until
it has written; its turn has come when no lower byte is locked. Locks of bytes end with their process, so whoever is
killed leaves the line. It only keeps order: what keeps writers apart is SQLite's own lock.
"""

import fcntl
import os
import time
from collections import deque
from pathlib import Path
from threading import Event, Lock

_LOOK_SECONDS = 0.0005
_COUNTER = 8  # bytes at the file's start: the next ticket; the first of them is locked while one is taken.


class Line:
    """The line before one database file, as this process sees it; at most one object a process and file.

    For a process's locks on a file end when it closes that file anywhere, and its threads know of each other only here.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._taking, self._changing = Lock(), Lock()
        self._here = deque[Place]()

    def join(self, seconds: float) -> "Place":
        """Wait until it is the caller's turn. Raises TimeoutError after `seconds`, OSError where the file fails."""
        end = time.monotonic() + seconds
        with self._taking:
            place = Place(self, self._ticket(end))
            with self._changing:
                self._here.append(place)
                self._here[0].is_first_here.set()
        try:
            if not place.is_first_here.wait(end - time.monotonic()):
                raise TimeoutError
            # The lock on all lower tickets is shared, and this process has none of them.
            while not self._locked(fcntl.LOCK_SH, _COUNTER, place.ticket):
                _pause(end)
        except BaseException:
            place.leave()
            raise
        return place

    def _ticket(self, end: float) -> int:
        while not self._locked(fcntl.LOCK_EX, 0, 1):
            _pause(end)
        try:
            ticket = self.tickets()
            os.pwrite(self._file, (ticket + 1).to_bytes(_COUNTER), 0)
            self._locked(fcntl.LOCK_EX, _COUNTER + ticket, 1)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, 0)
        return ticket

    def tickets(self) -> int:
        """How many have been handed out so far, by all processes."""
        return int.from_bytes(os.pread(self._file, _COUNTER, 0))

    def _locked(self, how: int, start: int, length: int) -> bool:
        """Lock bytes, if no other process stands in the way."""
        if not length:  # To the system, no length is all that follows.
            return True
        try:
            fcntl.lockf(self._file, how | fcntl.LOCK_NB, length, start)
        except BlockingIOError:
            return False
        return True

    def leave(self, place: "Place") -> None:
        """Make room for the next."""
        with self._changing:
            self._here.remove(place)
            # Of whoever was the first here, the lower tickets too: no other place here has one of those.
            first = 0 if place.is_first_here.is_set() else place.ticket
            fcntl.lockf(self._file, fcntl.LOCK_UN, place.ticket - first + 1, _COUNTER + first)
            if self._here:
                self._here[0].is_first_here.set()


class Place:
    """One writer's place in the line."""

    def __init__(self, line: Line, ticket: int) -> None:
        self._line, self.ticket, self.is_first_here = line, ticket, Event()

    def leave(self) -> None:
        """Step out, having written or given up."""
        self._line.leave(self)


def _pause(end: float) -> None:
    if time.monotonic() >= end:
        raise TimeoutError
    time.sleep(_LOOK_SECONDS)


_lines: dict[Path, Line] = {}
_opening = Lock()


def line(path: Path) -> Line:
    """The line before the database at `path`, in this process."""
    with _opening:
        return _lines.get(path) or _lines.setdefault(path, Line(path.with_name(f"{path.name}-line")))


def _forget() -> None:
    """A forked child stands nowhere, and the threads that its parent's places belong to are not in it."""
    global _opening
    _opening = Lock()
    _lines.clear()


os.register_at_fork(after_in_child=_forget)
