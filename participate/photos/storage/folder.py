"""Photos in a local folder."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path

from participate.kernel.ids import new_id
from participate.photos.storage.store import ABOVE_ALL, Stored, checked, is_key, original_key

_PART_SUFFIX, _STAGING = ".part", ".staging"


class LocalStore:
    """A folder. What `put` has returned from survives a power cut; what it has not is not there at all."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.staging: Path | None = self.root / _STAGING

    def put(self, key: str, data: bytes) -> None:
        """Into a file beside the final one, which then takes its name: nobody ever sees half of it."""
        self.put_all({key: data})

    def put_all(self, things: Mapping[str, bytes]) -> None:
        """As `put`, with one wait for the disk less for each that goes into the same folder."""
        self._place({checked(key): partial(_write, data) for key, data in things.items()})

    def adopt(self, path: Path, sha256: str) -> None:
        """By a second name for the same file, or by a copy where the file lies elsewhere."""
        self._place({original_key(sha256): partial(_link_or_copy, path)})

    def _place(self, fills: Mapping[str, Callable[[Path], object]]) -> None:
        """Have new files filled that then take the places of these keys, with the present moment as their time."""
        paths = [self.root / key for key in fills]
        for path in paths:
            _make_folder(path.parent)
        parts = [path.parent / f".{new_id()}{_PART_SUFFIX}" for path in paths]
        try:
            for part, fill in zip(parts, fills.values(), strict=True):
                fill(part)
            for part, path in zip(parts, paths, strict=True):
                _sync(part)
                os.utime(part)
                part.replace(path)
        finally:
            # Where both names are of one file already, `replace` does nothing and leaves both.
            for part in parts:
                part.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            _sync(folder)

    def get(self, key: str) -> bytes:
        """Read the whole file."""
        return (self.root / checked(key)).read_bytes()

    def fetch(self, key: str) -> tuple[Stored, bytes]:
        """Both of the same file, even where another one takes its place meanwhile."""
        with (self.root / checked(key)).open("rb") as file:
            return _stored(key, os.fstat(file.fileno())), file.read()

    def read(self, key: str, start: int, end: int) -> bytes:
        """Read so much of the file."""
        with (self.root / checked(key)).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def look(self, key: str) -> Stored:
        """By the file's size and the time of its last write."""
        return _stored(key, (self.root / checked(key)).stat())

    def exists(self, key: str) -> bool:
        """Whether the file is there."""
        return (self.root / checked(key)).is_file()

    def move(self, key: str, to: str) -> bool:
        """Give the file another name, at one stroke."""
        source, target = self.root / checked(key), self.root / checked(to)
        _make_folder(target.parent)
        try:
            source.replace(target)
        except FileNotFoundError:
            return False
        _sync(target.parent)
        return True

    def delete(self, key: str) -> None:
        """The folder stays: another process may be about to write into it."""
        (self.root / checked(key)).unlink(missing_ok=True)

    def keys(self, folder: str = ABOVE_ALL) -> Iterator[str]:
        """Walk the tree; what is not a key (a file still being written, a .gitkeep) is not ours."""
        top = self.root / checked(folder) if folder else self.root
        for place, _, names in os.walk(top):
            for name in names:
                key = (Path(place) / name).relative_to(self.root).as_posix()
                if is_key(key):
                    yield key

    def files(self, folder: str = ABOVE_ALL) -> Iterator[Stored]:
        """Look at each file of the tree; one that goes meanwhile is left out."""
        for key in self.keys(folder):
            with suppress(FileNotFoundError):
                yield self.look(key)

    def drop_unfinished(self, folder: str, before: float) -> int:
        """By the time of the file's last write; what was gathered for `adopt` too."""
        found = chain.from_iterable(
            place.rglob(f".*{_PART_SUFFIX}") for place in (self.root / checked(folder), self.root / _STAGING)
        )
        gone = [path for path in found if _older(path, before)]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def signed_url(self, key: str, seconds: int) -> str | None:
        """A folder serves nobody."""
        checked(key)
        return None


def _stored(key: str, found: os.stat_result) -> Stored:
    return Stored(key, found.st_size, found.st_mtime, f"{found.st_mtime_ns:x}-{found.st_size:x}")


def _write(data: bytes, part: Path) -> None:
    part.write_bytes(data)


def _link_or_copy(path: Path, part: Path) -> None:
    try:
        os.link(path, part)
    except FileNotFoundError:
        raise
    except OSError:  # Another file system, or one that knows no links.
        shutil.copyfile(path, part)


def _older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime <= before
    except FileNotFoundError:  # It has just been finished.
        return False


def _make_folder(folder: Path) -> None:
    """A folder whose own name is on the disk too, else a power cut could take it with all that it holds."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    """Have the file's bytes, or the folder's names, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
