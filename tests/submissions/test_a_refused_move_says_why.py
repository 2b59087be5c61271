"""Each move that cannot be made is refused with the status that tells the caller what to do, and changes nothing."""

from typing import Any

import pytest

from tests.people import Person
from tests.steps import Way, code_of


def unchanged(way: Way, submission: str, who: Person, **body: Any) -> tuple[int, str]:
    """How the move is refused, when nothing has changed by it."""
    headers = body.pop("headers", {})
    before = way.author.get(f"/v1/submissions/{submission}").data
    steps = way.author.get(f"/v1/submissions/{submission}/timeline").data
    answer = who.post(f"/v1/submissions/{submission}/moves", body, headers=headers)
    way.work()
    assert way.author.get(f"/v1/submissions/{submission}").data == before
    assert way.author.get(f"/v1/submissions/{submission}/timeline").data == steps
    return code_of(answer)


def test_who_does_not_see_it_learns_nothing(way: Way) -> None:
    submission = way.hand_in()
    assert unchanged(way, submission, way.people.resident(), move="withdraw") == (404, "not_found")
    assert unchanged(way, submission, way.people.nobody(), move="withdraw") == (401, "sign_in")


@pytest.mark.parametrize(
    "body",
    [
        {"move": "withdraw"},
        {"move": "rate", "resolved": True, "satisfaction": 1},
        {"move": "reopen", "note": "?"},
        {"move": "resubmit", "changes": {"title": "Mine now"}},
        {"move": "appeal", "note": "?"},
    ],
    ids=lambda body: body["move"],
)
def test_an_author_s_moves_are_the_author_s(way: Way, body: dict[str, Any]) -> None:
    submission = way.answered()
    for who in (way.people.resident(), way.officer, way.moderator, way.supervisor):
        assert unchanged(way, submission, who, **body) == (403, "move_not_yours")


def test_each_move_has_its_time(way: Way) -> None:
    waiting = way.hand_in()
    rating = {"move": "rate", "resolved": True, "satisfaction": 5}
    for body in (rating, {"move": "reopen", "note": "?"}, {"move": "resubmit"}, {"move": "appeal", "note": "?"}):
        assert unchanged(way, waiting, way.author, **body) == (409, "wrong_state")
    begun = way.started()
    for body in (rating, {"move": "withdraw"}, {"move": "reopen", "note": "?"}):
        assert unchanged(way, begun, way.author, **body) == (409, "wrong_state")
    way.move(way.author, waiting, "withdraw")
    assert unchanged(way, waiting, way.author, move="withdraw") == (409, "wrong_state")


@pytest.mark.parametrize("tag", ['"1-0000000000000000"', '"99-0000000000000000"', "garbage"])
def test_a_move_on_what_has_changed_since_is_stale(way: Way, tag: str) -> None:
    submission = way.hand_in()
    refused = unchanged(way, submission, way.author, move="withdraw", headers={"If-Match": tag})
    assert refused == (412, "stale")


def test_a_move_on_what_is_held_is_made(way: Way) -> None:
    submission = way.hand_in()
    held = way.author.get(f"/v1/submissions/{submission}").headers["ETag"]
    answer = way.move(way.author, submission, "withdraw", headers={"If-Match": held})
    assert (answer.status_code, answer.get_json()["state"]) == (200, "withdrawn")
    assert answer.headers["ETag"] == way.author.get(f"/v1/submissions/{submission}").headers["ETag"]


LACKING: list[tuple[str, dict[str, Any], list[str]]] = [
    ("rejected", {"move": "appeal"}, ["note"]),
    ("rejected", {"move": "appeal", "note": " "}, ["note"]),
    ("answered", {"move": "reopen"}, ["note"]),
    ("answered", {"move": "rate"}, ["resolved", "satisfaction"]),
    ("answered", {"move": "rate", "resolved": True}, ["satisfaction"]),
    ("answered", {"move": "rate", "resolved": False}, ["satisfaction"]),
    ("answered", {"move": "rate", "satisfaction": 3}, ["resolved"]),
    ("answered", {"move": "rate", "resolved": True, "satisfaction": 0}, ["satisfaction"]),
    ("answered", {"move": "rate", "resolved": True, "satisfaction": 6}, ["satisfaction"]),
    ("answered", {"move": "rate", "resolved": True, "satisfaction": 4.5}, ["satisfaction"]),
    ("answered", {"move": "rate", "resolved": "true", "satisfaction": 4}, ["resolved"]),
    ("answered", {"move": "rate", "resolved": None, "satisfaction": 4}, ["resolved"]),
    ("hand_in", {"move": "admit"}, ["move"]),
    ("hand_in", {"move": "accept"}, ["move"]),
    ("hand_in", {"move": "assign"}, ["move"]),
    ("answered", {"move": "lapse"}, ["move"]),
    ("hand_in", {"move": "vanish"}, ["move"]),
    ("hand_in", {"note": "?"}, ["move"]),
    ("hand_in", {"move": "withdraw", "state": "closed"}, ["state"]),
]


@pytest.mark.parametrize("reached", ["hand_in", "rejected", "answered"])
def test_what_a_move_lacks_is_named(way: Way, reached: str) -> None:
    submission = getattr(way, reached)()
    before = way.author.get(f"/v1/submissions/{submission}").data
    for body, fields in ((body, fields) for at, body, fields in LACKING if at == reached):
        answer = way.author.post(f"/v1/submissions/{submission}/moves", body)
        assert code_of(answer) == (422, "invalid"), body
        assert [error["field"] for error in answer.get_json()["errors"]] == fields
    assert way.author.get(f"/v1/submissions/{submission}").data == before
