"""What the author says of an answer, for those who count it."""

from typing import NamedTuple

from sqlalchemy import bindparam, select

from participate.kernel.db import one
from participate.submissions.models import Rating, Submission


class Said(NamedTuple):
    """Whether it is resolved, and how satisfied they are, 1 to 5; `relayed`: an officer has said so for them."""

    resolved: bool
    satisfaction: int
    relayed: bool


_RATING = (
    select(Rating.resolved, Rating.satisfaction, Rating.relayed)
    .join(Submission, Submission.id == Rating.submission_id)
    .where(
        Submission.id == bindparam("submission"),
        Rating.account_id == Submission.author_id,
        Rating.answer == Submission.reopenings,
    )
)


def rating(submission_id: str) -> Said | None:
    """What its author says of the present answer, themself or by an officer."""
    found = one(_RATING, {"submission": submission_id})
    return Said(*found) if found is not None else None
