"""What every store of photos promises, and which keys there are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from participate.kernel.errors import Unavailable

# Made by the server alone: lower case, so that no file system takes two keys for one, and no part starts with
# a dot, so that none climbs out of its folder or meets a file that is still being written.
_PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_KEY = re.compile(rf"{_PART}(?:/{_PART})*")
_LONGEST_KEY = 200  # characters
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/\1[0-9a-f]{62}")
ABOVE_ALL = ""


class StoreAway(Unavailable):
    """The store does not answer, or not in time (503); nothing is known about what was asked of it."""


@dataclass(frozen=True)
class Stored:
    """Something in a store.

    `size` is in bytes, `changed_at` in seconds since the epoch by the store's own clock; `tag` is another one whenever
    the bytes are others.
    """

    key: str
    size: int
    changed_at: float
    tag: str = ""


class MediaStore(Protocol):
    """Bytes by key, such as `originals/ab/abcd…`.

    Every method raises ValueError for a malformed key, and StoreAway where the store does not answer.
    """

    staging: Path | None
    """A folder from which `adopt` need not copy; None where it is no matter where a file lies."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`, all of it or none, for good once this returns; what was there is replaced."""

    def put_all(self, things: Mapping[str, bytes]) -> None:
        """Keep each of `things` under its key, as `put` does; some of them may be there where this fails."""

    def adopt(self, path: Path, sha256: str) -> None:
        """Keep what the finished file at `path` holds as the original that `sha256` names, as `put` would.

        `path` stays, and is the caller's to remove; nobody may write to it from now on.
        """

    def get(self, key: str) -> bytes:
        """The bytes under `key`; raises FileNotFoundError when there are none."""

    def fetch(self, key: str) -> tuple[Stored, bytes]:
        """The bytes under `key` and what is to be said of them; raises FileNotFoundError when there are none."""

    def read(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, both within what is there; raises FileNotFoundError."""

    def look(self, key: str) -> Stored:
        """What is to be said of `key`; raises FileNotFoundError when there is nothing."""

    def exists(self, key: str) -> bool:
        """Whether there is something under `key`."""

    def move(self, key: str, to: str) -> bool:
        """Take what is under `key` to the key `to`, replacing what is there; False where there is nothing.

        It may be under both for a moment, never under neither.
        """

    def delete(self, key: str) -> None:
        """Forget `key`; no error when it is not there."""

    def keys(self, folder: str = ABOVE_ALL) -> Iterator[str]:
        """All keys below `folder` (whole parts: `a/b` holds `a/b/c`, not `a/bc`), in no order."""

    def files(self, folder: str = ABOVE_ALL) -> Iterator[Stored]:
        """What is below `folder`, without tags, in no order."""

    def drop_unfinished(self, folder: str, before: float) -> int:
        """Remove what a crash left half-written below `folder` before that moment (seconds since the epoch)."""

    def signed_url(self, key: str, seconds: int) -> str | None:
        """Where anybody may fetch `key` from the store itself for so long; None where it serves nobody."""


def checked(key: str) -> str:
    """`key`, if it is one. Raises ValueError."""
    if len(key) > _LONGEST_KEY or not is_key(key):
        raise ValueError(f"not a key: {key[:_LONGEST_KEY]!r}")
    return key


def is_key(name: str) -> bool:
    """Whether `name` could be a key; what else lies in a store is not ours."""
    return _KEY.fullmatch(name) is not None


def original_key(sha256: str) -> str:
    """Where the original lies whose bytes have this hash, in lower-case hexadecimal. Raises ValueError."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256: {sha256[:100]!r}")
    return f"originals/{sha256[:2]}/{sha256}"


def is_original(key: str) -> bool:
    """Whether `original_key` makes such keys."""
    return _ORIGINAL.fullmatch(key) is not None
