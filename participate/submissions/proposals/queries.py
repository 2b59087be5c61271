"""Reads of proposals: those that are filed, and what one has besides other submissions."""

from typing import Any

from sqlalchemy import bindparam, case, func, select

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.disclosure import LEAST
from participate.submissions.models import Rating, Submission
from participate.submissions.proposals import service
from participate.submissions.proposals.models import MARKS, SIGNED, Proposal
from participate.submissions.workflow import SUBMISSION

KEYS = (Proposal.year, Proposal.number)
_LISTED = (
    select(
        *(Proposal.id, Proposal.year, Proposal.number, Proposal.filed_at, Proposal.hard, Proposal.key),
        *(Proposal.excellent, Submission.filed_as, Submission.reference, Submission.title, Submission.state),
        *(Submission.area, Submission.unit, Submission.due_at),
    )
    .join(Submission, Submission.id == Proposal.id)
    .where(Submission.public.is_(True))
)
_LISTS = {None: _LISTED} | {mark: _LISTED.where(getattr(Proposal, mark).is_(True)) for mark in MARKS}
_LISTS_OF_YEAR = {mark: listed.where(Proposal.year == bindparam("year")) for mark, listed in _LISTS.items()}
_ONE = select(Proposal.hard, Proposal.key, Proposal.excellent).where(Proposal.id == bindparam("id"))


def listed(query: dict[str, Any]) -> tuple[AnySelect, dict[str, Any]]:
    """What is filed, of a year or with a mark where the query says so, with its parameters."""
    if "year" in query:
        return _LISTS_OF_YEAR[query.get("mark")], {"year": query["year"]}
    return _LISTS[query.get("mark")], {}


def present(row: AnyRow) -> dict[str, Any]:
    """A filed proposal in the list."""
    plain = ("id", "reference", "filed_at", "title", "state", "area", "unit", "due_at", "hard", "key", "excellent")
    named = {name: getattr(row, name) for name in plain}
    return named | {"number": row.filed_as, "stage": SUBMISSION.stages[row.state]}


_RATED = (
    select(Rating.answer, func.count().label("rated"), func.avg(Rating.satisfaction).label("satisfaction"))
    .add_columns(func.sum(case((Rating.resolved, 1), else_=0)).label("resolved"))
    .where(Rating.submission_id == bindparam("of"))
    .group_by(Rating.answer)
    .order_by(Rating.answer)
)


def rated(submission_id: str, in_sum_of_few: bool) -> list[dict[str, Any]]:
    """What those who may rate say of each of its answers, in sum; of few of them only how many they are."""
    return [
        {
            "answer": row.answer + 1,
            "rated": row.rated,
            "resolved": int(row.resolved) if in_sum_of_few or row.rated >= LEAST else None,
            "satisfaction": round(float(row.satisfaction), 2) if in_sum_of_few or row.rated >= LEAST else None,
        }
        for row in rows(_RATED, {"of": submission_id})
    ]


def filing(row: Any, caller: Caller, in_full: bool) -> dict[str, Any]:
    """How it stands with a proposal; who has signed it is for those who handle it, its author and who was asked.

    Whoever came with a proposal that was merged into it, as a resident or without a name, is counted and not named.
    """
    found = one(_ONE, {"id": row.id}) if row.filed_as is not None else None
    marks = {name: found is not None and bool(getattr(found, name)) for name in ("hard", *MARKS)}
    asked = service.of(row.id)
    shown = marks | {"number": row.filed_as, "cosign_until": row.cosign_until}
    shown["signed"] = sum(each.state == SIGNED for each in asked)
    if in_full or caller.account_id in {each.account_id for each in asked}:
        shown["cosigners"] = [{"account": each.account_id, "state": each.state} for each in asked if each.openly]
    return shown
