"""Which category a text is likely to get, learned from what this desk has accepted; in the worker alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import delete, insert, select
from sqlalchemy.sql.expression import literal_column

from participate.catalogue import queries as catalogue
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add, execute, one, rows, table, transaction
from participate.moderation.flags import Flag, flag
from participate.moderation.models import ModerationLearning, ModerationTask
from participate.moderation.screening.subjects import Subject
from participate.submissions.kinds import SEALED
from participate.submissions.models import Submission

if TYPE_CHECKING:
    from participate.moderation.screening.suggesting import Suggester

SUGGESTED = "suggested_category"
CODES = (SUGGESTED,)
EXTENSION = "participate.suggester"  # What this process has learned.
MOST = 5000
_EVERY = timedelta(minutes=15)
_STATUS = table(ModerationLearning)
_KEEP = insert(_STATUS)
_NOTHING_YET = "moderation.suggests_nothing_yet"

_NEWEST = (
    select(ModerationTask.id)
    .where(ModerationTask.decided_at.is_not(None))
    .order_by(ModerationTask.decided_at.desc(), ModerationTask.id.desc())
    .limit(1)
)
_LAST = (
    select(ModerationTask.submission_id, ModerationTask.decision, ModerationTask.kind)
    .where(ModerationTask.decided_at.is_not(None))
    .order_by(ModerationTask.decided_at.desc(), ModerationTask.id.desc())
    .limit(MOST)
    .subquery()
)
_EXAMPLES = (
    select(Submission.title, Submission.body, Submission.category)
    .join(_LAST, _LAST.c.submission_id == Submission.id)
    .where(_LAST.c.decision == literal_column("'accept'"), _LAST.c.kind != SEALED, Submission.category.is_not(None))
)


@dataclass
class _Learned:
    """From all up to the decision `newest`; whether there are later ones was last looked at `at`."""

    suggester: "Suggester"
    newest: str | None
    at: datetime


def suggested(subject: Subject) -> Iterator[Flag]:
    """Another category than was given, where it is likely enough."""
    row = subject.row
    found = _suggester().suggest(text_of(row))
    if found is None or found.category == row.category:
        return
    category = catalogue.category(found.category)
    if category is not None and category.active:
        names = {"name_zh": category.name_zh, "name_en": category.name_en}
        given = "flag.suggested_category" if row.category is None else "flag.suggested_category_other"
        yield flag(SUGGESTED, given, **names, code=category.code, percent=round(found.confidence * 100))


def text_of(row: AnyRow) -> str:
    """What is learned from, and suggested by."""
    return f"{row.title or ''}\n{row.body}"


def _suggester() -> "Suggester":
    """What this process has learned: anew if there are other decisions, but not more often than `_EVERY`."""
    held: _Learned | None = current_app.extensions.get(EXTENSION)
    if held is not None and timedelta(0) <= now() - held.at < _EVERY:
        return held.suggester
    decided = one(_NEWEST)
    newest = decided.id if decided else None
    if held is None or newest != held.newest:
        held = current_app.extensions[EXTENSION] = _Learned(_learn(), newest, now())
    held.at = now()
    return held.suggester


def _learn() -> "Suggester":
    from participate.moderation.screening.suggesting import Suggester  # noqa: PLC0415 - arrays, for the worker alone

    examples = rows(_EXAMPLES)
    made = Suggester.learn([(text_of(row), row.category) for row in examples])
    _write_down(examples, made)
    return made


def _write_down(examples: Sequence[AnyRow], made: "Suggester") -> None:
    """So that the web half, which learns nothing, can tell how it stands."""
    with transaction():
        execute(delete(_STATUS))
        add(_KEEP, {"id": 1, "examples": len(examples), "why_silent": made.why_silent, "at": now()})


_LEARNED = select(*_STATUS.columns)


def status() -> tuple[int, str | None]:
    """From how many examples the worker has learned last, and the key of words that say why it is silent, if so."""
    found = one(_LEARNED)
    return (found.examples, found.why_silent) if found is not None else (0, _NOTHING_YET)
