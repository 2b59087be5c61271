"""Reads of the log: one's own entries, and those of the area that one watches over."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, or_, select

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import said
from participate.submissions.queries import within
from participate.visits.models import Visit

OFFICER, WATCHERS = "grid_officer", ("dispatcher", "supervisor")
KEYS = (Visit.visited_at, Visit.id)
_SHOWN = tuple(column for column in Visit.__table__.columns if column.name != "earlier")
_ONE = select(*Visit.__table__.columns).where(Visit.id == bindparam("id"))


def _reach(caller: Caller) -> ColumnElement[bool]:
    """The condition that the caller may read an entry: who wrote it, and who dispatches or supervises there."""
    held = Visit
    conditions = [within(held.cell, area) for area in caller.areas(*WATCHERS)]
    if caller.has(OFFICER):
        conditions.append(held.officer == caller.account_id)
    return or_(false(), *conditions)


def listed(caller: Caller, filters: dict[str, Any]) -> AnySelect:
    """What the caller may read of the log, narrowed; to be paged by KEYS, the latest visit first."""
    held = Visit
    found = select(*_SHOWN).where(_reach(caller))
    for name in filters.keys() & {"cell", "officer"}:
        found = found.where(getattr(held, name) == filters[name])
    if "area" in filters:
        found = found.where(within(held.cell, filters["area"]))
    if "since" in filters:
        found = found.where(held.visited_at >= said(filters["since"], held.visited_at))
    if "until" in filters:
        found = found.where(held.visited_at < said(filters["until"], held.visited_at))
    return found


def visit(caller: Caller, visit_id: str) -> AnyRow:
    """One entry. Raises Missing where the caller may not read it."""
    found = one(_ONE.where(_reach(caller)), {"id": visit_id})
    if found is None:
        raise Missing
    return found


def present(row: AnyRow) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {column.name: getattr(row, column.name) for column in _SHOWN}


def detail(row: AnyRow) -> dict[str, Any]:
    """An entry by itself, with what it said before."""
    return present(row) | {"earlier": row.earlier}
