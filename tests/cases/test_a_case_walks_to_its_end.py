"""A case goes from its officer's hands through another's eyes to its end, and says at each step what is due."""

from typing import Any

import pytest

from participate.kernel import deadlines
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, code_of

pytestmark = pytest.mark.usefixtures("clock")


def shown(who: Person, case: str) -> dict[str, Any]:
    answer = who.get(f"/v1/cases/{case}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422
    return [(error["field"], error["code"]) for error in answer.get_json()["errors"]]


def test_from_dispatch_to_close(way: Way) -> None:
    submission = way.accepted(title="Hole")
    case = way.case(submission)
    first = shown(way.officer, case)
    assert (first["state"], first["level"], first["area"], first["title"]) == ("dispatched", 1, way.cell, "Hole")
    assert (first["assignee"], first["unit"], first["overdue"]) == (way.officer.account_id, None, False)
    # Three work days from Monday morning; nothing in the catalogue says otherwise.
    assert first["due_at"] == "2026-11-26T02:00:00Z"

    photo = way.photo(way.officer)
    done: dict[str, Any] = {"note": "Filled.", "photo_ids": [photo]}
    for who, name, fields, state, follows in (
        (way.officer, "accept", {}, "accepted", "assigned"),
        (way.officer, "start", {}, "in_progress", "in_progress"),
        (way.officer, "interim_reply", {"note": "The tar is ordered."}, "in_progress", "in_progress"),
        (way.officer, "resolve", done, "resolved", "in_verification"),
        (way.supervisor, "verify", {}, "verified", "answered"),
    ):
        answer = way.act(who, submission, name, **fields)
        assert (answer.status_code, answer.get_json()["state"]) == (200, state)
        assert way.state(submission) == follows
    way.move(way.author, submission, "rate", resolved=True, satisfaction=5)
    assert shown(way.supervisor, case)["state"] == "closed"
    assert way.state(submission) == "closed"
    assert way.officer.get("/v1/cases?view=mine").get_json()["items"] == []


def test_the_catalogue_s_limit_counts(way: Way) -> None:
    """A missing manhole cover: two hours, day and night."""
    submission = way.accepted(category="C0101", details={"condition": "C0101-3"})
    assert shown(way.officer, way.case(submission))["due_at"] == "2026-11-23T04:00:00Z"
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert seen["due_at"] == "2026-11-23T04:00:00Z"


def test_the_catalogue_says_when_it_counts_as_done(way: Way) -> None:
    named, other = way.accepted(category="C0101", details={"condition": "C0101-3"}), way.accepted(category="C0101")
    categories = way.author.get("/v1/categories?limit=100").get_json()["items"]
    (wanted,) = [each for category in categories for each in category["conditions"] if each["code"] == "C0101-3"]
    for language, words in (("en", wanted["closing_en"]), ("zh-Hans", wanted["closing_zh"])):
        answer = way.officer.get(f"/v1/cases/{way.case(named)}", headers={"Accept-Language": language})
        assert answer.get_json()["closing"] == words
    assert way.officer.get(f"/v1/cases/{way.case(other)}").get_json()["closing"] is None


def test_done_is_shown_and_said(way: Way) -> None:
    submission = way.started()
    photo = way.photo(way.officer)
    assert faults(way.act(way.officer, submission, "resolve")) == [("note", "required"), ("photo_ids", "required")]
    assert faults(way.act(way.officer, submission, "resolve", note="Done.")) == [("photo_ids", "required")]
    assert faults(way.act(way.officer, submission, "resolve", photo_ids=[photo])) == [("note", "required")]
    theirs = way.photo(way.author)
    refused = way.act(way.officer, submission, "resolve", note="Done.", photo_ids=[photo, theirs])
    assert faults(refused) == [("photo_ids.1", "photo_not_free")]
    assert way.state(submission) == "in_progress"
    assert way.act(way.officer, submission, "resolve", note="Done.", photo_ids=[photo]).status_code == 200
    photos = way.author.get(f"/v1/submissions/{submission}").get_json()["photos"]
    assert [(each["id"], each["purpose"]) for each in photos] == [(photo, "after")]


def test_what_shows_nothing_needs_no_photo(way: Way) -> None:
    submission = way.accepted("micro_service")
    for name in ("accept", "start"):
        way.act(way.officer, submission, name)
    assert way.act(way.officer, submission, "resolve", note="The old sofa was collected today.").status_code == 200


def test_nobody_verifies_their_own_work(way: Way) -> None:
    from participate.kernel.auth import Grant

    both = way.people.staff_with(Grant("grid_officer", way.cell), Grant("supervisor", "990101"))
    submission = way.accepted()
    way.act(way.dispatcher, submission, "reassign", note="Yours.", to={"assignee": both.account_id})
    for name in ("accept", "start"):
        way.act(both, submission, name)
    way.act(both, submission, "resolve", note="Done.", photo_ids=[way.photo(both)])
    for name in ("verify", "rework"):
        assert code_of(way.act(both, submission, name, note="Fine.")) == (409, "own_work")
    offered = [set(who.get(f"/v1/cases/{way.case(submission)}").get_json()["moves"]) for who in (both, way.supervisor)]
    assert [{"verify", "rework"} & moves for moves in offered] == [set(), {"verify", "rework"}]
    assert way.act(way.supervisor, submission, "verify").status_code == 200


def test_work_that_was_not_good_enough_is_done_again(way: Way, clock: HeldClock) -> None:
    submission = way.resolved()
    clock.forward(days=1)
    assert faults(way.act(way.supervisor, submission, "rework")) == [("note", "required")]
    answer = way.act(way.supervisor, submission, "rework", note="It has sunk again.")
    assert answer.get_json()["state"] == "rework"
    assert answer.get_json()["due_at"] == "2026-11-27T02:00:00Z", "three work days from now on"
    assert way.state(submission) == "in_progress"
    assert way.act(way.officer, submission, "start").status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.dispatcher, submission, "verify").status_code == 200
    assert way.state(submission) == "answered"


def test_what_waits_for_the_submitter_alone_is_not_overdue(way: Way, clock: HeldClock) -> None:
    case = way.case(way.answered())
    clock.forward(days=10)
    deadlines.sweep()
    way.work()
    assert shown(way.supervisor, case)["state"] == "verified"
    assert shown(way.supervisor, case)["overdue"] is False
    assert way.supervisor.get("/v1/cases?view=overdue").get_json()["items"] == []


def test_an_interim_reply_stops_no_clock(way: Way) -> None:
    submission = way.started()
    before = shown(way.officer, way.case(submission))
    answer = way.act(way.officer, submission, "interim_reply", note="The tar is ordered.")
    same = ("state", "due_at", "assignee", "level")
    assert {name: answer.get_json()[name] for name in same} == {name: before[name] for name in same}
    assert answer.get_json()["version"] == before["version"] + 1


def test_its_timeline_tells_the_desk_everything(way: Way) -> None:
    submission = way.hand_in()
    way.decide(submission, "accept", note="Clear enough.")
    way.act(way.officer, submission, "object", note="The water works dug it.")
    items = way.officer.get(f"/v1/cases/{way.case(submission)}/timeline").get_json()["items"]
    assert [(item["subject"], item["move"], item["note"]) for item in items] == [
        ("submission", "submit", None),
        ("submission", "admit", None),
        ("submission", "accept", "Clear enough."),
        ("case", "file", None),
        ("case", "dispatch", None),
        ("submission", "assign", None),
        ("case", "object", "The water works dug it."),
    ]
    assert [item["by"] for item in items] == ["author", "system", "moderator", "system", "system", "system", "assignee"]
