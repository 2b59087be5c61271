"""A link opens one photo to whoever has it, for some minutes; it is signed, and signing one for an original is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from participate.photos import links
from participate.photos.storage import MediaStore
from tests import buckets
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, code_of, snapshot

UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"


@pytest.fixture
def photo(way: Way) -> str:
    return way.photo(way.author, snapshot(28.25, 112.875))


@pytest.fixture
def nobody(way: Way) -> Person:
    return way.people.nobody()


@pytest.fixture
def configured(app: Flask) -> Iterator[Any]:
    """Changes settings for the rest of the test."""
    before = app.extensions["participate.settings"]

    def change(**values: Any) -> None:
        app.extensions["participate.settings"] = replace(app.extensions["participate.settings"], **values)

    yield change
    app.extensions["participate.settings"] = before


def shown(who: Person, photo: str) -> dict[str, str]:
    found: dict[str, str] = who.get(f"/v1/photos/{photo}").get_json()["renditions"]
    return found


def opened() -> list[tuple[str, str | None]]:
    held = AuditEntry
    found = rows(select(held.subject_id, held.actor_id).where(held.action == "photo.original_opened"))
    return [(row.subject_id, row.actor_id) for row in found]


def test_who_may_see_a_photo_gets_links_that_need_no_token(way: Way, photo: str, nobody: Person) -> None:
    for url in shown(way.author, photo).values():
        answer = nobody.get(url)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert nobody.get(f"/v1/photos/{photo}/view").status_code == 404


def test_the_submission_s_answer_holds_them_too(way: Way, photo: str, nobody: Person) -> None:
    submission = way.hand_in("micro_service", photo_ids=[photo])
    (found,) = way.author.get(f"/v1/submissions/{submission}").get_json()["photos"]
    assert nobody.get(found["renditions"]["thumb"]).status_code == 200


def test_what_is_public_has_a_plain_address(way: Way, photo: str, nobody: Person) -> None:
    way.accepted(photo_ids=[photo])
    assert shown(nobody, photo) == {name: f"/v1/photos/{photo}/{name}" for name in ("thumb", "view")}


def test_it_holds_for_at_least_half_its_minutes_and_at_most_all(
    way: Way, photo: str, nobody: Person, clock: HeldClock
) -> None:
    clock.moment = datetime(2026, 11, 23, 2, 4, 59, tzinfo=UTC)
    url = shown(way.author, photo)["view"]
    clock.forward(minutes=5)
    assert nobody.get(url).status_code == 200
    clock.forward(seconds=2)
    assert nobody.get(url).status_code == 404
    assert way.author.get(url).status_code == 200, "who may see it needs no link"


def test_who_asks_again_soon_gets_the_same_answer(way: Way, photo: str, clock: HeldClock) -> None:
    clock.moment = datetime(2026, 11, 23, 2, 0, 1, tzinfo=UTC)
    path = f"/v1/photos/{photo}"
    tag = way.author.get(path).headers["ETag"]
    clock.forward(minutes=4)
    assert way.author.get(path, headers={"If-None-Match": tag}).status_code == 304
    clock.forward(minutes=1)
    assert way.author.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_it_opens_nothing_else(way: Way, photo: str, nobody: Person) -> None:
    other = way.photo(way.author)
    url = shown(way.author, photo)["view"]
    query = url.partition("?")[2]
    assert nobody.get(f"/v1/photos/{other}/view?{query}").status_code == 404
    assert nobody.get(f"/v1/photos/{photo}/thumb?{query}").status_code == 404
    assert nobody.get(f"/v1/photos/{photo}/original?{query}").status_code == 401
    assert nobody.get(f"/v1/photos/{UNKNOWN}/view?{query}").status_code == 404


@pytest.mark.parametrize(("old", "new"), [("expires=1", "expires=2"), ("signature=", "signature=A")])
def test_a_changed_one_does_not_hold(way: Way, photo: str, nobody: Person, old: str, new: str) -> None:
    url = shown(way.author, photo)["view"]
    assert nobody.get(url.replace(old, new)).status_code == 404
    assert nobody.get(url.rpartition("&")[0]).status_code == 404
    assert nobody.get(url[:-1]).status_code == 404
    for nonsense in ("expires=x&signature=y", f"{url.partition('?')[2]}&more=1", "expires=-1"):
        assert nobody.get(f"/v1/photos/{photo}/view?{nonsense}").status_code == 422


def test_it_outlives_a_change_of_the_key(way: Way, photo: str, nobody: Person, configured: Any) -> None:
    url = shown(way.author, photo)["view"]
    before = way.app.extensions["participate.settings"].secret_key
    configured(secret_key="n" * 40, former_keys=("o" * 40, before))
    assert nobody.get(url).status_code == 200
    assert shown_again(photo) != url
    assert nobody.get(shown_again(photo)).status_code == 200
    configured(former_keys=())
    assert nobody.get(url).status_code == 404


def shown_again(photo: str) -> str:
    return links.signed(photo, "view")


def test_of_a_photo_that_has_gone_it_opens_nothing(way: Way, nobody: Person) -> None:
    assert nobody.get(links.signed(UNKNOWN, "view")).status_code == 404
    assert nobody.get(links.signed(UNKNOWN, "original")).status_code == 404


def test_a_link_to_an_original_is_an_opening(way: Way, photo: str, nobody: Person) -> None:
    way.accepted(photo_ids=[photo])
    made = way.officer.post(f"/v1/photos/{photo}/original-link")
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "private, no-store"
    assert opened() == [(photo, way.officer.account_id)]
    assert nobody.get(made.get_json()["url"]).data == way.author.get(f"/v1/photos/{photo}/original").data
    assert opened() == [(photo, way.officer.account_id)]
    assert datetime.fromisoformat(made.get_json()["expires_at"]) > datetime.now(UTC)


def test_none_is_made_for_who_may_not_open_the_original(way: Way, photo: str, nobody: Person) -> None:
    way.accepted(photo_ids=[photo])
    path = f"/v1/photos/{photo}/original-link"
    stranger = way.people.resident()
    assert code_of(nobody.post(path)) == (401, "sign_in")
    assert code_of(stranger.post(path)) == (404, "not_found")
    assert stranger.post(path).data == stranger.post(f"/v1/photos/{UNKNOWN}/original-link").data
    assert code_of(way.people.staff("grid_officer", "990102").post(path)) == (404, "not_found")
    assert way.author.post(path).status_code == 200
    assert opened() == []


def test_a_look_at_the_head_is_no_opening(way: Way, photo: str) -> None:
    way.accepted(photo_ids=[photo])
    assert way.officer.request("HEAD", f"/v1/photos/{photo}/original").status_code == 200
    assert opened() == []
    assert way.officer.get(f"/v1/photos/{photo}/original", headers={"Range": "bytes=0-9"}).status_code == 206
    assert opened() == [(photo, way.officer.account_id)]


@pytest.mark.usefixtures("in_bucket")
def test_a_bucket_may_serve_what_there_is_a_link_to(
    way: Way, nobody: Person, configured: Any, bucket: buckets.Bucket
) -> None:
    data = snapshot()
    photo = way.photo(way.author, data)
    url = way.author.post(f"/v1/photos/{photo}/original-link").get_json()["url"]
    assert nobody.get(url).data == data, "by default it comes through us"
    configured(media_redirect=True)
    away = nobody.get(url)
    assert (away.status_code, away.headers["Cache-Control"]) == (302, "private, no-store")
    assert away.headers["Location"].startswith(bucket.endpoint)
    direct = requests.get(away.headers["Location"], timeout=10)
    assert (direct.status_code, direct.content) == (200, data)
    assert direct.headers["Content-Type"] == "application/octet-stream"
    assert direct.headers["Content-Disposition"] == "attachment"
    picture = requests.get(nobody.get(shown(way.author, photo)["view"]).headers["Location"], timeout=10)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert way.author.get(f"/v1/photos/{photo}/view").status_code == 200, "a token is not carried to others"


def test_a_folder_serves_nobody(way: Way, photo: str, nobody: Person, configured: Any) -> None:
    configured(media_redirect=True)
    assert nobody.get(shown(way.author, photo)["view"]).status_code == 200


def test_a_store_s_own_link_expires(in_bucket: MediaStore) -> None:
    in_bucket.put("probe", b"x")
    url = in_bucket.signed_url("probe", 60) or ""
    assert "X-Amz-Expires=60" in url
    assert "X-Amz-Signature=" in url
    assert requests.get(url, timeout=10).content == b"x"
