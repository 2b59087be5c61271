"""A moderator adds and removes boxes, or says that all is well; then the photo is covered anew."""

from functools import partial
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from participate.photos.redaction.models import PhotoBox
from participate.photos.redaction.plates import find_plates
from tests.people import Person
from tests.photos_redaction.conftest import as_file, plain_faces, street
from tests.steps import Way, at_once, code_of

OTHER = {"kind": "other", "x": 0.1, "y": 0.7, "w": 0.1, "h": 0.2}


def boxes(who: Person, photo: str) -> TestResponse:
    return who.get(f"/v1/moderation/photos/{photo}/boxes")


def save(who: Person, photo: str, wanted: list[dict[str, Any]], tag: str | None = None) -> TestResponse:
    tag = boxes(who, photo).headers["ETag"] if tag is None else tag
    headers = {"If-Match": tag, "Content-Type": "application/json"} if tag else {"Content-Type": "application/json"}
    import json

    path = f"/v1/moderation/photos/{photo}/boxes"
    return who.request("PUT", path, data=json.dumps({"boxes": wanted}), headers=headers)


def view(way: Way, photo: str) -> tuple[Image.Image, str]:
    answer = way.people.nobody().get(f"/v1/photos/{photo}/view")
    assert answer.status_code == 200
    return Image.open(BytesIO(answer.data)).convert("RGB"), answer.headers["ETag"]


@pytest.fixture
def photo(way: Way) -> str:
    found = way.photo(way.author, as_file(street()))
    way.accepted(photo_ids=[found])
    return found


def test_they_see_what_was_found(way: Way, photo: str) -> None:
    answer = boxes(way.moderator, photo).get_json()
    assert [(box["kind"], box["source"]) for box in answer["boxes"]] == [("face", "found"), ("plate", "found")]
    assert (answer["redaction"], answer["why"]) == ("done", None)
    assert all(0 <= box[name] <= 1 for box in answer["boxes"] for name in ("x", "y", "w", "h", "sure"))


def test_one_that_is_removed_shows_and_one_that_is_added_covers(way: Way, photo: str) -> None:
    face, plate = boxes(way.moderator, photo).get_json()["boxes"]
    before, tag = view(way, photo)
    answer = save(way.moderator, photo, [{"id": plate["id"]}, OTHER])
    assert answer.status_code == 200
    assert [box["source"] for box in answer.get_json()["boxes"]] == ["found", "moderator"]
    assert way.people.nobody().get(f"/v1/photos/{photo}/view").status_code == 404, "hidden until it is covered anew"
    way.work()
    after, new_tag = view(way, photo)
    assert new_tag != tag
    assert len(plain_faces(after)) == 1
    assert find_plates(after) == []
    spot = (int(1200 * 0.15), int(900 * 0.8))
    assert before.getpixel(spot) == pytest.approx(after.getpixel(spot), abs=12), "a meadow stays a meadow"
    gone = rows(select(PhotoBox.removed_by, PhotoBox.removed_at).where(PhotoBox.id == face["id"]))[0]
    assert gone.removed_by == way.moderator.account_id
    assert gone.removed_at is not None
    held = AuditEntry
    (entry,) = rows(select(held.actor_id, held.details).where(held.action == "photo.boxes_changed"))
    assert entry.actor_id == way.moderator.account_id
    assert entry.details["removed"] == [face["id"]]
    assert len(entry.details["added"]) == 1


def test_whoever_holds_the_old_picture_gets_the_new_one(way: Way, photo: str) -> None:
    _, tag = view(way, photo)
    path, held = f"/v1/photos/{photo}/view", {"If-None-Match": tag}
    assert way.people.nobody().get(path, headers=held).status_code == 304
    save(way.moderator, photo, [OTHER])
    way.work()
    assert way.people.nobody().get(path, headers=held).status_code == 200


