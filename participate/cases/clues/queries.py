"""Reads of clues, for supervisors whose own work they are not about."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select

from participate.cases.clues.models import Clue
from participate.cases.clues.workflow import CLUE
from participate.cases.concern import has_part
from participate.cases.guards import SUPERVISOR
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for
from participate.kernel.workflow import Actor
from participate.submissions.models import Submission

READERS = ("supervisor", "auditor")
KEYS = (Clue.id,)
_COLUMNS = (*Clue.__table__.columns, Submission.reference, Submission.title, Submission.unit, Submission.kind)


def _seen(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    """The condition that a clue is for the caller, `:me`: in their scope, and not about their own work or unit."""
    return and_(in_scope(Caller(grants=grants), READERS, Clue.area), ~has_part(grants, Clue.about_id))


@lru_cache(maxsize=256)
def listed(grants: tuple[Grant, ...]) -> AnySelect:
    """Those in one `:state`."""
    found = select(*_COLUMNS).join(Submission, Submission.id == Clue.about_id)
    return found.where(Clue.state == bindparam("state"), _seen(grants))


@lru_cache(maxsize=256)
def _single(grants: tuple[Grant, ...]) -> AnySelect:
    found = select(*_COLUMNS).join(Submission, Submission.id == Clue.about_id)
    return found.where(Clue.id == bindparam("id"), _seen(grants))


def clue(caller: Caller, clue_id: str) -> AnyRow:
    """One of them. Raises Missing where it is not for the caller."""
    found = one(_single(caller.grants), {"id": clue_id, "me": caller.account_id})
    if found is None:
        raise Missing
    return found


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles held towards it."""
    return Actor(caller.account_id, roles_for(caller, row.area) & {SUPERVISOR}, caller.stands_for)


def present(row: AnyRow, caller: Caller) -> dict[str, Any]:
    """A clue as the API shows it; what was handed in about it, to who did so alone."""
    own = row.settled_by == caller.account_id
    shown = ("id", "cause", "cause_id", "about_id", "reference", "title", "kind", "unit", "area", "state", "reason")
    return {name: getattr(row, name) for name in shown} | {
        "stage": CLUE.stages[row.state],
        "found_at": row.found_at,
        "supervision_id": row.supervision_id if own else None,
        "moves": CLUE.offered(row, actor(caller, row)),
        "version": row.version,
    }
