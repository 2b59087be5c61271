"""Many decisions at once: tried on each task first, kept until they can no longer be undone, then made one by one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from participate.audit import service as audit
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, db, execute, rows, table, transaction
from participate.kernel.errors import Conflict, DomainError, Fault
from participate.kernel.ids import new_id
from participate.kernel.rehearsal import rehearsal
from participate.kernel.workflow import locked
from participate.moderation import counts, deciding, flags, telling
from participate.moderation.claiming import check_free
from participate.moderation.deciding import Decision
from participate.moderation.models import ModerationBatch, ModerationBatchItem, ModerationTask
from participate.moderation.queries import batches

OK = "ok"
MOST = 100  # decisions at once
_ITEMS = table(ModerationBatchItem)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """A decision on one of many tasks; `version` is the task's as it was seen, None where that does not matter."""

    task_id: str
    decision: Decision
    version: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What has become of one of them: OK, or a problem's code with its faults."""

    task_id: str
    code: str = OK
    faults: tuple[Fault, ...] = ()


def stage(caller: Caller, asked: Sequence[Asked], dry_run: bool) -> tuple[str | None, list[Outcome]]:
    """Try each decision, and keep those that can be made; returns the batch's id, if there is one, and each outcome.

    What is kept waits no more, and takes effect when it can no longer be undone. A `dry_run` changes nothing.
    """
    with transaction():
        outcomes = _tried(caller, asked)
        held = {} if dry_run else _held(caller, asked, outcomes)
        if not held:
            return None, outcomes
        batch = _begun(caller)
        counts.went(*held.values())
        for task in held.values():
            _set(task, "staged", batch.id)
        telling.tell("staged", *held.values())
        execute(insert(_ITEMS), [_item(batch.id, n, each, outcomes[n]) for n, each in enumerate(asked)])
        audit.record("moderation_batch.staged", "moderation_batch", batch.id, caller.account_id, decisions=len(held))
    return batch.id, outcomes


def _tried(caller: Caller, asked: Sequence[Asked]) -> list[Outcome]:
    """What each decision would come to, each made for trial; a task is decided on once. In the order of `asked`."""
    found, seen = dict[int, Outcome](), set[str]()
    for number, each in sorted(enumerate(asked), key=lambda pair: pair[1].task_id):
        try:
            if each.task_id in seen:
                raise Conflict("decided_already")
            with rehearsal():
                deciding.decide(caller, each.task_id, each.decision, each.version)
            seen.add(each.task_id)
            found[number] = Outcome(each.task_id)
        except DomainError as error:
            found[number] = Outcome(each.task_id, error.code, error.faults)
    return [found[number] for number in range(len(asked))]


def _held(caller: Caller, asked: Sequence[Asked], outcomes: list[Outcome]) -> dict[int, ModerationTask]:
    """The tasks that have passed, locked, by their numbers; one that was taken since it was tried has an outcome now.

    All are locked before any is counted, as whoever decides on one does: so no two wait for each other.
    """
    passed = [number for number, outcome in enumerate(outcomes) if outcome.code == OK]
    found = {}
    for number in sorted(passed, key=lambda number: asked[number].task_id):
        task = locked(ModerationTask, asked[number].task_id)
        try:
            check_free(task, caller, asked[number].version)
            found[number] = task
        except DomainError as error:
            outcomes[number] = Outcome(task.id, error.code, error.faults)
    return found


def _begun(caller: Caller) -> ModerationBatch:
    until = now() + timedelta(seconds=settings().undo_seconds)
    batch = ModerationBatch(id=new_id(), made_by=caller.account_id, state="staged", made_at=now(), undo_until=until)
    db.session.add(batch)
    deadlines.start("moderation_batch", batch.id, "effect", "calendar_day", until, fresh=True)
    return batch


def _item(batch_id: str, number: int, asked: Asked, outcome: Outcome) -> dict[str, Any]:
    faults = [[fault.field, fault.code, dict(fault.values)] for fault in outcome.faults]
    kept = {"decision": deciding.as_json(asked.decision), "faults": faults}
    code = None if outcome.code == OK else outcome.code
    return {"batch_id": batch_id, "number": number, "task_id": asked.task_id, "asked": kept, "outcome": code}


