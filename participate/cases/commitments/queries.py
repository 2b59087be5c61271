"""Reads of commitments: what is public, and what one answers for or was promised."""

from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from participate.cases import stead
from participate.cases.commitments.models import Commitment
from participate.cases.commitments.workflow import COMMITMENT, OPEN_STATES
from participate.cases.guards import ASSIGNEE
from participate.cases.queries import ROLES
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for
from participate.kernel.workflow import Actor
from participate.submissions.queries import visible_to, within
from participate.submissions.supervisions.barring import barred, is_barred

KEYS = (Commitment.due_at, Commitment.id)
_COLUMNS = tuple(Commitment.__table__.columns)
# All that was promised to one submission, the first promise first.
OF_SUBMISSION = select(*_COLUMNS).where(Commitment.submission_id == bindparam("of")).order_by(Commitment.id)
_ONE = select(*_COLUMNS).where(Commitment.id == bindparam("id"))


def listed(caller: Caller, filters: dict[str, Any]) -> AnySelect:
    """What is public, the most pressing first; or what the caller answers for, or what was promised to one submission.

    `overdue` are those before `:now`. Raises Missing for a submission that the caller does not see.
    """
    held = Commitment
    asked = [stead.asked_by_me(held.submission_id)] if caller.stands_for else []
    found = select(*_COLUMNS, *asked).where(held.open.is_(filters["state"] == "open"))
    if filters["mine"]:
        own = or_(held.assignee == stead.ME, held.unit.in_(caller.units("handler")))
        found = found.where(~barred(caller.grants, held.submission_id))
        seen = or_(held.public.is_(True), in_scope(caller, ROLES, held.handling_area, held.unit))
        found = found.where(or_(own, and_(held.assignee.in_(stead.ABSENT), seen)) if caller.stands_for else own)
    elif "submission_id" in filters:
        visible_to(caller, filters["submission_id"])
    else:
        found = found.where(held.public.is_(True))
    if filters["overdue"]:
        found = found.where(held.open.is_(True), held.due_at < bindparam("now"))
    if "area" in filters:
        found = found.where(within(held.area, filters["area"]))
    for name in filters.keys() & {"unit", "submission_id"}:
        found = found.where(getattr(held, name) == filters[name])
    return found


def commitment(caller: Caller, commitment_id: str) -> AnyRow:
    """One commitment. Raises Missing for who neither answers for it themselves nor sees its submission."""
    found = row_of(commitment_id)
    towards = actor(caller, found)
    if is_barred(caller, found.submission_id):
        raise Missing
    if not found.public and ASSIGNEE not in towards.roles - towards.lent.keys():
        visible_to(caller, found.submission_id)
    return found


def row_of(commitment_id: str) -> AnyRow:
    """One commitment, for whoever has just moved it. Raises Missing."""
    found = one(_ONE, {"id": commitment_id})
    if found is None:
        raise Missing
    return found


def open_of(case_id: str) -> AnyRow | None:
    """The commitment of a case that is still to be kept."""
    return one(select(Commitment.id).where(Commitment.case_id == case_id, Commitment.state.in_(OPEN_STATES)))


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles that it holds towards this commitment."""
    roles = roles_for(caller, row.handling_area, row.unit)
    if row.assignee == caller.account_id or (row.unit is not None and row.unit in caller.units("handler")):
        roles |= {ASSIGNEE}
    elif row.assignee in caller.stands_for:
        return Actor(caller.account_id, roles | {ASSIGNEE}, caller.stands_for, {ASSIGNEE: row.assignee})
    return Actor(caller.account_id, roles)


def present(row: AnyRow, caller: Caller) -> dict[str, Any]:
    """A commitment as this caller sees it: which account answers for it is for the desks."""
    towards = actor(caller, row)
    is_desk = bool(towards.roles & {*ROLES, ASSIGNEE})
    return {
        "id": row.id,
        "submission_id": row.submission_id,
        "reference": row.reference,
        "title": row.title,
        "text": row.text,
        "area": row.area,
        "unit": row.unit,
        "assignee": row.assignee if is_desk else None,
        "state": row.state,
        "stage": COMMITMENT.stages[row.state],
        "promised_at": row.promised_at,
        "first_due_at": row.first_due_at,
        "due_at": row.due_at,
        "overdue": row.open and row.due_at < now(),
        "postponed": row.postponed,
        "kept_at": row.kept_at,
        "reply": row.reply,
        "moves": stead.offered(COMMITMENT, row, towards, row),
        "version": row.version,
    }
