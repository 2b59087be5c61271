"""A photo that is refused takes nothing else with it: its submission goes on, its author hears why and adds another."""

import pytest

from tests.people import Person
from tests.photos.hostile import MADE
from tests.steps import HERE, Way, at_once, code_of, snapshot, upload


@pytest.fixture
def refused(way: Way) -> str:
    """A submission that waits for moderation, and whose only photo was none."""
    photo = upload(way.author, MADE["page.jpg"]()).get_json()["id"]
    return way.hand_in(photo_ids=[photo])


def photos(who: Person, submission: str) -> list[str]:
    """The states of the submission's photos."""
    return [photo["state"] for photo in who.get(f"/v1/submissions/{submission}").get_json()["photos"]]


def add(way: Way, submission: str, *ids: str) -> tuple[int, list[str]]:
    """The answer's status, and what the author may do then."""
    answer = way.move(way.author, submission, "add_photos", photo_ids=list(ids))
    return answer.status_code, answer.get_json().get("moves", [])


def test_its_author_hears_why_in_either_language(way: Way, refused: str) -> None:
    for language, why in (("en", "This is not a photo."), ("zh-Hans", "这不是照片。")):
        told = way.author.get("/v1/me/updates", headers={"Accept-Language": language}).get_json()["items"]
        (found,) = [update for update in told if update["fact"] == "photo_refused"]
        assert found["submission_id"] == refused
        assert why in found["text"]


def test_the_submission_goes_on_and_the_desk_sees_that_one_was_refused(way: Way, refused: str) -> None:
    assert way.state(refused) == "in_moderation"
    assert "photo_refused" in [flag["code"] for flag in way.task(refused)["flags"]]
    assert photos(way.moderator, refused) == ["refused"]


def test_another_takes_its_place(way: Way, refused: str) -> None:
    assert "add_photos" in way.author.get(f"/v1/submissions/{refused}").get_json()["moves"]
    status, moves = add(way, refused, way.photo(way.author))
    assert (status, "add_photos" in moves) == (200, True)
    assert photos(way.moderator, refused) == ["refused", "ready"]
    heard = [update["fact"] for update in way.author.get("/v1/me/updates").get_json()["items"]]
    assert "add_photos" in heard
    assert way.decide(refused, "accept").status_code == 200


def test_the_new_one_may_say_where_it_is(way: Way) -> None:
    nowhere = upload(way.author, MADE["page.jpg"]()).get_json()["id"]
    submission = way.hand_in(place=None, photo_ids=[nowhere])
    add(way, submission, way.photo(way.author, snapshot(HERE["lat"], HERE["lon"])))
    shown = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert (shown["place_source"], shown["place"]["cell"]) == ("photo", way.cell)


def test_nobody_accepts_what_nobody_has_looked_at_yet(way: Way, refused: str) -> None:
    fresh = upload(way.author).get_json()["id"]
    way.author.post(f"/v1/submissions/{refused}/moves", {"move": "add_photos", "photo_ids": [fresh]})
    task = way.task(refused)["id"]
    answer = way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert code_of(answer) == (409, "photos_pending")
    way.work()
    assert way.decide(refused, "accept").status_code == 200


def test_after_the_decision_none_is_added(way: Way, refused: str) -> None:
    way.decide(refused, "accept")
    photo = way.photo(way.author)
    assert code_of(way.move(way.author, refused, "add_photos", photo_ids=[photo]))[0] in {403, 409}
    assert photos(way.author, refused) == ["refused"]


def test_nobody_else_adds_one(way: Way, refused: str) -> None:
    stranger = way.people.resident()
    for who, status in ((stranger, 404), (way.moderator, 403)):
        answer = way.move(who, refused, "add_photos", photo_ids=[way.photo(who)])
        assert answer.status_code == status
    theirs = way.move(way.author, refused, "add_photos", photo_ids=[way.photo(stranger)])
    assert code_of(theirs) == (422, "invalid")
    assert photos(way.author, refused) == ["refused"]


def test_one_has_to_be_named(way: Way, refused: str) -> None:
    answer = way.move(way.author, refused, "add_photos")
    assert [(error["field"], error["code"]) for error in answer.get_json()["errors"]] == [("photo_ids", "required")]


def test_one_photo_added_twice_at_once_is_there_once(way: Way, refused: str) -> None:
    body = {"move": "add_photos", "photo_ids": [way.photo(way.author)]}
    path = f"/v1/submissions/{refused}/moves"
    answers = at_once(*[lambda: way.author.post(path, body).status_code] * 2)
    assert sorted(answers) == [200, 422]
    assert photos(way.author, refused) == ["refused", "ready"]


def test_nine_that_can_be_seen_are_enough(way: Way) -> None:
    bad = upload(way.author, MADE["page.jpg"]()).get_json()["id"]
    good = [upload(way.author).get_json()["id"] for _ in range(8)]
    submission = way.hand_in(photo_ids=[bad, *good])
    assert add(way, submission, way.photo(way.author))[0] == 200
    assert add(way, submission, way.photo(way.author))[0] == 422
    assert len(photos(way.author, submission)) == 10
