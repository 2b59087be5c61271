"""However many photos wait to be looked at, what people write reaches the desk; but nobody accepts a photo unseen."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from participate.app import FACTS
from participate.kernel import errands
from participate.kernel.db import one
from participate.photos.models import Photo
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.steps import HERE, Way, code_of, snapshot, upload


def _facts() -> None:
    """Work off all but the photos, as if many others were before them."""
    while errands.work_off(FACTS, 100):
        pass


@pytest.fixture(autouse=True)
def storm(way: Way, clock: HeldClock) -> None:
    """A photo of somebody else has waited for longer than photos do on a usual day."""
    upload(way.author)
    clock.forward(seconds=5.1)


def _hand_in(way: Way, photo: bytes | None = None, **fields: Any) -> str:
    uploaded = str(upload(way.author, photo).get_json()["id"])
    body = {"kind": "snap_report", "body": "A deep hole.", "photo_ids": [uploaded]} | fields
    answer = way.author.post("/v1/submissions", body)
    assert answer.status_code == 201, answer.get_json()
    _facts()
    return str(answer.get_json()["id"])


def _accept(way: Way, submission_id: str) -> TestResponse:
    path = f"/v1/moderation/tasks/{way.task(submission_id)['id']}/decision"
    return way.moderator.post(path, {"decision": "accept"})


def _photo_state(submission_id: str) -> str:
    found = one(select(Photo.state).where(Photo.subject_id == submission_id))
    assert found is not None
    return str(found.state)


def test_what_says_where_it_is_reaches_the_desk_before_its_photo_is_looked_at(way: Way) -> None:
    submission = _hand_in(way, place=HERE)
    assert way.state(submission) == "in_moderation"
    assert _photo_state(submission) == "processing"


def test_what_its_photo_must_place_waits_for_the_photo(way: Way) -> None:
    submission = _hand_in(way, snapshot(HERE["lat"], HERE["lon"]))
    assert way.state(submission) == "received"
    way.work()
    assert way.state(submission) == "in_moderation"
    found = one(select(Submission.place_source).where(Submission.id == submission))
    assert found is not None
    assert found.place_source == "photo"


def test_nobody_accepts_what_they_cannot_see_yet(way: Way) -> None:
    submission = _hand_in(way, place=HERE)
    refused = _accept(way, submission)
    assert code_of(refused) == (409, "photos_pending")
    assert int(refused.headers["Retry-After"]) > 0
    assert way.state(submission) == "in_moderation"
    way.work()
    assert _photo_state(submission) == "ready"
    assert _accept(way, submission).status_code == 200


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_what_needs_no_photo_is_decided_without_it(way: Way, decision: str) -> None:
    submission = _hand_in(way, place=HERE)
    path = f"/v1/moderation/tasks/{way.task(submission)['id']}/decision"
    fields = {"decision": decision, "reason": "unclear", "note": "Where is it?"}
    assert way.moderator.post(path, fields).status_code == 200


def test_a_photo_that_is_refused_later_keeps_nobody_from_accepting(way: Way) -> None:
    submission = _hand_in(way, b"no photo at all", place=HERE)
    assert way.state(submission) == "in_moderation"
    way.work()
    assert _photo_state(submission) == "refused"
    assert _accept(way, submission).status_code == 200
