"""A moderator changes kind, category or place, takes words out and marks urgent; the author hears, nothing is lost."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from participate.submissions.amending import COVER
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way, code_of

TOLD = "I am Zhang San, 13800000001. The lamp by my door is out; Zhang San."


def change(who: Person, task: str, tag: str = "*", **fields: Any) -> TestResponse:
    return who.request(
        "PATCH",
        f"/v1/moderation/tasks/{task}",
        json=fields,
        headers={"If-Match": tag},
    )


def steps(way: Way, submission: str, who: Person | None = None) -> list[str]:
    found = (who or way.author).get(f"/v1/submissions/{submission}/timeline?limit=100").get_json()["items"]
    return [each["move"] for each in found]


def heard(way: Way) -> list[str]:
    way.work()
    return [each["fact"] for each in way.author.get("/v1/me/updates?limit=100").get_json()["items"]]


def test_another_category_is_told_to_the_author(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    categories = [each["code"] for each in way.author.get("/v1/categories?limit=2").get_json()["items"]]
    answer = change(way.moderator, task, category=categories[0], note="It belongs there.")
    seen = answer.get_json()
    assert (answer.status_code, seen["category"], seen["submission"]["category"]) == (200, categories[0], categories[0])
    assert steps(way, submission) == ["submit", "admit", "amend"]
    assert "amend" in heard(way)
    change(way.moderator, task, category=categories[0])
    assert steps(way, submission) == ["submit", "admit", "amend"], "what stays as it was is no step"


def test_another_kind_keeps_what_it_can_hold(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", details={"reason": "School ends at four."})
    unnamed = change(way.moderator, way.task(submission)["id"], kind="micro_service")
    assert code_of(unnamed) == (422, "invalid"), "a service is asked for by its name"
    asked = {"service": "S0102"}
    answer = change(way.moderator, way.task(submission)["id"], kind="micro_service", details=asked)
    seen = answer.get_json()["submission"]
    assert (answer.get_json()["kind"], seen["kind"], seen["details"]) == ("micro_service", "micro_service", asked)
    assert seen["service"]["code"] == "S0102", "which is what is promised from now on"
    refused = change(way.moderator, way.task(submission)["id"], details={"reason": "x"})
    assert code_of(refused) == (422, "invalid")


def test_what_must_have_a_place_cannot_become_without(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", place=None)
    task = way.task(submission)["id"]
    assert code_of(change(way.moderator, task, kind="snap_report")) == (422, "invalid")
    assert change(way.moderator, task, kind="snap_report", place=HERE).status_code == 200


def test_another_place_takes_the_task_along(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", place=ELSEWHERE)
    task = way.task(submission)
    assert [flag["code"] for flag in task["flags"] if flag["code"] == "no_area"] == ["no_area"]
    seen = change(way.moderator, task["id"], place=HERE).get_json()
    assert (seen["area"], "no_area" in {flag["code"] for flag in seen["flags"]}) == (way.cell, False)
    assert way.moderator.get("/v1/moderation/queue?flag=no_area").get_json()["items"] == []


def test_words_are_taken_out_for_all_and_kept_for_those_entitled(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body=TOLD, title="Zhang San's lamp")
    task = way.task(submission)["id"]
    answer = change(way.moderator, task, redact=["Zhang San", "13800000001"], note="Names stay out.")
    assert answer.status_code == 200
    assert way.decide(submission, "accept").status_code == 200
    public = way.people.nobody().get(f"/v1/submissions/{submission}").get_json()
    assert public["body"] == f"I am {COVER}, {COVER}. The lamp by my door is out; {COVER}."
    assert (public["title"], public["redacted"], "original" in public) == (f"{COVER}'s lamp", True, False)
    mine = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert mine["original"] == {"title": "Zhang San's lamp", "body": TOLD}
    kept = way.moderator.get(f"/v1/moderation/tasks/{task}/original")
    assert kept.get_json() == {"title": "Zhang San's lamp", "body": TOLD}
    assert kept.headers["Cache-Control"] == "private, no-store"
    assert way.people.nobody().get("/v1/submissions?q=Zhang").get_json()["items"] == []
    held = AuditEntry
    assert rows(select(held.actor_id).where(held.action == "submission.original_read"))[0].actor_id == (
        way.moderator.account_id
    )


def test_the_first_original_is_the_one_that_is_kept(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body=TOLD)
    task = way.task(submission)["id"]
    for words in (["Zhang San"], ["13800000001"]):
        assert change(way.moderator, task, redact=words).status_code == 200
    assert way.moderator.get(f"/v1/moderation/tasks/{task}/original").get_json()["body"] == TOLD


def test_words_that_stand_nowhere_are_no_redaction(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body=TOLD)
    answer = change(way.moderator, way.task(submission)["id"], redact=["13800000001", "Li Si"], urgent=True)
    assert code_of(answer) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["edits.redact.1"]
    assert way.task(submission)["urgent"] is False
    assert way.author.get(f"/v1/submissions/{submission}").get_json()["body"] == TOLD


def test_what_is_urgent_stands_first(way: Way) -> None:
    first, second = (way.hand_in("micro_suggestion") for _ in range(2))
    assert change(way.moderator, way.task(second)["id"], urgent=True).get_json()["urgent"] is True
    queue = way.moderator.get("/v1/moderation/queue").get_json()["items"]
    assert [task["submission_id"] for task in queue] == [second, first]
    assert "hurry" not in heard(way)


def test_changes_come_with_a_decision_or_not_at_all(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body=TOLD)
    refused = way.decide(submission, "reject", edits={"redact": ["Zhang San"]})
    assert code_of(refused) == (422, "invalid")
    assert way.author.get(f"/v1/submissions/{submission}").get_json()["body"] == TOLD
    done = way.decide(submission, "accept", edits={"redact": ["Zhang San"], "urgent": True})
    assert done.status_code == 200
    assert steps(way, submission, way.moderator)[2:5] == ["redact", "hurry", "accept"]


@pytest.mark.parametrize("fields", [{"kind": "x"}, {"urgent": "yes"}, {"redact": [""]}, {"state": "closed"}])
def test_what_is_no_change_is_refused(way: Way, fields: dict[str, Any]) -> None:
    submission = way.hand_in("micro_suggestion")
    assert code_of(change(way.moderator, way.task(submission)["id"], **fields)) == (422, "invalid")


def test_who_may_change_what_waits(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    for who, refused in (
        (way.people.staff("moderator", "990102"), (404, "not_found")),
        (way.author, (403, "role_lacking")),
        (way.officer, (403, "role_lacking")),
    ):
        assert code_of(change(who, task, urgent=True)) == refused
        assert code_of(who.get(f"/v1/moderation/tasks/{task}/original")) == refused
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    assert code_of(change(way.people.staff("moderator"), task, urgent=True)) == (409, "claimed_by_another")
    assert code_of(change(way.moderator, task, '"1-00"', urgent=True)) == (412, "stale")
    assert way.task(submission)["urgent"] is False
