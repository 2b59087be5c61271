"""Reads of broadcasts, and of whom they reach."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for, subtree
from participate.kernel.workflow import Actor
from participate.updates.broadcasts.models import Broadcast
from participate.updates.broadcasts.workflow import BROADCAST, ROLES
from participate.updates.following.keys import CELL
from participate.updates.following.models import Follow

READERS = (*ROLES, "auditor")
KEYS = (Broadcast.created_at, Broadcast.id)
_SHOWN = tuple(column for column in Broadcast.__table__.columns if not column.name.startswith("after_"))
_ONE = select(*_SHOWN).where(Broadcast.id == bindparam("id"))
_SINCE = select(func.count().label("many")).where(
    Broadcast.author_id == bindparam("author"), Broadcast.created_at > bindparam("since")
)


def listed(caller: Caller) -> AnySelect:
    """What goes to the areas that the caller answers for; to be paged by KEYS, the latest first."""
    return select(*_SHOWN).where(in_scope(caller, READERS, Broadcast.area))


def broadcast(caller: Caller, broadcast_id: str) -> AnyRow:
    """One of them. Raises Missing for another area's."""
    found = one(_ONE, {"id": broadcast_id})
    if found is None or not roles_for(caller, found.area) & set(READERS):
        raise Missing
    return found


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles held for the whole of the broadcast's area."""
    return Actor(caller.account_id, roles_for(caller, row.area) & frozenset(ROLES))


def present(row: AnyRow, caller: Caller) -> dict[str, Any]:
    """A broadcast as the API shows it, with the moves that the caller may make now."""
    shown: dict[str, Any] = row._asdict()
    return shown | {"moves": BROADCAST.offered(row, actor(caller, row))}


def made_since(author_id: str, since: datetime) -> int:
    """How many somebody has announced since then."""
    (found,) = rows(_SINCE, {"author": author_id, "since": since})
    return int(found.many)


def people(area: str) -> int:
    """How many a notice to this area would reach."""
    held = Follow
    asked = select(func.count(held.account_id.distinct()).label("many"))
    (found,) = rows(asked.where(held.what == CELL, subtree(held.area, area)))
    return int(found.many)


def page_of(row: Broadcast, many: int) -> Sequence[AnyRow]:
    """The next `account_id`s that it reaches, each with the cell (`area`) that they follow."""
    held = Follow
    asked = select(held.area, held.account_id).where(held.what == CELL, subtree(held.area, row.area))
    behind = tuple_(held.area, held.account_id) > tuple_(
        bindparam("area", type_=held.area.type), bindparam("account", type_=held.account_id.type)
    )
    asked = asked.where(behind).order_by(held.area, held.account_id).limit(many)
    return rows(asked, {"area": row.after_area, "account": row.after_account})
