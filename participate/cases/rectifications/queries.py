"""Reads of rectifications: the unit's, those that supervisors watch over, and what is published."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select

from participate.cases import clocks
from participate.cases.guards import SUPERVISOR
from participate.cases.rectifications.models import Rectification
from participate.cases.rectifications.workflow import RECTIFICATION, WATCHED
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for
from participate.kernel.workflow import Actor
from participate.submissions.supervisions.barring import barred

VIEWS = ("published", "unit", "watched")
WATCHERS = ("supervisor", "auditor")
KEYS = (Rectification.id,)
PUBLISHED_KEYS = (Rectification.settled_at, Rectification.id)
_COLUMNS = tuple(Rectification.__table__.columns)


def _watched(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    """The condition that the caller, `:me`, watches over the supervision that it comes from, and may know of that."""
    held, caller = Rectification, Caller(grants=grants)
    return and_(in_scope(caller, WATCHERS, held.area), ~barred(grants, held.submission_id))


def _held(grants: tuple[Grant, ...]) -> AnySelect:
    """All, each with whether the caller `watches` over it."""
    return select(*_COLUMNS, func.coalesce(_watched(grants), false()).label("watches"))


def _of_unit(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    return Rectification.unit.in_(Caller(grants=grants).units("handler"))


@lru_cache(maxsize=256)
def listed(grants: tuple[Grant, ...], view: str) -> AnySelect:
    """What is `published`; or open for the caller's units (`unit`), or under their eyes (`watched`)."""
    found = _held(grants)
    if view == "published":
        return found.where(Rectification.settled_at.is_not(None))
    return found.where(Rectification.open, _of_unit(grants) if view == "unit" else _watched(grants))


@lru_cache(maxsize=256)
def _single(grants: tuple[Grant, ...], every: bool) -> AnySelect:
    found = _held(grants).where(Rectification.id == bindparam("id"))
    seen = or_(Rectification.settled_at.is_not(None), _of_unit(grants), _watched(grants))
    return found if every else found.where(seen)


def rectification(caller: Caller, rectification_id: str, every: bool = False) -> AnyRow:
    """One of them; `every`: for whoever has just moved it.

    Raises Missing where it is neither published, nor the caller's unit's, nor under their eyes.
    """
    found = one(_single(caller.grants, every), {"id": rectification_id, "me": caller.account_id})
    if found is None:
        raise Missing
    return found


def row_of(rectification_id: str) -> AnyRow:
    """One of them, for the service itself. Raises Missing."""
    found = one(select(*_COLUMNS).where(Rectification.id == rectification_id))
    if found is None:
        raise Missing
    return found


def open_of(case_id: str) -> AnyRow | None:
    """The one of a case that is open."""
    return one(select(Rectification.id).where(Rectification.case_id == case_id, Rectification.open))


def actor(caller: Caller, row: Any, watches: bool) -> Actor:
    """The caller with the roles held towards it; who `watches` is not of the unit."""
    roles = roles_for(caller, row.area) & {SUPERVISOR} if watches else frozenset[str]()
    if row.unit in caller.units("handler"):
        roles |= {WATCHED}
    return Actor(caller.account_id, roles, caller.stands_for)


def present(row: AnyRow, caller: Caller) -> dict[str, Any]:
    """A rectification as this caller sees it: the supervision that it comes from is for supervisors alone."""
    towards = actor(caller, row, row.watches)
    inside = row.watches or WATCHED in towards.roles
    shown = {name: getattr(row, name) if inside else None for name in ("opinion", "plan", "report")}
    return shown | {
        "id": row.id,
        "reference": row.reference,
        "title": row.title,
        "unit": row.unit,
        "state": row.state,
        "stage": RECTIFICATION.stages[row.state],
        "issued_on": clocks.day(row.issued_at),
        "planned_until": _day(row.planned_until),
        "due_on": _day(row.due_at) if inside else None,
        "late": inside and row.late,
        "sent_back": row.sent_back if inside else 0,
        "result": row.result,
        "settled_on": _day(row.settled_at),
        "submission_id": row.submission_id if row.watches else None,
        "case_id": row.case_id if row.watches else None,
        "moves": RECTIFICATION.offered(row, towards),
        "version": row.version,
    }


def _day(moment: datetime | None) -> str | None:
    """Its day on the city's clock: nobody reads more of when."""
    return clocks.day(moment) if moment is not None else None
