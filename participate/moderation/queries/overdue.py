"""What waits longer than it may, for the head of the desk."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, UtcTime, one
from participate.kernel.errors import Missing
from participate.moderation.models import URGENT, ModerationTask
from participate.moderation.queries import colleagues
from participate.moderation.queries.tasks import SHOWN, mine_to_see

KEYS = (ModerationTask.due_at, ModerationTask.id)
_HEAD = "desk_head"
_PEOPLE = ("in_hand_of", "proposed_by")


@lru_cache(maxsize=256)
def overdue(grants: tuple[Grant, ...]) -> AnySelect:
    """What should have been decided by `:now` in the scope of the head of a desk, `:me`."""
    held = ModerationTask
    late = held.rank == URGENT, held.due_at <= bindparam("now", type_=UtcTime)
    return select(*SHOWN).where(held.state == "waiting", *late, mine_to_see(grants, _HEAD))


def with_names(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks of a page, each with who has it in hand and who has proposed something, by name: one statement."""
    asked = [
        item | {"in_hand_of": item["claimed_by"], "proposed_by": (item["proposal"] or {}).get("by")} for item in items
    ]
    names = colleagues.named([item[who] for item in asked for who in _PEOPLE if item[who]])
    return [item | {who: names.get(item[who]) for who in _PEOPLE} for item in asked]


def task(caller: Caller, task_id: str) -> AnyRow:
    """A task in the scope of the head of a desk. Raises Missing."""
    found = one(_task(caller.grants), {"me": caller.account_id, "id": task_id})
    if found is None:
        raise Missing
    return found


@lru_cache(maxsize=256)
def _task(grants: tuple[Grant, ...]) -> AnySelect:
    return select(*SHOWN).where(ModerationTask.id == bindparam("id"), mine_to_see(grants, _HEAD))
