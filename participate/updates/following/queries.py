"""Reads of what is followed, and of who follows it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, select

from participate.kernel.db import AnyRow, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import subtree
from participate.updates.following.keys import CELL
from participate.updates.following.models import Follow

# What `:me` follows, to be paged by KEYS.
LISTED = select(Follow.id, Follow.what, Follow.submission_id, Follow.category, Follow.area, Follow.created_at).where(
    Follow.account_id == bindparam("me")
)
KEYS = (Follow.id,)
_FOLLOWED = select(Follow.key).where(Follow.key.in_(bindparam("keys", expanding=True))).distinct()
_MINE = select(Follow.id).where(Follow.key == bindparam("key"), Follow.account_id == bindparam("me"))
_COUNT = select(func.count().label("many")).where(Follow.account_id == bindparam("me"))
_AFTER = (
    select(Follow.account_id)
    .where(Follow.key == bindparam("key"), Follow.account_id > bindparam("after"))
    .order_by(Follow.account_id)
    .limit(bindparam("many"))
)


def present(row: AnyRow) -> dict[str, Any]:
    """As the API shows it."""
    found: dict[str, Any] = row._asdict()
    return found


def follow_of(account_id: str, follow_id: str) -> dict[str, Any]:
    """One that the account follows. Raises Missing."""
    found = one(LISTED.where(Follow.id == bindparam("id")), {"me": account_id, "id": follow_id})
    if found is None:
        raise Missing
    return present(found)


def followed(keys: Collection[str]) -> set[str]:
    """Those of the keys that anybody follows."""
    return {row.key for row in rows(_FOLLOWED, {"keys": list(keys)})} if keys else set()


def page_of(key: str, after: str, many: int) -> list[str]:
    """The next accounts that follow it, by id behind `after`."""
    return [row.account_id for row in rows(_AFTER, {"key": key, "after": after, "many": many})]


def mine(account_id: str, key: str) -> str | None:
    """The id under which the account follows it already."""
    found = one(_MINE, {"key": key, "me": account_id})
    return found.id if found else None


def count(account_id: str) -> int:
    """How much the account follows."""
    (found,) = rows(_COUNT, {"me": account_id})
    return int(found.many)


def lives_in(account_id: str, area: str) -> bool:
    """Whether the account follows a cell in the area, which people do where they live: more is not kept of that."""
    cells = select(Follow.id).where(
        Follow.account_id == bindparam("me"), Follow.what == CELL, subtree(Follow.area, area)
    )
    return one(cells.limit(1), {"me": account_id}) is not None
