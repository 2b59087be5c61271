"""The way that a submission takes, with the people it meets, and the stores that photos may lie in."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask

from participate.photos.arriving import staging
from participate.photos.storage import MediaStore, open_store
from tests import buckets
from tests.steps import way

__all__ = ["bucket", "kept_in", "way"]


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[buckets.Bucket]:
    """One S3 server for all tests that do it no harm."""
    with buckets.running() as found:
        yield found


@pytest.fixture
def bucket(bucket_server: buckets.Bucket, monkeypatch: pytest.MonkeyPatch) -> buckets.Bucket:
    """A bucket at it, and the keys to it in the environment."""
    for name, value in buckets.KEYS.items():
        monkeypatch.setenv(name, value)
    return bucket_server


def _use(app: Flask, store: MediaStore) -> Iterator[MediaStore]:
    before = app.extensions["participate.media"]
    app.extensions["participate.media"] = store
    yield store
    for part in staging().glob(".*.part"):  # Of files that a test has brought, and not closed.
        part.unlink()
    app.extensions["participate.media"] = before


@pytest.fixture
def in_bucket(app: Flask, bucket: buckets.Bucket) -> Iterator[MediaStore]:
    """The application's photos lie in a bucket."""
    yield from _use(app, open_store(bucket.url))


@pytest.fixture(params=["folder", "bucket"])
def kept_in(app: Flask, request: pytest.FixtureRequest) -> Iterator[MediaStore]:
    """The application's photos lie in a folder, and once more in a bucket; nothing is there from tests before."""
    store = request.getfixturevalue("in_bucket") if request.param == "bucket" else app.extensions["participate.media"]
    for key in list(store.keys()):
        store.delete(key)
    store.drop_unfinished("originals", time.time() + 1)
    yield from _use(app, store)
