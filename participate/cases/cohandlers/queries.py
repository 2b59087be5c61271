"""Reads of co-handlers: of one case, and who among them somebody answers for."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, union_all

from participate.cases import stead
from participate.cases.cohandlers.models import CoHandler
from participate.cases.cohandlers.workflow import COHANDLER, COHANDLING
from participate.cases.guards import ASSIGNEE, UNDONE
from participate.cases.models import Case
from participate.cases.queries import actor as towards_case
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, one, rows
from participate.kernel.errors import Missing
from participate.kernel.workflow import Actor
from participate.submissions.kinds import SEALED

MOST_SHOWN = 50
_FIELDS = ("id", "account", "unit", "state", "named_at", "asked_at", "due_at", "answered_at", "answered_by", "reason")
_OF_CASE = select(*CoHandler.__table__.columns).where(CoHandler.case_id == bindparam("of"))
_LATEST = _OF_CASE.order_by(CoHandler.id.desc()).limit(MOST_SHOWN)
_OPEN = _OF_CASE.where(CoHandler.open).order_by(CoHandler.id)


def of_case(case_id: str) -> Sequence[AnyRow]:
    """Those who handle the case besides its lead, in the order in which they were named."""
    return rows(_OPEN, {"of": case_id})


def shown(caller: Caller, case: AnyRow) -> list[dict[str, Any]]:
    """The MOST_SHOWN last ones, also those who were released, as this caller sees them; the oldest first."""
    return [_present(row, case, caller) for row in reversed(rows(_LATEST, {"of": case.id}))]


def case_of(cohandler_id: str) -> str:
    """The case that a co-handler handles. Raises Missing."""
    found = one(select(CoHandler.case_id).where(CoHandler.id == cohandler_id))
    if found is None:
        raise Missing
    return str(found.case_id)


def took_part(case_id: str, account_ids: Collection[str | None], units: Collection[str]) -> bool:
    """Whether one of the accounts, or of the units, has ever been a co-handler of the case."""
    held = CoHandler
    whose: ColumnElement[bool] = or_(
        held.account.in_(account_ids), held.answered_by.in_(account_ids), held.unit.in_(units)
    )
    return one(select(held.id).where(held.case_id == case_id, whose).limit(1)) is not None


_LEAD = select(Case.id).where(Case.submission_id == bindparam("of"), Case.part_of.is_(None))
_PARTS = select(Case.id).where(Case.part_of.in_(_LEAD))


def joins(caller: Caller, submission_id: str) -> bool:
    """Whether the caller, or a unit for which they handle, is a co-handler of the submission's case, or of a part.

    A deputy is in the stead of one who is away, but for what is sealed.
    """
    too = CoHandler
    own = or_(too.account == stead.ME, too.unit.in_(caller.units("handler")))
    whose = or_(own, and_(too.account.in_(stead.ABSENT), Case.kind != SEALED)) if caller.stands_for else own
    found = (
        select(too.id).join(Case, Case.id == too.case_id).where(Case.id.in_(union_all(_LEAD, _PARTS)), too.open, whose)
    )
    return one(found.limit(1), {"of": submission_id} | stead.asking(caller)) is not None


def actor(caller: Caller, case: Any, row: Any) -> Actor:
    """The caller with the roles that it holds towards this co-handling; who has the case answers for nobody else."""
    known = towards_case(caller, case)
    if row.account == caller.account_id or (row.unit is not None and row.unit in caller.units("handler")):
        return replace(known, roles=known.roles | {COHANDLER})
    if ASSIGNEE not in known.roles and stead.lends(row.account, case.kind, caller, known.roles):
        return replace(known, roles=known.roles | {COHANDLER}, lent={**known.lent, COHANDLER: row.account})
    return known


def _present(row: AnyRow, case: AnyRow, caller: Caller) -> dict[str, Any]:
    offered = stead.offered(COHANDLING, row, actor(caller, case, row), case) if case.state in UNDONE else []
    return {name: getattr(row, name) for name in _FIELDS} | {"moves": offered, "version": row.version}
