"""What the figures learn from other rows than a case's moves: who has rated it, and what was made of a suggestion."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from participate.accounts import queries as accounts
from participate.cases.figures.counting import SUGGESTION
from participate.cases.figures.models import CaseMark
from participate.cases.models import Case
from participate.kernel.db import rows
from participate.kernel.workflow import TimelineEntry
from participate.submissions import queries as submissions
from participate.submissions.kinds import RESIDENT
from participate.submissions.supervisions.barring import upward

_OF: BindParameter[Any] = bindparam("cases", expanding=True)
_CASES = select(Case.id, Case.kind, Case.answer_class, Case.submission_id).where(Case.id.in_(_OF))
_REPLIES = (
    select(TimelineEntry.subject_id.label("case_id"), func.count().label("n"))
    .where(TimelineEntry.subject_id.in_(_OF), TimelineEntry.move == "resolve")
    .group_by(TimelineEntry.subject_id)
)
_CARRIED = (
    select(TimelineEntry.move)
    .join(Case, Case.submission_id == TimelineEntry.subject_id)
    .where(Case.id == bindparam("case"), TimelineEntry.move.in_(("adopt", "convert")))
    .distinct()
)


def independent(units: Mapping[str, str | None]) -> set[str]:
    """Those submissions whose authors speak for themselves, and are none of the unit's own people, nor of one below it.

    `units` says which unit has or had each, None where none did.
    """
    briefs = submissions.briefs(list(units))
    in_units = accounts.in_units({brief.author_id for brief in briefs.values()})

    def is_own(submission_id: str, author_id: str) -> bool:
        author = accounts.grantee(author_id) if author_id in in_units else None
        return author is not None and units[submission_id] in upward(author.grants)

    theirs = {of: brief.author_id for of, brief in briefs.items() if brief.source == RESIDENT}
    return {of for of, author_id in theirs.items() if not is_own(of, author_id)}


def carried(case_id: str) -> tuple[bool, bool]:
    """Whether somebody has ever taken charge of a case's submission, and whether it was carried on as another."""
    moves = {row.move for row in rows(_CARRIED, {"case": case_id})}
    return "adopt" in moves, "convert" in moves


def learn(marks: Sequence[CaseMark]) -> None:
    """Let marks from before these were counted say what their cases tell of them, in few statements for many."""
    asked = {"cases": [mark.case_id for mark in marks]}
    cases = {row.id: row for row in rows(_CASES, asked)}
    replies = {row.case_id: row.n for row in rows(_REPLIES, asked)}
    for mark in marks:
        mark.kind, mark.answer_class = cases[mark.case_id].kind, cases[mark.case_id].answer_class
        mark.replies = replies.get(mark.case_id, 0)
        if mark.kind == SUGGESTION:
            mark.adopted, mark.converted = carried(mark.case_id)
    theirs = [mark for mark in marks if mark.satisfaction is not None and not mark.relayed]
    rated = {cases[mark.case_id].submission_id: mark for mark in theirs}
    others = independent({of: mark.unit for of, mark in rated.items()}) if rated else set()
    for of, mark in rated.items():
        mark.independent = of in others
