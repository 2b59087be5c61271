"""Who had a case for how long: a row for each stretch of time in the same hands, ended when they change."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from participate.cases.models import Case, CaseHolding
from participate.cases.workflow import DUE_STATES
from participate.catalogue.service import calendar
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, Id, add, one, rows, table
from participate.kernel.ids import new_id

MOST_SHOWN = 50
_MS, _MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)
_OF_CASE = CaseHolding.case_id == bindparam("of")
_NEW = insert(table(CaseHolding))
_CURRENT = select(CaseHolding.id, CaseHolding.since).where(_OF_CASE, CaseHolding.until.is_(None))
_ENDED = update(table(CaseHolding)).where(CaseHolding.id == bindparam("holding")).returning(*table(CaseHolding).columns)
_WHO = bindparam("who", type_=Id, expanding=True)
_LATEST = (
    select(*table(CaseHolding).columns)
    .where(_OF_CASE)
    .order_by(CaseHolding.since.desc(), CaseHolding.id.desc())
    .limit(MOST_SHOWN)
)


def hands(case: Case) -> dict[str, Any] | None:
    """In whose hands the case is; None once it waits for nobody but its submitter."""
    if case.state not in DUE_STATES:
        return None
    return {"level": case.level, "area": case.area, "assignee": case.assignee, "unit": case.unit}


def note(case: Case, before: dict[str, Any] | None) -> AnyRow | None:
    """Write down that the case is no longer in the hands that it was in `before`, if it is not.

    Returns the stretch of time that has ended by that, if one has.
    """
    after, ended = hands(case), None
    if after == before:
        return None
    if before is not None:
        ended = _end(case.id)
    if after is not None:
        add(_NEW, {"id": new_id(), "case_id": case.id, "since": now()} | after)
    return ended


def _end(case_id: str) -> AnyRow | None:
    current = one(_CURRENT, {"of": case_id})
    if current is None:  # It was opened in this very transaction, and has found its holder at once.
        return None
    worked = _worked(current.since, now()) // _MS
    return one(_ENDED.values(until=now(), worked_ms=worked), {"holding": current.id})


def _worked(since: datetime, until: datetime) -> timedelta:
    return calendar().elapsed(since, until, "work_hour")


def had(case_ids: Collection[str], account_ids: Collection[str | None], units: Collection[str]) -> bool:
    """Whether one of the accounts, or of the units, has ever held one of the cases."""
    held = CaseHolding
    theirs = or_(held.assignee.in_(_WHO), held.unit.in_(units))
    asked = select(held.id).where(held.case_id.in_(case_ids), theirs).limit(1)
    return one(asked, {"who": list(account_ids)}) is not None


def of_case(case_id: str) -> list[dict[str, Any]]:
    """Whose the case was, oldest first, the MOST_SHOWN last ones."""
    return [_present(row) for row in reversed(rows(_LATEST, {"of": case_id}))]


def _present(row: AnyRow) -> dict[str, Any]:
    until = row.until or max(now(), row.since)
    worked = _worked(row.since, until) if row.worked_ms is None else row.worked_ms * _MS
    return {
        "level": row.level,
        "area": row.area,
        "assignee": row.assignee,
        "unit": row.unit,
        "since": row.since,
        "until": row.until,
        "working_minutes": worked // _MINUTE,
        "total_minutes": (until - row.since) // _MINUTE,
    }