def _set(task: ModerationTask, state: str, batch_id: str | None) -> None:
    """A locked task waits no more, or again; whoever has it in hand has it still."""
    task.state, task.batch_id, task.version = state, batch_id, task.version + 1
    flags.wait(task.id, state == "waiting")


def undo(caller: Caller, batch_id: str) -> None:
    """Let all tasks of a batch wait again as before.

    Raises Missing for a batch that the caller may not see, and Conflict (`undo_over`) once it takes effect.
    """
    batches.batch(caller, batch_id)
    with transaction():
        batch = locked(ModerationBatch, batch_id)
        if batch.state != "staged" or batch.undo_until <= now():
            raise Conflict("undo_over")
        batch.state, batch.ended_at = "undone", now()
        deadlines.settle(batch_id)
        _release(batch_id)
        audit.record("moderation_batch.undone", "moderation_batch", batch_id, caller.account_id)


def _release(batch_id: str, **item: str) -> None:
    """Let what is still staged of a batch wait again; `item` is what becomes of those."""
    open_ones = sorted(_open(batch_id), key=lambda row: row.task_id)
    staged = [task for row in open_ones if _is_staged(task := locked(ModerationTask, row.task_id), batch_id)]
    for task in staged:
        _set(task, "waiting", None)
    counts.came(*staged)
    telling.tell("came", *staged)
    if item:
        for row in open_ones:
            _settle(batch_id, row.number, **item)


def _open(batch_id: str) -> Sequence[AnyRow]:
    """The items of which nothing has become yet."""
    held = ModerationBatchItem
    waiting = select(held.number, held.task_id, held.asked).where(held.batch_id == batch_id, held.outcome.is_(None))
    return rows(waiting.order_by(held.number))


def _settle(batch_id: str, number: int, outcome: str) -> None:
    """Keep what has become of an item, the first time that something has."""
    item = _ITEMS.c.batch_id == batch_id, _ITEMS.c.number == number, _ITEMS.c.outcome.is_(None)
    execute(update(_ITEMS).where(*item).values(outcome=outcome))


def take_effect(batch_id: str) -> None:
    """Make the decisions of a batch whose time for undoing is over, each by itself, once however often it is tried.

    An error of ours at one does not keep the others from theirs; it is raised at the end, so that it is tried again.
    """
    with transaction():
        batch = locked(ModerationBatch, batch_id)
        if batch.state == "undone":
            return
        batch.state, made_by = "done", batch.made_by
    failed: Exception | None = None
    for item in _open(batch_id):
        try:
            _make(batch_id, made_by, item)
        except Exception as error:
            _log.exception("a decision of a batch failed", extra={"batch": batch_id, "task": item.task_id})
            failed = error
    if failed is not None:
        raise failed


def _make(batch_id: str, made_by: str, item: AnyRow) -> None:
    """Make one decision; where that can no longer be, the task waits again, if it can."""
    try:
        with transaction():
            task = locked(ModerationTask, item.task_id)
            if _is_staged(task, batch_id):
                with counts.kept(task):
                    _set(task, "waiting", None)
                deciding.carry_out(task, Caller(made_by), deciding.from_json(item.asked["decision"]))
                task.batch_id = batch_id if task.state == "decided" else None
                _settle(batch_id, item.number, OK)
            elif task.batch_id == batch_id and task.state == "dropped":
                raise Conflict("submission_withdrawn")
    except DomainError as error:
        with transaction():
            task = locked(ModerationTask, item.task_id)
            if _is_staged(task, batch_id):
                _set(task, "waiting", None)
                counts.came(task)
                telling.tell("came", task)
            if task.batch_id in {None, batch_id}:
                _settle(batch_id, item.number, error.code)


def _is_staged(task: ModerationTask, batch_id: str) -> bool:
    return task.state == "staged" and task.batch_id == batch_id


def close(batch_id: str) -> None:
    """All of a batch has taken effect, or never will."""
    with transaction():
        batch = locked(ModerationBatch, batch_id)
        batch.ended_at = batch.ended_at or now()


def give_up(batch_id: str) -> None:
    """What could not take effect, however often it was tried, waits again."""
    with transaction():
        _release(batch_id, outcome="internal")
        close(batch_id)
