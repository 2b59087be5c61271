"""Tasks of the release before are taken over, and what processes of that change alone is found and mended."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from participate import worker
from participate.kernel import retention
from participate.kernel.db import execute, is_sqlite, rows, table, transaction
from participate.moderation import mending
from participate.moderation.models import ModerationCount, ModerationFlag, ModerationTask, ModerationWaiting
from tests.conftest import HeldClock
from tests.moderation.test_counts_are_right_at_any_moment import by_hand, counted, of, queued
from tests.moderation.waiting_rows import lay
from tests.people import Person
from tests.steps import Way, at_once

pytestmark = pytest.mark.usefixtures("clock")
_TASKS = table(ModerationTask)


def before(way: Way, count: int) -> list[str]:
    """Tasks as the release before has left them: on no count, with flags in a list alone."""
    ids = lay(way.author.account_id, count, Random(8), area=way.cell)
    with transaction():
        execute(update(_TASKS).where(_TASKS.c.id.in_(ids)).values(opened_at=None, category=None))
        for model in (ModerationCount, ModerationFlag, ModerationWaiting):
            execute(delete(table(model)))
    return ids


def change(task_id: str, **values: Any) -> None:
    """What a process of the release before does: the task, and nothing beside it."""
    with transaction():
        execute(update(_TASKS).where(_TASKS.c.id == task_id).values(**values))


def in_order(who: Person) -> bool:
    return of(counted(who)) == by_hand(queued(who))


def test_tasks_of_the_release_before_are_taken_over(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "STEP", 4)
    ids = before(way, 10)
    assert counted(way.moderator)["total"] == 0
    assert [mending.adopt() for _ in range(4)] == [4, 4, 2, 0]
    assert {task["id"] for task in queued(way.moderator)} == set(ids)
    assert in_order(way.moderator)
    assert counted(way.moderator)["total"] == 10
    assert mending.off() == Counter()
    known = {row.submission_id: row.category for row in rows(select(_TASKS.c.submission_id, _TASKS.c.category))}
    assert set(known.values()) != {None}
    flagged = {(row.id, flag["code"]) for row in rows(select(_TASKS.c.id, _TASKS.c.flags)) for flag in row.flags}
    assert {(row.task_id, row.code) for row in rows(select(table(ModerationFlag)))} == flagged


def test_two_workers_take_each_over_once(way: Way) -> None:
    before(way, 12)

    def adopt() -> int:
        with way.app.app_context():
            return mending.adopt()

    assert sum(at_once(adopt, adopt, adopt)) == 12
    assert counted(way.moderator)["total"] == 12
    assert mending.off() == Counter()


def test_one_that_is_decided_before_that_leaves_no_trace(way: Way) -> None:
    first, second, third = before(way, 3)
    for task in (first, second):
        answer = way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
        assert answer.status_code == 200, answer.get_json()
    assert counted(way.moderator)["total"] == 0
    assert mending.adopt() == 1
    assert counted(way.moderator)["total"] == 1
    assert [task["id"] for task in queued(way.moderator)] == [third]


def test_what_came_apart_is_found_once_a_day(way: Way, clock: HeldClock) -> None:
    ids = lay(way.author.account_id, 20, Random(5), area=way.cell, rank=1, kind="micro_suggestion")
    assert mending.recount() == 1, "all is well"
    change(ids[0], state="decided", decision="accept")
    change(ids[1], rank=0)
    with transaction():
        execute(update(table(ModerationCount)).where(ModerationCount.facet == "all").values(n=ModerationCount.n + 3))
    assert mending.recount() == 0, "today it has been counted"
    clock.forward(days=1)
    assert mending.recount() > 1
    assert mending.off() == Counter()
    assert in_order(way.moderator)
    assert queued(way.moderator)[0]["id"] == ids[1], "what is urgent now stands at the head"
    if not is_sqlite():
        assert {row.task_id for row in rows(select(ModerationWaiting.task_id))} == set(ids[1:])


def test_places_that_got_lost_are_made_anew(way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_sqlite():
        pytest.skip("SQLite has no such index")
    monkeypatch.setattr(mending, "STEP", 3)
    ids = lay(way.author.account_id, 10, Random(5), area=way.cell)
    with transaction():
        execute(delete(table(ModerationWaiting)).where(ModerationWaiting.task_id.in_(ids[:5])))
    assert len(queued(way.moderator)) == 5
    mending.recount()
    assert {task["id"] for task in queued(way.moderator)} == set(ids)


def test_the_recount_counts_while_others_work(way: Way) -> None:
    ids = lay(way.author.account_id, 30, Random(6), area=way.cell, kind="micro_suggestion", category=None)
    with transaction():
        execute(update(table(ModerationCount)).values(n=ModerationCount.n + 3))

    def accept(task: str) -> None:
        way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})

    def recount() -> None:
        with way.app.app_context():
            mending.recount()

    at_once(recount, recount, *(lambda task=task: accept(task) for task in ids[:12]))
    assert mending.off() == Counter()
    assert counted(way.moderator)["total"] == 18


def test_the_worker_sees_to_it(way: Way) -> None:
    assert mending.recount in set(worker.FORGETTING)
    before(way, 3)
    worker.Relay(way.app).sweep()
    assert counted(way.moderator)["total"] == 3
    assert retention.run(mending.adopt, mending.recount) == {"adopt": 0, "recount": 1}
