"""Originals are named by what they hold: equal ones lie there once, for as long as one photo has them."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from sqlalchemy import delete

from participate.kernel.db import execute, transaction
from participate.photos.arriving import store
from participate.photos.files import former_key
from participate.photos.models import Photo
from participate.photos.removal import forget
from participate.photos.service import remove_unattached
from participate.photos.storage import MediaStore, Stored, original_key
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import snapshot, upload

pytestmark = pytest.mark.usefixtures("kept_in")
Work = Callable[[], int]


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def named(data: bytes) -> str:
    return sha256(data).hexdigest()


def photo_of(who: Person, data: bytes) -> str:
    answer = upload(who, data)
    assert answer.status_code == 201
    return str(answer.get_json()["id"])


def originals() -> list[str]:
    return sorted(store().keys("originals"))


def remove(*photo_ids: str) -> None:
    with transaction():
        execute(delete(Photo).where(Photo.id.in_(photo_ids)))


def test_the_same_bytes_lie_there_once(resident: Person, people: People) -> None:
    data = snapshot()
    photos = [photo_of(who, data) for who in (resident, resident, people.resident())]
    assert len(set(photos)) == 3
    assert originals() == [f"originals/{named(data)[:2]}/{named(data)}"]
    assert store().get(originals()[0]) == data


def test_being_brought_again_makes_a_file_young_again(resident: Person, kept_in: MediaStore) -> None:
    data = snapshot()
    photo_of(resident, data)
    before = look(kept_in, data)
    while look(kept_in, data).changed_at == before.changed_at:  # A bucket's clock counts whole seconds.
        photo_of(resident, data)
    assert look(kept_in, data).changed_at > before.changed_at


def look(kept_in: MediaStore, data: bytes) -> Stored:
    return kept_in.look(original_key(named(data)))


def test_being_brought_again_heals_a_file(resident: Person, kept_in: MediaStore) -> None:
    data = snapshot()
    photo_of(resident, data)
    kept_in.put(original_key(named(data)), b"what a failing disk has made of it")
    photo_of(resident, data)
    assert kept_in.get(original_key(named(data))) == data


def test_it_goes_with_the_last_photo_that_has_it(resident: Person, clock: HeldClock) -> None:
    data = snapshot()
    photo_of(resident, data)
    clock.forward(hours=20)
    photo_of(resident, data)
    clock.forward(hours=5)
    assert remove_unattached() == 1
    assert originals() == [original_key(named(data))]
    clock.forward(hours=20)
    assert remove_unattached() == 1
    assert originals() == []


def test_what_has_to_go_goes_at_once(resident: Person) -> None:
    data = snapshot()
    photo = photo_of(resident, data)
    assert not forget(named(data)), "a photo has it"
    assert originals() == [original_key(named(data))]
    remove(photo)
    assert forget(named(data))
    assert list(store().keys()) == []
    assert forget(named(data)), "it is gone already"


def test_one_that_is_changed_is_refused_and_marked(resident: Person, work: Work, kept_in: MediaStore) -> None:
    data = snapshot()
    photo = photo_of(resident, data)
    kept_in.put(original_key(named(data)), snapshot())
    work()
    shown = resident.get(f"/v1/photos/{photo}").get_json()
    assert shown["state"] == "refused"
    assert "damaged" in shown["reason"]


def test_one_that_lies_in_its_former_place_is_found(resident: Person, work: Work, kept_in: MediaStore) -> None:
    data = snapshot()
    photo = photo_of(resident, data)
    kept_in.move(original_key(named(data)), former_key(photo))
    work()
    assert resident.get(f"/v1/photos/{photo}").get_json()["state"] == "ready"
    assert resident.get(f"/v1/photos/{photo}/original").data == data
