"""What the desk's own people say to each other about a submission; nobody else ever reads it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update

from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import add as add_row
from participate.kernel.db import rows, table, transaction
from participate.kernel.errors import Missing
from participate.kernel.ids import new_id
from participate.moderation.models import ModerationMention, ModerationNote
from participate.moderation.queries import colleagues, tasks

_NOTE, _MENTION = insert(table(ModerationNote)), insert(table(ModerationMention))


def write(caller: Caller, task_id: str, body: str, mentions: Sequence[str]) -> str:
    """Write a note on a task's submission, which also those see who look at it later; returns its id.

    Raises Missing, and Invalid where somebody is mentioned who may not decide on the task.
    """
    task, mentioned = tasks.task(caller, task_id), list(dict.fromkeys(mentions))
    for number, each in enumerate(mentions):
        colleagues.check(f"mentions.{number}", caller, each, task_id)
    with transaction():
        return add(task, caller.account_id or "", body, mentioned)


def add(task: Any, author_id: str, body: str, mentions: Sequence[str]) -> str:
    """A note on a task (its `id` and `submission_id`), within a transaction; returns the note's id."""
    note_id = new_id()
    about = {"submission_id": task.submission_id, "task_id": task.id}
    add_row(_NOTE, about | {"id": note_id, "author_id": author_id, "body": body, "at": now()})
    for each in mentions:
        add_row(_MENTION, {"account_id": each, "note_id": note_id, "seen_at": None})
    return note_id


def see(caller: Caller, note_id: str) -> None:
    """The caller has read a note that mentions them; twice is once. Raises Missing for one that does not."""
    held = table(ModerationMention)
    mine = held.c.account_id == caller.account_id, held.c.note_id == note_id
    with transaction():
        if rows(update(held).where(*mine, held.c.seen_at.is_(None)).values(seen_at=now()).returning(held.c.note_id)):
            return
        if not rows(held.select().where(*mine)):
            raise Missing
