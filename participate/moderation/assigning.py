"""The head of the desk gives a task to somebody, whoever has it in hand."""

from datetime import timedelta

from participate.accounts import queries as accounts
from participate.audit import service as audit
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing, Stale
from participate.kernel.workflow import locked
from participate.moderation import telling
from participate.moderation.models import ModerationTask
from participate.moderation.queries import overdue, tasks


def assign(caller: Caller, task_id: str, to: str, expected_version: int | None) -> None:
    """Give a task that waits to the moderator `to`, for a lease.

    Raises Missing outside the caller's scope, Invalid for who may not decide on it, Conflict (`decided_already`) and
    Stale.
    """
    overdue.task(caller, task_id)
    with transaction():
        task = locked(ModerationTask, task_id)
        if task.state != "waiting":
            raise Conflict("decided_already")
        if expected_version not in {None, task.version}:
            raise Stale
        _check_may_decide(to, task_id)
        before, lease = task.claimed_by, timedelta(seconds=settings().claim_seconds)
        task.claimed_by, task.claimed_at, task.lease_until = to, now(), now() + lease
        task.version += 1
        telling.tell("claimed", task)
        details = {"to": to, "taken_from": before or ""}
        audit.record("moderation_task.assigned", "moderation_task", task_id, caller.account_id, **details)
        db.session.flush()


def _check_may_decide(account_id: str, task_id: str) -> None:
    found = accounts.grantee(account_id)
    try:
        tasks.task(found or Caller(), task_id)
    except Missing as error:
        raise Invalid(Fault("to", "may_not_decide")) from error
