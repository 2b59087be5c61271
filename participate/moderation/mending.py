"""Takes over what the release before has opened, and mends what has come apart: counts, and places in the queue."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, select, tuple_, union_all, update

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, add_up, db, execute, is_sqlite, rows, table, transaction
from participate.kernel.inserting import inserting
from participate.kernel.retention import STEP
from participate.kernel.workflow import locked
from participate.moderation import counts, flags, waiting
from participate.moderation.models import URGENT, ModerationCount, ModerationFlag, ModerationTask, ModerationWaiting
from participate.submissions import queries as submissions

_COUNTS, _FLAGS = table(ModerationCount), table(ModerationFlag)
_RECOUNTED = "recounted"  # The facet under which stands on which day it was last counted.


def adopt() -> int:
    """Take over some of the tasks that the release before has opened; returns how many.

    Until then they are on no count, have no flags by row, and PostgreSQL shows them in no queue: so the upgrade itself
    does this, and after it every sweep.
    """
    held = ModerationTask
    unknown = select(held.id).where(held.state == "waiting", held.opened_at.is_(None)).order_by(held.id).limit(STEP)
    with transaction():
        tasks = [locked(held, row.id) for row in rows(unknown.with_for_update(skip_locked=True))]
        briefs = submissions.briefs([task.submission_id for task in tasks])
        for task in tasks:
            _take_over(task, briefs[task.submission_id])
        db.session.flush()
        counts.came(*tasks)
    return len(tasks)


def _take_over(task: ModerationTask, brief: AnyRow) -> None:
    milliseconds = int(task.id.replace("-", "")[:12], 16)
    task.opened_at = min(datetime.fromtimestamp(milliseconds / 1000, UTC), now())
    task.category, task.about_unit = brief.category, brief.details.get("watched_unit")
    execute(delete(_FLAGS).where(_FLAGS.c.task_id == task.id))
    flags.keep(task, task.flags)


def recount() -> int:
    """Once a day, count what waits and mend the counts by what they are off; returns how many were, and one besides.

    Whoever changes a task changes its counts in the same transaction, so that one statement, which sees both as of one
    moment, tells how much they are off, whatever goes on meanwhile. Processes of the release before change tasks alone.
    """
    with transaction():
        if not _is_the_day():
            return 0
        steps = off()
        add_up(steps, counts.write)
    return 1 + len(steps) + (0 if is_sqlite() else _replaced() + _forgotten())


def _is_the_day() -> bool:
    """Whether nobody has counted today; the first who asks is told so."""
    today = now().date().toordinal()
    key = {"facet": _RECOUNTED, "area": "", "value": ""}
    execute(inserting(_COUNTS).values(n=0, **key).on_conflict_do_nothing())
    day = update(_COUNTS).where(_COUNTS.c.facet == _RECOUNTED, _COUNTS.c.n != today).values(n=today)
    return bool(rows(day.returning(_COUNTS.c.n)))


def off() -> Counter[counts.Key]:
    """By how much each count is off, of those that are."""
    return Counter({(row.facet, row.area, row.value): int(row.n) for row in rows(_differing())})


def _differing() -> AnySelect:
    held = _COUNTS.c
    kept = select(held.facet, held.area, held.value, (-held.n).label("n")).where(held.facet != _RECOUNTED)
    all_of_them = union_all(kept, *_counted()).subquery("both").c
    key = all_of_them.facet, all_of_them.area, all_of_them.value
    n = func.sum(all_of_them.n)
    return select(*key, n.label("n")).group_by(*key).having(n != 0)


def _counted() -> Iterator[AnySelect]:
    """Each facet as it is counted, by area and by district."""
    task, mark = ModerationTask, ModerationFlag
    adopted = task.state == "waiting", task.opened_at.is_not(None)
    facets: dict[str, tuple[Any, tuple[ColumnElement[bool], ...]]] = {
        counts.ALL: (literal(""), ()),
        counts.KIND: (task.kind, ()),
        counts.CATEGORY: (func.coalesce(task.category, ""), ()),
        counts.URGENCY: (literal(""), (task.rank == URGENT,)),
        counts.OVERDUE: (literal(""), (task.warned >= counts.TOLD_OVERDUE,)),
        counts.FLAG: (mark.code, ()),
    }
    place = func.coalesce(task.area, "")
    for facet, (value, only) in facets.items():
        for name, area in ((facet, place), (counts.by_district(facet), func.substr(place, 1, counts.DISTRICT))):
            columns = literal(name).label("facet"), area.label("area"), value.label("value"), func.count().label("n")
            found = select(*columns).where(*adopted, *only).group_by(area, value)
            yield found.select_from(task).join(mark, mark.task_id == task.id) if facet == counts.FLAG else found


def _replaced() -> int:
    """Put right what does not stand in the queue as it should; returns how many that were."""
    last, wrong = None, 0
    while True:
        found = rows(_standing(last))
        for row in found:
            if row.position is None or (row.position, tuple(row.marks)) != waiting.entry(row):
                wrong += _place_anew(row.id)
        if len(found) < STEP:
            return wrong
        last = found[-1].rank, found[-1].due_at, found[-1].id


def _standing(last: tuple[Any, ...] | None) -> AnySelect:
    held, place = ModerationTask, ModerationWaiting
    keys = held.rank, held.due_at, held.id
    shown = *keys, held.kind, held.category, held.area, held.flags, place.position, place.marks
    found = select(*shown).outerjoin(place, place.task_id == held.id)
    found = found.where(held.state == "waiting", held.opened_at.is_not(None)).order_by(*keys).limit(STEP)
    return found if last is None else found.where(tuple_(*keys) > last)


def _place_anew(task_id: str) -> int:
    with transaction():
        task = locked(ModerationTask, task_id)
        if task.state != "waiting":
            return 0
        waiting.keep([task])
    return 1


def _forgotten() -> int:
    """Take out what no longer waits; returns how much that was."""
    held, place = ModerationTask, ModerationWaiting
    gone = select(held.id).join(place, place.task_id == held.id).where(held.state != "waiting").limit(STEP)
    total = 0
    while True:
        with transaction():
            found = [row.id for row in rows(gone.with_for_update(of=held, skip_locked=True))]
            waiting.forget(found)
        total += len(found)
        if len(found) < STEP:
            return total
