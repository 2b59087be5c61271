"""Photos in a bucket at AWS or at any S3-compatible service."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from participate.kernel.context import is_awaited
from participate.photos.storage.store import ABOVE_ALL, StoreAway, Stored, checked, is_key, original_key

if TYPE_CHECKING:
    from obstore import Attributes, ObjectMeta
    from obstore.store import RetryConfig, S3Config
    from obstore.store import S3Store as Bucket

# How long one call may take: of a request, for which somebody waits (a photo is put away and then looked for, which
# together stays below five seconds), and of the worker, which may wait for a slow service.
_READ, _WRITE, _PATIENT = "1.5s", "3s", "20s"
_REQUEST_RETRY: "RetryConfig" = {"max_retries": 1, "retry_timeout": timedelta(seconds=1)}
_PATIENT_RETRY: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=30)}
_AGAIN_SECONDS = 10
# What the bucket itself says of a file where it serves one: a picture, or something to be saved and not shown.
_PICTURE: "Attributes" = {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"}
_ANYTHING: "Attributes" = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-store",
}

_log = logging.getLogger(__name__)


class S3Store:
    """A bucket. A call of a request waits at most about three seconds, one of the worker half a minute."""

    _user: ClassVar[int | None] = None

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        # One by one: not every S3-compatible service knows the call that deletes many.
        config: S3Config = {"disable_bulk_delete": True}
        if endpoint:
            config["endpoint"] = endpoint
        if region:
            config["region"] = region
        self.staging: Path | None = None
        self._named = (bucket, prefix, config)
        self._clients = {seconds: self._client(seconds) for seconds in (_READ, _WRITE, _PATIENT)}

    def _client(self, seconds: str) -> "Bucket":
        from obstore.store import S3Store as Bucket  # noqa: PLC0415 - not loaded where photos lie in a folder

        bucket, prefix, config = self._named
        return Bucket(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={
                "allow_http": str(config.get("endpoint", "")).startswith("http://"),
                "connect_timeout": "3s" if seconds is _PATIENT else "1s",
                "timeout": seconds,
            },
            retry_config=_PATIENT_RETRY if seconds is _PATIENT else _REQUEST_RETRY,
        )

    @contextmanager
    def _asked(self, seconds: str = _READ, in_haste: bool = False) -> "Iterator[Bucket]":
        """A client that is patient, unless for a request or `in_haste`. Raises StoreAway for what it fails with.

        Raises RuntimeError where a parent of this process has used one: its threads do not survive a fork, and the
        call would wait for ever.
        """
        from obstore.exceptions import BaseError  # noqa: PLC0415 - see _client

        S3Store._user = S3Store._user or os.getpid()
        if S3Store._user != os.getpid():
            raise RuntimeError("an S3 store was used before this process was forked")
        try:
            yield self._clients[seconds if in_haste or is_awaited() else _PATIENT]
        except BaseError as error:
            _log.warning("media store away", extra={"reason": type(error).__name__})
            raise StoreAway(_AGAIN_SECONDS) from error

    def put(self, key: str, data: bytes) -> None:
        """In one request, which S3 applies whole or not at all; an upload in parts could leave some behind."""
        with self._asked(_WRITE) as bucket:
            bucket.put(checked(key), data, attributes=_attributes(key), use_multipart=False)

    def put_all(self, things: Mapping[str, bytes]) -> None:
        """One after another."""
        for key, data in things.items():
            self.put(key, data)

    def adopt(self, path: Path, sha256: str) -> None:
        """As `put`, in one request."""
        key = original_key(sha256)
        with self._asked(_WRITE) as bucket:
            bucket.put(key, path, attributes=_attributes(key), use_multipart=False)

    def get(self, key: str) -> bytes:
        """Read the whole object."""
        return self.fetch(key)[1]

    def fetch(self, key: str) -> tuple[Stored, bytes]:
        """Both by one request."""
        with self._asked() as bucket:
            found = bucket.get(checked(key))
            return _stored(found.meta, key), bytes(found.bytes())

    def read(self, key: str, start: int, end: int) -> bytes:
        """Ask for so much of the object; somebody waits for it, even where the request is behind us."""
        with self._asked(in_haste=True) as bucket:
            return bytes(bucket.get_range(checked(key), start=start, end=end))

    def look(self, key: str) -> Stored:
        """Ask for the object's head."""
        with self._asked() as bucket:
            return _stored(bucket.head(checked(key)), key)

    def exists(self, key: str) -> bool:
        """Ask for the object's head."""
        try:
            self.look(key)
        except FileNotFoundError:
            return False
        return True

    def move(self, key: str, to: str) -> bool:
        """Copy it within the bucket and delete it: S3 knows no other way."""
        try:
            with self._asked() as bucket:
                bucket.copy(checked(key), checked(to))
        except FileNotFoundError:
            return False
        self.delete(key)
        return True

    def delete(self, key: str) -> None:
        """S3 itself takes the deletion of what is not there for done."""
        with self._asked() as bucket:
            bucket.delete(checked(key))

    def keys(self, folder: str = ABOVE_ALL) -> Iterator[str]:
        """The names alone."""
        return (found.key for found in self.files(folder))

    def files(self, folder: str = ABOVE_ALL) -> Iterator[Stored]:
        """List page by page, so that memory does not grow with the bucket."""
        prefix = checked(folder) if folder else None
        with self._asked() as bucket:
            for page in bucket.list(prefix, chunk_size=1000):
                yield from (_stored(found, found["path"]) for found in page if is_key(found["path"]))

    def drop_unfinished(self, folder: str, before: float) -> int:
        """There is none: S3 applies a single request whole or not at all."""
        return 0

    def signed_url(self, key: str, seconds: int) -> str | None:
        """Signed with our own key (AWS Signature Version 4, in the query), without asking the service."""
        from obstore import sign  # noqa: PLC0415 - see _client

        with self._asked() as bucket:
            return sign(bucket, "GET", checked(key), timedelta(seconds=seconds))


def _attributes(key: str) -> "Attributes":
    return _PICTURE if key.endswith(".jpg") else _ANYTHING


def _stored(found: "ObjectMeta", key: str) -> Stored:
    return Stored(key, found["size"], found["last_modified"].timestamp(), (found["e_tag"] or "").strip('"'))
