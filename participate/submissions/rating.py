"""What the author says of an answer, for those who count it."""

from sqlalchemy import bindparam, select

from participate.kernel.db import one
from participate.submissions.models import Rating, Submission

_RATING = (
    select(Rating.resolved, Rating.satisfaction)
    .join(Submission, Submission.id == Rating.submission_id)
    .where(
        Submission.id == bindparam("submission"),
        Rating.account_id == Submission.author_id,
        Rating.relayed.is_(False),
        Rating.answer == Submission.reopenings,
    )
)


def rating(submission_id: str) -> tuple[bool, int] | None:
    """What its author says themself of the present answer: whether it is resolved, how satisfied they are, 1 to 5."""
    found = one(_RATING, {"submission": submission_id})
    return (found.resolved, found.satisfaction) if found is not None else None
