"""Reads of requests to learn who wrote a micro-supervision."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.auth import Caller
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, one, rows
from participate.kernel.errors import Missing
from participate.kernel.workflow import Actor
from participate.submissions import queries as submissions
from participate.submissions.kinds import SEALED
from participate.submissions.unmasking.models import Unmasking
from participate.submissions.unmasking.workflow import UNMASKING

MOST = 50  # of one submission
_COLUMNS = tuple(Unmasking.__table__.columns)
_OF = select(*_COLUMNS).where(Unmasking.submission_id == bindparam("of")).order_by(Unmasking.id.desc()).limit(MOST)
_ONE = select(*_COLUMNS).where(Unmasking.id == bindparam("id"), Unmasking.submission_id == bindparam("of"))


def of(caller: Caller, submission_id: str) -> tuple[AnyRow, Sequence[AnyRow]]:
    """The submission, and the latest requests about it; its author learns of those that were granted.

    Raises Missing for who is neither its author nor at its desk, and for what is no micro-supervision.
    """
    held = submissions.seen(caller, submission_id)
    if held.kind != SEALED:
        raise Missing
    found = rows(_OF, {"of": submission_id})
    return held, [row for row in found if not held.is_own or row.state == "granted"]


def single(submission_id: str, unmasking_id: str) -> AnyRow:
    """One request. Raises Missing."""
    found = one(_ONE, {"id": unmasking_id, "of": submission_id})
    if found is None:
        raise Missing
    return found


def actor(caller: Caller, held: AnyRow) -> Actor:
    """The caller with the roles held towards the submission; its author has none here."""
    roles = frozenset[str]() if held.is_own else submissions.actor(caller, held).roles
    return Actor(caller.account_id, roles, caller.stands_for)


def _day(moment: datetime) -> str:
    return moment.astimezone(settings().timezone).date().isoformat()


def present(row: AnyRow, held: AnyRow, caller: Caller) -> dict[str, Any]:
    """A request as the desk sees it; its author reads that it happened, and on which day."""
    desk = not held.is_own
    return {
        "id": row.id,
        "state": row.state,
        "asked_on": _day(row.asked_at),
        "decided_on": _day(row.decided_at) if row.decided_at else None,
        "reason": row.reason if desk else None,
        "asked_by": row.asked_by if desk else None,
        "decided_by": row.decided_by if desk else None,
        "moves": UNMASKING.offered(row, actor(caller, held)),
        "version": row.version,
    }
