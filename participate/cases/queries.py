"""Reads of cases, within each reader's scope."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from participate.cases.models import Case
from participate.cases.workflow import ASSIGNEE, CASE, DUE_STATES
from participate.kernel.auth import Caller
from participate.kernel.clock import now, rfc3339
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for
from participate.kernel.workflow import Actor, TimelineEntry
from participate.submissions.kinds import SEALED

ROLES = ("grid_officer", "dispatcher", "handler", "supervisor", "auditor")
VIEWS = ("mine", "area", "unit", "overdue", "unrouted")
KEYS = (Case.due_at, Case.id)
_COLUMNS = tuple(Case.__table__.columns)


def mine_to_see(caller: Caller) -> ColumnElement[bool]:
    """The condition that the caller holds the case, or that it lies in the scope of their role."""
    held = Case
    reach = or_(held.assignee == caller.account_id, in_scope(caller, ROLES, held.area, held.unit))
    watchers = or_(held.assignee == caller.account_id, in_scope(caller, ("supervisor", "auditor"), held.area))
    return and_(reach, or_(held.kind != SEALED, watchers))


def listed(caller: Caller, view: str) -> AnySelect:
    """The open cases of one view, to be read in the order of their deadlines; the keys come last."""
    held = Case
    narrowed = {
        "mine": held.assignee == caller.account_id,
        "area": in_scope(caller, ROLES, held.area),
        "unit": held.unit.in_(caller.units(*ROLES)),
        "overdue": and_(held.due_at < now(), held.state.in_(DUE_STATES)),
        "unrouted": held.state.in_(("filed", "objected")),
    }[view]
    keys = (held.due_at.label("key_due"), held.id.label("key_id"))
    return select(*_COLUMNS, *keys).where(held.open, mine_to_see(caller), narrowed)


def case(caller: Caller, case_id: str) -> AnyRow:
    """One case. Raises Missing outside the caller's scope."""
    found = one(select(*_COLUMNS).where(Case.id == case_id, mine_to_see(caller)))
    if found is None:
        raise Missing
    return found


def row_of(case_id: str) -> AnyRow:
    """One case, for whoever has just moved it and may no longer be in scope. Raises Missing."""
    found = one(select(*_COLUMNS).where(Case.id == case_id))
    if found is None:
        raise Missing
    return found


def of_submission(submission_id: str) -> AnyRow | None:
    """The case of a submission, if it has one."""
    return one(select(*_COLUMNS).where(Case.submission_id == submission_id))


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles that it holds towards this case."""
    roles = roles_for(caller, row.area, row.unit)
    handles_unit = row.unit is not None and row.unit in caller.units("handler")
    if row.assignee == caller.account_id or handles_unit:
        roles |= {ASSIGNEE}
    return Actor(caller.account_id, roles)


def timeline(submission_id: str) -> AnySelect:
    """Every step of the case and of its submission, with notes, for those who handle it."""
    held = TimelineEntry
    return select(
        held.at,
        held.subject_type,
        held.move,
        held.source,
        held.target,
        held.actor_role,
        held.note,
        held.id.label("key"),
    ).where(held.thread_id == submission_id)


def present(row: AnyRow, caller: Caller) -> dict[str, Any]:
    """A case as the API shows it to this caller."""
    return {
        "id": row.id,
        "reference": row.reference,
        "submission_id": row.submission_id,
        "kind": row.kind,
        "title": row.title,
        "category": row.category,
        "state": row.state,
        "stage": CASE.stages[row.state],
        "level": row.level,
        "area": row.area,
        "cell": row.cell,
        "unit": row.unit,
        "assignee": row.assignee,
        "due_at": rfc3339(row.due_at),
        "overdue": row.state in DUE_STATES and row.due_at < now(),
        "opened_at": rfc3339(row.opened_at),
        "moves": CASE.offered(row, actor(caller, row)),
        "version": row.version,
    }
