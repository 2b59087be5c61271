"""Reads of decisions that were made together."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, not_, or_, select

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope
from participate.kernel.words import say
from participate.moderation.models import ModerationBatch, ModerationBatchItem, ModerationTask
from participate.moderation.queries.tasks import ME
from participate.submissions.supervisions.barring import barred

_SHOWN = (
    ModerationBatch.id,
    ModerationBatch.made_by,
    ModerationBatch.state,
    ModerationBatch.made_at,
    ModerationBatch.undo_until,
    ModerationBatch.ended_at,
)
KEYS = (ModerationBatch.id,)
# What `:me` has made.
MINE = select(*_SHOWN).where(ModerationBatch.made_by == ME)
_ITEMS = (
    select(ModerationBatchItem.task_id, ModerationBatchItem.asked, ModerationBatchItem.outcome)
    .where(ModerationBatchItem.batch_id == bindparam("batch"))
    .order_by(ModerationBatchItem.number)
)


def batch(caller: Caller, batch_id: str) -> AnyRow:
    """A batch. Raises Missing for who has neither made it nor heads the desk wherever its tasks lie."""
    found = one(_batch(caller.grants), {"me": caller.account_id, "id": batch_id})
    if found is None:
        raise Missing
    return found


@lru_cache(maxsize=256)
def _batch(grants: tuple[Grant, ...]) -> AnySelect:
    held, item, task = ModerationBatch, ModerationBatchItem, ModerationTask
    named = and_(item.batch_id == held.id, func.coalesce(item.outcome, "") != "not_found")
    beyond = or_(not_(in_scope(Caller(grants=grants), ("desk_head",), task.area)), barred(grants, task.submission_id))
    elsewhere = select(item.number).join(task, task.id == item.task_id).where(named, beyond).exists()
    return select(*_SHOWN).where(held.id == bindparam("id"), or_(held.made_by == ME, not_(elsewhere)))


def items(batch_id: str) -> Sequence[AnyRow]:
    """What was decided in a batch, in the order in which it was asked for."""
    return rows(_ITEMS, {"batch": batch_id})


def present(row: AnyRow) -> dict[str, Any]:
    """A batch as a list shows it."""
    return {
        "batch_id": row.id,
        "made_by": row.made_by,
        "state": row.state,
        "made_at": row.made_at,
        "undo_until": row.undo_until,
        "ended_at": row.ended_at,
    }


def whole(row: AnyRow, language: str) -> dict[str, Any]:
    """A batch with what was decided in it."""
    waits = "undone" if row.state == "undone" else "ok"
    shown = [
        {
            "task_id": item.task_id,
            "decision": item.asked["decision"]["act"],
            "outcome": item.outcome or waits,
            "errors": [error(field, code, values, language) for field, code, values in item.asked["faults"]],
        }
        for item in items(row.id)
    ]
    return present(row) | {"items": shown}


def error(field: str, code: str, values: dict[str, Any], language: str) -> dict[str, Any]:
    """A fault as problems show it."""
    return {"field": field, "code": code, "message": say(f"fault.{code}", language, **values)}