def test_saving_them_as_they_are_says_that_all_is_well(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("participate.photos.redaction.faces.FACES", ("no_such_package", "faces.onnx"))
    photo = way.photo(way.author, as_file(street(face=False)))
    submission = way.hand_in(photo_ids=[photo])
    assert "photo_unchecked" in [flag["code"] for flag in way.task(submission)["flags"]]
    found = boxes(way.moderator, photo).get_json()["boxes"]
    assert save(way.moderator, photo, [{"id": box["id"]} for box in found]).status_code == 200
    way.work()
    assert way.task(submission)["flags"] == []
    assert way.moderator.get("/v1/moderation/photos").get_json()["items"] == []
    way.decide(submission, "accept")
    assert find_plates(view(way, photo)[0]) == []


def test_the_files_of_before_are_removed(way: Way, photo: str) -> None:
    from participate.photos.arriving import store

    for _ in range(3):
        save(way.moderator, photo, [OTHER])
        way.work()
    assert len(list(store().keys(f"renditions/{photo[-2:]}/{photo}"))) == 4


def test_it_must_be_said_what_the_change_builds_on(way: Way, photo: str) -> None:
    seen = boxes(way.moderator, photo).headers["ETag"]
    assert code_of(save(way.moderator, photo, [], tag="")) == (422, "invalid")
    assert save(way.moderator, photo, [OTHER], seen).status_code == 200
    assert code_of(save(way.moderator, photo, [], seen)) == (412, "stale")
    assert code_of(save(way.moderator, photo, [], '"garbage"')) == (412, "stale")
    assert len(boxes(way.moderator, photo).get_json()["boxes"]) == 1


def test_the_worker_s_own_steps_make_nobody_stale(way: Way, photo: str) -> None:
    tag = save(way.moderator, photo, [OTHER]).headers["ETag"]
    way.work()
    assert save(way.moderator, photo, [OTHER], tag).status_code == 200


def test_of_two_moderators_at_once_one_has_effect(way: Way, photo: str) -> None:
    other = way.people.staff("moderator")
    for _ in range(5):
        tag = boxes(other, photo).headers["ETag"]
        answers = at_once(*(partial(save, who, photo, [OTHER], tag) for who in (way.moderator, other)))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        assert len(boxes(other, photo).get_json()["boxes"]) == 1


def test_nobody_can_be_faster_than_the_first_look(way: Way) -> None:
    from participate.kernel import errands
    from tests.steps import HERE, upload

    photo = upload(way.author, as_file(street())).get_json()["id"]
    body = {"kind": "snap_report", "body": "A deep hole.", "place": HERE, "photo_ids": [photo]}
    way.author.post("/v1/submissions", body)
    while errands.work_off("photos", 10) + errands.work_off("facts", 10):
        pass
    assert code_of(save(way.moderator, photo, [])) == (409, "redaction_pending")


@pytest.mark.parametrize(
    ("box", "field"),
    [
        ({}, "boxes.0.kind"),
        ({"kind": "cat", "x": 0, "y": 0, "w": 0.1, "h": 0.1}, "boxes.0.kind"),
        (OTHER | {"x": 1.5}, "boxes.0.x"),
        (OTHER | {"w": 0}, "boxes.0.w"),
        (OTHER | {"h": "0.1"}, "boxes.0.h"),
        (OTHER | {"id": "019aafc3-7c00-7000-8000-000000000001"}, "boxes.0.kind"),
        ({"id": "019aafc3-7c00-7000-8000-000000000001"}, "boxes"),
    ],
)
def test_a_box_that_cannot_be_is_refused(way: Way, photo: str, box: dict[str, Any], field: str) -> None:
    answer = save(way.moderator, photo, [box])
    assert code_of(answer) == (422, "invalid")
    assert field in [error["field"] for error in answer.get_json()["errors"]]


def test_a_moderator_of_another_district_and_others_see_none(way: Way, photo: str) -> None:
    elsewhere = way.people.staff("moderator", "990102")
    tag = boxes(way.moderator, photo).headers["ETag"]
    assert boxes(elsewhere, photo).status_code == save(elsewhere, photo, [], tag).status_code == 404
    for who, status in ((way.officer, 403), (way.author, 403), (way.people.nobody(), 401)):
        assert boxes(who, photo).status_code == save(who, photo, [], tag).status_code == status
        assert who.get("/v1/moderation/photos").status_code == status
    assert len(boxes(way.moderator, photo).get_json()["boxes"]) == 2


def test_nobody_decides_on_their_own_photo(way: Way) -> None:
    photo = way.photo(way.moderator, as_file(street()))
    way.hand_in(by=way.moderator, photo_ids=[photo])
    assert boxes(way.moderator, photo).status_code == 404
    assert boxes(way.people.staff("moderator"), photo).status_code == 200
