"""What the worker does for the desk when facts arrive."""

from collections.abc import Sequence

from participate.kernel.outbox import Fact
from participate.moderation import batches, due, opening
from participate.moderation.screening import prints

_PURPOSES = {"submission.admitted": "look", "submission.appealed": "appeal"}


def on_waiting(facts: Sequence[Fact]) -> None:
    """`submission.admitted`, `.resubmitted`, `.split`, `.released`, `.appealed`: somebody must look."""
    opening.open_tasks({fact.id: (fact.subject_id, _PURPOSES.get(fact.name, "again")) for fact in facts})


def on_redacted(fact: Fact) -> None:
    """`photo.redacted`: a moderator may have to look, or no longer."""
    if fact.data.get("thread"):
        opening.mark_photos(fact.data["thread"])


def on_alike(fact: Fact) -> None:
    """`photo.matched`: what it shows may have been sent in before."""
    if fact.data.get("thread"):
        opening.mark_photos(fact.data["thread"])


def on_withdrawn(fact: Fact) -> None:
    """`submission.withdrawn`: nobody need look any more, and nothing is compared with it."""
    opening.drop_tasks(fact.subject_id)
    prints.drop(fact.subject_id)


def on_look_due(fact: Fact) -> None:
    """`moderation_task.look_due`: nobody has looked yet."""
    due.warn(fact.subject_id)


def on_batch_due(fact: Fact) -> None:
    """`moderation_batch.effect_due`: what was decided together can no longer be undone, and takes effect."""
    batches.take_effect(fact.subject_id)


def on_batch_done(fact: Fact, _prepared: None) -> None:
    """All of it has."""
    batches.close(fact.subject_id)


def on_batch_failed(fact: Fact) -> None:
    """Some of it could not, however often it was tried."""
    batches.give_up(fact.subject_id)
