"""A web process as its machine sees it: told to stop, and connected to those who take nothing."""

import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TAKES_NOTHING_SECONDS = 60  # Whoever takes nothing of what was sent for so long is cut off.
_LISTENS_SECONDS = 0.5
_TRIES = 20


def on_stop(loop: asyncio.AbstractEventLoop, act: Callable[[], object]) -> None:
    """Have `act` called on `loop` as soon as this process is told to stop, beside what the server does about it.

    An event loop hears of signals through a descriptor; the handler itself does nothing, so ours can be in its stead.
    """
    with suppress(ValueError):  # Only the main thread has signals; tests have the server in another.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(act))
            signal.siginterrupt(number, False)


def let_go_of_idle_takers(loop: asyncio.AbstractEventLoop, tries: int = _TRIES) -> None:
    """Cut off whoever leaves what they are sent where it is: the server would keep it for them without end.

    The server knows no such limit, and its sockets are its own. But they are this process's, and connections inherit
    from the one that they came in by what the kernel of Linux calls their user's time-out.
    """
    for number in listening() if sys.platform == "linux" else []:
        with suppress(OSError), borrowed(number) as each:  # It may have been closed meanwhile.
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKES_NOTHING_SECONDS * 1000)
    if tries:  # The server's own may come later than others of this process.
        loop.call_later(_LISTENS_SECONDS, let_go_of_idle_takers, loop, tries - 1)


def listening() -> list[int]:
    """The descriptors on which this process waits for others to connect to it over a network."""
    return [number for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()] if _listens(number)]


def _listens(number: int) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        with borrowed(number) as found:
            is_tcp = found.family in {socket.AF_INET, socket.AF_INET6}
            return is_tcp and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:  # It has been closed meanwhile.
        return False


@contextmanager
def borrowed(number: int) -> Iterator[socket.socket]:
    """The socket of a descriptor that is somebody else's to close."""
    found = socket.socket(fileno=number)
    try:
        yield found
    finally:
        found.detach()
