"""Reads of parts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.cases.models import Case
from participate.cases.parts.workflow import PART
from participate.cases.workflow import DUE_STATES
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, rows

_SHOWN = ("id", "reference", "title", "state", "level", "area", "assignee", "unit", "due_at")
_OF_LEAD = select(*Case.__table__.columns).where(Case.part_of == bindparam("of")).order_by(Case.id)


def of_lead(case_id: str) -> Sequence[AnyRow]:
    """The parts that were ever made of a case, few as they may be, in that order."""
    return rows(_OF_LEAD, {"of": case_id})


def shown(case: AnyRow) -> list[dict[str, Any]]:
    """A case's parts as everybody who sees the case may know of them."""
    return [_present(row) for row in of_lead(case.id)] if case.parts else []


def _present(row: AnyRow) -> dict[str, Any]:
    overdue = row.state in DUE_STATES and row.due_at < now()
    return {name: getattr(row, name) for name in _SHOWN} | {"stage": PART.stages[row.state], "overdue": overdue}


def relatives(case: Any) -> list[str]:
    """The lead of a part, or the parts of a lead. Another part of the same lead is other work."""
    return [case.part_of] if case.part_of else [row.id for row in of_lead(case.id)] if case.parts else []
