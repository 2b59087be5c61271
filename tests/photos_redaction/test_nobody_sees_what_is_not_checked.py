"""Others see a photo once faces and plates in it are covered, and never what was there."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.kernel import errands
from participate.kernel.db import rows
from participate.photos.arriving import store
from participate.photos.models import Photo
from participate.photos.redaction import networks
from participate.photos.redaction.plates import find_plates
from tests.people import Person
from tests.photos_redaction.conftest import as_file, plain_faces, street
from tests.steps import HERE, Way, upload


def picture(who: Person, path: str) -> Image.Image:
    answer = who.get(path)
    assert answer.status_code == 200
    return Image.open(BytesIO(answer.data)).convert("RGB")


def statuses(who: Person, photo: str) -> tuple[int, int]:
    return who.get(f"/v1/photos/{photo}/thumb").status_code, who.get(f"/v1/photos/{photo}/view").status_code


def audited() -> list[tuple[str, str | None]]:
    held = AuditEntry
    found = rows(select(held.action, held.actor_id).where(held.subject_type == "photo").order_by(held.id))
    return [(row.action, row.actor_id) for row in found]


@pytest.fixture
def unable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that finds faces is not installed."""
    monkeypatch.setattr("participate.photos.redaction.faces.FACES", ("no_such_package", "faces.onnx"))


def test_the_public_sees_it_covered(way: Way) -> None:
    photo = way.photo(way.author, as_file(street()))
    way.accepted(photo_ids=[photo])
    for who in (way.people.nobody(), way.people.resident(), way.officer, way.author):
        for name in ("thumb", "view"):
            seen = picture(who, f"/v1/photos/{photo}/{name}")
            assert plain_faces(seen) == []
            assert find_plates(seen) == []
    original = picture(way.officer, f"/v1/photos/{photo}/original")
    assert len(plain_faces(original)) == len(find_plates(original)) == 1
    assert audited() == [("photo.original_opened", way.officer.account_id)]


def test_one_with_nothing_to_cover_is_shown_as_it_is(way: Way) -> None:
    photo = way.photo(way.author, as_file(street(face=False, plate="")))
    way.accepted(photo_ids=[photo])
    (row,) = rows(select(Photo.redaction, Photo.rendered).where(Photo.id == photo))
    assert tuple(row) == ("done", None)
    assert statuses(way.people.nobody(), photo) == (200, 200)


def test_until_it_is_looked_through_it_is_as_one_that_is_not_ready(way: Way) -> None:
    photo = upload(way.author, as_file(street())).get_json()["id"]
    body = {"kind": "snap_report", "body": "A deep hole.", "place": HERE, "photo_ids": [photo]}
    submission = way.author.post("/v1/submissions", body).get_json()["id"]
    while errands.work_off("photos", 10) + errands.work_off("facts", 10):
        pass
    task = way.task(submission)["id"]
    assert way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"}).status_code == 200
    while errands.work_off("facts", 10):
        pass
    public = way.people.resident()
    seen = public.get(f"/v1/photos/{photo}").get_json()
    assert (seen["state"], seen["renditions"]) == ("processing", {})
    assert public.get(f"/v1/submissions/{submission}").get_json()["photos"][0]["state"] == "processing"
    assert statuses(public, photo) == statuses(way.people.nobody(), photo) == (404, 404)
    own = way.author.get(f"/v1/photos/{photo}").get_json()
    assert (own["state"], own["redaction"]) == ("ready", "pending")
    assert statuses(way.author, photo) == (200, 200)
    way.work()
    assert statuses(public, photo) == (200, 200)
    assert public.get(f"/v1/photos/{photo}").get_json()["state"] == "ready"


@pytest.mark.usefixtures("unable")
def test_without_what_finds_faces_it_waits_for_a_look(way: Way) -> None:
    photo = way.photo(way.author, as_file(street()))
    submission = way.hand_in(photo_ids=[photo])
    (flag,) = [flag for flag in way.task(submission)["flags"] if flag["code"] == "photo_unchecked"]
    assert "not installed" in flag["why"]
    found = way.moderator.get("/v1/moderation/queue?flag=photo_unchecked").get_json()["items"]
    assert [task["submission_id"] for task in found] == [submission]
    assert way.decide(submission, "accept").status_code == 200
    assert statuses(way.people.nobody(), photo) == (404, 404)
    assert way.people.resident().get(f"/v1/submissions/{submission}").get_json()["photos"][0]["renditions"] == {}
    assert statuses(way.author, photo) == (200, 200)
    (waiting,) = way.moderator.get("/v1/moderation/photos").get_json()["items"]
    assert (waiting["photo_id"], waiting["submission_id"]) == (photo, submission)
    assert "not installed" in waiting["why"]
    boxes = way.moderator.get(f"/v1/moderation/photos/{photo}/boxes").get_json()["boxes"]
    assert [box["kind"] for box in boxes] == ["plate"], "what could be found is covered all the same"
    assert find_plates(picture(way.author, f"/v1/photos/{photo}/view")) == []


@pytest.mark.usefixtures("unable")
def test_the_desk_s_look_at_what_is_not_checked_is_written_down(way: Way) -> None:
    photo = way.photo(way.author, as_file(street()))
    way.accepted(photo_ids=[photo])
    assert way.moderator.get(f"/v1/photos/{photo}").get_json()["renditions"]["view"] == f"/v1/photos/{photo}/view"
    assert audited() == []
    assert statuses(way.moderator, photo) == (200, 200)
    assert audited() == [("photo.unchecked_opened", way.moderator.account_id)] * 2


def test_a_network_that_breaks_is_no_reason_to_show_it(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr("participate.photos.redaction.plates.find_lines", broken)
    photo = way.photo(way.author, as_file(street()))
    way.accepted(photo_ids=[photo])
    assert statuses(way.people.nobody(), photo) == (404, 404)
    assert way.author.get(f"/v1/photos/{photo}").get_json()["redaction"] == "needs_look"


@pytest.mark.parametrize("setting", ["find_faces", "find_plates"])
def test_what_is_switched_off_a_moderator_has_to_look_for(
    way: Way, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    held = way.app.extensions["participate.settings"]
    monkeypatch.setitem(way.app.extensions, "participate.settings", replace(held, **{setting: False}))
    photo = way.photo(way.author, as_file(street()))
    submission = way.hand_in(photo_ids=[photo])
    assert "switched off" in way.task(submission)["flags"][0]["why"]


def test_the_covered_files_go_with_the_photo(way: Way) -> None:
    from datetime import timedelta

    from participate.kernel import clock
    from participate.photos import service

    photo = way.photo(way.author, as_file(street()))
    folder = f"renditions/{photo[-2:]}/{photo}"
    assert len(list(store().keys(folder))) == 4
    present = clock.now()
    before = clock.use(lambda: present + timedelta(hours=25))
    try:
        assert service.remove_unattached() == 1
    finally:
        clock.use(before)
    assert list(store().keys(folder)) == []


def test_a_network_is_there_at_all() -> None:
    for place in (networks.FACES, networks.TEXT_PLACES, networks.TEXT_WORDS):
        assert networks.network(*place)
