"""What officers write into the log, and when it is forgotten."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from participate.cases import queries as cases
from participate.kernel import retention
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import add, table, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing, Stale
from participate.kernel.ids import new_id
from participate.kernel.offline import check_moment
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import locked
from participate.places import cells
from participate.submissions import queries as submissions
from participate.visits import queries
from participate.visits.models import Visit
from participate.visits.screening import refuse_personal

MOST_CORRECTIONS = 20
_SAID = ("kind", "topics", "text", "follow_up")
_NEW = insert(table(Visit))


def log(caller: Caller, fields: dict[str, Any]) -> str:
    """Write down a visit in one of the caller's cells; returns its id.

    Raises Invalid for a time, place or link that cannot be, and for personal data; Forbidden for others' cells.
    """
    check_moment("visited_at", fields["visited_at"])
    cell = cells.meant(fields.get("cell"), fields.get("place"))
    if queries.OFFICER not in roles_for(caller, cell):
        raise Forbidden("not_your_cell")
    refuse_personal(fields["text"])
    _check_link(caller, fields)
    made = {"id": new_id(), "officer": caller.account_id, "cell": cell, "created_at": now(), "updated_at": now()}
    told = {name: fields[name] for name in (*_SAID, "visited_at")}
    link = {name: fields.get(name) for name in ("submission_id", "case_id")}
    with transaction():
        add(_NEW, made | told | link | {"version": 1, "earlier": []})
    return str(made["id"])


def _check_link(caller: Caller, fields: dict[str, Any]) -> None:
    """What came of the visit must be there for the officer, too."""
    try:
        if fields.get("submission_id"):
            submissions.visible_to(caller, fields["submission_id"])
    except Missing as error:
        raise Invalid(Fault("submission_id", "unknown_code")) from error
    try:
        if fields.get("case_id"):
            cases.case(caller, fields["case_id"])
    except Missing as error:
        raise Invalid(Fault("case_id", "unknown_code")) from error


def correct(caller: Caller, visit_id: str, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Let the caller's own entry say something else, on the day on which it came in; what it said is kept.

    Raises Missing where the caller may not read it, Forbidden for others' entries, Conflict once the day is over or
    after MOST_CORRECTIONS, Stale for another version than the expected one, Invalid for personal data.
    """
    queries.visit(caller, visit_id)
    refuse_personal(fields.get("text", ""))
    with transaction():
        row = locked(Visit, visit_id)
        if row.officer != caller.account_id:
            raise Forbidden("not_your_entry")
        if expected_version not in {None, row.version}:
            raise Stale
        if _day(row.created_at) != _day(now()):
            raise Conflict("day_is_over")
        if len(row.earlier) >= MOST_CORRECTIONS:
            raise Conflict("corrected_enough")
        before = {name: getattr(row, name) for name in _SAID} | {"version": row.version}
        row.earlier = [*row.earlier, before | {"until": now().isoformat()}]
        for name, value in fields.items():
            setattr(row, name, value)
        row.version, row.updated_at = row.version + 1, now()


def _day(moment: datetime) -> Any:
    return moment.astimezone(settings().timezone).date()


def forget_visits() -> int:
    """Forget entries whose time is over, with what they said before; returns how many."""
    old = Visit.visited_at < now() - timedelta(days=settings().keep_visits_days)
    return retention.forget(Visit, old, by=Visit.visited_at)
