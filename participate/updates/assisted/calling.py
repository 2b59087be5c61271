"""Which calls are owed: steps that somebody would read in their feed, and can only be told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add, db, one, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.workflow import locked
from participate.updates.assisted.models import CALL, Assisted, Call, CallWord

LIMIT = (1, "work_day")
# The officer was there, or nothing has come of it yet.
_NO_NEWS = frozenset({"submit", "admit"})
_CALLED = select(Assisted.submission_id).where(
    Assisted.submission_id.in_(bindparam("ids", expanding=True)), Assisted.hears_by == CALL
)
_OPEN = select(Call.id).where(Call.submission_id == bindparam("of"), Call.made_at.is_(None))
_NEW = insert(table(CallWord))


def due() -> datetime:
    """Until when somebody is to be called who hears of something now."""
    return calendar().due_at(now(), *LIMIT)


def owe(told: Sequence[tuple[AnyRow, dict[str, Any]]]) -> None:
    """Steps, each with the entry of a feed that tells it, of submissions that were filed for their authors.

    Those who are to be called are to be told of them, in the call that is open if there is one; each step once.
    """
    news = [(step.id, entry) for step, entry in told if step.move not in _NO_NEWS]
    called = {row.submission_id for row in rows(_CALLED, {"ids": [entry["submission_id"] for _, entry in news]})}
    for step_id, entry in sorted(news, key=lambda each: each[0]):
        if entry["submission_id"] in called:
            _owe(step_id, entry)


def _owe(step_id: str, entry: dict[str, Any]) -> None:
    with transaction():
        officer = locked(Assisted, entry["submission_id"]).officer
        if one(select(CallWord.entry_id).where(CallWord.entry_id == step_id)) is not None:
            return
        found = one(_OPEN, {"of": entry["submission_id"]})
        call = locked(Call, found.id) if found is not None else _opened(entry["submission_id"], officer)
        call.version += 1
        db.session.flush()
        said = {name: entry[name] for name in ("at", "words", "following", "values", "due_at")}
        add(_NEW, {"entry_id": step_id, "call_id": call.id} | said)


def _opened(submission_id: str, officer: str) -> Call:
    made = Call(id=new_id(), submission_id=submission_id, officer=officer, opened_at=now(), due_at=due(), version=0)
    db.session.add(made)
    wait(made.id, made.due_at)
    return made


def wait(call_id: str, until: datetime) -> None:
    """Let it be noticed where a call is not made by then."""
    deadlines.start("call", call_id, "tell", LIMIT[1], until)
