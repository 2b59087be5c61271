"""The worker's side of the darkroom: photos go in, what became of them comes out, whatever they do to it."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO
from zoneinfo import ZoneInfo

from participate.photos import parcel
from participate.photos.limits import Bounds
from participate.photos.outcome import Decoded, Reason, Refused

DEATHS = 2  # A photo that kills its decoder so often is set aside.
_RESTARTS = 3
_PIPE_BYTES = 2**20  # What comes out changes hands in a turn or two.
_COMMAND = (sys.executable, "-P", "-m", "participate.photos.darkroom")
# What a decoder that was taken over must not find in its environment.
_OURS = ("PARTICIPATE_", "DATABASE_URL", "REDIS_URL", "MEDIA_URL", "SECRET_KEY", "AWS_")


class DarkroomLost(Exception):
    """The darkroom itself ended again and again, which is no photo's fault."""


def _nothing() -> None:
    """There is nothing to do besides."""


class Darkroom:
    """One darkroom process, started when first needed and again where it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._tray = -1  # The photo lies in shared memory: through a pipe it would take a fifth of its whole time.
        self._lock = threading.Lock()

    def develop(
        self, data: bytes, zone: ZoneInfo, bounds: Bounds, at: datetime, meanwhile: Callable[[], None] = _nothing
    ) -> Decoded:
        """`decode` in a process of its own, under `bounds`; `at` is the present, `meanwhile` is done besides.

        Raises Refused, also where the photo has killed its decoder DEATHS times, DarkroomLost, and what `meanwhile`
        raises.
        """
        request = {"zone": zone.key, "bounds": asdict(bounds), "at": at.isoformat(), "length": len(data)}
        for _ in range(DEATHS):
            label, content = self._exchanged(parcel.sealed(request), data, meanwhile)
            if "died" not in label:
                outcome = parcel.unpacked(label, content)
                if isinstance(outcome, Refused):
                    raise outcome
                return outcome
        raise Refused(Reason.TOO_HEAVY)

    def close(self) -> None:
        """End the process, if there is one; the next photo starts another."""
        process, self._process = self._process, None
        if process is not None:
            os.close(self._tray)
            process.kill()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    _there(stream).close()
            process.wait()

    def _exchanged(self, request: bytes, data: bytes, meanwhile: Callable[[], None]) -> parcel.Parcel:
        for _ in range(_RESTARTS):
            with self._lock, self._whole_or_closed(), contextlib.suppress(OSError):
                process = self._process = self._process or self._started()
                _lay(data, self._tray)
                _there(process.stdin).write(request)
                _there(process.stdin).flush()
                meanwhile()
                answer = parcel.opened(_there(process.stdout))
                if answer is not None:
                    return answer
            self.close()
        raise DarkroomLost

    def _started(self) -> subprocess.Popen[bytes]:
        tray = self._tray = _new_tray()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return subprocess.Popen(
            [*_COMMAND, str(tray)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=inherited | _LARGE_PAGES,
            pipesize=_PIPE_BYTES,
            pass_fds=[tray],
        )

    @contextmanager
    def _whole_or_closed(self) -> Iterator[None]:
        """Who is interrupted in the midst of an exchange must not leave its answer to the next one."""
        try:
            yield
        except BaseException:
            self.close()
            raise


# Each photo is decoded in memory that is new to its process. With large pages (glibc from 2.35 on), and all of it in
# one piece, it is there after a fifth of the page faults, which is a tenth of a photo's time.
_TUNED = {"hugetlb": 1, "mmap_threshold": 2**30, "trim_threshold": 2**30}
_LARGE_PAGES = {"GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={value}" for name, value in _TUNED.items())}


def _new_tray() -> int:
    """An open file without a name, in memory where the system has that."""
    if sys.platform == "linux":
        return os.memfd_create("tray")
    with TemporaryFile() as file:
        return os.dup(file.fileno())


def _lay(data: bytes, tray: int) -> None:
    """The photo, and nothing of the one before it."""
    os.ftruncate(tray, 0)
    written = 0
    while written < len(data):
        written += os.pwrite(tray, memoryview(data)[written:], written)


def _there(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - Popen was told to make it
    return stream


_darkroom = Darkroom()
develop = _darkroom.develop
