"""The files of a request: written once, where the store can take them over, and hashed as they come."""

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from io import SEEK_SET, BytesIO
from pathlib import Path
from typing import IO, Protocol, cast

from flask import Request, current_app

from participate.kernel.context import settings
from participate.kernel.errors import TooLarge
from participate.photos.storage import MediaStore

_SMALL = 2**15  # bytes: what may be no photo at all, but the JSON beside it, is not worth a file.
_PART_SUFFIX = ".part"


def store() -> MediaStore:
    """The present application's media store."""
    found: MediaStore = current_app.extensions["participate.media"]
    return found


def staging() -> Path:
    """The folder in which files lie that have not yet come whole; it is there."""
    folder = store().staging or settings().data_dir / "arriving"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Brought(Protocol):
    """A file that has come whole."""

    size: int

    @property
    def sha256(self) -> str:
        """Of all of it, in hexadecimal."""

    def keep(self) -> None:
        """Have the store take it over as an original, for good once this returns; as often as is asked."""


class Arrival:
    """A file as it arrives. It is what werkzeug wants of a file: written in pieces, then read from its start."""

    def __init__(self, limit: int) -> None:
        """At most `limit` bytes."""
        self.size = 0
        self._limit, self._hash = limit, sha256()
        self._file: IO[bytes] = BytesIO()
        self._path: Path | None = None

    def write(self, data: bytes) -> int:
        """Take the next piece in. Raises TooLarge before more than the limit is kept anywhere."""
        self.size += len(data)
        if self.size > self._limit:
            raise TooLarge("photo_too_large")
        self._hash.update(data)
        if self._path is None and self.size > _SMALL:
            self._move_out()
        write_all(self._file, data)
        return len(data)

    def _move_out(self) -> Path:
        """To a file, which is only now worth it."""
        begun = cast("BytesIO", self._file).getvalue()
        handle, name = tempfile.mkstemp(prefix=".", suffix=_PART_SUFFIX, dir=staging())
        self._file, self._path = os.fdopen(handle, "w+b", buffering=0), Path(name)
        write_all(self._file, begun)
        return self._path

    @property
    def sha256(self) -> str:
        """Of all that has come, in hexadecimal."""
        return self._hash.hexdigest()

    def keep(self) -> None:
        """Have the store take it over as an original, for good once this returns."""
        store().adopt(self._path or self._move_out(), self.sha256)

    def read(self, size: int = -1) -> bytes:
        """For whoever wants to look at the bytes."""
        return self._file.read(size)

    def readline(self, size: int = -1) -> bytes:
        """The same."""
        return self._file.readline(size)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """The same."""
        return self._file.seek(offset, whence)

    def close(self) -> None:
        """The file as it came goes; what the store has taken over stays."""
        self._file.close()
        if self._path is not None:
            with suppress(FileNotFoundError):
                self._path.unlink()


def write_all(file: IO[bytes], data: bytes) -> None:
    """A file without a buffer may take less than it is given, as when the disk is about to be full."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def drop_left(before: float) -> None:
    """Remove what a crash has left of files that were last written to before that moment (seconds since the epoch)."""
    for path in staging().glob(f".*{_PART_SUFFIX}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime <= before:
                path.unlink()


class ArrivingRequest(Request):
    """A request whose files are written where the media store can take them over, and are gone with it otherwise."""

    def _get_file_stream(self, *_args: object, **_named: object) -> IO[bytes]:
        """What werkzeug writes a file into."""
        arrival = Arrival(settings().max_photo_bytes)
        self.__dict__.setdefault("arrivals", []).append(arrival)
        return cast("IO[bytes]", arrival)

    def close(self) -> None:
        """Also where the body broke off and no file has come of it."""
        super().close()
        for arrival in self.__dict__.get("arrivals", ()):
            arrival.close()
