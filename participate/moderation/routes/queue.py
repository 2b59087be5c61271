"""HTTP: what waits, and how much."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.auth import account, caller, staff
from participate.kernel.conditional import answer
from participate.kernel.events import MEDIA_TYPE
from participate.kernel.overload import STATUS
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.moderation import telling
from participate.moderation.queries import counts, queue, silent, tasks
from participate.moderation.queries.queue import Wanted
from participate.moderation.routes.room import DESK, moderation, whole_task
from participate.moderation.schemas import tasks as schemas
from participate.moderation.schemas.silent import SilentList
from participate.submissions.silence import since


@moderation.route("/queue", door=DESK, query=schemas.QueueQuery, answer=schemas.TaskList, also=(304,))
def show_queue(query: dict[str, Any]) -> Response:
    """What waits in the caller's scope: urgent and overdue first, then by deadline, then by age."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    present = partial(tasks.present, language=language())
    return answer(queue.listed(caller(), Wanted(**query), present, limit, cursor))


@moderation.route("/silent", door=staff(*silent.ROLES), query=PageQuery, answer=SilentList, also=(304,))
def list_silent(query: dict[str, Any]) -> Response:
    """Proposals that wait for their number and consultations whose author has heard nothing for too long.

    Those that nobody has said anything of for longest come first.
    """
    given = {"me": account(), "since": since()}
    found = silent.silent(caller().grants)
    return answer(page(found, silent.KEYS, silent.present, query["limit"], query["cursor"], parameters=given))


@moderation.route("/queue/stream", door=DESK, urgency=STATUS, pictures=(MEDIA_TYPE,))
def stream_queue() -> Response:
    """What becomes of the tasks in the caller's scope, as it happens: server-sent events, from now on.

    `data` has the task's `id`, its `version` and `what` happened. With `Last-Event-ID` it goes on from there; where
    that was too long ago it begins with the event `reset`: read the queue anew.
    """
    return telling.QUEUE.answer(DESK.roles)


@moderation.route("/counts", door=DESK, query=schemas.AreaQuery, answer=schemas.CountsShape, also=(304,))
def show_counts(query: dict[str, Any]) -> Response:
    """How many wait in the caller's scope, by each value that the queue can be narrowed to."""
    return answer(counts.shown(caller(), query["area"]))


@moderation.route("/tasks/<id:task_id>", door=DESK, answer=schemas.TaskDetailShape, also=(304,))
def show_task(task_id: str) -> Response:
    """A task, with the submission as the desk sees it; the audit trail keeps that it was opened."""
    return whole_task(task_id)
