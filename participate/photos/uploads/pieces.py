"""The bytes of uploads that are not finished, piece by piece, where every process that may go on can read them.

Where photos lie in a folder, a piece is a file in it, of which every byte counts that has reached it: also where the
process is killed that was writing it, or is still waiting for a phone that has gone. A bucket takes whole objects, so
there a piece counts once it has come to its end.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from participate.kernel.ids import is_id
from participate.photos.arriving import staging, store, write_all

_FOLDER = "uploads"
_BLOCK = 2**20


class Piece:
    """One piece as it arrives."""

    def __init__(self, upload_id: str, turn: int) -> None:
        self.size, self.turn = 0, turn
        self._upload_id = upload_id
        self._hash, self._path = sha256(), _path(upload_id, turn)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = self._path.open("x+b", buffering=0)

    def write(self, data: bytes) -> None:
        """Take more in."""
        write_all(self._file, data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """Of the piece, in hexadecimal."""
        return self._hash.hexdigest()

    def keep(self) -> None:
        """Have the store take it over as an original, which is what a piece is that holds the whole file."""
        store().adopt(self._path, self.sha256)

    def settle(self) -> None:
        """See to it that it can be read from everywhere, and after a power cut."""
        if store().staging is None:
            store().put(_key(self._upload_id, self.turn), self._path.read_bytes())
        else:
            settle(self._upload_id, self.turn)

    def read(self) -> Iterator[bytes]:
        """All of it."""
        self._file.seek(0)
        while block := self._file.read(_BLOCK):
            yield block

    def drop(self) -> None:
        """It counts for nothing."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()
        if store().staging is None:
            self.drop()


def arrived(upload_id: str, turn: int) -> int:
    """How many bytes of a piece can be read, which may be still growing."""
    with suppress(FileNotFoundError):
        if store().staging is None:
            return store().look(_key(upload_id, turn)).size
        return _path(upload_id, turn).stat().st_size
    return 0


def settle(upload_id: str, turn: int) -> None:
    """See to it that what a process has written that is no more stays after a power cut, too."""
    if store().staging is None:
        return
    path = _path(upload_id, turn)
    for each in (path, path.parent, path.parent.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(upload_id: str, turn: int, size: int) -> Iterator[bytes]:
    """The first `size` bytes of a piece."""
    if store().staging is None:
        yield store().read(_key(upload_id, turn), 0, size)
        return
    with _path(upload_id, turn).open("rb") as file:
        while size and (block := file.read(min(size, _BLOCK))):
            size -= len(block)
            yield block


def forget(upload_id: str) -> None:
    """Remove all pieces of an upload."""
    shutil.rmtree(_path(upload_id, 0).parent, ignore_errors=True)
    if store().staging is None:
        for key in list(store().keys(f"{_FOLDER}/{upload_id}")):
            store().delete(key)


def uploads() -> set[str]:
    """The ids of all uploads of which there is a piece somewhere."""
    found = {path.name for path in _folder().iterdir()} if _folder().is_dir() else set[str]()
    if store().staging is None:
        found |= {key.split("/")[1] for key in store().keys(_FOLDER)}
    return {name for name in found if is_id(name)}


def _folder() -> Path:
    return staging() / _FOLDER


def _path(upload_id: str, turn: int) -> Path:
    """Named by the server alone: an id, and a number."""
    return _folder() / upload_id / str(turn)


def _key(upload_id: str, turn: int) -> str:
    return f"{_FOLDER}/{upload_id}/{turn}"
