"""Reads of a feed."""

from typing import Any

from sqlalchemy import select

from participate.kernel.clock import rfc3339
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errors import Fault, Invalid
from participate.kernel.words import say
from participate.updates.models import FeedEntry


def feed(account_id: str, after: str | None) -> AnySelect:
    """The entries behind the one whose id is `after`, oldest first. Raises Invalid for an id that is not in it."""
    held = FeedEntry
    statement = select(
        held.id,
        held.at,
        held.submission_id,
        held.move,
        held.words,
        held.following,
        held.values,
        held.due_at,
        held.number.label("key"),
    ).where(held.account_id == account_id)
    if after is None:
        return statement
    seen = one(select(held.number).where(held.account_id == account_id, held.id == after))
    if seen is None:
        raise Invalid(Fault("after", "cursor"))
    return statement.where(held.number > seen.number)


def present(row: AnyRow, language: str) -> dict[str, Any]:
    """An entry in its reader's language."""
    values = dict(row._mapping["values"])
    note, reason = values.pop("note", None), values.pop("reason", None)
    text = say(row.words, language, **values, reason=say(reason, language) if reason else "")
    return {
        "id": row.id,
        "at": rfc3339(row.at),
        "submission_id": row.submission_id,
        "fact": row.move,
        "text": f"{text}{say('updates.note', language, note=note)}" if note else text,
        "next": say(row.following, language) if row.following else None,
        "due_at": rfc3339(row.due_at) if row.due_at else None,
    }
