"""What the figures learn from other rows than a case's moves: who has rated it, and what was made of a suggestion."""

from sqlalchemy import bindparam, func, select

from participate.accounts import queries as accounts
from participate.cases.figures.models import CaseMark
from participate.cases.models import Case
from participate.kernel.db import one, rows
from participate.kernel.workflow import TimelineEntry
from participate.submissions import queries as submissions
from participate.submissions.kinds import RESIDENT
from participate.submissions.supervisions.barring import upward

_REPLIES = select(func.count().label("n")).where(
    TimelineEntry.subject_id == bindparam("case"), TimelineEntry.move == "resolve"
)
_CARRIED = (
    select(TimelineEntry.move)
    .join(Case, Case.submission_id == TimelineEntry.subject_id)
    .where(Case.id == bindparam("case"), TimelineEntry.move.in_(("adopt", "convert")))
    .distinct()
)


def is_independent(submission_id: str, unit: str | None) -> bool:
    """Whether its author speaks for themselves, and is none of the unit's own people, nor of a unit's below it."""
    brief = submissions.brief(submission_id)
    author = accounts.grantee(brief.author_id)
    return brief.source == RESIDENT and unit not in (upward(author.grants) if author else ())


def carried(case_id: str) -> tuple[bool, bool]:
    """Whether somebody has ever taken charge of a case's submission, and whether it was carried on as another."""
    moves = {row.move for row in rows(_CARRIED, {"case": case_id})}
    return "adopt" in moves, "convert" in moves


def learn(mark: CaseMark) -> None:
    """Let a mark from before these were counted say what its case tells of them."""
    case = one(select(Case.kind, Case.answer_class, Case.submission_id).where(Case.id == mark.case_id))
    replies = one(_REPLIES, {"case": mark.case_id})
    if case is None or replies is None:
        return
    mark.kind, mark.answer_class, mark.replies = case.kind, case.answer_class, replies.n
    mark.adopted, mark.converted = carried(mark.case_id)
    if mark.satisfaction is not None:
        mark.independent = is_independent(case.submission_id, mark.unit)
