"""Turns facts into entries of the feeds of those whom they concern."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from participate.kernel.db import db, is_sqlite, one, rows, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact
from participate.kernel.words import known
from participate.kernel.workflow import TimelineEntry
from participate.submissions import queries as submissions
from participate.updates.models import Feed, FeedEntry

_HEARD = ("author", "public")


def tell_of_step(fact: Fact) -> None:
    """A step of a submission or its case: its author hears of it, with the note if it is meant for them."""
    held = TimelineEntry
    step = one(
        select(held.move, held.subject_type, held.target, held.note, held.note_to, held.shown_to).where(
            held.id == fact.data["entry"]
        )
    )
    if step is None or step.shown_to not in _HEARD:
        return
    brief = submissions.brief(fact.data["thread"])
    note = step.note if step.note_to in _HEARD else None
    following = f"next.{step.subject_type}.{step.target}"
    add(
        brief.author_id,
        fact,
        step.move,
        f"step.{step.subject_type}.{step.move}",
        {"reference": brief.reference, "title": brief.title or "", "note": note},
        submission_id=brief.id,
        following=following if known(following) else None,
        due_at=brief.due_at,
    )


def tell_of_photo(fact: Fact) -> None:
    """`photo.refused`: its owner hears why; the submission stays whole and can get another."""
    values = {"note": None, "reason": f"photo.{fact.data['reason']}"}
    add(fact.data["owner"], fact, "photo_refused", "step.photo.refused", values, submission_id=fact.data["thread"])


def add(
    account_id: str,
    fact: Fact,
    move: str,
    words: str,
    values: dict[str, Any],
    submission_id: str | None = None,
    following: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Append an entry to a reader's feed, unless this fact is in it already."""
    held = FeedEntry
    with transaction() as session:
        number = _next_number(account_id)
        if one(select(held.id).where(held.account_id == account_id, held.fact_id == fact.id)):
            return
        session.add(
            FeedEntry(
                id=new_id(),
                account_id=account_id,
                number=number,
                fact_id=fact.id,
                at=fact.at,
                submission_id=submission_id,
                move=move,
                words=words,
                following=following,
                values=values,
                due_at=due_at,
            )
        )
        session.execute(update(Feed).where(Feed.account_id == account_id).values(last=number))


def _next_number(account_id: str) -> int:
    """The number of the next entry, under the feed's lock; two writers cannot both get it."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    db.session.execute(insert(Feed).values(account_id=account_id, last=0).on_conflict_do_nothing())
    return int(rows(select(Feed.last).where(Feed.account_id == account_id).with_for_update())[0].last) + 1
