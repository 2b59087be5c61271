"""Who has what in hand: tasks are claimed for a lease, renewed, released, and handed on."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, literal, select, update

from participate.accounts import queries as accounts
from participate.audit import service as audit
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, UtcTime, db, rows, transaction
from participate.kernel.errors import Conflict, Missing, Stale
from participate.kernel.words import say
from participate.kernel.workflow import locked
from participate.moderation import notes, telling
from participate.moderation.models import ModerationTask
from participate.moderation.queries import colleagues, queue, tasks
from participate.moderation.queries.queue import Wanted

HANDED_OVER = timedelta(hours=4)  # Whoever is handed a task has not been waiting for it.
_LOOKED_AT = 2  # times as many as are wanted: others may be taking the first ones just now


def claim(caller: Caller, count: int, wanted: Wanted) -> list[AnyRow]:
    """Take the next `count` tasks in hand for a lease; those that the caller has already are renewed with them.

    Of two who claim at once each gets others. Raises Invalid for a bad `q`.
    """
    with transaction():
        held, ids = ModerationTask, _next(caller, count, wanted)
        lease = now() + timedelta(seconds=settings().claim_seconds)
        mine = _in_my_hand()
        kept = and_(mine, held.lease_until > literal(lease, UtcTime))
        values = tasks.taken(lease) | {
            "claimed_by": caller.account_id,
            "lease_until": case((kept, held.lease_until), else_=literal(lease, UtcTime)),
            "version": case((mine, held.version), else_=held.version + 1),
        }
        claimed = update(held).where(held.id.in_(ids)).values(**values)
        shown = *tasks.SHOWN, *telling.SEEN
        taken = rows(claimed.returning(*dict.fromkeys(shown)), {"me": caller.account_id}) if ids else []
        telling.tell("claimed", *taken)
    return sorted(taken, key=lambda row: (row.rank, row.due_at, row.id))


def _in_my_hand() -> ColumnElement[bool]:
    held = ModerationTask
    return and_(held.claimed_by == tasks.ME, held.lease_until > literal(now(), UtcTime))


def _next(caller: Caller, count: int, wanted: Wanted) -> list[str]:
    """The next ones that are free, locked; what others are just taking is left to them."""
    found, cursor, held = list[str](), None, ModerationTask
    while len(found) < count:
        ahead = queue.listed(caller, replace(wanted, view="free"), _only_id, count * _LOOKED_AT, cursor)
        still_free = held.id.in_([each["id"] for each in ahead["items"]]), held.state == "waiting", tasks.free()
        first = select(held.id).where(*still_free).order_by(*tasks.KEYS).limit(count - len(found))
        got = rows(first.with_for_update(skip_locked=True), {"me": caller.account_id})
        found += [row.id for row in got]
        cursor = ahead["next"]
        if cursor is None:
            break
    return found


def _only_id(row: AnyRow) -> dict[str, str]:
    return {"id": row.id}


def take(caller: Caller, task_id: str) -> None:
    """Take this task in hand for a lease, or renew the lease, which is never made shorter.

    To renew changes nothing of the task's version. Raises Missing, and Conflict (`decided_already`,
    `claimed_by_another`).
    """
    tasks.task(caller, task_id)
    with transaction():
        task = locked(ModerationTask, task_id)
        check_free(task, caller, None)
        lease = now() + timedelta(seconds=settings().claim_seconds)
        if task.claimed_by == caller.account_id and task.lease_until is not None and task.lease_until > now():
            task.lease_until = max(task.lease_until, lease)
            telling.tell("claimed", task)
        else:
            _give(task, caller.account_id, lease)
        db.session.flush()


def _give(task: ModerationTask, account_id: str | None, lease: datetime) -> None:
    task.claimed_by, task.claimed_at, task.lease_until = account_id, now(), lease
    task.version += 1
    telling.tell("claimed", task)


def release(caller: Caller, task_id: str) -> None:
    """Put a task back into the queue. Raises Missing for one that the caller does not have in hand."""
    held = ModerationTask
    with transaction():
        mine = update(held).where(held.id == task_id, held.claimed_by == caller.account_id, held.state == "waiting")
        freed = mine.values(claimed_by=None, claimed_at=None, lease_until=None, version=held.version + 1)
        found = rows(freed.returning(*dict.fromkeys((*tasks.SHOWN, *telling.SEEN))))
        if not found:
            raise Missing
        telling.tell("released", *found)


def hand_over(caller: Caller, task_id: str, to: str, note: str | None) -> None:
    """Hand a task that nobody else has in hand to a colleague, who hears of it by a mention and has it for longer.

    Raises Missing, Invalid for who may not decide on it, and Conflict as `take` does.
    """
    tasks.task(caller, task_id)
    colleagues.check("to", caller, to, task_id)
    with transaction():
        task = locked(ModerationTask, task_id)
        check_free(task, caller, None)
        _give(task, to, now() + HANDED_OVER)
        body = note or say("moderation.handed_over", accounts.language_of(to))
        notes.add(task, caller.account_id or "", body, [to])
        audit.record("moderation_task.handed_over", "moderation_task", task_id, caller.account_id, to=to)
        db.session.flush()


def check_free(task: ModerationTask, caller: Caller, expected_version: int | None) -> None:
    """Raises Conflict for a task that does not wait, or that another has in hand, and Stale for another version."""
    if task.state != "waiting":
        raise Conflict("decided_already")
    in_hand = task.claimed_by not in {None, caller.account_id}
    if in_hand and task.lease_until is not None and task.lease_until > now():
        raise Conflict("claimed_by_another")
    if expected_version not in {None, task.version}:
        raise Stale
