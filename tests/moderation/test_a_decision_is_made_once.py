"""A decision says why, is made once, and of two at the same time one has effect."""

from functools import partial
from itertools import combinations

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from participate.kernel.workflow import TimelineEntry
from participate.moderation import opening
from participate.moderation.models import ModerationTask
from tests.people import Person
from tests.steps import Way, at_once, code_of

STATES = {"accept": "accepted", "return": "returned", "reject": "rejected", "merge": "merged"}
REJECTED = {"reason": "unclear", "note": "Where is it?"}


def post(who: Person, task: str, decision: str, tag: str = "*", **fields: str) -> TestResponse:
    body = {"decision": decision} | fields
    return who.post(f"/v1/moderation/tasks/{task}/decision", body, headers={"If-Match": tag})


@pytest.mark.parametrize(
    ("decision", "fields"), [("accept", {}), ("return", {"note": "Where is it?"}), ("reject", REJECTED)]
)
def test_a_decision_has_its_effect(way: Way, decision: str, fields: dict[str, str]) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    answer = post(way.moderator, task, decision, **fields)
    seen = answer.get_json()
    assert (answer.status_code, seen["state"], seen["decision"]) == (200, "decided", decision)
    assert seen["submission"]["state"] == way.state(submission) == STATES[decision]
    assert way.moderator.get("/v1/moderation/queue").get_json()["items"] == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"decision": "return"}, ["note"]),
        ({"decision": "return", "note": " "}, ["note"]),
        ({"decision": "reject"}, ["note", "reason"]),
        ({"decision": "reject", "note": "Why not."}, ["reason"]),
        ({"decision": "reject", "reason": "unclear"}, ["note"]),
        ({"decision": "reject", "reason": "ugly", "note": "Why not."}, ["reason"]),
        ({"decision": "vanish"}, ["decision"]),
        ({"decision": "accept", "state": "closed"}, ["state"]),
        ({}, ["decision"]),
    ],
)
def test_a_decision_against_the_author_says_why(way: Way, body: dict[str, str], fields: list[str]) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)
    answer = way.moderator.post(f"/v1/moderation/tasks/{task['id']}/decision", body)
    assert code_of(answer) == (422, "invalid")
    assert sorted(error["field"] for error in answer.get_json()["errors"]) == fields
    assert way.task(submission) == task
    assert way.state(submission) == "in_moderation"


def test_what_is_decided_stays_decided(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    post(way.moderator, task, "accept")
    for who in (way.moderator, way.people.staff("moderator")):
        assert code_of(post(who, task, "reject", **REJECTED)) == (409, "decided_already")
    assert way.state(submission) == "accepted"


def test_a_decision_builds_on_the_task_as_it_was_seen(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    seen = way.moderator.get(f"/v1/moderation/tasks/{task}").headers["ETag"]
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    assert code_of(post(way.moderator, task, "accept", seen)) == (412, "stale")
    assert code_of(post(way.moderator, task, "accept", "garbage")) == (412, "stale")
    assert way.state(submission) == "in_moderation"
    seen = way.moderator.get(f"/v1/moderation/tasks/{task}").headers["ETag"]
    assert post(way.moderator, task, "accept", seen).status_code == 200


def test_of_two_at_once_one_has_effect(way: Way) -> None:
    two = way.moderator, way.people.staff("moderator")
    kept = way.accepted("micro_suggestion", place=None)
    said: dict[str, dict[str, str]] = {
        "accept": {},
        "return": {"note": "Where is it?"},
        "reject": REJECTED,
        "merge": {"merge_into": kept, "reason": "duplicate", "note": "The same."},
    }
    pairs = list(combinations(said, 2)) * 17
    for pair in pairs:
        submission = way.hand_in("micro_suggestion", place=None)
        task = str(way.task(submission)["id"])
        first, second = (partial(post, who, task, name, **said[name]) for who, name in zip(two, pair, strict=True))
        codes = [answer.status_code for answer in at_once(first, second)]
        assert sorted(codes) == [200, 409]
        decision, by = pair[codes.index(200)], two[codes.index(200)]
        assert way.state(submission) == STATES[decision]
        assert way.moderator.get(f"/v1/moderation/tasks/{task}").get_json()["decision"] == decision
        held = TimelineEntry
        moves = rows(select(held.move, held.actor_id).where(held.subject_id == submission).order_by(held.version))
        assert [row.move for row in moves] == ["submit", "admit", decision]
        assert moves[-1].actor_id == by.account_id


def test_doing_a_fact_s_work_twice_opens_no_second_task(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    (fact,) = rows(select(ModerationTask.fact_id))
    opening.open_tasks({fact.fact_id: (submission, "look")})
    assert len(way.moderator.get("/v1/moderation/queue").get_json()["items"]) == 1


def test_who_wrote_it_is_told_for_a_written_reason_alone(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", anonymous=True)
    path = f"/v1/moderation/tasks/{way.task(submission)['id']}/unmask"
    for body in ({}, {"reason": "because"}, {"reason": " " * 20}):
        assert way.moderator.post(path, body).status_code == 422
    answer = way.moderator.post(path, {"reason": "Somebody is hurt in the photo."})
    me = way.author.get("/v1/me").get_json()
    assert answer.get_json() == {"name": me["display_name"], "phone": me["phone"]}
    assert answer.headers["Cache-Control"] == "no-store"
    held = AuditEntry
    (entry,) = rows(select(held.action, held.subject_id, held.actor_id, held.reason))
    assert tuple(entry) == (
        "submission.unmasked",
        submission,
        way.moderator.account_id,
        "Somebody is hurt in the photo.",
    )
