"""What an account has sent in before: how much of it was rejected, and how much in its first hours."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import bindparam, select

from participate.kernel.db import AnyRow, rows
from participate.kernel.ids import first_id
from participate.moderation.flags import Flag, flag
from participate.moderation.models import ModerationTask
from participate.moderation.screening.subjects import Subject, may_be_told, on_one_desk
from participate.submissions.models import Submission

HISTORY = "account_history"
CODES = (HISTORY,)
LAST, FEWEST, REJECTED = 20, 5, 60  # Of the last 20, if there are five or more, 60 percent.
NEW, HOUR, MANY = timedelta(days=1), timedelta(hours=1), 5
_READ = 3 * LAST  # Some are of another desk, or look again at the same submission.

_DECIDED = (
    select(
        *(ModerationTask.submission_id, ModerationTask.area, ModerationTask.decision, ModerationTask.kind),
        Submission.details,
    )
    .join(Submission, Submission.id == ModerationTask.submission_id)
    .where(ModerationTask.author_id == bindparam("author"), ModerationTask.decided_at.is_not(None))
    .order_by(ModerationTask.decided_at.desc())
    .limit(_READ)
)
_SENT = (
    select(Submission.kind, Submission.area, Submission.public, Submission.details, Submission.created_at)
    .where(Submission.author_id == bindparam("author"), Submission.id >= bindparam("first"))
    .where(Submission.id <= bindparam("last"))
    .order_by(Submission.id.desc())
    .limit(_READ)
)


def history(subject: Subject) -> Iterator[Flag]:
    """What is unusual about the account, as far as this desk may know; never whose it is."""
    last = list(_outcomes(subject.row))[:LAST]
    rejected = sum(decision == "reject" for decision in last)
    if len(last) >= FEWEST and rejected * 100 >= REJECTED * len(last):
        yield flag(HISTORY, "flag.account_history_rejected", rejected=rejected, n=len(last))
    elif (sent := _sent_when_new(subject.row)) >= MANY:
        yield flag(HISTORY, "flag.account_history_new", n=sent)


def _outcomes(row: AnyRow) -> Iterator[str]:
    """What was decided last of each of the account's other submissions, the newest first."""
    seen = {row.id}
    for task in rows(_DECIDED, {"author": row.author_id}):
        if task.submission_id not in seen and on_one_desk(row, task):
            yield str(task.decision)
        seen.add(task.submission_id)


def _sent_when_new(row: AnyRow) -> int:
    """How much the account had sent in within the hour, this one too, if it was made within a day before this one."""
    if row.author_id < first_id(row.created_at - NEW):
        return 0
    since = row.created_at - HOUR
    found = rows(_SENT, {"author": row.author_id, "first": first_id(since), "last": row.id})
    return sum(other.created_at >= since and may_be_told(row, other) for other in found)
