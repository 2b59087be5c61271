"""Names of whom officers have helped, and of witnesses, are kept until a while after it is over."""

from datetime import timedelta

from sqlalchemy import select, update

from participate.audit import service as audit
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.outbox import Fact
from participate.kernel.workflow import locked
from participate.submissions import queries as submissions
from participate.submissions.lives import OVER
from participate.submissions.models import Submission
from participate.submissions.workflow import SUBMISSION
from participate.updates.assisted.models import Assisted

# Whatever ends a submission, or opens it again.
ENDS = tuple(
    SUBMISSION.fact(move) for move in SUBMISSION.moves if move.target and ({move.target} | move.sources) & OVER
)
_STEP = 50
_HELD = table(Assisted)


def schedule(fact: Fact) -> None:
    """`submission.rated` and the like: set when they are forgotten, or take that back; as it is by now, not then."""
    if submissions.brief(fact.subject_id).helped_by is None:
        return
    with transaction():
        row = locked(Submission, fact.subject_id)
        until = fact.at + timedelta(days=settings().keep_assisted_days) if row.state in OVER else None
        execute(update(_HELD).where(_HELD.c.submission_id == row.id, _HELD.c.name.is_not(None)).values(forget_at=until))


def names_of_the_helped() -> int:
    """Those whose time is over. How they hear of it stays, should it be opened again, and that they have agreed."""
    due = select(_HELD.c.submission_id).where(_HELD.c.forget_at <= now()).order_by(_HELD.c.forget_at).limit(_STEP)
    return sum(_forget(row.submission_id) for row in rows(due))


def _forget(submission_id: str) -> int:
    mine = _HELD.c.submission_id == submission_id, _HELD.c.forget_at <= now()
    with transaction():
        if locked(Submission, submission_id).state not in OVER:  # It was opened again, and nobody has noticed yet.
            execute(update(_HELD).where(*mine).values(forget_at=None))
            return 0
        gone = rows(update(_HELD).where(*mine).values(name=None, witness=None, forget_at=None).returning(_HELD.c.name))
        if gone:
            audit.record("submission.helped_forgotten", "submission", submission_id, None)
    return len(gone)
