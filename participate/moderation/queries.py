"""Reads of the desk: the queue in its order, within the moderator's scope."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from participate.kernel.auth import Caller
from participate.kernel.clock import now, rfc3339
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope
from participate.moderation.models import ModerationTask

KEYS = (ModerationTask.rank, ModerationTask.due_at, ModerationTask.id)
_COLUMNS = tuple(ModerationTask.__table__.columns)


def mine_to_see(caller: Caller) -> ColumnElement[bool]:
    """The condition that a task lies in the moderator's scope and that they may decide on it."""
    held = ModerationTask
    return and_(
        in_scope(caller, ("moderator",), held.area),
        held.author_id != caller.account_id,
        or_(held.not_by.is_(None), held.not_by != caller.account_id),
    )


def free_for(caller: Caller) -> ColumnElement[bool]:
    """The condition that nobody else has the task in hand."""
    held = ModerationTask
    return or_(held.claimed_by.is_(None), held.claimed_by == caller.account_id, held.lease_until <= now())


def queue(caller: Caller, kind: str | None, flag: str | None) -> AnySelect:
    """What waits, in the queue's order; the keys come last."""
    held = ModerationTask
    conditions = [held.state == "waiting", mine_to_see(caller)]
    conditions += [held.kind == kind] if kind else []
    conditions += [held.flag_codes.contains(f" {flag} ", autoescape=True)] if flag else []
    keys = (held.rank.label("key_rank"), held.due_at.label("key_due"), held.id.label("key_id"))
    return select(*_COLUMNS, *keys).where(*conditions)


def task(caller: Caller, task_id: str) -> AnyRow:
    """One task, decided or not. Raises Missing outside the moderator's scope."""
    found = one(select(*_COLUMNS).where(ModerationTask.id == task_id, mine_to_see(caller)))
    if found is None:
        raise Missing
    return found


def present(row: Any) -> dict[str, Any]:
    """A task as the API shows it."""
    held = row.claimed_by is not None and row.lease_until is not None and row.lease_until > now()
    return {
        "id": row.id,
        "submission_id": row.submission_id,
        "kind": row.kind,
        "title": row.title,
        "area": row.area,
        "flags": row.flags,
        "urgent": row.rank == 0,
        "due_at": rfc3339(row.due_at),
        "state": row.state,
        "decision": row.decision,
        "claimed_by": row.claimed_by if held else None,
        "lease_until": rfc3339(row.lease_until) if held else None,
        "version": row.version,
    }
