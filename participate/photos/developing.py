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
from typing import IO
from zoneinfo import ZoneInfo

from participate.photos import parcel
from participate.photos.limits import Bounds
from participate.photos.outcome import Decoded, Reason, Refused

DEATHS = 2  # A photo that kills its decoder so often is set aside.
_RESTARTS = 3
_PIPE_BYTES = 2**20  # A photo changes hands in a few turns instead of a hundred.
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
        self._lock = threading.Lock()

    def develop(
        self, data: bytes, zone: ZoneInfo, bounds: Bounds, at: datetime, meanwhile: Callable[[], None] = _nothing
    ) -> Decoded:
        """`decode` in a process of its own, under `bounds`; `at` is the present, `meanwhile` is done besides.

        Raises Refused, also where the photo has killed its decoder DEATHS times, DarkroomLost, and what `meanwhile`
        raises.
        """
        request = parcel.sealed({"zone": zone.key, "bounds": asdict(bounds), "at": at.isoformat()}, data)
        for _ in range(DEATHS):
            label, content = self._exchanged(request, meanwhile)
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
            process.kill()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    _there(stream).close()
            process.wait()

    def _exchanged(self, request: bytes, meanwhile: Callable[[], None]) -> parcel.Parcel:
        for _ in range(_RESTARTS):
            with self._lock, self._whole_or_closed(), contextlib.suppress(OSError):
                process = self._process = self._process or _started()
                _there(process.stdin).write(request)
                _there(process.stdin).flush()
                meanwhile()
                answer = parcel.opened(_there(process.stdout))
                if answer is not None:
                    return answer
            self.close()
        raise DarkroomLost

    @contextmanager
    def _whole_or_closed(self) -> Iterator[None]:
        """Who is interrupted in the midst of an exchange must not leave its answer to the next one."""
        try:
            yield
        except BaseException:
            self.close()
            raise


# Each photo is decoded in memory that is new to its process, and to have it made takes a tenth of a photo's time. With
# large pages (glibc from 2.35 on) it is there after a quarter of the page faults; and what one of Pillow's pictures has
# left, at most so many blocks of 16 MB, the next one uses.
_MEMORY = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "PILLOW_BLOCKS_MAX": "2"}


def _started() -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | _MEMORY
    return subprocess.Popen(
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, pipesize=_PIPE_BYTES
    )


def _there(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - Popen was told to make it
    return stream


_darkroom = Darkroom()
develop = _darkroom.develop
