"""Until work begins authors withdraw, mend what was returned, and appeal once."""

from typing import Any

import pytest

from participate.cases import queries as cases
from participate.kernel import deadlines, outbox
from tests.conftest import HeldClock
from tests.steps import HERE, Way, at_once, code_of, snapshot

NEXT_DOOR = HERE | {"lat": HERE["lat"] + 0.005}


def seen(way: Way, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = way.author.get(f"/v1/submissions/{submission}").get_json()
    return found


def case_state(submission: str) -> str:
    case = cases.of_submission(submission)
    assert case is not None
    return str(case.state)


def test_withdrawn_while_it_waits_it_leaves_the_desk(way: Way) -> None:
    submission = way.hand_in()
    answer = way.move(way.author, submission, "withdraw", note="It was mended.")
    assert (answer.status_code, answer.get_json()["state"], answer.get_json()["moves"]) == (200, "withdrawn", [])
    assert way.moderator.get("/v1/moderation/queue").get_json()["items"] == []


@pytest.mark.parametrize("taken_on", [False, True])
def test_withdrawn_before_work_begins_its_case_is_cancelled(way: Way, taken_on: bool) -> None:
    submission = way.accepted()
    if taken_on:
        way.act(way.officer, submission, "accept")
    assert way.move(way.author, submission, "withdraw").status_code == 200
    assert (way.state(submission), case_state(submission)) == ("withdrawn", "cancelled")
    assert way.officer.get("/v1/cases?view=mine").get_json()["items"] == []
    assert outbox.backlog() == {}


def test_what_is_withdrawn_is_nobody_s_duty_any_more(way: Way, clock: HeldClock) -> None:
    submission = way.accepted()
    way.move(way.author, submission, "withdraw")
    clock.forward(days=30)
    assert deadlines.sweep() == 0
    way.work()
    assert case_state(submission) == "cancelled"


def test_an_officer_cannot_begin_what_was_withdrawn_a_moment_ago(way: Way) -> None:
    submission = way.accepted()
    way.act(way.officer, submission, "accept")
    case = way.case(submission)
    way.author.post(f"/v1/submissions/{submission}/moves", {"move": "withdraw"})
    answer = way.officer.post(f"/v1/cases/{case}/moves", {"move": "start"})
    assert code_of(answer) == (409, "submission_withdrawn")
    way.work()
    assert case_state(submission) == "cancelled"


def test_of_withdrawing_and_beginning_at_once_one_comes_first(way: Way) -> None:
    submission = way.accepted()
    way.act(way.officer, submission, "accept")
    case = way.case(submission)
    withdrawn, begun = at_once(
        lambda: way.author.post(f"/v1/submissions/{submission}/moves", {"move": "withdraw"}).status_code,
        lambda: way.officer.post(f"/v1/cases/{case}/moves", {"move": "start"}).status_code,
    )
    way.work()
    assert {withdrawn, begun} == {200, 409}
    expected = ("withdrawn", "cancelled") if withdrawn == 200 else ("in_progress", "in_progress")
    assert (way.state(submission), case_state(submission)) == expected


def test_what_was_returned_comes_back_mended(way: Way) -> None:
    submission = way.hand_in(title="Hole")
    way.decide(submission, "return", note="Where exactly?")
    before = seen(way, submission)
    assert (before["state"], before["moves"]) == ("returned", ["resubmit", "withdraw"])
    photo = way.photo(way.author)
    changes = {
        "title": "Hole by the bridge",
        "body": "On the north side.",
        "category": "E0201",
        "place": NEXT_DOOR,
        "details": {"condition": "E0201-1"},
        "photo_ids": [photo],
    }
    answer = way.move(way.author, submission, "resubmit", note="Done.", changes=changes)
    assert answer.status_code == 200
    after = seen(way, submission)
    assert after["state"] == "in_moderation"
    assert {name: after[name] for name in ("title", "body", "category", "details")} == {
        name: changes[name] for name in ("title", "body", "category", "details")
    }
    assert after["place"]["cell"] not in {None, before["place"]["cell"]}
    assert [each["id"] for each in after["photos"]] == [photo]
    task = way.task(submission)
    assert (task["title"], task["area"]) == ("Hole by the bridge", after["place"]["cell"])


def test_what_is_not_named_stays_as_it_was(way: Way) -> None:
    submission = way.hand_in(title="Hole", category="E0201")
    way.decide(submission, "return", note="Where exactly?")
    before = seen(way, submission)
    way.move(way.author, submission, "resubmit", changes={"body": "On the north side."})
    same = ("title", "category", "place", "details", "photos")
    assert {name: seen(way, submission)[name] for name in same} == {name: before[name] for name in same}


def test_a_photo_that_comes_later_may_tell_the_place(way: Way) -> None:
    submission = way.hand_in(place=None, photo_ids=[way.photo(way.author)])
    way.decide(submission, "return", note="Where is it?")
    photo = way.photo(way.author, snapshot(HERE["lat"], HERE["lon"]))
    way.move(way.author, submission, "resubmit", changes={"photo_ids": [photo]})
    assert (seen(way, submission)["place"]["cell"], seen(way, submission)["place_source"]) == (way.cell, "photo")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "E9999"}, "category"),
        ({"details": {"question": "?"}}, "details.question"),
        ({"photo_ids": ["019aafc3-7c00-7000-8000-000000000001"]}, "photo_ids.0"),
        ({"body": " "}, "changes.body"),
        ({"kind": "micro_service"}, "changes.kind"),
        ({"place": None}, "changes.place"),
    ],
)
def test_a_bad_change_changes_nothing(way: Way, changes: dict[str, Any], field: str) -> None:
    submission = way.hand_in(title="Hole")
    way.decide(submission, "return", note="Where exactly?")
    before = seen(way, submission)
    answer = way.move(way.author, submission, "resubmit", changes={"title": "Another"} | changes)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert seen(way, submission) == before


def test_an_appeal_goes_to_another_moderator_once(way: Way) -> None:
    other = way.people.staff("moderator")
    submission = way.rejected()
    assert seen(way, submission)["moves"] == ["appeal", "withdraw"]
    assert way.move(way.author, submission, "appeal", note="Look again.").get_json()["state"] == "in_moderation"

    assert way.moderator.get("/v1/moderation/queue").get_json()["items"] == []
    task = way.task(submission, other)["id"]
    assert way.moderator.get(f"/v1/moderation/tasks/{task}").status_code == 404
    again = way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert again.status_code == 404
    assert way.moderator.post("/v1/moderation/claims", {"count": 5}).get_json()["items"] == []

    way.decide(submission, "reject", other, reason="unclear", note="Still unclear.")
    assert seen(way, submission)["moves"] == ["withdraw"]
    answer = way.move(way.author, submission, "appeal", note="And again.")
    assert code_of(answer) == (409, "appealed_already")


def test_an_appeal_that_is_granted_goes_on_as_any_other(way: Way) -> None:
    other = way.people.staff("moderator")
    submission = way.rejected()
    way.move(way.author, submission, "appeal", note="Look again.")
    assert way.decide(submission, "accept", other).status_code == 200
    assert way.state(submission) == "assigned"
