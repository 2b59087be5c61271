"""A photo that a moderator hides is gone from the public's eyes, whoever knows its address; the author hears why."""

import pytest
from werkzeug.test import TestResponse

from tests.people import Person
from tests.photos_http.test_who_sees_a_photo import statuses
from tests.steps import Way, code_of

WHY = {"reason": "personal_data", "note": "A child's face."}


def hide(who: Person, task: str, photos: list[str], **fields: str) -> TestResponse:
    body = {"decision": "hide_photo", "photo_ids": photos} | fields
    return who.post(f"/v1/moderation/tasks/{task}/decision", body)


@pytest.fixture
def two(way: Way) -> tuple[str, list[str]]:
    photos = [way.photo(way.author) for _ in range(2)]
    return way.hand_in(photo_ids=photos), photos


def test_it_is_gone_for_all_but_those_who_handle_it(way: Way, two: tuple[str, list[str]]) -> None:
    submission, (hidden, other) = two
    task = way.task(submission)["id"]
    answer = hide(way.moderator, task, [hidden], **WHY)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "waiting")
    assert way.decide(submission, "accept").status_code == 200
    for who in (way.people.nobody(), way.people.resident()):
        assert statuses(who, hidden)[:3] == (404, 404, 404)
        assert [photo["id"] for photo in who.get(f"/v1/submissions/{submission}").get_json()["photos"]] == [other]
    for who in (way.author, way.officer):
        seen = {photo["id"]: photo for photo in who.get(f"/v1/submissions/{submission}").get_json()["photos"]}
        assert (seen[hidden]["hidden"], seen[other]["hidden"]) == (True, False)
        assert statuses(who, hidden)[0] == 200


def test_the_author_hears_why(way: Way, two: tuple[str, list[str]]) -> None:
    submission, photos = two
    hide(way.moderator, way.task(submission)["id"], photos[:1], **WHY)
    way.work()
    told = way.author.get("/v1/me/updates").get_json()["items"][-1]
    assert told["fact"] == "hide_photo"
    assert "A child's face." in told["text"]


@pytest.mark.parametrize("fields", [{"note": "No photo named."}, {}])
def test_what_lacks_something_hides_nothing(way: Way, two: tuple[str, list[str]], fields: dict[str, str]) -> None:
    submission, photos = two
    assert code_of(hide(way.moderator, way.task(submission)["id"], [] if fields else photos, **fields)) == (
        422,
        "invalid",
    )
    assert way.author.get(f"/v1/photos/{photos[0]}").get_json()["hidden"] is False


def test_nobody_hides_anothers_photo(way: Way, two: tuple[str, list[str]]) -> None:
    submission, photos = two
    stranger = way.photo(way.people.resident())
    assert code_of(hide(way.moderator, way.task(submission)["id"], [photos[0], stranger], **WHY)) == (422, "invalid")
    assert way.author.get(f"/v1/photos/{photos[0]}").get_json()["hidden"] is False
