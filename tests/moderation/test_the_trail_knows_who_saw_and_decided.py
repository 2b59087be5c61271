"""Each opening of a task and each decision is in the audit trail, with who and why."""

from typing import Any

from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from tests.steps import Way


def trail(submission: str, *actions: str) -> list[Any]:
    held = AuditEntry
    asked = held.subject_id == submission, held.action.in_(actions)
    return list(rows(select(held.action, held.actor_id, held.reason, held.details).where(*asked).order_by(held.id)))


def test_opening_a_task_is_written_down(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    assert trail(submission, "submission.opened_at_desk") == []
    for who in (way.moderator, way.people.staff("moderator"), way.people.staff("moderator", "990102")):
        who.get(f"/v1/moderation/tasks/{task}")
    (first, second) = trail(submission, "submission.opened_at_desk")
    assert (first.actor_id, first.details) == (way.moderator.account_id, {"task": task})
    assert second.actor_id != first.actor_id


def test_every_decision_is_written_down(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body="I am Zhang San.")
    task = way.task(submission)["id"]
    way.decide(submission, "reject", reason="unclear", note="Where?", edits={"redact": ["Zhang San"]})
    (decided,) = trail(submission, "submission.decided")
    assert (decided.actor_id, decided.reason) == (way.moderator.account_id, "unclear")
    assert decided.details == {"task": task, "decision": "reject", "agreed_with": "", "edited": ["redact"]}


def test_what_was_refused_is_not(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    way.decide(submission, "reject")
    assert trail(submission, "submission.decided", "submission.edited") == []
