"""What the worker does to have submissions looked through before a person looks."""

from collections.abc import Collection, Sequence
from types import ModuleType

from sqlalchemy import bindparam, select

from participate.kernel.clock import now
from participate.kernel.db import rows, transaction
from participate.kernel.outbox import Fact
from participate.kernel.workflow import locked
from participate.moderation import counts, due, flags
from participate.moderation.flags import Flag, flag
from participate.moderation.models import ModerationTask
from participate.moderation.screening.found import NOT_SCREENED

_CANNOT_WAIT = "emergency"
_OPEN = ("waiting", "staged")
_OF_SUBMISSION = select(ModerationTask.id).where(
    ModerationTask.submission_id == bindparam("submission"), ModerationTask.state.in_(_OPEN)
)


def look(fact: Fact) -> list[Flag] | None:
    """`moderation_task.opened`: what its submission is to be looked at for; None where nobody need look any more."""
    found: list[Flag] | None = _screen().screen(fact.data["thread"], _screen().LONG)
    return found


def write_down(fact: Fact, found: Sequence[Flag] | None) -> None:
    """Put these flags in the place of those of an earlier look; a second time nothing changes."""
    if found is None:
        return
    with transaction():
        task = _open_task(fact.subject_id)
        if task is not None:
            _put(task, [*found, *_of_photos(task)], _screen().CODES)
            task.screened_at = now()


def give_up(fact: Fact) -> None:
    """It could not be looked through, however often it was tried: a person has to know."""
    with transaction():
        task = _open_task(fact.subject_id)
        if task is not None:
            _put(task, [flag(NOT_SCREENED, "flag.not_screened")], (NOT_SCREENED,))


def look_at_photos(fact: Fact) -> None:
    """`photo.ready`, `submission.photos_added`: a photo may say more of a submission that is on the desk already."""
    submission_id = fact.data.get("thread") if fact.subject_type == "photo" else fact.subject_id
    if submission_id is None:
        return
    with transaction():
        for row in rows(_OF_SUBMISSION, {"submission": submission_id}):
            task = _open_task(row.id)
            if task is not None:
                found = _of_photos(task)
                _put(task, found, {*_screen().PHOTO_CODES, *(each["code"] for each in found)})


def _screen() -> ModuleType:
    """All that is looked for."""
    from participate.moderation.screening import screen  # noqa: PLC0415 - many patterns, for the worker alone

    return screen


def _open_task(task_id: str) -> ModerationTask | None:
    """The task, locked; None where it was decided or dropped."""
    task = locked(ModerationTask, task_id)
    return task if task.state in _OPEN else None


def _of_photos(task: ModerationTask) -> list[Flag]:
    """What the photos say now, while the task is locked: else what one brings meanwhile could be written over."""
    return _screen().screen(task.submission_id, _screen().PHOTOS) or []


def _put(task: ModerationTask, found: Sequence[Flag], of: Collection[str]) -> None:
    with counts.kept(task):
        flags.replace(task, found, of)
        if any(each["code"] == _CANNOT_WAIT for each in found):
            due.make_urgent(task)
