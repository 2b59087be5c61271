"""Deadlines of a look: somebody is warned when half of its time is over, when most of it is, and when all of it is."""

from datetime import datetime

from participate.catalogue.calendar import WARNINGS
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import transaction
from participate.kernel.workflow import locked
from participate.moderation import counts, flags
from participate.moderation.models import URGENT, ModerationTask

CLOCKS = {"look": "work_hour", "again": "work_hour", "appeal": "work_day"}


def first_warning(due_at: datetime, purpose: str) -> datetime:
    """When somebody is warned first of a task that begins to wait now."""
    return calendar().reached(WARNINGS[0], now(), due_at, CLOCKS[purpose])


def begin(task_id: str, warning: datetime, purpose: str) -> None:
    """A task waits from now on; `warning` is its first one."""
    deadlines.start("moderation_task", task_id, "look", CLOCKS[purpose], warning, fresh=True)


def warn(task_id: str) -> None:
    """A share of the task's time is over; where it is all of it, the task goes to the head of the queue.

    What is staged is warned of too: it may yet wait again.
    """
    with transaction():
        task = locked(ModerationTask, task_id)
        if task.state in {"waiting", "staged"}:
            _warn(task)


def _warn(task: ModerationTask) -> None:
    # The release before kept neither when a task was opened nor shares of its time.
    opened_at, clock = task.opened_at or task.due_at, CLOCKS[task.purpose]
    # Only the next warning is a row.
    warned, following = calendar().warning(opened_at, task.due_at, clock, now(), task.warned)
    with counts.kept(task):
        task.warned = warned
        if following is None:
            make_urgent(task)
    if following is not None:
        deadlines.start("moderation_task", task.id, "look", clock, following)


def make_urgent(task: ModerationTask) -> None:
    """Put a locked task that waits at the head of the queue, within `counts.kept`."""
    task.rank = URGENT
    flags.hurry(task)
