"""Flags: what a moderator should look at first, and why; never a verdict."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, update

from participate.kernel.clock import now
from participate.kernel.db import add, execute, table
from participate.moderation.models import ModerationFlag, ModerationTask

Flag = dict[str, Any]  # `code`, `why` (a key of words), and `values` that fill these
_FLAGS = table(ModerationFlag)
_NEW = insert(_FLAGS)


@dataclass(frozen=True)
class Meaning:
    """What a flag is called (a key of words), and what bears it out: one of these decisions or changes, or rejecting
    for one of `reasons`, where not any rejection does."""

    name: str
    borne_out_by: frozenset[str]
    reasons: frozenset[str] = frozenset()


def _meaning(name: str, borne_out_by: str, reasons: str = "") -> Meaning:
    return Meaning(name, frozenset(borne_out_by.split()), frozenset(reasons.split()))


# Every flag of the desk. docs/moderation.md tells what raises each.
MEANINGS = {
    "no_area": _meaning("flags.no_area", "place return reject"),
    "photo_refused": _meaning("flags.photo_refused", "return reject"),
    "photo_unchecked": _meaning("flags.photo_unchecked", "hide_photo"),
    "photo_alike": _meaning("flags.photo_alike", "merge", "duplicate"),
    "no_photo": _meaning("flags.no_photo", "return reject"),
    "photo_old": _meaning("flags.photo_old", "return reject"),
    "place_far": _meaning("flags.place_far", "place return reject"),
    "repeated_text": _meaning("flags.repeated_text", "merge reject"),
    "likely_duplicate": _meaning("flags.likely_duplicate", "merge", "duplicate"),
    "account_history": _meaning("flags.account_history", "reject"),
    "suggested_category": _meaning("flags.suggested_category", "category"),
    "word": _meaning("flags.word", "reject return redact"),
    "personal_data": _meaning("flags.personal_data", "redact return"),
    "spam": _meaning("flags.spam", "reject"),
    "too_short": _meaning("flags.too_short", "return reject"),
    "emergency": _meaning("flags.emergency", "urgent", "emergency"),
    "petition": _meaning("flags.petition", "", "petition"),
    "state_secret": _meaning("flags.state_secret", "reject hide_photo redact"),
    "not_screened": _meaning("flags.not_screened", "return reject merge redact hide_photo category place kind urgent"),
}
_OF_ANOTHER_RELEASE = _meaning(" ", "reject")


def flag(code: str, why: str, /, **values: Any) -> Flag:
    """A flag; `why` is a key of words, which the values fill."""
    return {"code": code, "why": why, "values": values}


def codes(flags: Iterable[Flag]) -> str:
    """The codes as the release before searches them."""
    return f" {' '.join(sorted({each['code'] for each in flags}))} "[:400]


def keep(task: Any, flags: Sequence[Flag]) -> None:
    """Write the rows of a task's flags; it has `id`, `rank` and `due_at`."""
    for each in _by_code(flags).values():
        row = {"task_id": task.id, "code": each["code"], "why": each["why"], "values": each.get("values", {})}
        waits = getattr(task, "state", "waiting") == "waiting"  # A new one has none yet.
        more = {"waits": waits, "rank": task.rank, "due_at": task.due_at, "decided_at": None, "borne_out": None}
        add(_NEW, row | more)


def _by_code(flags: Iterable[Flag]) -> dict[str, Flag]:
    found: dict[str, Flag] = {}
    for each in flags:
        found.setdefault(each["code"], each)
    return found


def replace(task: ModerationTask, flags: Sequence[Flag], of: Collection[str]) -> None:
    """Put `flags` in the place of those of the codes `of`, within `counts.kept`; `task` is locked."""
    kept = [each for each in task.flags if each["code"] not in of]
    wanted = list(_by_code([*kept, *flags]).values())
    if wanted == task.flags:
        return
    task.flags, task.flag_codes = wanted, codes(wanted)
    execute(delete(_FLAGS).where(_FLAGS.c.task_id == task.id, _FLAGS.c.code.in_(of)))
    keep(task, [each for each in wanted if each["code"] in of])


def hurry(task: ModerationTask) -> None:
    """The task's `rank` has changed: so does that of its flags."""
    execute(update(_FLAGS).where(_FLAGS.c.task_id == task.id).values(rank=task.rank))


def settle(task: ModerationTask, brought: Collection[str]) -> None:
    """The task is decided; `brought` holds the decision and what was changed on the way.

    (`redact`, `hide_photo`, `place`, `category`, `kind`, `urgent`.)
    """
    for each in task.flags:
        settled = {"waits": False, "decided_at": now(), "borne_out": _borne_out(task, each, brought)}
        of_task = _FLAGS.c.task_id == task.id, _FLAGS.c.code == each["code"]
        execute(update(_FLAGS).where(*of_task).values(**settled))


def _borne_out(task: ModerationTask, each: Flag, brought: Collection[str]) -> bool:
    """Whether a decision was what a flag had hinted at; a suggested category is one that it has in the end."""
    if each["code"] == "suggested_category":
        return bool(task.category == each["values"]["code"])
    meaning = MEANINGS.get(each["code"], _OF_ANOTHER_RELEASE)
    return not meaning.borne_out_by.isdisjoint(brought) or ("reject" in brought and task.reason in meaning.reasons)


def drop(task_id: str) -> None:
    """The task went without a decision: its flags were neither right nor wrong."""
    execute(delete(_FLAGS).where(_FLAGS.c.task_id == task_id))


def wait(task_id: str, waits: bool) -> None:
    """Whether the task waits again, or is staged with others."""
    execute(update(_FLAGS).where(_FLAGS.c.task_id == task_id).values(waits=waits))
