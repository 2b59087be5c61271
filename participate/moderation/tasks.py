"""What the worker does for the desk when facts arrive."""

from participate.kernel.outbox import Fact
from participate.moderation import service


def on_waiting(fact: Fact) -> None:
    """`submission.admitted`, `.resubmitted`, `.appealed`: somebody must look."""
    service.open_task(fact.subject_id, fact.id)


def on_withdrawn(fact: Fact) -> None:
    """`submission.withdrawn`: nobody need look any more."""
    service.drop_tasks(fact.subject_id)


def on_look_due(fact: Fact) -> None:
    """`moderation_task.look_due`: nobody has looked in time."""
    service.hurry(fact.subject_id)
