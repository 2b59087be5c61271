"""The desk's verbs: open, claim, release, decide."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from participate.accounts import queries as accounts
from participate.audit import service as audit
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, add, db, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing, Stale
from participate.kernel.ids import new_id
from participate.kernel.workflow import Actor, locked
from participate.moderation import queries
from participate.moderation.models import DECISIONS, NORMAL, REASONS, URGENT, ModerationTask
from participate.photos import queries as photos
from participate.submissions import queries as submissions
from participate.submissions.service import moderate

FIRST_LOOK_HOURS = 4  # work hours
_TITLE = 120


_NEW = insert(table(ModerationTask))


def open_tasks(told: dict[str, str]) -> None:
    """Put submissions, each by the id of the fact that told of it, before the desk; twice for a fact does nothing."""
    held = ModerationTask
    with transaction():
        found = submissions.briefs(told.values())
        opened = {row.fact_id for row in rows(select(held.fact_id).where(held.fact_id.in_(told)))}
        wanted = {
            fact_id: found[submission_id]
            for fact_id, submission_id in told.items()
            if fact_id not in opened and found[submission_id].state == "in_moderation"
        }
        if not wanted:
            return
        due = calendar().due_at(now(), FIRST_LOOK_HOURS, "work_hour")
        ids = [brief.id for brief in wanted.values()]
        refusers, pictures = _refusers(ids), photos.of_subjects(ids)
        for fact_id, brief in wanted.items():
            flags = _flags(brief, pictures.get(brief.id, []))
            task_id = new_id()
            add(
                _NEW,
                {
                    "id": task_id,
                    "submission_id": brief.id,
                    "fact_id": fact_id,
                    "kind": brief.kind,
                    "title": (brief.title or brief.body.strip().splitlines()[0])[:_TITLE],
                    "area": brief.area,
                    "author_id": brief.author_id,
                    "not_by": refusers.get(brief.id),
                    "flags": flags,
                    "flag_codes": f" {' '.join(flag['code'] for flag in flags)} ",
                    "rank": NORMAL,
                    "due_at": due,
                },
            )
            deadlines.start("moderation_task", task_id, "look", "work_hour", due, fresh=True)


def _refusers(submission_ids: Sequence[str]) -> dict[str, str]:
    """Who rejected each of these last, by submission: another must look at the appeal."""
    held = ModerationTask
    rejected = select(held.submission_id, held.decided_by).where(
        held.submission_id.in_(submission_ids), held.decision == "reject"
    )
    return {row.submission_id: row.decided_by for row in rows(rejected.order_by(held.id))}


def _flags(brief: AnyRow, pictures: Sequence[AnyRow]) -> list[dict[str, str]]:
    """What a moderator should look at first; never a verdict."""
    found = [{"code": "no_area", "why": "flag.no_area"}] if brief.area is None else []
    refused = any(photo.state == "refused" for photo in pictures)
    return found + ([{"code": "photo_refused", "why": "flag.photo_refused"}] if refused else [])


def drop_tasks(submission_id: str) -> None:
    """Take a withdrawn submission off the desk."""
    held = ModerationTask
    with transaction():
        waiting = update(held).where(held.submission_id == submission_id, held.state == "waiting")
        for row in rows(waiting.values(state="dropped", version=held.version + 1).returning(held.id)):
            deadlines.settle(row.id)


def hurry(task_id: str) -> None:
    """The first look is overdue: the task goes to the head of the queue."""
    held = ModerationTask
    with transaction() as session:
        session.execute(update(held).where(held.id == task_id, held.state == "waiting").values(rank=URGENT))


def claim(caller: Caller, count: int, kind: str | None) -> list[AnyRow]:
    """Take the next `count` tasks in hand for a lease; those that the caller has already are renewed with them."""
    held = ModerationTask
    conditions = [held.state == "waiting", queries.mine_to_see(caller.grants), queries.free()]
    conditions += [held.kind == kind] if kind else []
    following = (
        select(held.id)
        .where(*conditions)
        .order_by(*queries.KEYS)
        .limit(count)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    lease = now() + timedelta(seconds=settings().claim_seconds)
    with transaction():
        taken = rows(
            update(held)
            .where(held.id.in_(following))
            .values(claimed_by=caller.account_id, lease_until=lease, version=held.version + 1)
            .returning(*queries.SHOWN),
            {"me": caller.account_id},
        )
    return sorted(taken, key=lambda row: (row.rank, row.due_at, row.id))


def release(caller: Caller, task_id: str) -> None:
    """Put a task back into the queue. Raises Missing for one that the caller does not have in hand."""
    held = ModerationTask
    with transaction():
        mine = update(held).where(held.id == task_id, held.claimed_by == caller.account_id, held.state == "waiting")
        freed = mine.values(claimed_by=None, lease_until=None, version=held.version + 1)
        if not rows(freed.returning(held.id)):
            raise Missing


def decide(
    caller: Caller,
    task_id: str,
    decision: str,
    reason: str | None,
    note: str | None,
    expected_version: int | None = None,
) -> None:
    """Decide on a task that nobody else has in hand; of two at once, one has effect.

    Raises Missing, Stale, Conflict (`decided_already`, `claimed_by_another`, or the submission has moved on), and
    Invalid where the decision wants a reason or a note.
    """
    if decision not in DECISIONS:
        raise Invalid(Fault("decision", "choice", (("choices", ", ".join(DECISIONS)),)))
    if reason is not None and reason not in REASONS:
        raise Invalid(Fault("reason", "choice", (("choices", ", ".join(REASONS)),)))
    queries.task(caller, task_id)
    with transaction():
        task = locked(ModerationTask, task_id)
        _check_free(task, caller, expected_version)
        moderate(
            task.submission_id,
            decision,
            Actor.of(caller.account_id, "moderator"),
            note,
            ("reason",) if reason else (),
        )
        task.state, task.version = "decided", task.version + 1
        task.decided_by, task.decided_at = caller.account_id, now()
        task.decision, task.reason = decision, reason
        task.claimed_by = task.lease_until = None
        deadlines.settle(task.id)
        db.session.flush()


def _check_free(task: ModerationTask, caller: Caller, expected_version: int | None) -> None:
    if task.state != "waiting":
        raise Conflict("decided_already")
    in_hand = task.claimed_by not in {None, caller.account_id}
    if in_hand and task.lease_until is not None and task.lease_until > now():
        raise Conflict("claimed_by_another")
    if expected_version not in {None, task.version}:
        raise Stale


def unmask(caller: Caller, task_id: str, reason: str) -> dict[str, Any]:
    """Who wrote the submission: name and phone, for a written reason, which the audit trail keeps."""
    task = queries.task(caller, task_id)
    with transaction():
        audit.record("submission.unmasked", "submission", task.submission_id, caller.account_id, reason)
        author = accounts.profile(task.author_id)
    return {"name": author["display_name"], "phone": author["phone"]}
