"""Where photos lie in a bucket, which takes whole objects, uploads come in pieces as well."""

from collections.abc import Iterator

import pytest
from flask import Flask

from participate.kernel.errors import Unreadable
from participate.photos.arriving import staging
from participate.photos.storage import MediaStore
from participate.photos.uploads import pieces, service
from participate.photos.uploads.protocol import BrokenOff
from tests.people import People, Person
from tests.photos_http.tus import FILE, begin, end, go_on, look


@pytest.fixture
def resident(app: Flask, in_bucket: MediaStore, people: People) -> Iterator[Person]:
    yield people.resident()
    assert list(staging().rglob("*.part")) == []


def finished(who: Person, path: str) -> bytes:
    photo = look(who, path).headers["Photo-Id"]
    return bytes(who.get(f"/v1/photos/{photo}/original").data)


def test_in_pieces(resident: Person, in_bucket: MediaStore) -> None:
    path = begin(resident, len(FILE), FILE[:1000]).headers["Location"]
    go_on(resident, path, 1000, FILE[1000:150_000])
    held = list(in_bucket.keys("uploads"))
    assert len(held) == 2, "other machines can read them"
    assert not (staging() / "uploads" / path[-36:] / "1").exists(), "and this one need not"
    go_on(resident, path, 150_000, FILE[150_000:])
    assert finished(resident, path) == FILE
    assert list(in_bucket.keys("uploads")) == []


def test_in_one_piece(resident: Person, in_bucket: MediaStore) -> None:
    path = begin(resident, len(FILE), FILE).headers["Location"]
    assert finished(resident, path) == FILE
    assert list(in_bucket.keys("uploads")) == []


def test_what_came_before_the_network_broke_is_kept(resident: Person) -> None:
    path = begin(resident, len(FILE)).headers["Location"]

    def breaking() -> Iterator[bytes]:
        yield FILE[:70_000]
        raise BrokenOff

    with pytest.raises(Unreadable):
        service.go_on(path[-36:], resident.account_id, 0, breaking())
    assert look(resident, path).headers["Upload-Offset"] == "70000"
    go_on(resident, path, 70_000, FILE[70_000:])
    assert finished(resident, path) == FILE


def test_what_was_ended_leaves_nothing(resident: Person) -> None:
    path = begin(resident, len(FILE), FILE[:1000]).headers["Location"]
    end(resident, path)
    assert path[-36:] not in pieces.uploads()
