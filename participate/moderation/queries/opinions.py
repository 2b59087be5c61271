"""Reads of second opinions, as each reader may see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, Id, one, rows
from participate.kernel.errors import Missing
from participate.moderation.models import ModerationOpinion
from participate.moderation.queries import colleagues

MOST = 20  # of one task: it is shown with all of them.
_SHOWN = (
    ModerationOpinion.id,
    ModerationOpinion.task_id,
    ModerationOpinion.asked_by,
    ModerationOpinion.asked_of,
    ModerationOpinion.question,
    ModerationOpinion.asked_at,
    ModerationOpinion.given_by,
    ModerationOpinion.decision,
    ModerationOpinion.reason,
    ModerationOpinion.note,
    ModerationOpinion.given_at,
)
_OF_TASK = (
    select(*_SHOWN)
    .where(ModerationOpinion.task_id == bindparam("task", type_=Id))
    .order_by(ModerationOpinion.id)
    .limit(MOST)
)
_ONE = select(ModerationOpinion.task_id).where(ModerationOpinion.id == bindparam("id", type_=Id))


def asked(opinion_id: str) -> AnyRow:
    """Which task it is about. Raises Missing."""
    found = one(_ONE, {"id": opinion_id})
    if found is None:
        raise Missing
    return found


def is_full(task_id: str) -> bool:
    """Whether as many were asked for as a task may have."""
    return len(rows(_OF_TASK, {"task": task_id})) >= MOST


def of_task(task_id: str, caller: Caller) -> list[dict[str, Any]]:
    """The opinions on a task as the API shows them to `caller`, in the order in which they were asked for.

    What others think is kept from whoever is still to say what they think themselves.
    """
    found = rows(_OF_TASK, {"task": task_id})
    people = [account for row in found for account in (row.asked_by, row.asked_of, row.given_by) if account]
    names, is_asked = colleagues.named(people), any(_waits_for(row, caller) for row in found)
    return [_present(row, names, is_asked and not _is_own(row, caller)) for row in found]


def _waits_for(row: AnyRow, caller: Caller) -> bool:
    me = caller.account_id
    return row.given_at is None and row.asked_by != me and row.asked_of in {None, me}


def _is_own(row: AnyRow, caller: Caller) -> bool:
    """Whether the caller has asked for it, or given it."""
    return caller.account_id in {row.asked_by, row.given_by}


def _present(row: AnyRow, names: dict[str, dict[str, Any]], is_kept_back: bool) -> dict[str, Any]:
    said = dict.fromkeys(("decision", "reason", "note"))
    if not is_kept_back:
        said = {"decision": row.decision, "reason": row.reason, "note": row.note}
    return said | {
        "id": row.id,
        "question": row.question,
        "asked_by": names.get(row.asked_by),
        "asked_of": names.get(row.asked_of),
        "asked_at": row.asked_at,
        "given_by": names.get(row.given_by),
        "given_at": row.given_at,
    }


def single(task_id: str, opinion_id: str, caller: Caller) -> dict[str, Any]:
    """One of the task's opinions as the API shows it. Raises Missing."""
    return _first([each for each in of_task(task_id, caller) if each["id"] == opinion_id])


def _first(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if not found:
        raise Missing
    return found[0]
