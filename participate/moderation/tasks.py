"""What the worker does for the desk when facts arrive."""

from collections.abc import Sequence

from participate.kernel.outbox import Fact
from participate.moderation import service


def on_waiting(facts: Sequence[Fact]) -> None:
    """`submission.admitted`, `.resubmitted`, `.appealed`: somebody must look."""
    service.open_tasks({fact.id: fact.subject_id for fact in facts})


def on_withdrawn(fact: Fact) -> None:
    """`submission.withdrawn`: nobody need look any more."""
    service.drop_tasks(fact.subject_id)


def on_look_due(fact: Fact) -> None:
    """`moderation_task.look_due`: nobody has looked in time."""
    service.hurry(fact.subject_id)
