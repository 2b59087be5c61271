"""A clue's verbs: it is found, and a supervisor hands in a supervision about it or dismisses it."""

from typing import Any

from sqlalchemy import select

from participate.cases.clues import queries
from participate.cases.clues.models import BROKEN, REOPENED, Clue
from participate.cases.clues.workflow import CLUE, FIND
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, one, transaction
from participate.kernel.ids import new_id
from participate.kernel.workflow import THE_SYSTEM, apply, begin, locked
from participate.submissions import queries as submissions
from participate.submissions.kinds import CASE, SEALED
from participate.submissions.models import Submission
from participate.submissions.service import submit

REOPENINGS = 2  # so often it was opened again


def find_broken(commitment_id: str, submission_id: str, area: str | None) -> None:
    """A promise to a submission was broken; once for each promise."""
    _find(BROKEN, commitment_id, submission_id, area)


def find_reopened(submission_id: str) -> None:
    """A submission was opened again; from the second time on, once."""
    held = one(select(Submission.reopenings, Submission.area).where(Submission.id == submission_id))
    if held is not None and held.reopenings >= REOPENINGS:
        _find(REOPENED, submission_id, submission_id, held.area)


def _find(cause: str, cause_id: str, about_id: str, area: str | None) -> None:
    with transaction():
        about = locked(Submission, about_id)
        known = select(Clue.id).where(Clue.cause == cause, Clue.cause_id == cause_id)
        if about.kind == SEALED or one(known) is not None:
            return
        made = Clue(id=new_id(), cause=cause, cause_id=cause_id, about_id=about_id, area=area, found_at=now())
        made.state, made.version = CLUE.initial, 1
        db.session.add(made)
        db.session.flush()
        begin(CLUE, made, FIND, THE_SYSTEM)


def move(caller: Caller, clue_id: str, name: str, note: str | None, version: int | None = None) -> None:
    """Take it up, or dismiss it. Raises Missing where it is not for the caller, and as `apply`."""
    seen = queries.clue(caller, clue_id)
    with transaction():
        made = locked(Clue, clue_id)
        apply(CLUE, made, name, queries.actor(caller, made), note=note, expected_version=version)
        made.settled_by, made.settled_at, made.reason = caller.account_id, now(), note
        if made.state == "taken_up":
            made.supervision_id = submit(str(caller.account_id), SEALED, _about(seen, note or "")).id


def _about(seen: Any, note: str) -> dict[str, Any]:
    """The supervision as the supervisor hands it in; also of what not everyone may see the case is named."""
    brief = submissions.brief(seen.about_id)
    details = {"watched_submission": brief.id} | ({"target": CASE} if brief.public else {})
    place = {"lat": brief.lat, "lon": brief.lon, "crs": "wgs84"} if brief.lat is not None else None
    return {"title": seen.reference, "body": note, "details": details} | ({"place": place} if place else {})
