"""How PostgreSQL finds what waits: each task's place in the queue, what it may be narrowed to, and its words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import TextClause, delete, text

from participate.kernel.db import execute, is_sqlite, table
from participate.moderation.models import ModerationWaiting

# How long the codes are by which an area finds what lies below it, and how one asks for what lies in none.
LENGTHS = (2, 4, 6, 9, 12, 15, 18)
NOWHERE = "-"
# A position is a number of 63 bits that grows as the queue goes on: the rank, the time from EPOCH to the deadline in
# units of 32 microseconds, and, among those that are due at the same moment, how late they came, in steps of 128
# seconds: the last 97 days are told apart. What is due when the working day begins is all that came in a night, or
# since the day before a long holiday.
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
RANK_BIT, DUE_BIT, UNIT_BITS = 62, 16, 5
LATEST = (63 << 45) - 2  # microseconds: in the year 2090; a window behind it has no number.
OLDEST, STEP_BITS = (1 << DUE_BIT) - 1, 7
_SINCE_1970 = int(EPOCH.timestamp())

_KEEP = """
INSERT INTO moderation_waiting (task_id, position, marks, bigrams)
SELECT n.task_id, n.position, n.marks, coalesce(x.bigrams, '{}')
FROM jsonb_to_recordset(CAST(:tasks AS jsonb))
    AS n(task_id uuid, submission_id uuid, position bigint, marks text[])
LEFT JOIN submission_texts s ON s.submission_id = n.submission_id
LEFT JOIN submission_search x ON x.rowid = s.number
ON CONFLICT (task_id) DO UPDATE
SET position = excluded.position, marks = excluded.marks, bigrams = excluded.bigrams
"""


def position(rank: int, due_at: datetime, task_id: str) -> int:
    """Where a task stands in the order of `rank`, `due_at`, `id`; of two that stand in one place, the `id` says.

    What is due within the same unit stands in the order of its coming.
    """
    due = _microseconds(due_at)
    age = due // 1_000_000 + _SINCE_1970 - int(task_id[:8] + task_id[9:13], 16) // 1000
    return rank << RANK_BIT | due >> UNIT_BITS << DUE_BIT | OLDEST - min(max(age >> STEP_BITS, 0), OLDEST)


def due_until(rank: int, moment: datetime) -> int:
    """The first position behind all of this rank that are due at `moment` or before, or in the same unit."""
    return rank << RANK_BIT | (_microseconds(moment) >> UNIT_BITS) + 1 << DUE_BIT


def _microseconds(moment: datetime) -> int:
    return min(max((moment - EPOCH) // timedelta(microseconds=1), 0), LATEST)


def marks(task: Any) -> Iterator[str]:
    """What a task (its `kind`, `category`, `area`, `flags`) may be asked for by."""
    yield from of_area(task.area)
    yield of_kind(task.kind)
    yield of_category(task.category)
    yield from sorted({of_flag(flag["code"]) for flag in task.flags})


def of_area(area: str | None) -> list[str]:
    """The codes of all known lengths that `area` lies in."""
    return [area[:length] for length in LENGTHS if length <= len(area)] if area else [NOWHERE]


def of_kind(kind: str) -> str:
    """How one asks for a kind."""
    return f"k:{kind}"


def of_category(category: str | None) -> str:
    """How one asks for a category, or for what has none."""
    return f"c:{category or ''}"


def of_flag(code: str) -> str:
    """How one asks for a flag."""
    return f"f:{code}"


def entry(task: Any) -> tuple[int, tuple[str, ...]]:
    """All by which a task is found but its words."""
    return position(task.rank, task.due_at, task.id), tuple(marks(task))


def keep(tasks: Iterable[Any]) -> None:
    """Let these tasks be found by what they are now; does nothing on SQLite, which finds them otherwise."""
    if is_sqlite():
        return
    entries = [
        {"task_id": task.id, "submission_id": task.submission_id, "position": place, "marks": said}
        for task in tasks
        for place, said in [entry(task)]
    ]
    if entries:
        execute(_keeping(), {"tasks": orjson.dumps(entries).decode()})


@cache
def _keeping() -> TextClause:
    return text(_KEEP)


def forget(task_ids: Sequence[str]) -> None:
    """Let these tasks no longer be found."""
    if task_ids and not is_sqlite():
        held = table(ModerationWaiting)
        execute(delete(held).where(held.c.task_id.in_(task_ids)))
