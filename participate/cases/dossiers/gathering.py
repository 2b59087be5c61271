"""Gathers what a reader may see of a proposal; it shows nothing that they could not read elsewhere."""

from collections.abc import Sequence
from typing import Any

from participate.cases import queries as cases
from participate.cases.cohandlers import queries as cohandlers
from participate.cases.commitments import queries as commitments
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, rows
from participate.kernel.errors import Missing
from participate.kernel.workflow import TimelineEntry
from participate.photos import queries as photos
from participate.submissions import queries as submissions
from participate.submissions import views
from participate.submissions.proposals import queries as proposals

MOST_STEPS = 300  # of the timeline, the first ones; as many take a second to print
_KEPT = (
    *("id", "reference", "kind", "title", "category", "source", "state", "stage", "place", "created_at", "updated_at"),
    *("due_at", "affected", "body", "details", "anonymous", "redacted", "author", "lineage", "filing"),
)
_PROMISED = ("text", "unit", "assignee", "state", "promised_at", "first_due_at", "due_at", "kept_at", "reply")
_SIGNED = ("account", "unit", "state", "asked_at", "answered_at", "reason")
_PICTURED = ("id", "purpose", "width", "height")


def gathered(caller: Caller, submission_id: str, language: str) -> tuple[dict[str, Any], Sequence[AnyRow]]:
    """All of it, and the photos whose pictures go along. Raises Missing for what is no proposal that they may see."""
    row = submissions.seen(caller, submission_id)
    if row.kind != "micro_proposal":
        raise Missing
    in_full = submissions.audience(row) != "public"
    shown = views.shown(row, (), caller, language, row.is_own, in_full)
    steps = _steps(row, language)
    pictured = [each for each in photos.of_subject(row.id) if photos.checked(each)]
    pictured = [each for each in pictured if photos.shown_to(each, submissions.audience(row))]
    told = {
        "seen_as": submissions.audience(row),
        "proposal": {name: shown[name] for name in _KEPT},
        "unit": row.unit,
        "timeline": steps[:MOST_STEPS],
        "cut": len(steps) > MOST_STEPS,
        "replies": [step for step in steps if step["answer_class"] is not None],
        "talks": [step for step in steps if step["move"] == "talk"],
        "promises": _promises(caller, row.id),
        "countersignatures": _countersigned(caller, row.id),
        "ratings": proposals.rated(row.id, in_sum_of_few=row.is_desk),
        "photos": [{name: getattr(each, name) for name in _PICTURED} for each in pictured],
    }
    return told, pictured


def _steps(row: AnyRow, language: str) -> list[dict[str, Any]]:
    statement = submissions.timeline(submissions.audience(row)).order_by(TimelineEntry.id).limit(MOST_STEPS + 1)
    return [views.step(each, language, row.reference, row.kind) for each in rows(statement, {"thread": row.id})]


def _promises(caller: Caller, submission_id: str) -> list[dict[str, Any]]:
    found = rows(commitments.OF_SUBMISSION, {"of": submission_id})
    return [_picked(commitments.present(each, caller), _PROMISED) for each in found]


def _countersigned(caller: Caller, submission_id: str) -> list[dict[str, Any]]:
    """Who has handled it besides its lead, for whoever sees the case."""
    found = cases.of_submission(submission_id)
    try:
        case = cases.case(caller, found.id) if found is not None else None
    except Missing:
        case = None
    return [_picked(each, _SIGNED) for each in cohandlers.shown(caller, case)] if case is not None else []


def _picked(item: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: item[name] for name in names}
