"""A photo is attached once, by its owner; what nobody attaches is removed after a day, bytes and all."""

from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from participate.kernel.db import one
from participate.photos import service
from participate.photos.arriving import store
from participate.photos.files import RENDITIONS, rendition_key
from participate.photos.models import Photo
from participate.photos.storage import original_key
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, at_once, upload

UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"


def report(who: Person, *photos: str) -> TestResponse:
    body: dict[str, Any] = {"kind": "snap_report", "body": "A deep hole.", "place": HERE}
    return who.post("/v1/submissions", body | {"photo_ids": list(photos)})


def faults(answer: TestResponse) -> list[tuple[str, str]]:
    assert answer.status_code == 422
    return [(error["field"], error["code"]) for error in answer.get_json()["errors"]]


def keys_of(photo: str) -> list[str]:
    """Where the photo's files lie."""
    row = one(select(Photo.sha256).where(Photo.id == photo))
    assert row is not None
    return [original_key(row.sha256), *(rendition_key(photo, name) for name in RENDITIONS)]


def there(keys: list[str]) -> list[bool]:
    """Which of the files are there."""
    return [store().exists(key) for key in keys]


def test_an_id_is_the_same_in_capitals(way: Way) -> None:
    photo = way.photo(way.author)
    assert report(way.author, photo.upper()).get_json()["photos"][0]["id"] == photo
    assert way.author.get(f"/v1/photos/{photo.upper()}").get_json()["id"] == photo


def test_it_is_attached_once(way: Way) -> None:
    photo = way.photo(way.author)
    assert report(way.author, photo).status_code == 201
    assert faults(report(way.author, photo)) == [("photo_ids.0", "photo_not_free")]


def test_of_two_submissions_at_once_one_gets_it(way: Way) -> None:
    photo = way.photo(way.author)
    statuses = sorted(answer.status_code for answer in at_once(*[lambda: report(way.author, photo)] * 2))
    assert statuses == [201, 422]
    assert len(way.author.get("/v1/me/submissions").get_json()["items"]) == 1


def test_another_s_photo_is_as_one_that_there_is_not(way: Way) -> None:
    mine, theirs = way.photo(way.author), way.photo(way.people.resident())
    answer = report(way.author, mine, theirs, UNKNOWN)
    assert faults(answer) == [("photo_ids.1", "photo_not_free"), ("photo_ids.2", "photo_not_free")]
    assert way.author.get("/v1/me/submissions").get_json()["items"] == []
    assert report(way.author, mine).status_code == 201, "the refusal has kept nothing"


def test_nine_are_enough(way: Way) -> None:
    photos = [upload(way.author).get_json()["id"] for _ in range(10)]
    assert faults(report(way.author, *photos)) == [("photo_ids", "length")]
    assert report(way.author, *photos[:9]).status_code == 201


def test_what_nobody_attaches_goes_after_a_day(way: Way, clock: HeldClock) -> None:
    kept, dropped, fresh = way.photo(way.author), way.photo(way.author), ""
    report(way.author, kept)
    clock.forward(hours=23)
    fresh = way.photo(way.author)
    clock.forward(hours=1, seconds=-1)
    assert service.remove_unattached() == 0
    clock.forward(seconds=2)
    keys = {photo: keys_of(photo) for photo in (kept, dropped, fresh)}
    assert service.remove_unattached() == 1
    assert way.author.get(f"/v1/photos/{dropped}").status_code == 404
    assert there(keys[dropped]) == [False] * 3
    for photo in (kept, fresh):
        assert way.author.get(f"/v1/photos/{photo}/view").status_code == 200
        assert there(keys[photo]) == [True] * 3


def test_one_that_goes_before_it_was_looked_at_harms_nothing(way: Way, clock: HeldClock) -> None:
    photo = upload(way.author).get_json()["id"]
    keys = keys_of(photo)
    clock.forward(hours=25)
    assert service.remove_unattached() == 1
    way.work()
    assert way.author.get(f"/v1/photos/{photo}").status_code == 404
    assert there(keys) == [False] * 3


def test_a_photo_that_cannot_be_used_is_told_of(way: Way) -> None:
    photo = upload(way.author, b"no photo").get_json()["id"]
    submission = report(way.author, photo).get_json()["id"]
    way.work()
    told = way.author.get("/v1/me/updates").get_json()["items"]
    assert ("photo_refused", submission) in [(update["fact"], update["submission_id"]) for update in told]
    assert way.state(submission) == "in_moderation"
