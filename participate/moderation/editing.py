"""What a moderator changes in a submission that waits, beside or before deciding on it."""

from dataclasses import dataclass, field
from typing import Any

from participate.audit import service as audit
from participate.kernel.auth import Caller
from participate.kernel.db import db, transaction
from participate.kernel.workflow import Actor, locked
from participate.moderation import counts, due, flags, opening, waiting
from participate.moderation.claiming import check_free
from participate.moderation.models import ModerationTask
from participate.moderation.queries import tasks
from participate.submissions import amending
from participate.submissions import queries as submissions


@dataclass(frozen=True)
class Edits:
    """`changes` holds another kind, category, place or other details; `redact` words to take out of what all read."""

    changes: dict[str, Any] = field(default_factory=dict)
    redact: tuple[str, ...] = ()
    urgent: bool = False

    def __bool__(self) -> bool:
        return bool(self.changes or self.redact or self.urgent)


def change(caller: Caller, task_id: str, edits: Edits, note: str | None, expected_version: int | None) -> None:
    """Make changes without deciding. Raises what `check_free` and `amending` do."""
    tasks.task(caller, task_id)
    with transaction():
        task = locked(ModerationTask, task_id)
        check_free(task, caller, expected_version)
        actor = Actor.of(caller.account_id, "moderator")
        with counts.kept(task):
            edit(task, edits, actor, note)
            task.version += 1
        audit.record(
            "submission.edited", "submission", task.submission_id, actor.account_id, task=task.id, edited=task.edited
        )
        db.session.flush()


def edit(task: ModerationTask, edits: Edits, actor: Actor, note: str | None) -> None:
    """Make the changes, each a step that the author hears of, within `counts.kept`. Raises Invalid."""
    if not edits:
        return
    done = set(task.edited)
    if edits.redact and amending.redact(task.submission_id, edits.redact, actor, note):
        done.add("redact")
        waiting.keep([task])
    if edits.changes:
        done |= set(amending.amend(task.submission_id, edits.changes, actor, note))
    if edits.urgent and amending.hurry(task.submission_id, actor):
        done.add("urgent")
        due.make_urgent(task)
    task.edited = sorted(done)
    _follow(task)


def _follow(task: ModerationTask) -> None:
    """The task says of its submission what that says itself."""
    db.session.flush()
    brief = submissions.brief(task.submission_id)
    task.kind, task.category, task.area = brief.kind, brief.category, brief.area
    task.title, task.about_unit = opening.title(brief), brief.details.get("watched_unit")
    lies_nowhere = [flags.flag(opening.NO_AREA, "flag.no_area")] if brief.area is None else []
    flags.replace(task, lies_nowhere, (opening.NO_AREA,))
