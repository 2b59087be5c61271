"""A photo is its owner's until what it shows is accepted; then all see its renditions, and never where it was taken."""

import pytest
from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from tests.people import Person
from tests.steps import Way, snapshot

PLACE = (28.25, 112.875)


def opened() -> list[tuple[str, str, str | None]]:
    """What the audit trail says of originals that somebody opened."""
    held = AuditEntry
    found = rows(select(held.action, held.subject_id, held.actor_id).where(held.subject_type == "photo"))
    return [(row.action, row.subject_id, row.actor_id) for row in found]


def statuses(who: Person, photo: str) -> tuple[int, ...]:
    """What `who` gets of the photo, its thumb, its view and its original."""
    return tuple(who.get(f"/v1/photos/{photo}{part}").status_code for part in ("", "/thumb", "/view", "/original"))


@pytest.fixture
def photo(way: Way) -> str:
    return way.photo(way.author, snapshot(*PLACE))


def test_until_it_is_attached_its_owner_alone_sees_it(way: Way, photo: str) -> None:
    assert statuses(way.author, photo) == (200, 200, 200, 200)
    assert statuses(way.people.resident(), photo) == (404, 404, 404, 404)
    assert statuses(way.moderator, photo) == (404, 404, 404, 404)
    assert statuses(way.people.nobody(), photo) == (404, 404, 404, 401)


def test_before_acceptance_the_desk_sees_it_too(way: Way, photo: str) -> None:
    way.hand_in(photo_ids=[photo])
    assert statuses(way.moderator, photo) == (200, 200, 200, 200)
    assert statuses(way.officer, photo) == (404, 404, 404, 404)
    assert statuses(way.people.staff("moderator", "990102"), photo) == (404, 404, 404, 404)
    assert statuses(way.people.resident(), photo) == (404, 404, 404, 404)


def test_after_acceptance_all_see_its_renditions(way: Way, photo: str) -> None:
    way.accepted(photo_ids=[photo])
    assert statuses(way.people.nobody(), photo) == (200, 200, 200, 401)
    assert statuses(way.people.resident(), photo) == (200, 200, 200, 404)
    assert statuses(way.officer, photo) == (200, 200, 200, 200)


def test_the_public_never_learns_where_and_when_it_was_taken(way: Way, photo: str) -> None:
    submission = way.accepted(photo_ids=[photo])
    for who in (way.people.nobody(), way.people.resident()):
        seen = who.get(f"/v1/photos/{photo}").get_json()
        assert not {"place", "taken_at"} & seen.keys()
        assert not {"place", "taken_at"} & who.get(f"/v1/submissions/{submission}").get_json()["photos"][0].keys()
    for who in (way.author, way.officer):
        assert who.get(f"/v1/photos/{photo}").get_json()["place"]["lat"] == PLACE[0]


def test_the_desk_s_look_at_an_original_is_written_down(way: Way, photo: str) -> None:
    way.accepted(photo_ids=[photo])
    way.author.get(f"/v1/photos/{photo}/original")
    way.people.resident().get(f"/v1/photos/{photo}/original")
    way.officer.get(f"/v1/photos/{photo}/view")
    assert opened() == []
    answer = way.officer.get(f"/v1/photos/{photo}/original")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert opened() == [("photo.original_opened", photo, way.officer.account_id)]


@pytest.mark.parametrize("kind", ["micro_service", "micro_supervision"])
def test_photos_of_restricted_kinds_stay_restricted(way: Way, photo: str, kind: str) -> None:
    way.accepted(kind, photo_ids=[photo])
    assert statuses(way.people.nobody(), photo) == (404, 404, 404, 401)
    assert statuses(way.people.resident(), photo) == (404, 404, 404, 404)
    assert statuses(way.author, photo) == (200, 200, 200, 200)


def test_the_photo_of_what_was_withdrawn_is_no_longer_public(way: Way, photo: str) -> None:
    submission = way.accepted(photo_ids=[photo])
    way.move(way.author, submission, "withdraw")
    assert statuses(way.people.nobody(), photo) == (404, 404, 404, 401)


def test_the_after_photo_is_public_and_its_original_the_desk_s(way: Way) -> None:
    submission = way.resolved()
    (after,) = way.author.get(f"/v1/submissions/{submission}").get_json()["photos"]
    assert after["purpose"] == "after"
    assert statuses(way.people.nobody(), after["id"]) == (200, 200, 200, 401)
    assert statuses(way.author, after["id"]) == (200, 200, 200, 404)
    assert statuses(way.supervisor, after["id"]) == (200, 200, 200, 200)


def test_an_unknown_photo_is_answered_as_one_that_is_hidden(way: Way, photo: str) -> None:
    stranger = way.people.resident()
    hidden = stranger.get(f"/v1/photos/{photo}")
    unknown = stranger.get("/v1/photos/019aafc3-7c00-7000-8000-000000000001")
    assert (hidden.status_code, hidden.data) == (unknown.status_code, unknown.data)
