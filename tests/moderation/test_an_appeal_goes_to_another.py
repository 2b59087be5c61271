"""A rejected submission is looked at again, once, by somebody who had no part in the rejection."""

from typing import Any

import pytest

from participate.catalogue import queries as catalogue
from participate.kernel.auth import Grant
from tests.people import Person
from tests.steps import Way, code_of

PATH = "/v1/moderation/appeals"
REJECTED = {"reason": "unclear", "note": "Where is it?"}


def appeals(who: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.get(PATH).get_json()["items"]
    return items


@pytest.fixture
def other(way: Way) -> Person:
    return way.people.staff("moderator")


@pytest.fixture
def appealed(way: Way) -> str:
    submission = way.rejected()
    assert way.move(way.author, submission, "appeal", note="At the corner.").status_code == 200
    return submission


def test_another_sees_it_with_what_was_decided(way: Way, appealed: str, other: Person) -> None:
    (appeal,) = appeals(other)
    assert (appeal["submission_id"], appeal["purpose"], appeal["grounds"]) == (appealed, "appeal", "At the corner.")
    assert (appeal["earlier"]["decision"], appeal["earlier"]["reason"]) == ("reject", "unclear")
    assert appeal["earlier"]["note"].endswith("\nWhere is it?")
    assert appeal["earlier"]["decided_at"] < appeal["due_at"]
    assert appeals(way.people.staff("moderator", "990102")) == []


def routes_that_name(task: str) -> list[tuple[str, str, dict[str, Any] | None]]:
    path = f"/v1/moderation/tasks/{task}"
    return [
        ("GET", path, None),
        ("POST", f"{path}/decision", {"decision": "accept"}),
        ("POST", f"{path}/preview", {"decision": "accept"}),
        ("POST", f"{path}/unmask", {"reason": "Somebody is hurt in the photo."}),
        ("GET", f"{path}/original", None),
        ("PATCH", path, {"urgent": True}),
        ("DELETE", f"/v1/moderation/claims/{task}", None),
    ]


def assert_unseen(who: Person, task: str) -> None:
    """By no route that names a task, and in no list."""
    for method, path, body in routes_that_name(task):
        answer = (
            who.patch(path, body) if method == "PATCH" else who.post(path, body) if body else who.request(method, path)
        )
        assert code_of(answer) == (404, "not_found"), (method, path)
    for path in ("/v1/moderation/queue", PATH):
        assert task not in [item["id"] for item in who.get(path).get_json()["items"]]
    assert who.post("/v1/moderation/claims", {"count": 20}).get_json()["items"] == []
    body = {"task_ids": [task], "decision": "accept"}
    for dry_run in (True, False):
        items = who.post("/v1/moderation/decisions", body | {"dry_run": dry_run}).get_json()["items"]
        assert [item["outcome"] for item in items] == ["not_found"]


def test_who_has_rejected_it_finds_it_nowhere(way: Way, appealed: str, other: Person) -> None:
    assert_unseen(way.moderator, appeals(other)[0]["id"])


def test_neither_of_the_two_who_rejected_supervision_finds_it(way: Way, other: Person) -> None:
    submission = way.hand_in("micro_supervision", place=None)
    for who in (way.moderator, other):
        assert way.decide(submission, "reject", who, **REJECTED).status_code == 200
    way.move(way.author, submission, "appeal", note="At the corner.")
    third = way.people.staff("moderator")
    (appeal,) = appeals(third)
    for who in (way.moderator, other):
        assert_unseen(who, appeal["id"])
    assert way.decide(submission, "accept", third).status_code == 200


@pytest.mark.parametrize(("decision", "state"), [("accept", "assigned"), ("reject", "rejected")])
def test_it_is_overturned_or_upheld_once(way: Way, appealed: str, other: Person, decision: str, state: str) -> None:
    assert way.decide(appealed, decision, other, **(REJECTED if decision == "reject" else {})).status_code == 200
    assert way.state(appealed) == state
    assert appeals(other) == []
    again = way.move(way.author, appealed, "appeal", note="Once more.")
    assert code_of(again) == (409, "appealed_already" if decision == "reject" else "wrong_state")


def test_after_a_split_it_can_be_appealed_still(way: Way, other: Person) -> None:
    target, submission = way.accepted("micro_suggestion"), way.hand_in("micro_suggestion")
    assert way.decide(submission, "merge", merge_into=target).status_code == 200
    assert way.move(way.author, submission, "split", note="Another lamp.").status_code == 200
    assert way.decide(submission, "reject", other, **REJECTED).status_code == 200
    assert way.move(way.author, submission, "appeal", note="Really.").status_code == 200
    assert appeals(other) == []
    (appeal,) = appeals(way.moderator)
    assert appeal["earlier"]["decision"] == "reject"
    assert way.decide(submission, "accept").status_code == 200


def test_mended_after_an_appeal_it_does_not_go_back_to_who_rejected_it(way: Way, appealed: str, other: Person) -> None:
    way.decide(appealed, "return", other, note="Which street?")
    way.move(way.author, appealed, "resubmit", changes={"body": "On Liberation Road."})
    task = way.task(appealed, other)
    assert (task["purpose"], task["claimed_by"]) == ("again", other.account_id)
    assert_unseen(way.moderator, task["id"])


def test_nobody_decides_on_what_is_about_their_own_unit(way: Way) -> None:
    units = [str(unit["id"]) for unit in reversed(catalogue.units(2)["items"])]  # The other is above it.
    submission = way.hand_in("micro_supervision", place=None, details={"watched_unit": units[0]})
    task = way.task(submission)["id"]
    own = way.people.staff_with(Grant("moderator", "990101"), Grant("handler", None, units[0]))
    assert_unseen(own, task)
    unrelated = way.people.staff_with(Grant("moderator", "990101"), Grant("handler", None, units[1]))
    assert way.decide(submission, "accept", unrelated).status_code == 200


def test_nobody_decides_on_their_own(way: Way, other: Person) -> None:
    submission = way.hand_in("micro_suggestion", by=way.moderator)
    assert_unseen(way.moderator, way.task(submission, other)["id"])


def test_only_moderators_see_appeals(way: Way) -> None:
    for who in (way.author, way.people.staff("desk_head"), way.people.staff("auditor")):
        assert code_of(who.get(PATH)) == (403, "role_lacking")


def test_pages_follow_one_another(way: Way, other: Person) -> None:
    made = []
    for _ in range(3):
        submission = way.rejected()
        way.move(way.author, submission, "appeal", note="At the corner.")
        made.append(submission)
    first = other.get(f"{PATH}?limit=2").get_json()
    rest = other.get(f"{PATH}?limit=2&cursor={first['next']}").get_json()
    assert [appeal["submission_id"] for appeal in first["items"] + rest["items"]] == made
