"""Scopes: what lies below an area, as a range of codes, and what a caller's roles reach, as a query filter."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from participate.kernel.auth import Caller


def subtree(column: ColumnElement[Any] | InstrumentedAttribute[Any], code: str) -> ColumnElement[bool]:
    """The condition that `column` holds `code` or a code below it; an empty `code` stands for everything.

    A range, which an index serves on every database, where LIKE would depend on collation and settings. The
    column must be in byte order: see `kernel.db.code`. Its ends are part of the statement's text: see `said`.
    """
    if not code:
        return true()
    return and_(column >= said(code, column), column < said(after(code), column))


def said(value: Any, column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """`value`, to be compared with `column`, written out in the statement.

    With a parameter PostgreSQL soon makes one plan for all values: for a city and a village, for this minute and
    last year. Where the best plan hangs on how many rows a range holds, that was measured at up to 65 times the time.
    """
    return literal(value, column.type, literal_execute=True)


def after(code: str) -> str:
    """The first text, in byte order, behind all that begin with `code`."""
    return code[:-1] + chr(ord(code[-1]) + 1)


# What lies in no known area has no desk of its own, so these desks see it wherever they are.
_FOR_NOWHERE = frozenset({"moderator", "desk_head", "dispatcher", "auditor"})


def in_scope(
    caller: Caller,
    roles: Collection[str],
    area: ColumnElement[Any] | InstrumentedAttribute[Any],
    unit: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None,
) -> ColumnElement[bool]:
    """The condition that a row lies in the scope in which `caller` holds one of `roles`; the twin of `roles_for`."""
    conditions = [subtree(area, code) for code in caller.areas(*roles)]
    if caller.areas(*_FOR_NOWHERE.intersection(roles)):
        conditions.append(area.is_(None))
    units = caller.units(*roles)
    if units and unit is not None:
        conditions.append(unit.in_(units))
    return or_(false(), *conditions)


def roles_for(caller: Caller, area: str | None, unit: str | None = None) -> frozenset[str]:
    """The roles that `caller` holds towards a row in this area, handled by this unit; the twin of `in_scope`."""
    return frozenset(
        grant.role
        for grant in caller.grants
        if (grant.area is not None and area is not None and area.startswith(grant.area))
        or (grant.area is not None and area is None and (grant.role in _FOR_NOWHERE or grant.area == ""))
        or (grant.unit is not None and grant.unit == unit)
    )
