"""With whom a moderator shares a desk: those whose scope and theirs have something in common."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from participate.accounts import queries as accounts
from participate.accounts.models import Account, RoleGrant
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, Id, rows
from participate.kernel.errors import Fault, Invalid, Missing
from participate.kernel.scopes import subtree
from participate.moderation.queries import tasks

KEYS = (Account.id,)
_NAMES = select(Account.id, Account.display_name).where(Account.id.in_(bindparam("ids", expanding=True)))


@lru_cache(maxsize=256)
def listed(grants: tuple[Grant, ...]) -> AnySelect:
    """The other moderators whose scope covers some of that of `:me`, or the other way round."""
    held = RoleGrant
    shared = or_(*_shared(Caller(grants=grants).areas("moderator")))
    those = select(held.account_id).where(held.role == "moderator", shared)
    return select(Account.id, Account.display_name).where(
        Account.id.in_(those), Account.disabled_at.is_(None), Account.id != bindparam("me", type_=Id)
    )


def _shared(areas: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    for area in areas:
        yield subtree(RoleGrant.area, area)
        yield RoleGrant.area.in_([area[:length] for length in range(len(area))])


def present(row: AnyRow) -> dict[str, Any]:
    """A colleague as the API shows one."""
    return {"id": row.id, "name": row.display_name}


def named(account_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Staff as the API shows them, by id."""
    found = rows(_NAMES, {"ids": sorted(set(account_ids))}) if account_ids else []
    return {row.id: present(row) for row in found}


def check(field: str, caller: Caller, account_id: str, task_id: str) -> None:
    """Raises Invalid where `account_id` is not another who may decide on the task."""
    try:
        if account_id == caller.account_id:
            raise Missing
        tasks.task(accounts.grantee(account_id) or Caller(), task_id)
    except Missing as error:
        raise Invalid(Fault(field, "may_not_decide")) from error
