"""HTTP: the moderation desk."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.api import Room, empty
from participate.kernel.auth import account, caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import page
from participate.kernel.problems import language
from participate.moderation import queries, schemas, service
from participate.submissions import views

moderation = Room("moderation", "/v1/moderation", "The CPPCC desk")
DESK = staff("moderator")


@moderation.route("/queue", door=DESK, query=schemas.QueueQuery, answer=schemas.TaskList, also=(304,))
def show_queue(query: dict[str, Any]) -> Response:
    """What waits in the caller's scope: overdue first, then by deadline."""
    statement = queries.queue(caller().grants, query["kind"], query["flag"])
    present, me = partial(queries.present, language=language()), {"me": account()}
    return answer(page(statement, queries.KEYS, present, query["limit"], query["cursor"], parameters=me))


@moderation.route("/claims", "POST", door=DESK, body=schemas.ClaimBody, answer=schemas.TaskList)
def claim_tasks(body: dict[str, Any]) -> Response:
    """Take the next tasks in hand, for a lease."""
    taken = service.claim(caller(), body["count"], body.get("kind"))
    return answer({"items": [queries.present(task, language()) for task in taken], "next": None})


@moderation.route("/claims/<id:task_id>", "DELETE", door=DESK, status=204)
def release_task(task_id: str) -> Response:
    """Put a task back into the queue."""
    service.release(caller(), task_id)
    return empty()


@moderation.route("/tasks/<id:task_id>", door=DESK, answer=schemas.TaskDetailShape, also=(304,))
def show_task(task_id: str) -> Response:
    """A task, with the submission as the desk sees it."""
    return _task(task_id)


@moderation.route(
    "/tasks/<id:task_id>/decision",
    "POST",
    door=DESK,
    body=schemas.DecisionBody,
    answer=schemas.TaskDetailShape,
    also=(409, 412),
)
def decide_task(task_id: str, body: dict[str, Any]) -> Response:
    """Accept, return or reject."""
    service.decide(caller(), task_id, body["decision"], body.get("reason"), body.get("note"), wanted_version())
    return _task(task_id)


@moderation.route(
    "/tasks/<id:task_id>/unmask",
    "POST",
    door=DESK,
    body=schemas.UnmaskBody,
    answer=schemas.UnmaskAnswer,
    once=False,
)
def unmask_author(task_id: str, body: dict[str, Any]) -> Response:
    """Who wrote it: only for a written reason, which the audit trail keeps."""
    response = answer(service.unmask(caller(), task_id, body["reason"]))
    response.headers["Cache-Control"] = "no-store"
    return response


def _task(task_id: str) -> Response:
    row = queries.task(caller(), task_id)
    shown = queries.present(row, language())
    shown["submission"] = views.single(row.submission_id, caller(), language())
    return answer(shown, row.version)
