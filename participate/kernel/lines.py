"""Writing lines to standard error without ever waiting for whoever reads them."""

import os
import select
import socket
import stat
import threading
from contextlib import suppress

STANDARD_ERROR = 2
_LONGEST = 64 * 2**10  # bytes
_WAITS_NOT = 0


class Lines:
    """Standard error, as somewhere that takes a line at once or not at all.

    Where it leads may be full (a disk), stopped (a pipe whose reader does not read, a terminal after Ctrl-S) or gone.
    A pipe or terminal is opened anew, so that no other process which shares it comes to write without waiting, too.
    """

    def __init__(self) -> None:
        self.dropped = 0  # since the last line that was taken
        self._lock = threading.Lock()
        self._torn = False
        self._socket: socket.socket | None = None
        self._descriptor = self._opened()

    def _opened(self) -> int:
        with suppress(OSError):
            mode = os.fstat(STANDARD_ERROR).st_mode
            if stat.S_ISSOCK(mode):
                self._socket = socket.socket(fileno=os.dup(STANDARD_ERROR))
            elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
                return os.open(f"/proc/self/fd/{STANDARD_ERROR}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        return STANDARD_ERROR

    def write(self, line: str) -> bool:
        """Whether `line` was taken; a newline is added."""
        data = line.encode("utf-8", "backslashreplace")[:_LONGEST] + b"\n"
        with self._lock:
            # What was cut off in its middle ends here.
            taken = self._take(b"\n" + data if self._torn else data)
            self.dropped = 0 if taken else self.dropped + 1
        return taken

    def _take(self, data: bytes) -> bool:
        try:
            written = self._written(data)
        except (OSError, ValueError):
            return False
        self._torn = 0 < written < len(data)
        return written == len(data)

    def _written(self, data: bytes) -> int:
        if self._socket is not None:
            return self._socket.send(data, socket.MSG_DONTWAIT)
        if self._descriptor != STANDARD_ERROR:
            return os.write(self._descriptor, data)
        return _little_by_little(data)


def _little_by_little(data: bytes) -> int:
    """Write to standard error itself, for as long as it says that it takes something: then it takes this much."""
    asked, written = select.poll(), 0
    asked.register(STANDARD_ERROR, select.POLLOUT)
    while written < len(data) and asked.poll(_WAITS_NOT):
        written += os.write(STANDARD_ERROR, data[written : written + select.PIPE_BUF])
    return written


def say(text: str) -> None:
    """One plain line for whoever started this process."""
    Lines().write(text)
