"""Reads of tasks, within the moderator's scope."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, literal, or_, select

from participate.kernel import gauges
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, Id, UtcTime, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope
from participate.kernel.words import say
from participate.moderation.models import URGENT, ModerationTask
from participate.moderation.visible import visible
from participate.submissions import discretion
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions.barring import barred, units_of

KEYS = (ModerationTask.rank, ModerationTask.due_at, ModerationTask.id)
# What is shown of a task.
SHOWN = (
    ModerationTask.id,
    ModerationTask.submission_id,
    ModerationTask.kind,
    ModerationTask.category,
    ModerationTask.title,
    ModerationTask.area,
    ModerationTask.purpose,
    ModerationTask.flags,
    ModerationTask.rank,
    ModerationTask.opened_at,
    ModerationTask.due_at,
    ModerationTask.warned,
    ModerationTask.state,
    ModerationTask.decision,
    ModerationTask.reason,
    ModerationTask.claimed_by,
    ModerationTask.claimed_at,
    ModerationTask.lease_until,
    ModerationTask.proposed_by,
    ModerationTask.proposal,
    ModerationTask.batch_id,
    ModerationTask.version,
)
ME = bindparam("me", type_=Id)


def mine_to_see(grants: tuple[Grant, ...], role: str = "moderator") -> ColumnElement[bool]:
    """The condition that a task lies in the scope of a moderator (or another `role`), `:me`, who may decide on it.

    They may not on what they have written themselves or rejected before, nor on what is about their own unit or work.
    """
    held, caller = ModerationTask, Caller(grants=grants)
    units = units_of(grants)
    others = [or_(held.about_unit.is_(None), held.about_unit.not_in(units))] if units else []
    others.append(or_(held.kind != SEALED, ~barred(grants, held.submission_id)))
    others += [or_(by.is_(None), by != ME) for by in (held.not_by, held.nor_by)]
    return and_(in_scope(caller, (role,), held.area), held.author_id != ME, *others)


def taken(lease: datetime) -> dict[str, Any]:
    """What a task that `:me` takes in hand, or goes on having, says of that."""
    held = ModerationTask
    moment = literal(now(), UtcTime)
    since = case((held.claimed_by == ME, func.coalesce(held.claimed_at, moment)), else_=moment)
    return {"claimed_at": since, "lease_until": lease}


def free() -> ColumnElement[bool]:
    """The condition that nobody but `:me` has the task in hand."""
    held = ModerationTask
    return or_(held.claimed_by.is_(None), held.claimed_by == ME, held.lease_until <= now())


def task(caller: Caller, task_id: str) -> AnyRow:
    """One task, decided or not. Raises Missing outside the moderator's scope."""
    found = one(_task(caller.grants), {"me": caller.account_id, "id": task_id})
    if found is None:
        raise Missing
    return found


# Put together once for each scope: that takes several times as long as running it.
@lru_cache(maxsize=256)
def _task(grants: tuple[Grant, ...]) -> AnySelect:
    wanted = ModerationTask.id == bindparam("id")
    return select(*SHOWN, ModerationTask.author_id).where(wanted, mine_to_see(grants))


def present(row: AnyRow, language: str) -> dict[str, Any]:
    """A task as the API shows it."""
    held = row.claimed_by is not None and row.lease_until is not None and row.lease_until > now()
    return {
        "id": row.id,
        "submission_id": row.submission_id,
        "kind": row.kind,
        "category": row.category,
        "title": visible(row.title),
        "area": row.area,
        "purpose": row.purpose,
        "flags": [{"code": flag["code"], "why": _why(flag, language)} for flag in row.flags],
        "urgent": row.rank == URGENT,
        "opened_at": discretion.told(row.kind, row.opened_at) if row.opened_at else None,
        "due_at": discretion.until(row.kind, row.due_at),
        "overdue": row.state == "waiting" and row.due_at <= now(),
        "warned": row.warned,
        "state": row.state,
        "decision": row.decision,
        "reason": row.reason,
        "claimed_by": row.claimed_by if held else None,
        "claimed_at": row.claimed_at if held else None,
        "lease_until": row.lease_until if held else None,
        "proposal": {**row.proposal, "by": row.proposed_by} if row.proposal else None,
        "batch_id": row.batch_id,
        "version": row.version,
    }


def _why(flag: dict[str, Any], language: str) -> str:
    return say(flag["why"], language, **flag.get("values", {}))


def waiting(connection: Connection) -> int:
    """How many tasks wait for a decision."""
    return gauges.counted(connection, select(ModerationTask.id).where(ModerationTask.state == "waiting"))
