"""Tells those who have the queue open what becomes of the tasks in it."""

from typing import Any

from participate.kernel import queues
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.queue_streams import Queue
from participate.kernel.scopes import roles_for
from participate.moderation.models import ModerationTask
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions.barring import is_barred

NAME = "moderation"
# What of a task says who may decide on it: see `sees`.
_SEEN = ("kind", "submission_id", "area", "author_id", "about_unit", "not_by", "nor_by")
SEEN = tuple(getattr(ModerationTask, name) for name in _SEEN)
_FACE = ("state", "version", "kind", "category", "area", "title", "rank", "warned", "claimed_by", "about_unit")


def tell(what: str, *tasks: Any, **shown: Any) -> None:
    """The same has happened to these tasks; of one that has `came`, nobody knew."""
    for task in tasks:
        seen = _seen(task)
        queues.tell(NAME, task, what, None if what == "came" else seen, seen, **_said(task), **shown)


def face(task: ModerationTask) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """What the queue shows of a task, to be compared."""
    codes = sorted(flag["code"] for flag in task.flags)
    return _seen(task), (*(getattr(task, name) for name in _FACE), codes)


def changed(task: ModerationTask, before: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
    """Tell what has become of a task that waited, and had this face."""
    seen, was = before
    if was[0] != "waiting" or was == face(task)[1]:
        return
    what = "changed" if task.state == "waiting" else task.state
    decided = {"decision": task.decision} if task.state == "decided" else {}
    queues.tell(NAME, task, what, seen, _seen(task), **_said(task), **decided)


def _seen(task: Any) -> dict[str, Any]:
    return {name: getattr(task, name) for name in _SEEN}


def _said(task: Any) -> dict[str, Any]:
    held = task.claimed_by is not None and task.lease_until is not None and task.lease_until > now()
    until = task.lease_until.isoformat().replace("+00:00", "Z") if held else None
    return {
        "submission_id": task.submission_id,
        "claimed_by": task.claimed_by if held else None,
        "lease_until": until,
    }


def sees(caller: Caller, seen: dict[str, Any]) -> bool:
    """Whether the caller may decide on a task; the twin of `queries.tasks.mine_to_see`."""
    if "moderator" not in roles_for(caller, seen["area"]):
        return False
    if seen.get("kind", SEALED) == SEALED and ("kind" not in seen or is_barred(caller, seen["submission_id"])):
        return False
    about_own = seen["about_unit"] is not None and any(seen["about_unit"] == grant.unit for grant in caller.grants)
    return not about_own and caller.account_id not in {seen["author_id"], seen["not_by"], seen["nor_by"]}


QUEUE = Queue(NAME, sees)
