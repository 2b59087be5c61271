"""Reads of the desk: the queue in its order, within the moderator's scope."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select

from participate.kernel import gauges
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, Id, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope
from participate.kernel.words import say
from participate.moderation.models import ModerationTask

KEYS = (ModerationTask.rank, ModerationTask.due_at, ModerationTask.id)
# What is shown of a task.
SHOWN = (
    ModerationTask.id,
    ModerationTask.submission_id,
    ModerationTask.kind,
    ModerationTask.title,
    ModerationTask.area,
    ModerationTask.flags,
    ModerationTask.rank,
    ModerationTask.due_at,
    ModerationTask.state,
    ModerationTask.decision,
    ModerationTask.claimed_by,
    ModerationTask.lease_until,
    ModerationTask.version,
)
_ME = bindparam("me", type_=Id)


def mine_to_see(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    """The condition that a task lies in the scope of a moderator, `:me`, and that they may decide on it."""
    held = ModerationTask
    reach = in_scope(Caller(grants=grants), ("moderator",), held.area)
    return and_(reach, held.author_id != _ME, or_(held.not_by.is_(None), held.not_by != _ME))


def free() -> ColumnElement[bool]:
    """The condition that nobody but `:me` has the task in hand."""
    held = ModerationTask
    return or_(held.claimed_by.is_(None), held.claimed_by == _ME, held.lease_until <= now())


# Put together once for each scope: that takes several times as long as running it.
@lru_cache(maxsize=256)
def queue(grants: tuple[Grant, ...], kind: str | None, flag: str | None) -> AnySelect:
    """What waits in the scope of a moderator, `:me`."""
    held = ModerationTask
    conditions = [held.state == "waiting", mine_to_see(grants)]
    conditions += [held.kind == kind] if kind else []
    conditions += [held.flag_codes.contains(f" {flag} ", autoescape=True)] if flag else []
    return select(*SHOWN).where(*conditions)


def task(caller: Caller, task_id: str) -> AnyRow:
    """One task, decided or not. Raises Missing outside the moderator's scope."""
    found = one(_task(caller.grants), {"me": caller.account_id, "id": task_id})
    if found is None:
        raise Missing
    return found


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
        "title": row.title,
        "area": row.area,
        "flags": [{"code": flag["code"], "why": say(flag["why"], language)} for flag in row.flags],
        "urgent": row.rank == 0,
        "due_at": row.due_at,
        "state": row.state,
        "decision": row.decision,
        "claimed_by": row.claimed_by if held else None,
        "lease_until": row.lease_until if held else None,
        "version": row.version,
    }


def waiting(connection: Connection) -> int:
    """How many tasks wait for a decision."""
    return gauges.counted(connection, select(ModerationTask.id).where(ModerationTask.state == "waiting"))
