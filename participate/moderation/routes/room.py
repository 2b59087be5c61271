"""The room that all routes of the desk are registered on, and who may come in."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response

from participate.audit import service as audit
from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.clock import now
from participate.kernel.conditional import answer
from participate.kernel.errors import Fault, Invalid
from participate.kernel.problems import language
from participate.moderation.queries import opinions, tasks
from participate.moderation.visible import visible
from participate.submissions import views

moderation = Room("moderation", "/v1/moderation", "The CPPCC desk")
DESK = staff("moderator")
HEAD = staff("desk_head")
_YEAR = timedelta(days=366)


def period(query: dict[str, Any], usual: timedelta) -> tuple[datetime, datetime]:
    """From when to before when figures are wanted: `usual` before now, or what `since` and `until` say.

    Raises Invalid for none or for more than a year.
    """
    until = query.get("until") or now()
    try:
        since = query.get("since") or until - usual
    except OverflowError as error:
        raise Invalid(Fault("until", "period", (("days", _YEAR.days),))) from error
    if not timedelta(0) < until - since <= _YEAR:
        raise Invalid(Fault("until", "period", (("days", _YEAR.days),)))
    return since, until


def whole_task(task_id: str) -> Response:
    """A task with its submission as the desk sees it, private data included: that somebody has seen it is kept."""
    row = tasks.task(caller(), task_id)
    shown = tasks.present(row, language())
    shown["submission"] = views.single(row.submission_id, caller(), language())
    shown["escaped"] = _escaped(shown["submission"])
    shown["opinions"] = opinions.of_task(task_id, caller())
    audit.record("submission.opened_at_desk", "submission", row.submission_id, caller().account_id, task=task_id)
    return answer(shown, row.version)


def _escaped(submission: dict[str, Any]) -> dict[str, str | None] | None:
    """Title and body with what hides in them written out; None where nothing does."""
    stored = {name: submission[name] for name in ("title", "body")}
    shown = {name: text and visible(text) for name, text in stored.items()}
    return shown if shown != stored else None
