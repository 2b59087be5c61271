"""Reads of what the desk's people say to each other."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from participate.accounts.models import Account
from participate.kernel.auth import Grant
from participate.kernel.db import AnyRow, AnySelect, Id, rows
from participate.moderation.models import ModerationMention, ModerationNote, ModerationTask
from participate.moderation.queries.tasks import ME, mine_to_see

KEYS = (ModerationNote.id,)
MENTION_KEYS = (ModerationMention.note_id,)
_SHOWN = (
    ModerationNote.id,
    ModerationNote.submission_id,
    ModerationNote.task_id,
    ModerationNote.body,
    ModerationNote.at,
    ModerationNote.author_id,
    Account.display_name,
)
_WITH_NAMES = select(*_SHOWN).join(Account, Account.id == ModerationNote.author_id)
# All that was said about `:submission`, also when it was looked at before.
OF_SUBMISSION = _WITH_NAMES.where(ModerationNote.submission_id == bindparam("submission", type_=Id))
_ONE = _WITH_NAMES.where(ModerationNote.id == bindparam("id", type_=Id))
_MENTIONED = (
    select(ModerationMention.note_id, ModerationMention.account_id, Account.display_name)
    .join(Account, Account.id == ModerationMention.account_id)
    .where(ModerationMention.note_id.in_(bindparam("notes", expanding=True)))
    .order_by(ModerationMention.note_id, ModerationMention.account_id)
)


@lru_cache(maxsize=256)
def mentions(grants: tuple[Grant, ...]) -> AnySelect:
    """The notes that mention `:me`, on tasks that they may still see."""
    held, note = ModerationMention, ModerationNote
    found = select(held.note_id, held.seen_at, ModerationTask.title, *_SHOWN).join(note, note.id == held.note_id)
    found = found.join(Account, Account.id == note.author_id).join(ModerationTask, ModerationTask.id == note.task_id)
    return found.where(held.account_id == ME, mine_to_see(grants))


def one(note_id: str) -> dict[str, Any]:
    """A note that was just written, as the API shows it."""
    return with_mentions([present(rows(_ONE, {"id": note_id})[0])])[0]


def present(row: AnyRow) -> dict[str, Any]:
    """A note as the API shows it, but for whom it mentions."""
    return {
        "id": row.id,
        "submission_id": row.submission_id,
        "task_id": row.task_id,
        "author": {"id": row.author_id, "name": row.display_name},
        "body": row.body,
        "at": row.at,
    }


def present_mention(row: AnyRow) -> dict[str, Any]:
    """A note that mentions the reader, as the API shows it."""
    return present(row) | {"title": row.title, "unread": row.seen_at is None}


def with_mentions(shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The notes with whom each mentions."""
    by_note = defaultdict[str, list[dict[str, Any]]](list)
    for row in rows(_MENTIONED, {"notes": [note["id"] for note in shown]}) if shown else []:
        by_note[row.note_id].append({"id": row.account_id, "name": row.display_name})
    return [note | {"mentions": by_note[note["id"]]} for note in shown]
