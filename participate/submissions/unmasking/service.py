"""Asking who wrote a micro-supervision, agreeing to that, and reading it: each in the audit trail."""

from datetime import timedelta
from typing import Any

from participate.accounts import queries as accounts
from participate.audit import service as audit
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact
from participate.kernel.workflow import THE_SYSTEM, apply, begin, locked
from participate.submissions.models import Submission
from participate.submissions.unmasking import queries
from participate.submissions.unmasking.models import Unmasking
from participate.submissions.unmasking.workflow import ASK, UNMASKING

LIMIT = (5, "work_day")  # for somebody to agree
READABLE = timedelta(days=1)
_RECORDED = {"consent": "submission.unmasked", "refuse": "submission.unmasking_refused"}


def ask(caller: Caller, submission_id: str, reason: str) -> str:
    """Ask who wrote it; returns the request's id. Raises Missing, Forbidden, Conflict (`asked_already`)."""
    held, _ = queries.of(caller, submission_id)
    actor = queries.actor(caller, held)
    if not actor.roles & ASK.roles:
        raise Forbidden("move_not_yours")
    if not reason.strip():
        raise Invalid(Fault("reason", "required"))
    with transaction():
        locked(Submission, submission_id)
        if any(row.state == UNMASKING.initial for row in queries.of(caller, submission_id)[1]):
            raise Conflict("asked_already")
        made = Unmasking(id=new_id(), submission_id=submission_id, reason=reason, asked_at=now())
        made.asked_by, made.state, made.version = str(caller.account_id), UNMASKING.initial, 1
        db.session.add(made)
        db.session.flush()
        begin(UNMASKING, made, ASK, actor)
        deadlines.start("unmasking", made.id, "consent", LIMIT[1], calendar().due_at(now(), *LIMIT))
        audit.record("submission.unmasking_asked", "submission", submission_id, caller.account_id, reason)
    return str(made.id)


def move(
    caller: Caller, submission_id: str, unmasking_id: str, name: str, note: str | None, version: int | None = None
) -> None:
    """Agree, or do not. Raises Missing, and as `apply`: Conflict (`second_person`) for who has asked."""
    held, _ = queries.of(caller, submission_id)
    queries.single(submission_id, unmasking_id)
    with transaction():
        made = locked(Unmasking, unmasking_id)
        apply(UNMASKING, made, name, queries.actor(caller, held), note=note, expected_version=version)
        made.decided_by, made.decided_at = caller.account_id, now()
        if made.state == "granted":
            made.read_until = now() + READABLE
        details = {"unmasking": made.id, "asked_by": made.asked_by}
        audit.record(_RECORDED[name], "submission", submission_id, caller.account_id, note, **details)


def author(caller: Caller, submission_id: str, unmasking_id: str) -> dict[str, Any]:
    """Who wrote it, for who has asked, within a day of its being granted; the trail keeps each look. Raises Missing."""
    held, _ = queries.of(caller, submission_id)
    row = queries.single(submission_id, unmasking_id)
    is_open = row.state == "granted" and row.read_until > now()
    if row.asked_by != caller.account_id or not is_open or held.is_own:
        raise Missing
    with transaction():
        audit.record("submission.author_read", "submission", submission_id, caller.account_id, unmasking=row.id)
        found = accounts.profile(held.author_id)
    return {"name": found["display_name"], "phone": found["phone"]}


def on_due(fact: Fact) -> None:
    """`unmasking.consent_due`: nobody has agreed in time; nothing happens where somebody did meanwhile."""
    with transaction():
        made = locked(Unmasking, fact.subject_id)
        if deadlines.missed(made.id, "consent") and "lapse" in UNMASKING.offered(made, THE_SYSTEM):
            apply(UNMASKING, made, "lapse", THE_SYSTEM)
