"""Where photos are kept: one small interface over a local folder or an S3-compatible bucket."""

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from participate.config import BadSettings

if TYPE_CHECKING:
    from obstore.store import S3Config
    from obstore.store import S3Store as Bucket

# Made by the server alone: lower case, so that no file system takes two keys for one, and no part starts with
# a dot, so that none climbs out of its folder or meets a file that is still being written.
_PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_KEY = re.compile(rf"{_PART}(?:/{_PART})*")
_LONGEST_KEY = 200  # characters
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ABOVE_ALL = ""
_PART_SUFFIX = ".part"


class MediaStore(Protocol):
    """Bytes by key, such as `originals/ab/cd/abcd….jpg`. Every method raises ValueError for a malformed key."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`, all of it or none, for good once this returns; what was there is replaced."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`; raises FileNotFoundError when there are none."""

    def exists(self, key: str) -> bool:
        """Whether there is something under `key`."""

    def delete(self, key: str) -> None:
        """Forget `key`; no error when it is not there."""

    def keys(self, folder: str = _ABOVE_ALL) -> Iterator[str]:
        """All keys below `folder` (whole parts: `a/b` holds `a/b/c`, not `a/bc`), in no order."""

    def drop_unfinished(self, folder: str, before: float) -> int:
        """Remove what a crash left half-written below `folder` before that moment (seconds since the epoch)."""


def open_store(media_url: str) -> MediaStore:
    """The store that `MEDIA_URL` names; nothing is touched yet.

    A path or `file:///path` is a local folder, made when first written to. `s3://bucket/prefix` is a bucket at
    AWS, or with `?endpoint=https://host&region=name` at any other S3-compatible service. Credentials come from
    the usual AWS_* environment, as does anything else obstore knows (AWS_VIRTUAL_HOSTED_STYLE_REQUEST=true for
    services that take no bucket in the path). Raises BadSettings for anything else.
    """
    url = urlsplit(media_url)
    if url.scheme == "s3":
        return _open_bucket(url)
    if url.scheme not in {"", "file"} or url.netloc:
        raise BadSettings("MEDIA_URL: a folder, file:///folder or s3://bucket/prefix is wanted")
    root = Path(unquote(url.path) if url.scheme else media_url)
    if not media_url or (root.exists() and not root.is_dir()):
        raise BadSettings(f"MEDIA_URL={media_url!r}: this is no folder")
    return LocalStore(root)


def _open_bucket(url: SplitResult) -> "S3Store":
    # A name or password in a URL would end up in logs and process lists.
    if not _BUCKET.fullmatch(url.netloc):
        raise BadSettings("MEDIA_URL: s3:// must be followed by a bucket's name alone; credentials go in AWS_*")
    options = parse_qs(url.query, keep_blank_values=True)
    if not options.keys() <= {"endpoint", "region"}:
        raise BadSettings("MEDIA_URL: s3:// takes the options endpoint and region only")
    endpoint, region = (options.get(name, [None])[-1] for name in ("endpoint", "region"))
    if endpoint is not None and not re.fullmatch(r"https?://[^/?#@\s]+/?", endpoint):
        raise BadSettings("MEDIA_URL: endpoint must be http://host or https://host")
    return S3Store(url.netloc, unquote(url.path).strip("/"), endpoint, region)


def _checked(key: str) -> str:
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key[:_LONGEST_KEY]!r}")
    return key


class LocalStore:
    """A folder. What `put` has returned from survives a power cut; what it has not is not there at all."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def put(self, key: str, data: bytes) -> None:
        """Into a file beside the final one, which then takes its name: nobody ever sees half of it."""
        path = self.root / _checked(key)
        _make_folder(path.parent)
        handle, part = tempfile.mkstemp(prefix=".", suffix=_PART_SUFFIX, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def get(self, key: str) -> bytes:
        """Read the whole file."""
        return (self.root / _checked(key)).read_bytes()

    def exists(self, key: str) -> bool:
        """Whether the file is there."""
        return (self.root / _checked(key)).is_file()

    def delete(self, key: str) -> None:
        """The folder stays: another process may be about to write into it."""
        (self.root / _checked(key)).unlink(missing_ok=True)

    def keys(self, folder: str = _ABOVE_ALL) -> Iterator[str]:
        """Walk the tree; what is not a key (a file still being written, a .gitkeep) is not ours."""
        top = self.root / _checked(folder) if folder else self.root
        for place, _, names in os.walk(top):
            for name in names:
                key = (Path(place) / name).relative_to(self.root).as_posix()
                if _KEY.fullmatch(key):
                    yield key

    def drop_unfinished(self, folder: str, before: float) -> int:
        """By the time of the file's last write."""
        gone = [path for path in (self.root / _checked(folder)).rglob(f".*{_PART_SUFFIX}") if _older(path, before)]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)


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
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class S3Store:
    """A bucket at AWS or any S3-compatible service. A call waits at most about half a minute."""

    _user: ClassVar[int | None] = None

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        from obstore.store import S3Store as Bucket  # noqa: PLC0415 - not loaded where photos lie in a folder

        # One by one: not every S3-compatible service knows the call that deletes many.
        config: S3Config = {"disable_bulk_delete": True}
        if endpoint:
            config["endpoint"] = endpoint
        if region:
            config["region"] = region
        self._bucket = Bucket(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
                "connect_timeout": "3s",
                "timeout": "20s",
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
        )

    def _open(self) -> "Bucket":
        """The client, unless a parent of this process has used one: its threads do not survive a fork, and the
        call would wait for ever."""
        S3Store._user = S3Store._user or os.getpid()
        if S3Store._user != os.getpid():
            raise RuntimeError("an S3 store was used before this process was forked")
        return self._bucket

    def put(self, key: str, data: bytes) -> None:
        """In one request, which S3 applies whole or not at all; an upload in parts could leave some behind."""
        self._open().put(_checked(key), data, use_multipart=False)

    def get(self, key: str) -> bytes:
        """Read the whole object."""
        return bytes(self._open().get(_checked(key)).bytes())

    def exists(self, key: str) -> bool:
        """Ask for the object's head."""
        try:
            self._open().head(_checked(key))
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """S3 itself takes the deletion of what is not there for done."""
        self._open().delete(_checked(key))

    def keys(self, folder: str = _ABOVE_ALL) -> Iterator[str]:
        """List page by page, so that memory does not grow with the bucket."""
        for page in self._open().list(_checked(folder) if folder else None, chunk_size=1000):
            for found in page:
                if _KEY.fullmatch(found["path"]):
                    yield found["path"]

    def drop_unfinished(self, folder: str, before: float) -> int:
        """There is none: S3 applies a single request whole or not at all."""
        return 0
