"""Photos that were there before redaction are hidden until they are looked through, a few at a time."""

from sqlalchemy import select, update

from participate.kernel import errands
from participate.kernel.db import rows, transaction
from participate.photos.models import Photo
from participate.photos.redaction import service
from tests.steps import Way

FORMER = {"redaction": "due", "redaction_why": None, "rendered": None, "boxes_version": 0}


def redactions() -> list[str]:
    return sorted(row.redaction for row in rows(select(Photo.redaction)))


def from_before(way: Way, number: int) -> list[str]:
    """Public photos as a release has left them that knew of no redaction."""
    found = []
    for _ in range(number):
        photo = way.photo(way.author)
        way.accepted(photo_ids=[photo])
        found.append(photo)
    with transaction():
        rows(update(Photo).values(**FORMER).returning(Photo.id))
    return found


def test_they_are_hidden_until_then(way: Way) -> None:
    (photo,) = from_before(way, 1)
    path = f"/v1/photos/{photo}/view"
    assert way.people.nobody().get(path).status_code == 404
    assert way.author.get(f"/v1/photos/{photo}").get_json()["redaction"] == "pending"
    assert service.ask_for_due() == 1
    way.work()
    assert way.people.nobody().get(path).status_code == 200


def test_each_that_is_done_asks_for_the_next(way: Way) -> None:
    from_before(way, 8)
    assert service.ask_for_due() == 5
    assert service.ask_for_due() == 0, "while some wait no more are asked for"
    assert redactions() == ["due"] * 3 + ["pending"] * 5
    assert errands.work_off("redaction", 1) == 1
    assert redactions() == ["done"] + ["due"] * 2 + ["pending"] * 5
    way.work()
    assert redactions() == ["done"] * 8


def test_one_that_cannot_be_looked_through_waits_for_a_look(way: Way) -> None:
    from datetime import timedelta

    from participate.kernel import clock
    from participate.photos.arriving import store
    from participate.photos.files import rendition_key

    (photo,) = from_before(way, 1)
    store().delete(rendition_key(photo, "view"))
    service.ask_for_due()
    present = clock.now()
    before = clock.use(lambda: present)
    try:
        for _ in range(4):
            way.work()
            present += timedelta(hours=1)
    finally:
        clock.use(before)
    (row,) = rows(select(Photo.redaction, Photo.redaction_why))
    assert tuple(row) == ("needs_look", "failed")
