"""Reads of a feed."""

from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.db import AnyRow, one
from participate.kernel.errors import Fault, Invalid
from participate.submissions import telling
from participate.updates.models import Feed, FeedEntry

# What is shown of an entry, and its number.
SHOWN = (
    FeedEntry.id,
    FeedEntry.at,
    FeedEntry.submission_id,
    FeedEntry.move,
    FeedEntry.words,
    FeedEntry.following,
    FeedEntry.values,
    FeedEntry.due_at,
    FeedEntry.number,
)
# A reader's entries behind the one with the number `:behind`.
FEED = select(*SHOWN).where(FeedEntry.account_id == bindparam("me"), FeedEntry.number > bindparam("behind"))
_NUMBER = select(FeedEntry.number).where(FeedEntry.account_id == bindparam("me"), FeedEntry.id == bindparam("id"))


# The number of the last entry in the `:account`'s feed; none in one that has never had any.
LAST = select(Feed.last).where(Feed.account_id == bindparam("account")).scalar_subquery()


def behind(account_id: str, entry_id: str) -> int:
    """The number of an entry in a reader's feed. Raises Invalid for one that is not in it."""
    seen = one(_NUMBER, {"me": account_id, "id": entry_id})
    if seen is None:
        raise Invalid(Fault("after", "cursor"))
    return int(seen.number)


def present(row: AnyRow, language: str) -> dict[str, Any]:
    """An entry in its reader's language."""
    return {
        "id": row.id,
        "at": row.at,
        "submission_id": row.submission_id,
        "fact": row.move,
        "text": telling.text(row.words, language, row.values),
        "who": telling.named(row.values.get("who"), language),
        "next": telling.spoken(row.following, language, row.values) if row.following else None,
        "due_at": row.due_at,
    }
